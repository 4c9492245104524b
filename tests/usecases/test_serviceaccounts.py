from dataclasses import replace

import pytest
from sqlalchemy import delete

from keystead.core.access.errors import PermissionMissing, RoleAboveOwn
from keystead.core.access.permission import Permission
from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.accounts.errors import ServiceAccountLoginTaken, ServiceAccountNotFound
from keystead.core.accounts.listing import Shown
from keystead.core.accounts.model import AccountId, ServiceAccount
from keystead.core.changes.change import Change
from keystead.core.clock import UnixSeconds, frozen_clock
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.orgs.model import OrgId
from keystead.core.paging import PAGE_SIZE
from keystead.storage import changes as log
from keystead.storage.engine import Database
from keystead.storage.schema import membership
from keystead.usecases import serviceaccounts
from keystead.usecases.paging import Page
from keystead.usecases.serviceaccounts import (
    AccountPageAsked,
    ChangedServiceAccount,
    FoundAccounts,
    NewServiceAccount,
)
from tests.doors import Unchanged
from tests.makers import NOON, a_principal, a_service_account, a_token, an_installation, an_org

NOW, LATER = frozen_clock(NOON), frozen_clock(UnixSeconds(NOON + 60))


@pytest.fixture
def home(database: Database) -> OrgId:
    with database.write() as db:
        an_installation(db)
        return an_org(db)


@pytest.fixture
def admin(home: OrgId) -> Principal:
    return a_principal(home)


@pytest.fixture
def ci(database: Database, home: OrgId) -> AccountId:
    with database.write() as db:
        return a_service_account(db, home)


def create(database: Database, by: Principal, name: str = "ci", role: Role = Role.VIEWER) -> ServiceAccount:
    new = NewServiceAccount(name, role, "text", is_disabled=True)
    with database.write() as db:
        return serviceaccounts.create_service_account(db, by, new, clock=NOW)


def change(
    database: Database, by: Principal, account: AccountId, wanted: ChangedServiceAccount
) -> ServiceAccount:
    with database.write() as db:
        return serviceaccounts.change_service_account(db, by, account, wanted, clock=LATER)


def recorded(database: Database) -> list[Change]:
    with database.read() as db:
        return [entry for entry, _hash in log.list_changes(db)]


class TestCreatingAServiceAccount:
    def test_returns_it_as_it_is_found_then(self, database: Database, admin: Principal) -> None:
        account = create(database, admin, role=Role.EDITOR)
        with database.read() as db:
            found = serviceaccounts.find_service_account(db, admin, account.id)
        assert (found.account, found.tokens, found.last_used_at) == (account, 0, None)
        assert (account.login, account.role, account.description) == ("sa-ci", Role.EDITOR, "text")

    def test_is_told_with_the_account_while_the_log_knows(
        self, database: Database, admin: Principal, ci: AccountId
    ) -> None:
        made = create(database, admin, name="made")
        with database.read() as db:
            unknown = serviceaccounts.find_service_account(db, admin, ci).account
            makers = [serviceaccounts.get_maker_name_or_none(db, admin, one) for one in (made, unknown)]
        assert makers == ["caller", None]

    def test_is_recorded(self, database: Database, admin: Principal) -> None:
        account = create(database, admin)
        (entry,) = recorded(database)
        assert (entry.action, entry.target_kind, entry.target_name) == (
            "serviceaccount.create",
            "serviceaccount",
            "sa-ci",
        )
        assert entry.target_id == str(account.id)
        assert entry.detail == {"name": "ci", "role": "Viewer", "is_disabled": True}

    def test_is_refused_above_ones_own_role(
        self, database: Database, home: OrgId, unchanged: Unchanged
    ) -> None:
        editor = a_principal(home, role=Role.EDITOR)
        create(database, editor, role=Role.EDITOR)
        with unchanged(), pytest.raises(RoleAboveOwn):
            create(database, editor, role=Role.ADMIN)

    def test_is_refused_for_a_taken_login_and_where_there_is_no_organization(
        self, database: Database, admin: Principal, unchanged: Unchanged
    ) -> None:
        create(database, admin)
        with unchanged():
            with pytest.raises(ServiceAccountLoginTaken):
                create(database, admin, "CI")
            with pytest.raises(PermissionMissing):
                create(database, replace(admin, org=None))
            with pytest.raises(OrgNotFound):
                create(database, replace(admin, org=OrgId(2**40)), "other")


class TestChangingAServiceAccount:
    @pytest.mark.parametrize(
        ("wanted", "actions"),
        [
            (ChangedServiceAccount(name="New"), [("serviceaccount.update", {"name": "New"})]),
            (
                ChangedServiceAccount(role=Role.EDITOR, description="d"),
                [
                    (
                        "serviceaccount.update",
                        {"role": "Editor", "role_before": "Viewer", "description": "d"},
                    )
                ],
            ),
            (ChangedServiceAccount(is_disabled=True), [("serviceaccount.disable", {})]),
            (
                ChangedServiceAccount(name="New", is_disabled=True),
                [("serviceaccount.update", {"name": "New"}), ("serviceaccount.disable", {})],
            ),
            (ChangedServiceAccount(), []),
            (ChangedServiceAccount("ci", Role.VIEWER, is_disabled=False, description=""), []),
        ],
    )
    def test_records_what_became_different(
        self,
        database: Database,
        admin: Principal,
        ci: AccountId,
        wanted: ChangedServiceAccount,
        actions: list[tuple[str, dict[str, str]]],
    ) -> None:
        account = change(database, admin, ci, wanted)
        assert [(entry.action, entry.detail) for entry in recorded(database)] == actions
        assert account.updated_at == (LATER() if actions else NOON)
        with database.read() as db:
            assert serviceaccounts.find_service_account(db, admin, ci).account == account

    def test_tells_when_it_is_enabled_again(
        self, database: Database, admin: Principal, ci: AccountId
    ) -> None:
        for is_disabled in (True, False):
            change(database, admin, ci, ChangedServiceAccount(is_disabled=is_disabled))
        assert [entry.action for entry in recorded(database)][1:] == ["serviceaccount.enable"]

    def test_gives_a_role_to_an_account_that_lost_its_own(
        self, database: Database, admin: Principal, ci: AccountId
    ) -> None:
        with database.write() as db:
            db.execute(delete(membership).where(membership.c.account_id == ci))
        change(database, admin, ci, ChangedServiceAccount(role=Role.EDITOR))
        with database.read() as db:
            assert serviceaccounts.find_service_account(db, admin, ci).account.role is Role.EDITOR

    def test_is_refused_for_a_role_above_the_callers_now_or_afterwards_k28(
        self, database: Database, home: OrgId, admin: Principal, ci: AccountId, *, unchanged: Unchanged
    ) -> None:
        editor = a_principal(home, role=Role.EDITOR)
        with unchanged(), pytest.raises(RoleAboveOwn):
            change(database, editor, ci, ChangedServiceAccount(role=Role.ADMIN))
        change(database, admin, ci, ChangedServiceAccount(role=Role.ADMIN))
        with unchanged(), pytest.raises(RoleAboveOwn):
            change(database, editor, ci, ChangedServiceAccount(role=Role.VIEWER))
        change(database, editor, ci, ChangedServiceAccount(is_disabled=True, name="renamed"))

    def test_tells_a_role_above_the_callers_before_it_looks_for_the_account(
        self, database: Database, home: OrgId, unchanged: Unchanged
    ) -> None:
        editor = a_principal(home, role=Role.EDITOR)
        with unchanged():
            with pytest.raises(RoleAboveOwn):
                change(database, editor, AccountId(99), ChangedServiceAccount(role=Role.ADMIN))
            with pytest.raises(ServiceAccountNotFound):
                change(database, editor, AccountId(99), ChangedServiceAccount(role=Role.EDITOR))


class TestDeletingAServiceAccount:
    def test_is_recorded_and_refused_the_second_time(
        self, database: Database, admin: Principal, ci: AccountId, unchanged: Unchanged
    ) -> None:
        with database.write() as db:
            serviceaccounts.delete_service_account(db, admin, ci, clock=NOW)
        (entry,) = recorded(database)
        assert (entry.action, entry.target_name) == ("serviceaccount.delete", "sa-ci")
        with unchanged(), pytest.raises(ServiceAccountNotFound), database.write() as db:
            serviceaccounts.delete_service_account(db, admin, ci, clock=NOW)


class TestSearchingServiceAccounts:
    def test_shows_what_the_caller_may_read(self, database: Database, home: OrgId, ci: AccountId) -> None:
        with database.write() as db:
            a_service_account(db, home, name="other")
        for scope, total in (("*", 2), ("serviceaccounts:*", 2), (f"serviceaccounts:id:{ci}", 1), ("", 0)):
            by = a_principal(home, role=None, permissions=[Permission("serviceaccounts:read", scope)])
            with database.read() as db:
                found = serviceaccounts.search_service_accounts(
                    db, by, query="", shown=Shown.ALL, page=Page(0, 9), clock=NOW
                )
            assert (found.total, len(found.rows)) == (total, total)

    @pytest.mark.parametrize(
        ("page", "shown"),
        [(Page(0, 9), 3), (Page(0, 3), 3), (Page(1, 2), 1), (Page(2, 2), 0), (Page(0, 0), 0)],
    )
    def test_counts_all_pages(
        self, database: Database, admin: Principal, home: OrgId, page: Page, shown: int
    ) -> None:
        with database.write() as db:
            for name in ("first", "second", "third"):
                a_service_account(db, home, name=name)
        with database.read() as db:
            found = serviceaccounts.search_service_accounts(
                db, admin, query="", shown=Shown.ALL, page=page, clock=NOW
            )
        assert (len(found.rows), found.total) == (shown, 3)


class TestAPageOfServiceAccounts:
    def page(self, database: Database, by: Principal, **asked: object) -> FoundAccounts:
        with database.read() as db:
            return serviceaccounts.list_account_page(db, by, AccountPageAsked(**asked), clock=NOW)  # type: ignore[arg-type] # one table for several arguments

    def test_leads_to_the_next_and_back(self, database: Database, admin: Principal, home: OrgId) -> None:
        names = [f"{number:03}" for number in range(2 * PAGE_SIZE + 5)]
        with database.write() as db:
            for name in names:
                a_service_account(db, home, name=name)
        pages = [self.page(database, admin)]
        while pages[-1].after:
            pages.append(self.page(database, admin, after=pages[-1].after))
        assert [listed.account.name for page in pages for listed in page.accounts] == names
        assert [len(page.accounts) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 5]
        assert {page.count for page in pages} == {len(names)}
        assert self.page(database, admin, before=pages[2].before).accounts == pages[1].accounts
        first = self.page(database, admin, before=pages[1].before)
        assert (first.accounts, first.before) == (pages[0].accounts, "")
        assert first.after

    @pytest.mark.parametrize("place", ["", "x", "bm9uc2Vuc2U"])
    def test_is_the_first_for_what_is_no_place(
        self, database: Database, admin: Principal, ci: AccountId, place: str
    ) -> None:
        page = self.page(database, admin, after=place, before=place)
        assert [listed.account.id for listed in page.accounts] == [ci]
        assert (page.before, page.after) == ("", "")

    def test_is_the_first_when_what_stood_there_is_gone(
        self, database: Database, admin: Principal, home: OrgId
    ) -> None:
        with database.write() as db:
            made = [a_service_account(db, home, name=f"{number:03}") for number in range(PAGE_SIZE + 1)]
        after = self.page(database, admin).after
        with database.write() as db:
            serviceaccounts.delete_service_account(db, admin, made[-1], clock=NOW)
        assert len(self.page(database, admin, after=after).accounts) == PAGE_SIZE

    def test_tells_whether_there_are_any_at_all(
        self, database: Database, admin: Principal, home: OrgId, ci: AccountId
    ) -> None:
        found = self.page(database, admin, query="nothing")
        assert (found.accounts, found.count, found.has_any) == ((), 0, True)
        with database.write() as db:
            a_token(db, home, ci)
        assert self.page(database, admin, shown=Shown.WITHOUT_TOKENS).count == 0
        with database.write() as db:
            serviceaccounts.delete_service_account(db, admin, ci, clock=NOW)
        assert not self.page(database, admin).has_any
