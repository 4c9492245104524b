"""A goal counts as held only where a test names it, and nothing that is listed goes without a word."""

from pathlib import Path

from tools.goals import GOALS, ROOT, disagreements, held_goals, holders_in, told

MODULE = """
import pytest
@pytest.mark.goal("G9")
class TestX:
    @pytest.mark.goal("R1", "R2")
    def test_y(self): ...
"""
LIST = """
[goals]
G8 = "a clock set back revives nothing"
G9 = "a revoked credential is refused at once"
[later]
G8 = "an injected clock"
[reduced]
G9 = "tokens"
"""


class TestGoals:
    def test_are_read_from_the_markers(self) -> None:
        assert set(held_goals(MODULE)) == {"G9", "R1", "R2"}

    def test_are_looked_for_in_slow_tests_too(self, tmp_path: Path) -> None:
        (tmp_path / "goal_slow.py").write_text(MODULE)
        (tmp_path / "makers.py").write_text(MODULE)
        assert holders_in(tmp_path)["R1"] == {"goal_slow.py"}


class TestTheList:
    def test_agrees_with_the_tests(self) -> None:
        assert list(disagreements({"G9": {"x"}}, LIST)) == []

    def test_names_whatever_has_neither_a_test_nor_a_reason(self) -> None:
        silent = LIST.replace('G8 = "an injected clock"', "")
        assert list(disagreements({"G9": {"x"}}, silent)) == [
            "G8 has neither a test nor a word on what it waits for"
        ]

    def test_does_not_put_off_what_is_held(self) -> None:
        assert list(disagreements({"G8": {"x"}, "G9": {"x"}}, LIST)) == [
            "G8 is said to be for later, and x holds it"
        ]

    def test_knows_every_goal_that_a_test_names(self) -> None:
        assert list(disagreements({"G9": {"x"}, "R1": {"x"}}, LIST)) == [
            "R1 is named by a test and not listed"
        ]

    def test_says_what_is_left_out(self) -> None:
        assert list(told({"G9": {"x"}}, LIST)) == [
            "G9 is held by x; left out: tokens",
            "G8 later: an injected clock",
            "1 of 2 are held by tests",
        ]

    def test_of_this_project_is_complete(self) -> None:
        assert list(disagreements(holders_in(ROOT / "tests"), GOALS.read_text())) == []
