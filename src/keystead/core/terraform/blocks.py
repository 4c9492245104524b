"""One block of API keys in HCL: what it says, and the account and the token that it becomes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from tree_sitter import Node

from keystead.core.migration.terraform import quoted
from keystead.core.terraform.edits import Edit, edited
from keystead.core.terraform.hcl import (
    ACCOUNT,
    TOKEN,
    Block,
    attributes,
    blocks,
    nodes,
    text_of,
    value_of,
)
from keystead.core.terraform.keys import (
    IGNORABLE_IN_ACCOUNT,
    IGNORABLE_IN_TOKEN,
    KNOWN,
    OF_ACCOUNT,
    OF_TOKEN,
    PREFIX,
    Accounts,
    KeyBlock,
    number_added,
)
from keystead.core.terraform.layout import Layout, Line, Piece, aligned, layout_of
from keystead.core.terraform.names import inner, rounds_of, text
from keystead.core.terraform.references import uses_self


def key_block(source: bytes, block: Block, path: str) -> KeyBlock:
    """Return what a block says about its keys, and what stands against rewriting it."""
    found = KeyBlock(path, block.line, block.labels[-1])
    given = attributes(block.body)
    provider, org = given.get("provider"), given.get("org_id")
    found = replace(
        found, provider="" if provider is None else text_of(value_of(provider)), index=index_of(given)
    )
    for why in obstacles(source, block, given):
        return found.left(why)
    names = names_of(given)
    if names is None:
        return found.left("its name is known only when Terraform runs")
    if org is None:
        return replace(found, names=names)
    told = text(value_of(org), {}) or text_of(value_of(org))
    if not (told.isascii() and told.isdigit()):
        return replace(found, names=names).left("its org_id is known only when Terraform runs")
    return replace(found, names=names, org=int(told))


def index_of(given: dict[str, Node]) -> str:
    if "for_each" in given:
        return "[each.key]"
    return "[count.index]" if "count" in given else ""


def obstacles(source: bytes, block: Block, given: dict[str, Node]) -> Iterator[str]:
    """Yield why a block is left alone, for each reason."""
    inside = list(blocks(block.body))
    unknown = sorted({*given, *(one.type for one in inside)} - KNOWN)
    if unknown:
        yield f"it has {unknown[0]}, which is no part of a key that is known"
    missing = [name for name in ("name", "role") if name not in given]
    if missing:
        yield f"it has no {missing[0]}"
    if layout_of(source, block, ()) is None:
        yield "not each of its arguments stands on lines of its own"
    for one in inside:
        allowed = set() if one.type == "lifecycle" else IGNORABLE_IN_TOKEN
        if uses_self(one.node) - allowed:
            yield f"its {one.type} uses `self`"
    if list(filter(is_spread, ignored_elsewhere(block))):
        yield "its ignore_changes stands on several lines"


def names_of(given: dict[str, Node]) -> tuple[str, ...] | None:
    """Return the names of all its keys; None: only running the configuration tells them."""
    loop, count, name = given.get("for_each"), given.get("count"), value_of(given["name"])
    if name.start_point.row != name.end_point.row:
        return None
    same = text(name, {})
    if same is not None:
        return (same,)
    rounds = rounds_of(loop and value_of(loop), count and value_of(count)) or ()
    told = [text(name, seen) for seen in rounds]
    known = tuple(name for name in told if name is not None)
    return known if known and len(known) == len(told) else None


def ignored_elsewhere(block: Block) -> Iterator[Node]:
    """Yield the lists of ignored changes that name what only one of account and token has."""
    lifecycles = (attributes(one.body) for one in blocks(block.body) if one.type == "lifecycle")
    lists = (value_of(one["ignore_changes"]) for one in lifecycles if "ignore_changes" in one)
    for found in chain.from_iterable(nodes(one, "tuple") for one in lists):
        names = {first_word(child) for child in found.children if child.type == "expression"}
        if not names <= IGNORABLE_IN_ACCOUNT & IGNORABLE_IN_TOKEN:
            yield found


def first_word(expression: Node) -> str:
    node = inner(expression)
    return text_of(node.children[0] if node.type == "expression" else node).strip('"')


def is_spread(node: Node) -> bool:
    return node.start_point.row != node.end_point.row


def without_ignored(block: Block, kept: set[str]) -> Iterator[Edit[bytes]]:
    """Yield what leaves those ignored changes that the resource has."""
    for found in ignored_elsewhere(block):
        items = [
            child for child in found.children if child.type == "expression" and first_word(child) in kept
        ]
        yield Edit(found.start_byte, found.end_byte, f"[{', '.join(map(text_of, items))}]".encode())


def account_and_token(
    source: bytes, block: Block, found: KeyBlock, accounts: Accounts, edits: Sequence[Edit[bytes]]
) -> bytes:
    """Return the two blocks that a block of keys becomes."""
    two = [
        Half(source, block, layout, kind)
        for kind, kept in ((ACCOUNT, IGNORABLE_IN_ACCOUNT), (TOKEN, IGNORABLE_IN_TOKEN))
        if (layout := layout_of(source, block, [*edits, *without_ignored(block, kept)])) is not None
    ]
    of_account, of_token = two  # a block without a layout is left alone
    layout = of_account.layout
    account = of_account.text(pieces_of_account(layout.pieces, found, accounts), layout.head)
    token = of_token.text(
        pieces_of_token(of_token.layout.pieces, f"{ACCOUNT}.{found.label}{found.index}.id"), ""
    )
    return f"{account}{layout.newline}{layout.newline}{of_account.indent}{token}".encode()


@dataclass(frozen=True, slots=True)
class Half:
    """One of the two blocks, which begins as what the block of the key was."""

    source: bytes
    block: Block
    layout: Layout
    type: str

    @property
    def indent(self) -> str:
        """What stands before the block on its line."""
        node = self.block.node
        return self.source[node.start_byte - node.start_point.column : node.start_byte].decode()

    def text(self, pieces: Sequence[Piece], head: str) -> str:
        layout = self.layout
        lines = [line for piece in pieces for line in piece.lines]
        told = [str(line) for line in (aligned(lines) if layout.is_aligned else lines)]
        return layout.newline.join((self.header + head, *told, self.end))

    @property
    def header(self) -> str:
        node = self.block.node
        kind = node.children[1]
        opened = next(child for child in node.children if child.type == "block_start")
        name = f'"{self.type}"' if kind.type == "string_lit" else self.type
        renamed = Edit(kind.start_byte, kind.end_byte, name.encode())
        return edited(self.source, [renamed], node.start_byte, opened.end_byte).decode()

    @property
    def end(self) -> str:
        at = self.block.node.end_byte
        return self.source[self.source.rindex(b"\n", 0, at) + 1 : at].decode()


def pieces_of_account(pieces: Sequence[Piece], found: KeyBlock, accounts: Accounts) -> list[Piece]:
    kept = without_gaps(pieces, {"", *OF_ACCOUNT})
    return [named(piece, found, accounts) if piece.name == "name" else piece for piece in kept]


def named(piece: Piece, found: KeyBlock, accounts: Accounts) -> Piece:
    *above, line = piece.lines
    name = line.value.removeprefix("=").lstrip()
    between = line.value[1 : len(line.value) - len(name)]
    added = number_added(found, accounts)
    told = prefixed(name, added) if added is not None else quoted(accounts[found.org, found.names[0]])
    plain = replace(line, value=f"={between}{told}", comment="", spaces=(line.spaces[0], 0))
    return replace(piece, lines=(*above, plain))


def prefixed(expression: str, added: str) -> str:
    """Return an expression for the name of the account, from that of the key."""
    if expression.startswith('"'):
        return f'"{PREFIX}{expression[1:-1]}{added}"'
    return f'"{PREFIX}${{{expression}}}{added}"'


def pieces_of_token(pieces: Sequence[Piece], account: str) -> list[Piece]:
    """Return the pieces of the token; comments above what the account has too stay there."""
    shared = {*OF_ACCOUNT, ""}
    bare = [
        replace(piece, lines=piece.lines[piece.remarks :]) if piece.name in shared else piece
        for piece in map(without_comments, pieces)
    ]
    kept = without_gaps(bare, {"", *OF_TOKEN})
    return [owned(piece, account) if piece.name == "name" else piece for piece in kept]


def without_comments(piece: Piece) -> Piece:
    if piece.name:
        return piece
    return replace(piece, lines=tuple(line for line in piece.lines if not line.lead.strip()))


def owned(piece: Piece, account: str) -> Piece:
    line = piece.lines[-1]
    indent = line.lead[: len(line.lead) - len(line.lead.lstrip())]
    return replace(
        piece, lines=(*piece.lines, Line(f"{indent}service_account_id", f"= {account}", "", (1, 0)))
    )


def without_gaps(pieces: Sequence[Piece], names: set[str]) -> list[Piece]:
    """Return the pieces with these names; where one goes, the empty lines around it do not add up."""
    kept: list[Piece] = []
    has_gone = False
    for piece in pieces:
        if piece.name not in names or not piece.lines:
            has_gone = True
        elif is_empty(piece) and has_gone and (not kept or is_empty(kept[-1])):
            continue
        else:
            kept.append(piece)
            has_gone = has_gone and is_empty(piece)
    if has_gone and kept and is_empty(kept[-1]):
        kept.pop()
    return kept


def is_empty(piece: Piece) -> bool:
    return not any(str(line).strip() for line in piece.lines)
