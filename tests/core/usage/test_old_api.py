import pytest

from keystead.core.access.principal import PrincipalKind
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.core.usage.old_api import CallBuffer, Caller, Calls, is_old_api
from tests.core.makers import NOON

CI = Caller(OrgId(1), PrincipalKind.API_KEY, 7, "GET", "/api/auth/keys")
PERSON = CI._replace(kind=PrincipalKind.USER)
ELSEWHERE = CI._replace(org=OrgId(2))


def calls(count: int = 1, *, after_s: int = 0, name: str = "ci") -> Calls:
    return Calls(name, count, UnixSeconds(NOON + after_s), f"192.0.2.{after_s}", f"curl/{after_s}")


class TestAddingCalls:
    def test_counts_them_by_caller_and_day(self) -> None:
        buffer = CallBuffer()
        for place in ((CI, NOON), (CI, NOON), (PERSON, NOON), (ELSEWHERE, NOON), (CI, UnixSeconds(0))):
            buffer.add({place: calls()})
        taken = buffer.take(9)
        assert {place: told.count for place, told in taken.items()} == {
            (CI, NOON): 2,
            (PERSON, NOON): 1,
            (ELSEWHERE, NOON): 1,
            (CI, UnixSeconds(0)): 1,
        }

    @pytest.mark.parametrize("order", [(1, 2), (2, 1)])
    def test_keeps_the_newest(self, order: tuple[int, int]) -> None:
        buffer = CallBuffer()
        for after_s in order:
            buffer.add({(CI, NOON): calls(after_s=after_s, name=f"ci {after_s}")})
        assert buffer.take(1) == {(CI, NOON): calls(2, after_s=2, name="ci 2")}

    def test_drops_what_does_not_fit_and_goes_on_counting_what_is_there(self) -> None:
        buffer = CallBuffer(max_waiting=1)
        for caller in (CI, PERSON, CI):
            buffer.add({(caller, NOON): calls()})
        assert buffer.take(9) == {(CI, NOON): calls(2)}


class TestTakingABatch:
    def test_takes_those_that_waited_longest(self) -> None:
        buffer = CallBuffer()
        for caller in (PERSON, CI):
            buffer.add({(caller, NOON): calls()})
        assert list(buffer.take(1)) == [(PERSON, NOON)]
        assert list(buffer.take(1)) == [(CI, NOON)]
        assert not buffer.take(1)


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ("/api/auth/keys", True),
        ("/api/auth/keys/{id}", True),
        ("/api/auth/keys/{id}/usage", True),
        ("/api/auth/keystore", False),
        ("/org/apikeys", False),
        ("", False),
    ],
)
def test_the_old_api_is_that_of_api_keys(route: str, expected: bool) -> None:  # noqa: FBT001 - as pytest hands it
    assert is_old_api(route) is expected
