import pytest

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import ReportReasonUnknown
from keystead.core.credentials.model import CredentialId
from keystead.core.credentials.report import (
    BY_EXPIRY,
    BY_NAME,
    ON_THE_WIRE,
    Measure,
    Reason,
    Reported,
    kind_of,
    order_of,
    parse_reason,
    place_in,
    reasons_for,
)
from keystead.core.paging import Cursor

NOW = UnixSeconds(1_700_000_000)
DAY = 24 * 3600
WEEK = 7 * DAY
MEASURE = Measure(NOW, 30)


def a_reported(
    ends_in_s: int | None = None, unused_s: int | None = 60, role: Role | None = Role.VIEWER
) -> Reported:
    return Reported(
        id=CredentialId(3),
        owner=None if role is Role.VIEWER else AccountId(4),
        name="ci",
        owner_name="",
        role=role,
        created_at=UnixSeconds(NOW - 90 * DAY),
        expires_at=None if ends_in_s is None else UnixSeconds(NOW + ends_in_s),
        last_used_at=None if unused_s is None else UnixSeconds(NOW - unused_s),
        maker=None,
        team=None,
    )


@pytest.mark.parametrize(
    ("credential", "expected"),
    [
        (a_reported(WEEK + 1), ()),
        (a_reported(WEEK), (Reason.EXPIRING,)),
        (a_reported(1), (Reason.EXPIRING,)),
        (a_reported(0), (Reason.EXPIRED,)),
        (a_reported(-DAY, None, Role.ADMIN), (Reason.EXPIRED,)),
        (a_reported(), (Reason.NO_EXPIRATION,)),
        (a_reported(WEEK + 1, 30 * DAY), ()),
        (a_reported(WEEK + 1, 30 * DAY + 1), (Reason.UNUSED,)),
        (a_reported(DAY, None), (Reason.EXPIRING, Reason.NEVER_USED)),
        (a_reported(None, None, Role.ADMIN), (Reason.NEVER_USED, Reason.NO_EXPIRATION, Reason.ADMIN_ROLE)),
        (a_reported(None, 60, None), (Reason.NO_EXPIRATION,)),
    ],
)
def test_every_reason_to_look_at_a_credential_is_named(
    credential: Reported, expected: tuple[Reason, ...]
) -> None:
    assert reasons_for(credential, MEASURE) == expected


def test_a_key_has_no_account() -> None:
    assert a_reported().is_key
    assert not a_reported(role=None).is_key


class TestTheOrder:
    def test_is_what_the_reason_is_about(self) -> None:
        assert [str(order_of(reason)) for reason in (None, *Reason)] == [
            *("name", "expires", "expires", "lastUsed"),
            *("created", "created", "name"),
        ]

    def test_gives_a_credential_its_place(self) -> None:
        one = a_reported(DAY)
        assert place_in(one, BY_NAME) == Cursor(BY_NAME, "ci", 3)
        assert place_in(one, BY_EXPIRY) == Cursor(BY_EXPIRY, NOW + DAY, 3)
        assert place_in(a_reported(), BY_EXPIRY).value == 0
        assert (kind_of(BY_NAME), kind_of(BY_EXPIRY)) == (str, int)


class TestTheNameOfAReason:
    def test_is_read(self) -> None:
        assert parse_reason("") is None
        assert [parse_reason(reason.value) for reason in ON_THE_WIRE] == list(ON_THE_WIRE)

    @pytest.mark.parametrize("text", ["Expired", "admin-role", " unused", "never_used"])
    def test_that_is_none_is_refused(self, text: str) -> None:
        with pytest.raises(ReportReasonUnknown):
            parse_reason(text)
