import json

import pytest

from keystead.cli.output import secret_text, show_rows, steps
from keystead.core.secret import Secret

ROWS = [{"id": 1, "name": "ci", "expires": None}, {"id": 2, "name": "[red]x[/]\x1b[2J", "expires": "never"}]


class TestRows:
    def test_are_a_table_for_people(self, capsys: pytest.CaptureFixture[str]) -> None:
        show_rows(["id", "name", "expires"], ROWS, as_json=False)
        heading, first, second = capsys.readouterr().out.splitlines()
        assert heading.split() == ["id", "name", "expires"]
        assert first.split() == ["1", "ci"]
        assert "[red]x[/]" in second
        assert "\x1b" not in second

    def test_are_json_for_programs(self, capsys: pytest.CaptureFixture[str]) -> None:
        show_rows(["id", "expires"], ROWS, as_json=True)
        assert json.loads(capsys.readouterr().out) == [
            {"id": 1, "expires": None},
            {"id": 2, "expires": "never"},
        ]


class TestASecret:
    def test_is_shown_only_when_asked(self) -> None:
        assert secret_text(Secret("hush"), show=True) == "hush"
        assert "hush" not in secret_text(Secret("hush"), show=False)


def test_progress_is_silent_where_no_person_looks(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(steps([1, 2], told="Migrating")) == [1, 2]
    assert capsys.readouterr() == ("", "")
