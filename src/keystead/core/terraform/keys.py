"""The blocks of API keys in a configuration, and what is asked about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

OrgOrOwn: TypeAlias = int | None  # None: the organization of whoever asks
Accounts: TypeAlias = Mapping[tuple[OrgOrOwn, str], str]  # name of the account, by the key that it was

PREFIX = "sa-autogen-"
DEFAULT_PROVIDER = "grafana"  # of a block that names none
META = ("count", "for_each", "provider", "depends_on", "lifecycle")
OF_TOKEN = ("name", "seconds_to_live", *META, "provisioner", "connection")
OF_ACCOUNT = ("name", "role", "org_id", *META)
KNOWN = {*OF_TOKEN, *OF_ACCOUNT}
IGNORABLE_IN_TOKEN = {"name", "seconds_to_live", "key", "expiration"}
IGNORABLE_IN_ACCOUNT = {"name", "role", "org_id"}


@dataclass(frozen=True, slots=True)
class Remark:
    """What a person has to look at."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class KeyBlock:
    """One block, which makes one key or several."""

    path: str
    line: int
    label: str
    names: tuple[str, ...] = ()  # of all keys that it makes
    org: OrgOrOwn = None
    provider: str = ""  # "": that of the module
    index: str = ""  # how the token names its own account among several: `[each.key]`
    obstacle: str = field(default="", compare=False)  # why it is left alone; "": nothing is in the way

    def left(self, why: str) -> "KeyBlock":
        return KeyBlock(
            self.path,
            self.line,
            self.label,
            self.names,
            self.org,
            self.provider,
            self.index,
            self.obstacle or why,
        )


@dataclass(frozen=True, slots=True)
class Declared:
    """A resource that a file declares."""

    type: str
    label: str


class Unreadable(Exception):  # it never leaves this package
    """A file is not in a form that is understood, from this line on."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def number_added(block: KeyBlock, accounts: Accounts) -> str | None:
    """Return what the names of its accounts have behind that of the key, mostly ""; None: they differ."""
    added = set()
    for name in block.names:
        account = accounts[block.org, name]
        if not account.startswith(PREFIX + name):
            return None
        added.add(account.removeprefix(PREFIX + name))
    return added.pop() if len(added) == 1 else None
