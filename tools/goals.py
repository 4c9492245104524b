"""Run the tests that hold a security goal. Run: `python tools/goals.py [arguments for pytest]`.

A test names its goals: `@pytest.mark.goal("G9")`. Goals without a test are named, so that nobody takes
silence for proof.
"""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
GOALS = ROOT / "tests/goals.toml"


_WHICH = ("-m", "goal", "-n", "auto", "-o", "python_files=test_*.py goal_*.py", "tests/reliability", "tests")


def test_files() -> Iterator[Path]:
    """Yield the files of tests; those named goal_*.py take long, and only this script runs them."""
    for pattern in ("test_*.py", "goal_*.py"):
        yield from (ROOT / "tests").rglob(pattern)


def held_goals(source: str) -> Iterator[str]:
    """Yield the id of every goal that a test of this module names."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "goal":
            yield from (str(argument.value) for argument in node.args if isinstance(argument, ast.Constant))


def listed_goals(text: str) -> dict[str, str]:
    """Return id and sentence of every goal, from all tables of goals.toml."""
    return {id_: said for table in tomllib.loads(text).values() for id_, said in table.items()}


def report(held: set[str], listed: dict[str, str]) -> Iterator[str]:
    """Yield what the list and the tests do not agree on, then the count."""
    yield from (f"without a test: {id_} {said}" for id_, said in listed.items() if id_ not in held)
    yield from (
        f"not in tests/goals.toml, though a test names it: {id_}" for id_ in sorted(held - listed.keys())
    )
    yield f"{len(held & listed.keys())} of {len(listed)} goals have a test"


def main(arguments: list[str]) -> int:
    """Return pytest's exit code, or 1 when a test names a goal that nobody listed."""
    listed = listed_goals(GOALS.read_text()) if GOALS.exists() else {}
    held = {id_ for path in test_files() for id_ in held_goals(path.read_text())}
    command = [sys.executable, "-m", "pytest", *_WHICH, *arguments]
    code = subprocess.run(command, check=False, cwd=ROOT).returncode if held else len(listed) and 1  # noqa: S603  # our own
    print("\n".join(report(held, listed)))
    return 1 if held - listed.keys() else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
