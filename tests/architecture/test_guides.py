"""The guides tell the truth: the files, commands and settings that they name exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperCommand

from keystead.bootstrap import DECLARED
from keystead.cli.app import cli
from keystead.settings import FIELDS
from keystead.settings.sources import PREFIX
from tools.generate_reference import commands_below

ROOT = Path(__file__).parents[2]
GUIDES = [
    *ROOT.glob("*.md"),
    *(path for path in ROOT.glob("docs/**/*.md") if path.parent.name != "reference"),
]
FOLDERS = r"src|tests|tools|docs|requirements"
COMMANDS: dict[str, TyperCommand] = dict(commands_below("keystead", typer.main.get_command(cli)))
WORDS = set(
    re.findall(
        r"[a-z]+", " ".join(re.findall(r"^    ([a-z |]+)\)", (ROOT / "run").read_text(), re.MULTILINE))
    )
)
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
SECTIONS = {name.partition(".")[0] for name in FIELDS}


@pytest.fixture(params=GUIDES, ids=lambda path: str(path.relative_to(ROOT)))
def guide(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def code_in(text: str) -> Iterator[str]:
    """Return the lines of code: of fenced blocks, of indented ones, and inside of sentences."""
    for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL):
        yield from block.splitlines()
    yield from re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)


def calls_in(text: str) -> Iterator[list[str]]:
    for line in code_in(text):
        words = line.strip().removeprefix("$ ").split()
        if words and words[0] in {"./run", "keystead", "make"}:
            yield words


def test_the_paths_that_a_guide_names_exist(guide: Path) -> None:
    text = guide.read_text()
    named = [ROOT / path for path in re.findall(rf"`((?:{FOLDERS})/[^`{{<*\s]+)`", text)]
    linked = [guide.parent / link for link in re.findall(r"\]\((?![a-z]+:|#)([^)#\s]+)", text)]
    assert [str(path) for path in named + linked if not path.exists()] == []


def test_the_commands_that_a_guide_names_are_known(guide: Path) -> None:
    assert [" ".join(words) for words in calls_in(guide.read_text()) if not is_known(words)] == []


def is_known(words: list[str]) -> bool:
    first, *rest = words
    if first == "make":
        return not rest or rest[0] in TARGETS
    if first == "./run" and (not rest or rest[0] in WORDS or rest == ["--help"]):
        return True
    return is_command(rest)


def is_command(words: list[str]) -> bool:
    """Say whether the words call a command, and whether it has the options among them."""
    if not words or words[0].startswith("-"):
        return words in ([], ["--help"])
    called = " ".join(["keystead", *words])
    name = next((name for name in COMMANDS if f"{called} ".startswith(f"{name} ")), None)
    if name is None:
        return any(f"{known} ".startswith(f"{called} ") for known in COMMANDS)  # a group of commands
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts} | {"--help"}
    return all(word.partition("=")[0] in options for word in words if word.startswith("--"))


@pytest.mark.parametrize(
    "call",
    ["./run fly", "make tea", "keystead keys eat", "keystead dev --fast", "keystead fly", "./run keys eat"],
)
def test_an_unknown_command_is_found(call: str) -> None:
    assert list(calls_in(f"```sh\n{call}\n```")) == [call.split()]
    assert list(calls_in(f"Say `{call}`, and see.")) == [call.split()]
    assert not is_known(call.split())


@pytest.mark.parametrize(
    "call", ["./run", "make help", "keystead keys", "./run keys delete 7", "./run --help"]
)
def test_a_known_command_is_not(call: str) -> None:
    assert is_known(call.split())


def test_the_settings_that_a_guide_names_exist(guide: Path) -> None:
    text = guide.read_text()
    told = [f"{section}.{name}" for section, name in re.findall(r"`\[(\w+)\] (\w+)", text)]
    told += [
        variable.removeprefix(PREFIX).lower().replace("__", ".", 1)
        for variable in re.findall(rf"\b{PREFIX}\w+__\w+", text)
    ]
    for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL):
        told += settings_in(block)
    assert [name for name in told if name not in FIELDS] == []


def settings_in(block: str) -> Iterator[str]:
    """Return the names in a block of TOML that is about our settings."""
    section = ""
    for line in block.splitlines():
        if match := re.fullmatch(r"\[(\w+)\]", line):
            section = match[1]
        elif section in SECTIONS and (match := re.match(r"(\w+) = ", line)):
            yield f"{section}.{match[1]}"


def test_the_routes_that_a_guide_names_exist(guide: Path) -> None:
    shapes = {re.sub(r"\{\w+\}", "*", one.path) for one in DECLARED}
    named = re.findall(r"(?<![\w.])/(?:api|auth)/[\w/{}.-]+[\w}]", guide.read_text())
    unknown = [path for path in named if not any(fits(path, shape) for shape in shapes)]
    assert unknown == []


def fits(path: str, shape: str) -> bool:
    """Say whether a named path is the route, or the beginning of a family of routes."""
    pattern = re.escape(shape).replace(r"\*", r"[^/]+")
    return re.fullmatch(pattern, path) is not None or shape.startswith(f"{path}/")
