"""The lines of a block, and how `terraform fmt` puts what is on neighbouring lines under each other."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from tree_sitter import Node

from keystead.core.terraform.edits import Edit, edited
from keystead.core.terraform.hcl import Block


@dataclass(frozen=True, slots=True)
class Line:
    """A line in up to three cells; `lead` alone where it is no argument that fits on one line."""

    lead: str
    value: str = ""  # from the equals sign on
    comment: str = ""  # behind the value
    spaces: tuple[int, int] = (0, 0)  # before value and comment

    def __str__(self) -> str:
        before_value, before_comment = self.spaces
        return f"{self.lead}{' ' * before_value}{self.value}{' ' * before_comment}{self.comment}"


@dataclass(frozen=True, slots=True)
class Piece:
    """An argument or a block within a block, with the comment right above it; or what belongs to none."""

    name: str  # "": it belongs to none
    lines: tuple[Line, ...]
    remarks: int = 0  # how many of the lines are the comment above


@dataclass(frozen=True, slots=True)
class Layout:
    head: str  # what stands behind the opening brace, on its line
    pieces: tuple[Piece, ...]
    is_aligned: bool  # as `terraform fmt` has it
    newline: str


def layout_of(source: bytes, of: Block, edits: Sequence[Edit[bytes]]) -> Layout | None:
    """Return the lines of a block with the edits made; None: not each thing has lines of its own."""
    block, body = of.node, () if of.body is None else of.body.children
    opened = next(child for child in block.children if child.type == "block_start")
    first, last = opened.end_point.row + 1, block.end_point.row
    things = [child for child in (*body, *block.children) if is_thing(child, first)]
    things.sort(key=lambda node: node.start_byte)
    starts = line_starts(source, block)
    owners: dict[int, list[Node]] = {}
    for thing in things:
        if thing.start_point.row in owners and thing.type != "comment":
            return None
        for row in range(thing.start_point.row, thing.end_point.row + 1):
            owners.setdefault(row, []).append(thing)
    if last in owners or any(len(owning) > 2 for owning in owners.values()):  # noqa: PLR2004 - and its comment
        return None
    head = edited(source, (), opened.end_byte, starts[first]).decode()
    rows = [line_of_row(source, edits, starts, row, owners.get(row, [])) for row in range(first, last)]
    lines = tuple(zip(rows, (owners.get(row, [None])[0] for row in range(first, last)), strict=True))
    newline = "\r\n" if head.endswith("\r\n") else "\n"
    is_aligned = list(aligned(rows)) == rows
    return Layout(head.rstrip("\r\n"), tuple(pieces_of(lines)), is_aligned, newline)


def is_thing(node: Node, first: int) -> bool:
    return node.type in {"attribute", "block", "comment"} and node.start_point.row >= first


def line_starts(source: bytes, block: Node) -> dict[int, int]:
    """Return at which byte each row of a block begins, by its number."""
    row, at = block.start_point.row, block.start_byte - block.start_point.column
    starts = {}
    for line in source[at : block.end_byte].split(b"\n"):
        starts[row] = at
        row, at = row + 1, at + len(line) + 1
    return starts


def line_of_row(
    source: bytes, edits: Sequence[Edit[bytes]], starts: dict[int, int], row: int, owners: Sequence[Node]
) -> Line:
    def text(start: int, end: int) -> str:
        return edited(source, edits, start, end).decode()

    start, end = starts[row], starts[row + 1]
    owner = owners[0] if owners else None
    if owner is None or owner.type != "attribute" or owner.start_point.row != owner.end_point.row:
        return Line(text(start, end).rstrip("\r\n"))
    name, equals = owner.children[0], owner.children[1]
    before = equals.start_byte - name.end_byte
    lead, value = text(start, name.end_byte), text(equals.start_byte, owner.end_byte)
    if len(owners) == 1:
        return Line(lead, value, "", (before, 0))
    comment = text(owners[1].start_byte, owners[1].end_byte).rstrip("\r\n")
    return Line(lead, value, comment, (before, owners[1].start_byte - owner.end_byte))


def pieces_of(lines: Iterable[tuple[Line, Node | None]]) -> Iterator[Piece]:
    """Yield the pieces; a comment right above an argument is a part of it."""
    above: list[Line] = []
    for owner, group in groupby(lines, key=lambda line: line[1]):
        own = [line for line, _ in group]
        if owner is not None and owner.type == "comment":
            above += own
        elif owner is None:
            yield Piece("", (*above, *own))
            above = []
        else:
            name = owner.children[0].text or b""
            yield Piece(name.decode(), (*above, *own), len(above))
            above = []
    if above:
        yield Piece("", tuple(above))


def aligned(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the lines as `terraform fmt` has them: values and comments of neighbours begin in one column."""
    with_values = list(in_columns(lines, lambda line: bool(line.value), lambda line: len(line.lead), 0))
    yield from in_columns(
        with_values,
        lambda line: bool(line.comment),
        lambda line: len(line.lead) + line.spaces[0] + len(line.value),
        1,
    )


def in_columns(
    lines: Sequence[Line], has: Callable[[Line], bool], width: Callable[[Line], int], cell: int
) -> Iterator[Line]:
    for has_cell, group in groupby(lines, key=has):
        run = list(group)
        widest = max(width(line) for line in run) + 1
        for line in run:
            gap = widest - width(line)
            yield (
                replace(line, spaces=(gap, line.spaces[1]) if cell == 0 else (line.spaces[0], gap))
                if has_cell
                else line
            )
