import pytest
from sqlalchemy import Connection

from keystead.core.access.given import NO_ACCOUNT, Source, Subject
from keystead.core.access.permission import Permission
from keystead.core.access.principal import Origin
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.model import OrgId
from keystead.storage.engine import Database
from keystead.usecases.grants import basic_grants, grants_of, list_given, list_grants
from tests.coroutines import awaited
from tests.doors import HOME, House
from tests.makers import a_service_account, a_token_with_secret, an_org, as_person
from tests.rights import a_level, a_role, a_team, an_assignment

SELL = Permission("shop:sell", "orders:id:1")


@pytest.fixture
def home(database: Database) -> OrgId:
    with database.write() as db:
        return an_org(db)


def a_seller(db: Connection, home: OrgId, name: str) -> AccountId:
    seller = a_service_account(db, home, name=name)
    an_assignment(db, home, a_role(db, home, SELL), account=seller)
    return seller


class TestWhatSomebodyMay:
    def test_is_what_their_basic_role_gives_and_what_they_were_given(
        self, database: Database, home: OrgId
    ) -> None:
        with database.write() as db:
            ci = a_seller(db, home, "ci")
            a_level(db, home, "Edit", ("serviceaccounts", "7"), account=ci)
            grants = grants_of(db, Subject(ci, home, Role.VIEWER))
        assert {*grants} == {
            *basic_grants(Role.VIEWER, is_server_admin=False),
            SELL,
            Permission("serviceaccounts:read", "serviceaccounts:id:7"),
            Permission("serviceaccounts:write", "serviceaccounts:id:7"),
        }

    def test_is_compiled_once_for_all_who_may_the_same(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            one, other = (a_seller(db, home, name) for name in ("one", "other"))
            grants = grants_of(db, Subject(one, home, Role.VIEWER))
            assert grants_of(db, Subject(other, home, Role.VIEWER)) is grants
            assert grants_of(db, Subject(NO_ACCOUNT, home, Role.VIEWER)) is basic_grants(
                Role.VIEWER, is_server_admin=False
            )

    def test_is_listed_with_where_it_comes_from(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            ci = a_seller(db, home, "ci")
            team = a_team(db, home, ci)
            an_assignment(db, home, "fixed:teams:creator", team=team)
            subject = Subject(ci, home, Role.VIEWER)
            told = list_grants(db, subject)
            assert {grant.permission for grant in told} == {*grants_of(db, subject)}
            assert {*list_given(db, subject)} == {
                grant.permission for grant in told if grant.source is not Source.BASIC
            }
        assert {(grant.source.value, grant.via) for grant in told} == {
            ("basic", "basic:Viewer"),
            ("custom", "self"),
            ("fixed", f"team:{team}"),
            ("managed", "self"),
        }


class TestAPrincipal:
    def test_may_the_same_by_token_and_by_name(self, house: House) -> None:
        with house.database.write() as db:
            ci = a_service_account(db, HOME, role=Role.EDITOR)
            _id, secret = a_token_with_secret(db, HOME, ci)
            an_assignment(db, HOME, a_role(db, HOME, SELL), account=ci)
            an_assignment(db, HOME, "fixed:teams:creator", basic_role=Role.VIEWER)
            a_level(db, HOME, "View", ("folders", "f"), basic_role=Role.EDITOR)
            expected = grants_of(db, Subject(ci, HOME, Role.EDITOR))
        by = awaited(house.deps.verifier.find_principal(secret, Origin()))
        assert by.grants.as_mapping() == expected.as_mapping()
        assert by.grants.allows(*SELL)
        assert by.grants.allows("teams:create", "")
        assert by.grants.allows("folders:read", "folders:uid:f")

    def test_who_is_a_person_may_what_they_were_given_where_they_are(self, house: House) -> None:
        alice = house.a_member(Role.VIEWER, login="alice")
        elsewhere = house.an_org()
        with house.database.write() as db:
            an_assignment(db, HOME, a_role(db, HOME, SELL), account=alice)
            assert as_person(db, alice).grants.allows(*SELL)
            assert not as_person(db, alice, elsewhere).grants.allows(*SELL)
