from sqlalchemy import Connection

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.member import Member, OrgOfUser
from keystead.core.orgs.model import OrgId
from keystead.storage import accounts, memberships, migration, orgs
from keystead.storage.engine import Database
from keystead.storage.people_filter import EVERYBODY, PeopleFilter
from tests.makers import NOON, a_machine, a_person, an_org

UNKNOWN = AccountId(2**62)


def logins(
    db: Connection, org: OrgId, which: PeopleFilter = EVERYBODY, *, offset: int = 0, limit: int | None = None
) -> list[str]:
    members = memberships.list_members(db, org, which, offset=offset, limit=limit)
    assert limit is not None or len(members) + offset == memberships.count_members(db, org, which)
    return [member.login for member in members]


class TestListingMembers:
    def test_shows_them_by_email_then_login(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            for login, email in (("c", "a@x"), ("a", "b@x"), ("b", "A@y")):
                a_person(db, org, login=login, email=email)
            assert logins(db, org) == ["b", "c", "a"]
            assert logins(db, org, offset=1) == ["c", "a"]
            assert logins(db, org, offset=1, limit=1) == ["c"]

    def test_shows_nobody_of_another_organization_and_no_machine(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            a_person(db, other)
            memberships.add_membership(db, org, a_machine(db), role=Role.ADMIN, at=NOON)
            assert logins(db, org) == []

    def test_finds_a_part_of_a_name_in_any_case(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            alice = a_person(db, org, login="Älice")
            a_person(db, org, login="bob")
            assert logins(db, org, PeopleFilter("äL")) == ["Älice"]
            assert logins(db, org, PeopleFilter("%")) == []
            assert logins(db, org, PeopleFilter(only=frozenset({alice}))) == ["Älice"]


class TestAMember:
    def test_is_a_person_in_an_organization(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            alice = a_person(db, org, login="alice", name="Alice", role=Role.EDITOR)
            assert memberships.get_member_or_none(db, org, alice) == Member(
                org=org,
                id=alice,
                login="alice",
                email="alice@example.com",
                name="Alice",
                role=Role.EDITOR,
                is_server_admin=False,
                is_disabled=False,
                created_at=NOON,
                last_seen_at=None,
            )

    def test_is_nobody_from_elsewhere_and_no_machine(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            bob, ci = a_person(db, other), a_machine(db)
            memberships.add_membership(db, org, ci, role=Role.ADMIN, at=NOON)
            assert memberships.get_member_or_none(db, org, bob) is None
            assert memberships.get_member_or_none(db, org, ci) is None
            assert memberships.get_role_or_none(db, org, bob) is None
            assert memberships.get_role_or_none(db, org, ci) is Role.ADMIN
            assert memberships.get_role_or_none(db, OrgId(2**62), UNKNOWN) is None

    def test_is_changed_and_removed_in_one_organization(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            alice = a_person(db, org)
            memberships.add_membership(db, other, alice, role=Role.EDITOR, at=NOON)
            memberships.set_role(db, org, alice, Role.ADMIN)
            assert memberships.list_orgs_of(db, alice) == [
                OrgOfUser(org, "Main Org.", Role.ADMIN),
                OrgOfUser(other, "other", Role.EDITOR),
            ]
            memberships.delete_membership(db, org, alice)
            migration.set_hidden(db, other, at=NOON)
            assert memberships.list_orgs_of(db, alice) == [
                OrgOfUser(other, "other", Role.EDITOR, hides_api_keys=True)
            ]


class TestTheOnlyAdmin:
    def test_has_no_other_person_beside(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            alice = a_person(db, org, role=Role.ADMIN)
            a_person(db, other, login="elsewhere", role=Role.ADMIN)
            memberships.add_membership(db, org, a_machine(db), role=Role.ADMIN, at=NOON)
            assert memberships.is_only_admin(db, org, alice)
            bob = a_person(db, org, login="bob", role=Role.ADMIN)
            accounts.set_disabled(db, bob, is_disabled=True, at=NOON)
            assert not memberships.is_only_admin(db, org, alice)


class TestDeletingTheMachines:
    def test_leaves_people_and_other_organizations(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            alice, ours, theirs = a_person(db, org), a_machine(db), a_machine(db, login="sa-other")
            memberships.add_membership(db, org, ours, role=Role.ADMIN, at=NOON)
            memberships.add_membership(db, other, theirs, role=Role.ADMIN, at=NOON)
            memberships.delete_service_accounts(db, org)
            orgs.delete_org(db, org)
            assert memberships.get_role_or_none(db, other, theirs) is Role.ADMIN
            assert accounts.find_user(db, alice).active_org is None
            assert memberships.list_orgs_of(db, alice) == []
