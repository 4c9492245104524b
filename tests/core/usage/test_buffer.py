from keystead.core.access.principal import Origin
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.usage.buffer import UseBuffer, Uses
from keystead.core.usage.model import HourlyUse, LastUse, Outcome, hour_of
from tests.core.makers import NOON

CI, CD, CRON = CredentialId(1), CredentialId(2), CredentialId(3)
HOUR = hour_of(NOON)


def count(buffer: UseBuffer, who: CredentialId, outcome: Outcome, use: LastUse) -> None:
    buffer.count_use(who, outcome, use.at, Origin(use.address, "", use.agent, use.route))


def a_use(after_s: int = 0, *, route: str = "/api/org") -> LastUse:
    return LastUse(UnixSeconds(NOON + after_s), "192.0.2.7", "curl/8", route)


class TestCountingAUse:
    def test_keeps_the_newest_and_counts_by_hour_and_outcome(self) -> None:
        buffer = UseBuffer()
        count(buffer, CI, Outcome.ALLOWED, a_use(0))
        count(buffer, CI, Outcome.ALLOWED, a_use(5, route="/api/user"))
        count(buffer, CI, Outcome.DENIED, a_use(3))
        count(buffer, CI, Outcome.ALLOWED, a_use(3600, route="/api/teams"))
        later = UnixSeconds(HOUR + 3600)
        assert buffer.take(10) == {
            CI: Uses(
                a_use(3600, route="/api/teams"),
                {(HOUR, Outcome.ALLOWED): 2, (HOUR, Outcome.DENIED): 1, (later, Outcome.ALLOWED): 1},
            )
        }

    def test_never_moves_the_last_use_backwards(self) -> None:
        buffer = UseBuffer()
        count(buffer, CI, Outcome.ALLOWED, a_use(5))
        count(buffer, CI, Outcome.ALLOWED, a_use(0))
        assert buffer.take(1)[CI].last == a_use(5)

    def test_that_was_refused_moves_no_last_use(self) -> None:
        buffer = UseBuffer()
        buffer.count_refusal(CI, NOON)
        assert buffer.take(1) == {CI: Uses(None, {(HOUR, Outcome.REFUSED): 1})}

    def test_is_dropped_and_told_when_the_buffer_is_full(self) -> None:
        buffer = UseBuffer(max_credentials=1)
        for credential in (CI, CD, CRON, CI):
            count(buffer, credential, Outcome.ALLOWED, a_use())
        buffer.count_refusal(CRON, NOON)
        assert (len(buffer), buffer.dropped) == (1, 3)
        assert buffer.take(10)[CI].total == 2


class TestTakingABatch:
    def test_takes_those_that_waited_longest_and_leaves_the_others(self) -> None:
        buffer = UseBuffer()
        for credential in (CI, CD, CRON):
            count(buffer, credential, Outcome.ALLOWED, a_use())
        assert list(buffer.take(2)) == [CI, CD]
        assert list(buffer.take(2)) == [CRON]
        assert not buffer.take(2)


class TestPuttingABatchBack:
    def test_adds_it_to_what_was_counted_meanwhile(self) -> None:
        buffer = UseBuffer()
        count(buffer, CI, Outcome.ALLOWED, a_use(0))
        batch = buffer.take(1)
        count(buffer, CI, Outcome.ALLOWED, a_use(5))
        buffer.count_refusal(CI, NOON)
        buffer.put_back(batch)
        assert buffer.take(1) == {
            CI: Uses(a_use(5), {(HOUR, Outcome.ALLOWED): 2, (HOUR, Outcome.REFUSED): 1})
        }


class TestTheCountsOfACredential:
    def test_are_told_by_hour_oldest_first(self) -> None:
        later = UnixSeconds(HOUR + 3600)
        uses = Uses(
            None,
            {
                (later, Outcome.REFUSED): 4,
                (HOUR, Outcome.DENIED): 2,
                (HOUR, Outcome.ALLOWED): 1,
                (HOUR, Outcome.REFUSED): 3,
            },
        )
        assert uses.by_hour() == [HourlyUse(HOUR, 1, 2, 3), HourlyUse(later, refused=4)]
        assert Uses().by_hour() == []

    def test_drops_it_where_there_is_no_room_any_more(self) -> None:
        buffer = UseBuffer(max_credentials=1)
        count(buffer, CI, Outcome.ALLOWED, a_use())
        batch = buffer.take(1)
        count(buffer, CD, Outcome.ALLOWED, a_use())
        buffer.put_back(batch)
        assert (list(buffer.take(2)), buffer.dropped) == ([CD], 1)
