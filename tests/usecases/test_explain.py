"""Why somebody may, who may ask, and what the asking person could change."""

from dataclasses import replace

import pytest

from keystead.core.access.errors import PermissionMissing, SubjectNotFound
from keystead.core.access.explanation import Named, WayKind, named_of
from keystead.core.access.given import Source
from keystead.core.access.permission import Permission
from keystead.core.access.principal import Principal, PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.credentials.errors import CredentialBudgetSpent, CredentialUnknown
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.core.sessions.throttle import CREDENTIAL_LIMIT
from keystead.storage.engine import Database
from keystead.usecases.explain import (
    Answer,
    compare_two,
    explain_pasted,
    explain_permission,
    find_held,
    find_pasted,
    search,
)
from tests.coroutines import awaited
from tests.doors import HOME, House
from tests.makers import (
    a_person,
    a_principal,
    a_service_account,
    a_token_with_secret,
    an_api_key,
    an_api_key_with_secret,
    an_org,
    as_person,
)
from tests.rights import a_level, a_role, a_team, an_assignment

READ, WRITE, DELETE = "serviceaccounts:read", "serviceaccounts:write", "serviceaccounts:delete"


def user(id_: int) -> Named:
    return Named(PrincipalKind.USER, id_)


def machine(id_: int) -> Named:
    return Named(PrincipalKind.SERVICE_ACCOUNT, id_)


def key(id_: int) -> Named:
    return Named(PrincipalKind.API_KEY, id_)


def a_caller(home: OrgId | None, role: Role | None = Role.ADMIN, *rights: tuple[str, str]) -> Principal:
    """Return the principal of a key that is not in the database; with rights, with exactly these."""
    permissions = [Permission(*right) for right in rights] or None
    return replace(a_principal(home, role=role, permissions=permissions), credential_id=CredentialId(999))


@pytest.fixture
def home(database: Database) -> OrgId:
    with database.write() as db:
        return an_org(db)


@pytest.fixture
def ci(database: Database, home: OrgId) -> AccountId:
    with database.write() as db:
        return a_service_account(db, home, name="ci")


@pytest.fixture
def admin(home: OrgId) -> Principal:
    return a_caller(home)


def asked(
    database: Database, by: Principal, named: Named | None, action: str, scope: str
) -> tuple[Answer, list[tuple[WayKind, str]]]:
    with database.write() as db:
        answer = explain_permission(db, by, named, Permission(action, scope))
    return answer, [(way.kind, way.level or way.role_uid) for way in answer.ways]


class TestAsking:
    def test_about_oneself_needs_no_right(self, database: Database, home: OrgId) -> None:
        viewer = a_caller(home, Role.VIEWER)
        for named in (None, named_of(viewer)):
            answer, ways = asked(database, viewer, named, READ, "serviceaccounts:*")
            assert (answer.of.login, answer.explanation.is_allowed, ways) == ("caller", False, [])

    def test_works_in_no_organization_about_oneself_alone(self, database: Database, ci: AccountId) -> None:
        nowhere = a_caller(None, None)
        answer, ways = asked(database, nowhere, None, "orgs:create", "")
        assert (answer.explanation.decided_by, ways) == (None, [])
        with pytest.raises(PermissionMissing):
            asked(database, nowhere, machine(ci), READ, "")

    def test_about_others_needs_a_right_on_them(self, database: Database, home: OrgId, ci: AccountId) -> None:
        with database.write() as db:
            some_key = an_api_key(db, home)
        by = a_caller(home, Role.VIEWER, ("users.permissions:read", f"users:id:{ci}"))
        assert asked(database, by, machine(ci), READ, "")[0].of.login == "sa-ci"
        for named, action in (
            (user(ci + 1), "users.permissions:read"),
            (key(some_key + 1), "apikeys:read"),
        ):
            with pytest.raises(PermissionMissing) as refused:
                asked(database, by, named, READ, "")
            assert (refused.value.needed, refused.value.asked[0]) == (action, action)

    def test_finds_nobody_of_another_organization(
        self, database: Database, admin: Principal, ci: AccountId
    ) -> None:
        with database.write() as db:
            other = an_org(db, name="Other")
            foreign = (
                user(a_person(db, other, login="stranger")),
                machine(a_service_account(db, other, name="theirs")),
                key(an_api_key(db, other, name="theirs") + 1),
                user(ci),
            )
        for named in foreign:
            with pytest.raises(SubjectNotFound):
                asked(database, admin, named, READ, "")


class TestTheAnswer:
    def test_names_the_grant_that_decides(self, database: Database, home: OrgId, admin: Principal) -> None:
        with database.write() as db:
            alice = a_person(db, home, login="alice", role=Role.VIEWER)
            ci = a_service_account(db, home, name="ci")
            team = a_team(db, home, alice)
            a_level(db, home, "Edit", ("serviceaccounts", str(ci)), team=team)
        answer, ways = asked(database, admin, user(alice), WRITE, f"serviceaccounts:id:{ci}")
        by = answer.explanation.decided_by
        assert by is not None
        assert (by.source, by.via, ways) == (Source.MANAGED, f"team:{team}", [])

    def test_tells_what_else_decides_about_a_key(
        self, database: Database, home: OrgId, admin: Principal
    ) -> None:
        with database.write() as db:
            old = an_api_key(db, home, name="old", role=Role.EDITOR, expires_at=77)
        answer, _ways = asked(database, admin, key(old), READ, "")
        assert (answer.of.login, answer.of.expires_at, answer.of.revoked_at) == ("old", 77, None)


class TestWhatCouldBeChanged:
    def test_is_a_level_then_a_role_then_the_basic_role(
        self, database: Database, home: OrgId, ci: AccountId, admin: Principal
    ) -> None:
        with database.write() as db:
            own = a_role(db, home, (DELETE, f"serviceaccounts:id:{ci}"), name="own")
        assert own
        _answer, ways = asked(database, admin, machine(ci), DELETE, f"serviceaccounts:id:{ci}")
        assert ways[:2] == [(WayKind.LEVEL, "Admin"), (WayKind.ROLE, "own")]
        assert ways[-1] == (WayKind.BASIC, "basic_admin")
        assert len(ways) == 4

    @pytest.mark.parametrize("scope", ["serviceaccounts:id:999", "serviceaccounts:id:+1", "teams:id:999"])
    def test_is_no_level_on_what_is_not_there(
        self, database: Database, ci: AccountId, admin: Principal, scope: str
    ) -> None:
        action = f"{scope.partition(':')[0]}:delete"
        _answer, ways = asked(database, admin, machine(ci), action, scope)
        assert WayKind.LEVEL not in {kind for kind, _what in ways}

    def test_is_no_level_where_those_are_given_elsewhere(
        self, database: Database, ci: AccountId, admin: Principal
    ) -> None:
        _answer, ways = asked(database, admin, machine(ci), "folders:write", "folders:uid:7")
        assert WayKind.LEVEL not in {kind for kind, _what in ways}

    def test_is_no_more_than_the_asker_may_give(self, database: Database, home: OrgId, ci: AccountId) -> None:
        """Levels may be given where all that they permit is held, and roles where those may be delegated."""
        scope = f"serviceaccounts:id:{ci}"
        rights = [("users.permissions:read", "users:*"), ("serviceaccounts.permissions:write", scope)]
        rights += [(READ, scope), (WRITE, scope)]
        by = a_caller(home, Role.VIEWER, *rights)
        assert asked(database, by, machine(ci), READ, scope)[1] == [(WayKind.LEVEL, "Edit")]
        assert asked(database, by, machine(ci), DELETE, scope)[1] == []
        rights += [("users.roles:add", "permissions:type:delegate"), ("roles:read", "roles:*")]
        by = a_caller(home, Role.VIEWER, *rights)
        assert asked(database, by, machine(ci), READ, scope)[1] == [(WayKind.LEVEL, "Edit")]

    def test_is_a_level_on_a_team_too(self, database: Database, home: OrgId, admin: Principal) -> None:
        with database.write() as db:
            alice = a_person(db, home, login="alice", role=Role.VIEWER)
            team = a_team(db, home)
        _answer, ways = asked(database, admin, user(alice), "teams:write", f"teams:id:{team}")
        assert ways[0] == (WayKind.LEVEL, "Admin")
        assert ways[-1] == (WayKind.BASIC, "basic_admin")

    def test_of_a_key_is_another_key(self, database: Database, home: OrgId, admin: Principal) -> None:
        with database.write() as db:
            old = an_api_key(db, home, name="old", role=Role.VIEWER)
        answer, ways = asked(database, admin, key(old), READ, "serviceaccounts:*")
        assert ways == [(WayKind.BASIC, "basic_admin")]
        assert "Create an API key" in answer.ways[0].text
        editor = a_caller(home, Role.EDITOR, ("apikeys:read", "apikeys:*"))
        assert asked(database, editor, key(old), READ, "serviceaccounts:*")[1] == []

    def test_is_nothing_for_what_no_role_of_an_organization_has(
        self, database: Database, admin: Principal, ci: AccountId
    ) -> None:
        assert asked(database, admin, machine(ci), "orgs:create", "")[1] == []

    @pytest.mark.parametrize("is_server_admin", [True, False])
    def test_is_a_basic_role_above_ones_own_for_server_admins_alone(
        self, database: Database, home: OrgId, *, is_server_admin: bool
    ) -> None:
        with database.write() as db:
            alice = a_person(db, home, login="alice")
        rights = (("users.permissions:read", "users:*"), ("org.users:write", "users:*"))
        by = replace(a_caller(home, Role.VIEWER, *rights), is_server_admin=is_server_admin)
        expected = [(WayKind.BASIC, "basic_admin")] if is_server_admin else []
        assert asked(database, by, user(alice), "apikeys:create", "")[1] == expected

    def test_is_no_basic_role_for_whoever_is_no_member(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            root = as_person(db, a_person(db, login="root", is_server_admin=True), home)
            assert find_held(db, root, None).of.subject.is_server_admin
        _answer, ways = asked(database, root, None, "shop:sell", "")
        assert ways == []


class TestComparing:
    def test_tells_what_only_one_of_them_may(
        self, database: Database, home: OrgId, ci: AccountId, admin: Principal
    ) -> None:
        with database.write() as db:
            more = a_service_account(db, home, name="more")
            an_assignment(db, home, a_role(db, home, ("shop:sell", "orders:id:1")), account=more)
            one, other, told = compare_two(db, admin, machine(ci), machine(more))
        assert (one.login, other.login) == ("sa-ci", "sa-more")
        assert told.only_first == ()
        assert told.only_second == (Permission("shop:sell", "orders:id:1"),)
        assert told.both


class TestSearching:
    def test_finds_only_whom_one_may_ask_about(
        self, database: Database, home: OrgId, ci: AccountId, admin: Principal
    ) -> None:
        with database.write() as db:
            a_person(db, an_org(db, name="Other"), login="ci-stranger")
            person = a_person(db, home, login="ci-person")
            some_key = an_api_key(db, home, name="ci")
            found = search(db, admin, "ci")
            assert found[0] == (key(some_key), "ci")
            assert {named for named, _login in found} == {key(some_key), machine(ci), user(person)}
            narrow = a_caller(home, Role.ADMIN, ("users.permissions:read", f"users:id:{ci}"))
            assert search(db, narrow, "ci") == [(machine(ci), "sa-ci")]


class TestAPastedSecret:
    def test_is_told_good_or_not_and_counts_as_a_failure_when_unknown(self, house: House) -> None:
        other = house.an_org()
        with house.database.write() as db:
            owner = a_service_account(db, HOME, name="ci")
            token, secret = a_token_with_secret(db, HOME, owner)
            _id, old = an_api_key_with_secret(db, HOME, name="old", expires_at=5)
            _other, foreign = an_api_key_with_secret(db, other, name="theirs")
        assert token
        verifier, by = house.deps.verifier, a_principal(HOME)
        pasted = awaited(find_pasted(verifier, by, secret))
        assert (pasted.named, pasted.expires_at) == (machine(owner), None)
        expired = awaited(find_pasted(verifier, by, old))
        assert (expired.named.kind, expired.name, expired.expires_at) == (PrincipalKind.API_KEY, "old", 5)
        with house.database.read() as db:
            answer = explain_pasted(db, a_principal(HOME, permissions=[]), pasted.named, Permission(READ, ""))
        assert answer.of.login == "sa-ci"
        for _ in range(CREDENTIAL_LIMIT.most):
            with pytest.raises(CredentialUnknown):
                awaited(find_pasted(verifier, by, foreign))
        with pytest.raises(CredentialBudgetSpent):
            awaited(find_pasted(verifier, by, Secret("garbage")))
