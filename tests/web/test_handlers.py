"""Handlers, called for people whom no role makes yet, or for whom something changed meanwhile."""

from dataclasses import replace

import pytest

from keystead.core.access.grants import Grants
from keystead.core.access.permission import Permission
from keystead.core.access.principal import Principal
from keystead.core.accounts.errors import HashQueueFull, UserNotFound
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.core.sessions.errors import NotSignedIn
from keystead.core.sessions.model import SessionId
from keystead.usecases.passwords import Passwords
from keystead.web.forms import Form
from keystead.web.pages import apikeys, profile
from keystead.web.views.apikeys import KeysPage
from keystead.web.visit import Shown
from tests.doors import HOME, House, Unchanged
from tests.makers import an_api_key, as_person
from tests.web.visits import a_visit

NEW_KEY = Form({"name": "ci", "role": "Viewer", "ttl": "1h"})


@pytest.fixture
def admin(house: House) -> Principal:
    with house.database.read() as db:
        by = as_person(db, house.admin.account_id, HOME)
    return replace(by, session_id=SessionId(1))


@pytest.fixture
def reader(admin: Principal) -> Principal:
    """Somebody who may read keys, but neither make nor delete them."""
    grants = Grants.of([Permission("apikeys:read", "apikeys:*")], is_org_admin=False)
    return replace(admin, grants=grants, role=None)


def page_of(answered: object) -> KeysPage:
    assert isinstance(answered, Shown)
    assert isinstance(answered.view, KeysPage)
    return answered.view


class TestWhoMayOnlyRead:
    def test_is_told_what_a_link_to_the_form_needs(self, house: House, reader: Principal) -> None:
        page = page_of(apikeys.list_keys(a_visit(house, reader, "/org/apikeys?adding=1")))
        assert (page.form, page.notice) == (None, "You need apikeys:create to do this.")

    def test_sees_why_buttons_are_out_of_reach(self, house: House, reader: Principal) -> None:
        with house.database.write() as db:
            an_api_key(db, HOME)
        page = page_of(apikeys.list_keys(a_visit(house, reader, "/org/apikeys")))
        assert page.new_key is not None
        assert page.new_key.reason == "You need apikeys:create to do this."
        assert page.table is not None
        assert [row.deletion.reason for row in page.table.rows] == ["You need apikeys:delete to do this."]


class TestARoleAboveTheOwn:
    @pytest.mark.parametrize("role", ["Admin", "Editor"])
    def test_is_refused_at_the_field(
        self, house: House, unchanged: Unchanged, admin: Principal, role: str
    ) -> None:
        viewer = replace(admin, role=None)
        typed = Form({"name": "ci", "role": role, "ttl": "12h"})
        with unchanged():
            answered = apikeys.create_key(a_visit(house, viewer, "/org/apikeys", method="POST"), typed)
        form = page_of(answered).form
        assert form is not None
        assert isinstance(answered, Shown)
        assert (answered.status, answered.has_secret) == (403, False)
        assert form.role.error == "Cannot assign a role higher than user's role"
        assert form.role.is_focused
        assert (form.name.value, form.time_to_live.value) == ("ci", "12h")
        assert all(choice.is_disabled for choice in form.role.choices)
        assert [choice.value for choice in form.role.choices if choice.is_chosen] == [role]


class TestWhatIsGoneMeanwhile:
    def test_an_organization_is_no_mistake_of_a_field(self, house: House, admin: Principal) -> None:
        visit = a_visit(house, replace(admin, org=OrgId(99)), "/org/apikeys", method="POST")
        with pytest.raises(OrgNotFound):
            apikeys.create_key(visit, NEW_KEY)

    def test_a_person_is_no_mistake_of_a_field(self, house: House, admin: Principal) -> None:
        visit = a_visit(house, replace(admin, account_id=AccountId(99)), "/profile", method="POST")
        with pytest.raises(UserNotFound):
            profile.change_details(visit, Form({"login": "ada", "name": "", "email": ""}))
        new = Form({"oldPassword": "a", "newPassword": "canary-new", "confirmNew": "canary-new"})
        with pytest.raises(UserNotFound):
            profile.change_password(visit, new)


class Crowded(Passwords):
    def change_own(self, by: Principal, old: Secret, new: Secret) -> Secret | None:
        del old, new
        raise HashQueueFull(by.login)


def test_too_many_passwords_at_once_are_no_mistake_of_a_field(house: House, admin: Principal) -> None:
    parts = house.deps.passwords
    crowded = Crowded(parts.read, parts.write, parts.hasher, parts.rules, parts.sessions, parts.clock)
    house.deps = replace(house.deps, passwords=crowded)
    new = Form({"oldPassword": "canary-a", "newPassword": "canary-new", "confirmNew": "canary-new"})
    with pytest.raises(HashQueueFull):
        profile.change_password(a_visit(house, admin, "/profile", method="POST"), new)


def test_pages_are_for_people_with_a_session(house: House) -> None:
    with pytest.raises(NotSignedIn):
        _ = a_visit(house, house.admin).session_id
