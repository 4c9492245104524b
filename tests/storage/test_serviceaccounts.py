from dataclasses import replace

import pytest
from sqlalchemy import Connection, delete, select

from keystead.core.access.roles import Role
from keystead.core.accounts.errors import ServiceAccountLoginTaken, ServiceAccountNotFound
from keystead.core.accounts.listing import UNUSED_S, Shown, place_of_account
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.core.usage.model import LastUse
from keystead.storage import orgs
from keystead.storage import serviceaccounts as rows
from keystead.storage.engine import Database
from keystead.storage.schema import account, credential, membership
from keystead.storage.serviceaccounts import AccountFilter
from keystead.storage.usage import set_last_use
from tests.makers import NOON, a_person, a_service_account, a_token, an_org

ALL = AccountFilter(NOON)
LATER = UnixSeconds(NOON + 60)


def logins(db: Connection, org: OrgId, which: AccountFilter = ALL) -> list[str]:
    found = rows.list_service_accounts(db, org, which, offset=0, limit=100)
    assert rows.count_service_accounts(db, org, which) == len(found)
    return [listed.account.login for listed in found]


class TestAServiceAccount:
    def test_is_found_as_it_was_made(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            machine = a_service_account(
                db, org, name="CI", role=Role.EDITOR, is_disabled=True, description="Builds"
            )
            found = rows.find_service_account(db, org, machine)
        assert (found.id, found.org, found.name, found.login) == (machine, org, "CI", "sa-ci")
        assert (found.role, found.is_disabled, found.description) == (Role.EDITOR, True, "Builds")
        assert (found.created_at, found.updated_at) == (NOON, NOON)

    def test_is_found_without_a_role_where_its_membership_is_gone(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            machine = a_service_account(db, org)
            db.execute(delete(membership).where(membership.c.account_id == machine))
            assert rows.find_service_account(db, org, machine).role is None
            assert logins(db, org) == ["sa-ci"]

    def test_tells_no_maker_where_the_log_does_not(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            machine = a_service_account(db, org)
            assert rows.get_maker_name_or_none(db, org, machine, created_at=NOON) is None

    def test_is_not_found_elsewhere_nor_is_a_person(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            for id_ in (a_service_account(db, other), a_person(db, org), AccountId(2**62), AccountId(0)):
                for look in (rows.find_service_account, rows.find_listed, rows.lock_service_account):
                    with pytest.raises(ServiceAccountNotFound):
                        look(db, org, id_)

    def test_is_refused_for_a_login_that_is_taken(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            a_person(db, org, login="sa-ci")
            a_service_account(db, other)
            a_service_account(db, org)
            assert rows.is_login_taken(db, org, "sa-ci")
            assert not rows.is_login_taken(db, org, "SA-CI")
        with pytest.raises(ServiceAccountLoginTaken), database.write() as db:
            a_service_account(db, org)

    def test_is_changed_in_its_own_organization_only(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            machine = a_service_account(db, org)
            found = rows.find_service_account(db, org, machine)
            changed = replace(found, name="New", description="text", is_disabled=True)
            rows.set_service_account(db, other, changed, at=LATER)
            assert rows.find_service_account(db, org, machine) == found
            rows.set_service_account(db, org, changed, at=LATER)
            assert rows.find_service_account(db, org, machine) == replace(changed, updated_at=LATER)
            assert logins(db, org, replace(ALL, query="new")) == ["sa-ci"]

    def test_goes_with_its_tokens_and_its_membership(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            machine = a_service_account(db, org)
            a_token(db, org, machine)
            rows.delete_service_account(db, other, machine)
            rows.lock_service_account(db, org, machine)
            rows.delete_service_account(db, org, machine)
            for table in (account, membership, credential):
                assert db.execute(select(table)).all() == []

    def test_goes_with_its_organization(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            a_service_account(db, org)
            orgs.delete_org(db, org)
            assert db.execute(select(account)).all() == []


class TestListingServiceAccounts:
    def test_goes_by_login_byte_by_byte(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            for name in ("b", "ä", "a-b", "_", "a.b"):
                a_service_account(db, org, name=name)
            a_service_account(db, an_org(db, name="other"), name="foreign")
            a_person(db, org)
            assert logins(db, org) == ["sa-_", "sa-a-b", "sa-a.b", "sa-b", "sa-ä"]

    def test_tells_tokens_and_last_use(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            machine, idle = a_service_account(db, org), a_service_account(db, org, name="idle")
            for name, at in (("a", NOON), ("b", LATER)):
                token = a_token(db, org, machine, name=name)
                set_last_use(db, token, LastUse(UnixSeconds(at), "192.0.2.7", "curl", "/"))
            a_token(db, org, machine, name="c")
            used, unused = rows.list_service_accounts(db, org, ALL, offset=0, limit=9)
            assert (used.account.id, used.tokens, used.last_used_at) == (machine, 3, LATER)
            assert (unused.account.id, unused.tokens, unused.last_used_at) == (idle, 0, None)
            assert rows.find_listed(db, org, machine) == used

    def test_goes_page_by_page(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            for name in "dcba":
                a_service_account(db, org, name=name)
            page = rows.list_service_accounts(db, org, ALL, offset=1, limit=2)
            assert [listed.account.login for listed in page] == ["sa-b", "sa-c"]
            assert rows.list_service_accounts(db, org, ALL, offset=2**62, limit=2**31 - 1) == []
            assert rows.count_service_accounts(db, org, ALL, most=3) == 3

    def test_goes_on_from_a_place_both_ways(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            for name in "abcd":
                a_service_account(db, org, name=name)
            first, second, third, fourth = rows.list_service_accounts(db, org, ALL, offset=0, limit=9)
            behind = rows.list_service_accounts_from(
                db, org, ALL, place=place_of_account(second), is_backward=False, limit=9
            )
            before = rows.list_service_accounts_from(
                db, org, ALL, place=place_of_account(third), is_backward=True, limit=9
            )
            start = rows.list_service_accounts_from(db, org, ALL, place=None, is_backward=False, limit=1)
        assert (behind, before, start) == ([third, fourth], [second, first], [first])

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("STRASSE", ["sa-straße"]),
            ("%", ["sa-100%"]),
            ("_", ["sa-a_b"]),
            ("\\", ["sa-back\\slash"]),
            ("shown", ["sa-a_b"]),
            ("%s", []),
            ("\0", []),
            ("\ufdd1", []),
        ],
    )
    def test_searches_name_and_login_with_every_character_for_itself(
        self, database: Database, query: str, found: list[str]
    ) -> None:
        with database.write() as db:
            org = an_org(db)
            for name in ("Straße", "100%", "back\\slash"):
                a_service_account(db, org, name=name)
            named = rows.find_service_account(db, org, a_service_account(db, org, name="a_b"))
            rows.set_service_account(db, org, replace(named, name="Shown"), at=NOON)
            assert logins(db, org, replace(ALL, query=query)) == found

    @pytest.mark.parametrize(
        ("shown", "found"),
        [
            (Shown.ALL, ["sa-bare", "sa-expired", "sa-long-ago", "sa-off", "sa-used"]),
            (Shown.WITH_EXPIRED_TOKENS, ["sa-expired"]),
            (Shown.DISABLED, ["sa-off"]),
            (Shown.UNUSED, ["sa-expired", "sa-long-ago", "sa-off"]),
            (Shown.WITHOUT_TOKENS, ["sa-bare"]),
        ],
    )
    def test_keeps_to_the_asked_ones(self, database: Database, shown: Shown, found: list[str]) -> None:
        with database.write() as db:
            org = an_org(db)
            a_service_account(db, org, name="bare")
            for name, used_at, lifetime_s in (
                ("expired", None, 60),
                ("long ago", LATER - UNUSED_S, 61),
                ("used", LATER - UNUSED_S + 1, 0),
                ("off", None, 0),
            ):
                machine = a_service_account(db, org, name=name, is_disabled=name == "off")
                token = a_token(db, org, machine, name=name, lifetime_s=lifetime_s)
                if used_at is not None:
                    set_last_use(db, token, LastUse(UnixSeconds(used_at), "", "", ""))
            assert logins(db, org, AccountFilter(LATER, shown=shown)) == found

    def test_keeps_to_the_ids_that_may_be_seen(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            machine = a_service_account(db, org)
            a_service_account(db, org, name="other")
            assert logins(db, org, replace(ALL, only=frozenset({machine, 2**62}))) == ["sa-ci"]
            assert logins(db, org, replace(ALL, only=frozenset())) == []
