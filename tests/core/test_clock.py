from keystead.core.clock import frozen_clock, system_clock, system_ticks
from tests.core.makers import NOON


class TestTheClock:
    def test_of_the_machine_runs(self) -> None:
        assert system_clock() > NOON

    def test_of_a_test_stands_still(self) -> None:
        clock = frozen_clock(NOON)
        assert clock() == clock() == NOON


class TestTicks:
    def test_only_grow(self) -> None:
        first = system_ticks()
        assert first <= system_ticks()
