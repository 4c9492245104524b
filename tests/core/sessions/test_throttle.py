from dataclasses import replace

import pytest

from keystead.core.sessions.throttle import (
    ADDRESS_LIMIT,
    PAIR_LIMIT,
    Attempt,
    Judgement,
    Limit,
    Tally,
    address_key,
    delay_s,
    judge,
)

NOW = 1000.0
TRY_AT_ONCE, REFUSED = Judgement(is_refused=False, wait_s=0), Judgement(is_refused=True, wait_s=0)
FIRST = Attempt(
    Tally(), Tally(), failures_in_a_row=0, last_failure_at=None, is_known_address=False, is_loopback=False
)


def failures(count: int, limit: Limit, at: float = NOW) -> Tally:
    tally = Tally()
    for _ in range(count):
        tally = tally.with_failure(limit, at)
    return tally


class TestATally:
    def test_is_spent_when_the_limit_is_reached_within_its_span(self) -> None:
        assert not failures(4, PAIR_LIMIT).is_spent(PAIR_LIMIT, NOW)
        assert failures(5, PAIR_LIMIT).is_spent(PAIR_LIMIT, NOW + 299)
        assert not failures(5, PAIR_LIMIT).is_spent(PAIR_LIMIT, NOW + 300)

    def test_slides_with_the_time(self) -> None:
        tally = failures(1, PAIR_LIMIT)
        for moment in (NOW + 290, NOW + 295, NOW + 301, NOW + 302):
            tally = tally.with_failure(PAIR_LIMIT, moment)
        assert not tally.is_spent(PAIR_LIMIT, NOW + 302)
        assert tally.with_failure(PAIR_LIMIT, NOW + 303).is_spent(PAIR_LIMIT, NOW + 303)

    def test_keeps_no_more_than_it_needs(self) -> None:
        assert len(failures(1000, PAIR_LIMIT).moments) == PAIR_LIMIT.most


class TestTryingAPassword:
    def test_is_let_through_the_first_time(self) -> None:
        assert judge(FIRST, NOW) == TRY_AT_ONCE

    def test_is_refused_after_five_failures_from_here(self) -> None:
        spent = replace(FIRST, by_pair=failures(5, PAIR_LIMIT), is_known_address=True)
        assert judge(spent, NOW + 299) == REFUSED
        assert judge(spent, NOW + 300) == TRY_AT_ONCE

    def test_is_refused_to_an_address_that_failed_twenty_times_in_a_minute(self) -> None:
        flood = replace(FIRST, by_address=failures(20, ADDRESS_LIMIT))
        assert judge(flood, NOW + 59) == REFUSED
        assert judge(flood, NOW + 60) == TRY_AT_ONCE

    def test_is_not_refused_to_loopback_for_what_others_did_behind_it(self) -> None:
        flood = replace(FIRST, by_address=failures(20, ADDRESS_LIMIT), is_loopback=True)
        assert judge(flood, NOW) == TRY_AT_ONCE

    def test_waits_longer_the_more_failures_lie_in_a_row(self) -> None:
        slow = replace(FIRST, failures_in_a_row=10, last_failure_at=NOW)
        assert judge(slow, NOW) == (False, 1)
        assert judge(slow, NOW + 0.75) == (False, 0.25)
        assert judge(slow, NOW + 60) == TRY_AT_ONCE
        assert judge(replace(slow, failures_in_a_row=99), NOW) == (False, 30)

    def test_is_refused_after_a_hundred_failures_in_a_row(self) -> None:
        assert judge(replace(FIRST, failures_in_a_row=100, last_failure_at=NOW), NOW + 1e6) == REFUSED

    def test_is_neither_slow_nor_refused_where_the_person_was_before(self) -> None:
        known = replace(FIRST, failures_in_a_row=1000, last_failure_at=NOW, is_known_address=True)
        assert judge(known, NOW) == TRY_AT_ONCE


class TestTheDelay:
    def test_grows_from_nothing_over_one_second_to_thirty(self) -> None:
        delays = [delay_s(failures_in_a_row) for failures_in_a_row in range(200)]
        assert delays == sorted(delays)
        assert (delays[9], delays[10], delays[98] < 30, delays[99], delays[199]) == (0, 1, True, 30, 30)


class TestAnAddress:
    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:DB8:1:2::1", "2001:db8:1:2::/64"),
            ("fe80::1%eth0", "fe80::/64"),
            ("", ""),
            ("unix", "unix"),
        ],
    )
    def test_counts_by_what_one_customer_has(self, text: str, key: str) -> None:
        assert address_key(text) == key
