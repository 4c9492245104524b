from keystead.core.clock import frozen_clock, system_clock
from tests.core.makers import NOON


class TestTheClock:
    def test_of_the_machine_runs(self) -> None:
        assert system_clock() > NOON

    def test_of_a_test_stands_still(self) -> None:
        clock = frozen_clock(NOON)
        assert clock() == clock() == NOON
