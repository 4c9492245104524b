"""A file of a configuration that is written as JSON: the API keys in it, and what it becomes."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from keystead.core.terraform.edits import Edit, edited
from keystead.core.terraform.hcl import ACCOUNT, KEY, TOKEN
from keystead.core.terraform.json_blocks import JsonKey, account_text, read_key, token_text
from keystead.core.terraform.json_references import references_in
from keystead.core.terraform.json_text import Value, items, line_at, members, rebuilt, value_at
from keystead.core.terraform.keys import Accounts, Declared, KeyBlock, Unreadable
from keystead.core.terraform.references import Reference


@dataclass(frozen=True, slots=True)
class JsonFile:
    path: str
    text: str
    own: tuple[JsonKey, ...]
    declared: frozenset[Declared]
    references: tuple[Reference, ...]

    @property
    def source(self) -> bytes:
        return self.text.encode()

    @property
    def keys(self) -> tuple[KeyBlock, ...]:
        return tuple(one.block for one in self.own)

    def rewritten(self, going: Collection[KeyBlock], accounts: Accounts) -> bytes:
        """Return the file with these blocks, and all that refers to them, rewritten."""
        labels = {one.label for one in going}
        follows = (one for one in self.references if one.target and one.label in labels)
        edits = [Edit(one.start, one.start + len(KEY), one.target) for one in follows]
        here = {one.label for one in going if one.path == self.path}
        gone = [one for one in self.own if one.block.label in here]
        whole = [
            Edit(scope.start, scope.end, resources_text(self.text, scope, edits, gone, accounts))
            for scope in resources_of(self.text)
            if any(scope.start < one.body.start < scope.end for one in gone)
        ]
        outside = [
            edit
            for edit in edits
            if not any(one.start <= edit.start and edit.end <= one.end for one in whole)
        ]
        return edited(self.text, [*whole, *outside]).encode()


def json_file(path: str, source: bytes) -> JsonFile:
    """Raises Unreadable, with the line."""
    text = source.decode()
    try:
        whole = value_at(text, 0)
    except ValueError as error:
        raise Unreadable(line_at(text, getattr(error, "pos", 0))) from None
    if not isinstance(whole.json, dict) or text[whole.end :].strip():
        raise Unreadable(1)
    own: list[JsonKey] = []
    declared: set[Declared] = set()
    for scope in resources_of(text):
        for kind in members(text, scope):
            labels = list(members(text, kind.value)) if isinstance(kind.value.json, dict) else []
            declared |= {Declared(kind.name, label.name) for label in labels}
            if kind.name == KEY:
                if not isinstance(kind.value.json, dict):
                    raise Unreadable(line_at(text, kind.start))
                own += (read_key(text, path, label) for label in labels)
    return JsonFile(path, text, tuple(own), frozenset(declared), tuple(references_in(text, whole)))


def resources_of(text: str) -> Iterator[Value]:
    """Yield the objects that hold resources by type; there may be one, or an array of them."""
    for member in members(text, value_at(text, 0)):
        if member.name == "resource":
            found = items(text, member.value) if isinstance(member.value.json, list) else [member.value]
            yield from (one for one in found if isinstance(one.json, dict))


def resources_text(
    text: str, scope: Value, edits: list[Edit[str]], gone: list[JsonKey], accounts: Accounts
) -> str:
    """Return an object of resources in which those keys are accounts and tokens."""

    def raw(start: int, end: int) -> str:
        return edited(text, edits, start, end)

    own = list(members(text, scope))
    [keys] = [one for one in own if one.name == KEY]
    away = {one.member.start: one for one in gone if scope.start < one.member.start < scope.end}
    left = [one for one in members(text, keys.value) if one.start not in away]
    new = {
        ACCOUNT: [account_text(text, one, accounts, raw) for one in away.values()],
        TOKEN: [token_text(text, one, raw) for one in away.values()],
    }
    pieces = []
    for member in own:
        if member.name in new:
            old = [raw(one.start, one.value.end) for one in members(text, member.value)]
            pieces.append(f'"{member.name}": {rebuilt(text, member.value, [*old, *new[member.name]], raw)}')
        elif member is keys:
            if left:
                kept = [raw(one.start, one.value.end) for one in left]
                pieces.append(f'"{KEY}": {rebuilt(text, keys.value, kept, raw)}')
            fresh = (kind for kind in new if kind not in {one.name for one in own})
            pieces += (f'"{kind}": {rebuilt(text, keys.value, new[kind], raw)}' for kind in fresh)
        else:
            pieces.append(raw(member.start, member.value.end))
    return rebuilt(text, scope, pieces, raw)
