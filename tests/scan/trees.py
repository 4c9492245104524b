"""Sample trees, each in one file: `-- path --` begins a file, «rule» ends a line where one is to be found."""

import re
from collections.abc import Iterator
from pathlib import Path

TREES = Path(__file__).parent / "trees"
NAMES = sorted(path.stem for path in TREES.iterdir())
_MARK = re.compile(r" +«([\w-]+)»$")


def lay(name: str, folder: Path) -> set[tuple[str, int, str]]:
    """Write a tree below the folder, and return what is to be found there: file, line, rule."""
    wanted: set[tuple[str, int, str]] = set()
    for path, lines in _files_of((TREES / f"{name}.txt").read_text()):
        marks = [(number, found[1]) for number, line in enumerate(lines, 1) if (found := _MARK.search(line))]
        wanted |= {(path, number, rule) for number, rule in marks}
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        text = "\n".join(_MARK.sub("", line) for line in lines) + "\n"
        (folder / path).write_text(text.replace("\\x00", "\0"))
    return wanted


def _files_of(text: str) -> Iterator[tuple[str, list[str]]]:
    for part in re.split(r"^-- (?=.* --$)", text, flags=re.MULTILINE)[1:]:
        path, _, content = part.partition(" --\n")
        yield path, content.removesuffix("\n").split("\n")
