"""Faults in making API keys tokens of accounts, and back."""

import time
from collections.abc import Callable
from typing import Any, TypeAlias

from sqlalchemy import Connection

from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.migration.revert import Candidate
from keystead.core.orgs.model import OrgId
from keystead.storage import memberships
from keystead.storage import migration as rows
from keystead.storage.migrations import Turn
from keystead.usecases import migration_jobs
from keystead.usecases.migration_runner import MigrationRunner

Set: TypeAlias = Callable[[object, str, object], None]


def stop_at_first_failure(set_: Set) -> None:
    """End the job with the first key that fails, as Grafana 9.3 does."""

    def note(runner: MigrationRunner, turn: Turn, *_key: object, why: str) -> bool:
        with runner.write() as db:
            migration_jobs.end(db, turn, at=runner.clock())
        return not why

    set_(MigrationRunner, "_note", note)


def detach_before_attach(set_: Set) -> None:
    """Commit between giving the key an account and giving the account its role."""
    honest = rows.set_owner

    def set_owner(
        db: Connection, org: OrgId, key_id: CredentialId, *, name: str, owner: AccountId, at: UnixSeconds
    ) -> None:
        role = memberships.get_role_or_none(db, org, owner)
        assert role is not None
        memberships.delete_membership(db, org, owner)
        honest(db, org, key_id, name=name, owner=owner, at=at)
        begin_anew(db)
        memberships.add_membership(db, org, owner, role=role, at=at)

    set_(rows, "set_owner", set_owner)


def undo_check_outside(set_: Set) -> None:
    """F4: look how many tokens the account has, then begin the transaction that deletes it."""
    honest = rows.get_candidate

    def get_candidate(db: Connection, *given: Any) -> tuple[CredentialId | None, Candidate]:  # noqa: ANN401 - as it came
        found = honest(db, *given)
        begin_anew(db, after_s=0.3)  # SQLite asks for a lock that is taken only every 100 ms
        return found

    set_(rows, "get_candidate", get_candidate)


def begin_anew(db: Connection, after_s: float = 0.03) -> None:
    """Commit what was done so far, let others in, and begin again."""
    raw = db.connection.driver_connection
    assert raw is not None
    raw.execute("COMMIT")
    time.sleep(after_s)
    raw.execute("BEGIN IMMEDIATE" if db.dialect.name == "sqlite" else "BEGIN")
