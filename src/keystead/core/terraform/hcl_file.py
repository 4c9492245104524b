"""A file in HCL: the API keys in it, what refers to them, and what it becomes."""

from collections.abc import Collection
from dataclasses import dataclass

from tree_sitter import Node

from keystead.core.terraform.blocks import account_and_token, key_block
from keystead.core.terraform.edits import Edit, edited
from keystead.core.terraform.hcl import KEY, blocks, child_of, error_line, parse
from keystead.core.terraform.keys import Accounts, Declared, KeyBlock, Unreadable
from keystead.core.terraform.references import Reference, references


@dataclass(frozen=True, slots=True)
class HclFile:
    path: str
    source: bytes
    root: Node
    keys: tuple[KeyBlock, ...]
    declared: frozenset[Declared]
    references: tuple[Reference, ...]

    def rewritten(self, going: Collection[KeyBlock], accounts: Accounts) -> bytes:
        """Return the file with these blocks, and all that refers to them, rewritten."""
        labels = {one.label for one in going}
        follows = [one for one in self.references if one.target and one.label in labels]
        edits = [Edit(one.start, one.start + len(KEY), one.target.encode()) for one in follows]
        by_line = {one.line: one for one in going if one.path == self.path}
        own = (block for block in blocks(child_of(self.root, "body")) if is_key(block.type, block.labels))
        whole, inside = [], set[Edit[bytes]]()
        for block in own:
            if block.line in by_line:
                start, end = block.node.start_byte, block.node.end_byte
                within = [edit for edit in edits if start <= edit.start and edit.end <= end]
                text = account_and_token(self.source, block, by_line[block.line], accounts, within)
                whole.append(Edit(start, end, text))
                inside |= {*within}
        return edited(self.source, [*whole, *(edit for edit in edits if edit not in inside)])


def is_key(kind: str, labels: tuple[str, ...]) -> bool:
    return kind == "resource" and len(labels) > 1 and labels[0] == KEY


def hcl_file(path: str, source: bytes) -> HclFile:
    """Raises Unreadable, with the line."""
    root = parse(source)
    if root.has_error:
        raise Unreadable(error_line(root))
    own = list(blocks(child_of(root, "body")))
    return HclFile(
        path,
        source,
        root,
        tuple(key_block(source, block, path) for block in own if is_key(block.type, block.labels)),
        frozenset(Declared(*one.labels[:2]) for one in own if one.type == "resource" and len(one.labels) > 1),
        tuple(references(root)),
    )
