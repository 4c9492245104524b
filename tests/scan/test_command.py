"""`keystead scan`: what it prints, how it ends, and which files it reads."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from keystead.cli.app import cli
from keystead.cli.scan_files import files_below
from keystead.cli.scan_workers import scanned
from keystead.core.scan.rules import RULES
from tests.scan.trees import lay

CALL = 'requests.post(f"{url}/api/auth/keys")\n'
MENTION = "# /api/auth/keys\n"
MAKE = "POST /api/serviceaccounts, then POST /api/serviceaccounts/{id}/tokens"
SARIF = {  # what section 3 of SARIF 2.1.0 requires of what is written here
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "required": ["name", "version", "rules"],
                                "properties": {
                                    "rules": {
                                        "uniqueItems": True,
                                        "items": {
                                            "required": ["id", "shortDescription"],
                                            "properties": {
                                                "shortDescription": {"$ref": "#/$defs/message"},
                                                "help": {"$ref": "#/$defs/message"},
                                                "defaultConfiguration": {
                                                    "properties": {"level": {"$ref": "#/$defs/level"}}
                                                },
                                            },
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "results": {"items": {"$ref": "#/$defs/result"}},
                },
            },
        },
    },
    "$defs": {
        "message": {"required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "result": {
            "required": ["ruleId", "ruleIndex", "message", "level", "locations"],
            "properties": {
                "message": {"$ref": "#/$defs/message"},
                "level": {"$ref": "#/$defs/level"},
                "ruleIndex": {"type": "integer", "minimum": 0},
                "locations": {
                    "minItems": 1,
                    "items": {
                        "required": ["physicalLocation"],
                        "properties": {
                            "physicalLocation": {
                                "required": ["artifactLocation", "region"],
                                "properties": {
                                    "artifactLocation": {
                                        "required": ["uri"],
                                        "properties": {"uri": {"pattern": "^[^/\\\\ ][^\\\\ ]*$"}},
                                    },
                                    "region": {
                                        "required": ["startLine"],
                                        "properties": {
                                            "startLine": {"type": "integer", "minimum": 1},
                                            "snippet": {"$ref": "#/$defs/message"},
                                        },
                                    },
                                },
                            }
                        },
                    },
                },
            },
        },
    },
}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["scan", *map(str, arguments)])


def found(*arguments: str | Path) -> list[tuple[str, int, str]]:
    answer: list[dict[str, Any]] = json.loads(run(*arguments, "--json").stdout)
    return [(one["file"], one["line"], one["rule"]) for one in answer]


def file_at(path: Path, content: str | bytes = CALL) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


class TestAScan:
    def test_tells_file_line_code_and_what_to_write_instead(self, tmp_path: Path) -> None:
        file_at(tmp_path / "a" / "keys.py", f"import requests\n{CALL}")
        result = run(tmp_path)
        assert result.exit_code == 1
        assert result.stdout.splitlines() == [
            "a/keys.py:2: auth-keys",
            f"    {CALL.strip()}",
            f"    instead: {MAKE}",
        ]
        assert result.stderr == "Calls: 1. Mentions: 0. Files with them: 1 of 1.\n"

    def test_ends_with_0_when_nothing_is_found(self, tmp_path: Path) -> None:
        file_at(tmp_path / "a.py", "auth = keys\n")
        result = run(tmp_path)
        assert (result.exit_code, result.stdout) == (0, "")

    def test_ends_with_2_when_it_could_not_run(self, tmp_path: Path) -> None:
        assert run(tmp_path / "gone").exit_code == 2
        assert run(tmp_path, "--json", "--sarif").exit_code == 2
        assert run().exit_code == 2

    def test_is_json_for_programs(self, tmp_path: Path) -> None:
        file_at(tmp_path / "keys.py")
        assert json.loads(run(tmp_path, "--json").stdout) == [
            {"file": "keys.py", "line": 1, "rule": "auth-keys", "code": CALL.strip(), "instead": MAKE}
        ]
        assert json.loads(run(file_at(tmp_path / "b" / "c.py", ""), "--json").stdout) == []

    def test_is_sarif_for_code_hosts(self, tmp_path: Path) -> None:
        lay("ops", tmp_path)
        file_at(tmp_path / "with a space.py")
        log = json.loads(run(tmp_path, "--sarif").stdout)
        Draft202012Validator(SARIF).validate(log)
        [part] = log["runs"]
        rules = [rule["id"] for rule in part["tool"]["driver"]["rules"]]
        assert rules == list(RULES)
        assert all(rules[one["ruleIndex"]] == one["ruleId"] for one in part["results"])
        levels = {one["ruleId"].endswith("-mention"): one["level"] for one in part["results"]}
        assert levels == {True: "note", False: "warning"}
        assert "with%20a%20space.py" in json.dumps(part["results"])

    def test_leaves_out_mentions_when_asked(self, tmp_path: Path) -> None:
        file_at(tmp_path / "a.py", MENTION)
        assert [rule for _, _, rule in found(tmp_path)] == ["auth-keys-mention"]
        assert run(tmp_path, "--no-mentions").exit_code == 0

    def test_looks_for_the_endpoints_of_the_migration_when_asked(self, tmp_path: Path) -> None:
        paths = ("migrate", "migrate/7", "migrationstatus", "hideApiKeys", "7/revert/8", "migrate/jobs/9")
        lines = [
            f'get(host + "/api/serviceaccounts/{path}")'
            for path in (*paths, "migrated", "search", "7/tokens")
        ]
        file_at(tmp_path / "a.py", "\n".join(lines))
        assert found(tmp_path) == []
        assert found(tmp_path, "--all") == [("a.py", line, "migration-endpoint") for line in range(1, 7)]

    def test_of_several_paths_tells_each_as_it_was_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        file_at(tmp_path / "a" / "x.py")
        file_at(tmp_path / "b.py")
        assert [file for file, _, _ in found("a", "b.py")] == ["a/x.py", "b.py"]

    def test_by_several_processes_is_the_same(self, tmp_path: Path) -> None:
        for number in range(1_900):
            file_at(tmp_path / f"{number // 100:02}" / f"{number:04}.py", CALL if number % 50 == 0 else "")
        two, one = (
            [
                each.shown
                for batch in scanned(files_below(tmp_path), wants_all=False, most_bytes=999, workers=workers)
                for each in batch
            ]
            for workers in (2, 1)
        )
        assert two == one
        assert len(one) == 38

    def test_shows_how_far_it_is_only_where_a_person_looks(self, tmp_path: Path) -> None:
        file_at(tmp_path / "a.py")
        command = [sys.executable, "-m", "keystead", "scan", str(tmp_path)]
        ours, theirs = pty.openpty()
        environ = {"TERM": "xterm"}
        subprocess.run(command, stderr=theirs, stdout=subprocess.DEVNULL, check=False, env=environ)  # noqa: S603 - our own command
        os.close(theirs)
        shown = os.read(ours, 10_000).decode()
        os.close(ours)
        assert "Files" in shown
        assert "Calls: 1. Mentions: 0." in shown


class TestFiles:
    def test_that_git_ignores_are_not_read(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        file_at(home / ".git" / "info" / "exclude", "/private/\n")
        file_at(home / ".gitignore", "*.log\n/out/\nbuild/\n!kept.log\n")
        file_at(home / "a" / ".gitignore", "x.py\n!b.log\n")
        for path in ("private/a.py", "a.log", "out/a.py", "a/build/a.py", "a/x.py", ".git/a.py"):
            file_at(home / path)
        for path in ("kept.log", "a/b.log", "a/y.py", "a/out/a.py"):
            file_at(home / path)
        assert [file for file, _, _ in found(home)] == ["kept.log", "a/b.log", "a/y.py", "a/out/a.py"]
        assert [file for file, _, _ in found(home / "a")] == ["b.log", "y.py", "out/a.py"]

    def test_of_a_work_tree_follow_the_repository_that_it_belongs_to(self, tmp_path: Path) -> None:
        file_at(tmp_path / "main" / ".git" / "info" / "exclude", "secret.py\n")
        file_at(tmp_path / "main" / ".git" / "worktrees" / "tree" / "commondir", "../..\n")
        file_at(tmp_path / "tree" / ".git", f"gitdir: {tmp_path}/main/.git/worktrees/tree\n")
        file_at(tmp_path / "tree" / "secret.py")
        file_at(tmp_path / "tree" / "a.py")
        assert [file for file, _, _ in found(tmp_path / "tree")] == ["a.py"]

    def test_follow_gitignore_without_a_repository(self, tmp_path: Path) -> None:
        file_at(tmp_path / ".gitignore", "out/\n")
        file_at(tmp_path / "tree" / ".gitignore", "b.py\n")
        for path in ("tree/a.py", "tree/b.py", "tree/out/a.py"):
            file_at(tmp_path / path)
        assert [file for file, _, _ in found(tmp_path / "tree")] == ["a.py", "out/a.py"]
        assert [file for file, _, _ in found(tmp_path)] == ["tree/a.py"]

    def test_that_are_named_are_read_whatever_git_says(self, tmp_path: Path) -> None:
        file_at(tmp_path / ".gitignore", "*.py\n")
        assert found(file_at(tmp_path / "a.py")) == [("a.py", 1, "auth-keys")]

    def test_are_not_reached_through_links(self, tmp_path: Path) -> None:
        file_at(tmp_path / "outside" / "a.py")
        (tmp_path / "tree").mkdir()
        (tmp_path / "tree" / "folder").symlink_to(tmp_path / "outside")
        (tmp_path / "tree" / "file.py").symlink_to(tmp_path / "outside" / "a.py")
        (tmp_path / "tree" / "loop").symlink_to(tmp_path / "tree")
        assert found(tmp_path / "tree") == []
        (tmp_path / "link").symlink_to(tmp_path / "outside")
        assert found(tmp_path / "link") == [("a.py", 1, "auth-keys")]

    def test_that_are_large_or_binary_are_skipped_and_told(self, tmp_path: Path) -> None:
        file_at(tmp_path / "large.py", CALL * 100)
        for number in range(12):
            file_at(tmp_path / f"more{number:02}.py", CALL * 100)
        file_at(tmp_path / "binary.py", b"\0" + CALL.encode())
        result = run(tmp_path, "--max-kb", "1")
        assert result.exit_code == 0
        assert "Skipped, larger than --max-kb: large.py, more00.py" in result.stderr
        assert ", and 3 more" in result.stderr
        assert "Skipped, binary: 1" in result.stderr

    def test_that_cannot_be_read_are_told(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.py")
        assert found(tmp_path) == []
        result = run(tmp_path / "pipe.py")
        assert (result.exit_code, "Skipped, not readable: pipe.py" in result.stderr) == (0, True)
        [[gone]] = scanned([*files_below(tmp_path / "gone.py")], wants_all=False, most_bytes=99)
        assert gone.skipped == "unreadable"
        file_at(tmp_path / "tree" / "a.py")
        (tmp_path / "tree" / "b").mkdir()
        listing = files_below(tmp_path / "tree")
        next(listing)
        (tmp_path / "tree" / "b").rmdir()
        assert [*listing] == []

    @pytest.mark.parametrize(
        "content",
        [
            CALL.encode("utf-16"),
            b"\xef\xbb\xbf" + CALL.encode(),
            CALL.replace("\n", "\r\n").encode(),
            b"\xff\xfe\xff".replace(b"\xff\xfe\xff", b"# \xff\n") + CALL.encode(),
        ],
        ids=["UTF-16", "a byte order mark", "carriage returns", "no UTF-8"],
    )
    def test_of_any_encoding_are_read(self, content: bytes, tmp_path: Path) -> None:
        file_at(tmp_path / "a.py", content)
        assert [rule for _, _, rule in found(tmp_path)] == ["auth-keys"]
