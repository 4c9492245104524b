"""What every adapter may use. Built once, in `bootstrap`."""

from dataclasses import dataclass

from keystead.core.clock import Clock
from keystead.core.uid import NewUid
from keystead.http.metrics import Metrics
from keystead.http.site import Site
from keystead.usecases.accounts import JoinRules
from keystead.usecases.credentials import KeyRules
from keystead.usecases.doorkeeper import Doorkeeper
from keystead.usecases.migration_runner import MigrationRunner
from keystead.usecases.old_api import CallWriter
from keystead.usecases.passwords import Passwords
from keystead.usecases.sessions import SessionKeeper
from keystead.usecases.tokens import TokenRules
from keystead.usecases.transaction import Transaction
from keystead.usecases.usage import UseHistory, UseWriter
from keystead.usecases.verify import Verifier


@dataclass(frozen=True, slots=True)
class Deps:
    read: Transaction
    write: Transaction
    clock: Clock
    new_uid: NewUid
    verifier: Verifier
    people: Doorkeeper
    passwords: Passwords
    sessions: SessionKeeper
    join: JoinRules
    keys: KeyRules
    tokens: TokenRules
    uses: UseWriter
    history: UseHistory
    old_api: CallWriter
    migrations: MigrationRunner
    site: Site
    metrics: Metrics
