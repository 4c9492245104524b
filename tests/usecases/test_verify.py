import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, insert

from keystead.core.access.principal import Origin, PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import (
    CredentialBudgetSpent,
    CredentialRevoked,
    CredentialUnknown,
    ServiceAccountDisabled,
)
from keystead.core.credentials.model import CredentialId
from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.core.secret import Secret
from keystead.core.sessions.throttle import Limit
from keystead.core.usage.model import Outcome
from keystead.storage.engine import Database
from keystead.storage.schema import account, credential, membership
from keystead.usecases import readiness, verify
from keystead.usecases.guess_budget import GuessBudget, tells_no_clients_apart
from keystead.usecases.usage import UseWriter
from tests.coroutines import awaited
from tests.doors import HOME, House
from tests.makers import MINT, NOON, an_api_key_with_secret

ORIGIN = Origin("192.0.2.1", "r1", "agent", "/route")


def a_token(db: Connection, *, role: Role | None = Role.EDITOR, is_disabled: bool = False) -> Secret:
    """Make a service account with a token, row by row."""
    values = {
        "kind": "serviceaccount",
        "login": "sa-ci",
        "email": "",
        "name": "ci",
        "is_server_admin": False,
        "is_disabled": is_disabled,
        "theme": "",
        "created_at": NOON,
        "updated_at": NOON,
    }
    columns = {column.name for column in account.columns}
    given = {name: value for name, value in values.items() if name in columns}
    missing = columns - given.keys()
    given |= {
        name: 0 if name == "help_flags" else ""
        for name in missing
        if not account.columns[name].nullable and name != "id"
    }
    owner = db.execute(insert(account).values(**given).returning(account.c.id)).scalar_one()
    if role is not None:
        db.execute(insert(membership).values(org_id=HOME, account_id=owner, role=role, created_at=NOON))
    minted = MINT.new_token()
    row = {
        "org_id": HOME,
        "account_id": owner,
        "name": "token",
        "search_key": "token",
        "role": Role.VIEWER,
        "digest": minted.digest.value,
        "pepper_id": minted.digest.pepper_id,
        "created_at": NOON,
        "created_by_kind": "user",
        "created_by_id": 1,
    }
    db.execute(insert(credential).values(**row))
    return minted.secret


class TestAToken:
    def test_acts_as_its_account(self, house: House) -> None:
        with house.database.write() as db:
            secret = a_token(db)
        by = awaited(house.deps.verifier.find_principal(secret, ORIGIN))
        assert (by.kind, by.role, by.login) == (PrincipalKind.SERVICE_ACCOUNT, Role.EDITOR, "sa-ci")

    def test_is_refused_for_a_disabled_account_and_counts_as_used(self, house: House) -> None:
        with house.database.write() as db:
            secret = a_token(db, is_disabled=True)
        with pytest.raises(ServiceAccountDisabled):
            awaited(house.deps.verifier.find_principal(secret, ORIGIN))
        [uses] = house.deps.uses.buffer.take(10).values()
        assert uses.last is not None

    def test_is_unknown_without_a_membership(self, house: House) -> None:
        with house.database.write() as db:
            secret = a_token(db, role=None)
        with pytest.raises(CredentialUnknown):
            awaited(house.deps.verifier.find_principal(secret, ORIGIN))


class TestARevokedKey:
    def test_says_so_and_is_not_used_by_it(self, house: House) -> None:
        with house.database.write() as db:
            key_id, secret = an_api_key_with_secret(db, HOME)
            db.execute(credential.update().where(credential.c.id == key_id).values(revoked_at=NOON))
        with pytest.raises(CredentialRevoked):
            awaited(house.deps.verifier.find_principal(secret, ORIGIN))
        [uses] = house.deps.uses.buffer.take(10).values()
        assert uses.last is None


class TestWhatWasRead:
    def test_is_bounded(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(verify, "_MOST_READ", 1)
        with house.database.write() as db:
            _one, one = an_api_key_with_secret(db, HOME, name="one")
            _two, two = an_api_key_with_secret(db, HOME, name="two")
        for secret in (one, two):
            assert awaited(house.deps.verifier.find_principal(secret, ORIGIN)).org == HOME
        assert len(house.deps.verifier.read) == 1


class TestAGuessBudget:
    def test_is_the_addresses_own_and_comes_back(self) -> None:
        budget = GuessBudget(Limit(2, 1))
        for _ in range(2):
            budget.spend("192.0.2.1", NOON)
        with pytest.raises(CredentialBudgetSpent):
            budget.spend("192.0.2.1", NOON)
        budget.spend("192.0.2.2", NOON)
        budget.spend("192.0.2.1", UnixSeconds(NOON + 2))

    def test_is_not_spent_by_this_machine(self) -> None:
        budget = GuessBudget(Limit(1, 60))
        for _ in range(3):
            budget.spend("127.0.0.1", NOON)

    def test_forgets_who_failed_longest_ago(self) -> None:
        budget = GuessBudget(Limit(1, 60), most_addresses=1)
        budget.spend("192.0.2.1", NOON)
        budget.spend("192.0.2.2", NOON)
        budget.spend("192.0.2.1", NOON)

    @pytest.mark.parametrize(
        ("address", "is_nobody"), [("127.0.0.1", True), ("", True), ("::1", True), ("x", False)]
    )
    def test_is_not_for_addresses_that_tell_nobody_apart(self, address: str, *, is_nobody: bool) -> None:
        assert tells_no_clients_apart(address) == is_nobody


class TestReadiness:
    def test_follows_the_database(self, house: House, sqlite_raw: sqlite3.Connection) -> None:
        assert readiness.is_database_up(house.deps.read)
        assert house.client().get("/readyz").status_code == 200
        sqlite_raw.execute("ALTER TABLE installation RENAME TO gone")
        assert not readiness.is_database_up(house.deps.read)
        assert house.client().get("/readyz").status_code == 503
        assert house.client().get("/healthz").text == "Ok"
        told = house.client().get("/api/health")
        assert (told.status_code, told.json()["database"]) == (503, "failing")


class TestWritingUses:
    def test_moves_the_last_use_forward_only(self, house: House) -> None:
        with house.database.write() as db:
            key_id, _secret = an_api_key_with_secret(db, HOME)
        for at in (NOON + 60, NOON):
            house.clock.now = UnixSeconds(at)
            house.deps.uses.count(key_id, Outcome.ALLOWED, ORIGIN)
            assert house.deps.uses.flush()
        [key] = house.as_admin().get("/api/auth/keys").json()
        assert key["lastUsedAt"] == "2023-11-14T22:14:20Z"

    def test_leaves_refusals_out_of_the_last_use(self, house: House) -> None:
        with house.database.write() as db:
            key_id, _secret = an_api_key_with_secret(db, HOME)
        house.deps.uses.buffer.count_refusal(key_id, NOON)
        assert house.deps.uses.flush()
        assert house.as_admin().get("/api/auth/keys").json()[0]["lastUsedAt"] is None

    def test_keeps_what_the_database_cannot_take(self, house: House, database: Database) -> None:
        @contextmanager
        def away() -> Iterator[Connection]:
            if house.clock.now:
                raise DatabaseUnavailable
            yield database.writer.connect()

        writer = UseWriter(house.deps.uses.buffer, away, house.clock)
        writer.count(CredentialId(1), Outcome.ALLOWED, ORIGIN)
        assert not writer.flush()
        assert len(writer.buffer) == 1
        assert writer.dropped == 0
