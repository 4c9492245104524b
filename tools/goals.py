"""Run the tests that hold a security goal, and say which goals nobody holds yet.

Run: `python -m tools.goals [goals|soak|faults] [options] [for pytest]`; `--help` tells the options.

A test names its goals: `@pytest.mark.goal("G9")`. `goals` is what a change must pass, with the seeded faults
that are caught fast; `soak` is larger, with all faults; `faults` runs the faults alone. Whatever
tests/goals.toml lists is either held by a test or said to be for later: silence is no proof.
"""

import argparse
import ast
import subprocess
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).parents[1]
GOALS = ROOT / "tests/goals.toml"
LISTS = ("goals", "behaviours", "advisories")  # sentences by id; beside them: later, reduced
Holders: TypeAlias = Mapping[str, set[str]]  # id: the files whose tests hold it
SLOW = ["-o", "python_files=goal_*.py test_*.py", "tests/reliability"]
ALL = "tests"  # beside those; `make test` runs them too
AT_ONCE = [
    "-m",
    "goal",
    "-n",
    "2",
    "--dist",
    "worksteal",
    "-p",
    "no:randomly",
    "--durations=0",
    "--no-header",
    "-q",
]
WORDS = {  # what pytest is told beside that
    "goals": [*SLOW, ALL, "--tier", "commit", "--faults", "quick"],
    "soak": [*SLOW, "--tier", "soak", "--faults", "all"],
    "faults": [*SLOW, "--faults", "only"],
}


def held_goals(source: str) -> Iterator[str]:
    """Yield the id of every goal that a test of this module names."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "goal":
            yield from (str(argument.value) for argument in node.args if isinstance(argument, ast.Constant))


def holders_in(folder: Path) -> Holders:
    """Return the files that hold each goal; those named goal_*.py take long, and only this runs them."""
    holders = defaultdict[str, set[str]](set)
    for pattern in ("test_*.py", "goal_*.py"):
        for path in folder.rglob(pattern):
            for id_ in held_goals(path.read_text()):
                holders[id_].add(path.relative_to(folder).as_posix())
    return holders


def listed_goals(text: str) -> dict[str, str]:
    """Return id and sentence of every goal."""
    tables = tomllib.loads(text)
    return {id_: said for name in LISTS for id_, said in tables.get(name, {}).items()}


def disagreements(holders: Holders, text: str) -> Iterator[str]:
    """Yield what the list and the tests do not agree on."""
    tables, listed = tomllib.loads(text), listed_goals(text)
    later, reduced = tables.get("later", {}), tables.get("reduced", {})
    for id_ in listed:
        if id_ not in holders and id_ not in later:
            yield f"{id_} has neither a test nor a word on what it waits for"
        if id_ in holders and id_ in later:
            yield f"{id_} is said to be for later, and {', '.join(sorted(holders[id_]))} holds it"
    yield from (f"{id_} is named by a test and not listed" for id_ in sorted(holders.keys() - listed.keys()))
    yield from (f"{id_} is for later and not listed" for id_ in sorted(later.keys() - listed.keys()))
    yield from (f"{id_} is reduced, and no test holds it" for id_ in sorted(reduced.keys() - holders.keys()))


def told(holders: Holders, text: str) -> Iterator[str]:
    """Yield what holds each goal, what is left out of it, what each other one waits for, and the count."""
    tables, listed = tomllib.loads(text), listed_goals(text)
    reduced = tables.get("reduced", {})
    for id_, files in sorted(holders.items(), key=lambda item: (item[0][0], int(item[0][1:]))):
        left_out = f"; left out: {reduced[id_]}" if id_ in reduced else ""
        yield f"{id_} is held by {', '.join(sorted(files))}{left_out}"
    yield from (f"{id_} later: {what}" for id_, what in tables.get("later", {}).items())
    yield f"{len(holders.keys() & listed.keys())} of {len(listed)} are held by tests"


def run_pytest(word: str, given: argparse.Namespace, rest: list[str]) -> int:
    command = [sys.executable, "-m", "pytest", *AT_ONCE, *WORDS[word]]
    if given.tier:
        command += ["--tier", given.tier]
    if given.after_tests:
        command = [part for part in command if part != ALL]
    if given.goals:
        command += ["--goals", given.goals]
    return subprocess.run([*command, *rest], check=False, cwd=ROOT).returncode  # noqa: S603 - our own


def main(arguments: list[str]) -> int:
    """Return pytest's exit code, or 1 when the list and the tests do not agree."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("word", nargs="?", choices=WORDS, default="goals")
    parser.add_argument("--tier", choices=("smallest", "commit", "soak", "release"))
    parser.add_argument("--goals", metavar="G1,G9", help="only these")
    parser.add_argument("--after-tests", action="store_true", help="only those that `make test` did not run")
    given, rest = parser.parse_known_args(arguments)
    started = time.monotonic()
    text, holders = GOALS.read_text(), holders_in(ROOT / "tests")
    code = run_pytest(given.word, given, rest)
    wrong: list[str] = []
    if given.word == "goals" and not given.goals:
        wrong = list(disagreements(holders, text))
        print("\n".join(told(holders, text)))
    print("\n".join([*wrong, f"{given.word}: {time.monotonic() - started:.0f} seconds"]))
    return 1 if wrong else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
