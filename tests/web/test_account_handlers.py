"""Pages of service accounts, for people whom no basic role makes."""

from dataclasses import replace

import pytest

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.grants import Grants
from keystead.core.access.permission import Permission
from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.orgs.model import OrgId
from keystead.core.sessions.model import SessionId
from keystead.web.forms import Form
from keystead.web.links import Links
from keystead.web.pages import (
    profile,
    serviceaccount,
    serviceaccount_roles,
    serviceaccount_tokens,
    serviceaccounts,
)
from keystead.web.views.serviceaccount import AccountPage, RolesWindow, TokenWindow
from keystead.web.views.serviceaccounts import AccountsPage, NewAccountPage
from keystead.web.visit import Shown, Visit
from tests.doors import HOME, House, Unchanged
from tests.makers import a_service_account, a_token, as_person
from tests.web.visits import a_visit

PATH = "/org/serviceaccounts"
MORE_RIGHTS = "This account has more rights than you."


@pytest.fixture
def admin(house: House) -> Principal:
    with house.database.read() as db:
        by = as_person(db, house.admin.account_id, HOME)
    return replace(by, session_id=SessionId(1))


@pytest.fixture
def account(house: House) -> AccountId:
    with house.database.write() as db:
        return a_service_account(db, HOME, role=Role.ADMIN)


def holding(by: Principal, *verbs: str, role: Role | None = None, scope: str = "*") -> Principal:
    """Return somebody who may only do this with service accounts."""
    permissions = [Permission(f"serviceaccounts:{verb}", f"serviceaccounts:{scope}") for verb in verbs]
    return replace(by, role=role, grants=Grants.of(permissions))


def at(house: House, by: Principal, account: AccountId, act: str = "", token: int = 0) -> Visit:
    path = {"service_account_id": str(account), "token_id": str(token)}
    return a_visit(house, by, f"{PATH}/{account}/{act}", path=path, method="POST")


def page_of(answered: object, status: int = 200) -> AccountPage:
    assert isinstance(answered, Shown)
    assert isinstance(answered.view, AccountPage)
    assert (answered.status, answered.has_secret) == (status, False)
    return answered.view


class TestWhoMayOnlyRead:
    def test_sees_why_nothing_else_is_within_reach(
        self, house: House, admin: Principal, account: AccountId
    ) -> None:
        with house.database.write() as db:
            token = a_token(db, HOME, account)
        by = holding(admin, "read", scope=f"id:{account}")
        page = page_of(serviceaccount.show_account(at(house, by, account)))
        write, delete = (f"You need serviceaccounts:{verb} to do this." for verb in ("write", "delete"))
        assert (page.head.switch.reason, page.head.delete.reason) == (write, delete)
        assert (page.facts.edit_name.reason, page.facts.edit_roles.reason) == (write, write)
        [row] = page.tokens.rows
        assert row.rotate is not None
        assert row.revoke is not None
        assert (page.tokens.add.reason, row.rotate.reason, row.revoke.reason) == (write, write, write)
        assert row.deletion.reason == write
        windows = (
            serviceaccount.edit_name(at(house, by, account)),
            serviceaccount_roles.edit_roles(at(house, by, account)),
            serviceaccount.confirm_disable(at(house, by, account)),
            serviceaccount_tokens.show_form(at(house, by, account)),
            serviceaccount_tokens.show_rotation(at(house, by, account, token=token)),
            serviceaccount_tokens.confirm_revoke(at(house, by, account, token=token)),
        )
        assert {page_of(one).notice for one in windows} == {write}
        assert page_of(serviceaccount.confirm_delete(at(house, by, account))).notice == delete
        assert {page_of(one).dialog for one in windows} == {None}

    def test_sees_in_the_list_what_they_may_read(
        self, house: House, admin: Principal, account: AccountId
    ) -> None:
        with house.database.write() as db:
            a_service_account(db, HOME, name="hidden")
        by = holding(admin, "read", scope=f"id:{account}")
        shown = serviceaccounts.list_accounts(a_visit(house, by, PATH))
        assert isinstance(shown, Shown)
        page = shown.view
        assert isinstance(page, AccountsPage)
        assert page.bar is not None
        assert page.table is not None
        assert ([row.name for row in page.table.rows], page.table.count) == (["ci"], "1 service account")
        assert (page.bar.add, page.table.rows[0].delete) == (None, None)
        assert page.table.rows[0].switch.reason == "You need serviceaccounts:write to do this."

    def test_sees_why_the_first_one_cannot_be_made(self, house: House, admin: Principal) -> None:
        shown = serviceaccounts.list_accounts(a_visit(house, holding(admin, "read"), PATH))
        assert isinstance(shown, Shown)
        assert isinstance(shown.view, AccountsPage)
        assert shown.view.first is not None
        assert shown.view.first.reason == "You need serviceaccounts:create to do this."


class TestWhoMayOnlyWrite:
    def test_is_shown_no_page_that_they_may_not_read(
        self, house: House, unchanged: Unchanged, admin: Principal, account: AccountId
    ) -> None:
        by, form = holding(admin, "write", role=Role.ADMIN), Form({"name": "t", "role": "Viewer"})
        for act in (
            serviceaccount.change_name,
            serviceaccount_roles.change_roles,
            serviceaccount_tokens.create_token,
            serviceaccount_tokens.rotate_token,
        ):
            with unchanged(), pytest.raises(PermissionMissing):
                act(at(house, by, account), form)


class TestAnAccountWithMoreRights:
    def test_gets_no_token_and_no_role(
        self, house: House, unchanged: Unchanged, admin: Principal, account: AccountId
    ) -> None:
        by = holding(admin, "read", "write", role=Role.EDITOR)
        with house.database.write() as db:
            token = a_token(db, HOME, account)
        page = page_of(serviceaccount.show_account(at(house, by, account)))
        assert (page.tokens.add.reason, page.facts.edit_roles.reason) == (MORE_RIGHTS, MORE_RIGHTS)
        assert (page.facts.edit_name.reason, page.head.switch.reason) == ("", "")
        typed = Form({"name": "mine", "grace": "0"})
        with unchanged():
            made = serviceaccount_tokens.create_token(at(house, by, account), typed)
            rotated = serviceaccount_tokens.rotate_token(at(house, by, account, token=token), typed)
        for answered in (made, rotated):
            refused = page_of(answered, 403)
            assert (refused.notice, refused.dialog) == (MORE_RIGHTS, None)

    def test_is_no_longer_lowered_by_whoever_it_outgrew(
        self, house: House, unchanged: Unchanged, admin: Principal, account: AccountId
    ) -> None:
        by = holding(admin, "read", "write", role=Role.EDITOR)
        with unchanged():
            answered = serviceaccount_roles.change_roles(at(house, by, account), Form({"role": "Viewer"}))
        window = page_of(answered, 403).dialog
        assert isinstance(window, RolesWindow)
        assert window.role.error == "can not assign a role higher than user's role"


class TestARoleAboveTheOwn:
    def test_is_refused_at_its_field_and_nothing_is_lost(
        self, house: House, unchanged: Unchanged, admin: Principal
    ) -> None:
        by = holding(admin, "create", "read", role=Role.EDITOR)
        typed = Form({"name": "ci", "role": "Admin", "token": "t"})
        with unchanged():
            answered = serviceaccounts.create_account(a_visit(house, by, PATH, method="POST"), typed)
        assert isinstance(answered, Shown)
        page = answered.view
        assert isinstance(page, NewAccountPage)
        assert (answered.status, answered.has_secret) == (403, False)
        assert page.role.error == "can not assign a role higher than user's role"
        assert (page.name.value, page.token.value, page.login) == ("ci", "t", "sa-ci")
        assert [choice.label for choice in page.role.choices] == [
            "Admin (above your role)",
            "Editor",
            "Viewer",
        ]


def test_another_organization_has_the_list_for_whoever_may_open_it(admin: Principal) -> None:
    links = Links()
    for by, is_there in ((holding(admin, "create"), True), (holding(admin, "write"), False)):
        there = profile.same_page(links, f"{links.service_accounts()}?query=a", by.grants)
        assert (there == links.service_accounts()) is is_there


def test_an_organization_that_is_gone_is_no_mistake_of_a_field(house: House, admin: Principal) -> None:
    visit = a_visit(house, replace(admin, org=OrgId(99)), PATH, method="POST")
    with pytest.raises(OrgNotFound):
        serviceaccounts.create_account(visit, Form({"name": "ci", "role": "Viewer"}))


def test_a_window_for_a_token_begins_with_a_name_that_fits(house: House, admin: Principal) -> None:
    with house.database.write() as db:
        long = a_service_account(db, HOME, name="x" * 190)
    window = page_of(serviceaccount_tokens.show_form(at(house, admin, long))).dialog
    assert isinstance(window, TokenWindow)
    assert (len(window.name.value), window.name.value[-11:]) == (190, "-2023-11-14")
