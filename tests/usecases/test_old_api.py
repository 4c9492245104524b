from dataclasses import replace

from keystead.core.access.permission import Permission
from keystead.core.access.principal import Origin, Principal, PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId
from keystead.core.usage.old_api import CallBuffer
from keystead.core.usage.span import DAY_S
from keystead.storage.engine import Database
from keystead.usecases import old_api
from keystead.usecases.old_api import CallWriter
from keystead.usecases.usage import FORGOTTEN_AT_ONCE
from tests.doors import Ticking
from tests.makers import a_principal, an_org
from tests.usecases.test_usage import Away

ROUTE = "/api/auth/keys"
ORIGIN = Origin("192.0.2.1", "r1", "curl/8", f"GET {ROUTE}")


def a_person(org: OrgId | None) -> Principal:
    return replace(
        a_principal(org),
        kind=PrincipalKind.USER,
        account_id=AccountId(3),
        credential_id=None,
        login="alice",
        name="Alice",
        origin=ORIGIN,
    )


def a_key(org: OrgId) -> Principal:
    return replace(a_principal(org), credential_id=CredentialId(7), name="ci", origin=ORIGIN)


def a_reader_of(key_id: int, org: OrgId) -> Principal:
    return a_principal(
        org, role=Role.VIEWER, permissions=[Permission("apikeys:read", f"apikeys:id:{key_id}")]
    )


def listed(database: Database, by: Principal, clock: Ticking) -> list[tuple[str, int, str, int]]:
    with database.read() as db:
        found = old_api.list_callers(db, by, now=clock())
    return [(who.kind, who.id, calls.name, calls.count) for who, calls in found]


class TestWritingCalls:
    def test_tells_who_called_in_their_organization(self, database: Database) -> None:
        clock = Ticking()
        writer = CallWriter(CallBuffer(), database.write, clock)
        with database.write() as db:
            home, other = an_org(db), an_org(db, name="other")
        person, key = a_person(home), a_key(home)
        for by in (person, key, key, a_person(other), a_person(None)):
            writer.count(by, "GET", ROUTE)
        writer.count(key, "GET", "/api/org")
        assert writer.flush()
        assert listed(database, person, clock) == [
            ("apikey", 7, "ci", 2),
            ("user", 3, "alice", 1),
        ]

    def test_leaves_out_organizations_that_are_gone(self, database: Database) -> None:
        clock = Ticking()
        writer = CallWriter(CallBuffer(), database.write, clock)
        with database.write() as db:
            home = an_org(db)
        for org in (OrgId(99), home):
            writer.count(a_person(org), "GET", ROUTE)
        assert writer.flush()
        assert len(listed(database, a_person(home), clock)) == 1
        writer.count(a_person(OrgId(99)), "GET", ROUTE)
        assert writer.flush()

    def test_loses_nothing_while_the_database_is_away(self, database: Database) -> None:
        clock, buffer = Ticking(), CallBuffer()
        with database.write() as db:
            home = an_org(db)
        away = CallWriter(buffer, Away, clock)
        away.count(a_person(home), "GET", ROUTE)
        assert not away.flush()
        assert not away.forget_some()
        assert CallWriter(buffer, database.write, clock).flush()
        assert len(listed(database, a_person(home), clock)) == 1


class TestListingCallers:
    def test_ends_after_thirty_days_and_so_does_what_is_kept(self, database: Database) -> None:
        clock = Ticking()
        writer = CallWriter(CallBuffer(), database.write, clock)
        with database.write() as db:
            home = an_org(db)
        for number in range(FORGOTTEN_AT_ONCE):
            writer.count(a_person(home), f"M{number}", ROUTE)
        writer.flush()
        clock.advance(29 * DAY_S)
        writer.count(a_person(home), "GET", ROUTE)
        writer.flush()
        assert writer.forget_some()
        assert len(listed(database, a_person(home), clock)) == FORGOTTEN_AT_ONCE + 1
        clock.advance(DAY_S)
        assert len(listed(database, a_person(home), clock)) == 1
        clock.advance(DAY_S)
        assert not writer.forget_some()
        assert writer.forget_some()

    def test_tells_keys_alone_to_whoever_may_read_only_some_keys(self, database: Database) -> None:
        clock = Ticking()
        writer = CallWriter(CallBuffer(), database.write, clock)
        with database.write() as db:
            home = an_org(db)
        for by in (a_person(home), a_key(home)):
            writer.count(by, "GET", ROUTE)
        writer.flush()
        assert listed(database, a_reader_of(7, home), clock) == [("apikey", 7, "ci", 1)]
        assert listed(database, a_reader_of(8, home), clock) == []
