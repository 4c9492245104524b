from dataclasses import replace

from sqlalchemy import Connection

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.listing import BY_NAME
from keystead.core.credentials.model import CredentialId
from keystead.core.migration.migrated import MigratedCounts, MigratedKey
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor
from keystead.core.usage.model import LastUse
from keystead.storage import memberships, migrated, serviceaccounts, usage
from keystead.storage import migration as rows
from keystead.storage.engine import Database
from tests.makers import NOON, a_service_account, a_token, an_api_key, an_org

LATER = UnixSeconds(NOON + 60)


def a_migrated_key(db: Connection, org: OrgId, name: str, *, used_at: int | None = None) -> CredentialId:
    """Make a key with the role Editor a token of an account of its own, an hour after noon or so."""
    key = an_api_key(db, org, name=name, role=Role.EDITOR)
    owner = serviceaccounts.add_service_account(
        db, org, name=f"of {name}", login=f"sa-{name}", description="", is_disabled=False, at=NOON
    )
    memberships.add_membership(db, org, owner, role=Role.EDITOR, at=NOON)
    rows.set_owner(db, org, key, name=name, owner=owner, at=LATER)
    if used_at is not None:
        usage.set_last_use(db, key, LastUse(UnixSeconds(used_at), "", "", ""))
    return key


def names(found: list[MigratedKey]) -> list[str]:
    return [one.name for one in found]


class TestListingMigratedKeys:
    def test_tells_each_with_its_account(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            key = a_migrated_key(db, org, "ci", used_at=LATER)
            [found] = migrated.list_migrated_from(db, org, "", place=None, is_backward=False, limit=9)
            account = found.candidate.account
            assert (found.key, found.name, found.migrated_at) == (key, "ci", LATER)
            assert (found.last_used_at, found.expires_at, found.is_revoked) == (LATER, None, False)
            assert (found.was_used_since, found.is_role_equal) == (True, True)
            assert (account.name, account.role, account.is_disabled) == ("of ci", Role.EDITOR, False)
            assert (found.candidate.tokens, found.candidate.was_key) == (1, True)
            assert not found.candidate.is_org_migrated
            assert account == replace(
                serviceaccounts.find_service_account(db, org, account.id), description=""
            )

    def test_sees_neither_keys_nor_tokens_nor_another_organization(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            an_api_key(db, org, name="key")
            a_token(db, org, a_service_account(db, org), name="token")
            foreign = a_migrated_key(db, other, "foreign")
            assert migrated.list_migrated_from(db, org, "", place=None, is_backward=False, limit=9) == []
            assert migrated.count_migrated(db, org, "") == MigratedCounts(0, 0)
            assert migrated.list_owners(db, org, [foreign]) == {}
            assert migrated.list_owners(db, other, [foreign]) != {}

    def test_is_by_name_from_a_place_either_way(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            keys = {name: a_migrated_key(db, org, name) for name in ("b", "a", "c")}
            place = Cursor(BY_NAME, "b", keys["b"])
            behind = migrated.list_migrated_from(db, org, "", place=place, is_backward=False, limit=9)
            before = migrated.list_migrated_from(db, org, "", place=place, is_backward=True, limit=9)
            first = migrated.list_migrated_from(db, org, "", place=None, is_backward=False, limit=2)
            assert (names(behind), names(before), names(first)) == (["c"], ["a"], ["a", "b"])

    def test_counts_what_matches_and_what_nobody_used_since(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            for name, used_at in (("ci-a", None), ("ci-b", NOON), ("ci-c", LATER), ("d", None)):
                a_migrated_key(db, org, name, used_at=used_at)
            assert migrated.count_migrated(db, org, "CI-") == MigratedCounts(3, 2)
            found = migrated.list_migrated_from(db, org, "CI-", place=None, is_backward=False, limit=9)
            assert [one.was_used_since for one in found] == [False, False, True]


def test_who_owns_a_migrated_key_is_told_of_those_asked_for(database: Database) -> None:
    with database.write() as db:
        org = an_org(db)
        one, other = a_migrated_key(db, org, "one"), a_migrated_key(db, org, "other")
        found = migrated.list_owners(db, org, [one, CredentialId(999)])
        assert list(found) == [one]
        assert found[one] != AccountId(other)
        assert migrated.list_owners(db, org, []) == {}
