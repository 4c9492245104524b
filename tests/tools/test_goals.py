"""A goal counts as held only where a test names it."""

from tools.goals import held_goals, listed_goals, report

MODULE = """
import pytest
@pytest.mark.goal("G9")
class TestX:
    @pytest.mark.goal("R1", "R2")
    def test_y(self): ...
"""
LIST = '[goals]\nG9 = "a revoked credential is refused at once"\nG8 = "a clock set back revives nothing"\n'


def test_goals_are_read_from_the_markers() -> None:
    assert set(held_goals(MODULE)) == {"G9", "R1", "R2"}


def test_a_goal_without_a_test_and_a_test_without_a_goal_are_named() -> None:
    assert list(report({"G9", "R1"}, listed_goals(LIST))) == [
        "without a test: G8 a clock set back revives nothing",
        "not in tests/goals.toml, though a test names it: R1",
        "1 of 2 goals have a test",
    ]
