"""Cases of the corpus: a configuration and a state, what the server has, and what is to come of them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Self

from keystead.core.errors import KeysteadError
from keystead.core.terraform.module import Module, Rewriting, module_of, rewriting
from keystead.core.terraform.state import state_of
from keystead.core.terraform.state_keys import Owner, adopted

CORPUS = Path(__file__).parent / "corpus"
_NO_NEWLINE = "\n== (no newline)\n"


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    sections: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Each section begins with a line `== TITLE`; `== (no newline)` takes away that before it."""
        text = path.read_bytes().decode().replace(_NO_NEWLINE, "\0\n")
        sections = {}
        for part in ("\n" + text.removesuffix("\n")).split("\n== ")[1:]:
            title, _, body = part.partition("\n")
            sections[title] = f"{body}\n".removesuffix("\0\n") if body else ""
        return cls(path.stem, sections)

    @property
    def before(self) -> dict[str, bytes]:
        return {path: text.encode() for path, text in self._files("before ")}

    @property
    def after(self) -> dict[str, bytes]:
        """All files; those that are not told stay as they are."""
        return self.before | {path: text.encode() for path, text in self._files("after ")}

    @property
    def remarks(self) -> list[str]:
        return self.sections.get("remarks", "").splitlines()

    @property
    def providers(self) -> frozenset[str]:
        return frozenset(self.sections.get("providers", "").split())

    @property
    def tokens(self) -> list[dict[str, str | int]]:
        return [json.loads(line) for line in self.sections["tokens"].splitlines()]

    @property
    def accounts(self) -> dict[tuple[int | None, str], str]:
        told = [(int(one["org"]), str(one["name"]), str(one["accountName"])) for one in self.tokens]
        return {(org, name): account for own, name, account in told for org in (None, own)}

    @property
    def owners(self) -> dict[tuple[int, int], Owner]:
        return {(org, key): owner for key, owner in self._owners() for org in (0, owner.org)}

    def _owners(self) -> Iterator[tuple[int, Owner]]:
        for one in self.tokens:
            yield (
                int(one["key"]),
                Owner(
                    int(one["org"]),
                    int(one["account"]),
                    str(one["accountName"]),
                    str(one["role"]),
                    is_disabled=False,
                    token_name=str(one["name"]),
                ),
            )

    def _files(self, title: str) -> Iterator[tuple[str, str]]:
        return (
            (name.removeprefix(title), text) for name, text in self.sections.items() if name.startswith(title)
        )


def modules_of(files: dict[str, bytes], providers: frozenset[str] = frozenset()) -> list[Module]:
    folders: dict[str, dict[str, bytes]] = {}
    for path, source in files.items():
        folders.setdefault(str(PurePosixPath(path).parent), {})[path] = source
    return [module_of(inside, providers) for inside in folders.values()]


def rewritings_of(case: Case, files: dict[str, bytes]) -> list[Rewriting]:
    return [rewriting(module, case.accounts, {}) for module in modules_of(files, case.providers)]


def rewritten(case: Case, files: dict[str, bytes]) -> tuple[dict[str, bytes], list[str]]:
    """Return all files as they become, and the remarks as lines."""
    after, remarks = dict(files), []
    for told in rewritings_of(case, files):
        after |= told.files
        remarks += [f"{one.path}:{one.line}: {one.text}" for one in told.remarks]
    return after, remarks


def state_after(case: Case) -> str:
    """Return the new state, or why there is none."""
    try:
        return adopted(state_of(case.sections["state before"]), case.providers, case.owners)
    except KeysteadError as error:
        return f"{error.message}: {error.detail}\n"
