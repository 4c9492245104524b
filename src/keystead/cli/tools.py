"""What a command may use. Built in `bootstrap`; nothing is read or opened until a command asks."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from keystead.cli.plan import ServerPlan
from keystead.usecases.passwords import Passwords
from keystead.usecases.transaction import Transaction

Flags: TypeAlias = Mapping[str, object]  # named like `server.port`; None: not given


class PlanServer(Protocol):
    def __call__(self, command: Literal["dev", "serve"], config: Path | None, flags: Flags) -> ServerPlan:
        """Read the settings. Raises SettingsError, FileLoose, FileUnusable, PublishedPassword."""
        ...


class OpenPasswords(Protocol):
    def __call__(self, config: Path | None, flags: Flags) -> AbstractContextManager[Passwords]:
        """Open the installation, which must be there.

        Raises SettingsError, SecretsFileMissing and what else makes its files unusable, DatabaseUnavailable.
        """
        ...


class OpenDatabase(Protocol):
    def __call__(self, config: Path | None, flags: Flags) -> AbstractContextManager[Transaction]:
        """Open the installation, which must be there, to read from it or to write. Raises the same."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    plan_server: PlanServer
    listen: Callable[[ServerPlan], None]  # serves until it is told to stop
    open_passwords: OpenPasswords
    open_database: OpenDatabase  # to read
    open_for_writing: OpenDatabase
