from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.accounts.errors import ServiceAccountNotFound
from keystead.core.accounts.model import AccountId
from keystead.core.changes.change import Change
from keystead.core.clock import frozen_clock
from keystead.core.credentials.ceiling import AboveRole
from keystead.core.credentials.errors import (
    LifetimeAboveLimit,
    LifetimeMissing,
    LifetimeNegative,
    TokenAboveOwn,
    TokenDead,
    TokenNameTaken,
    TokenNotFound,
    TokenNotReplaced,
    TokenReplaced,
)
from keystead.core.credentials.lifetime import LifetimeLimit
from keystead.core.credentials.model import CredentialId, Token
from keystead.core.credentials.rotation import RotationAsked
from keystead.core.errors import KeysteadError
from keystead.core.orgs.model import OrgId
from keystead.core.paging import PAGE_SIZE
from keystead.storage import changes as log
from keystead.storage.engine import Database, open_sqlite
from keystead.storage.epoch import counter_in_memory
from keystead.storage.upgrade import upgrade_schema
from keystead.usecases import rotation, serviceaccounts, tokens
from keystead.usecases.paging import Cut
from keystead.usecases.rotation import Rotated
from keystead.usecases.serviceaccounts import ChangedServiceAccount
from keystead.usecases.tokens import IssuedToken, TokenPageAsked, TokenRules
from tests.doors import Unchanged
from tests.makers import (
    MINT,
    NOON,
    a_service_account,
    a_token,
    an_api_key,
    an_installation,
    an_org,
    somebody,
    through,
)
from tests.rights import a_level, a_role, a_team, an_assignment

NOW = frozen_clock(NOON)
RULES = TokenRules(LifetimeLimit(-1), AboveRole.DENY, MINT, NOW)
LIMITED = replace(RULES, limit=LifetimeLimit(3600))


@pytest.fixture
def home(database: Database) -> OrgId:
    with database.write() as db:
        an_installation(db)
        return an_org(db)


@pytest.fixture
def admin(home: OrgId) -> Principal:
    return somebody(home)


@pytest.fixture
def ci(database: Database, home: OrgId) -> AccountId:
    with database.write() as db:
        return a_service_account(db, home, role=Role.EDITOR)


def create(
    database: Database,
    by: Principal,
    owner: AccountId,
    *,
    name: str = "t",
    lifetime_s: int = 0,
    rules: TokenRules = RULES,
) -> IssuedToken:
    with database.write() as db:
        return tokens.create_token(db, by, owner, name=name, lifetime_s=lifetime_s, rules=rules)


def rotate(
    database: Database,
    by: Principal,
    owner: AccountId,
    token: CredentialId,
    *,
    rules: TokenRules = RULES,
    **asked: object,
) -> Rotated:
    with database.write() as db:
        return rotation.rotate_token(db, by, owner, token, RotationAsked(**asked), rules=rules)  # type: ignore[arg-type] # one table for several arguments


def recorded(database: Database) -> list[Change]:
    with database.read() as db:
        return [entry for entry, _hash in log.list_changes(db)]


class TestCreatingAToken:
    def test_is_recorded_without_the_secret(self, database: Database, home: OrgId, ci: AccountId) -> None:
        with database.write() as db:
            by = through(home, an_api_key(db, home, name="maker"))
        issued = create(database, by, ci, lifetime_s=60)
        (entry,) = recorded(database)
        assert (entry.action, entry.target_kind, entry.target_id) == (
            "token.create",
            "token",
            str(issued.id),
        )
        assert entry.detail == {"account": "sa-ci", "expires_at": NOON + 60}
        assert entry.actor.credential_id == by.credential_id

    @pytest.mark.goal("F19")
    def test_is_refused_for_an_account_that_was_given_more(
        self, database: Database, home: OrgId, ci: AccountId, unchanged: Unchanged
    ) -> None:
        with database.write() as db:
            an_assignment(db, home, a_role(db, home, ("teams:create", "")), account=ci)
            a_level(db, home, "Edit", ("serviceaccounts", "99"), team=a_team(db, home, ci))
        editor = somebody(home, role=Role.EDITOR)
        with unchanged(), pytest.raises(TokenAboveOwn):
            create(database, editor, ci)
        assert create(database, editor, ci, rules=replace(RULES, above_role=AboveRole.ALLOW)).id
        assert create(database, somebody(home), ci, name="by an admin").id

    @pytest.mark.parametrize(
        ("error", "changed"),
        [
            (ServiceAccountNotFound, {"owner": AccountId(99), "role": Role.VIEWER, "rules": LIMITED}),
            (TokenAboveOwn, {"role": Role.VIEWER, "rules": LIMITED, "name": "taken"}),
            (LifetimeMissing, {"rules": LIMITED, "name": "taken"}),
            (LifetimeAboveLimit, {"rules": LIMITED, "name": "taken", "lifetime_s": 3601}),
            (TokenNameTaken, {"name": "taken", "lifetime_s": -1}),
            (TokenNameTaken, {"name": "key"}),
            (LifetimeNegative, {"lifetime_s": -1}),
        ],
    )
    def test_tells_the_first_thing_that_is_wrong(
        self,
        database: Database,
        home: OrgId,
        ci: AccountId,
        unchanged: Unchanged,
        *,
        error: type[KeysteadError],
        changed: dict[str, object],
    ) -> None:
        with database.write() as db:
            a_token(db, home, ci, name="taken")
            an_api_key(db, home, name="key")
        role = changed.pop("role", Role.EDITOR)
        by = somebody(home, role=role)  # type: ignore[arg-type] # one table for several arguments
        given = {"owner": ci} | changed
        with unchanged(), pytest.raises(error):
            create(database, by, **given)  # type: ignore[arg-type] # the same


class TestEndingAToken:
    def test_is_recorded_once(self, database: Database, admin: Principal, ci: AccountId) -> None:
        issued = create(database, admin, ci)
        for _ in range(2):
            with database.write() as db:
                tokens.revoke_token(db, admin, ci, issued.id, clock=NOW)
        with database.write() as db:
            tokens.delete_token(db, admin, ci, issued.id, clock=NOW)
        assert [(entry.action, entry.target_name) for entry in recorded(database)[1:]] == [
            ("token.revoke", "t"),
            ("token.delete", "t"),
        ]

    def test_is_refused_for_what_is_not_the_accounts(
        self, database: Database, admin: Principal, ci: AccountId, home: OrgId, *, unchanged: Unchanged
    ) -> None:
        with database.write() as db:
            key = an_api_key(db, home, name="key")
        with unchanged():
            for end in (tokens.revoke_token, tokens.delete_token, rotation.finish_rotation):
                with pytest.raises(TokenNotFound), database.write() as db:
                    end(db, admin, ci, key, clock=NOW)
                with pytest.raises(ServiceAccountNotFound), database.write() as db:
                    end(db, admin, AccountId(99), key, clock=NOW)


class TestRotatingAToken:
    def test_is_one_change(self, database: Database, admin: Principal, ci: AccountId) -> None:
        old = create(database, admin, ci)
        rotated = rotate(database, admin, ci, old.id)
        (entry,) = recorded(database)[1:]
        assert (entry.action, entry.target_id) == ("token.rotate", str(old.id))
        assert entry.detail == {
            "account": "sa-ci",
            "successor": rotated.successor.id,
            "name": "t-2",
            "grace_until": NOON + 86_400,
        }

    def test_finds_a_free_name_behind_many_taken_ones(
        self, database: Database, admin: Principal, ci: AccountId, home: OrgId
    ) -> None:
        with database.write() as db:
            for number in range(2, 152):
                a_token(db, home, ci, name=f"t-{number}")
        old = create(database, admin, ci)
        assert rotate(database, admin, ci, old.id).successor.name == "t-152"

    def test_makes_a_successor_as_long_lived_as_the_first_was(
        self, database: Database, admin: Principal, ci: AccountId
    ) -> None:
        old = create(database, admin, ci, lifetime_s=600)
        first = rotate(database, admin, ci, old.id, grace_s=60)
        with database.write() as db:
            tokens.delete_token(db, admin, ci, first.successor.id, clock=NOW)
        second = rotate(database, admin, ci, old.id, grace_s=600)
        assert second.successor.expires_at == NOON + 600
        assert second.grace_until == NOON + 60

    @pytest.mark.parametrize(
        ("error", "asked"),
        [
            (TokenAboveOwn, {"by_role": Role.VIEWER, "name": "taken"}),
            (TokenReplaced, {"lifetime_s": 0, "rules": LIMITED, "of": "replaced"}),
            (TokenDead, {"lifetime_s": 0, "rules": LIMITED, "of": "revoked"}),
            (LifetimeMissing, {"rules": LIMITED, "name": "taken"}),
            (LifetimeAboveLimit, {"rules": LIMITED, "lifetime_s": 3601, "name": "taken"}),
            (TokenNameTaken, {"lifetime_s": -1, "name": "taken"}),
            (LifetimeNegative, {"lifetime_s": -1}),
        ],
    )
    def test_tells_the_first_thing_that_is_wrong(
        self,
        database: Database,
        admin: Principal,
        ci: AccountId,
        unchanged: Unchanged,
        *,
        error: type[KeysteadError],
        asked: dict[str, object],
    ) -> None:
        made = {
            name: create(database, admin, ci, name=name).id for name in ("t", "taken", "revoked", "replaced")
        }
        rotate(database, admin, ci, made["replaced"])
        with database.write() as db:
            tokens.revoke_token(db, admin, ci, made["revoked"], clock=NOW)
        by = somebody(admin.org, role=asked.pop("by_role", Role.ADMIN))  # type: ignore[arg-type] # one table for several arguments
        token = made[str(asked.pop("of", "t"))]
        with unchanged(), pytest.raises(error):
            rotate(database, by, ci, token, **asked)  # type: ignore[arg-type] # the same

    def test_is_finished_once_and_only_with_a_successor(
        self, database: Database, admin: Principal, ci: AccountId, unchanged: Unchanged
    ) -> None:
        old = create(database, admin, ci)
        with unchanged(), pytest.raises(TokenNotReplaced), database.write() as db:
            rotation.finish_rotation(db, admin, ci, old.id, clock=NOW)
        successor = rotate(database, admin, ci, old.id).successor
        for _ in range(2):
            with database.write() as db:
                rotation.finish_rotation(db, admin, ci, old.id, clock=NOW)
        (entry,) = recorded(database)[2:]
        assert (entry.action, entry.detail) == (
            "token.revoke",
            {"account": "sa-ci", "successor": successor.id},
        )


class TestAtOnce:
    @pytest.fixture(params=["sqlite", "postgresql"])
    def database(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
        """A SQLite file: in memory there is one connection only."""
        if request.param == "postgresql":
            yield request.getfixturevalue("postgresql_database")
            return
        database = open_sqlite(tmp_path / "keystead.db", counter_in_memory())
        upgrade_schema(database)
        yield database
        database.close()

    @pytest.mark.goal("F12")
    def test_tokens_of_one_name_are_one(
        self, database: Database, home: OrgId, admin: Principal, ci: AccountId
    ) -> None:
        with database.write() as db:
            owners = [ci, a_service_account(db, home, name="other")]

        def attempt(number: int) -> bool:
            try:
                create(database, admin, owners[number % 2])
            except TokenNameTaken:
                return False
            return True

        with ThreadPoolExecutor(16) as threads:
            assert sum(threads.map(attempt, range(32))) == 1

    def test_rotations_of_one_token_are_one(
        self, database: Database, admin: Principal, ci: AccountId
    ) -> None:
        old = create(database, admin, ci)

        def attempt(_number: int) -> bool:
            try:
                rotate(database, admin, ci, old.id)
            except TokenReplaced:
                return False
            return True

        with ThreadPoolExecutor(8) as threads:
            assert sum(threads.map(attempt, range(16))) == 1

    @pytest.mark.goal("F19")
    def test_a_role_that_rose_counts_for_every_token_made_afterwards(
        self, database: Database, home: OrgId, admin: Principal, ci: AccountId
    ) -> None:
        editor = somebody(home, role=Role.EDITOR)
        create(database, editor, ci)

        def attempt(number: int) -> str:
            try:
                create(database, editor, ci, name=str(number))
            except TokenAboveOwn:
                return "refused"
            return "made"

        def promote() -> None:
            with database.write() as db:
                wanted = ChangedServiceAccount(role=Role.ADMIN)
                serviceaccounts.change_service_account(db, admin, ci, wanted, clock=NOW)

        with ThreadPoolExecutor(8) as threads:
            attempts = [threads.submit(attempt, number) for number in range(8)]
            threads.submit(promote).result()
            assert [threads.submit(attempt, number).result() for number in (100, 101)] == ["refused"] * 2
            outcomes = [done.result() for done in attempts]
        entries = [entry.action for entry in recorded(database)]
        promoted = entries.index("serviceaccount.update")
        assert "token.create" not in entries[promoted:]
        assert entries.count("token.create") == 1 + outcomes.count("made")

    def test_a_token_is_never_made_for_an_account_that_is_gone(
        self, database: Database, home: OrgId, admin: Principal
    ) -> None:
        with database.write() as db:
            machines = [a_service_account(db, home, name=f"m{number}") for number in range(6)]

        def mint(owner: AccountId) -> bool:
            try:
                create(database, admin, owner, name=f"of {owner}")
            except ServiceAccountNotFound:
                return False
            return True

        def delete(owner: AccountId) -> None:
            with database.write() as db:
                serviceaccounts.delete_service_account(db, admin, owner, clock=NOW)

        with ThreadPoolExecutor(8) as threads:
            minting = [threads.submit(mint, owner) for owner in machines]
            for done in [threads.submit(delete, owner) for owner in machines]:
                done.result()
            made = sum(done.result() for done in minting)
        actions = [entry.action for entry in recorded(database)]
        assert (actions.count("token.create"), actions.count("serviceaccount.delete")) == (made, 6)


class TestAPageOfTokens:
    def page(self, database: Database, by: Principal, owner: AccountId, **asked: str) -> Cut[Token]:
        with database.read() as db:
            return tokens.list_token_page(db, by, owner, TokenPageAsked(**asked))

    def test_leads_to_the_next_and_back(
        self, database: Database, admin: Principal, home: OrgId, ci: AccountId
    ) -> None:
        names = [f"{number:03}" for number in range(PAGE_SIZE + 5)]
        with database.write() as db:
            for name in names:
                a_token(db, home, ci, name=name)
        first = self.page(database, admin, ci)
        second = self.page(database, admin, ci, after=first.after)
        assert [token.name for page in (first, second) for token in page.rows] == names
        assert (len(first.rows), first.before, second.after) == (PAGE_SIZE, "", "")
        assert self.page(database, admin, ci, before=second.before).rows == first.rows
        with database.write() as db:
            for token in second.rows:
                tokens.delete_token(db, admin, ci, token.id, clock=NOW)
        assert self.page(database, admin, ci, after=first.after).rows == first.rows

    def test_tells_the_last_use_beside(self, database: Database, admin: Principal, ci: AccountId) -> None:
        with database.read() as db:
            assert tokens.get_last_use_or_none(db, admin, ci) is None
