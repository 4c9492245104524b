"""The files of one module of Terraform: which of its API keys can be rewritten, and what the files become."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from keystead.core.terraform.hcl import ACCOUNT, KEY, TOKEN
from keystead.core.terraform.hcl_file import hcl_file
from keystead.core.terraform.json_file import json_file
from keystead.core.terraform.keys import (
    DEFAULT_PROVIDER,
    Accounts,
    Declared,
    KeyBlock,
    Remark,
    Unreadable,
    number_added,
)
from keystead.core.terraform.references import Reference

JSON_ENDS = ".tf.json"
_ID = (
    "an id of a key is `<organization>:<key>`, that of its token `<key>` alone: look who takes it, and write"
)


class File(Protocol):
    @property
    def path(self) -> str: ...
    @property
    def source(self) -> bytes: ...
    @property
    def keys(self) -> tuple[KeyBlock, ...]: ...
    @property
    def declared(self) -> frozenset[Declared]: ...
    @property
    def references(self) -> tuple[Reference, ...]: ...
    def rewritten(self, going: list[KeyBlock], accounts: Accounts) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Module:
    files: tuple[File, ...]
    remarks: tuple[Remark, ...]  # about files that were not understood
    providers: frozenset[str] = frozenset()  # whose keys are rewritten; none: all

    @property
    def keys(self) -> list[KeyBlock]:
        """All blocks of keys, with what stands against rewriting them as far as the files alone tell it."""
        found = [one for file in self.files for one in file.keys]
        times = Counter(one.label for one in found)
        declared = {one for file in self.files for one in file.declared}
        return [
            one.left(self._foreign(one) or conflict(one, times, declared, is_whole=not self.remarks))
            for one in found
        ]

    def _foreign(self, block: KeyBlock) -> str:
        provider = block.provider or DEFAULT_PROVIDER
        is_chosen = not self.providers or provider in self.providers
        return "" if is_chosen else f"it belongs to the provider {provider}"


@dataclass(frozen=True, slots=True)
class Rewriting:
    files: Mapping[str, bytes]  # those that change, by path
    keys: tuple[KeyBlock, ...]  # that are rewritten
    remarks: tuple[Remark, ...]  # what is left, and why


def conflict(
    block: KeyBlock, times: Mapping[str, int], declared: Iterable[Declared], *, is_whole: bool
) -> str:
    """Return what in its module stands against rewriting a block; "": nothing."""
    if not is_whole:
        return "another file of its module is not understood, and may refer to it"
    if times[block.label] > 1:
        return "it is declared twice in its module"
    for kind in (ACCOUNT, TOKEN):
        if Declared(kind, block.label) in declared:
            return f"its module has a {kind}.{block.label} already"
    return ""


def module_of(files: Mapping[str, bytes], providers: frozenset[str] = frozenset()) -> Module:
    """Read the files of one folder, by path. What is not understood is left, and remarked."""
    read: list[File] = []
    remarks: list[Remark] = []
    for path, source in files.items():
        try:
            source.decode()
            read.append(json_file(path, source) if path.endswith(JSON_ENDS) else hcl_file(path, source))
        except Unreadable as error:
            remarks += unreadable(path, source, error.line)
        except UnicodeDecodeError as error:
            remarks += unreadable(path, source, source.count(b"\n", 0, error.start) + 1)
    return Module(tuple(read), tuple(remarks), providers)


def unreadable(path: str, source: bytes, line: int) -> Iterator[Remark]:
    if KEY.encode() in source:
        yield Remark(path, line, "the file is not understood from here on; its whole module is left as it is")


def rewriting(module: Module, accounts: Accounts, unknown: Mapping[tuple[int | None, str], str]) -> Rewriting:
    """Return what becomes of a module, whose keys became these accounts; `unknown` tells why one has none."""
    keys = [one.left(unnamed(one, accounts, unknown)) if not one.obstacle else one for one in module.keys]
    going = [one for one in keys if not one.obstacle]
    files = {file.path: file.rewritten(going, accounts) for file in module.files} if going else {}
    left = [
        Remark(one.path, one.line, f"{KEY}.{one.label} is left as it is: {one.obstacle}")
        for one in keys
        if one.obstacle
    ]
    labels = {one.label: not one.obstacle for one in keys}
    told = [remark for file in module.files for remark in remarks_of(file, labels)]
    remarks = sorted((*module.remarks, *left, *told), key=lambda one: (one.path, one.line))
    return Rewriting(files, tuple(going), tuple(remarks))


def unnamed(block: KeyBlock, accounts: Accounts, unknown: Mapping[tuple[int | None, str], str]) -> str:
    """Return why the name of its account is not known; "": it is."""
    for name in block.names:
        if (block.org, name) not in accounts:
            return unknown.get((block.org, name), f"the server has no token with the name {name}")
    if len(block.names) > 1 and number_added(block, accounts) is None:
        told = ", ".join(accounts[block.org, name] for name in block.names)
        return f"one name does not do for its accounts, which are {told}"
    return ""


def remarks_of(file: File, is_going: Mapping[str, bool]) -> Iterator[Remark]:
    """Yield what a person has to look at among the references of a file."""
    for one in file.references:
        if one.label not in is_going:
            yield Remark(
                file.path, one.line, f"{one.text} is left as it is: which key it means is not known here"
            )
        elif is_going[one.label] and not one.target:
            if one.text.endswith(".id"):
                why = f"{_ID} {TOKEN}{one.text.removeprefix(KEY)}"
            else:
                why = f"it takes the resource as a whole; write {TOKEN}.{one.label} or {ACCOUNT}.{one.label}"
            yield Remark(file.path, one.line, f"{one.text} is left as it is: {why}")
