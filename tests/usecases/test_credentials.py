import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, select

from keystead.core.access.errors import PermissionMissing, RoleAboveOwn
from keystead.core.access.permission import Permission
from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.clock import frozen_clock
from keystead.core.credentials.errors import (
    ApiKeyNameTaken,
    ApiKeyNotFound,
    LifetimeAboveLimit,
    LifetimeMissing,
    LifetimeNegative,
)
from keystead.core.credentials.lifetime import LifetimeLimit
from keystead.core.credentials.model import CredentialId
from keystead.core.credentials.presented import parse_presented
from keystead.core.errors import KeysteadError
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.orgs.model import OrgId
from keystead.storage import changes as log
from keystead.storage.engine import Database, open_sqlite
from keystead.storage.epoch import counter_in_memory
from keystead.storage.schema import credential
from keystead.storage.upgrade import upgrade_schema
from keystead.usecases import credentials
from keystead.usecases.credentials import FoundKeys, IssuedKey, KeyRules, PageAsked
from tests.makers import MINT, NOON, an_api_key, an_installation, an_org, somebody, through

Unchanged = Callable[[], AbstractContextManager[None]]
NOW = frozen_clock(NOON)
RULES = KeyRules(LifetimeLimit(-1), MINT, NOW)
LIMITED = replace(RULES, limit=LifetimeLimit(3600))
READ = "apikeys:read"


@pytest.fixture
def home(database: Database) -> OrgId:
    with database.write() as db:
        an_installation(db)
        return an_org(db)


def create(
    database: Database,
    by: Principal,
    *,
    name: str = "ci",
    role: Role = Role.VIEWER,
    lifetime_s: int = 0,
    rules: KeyRules = RULES,
) -> IssuedKey:
    with database.write() as db:
        return credentials.create_key(db, by, name=name, role=role, lifetime_s=lifetime_s, rules=rules)


class TestCreatingAKey:
    def test_returns_the_secret_whose_digest_is_kept(self, database: Database, home: OrgId) -> None:
        issued = create(database, somebody(home))
        (digest,) = MINT.digests(parse_presented(issued.secret, MINT.prefix))
        with database.read() as db:
            kept = db.execute(select(credential.c.digest).where(credential.c.id == issued.id)).scalar_one()
        assert kept == digest.value

    @pytest.mark.parametrize(("lifetime_s", "expires_at"), [(0, None), (60, NOON + 60)])
    def test_lets_it_expire_as_asked(
        self, database: Database, home: OrgId, lifetime_s: int, expires_at: int | None
    ) -> None:
        issued = create(database, somebody(home), lifetime_s=lifetime_s)
        with database.read() as db:
            key = credentials.find_key(db, somebody(home), issued.id)
        assert (key.created_at, key.expires_at) == (NOON, expires_at)

    def test_is_recorded(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            by = through(home, an_api_key(db, home, name="maker"))
        issued = create(database, by, role=Role.EDITOR, lifetime_s=60)
        with database.read() as db:
            ((change, _),) = log.list_changes(db)
            assert log.find_access_epoch(db) == 1
        assert (change.action, change.org, change.at) == ("apikey.create", home, NOON)
        assert (change.target_kind, change.target_id, change.target_name) == ("apikey", str(issued.id), "ci")
        assert change.detail == {"role": "Editor", "expires_at": NOON + 60}
        assert change.actor.credential_id == by.credential_id
        assert (change.address, change.request_id) == (by.origin.address, by.origin.request_id)

    @pytest.mark.parametrize("own", Role)
    @pytest.mark.parametrize("wanted", Role)
    def test_is_allowed_up_to_ones_own_role(
        self, database: Database, home: OrgId, own: Role, wanted: Role
    ) -> None:
        ascending = [Role.VIEWER, Role.EDITOR, Role.ADMIN]
        by = somebody(home, role=own)
        if ascending.index(wanted) <= ascending.index(own):
            create(database, by, role=wanted)
        else:
            with pytest.raises(RoleAboveOwn):
                create(database, by, role=wanted)

    @pytest.mark.parametrize(
        ("error", "changed"),
        [
            (RoleAboveOwn, {"role": Role.ADMIN, "rules": LIMITED, "name": "taken"}),
            (LifetimeMissing, {"rules": LIMITED, "name": "taken"}),
            (LifetimeAboveLimit, {"rules": LIMITED, "name": "taken", "lifetime_s": 3601}),
            (ApiKeyNameTaken, {"name": "taken", "lifetime_s": -1}),
            (ApiKeyNameTaken, {"name": "taken", "lifetime_s": -1, "rules": LIMITED}),
            (LifetimeNegative, {"lifetime_s": -1}),
        ],
    )
    def test_tells_the_first_thing_that_is_wrong(
        self,
        database: Database,
        home: OrgId,
        unchanged: Unchanged,
        error: type[KeysteadError],
        changed: dict[str, object],
    ) -> None:
        by = somebody(home, role=Role.EDITOR)
        create(database, by, name="taken")
        with unchanged(), pytest.raises(error):
            create(database, by, **changed)  # type: ignore[arg-type] # one table for several arguments

    def test_takes_a_name_that_another_organization_has(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            an_api_key(db, an_org(db, name="other"), name="ci")
        assert create(database, somebody(home), name="ci").name == "ci"

    def test_is_refused_where_there_is_no_organization(
        self, database: Database, home: OrgId, unchanged: Unchanged
    ) -> None:
        with unchanged():
            with pytest.raises(PermissionMissing):
                create(database, somebody(None, role=None))
            with pytest.raises(OrgNotFound):
                create(database, somebody(OrgId(home + 1)))


class TestCreatingKeysAtOnce:
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

    def test_of_one_name_makes_one(self, database: Database, home: OrgId) -> None:
        by = somebody(home)

        def attempt(_number: int) -> str:
            try:
                return str(create(database, by).id)
            except ApiKeyNameTaken:
                return "taken"

        with ThreadPoolExecutor(64) as threads:
            outcomes = list(threads.map(attempt, range(64)))
        assert outcomes.count("taken") == 63
        with database.read() as db:
            keys = credentials.list_keys(db, by, include_expired=True, clock=NOW)
            assert [str(key.id) for key in keys] == [outcome for outcome in outcomes if outcome != "taken"]
            assert len(list(log.list_changes(db))) == 1

    def test_of_several_names_makes_them_all(self, database: Database, home: OrgId) -> None:
        by = somebody(home)
        with ThreadPoolExecutor(16) as threads:
            list(threads.map(lambda number: create(database, by, name=f"{number}"), range(16)))
        with database.read() as db:
            assert len(credentials.list_keys(db, by, include_expired=True, clock=NOW)) == 16
            assert [change.id for change, _ in log.list_changes(db)] == list(range(1, 17))


class TestListingKeys:
    def test_shows_the_living_ones_or_all(self, database: Database, home: OrgId) -> None:
        by = somebody(home)
        with database.write() as db:
            an_api_key(db, home, name="dead", expires_at=NOON)
            an_api_key(db, home, name="alive", expires_at=NOON + 1)
            for include_expired, names in ((False, ["alive"]), (True, ["alive", "dead"])):
                keys = credentials.list_keys(db, by, include_expired=include_expired, clock=NOW)
                assert [key.name for key in keys] == names

    @pytest.mark.parametrize(
        ("scopes", "names"),
        [
            (["*"], ["a", "b"]),
            (["apikeys:*"], ["a", "b"]),
            (["apikeys:id:*"], ["a", "b"]),
            (["apikeys:id:{b}"], ["b"]),
            (["apikeys:id:0", "apikeys:id:99999999999999999999"], []),
            (["apikeys:name:a", "serviceaccounts:*", ""], []),
            ([], []),
        ],
        ids=str,
    )
    def test_shows_what_the_caller_may_read(
        self, database: Database, home: OrgId, scopes: list[str], names: list[str]
    ) -> None:
        with database.write() as db:
            an_api_key(db, home, name="a")
            b = an_api_key(db, home, name="b")
            permissions = [Permission(READ, scope.format(b=b)) for scope in scopes]
            by = somebody(home, permissions=permissions)
            keys = credentials.list_keys(db, by, include_expired=True, clock=NOW)
            page = credentials.list_key_page(db, by, PageAsked(), clock=NOW)
        assert [key.name for key in keys] == names
        assert [key.name for key in page.keys] == names
        assert page.shown == len(names)


class TestAPageOfKeys:
    def names(self, page: FoundKeys) -> list[str]:
        return [key.name for key in page.keys]

    def fill(self, db: Connection, org: OrgId, count: int, *, prefix: str = "key") -> list[str]:
        names = [f"{prefix}{number:03}" for number in range(count)]
        for name in names:
            an_api_key(db, org, name=name)
        return names

    @pytest.mark.parametrize("sort", ["", "-name", "created", "-expires", "nonsense"])
    def test_leads_forth_and_back_through_all_of_them(
        self, database: Database, home: OrgId, sort: str
    ) -> None:
        by = somebody(home)
        with database.write() as db:
            names = self.fill(db, home, 120)
            first = credentials.list_key_page(db, by, PageAsked(sort=sort), clock=NOW)
            second = credentials.list_key_page(db, by, PageAsked(sort=sort, after=first.after), clock=NOW)
            third = credentials.list_key_page(db, by, PageAsked(sort=sort, after=second.after), clock=NOW)
            back = credentials.list_key_page(db, by, PageAsked(sort=sort, before=third.before), clock=NOW)
            front = credentials.list_key_page(db, by, PageAsked(sort=sort, before=back.before), clock=NOW)
        assert [len(page.keys) for page in (first, second, third)] == [50, 50, 20]
        seen = [name for page in (first, second, third) for name in self.names(page)]
        assert seen == (names[::-1] if sort.startswith("-") else names)
        assert (first.before, third.after) == ("", "")
        assert (back, front) == (second, first)
        assert first.shown == 120

    def test_alone_leads_nowhere(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            self.fill(db, home, 50)
            page = credentials.list_key_page(db, somebody(home), PageAsked(), clock=NOW)
        assert (len(page.keys), page.before, page.after) == (50, "", "")

    def test_is_the_first_one_for_a_place_that_makes_no_sense(self, database: Database, home: OrgId) -> None:
        by = somebody(home)
        with database.write() as db:
            self.fill(db, home, 60)
            first = credentials.list_key_page(db, by, PageAsked(), clock=NOW)
            last = credentials.list_key_page(db, by, PageAsked(after=first.after), clock=NOW)
            elsewhere = credentials.list_key_page(db, by, PageAsked(sort="-name"), clock=NOW).after
            for asked in (
                PageAsked(after="nonsense"),
                PageAsked(before="nonsense"),
                PageAsked(after=elsewhere),
            ):
                assert credentials.list_key_page(db, by, asked, clock=NOW) == first
            for key in last.keys:
                credentials.delete_key(db, by, key.id, clock=NOW)
            gone = credentials.list_key_page(db, by, PageAsked(after=first.after), clock=NOW)
        assert (gone.keys, gone.before, gone.after) == (first.keys, "", "")

    def test_survives_the_deletion_of_the_row_it_begins_behind(self, database: Database, home: OrgId) -> None:
        by = somebody(home)
        with database.write() as db:
            names = self.fill(db, home, 60)
            first = credentials.list_key_page(db, by, PageAsked(), clock=NOW)
            credentials.delete_key(db, by, first.keys[-1].id, clock=NOW)
            second = credentials.list_key_page(db, by, PageAsked(after=first.after), clock=NOW)
        assert self.names(second) == names[50:]

    def test_tells_how_many_match_and_how_many_expired_ones_do(self, database: Database, home: OrgId) -> None:
        by = somebody(home)
        with database.write() as db:
            self.fill(db, home, 2)
            an_api_key(db, home, name="old key", expires_at=NOON)
            an_api_key(db, home, name="old other", expires_at=NOON)
            page = credentials.list_key_page(db, by, PageAsked(query="KEY"), clock=NOW)
            whole = credentials.list_key_page(db, by, PageAsked(query="KEY", include_expired=True), clock=NOW)
            none = credentials.list_key_page(db, by, PageAsked(query="nothing"), clock=NOW)
        assert (self.names(page), page.shown, page.hidden_expired) == (["key000", "key001"], 2, 1)
        assert (whole.shown, whole.hidden_expired) == (3, 0)
        assert (none.keys, none.shown, none.has_any, none.has_only_expired) == ((), 0, True, False)

    def test_shows_expired_ones_unasked_where_there_are_no_others(
        self, database: Database, home: OrgId
    ) -> None:
        by = somebody(home)
        with database.write() as db:
            empty = credentials.list_key_page(db, by, PageAsked(), clock=NOW)
            an_api_key(db, home, name="dead", expires_at=NOON)
            page = credentials.list_key_page(db, by, PageAsked(), clock=NOW)
        assert (empty.has_any, empty.has_only_expired) == (False, False)
        assert (self.names(page), page.has_only_expired, page.hidden_expired) == (["dead"], True, 0)

    def test_reads_no_more_rows_than_it_shows_and_one(self, database: Database, home: OrgId) -> None:
        by, statements = somebody(home), []

        def executed(*arguments: object) -> None:
            statements.append(arguments[2])

        with database.write() as db:
            self.fill(db, home, 60)
            event.listen(database.reader, "before_cursor_execute", executed)
            page = credentials.list_key_page(db, by, PageAsked(query="key", sort="-expires"), clock=NOW)
        assert (len(page.keys), len(statements)) == (50, 3)


class TestFindingAKey:
    def test_tells_who_made_it(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            maker = an_api_key(db, home, name="maker")
            by = through(home, maker)
            made = an_api_key(db, home, name="made", by=by)
            assert credentials.get_maker_name_or_none(db, by, made) == "maker"

    def test_is_refused_in_another_organization(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            key_id = an_api_key(db, home)
            elsewhere = somebody(an_org(db, name="other"))
            with pytest.raises(ApiKeyNotFound):
                credentials.find_key(db, elsewhere, key_id)
            assert credentials.get_maker_name_or_none(db, elsewhere, key_id) is None


class TestDeletingAKey:
    def test_frees_its_name_and_is_recorded(self, database: Database, home: OrgId) -> None:
        by = somebody(home)
        issued = create(database, by)
        with database.write() as db:
            credentials.delete_key(db, by, issued.id, clock=frozen_clock(NOON + 9))
            changes = [change for change, _ in log.list_changes(db)]
            assert log.find_access_epoch(db) == 2
        deleted = changes[-1]
        assert (deleted.action, deleted.at, deleted.target_name) == ("apikey.delete", NOON + 9, "ci")
        assert create(database, by).id > issued.id

    def test_is_refused_for_a_foreign_or_unknown_one(
        self, database: Database, home: OrgId, unchanged: Unchanged
    ) -> None:
        with database.write() as db:
            foreign = an_api_key(db, an_org(db, name="other"))
        for key_id in (foreign, CredentialId(0)):
            with unchanged(), pytest.raises(ApiKeyNotFound), database.write() as db:
                credentials.delete_key(db, somebody(home), key_id, clock=NOW)


def test_no_change_holds_a_secret(database: Database, home: OrgId) -> None:
    issued = create(database, somebody(home))
    with database.read() as db:
        told = [(change.target_name, json.dumps(dict(change.detail))) for change, _ in log.list_changes(db)]
    assert all(issued.secret.reveal() not in text and "canary" not in text for row in told for text in row)
