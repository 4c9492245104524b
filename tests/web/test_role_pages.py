"""The pages of roles, as somebody clicks through them."""

import re

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from tests.doors import HOME, House, Unchanged
from tests.makers import a_service_account, a_team
from tests.rights import a_role, an_assignment
from tests.web.visits import csrf_of, send, sign_in, sign_in_member

ROLES = "/org/roles"
NEW = f"{ROLES}/new"
CREATOR = f"{ROLES}/fixed:teams:creator"
NAMES = re.compile(r'<a href="[^"]*/org/roles/[^"]+"><bdi>([^<]+)</bdi></a>')


@pytest.fixture
def machine(house: House) -> AccountId:
    with house.database.write() as db:
        return a_service_account(db, HOME, name="ci")


def after(client: TestClient, answer: Response, told: str) -> Response:
    """Follow the redirect, and expect the message that waited."""
    assert answer.status_code == 303
    page = client.get(answer.headers["location"])
    assert (page.status_code, told in page.text) == (200, True)
    return page


def told(page: Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.text))


def made(house: House, client: TestClient, **form: str) -> str:
    """Make a role, and return its address, which is made up: it would look like a secret in the log."""
    answer = send(client, NEW, **{"name": "reader", "action-0": "teams:read", "scope-0": "teams:*"} | form)
    assert answer.status_code == 303
    with house.database.write() as db:
        db.exec_driver_sql("UPDATE role SET uid = 'made'")
    return f"{ROLES}/made"


class TestTheList:
    def test_tells_every_kind_and_who_has_it(self, house: House, machine: AccountId) -> None:
        with house.database.write() as db:
            role = a_role(db, HOME, ("teams:read", "teams:*"), name="custom one")
            an_assignment(db, HOME, role, account=machine)
            an_assignment(db, HOME, role, team=a_team(db, HOME))
        client = sign_in(house)
        assert 'href="/org/roles"' in client.get("/profile").text
        page = client.get(ROLES)
        assert "Roles - Configuration - Keystead" in page.text
        text = told(page)
        assert "basic:editor Basic Editor" in text
        assert "Everybody who is Editor" in text
        assert "Server admins" in text
        assert "custom one Custom 1 permission 1 service account, 1 team" in text
        assert NAMES.findall(client.get(f"{ROLES}?kind=custom").text) == ["custom one"]
        assert len(NAMES.findall(client.get(f"{ROLES}?kind=basic").text)) == 4
        fixed = client.get(f"{ROLES}?kind=fixed&query=TEAM CREATOR", headers={"x-fragment": "roles"})
        assert (NAMES.findall(fixed.text), "<html" in fixed.text) == (["fixed:teams:creator"], False)
        nothing = client.get(f"{ROLES}?query=zz&kind=odd")
        assert ("No roles match." in nothing.text, "Clear filters" in nothing.text) == (True, True)

    def test_is_paged_through_all_kinds_in_one_order(self, house: House) -> None:
        with house.database.write() as db:
            for number in range(70):
                a_role(db, HOME, name=f"{'afz'[number % 3]} {number:02}")
        client = sign_in(house)
        seen: list[str] = []
        url, page = ROLES, client.get(ROLES)
        for rows in (50, 50, 34):
            page = client.get(url)
            assert (len(NAMES.findall(page.text)), "134 roles" in page.text) == (rows, True)
            seen += NAMES.findall(page.text)
            following = re.search(r'href="([^"]*after=[^"]*)">Next', page.text)
            url = "" if following is None else following[1].replace("&amp;", "&")
        assert (url, seen) == ("", sorted(seen))
        previous = re.search(r'href="([^"]*before=[^"]*)">Previous', page.text)
        assert previous is not None
        assert NAMES.findall(client.get(previous[1].replace("&amp;", "&")).text) == seen[50:100]

    def test_is_closed_to_whoever_may_not_read_roles(self, house: House) -> None:
        client = sign_in_member(house, Role.EDITOR)
        for path in (
            ROLES,
            NEW,
            CREATOR,
            f"{CREATOR}/edit",
            f"{CREATOR}/assign",
            f"{CREATOR}/confirm/delete",
        ):
            assert client.get(path).status_code == 403
        assert ROLES not in client.get("/profile").text


class TestARole:
    def test_is_made_with_as_many_rows_as_one_likes(self, house: House, unchanged: Unchanged) -> None:
        client = sign_in(house)
        with unchanged():
            more = send(client, NEW, name="reader", act="more", **{"action-0": "teams:read"})
        assert (more.status_code, 'name="action-1"' in more.text) == (200, True)
        assert ('value="reader"' in more.text, 'value="teams:read"' in more.text) == (True, True)
        rows = {"action-4": "", "action-5": "orgs:read"}
        url = made(house, client, name=" reader ", description="Reads", group="Ours", **rows)
        page = client.get(url)
        for part in (
            "Role created",
            "Custom role",
            "Ours",
            "Reads",
            "2 permissions",
            "No scope",
            "This organization",
        ):
            assert part in told(page)
        assert "Nobody has this role." in page.text

    def test_is_refused_at_the_field(self, house: House, unchanged: Unchanged) -> None:
        client = sign_in(house)
        made(house, client)
        for form, status, message in (
            ({"name": ""}, 422, "Name is required"),
            ({"name": "reader"}, 422, "Another role has this name"),
            ({"name": "fixed:x"}, 422, "Names that begin so"),
            ({"name": "a", "group": "x" * 191}, 422, "Group can be at most 190 characters"),
            ({"name": "a", "action-0": "Teams"}, 422, "Write an action as teams:read"),
            ({"name": "a", "scope-0": "teams:*"}, 422, "Action is required"),
            ({"name": "a", "action-0": "teams:read", "scope-0": "a:b:c:d"}, 422, "Write a scope as"),
        ):
            csrf = csrf_of(client.get(NEW))
            with unchanged():
                answer = client.post(NEW, data={"csrf": csrf, **form})
            assert (answer.status_code, message in answer.text) == (status, True), form
            assert "The role was not saved. Check the marked fields." in answer.text

    def test_gives_nothing_that_its_maker_may_not(self, house: House, unchanged: Unchanged) -> None:
        made(house, sign_in(house))
        client = sign_in_member(house, Role.ADMIN)
        csrf = csrf_of(client.get(NEW))
        with unchanged():
            form = {"csrf": csrf, "name": "a", "action-0": "teams:read", "scope-0": "teams:*"}
            form |= {"action-1": "users:delete", "scope-1": "global.users:*"}
            answer = client.post(NEW, data=form)
        assert answer.status_code == 403
        assert "You need users:delete on this scope to give it" in answer.text
        assert "You need teams:read on this scope" not in answer.text

    def test_is_changed_unless_somebody_else_did_meanwhile(self, house: House) -> None:
        client = sign_in(house)
        url = made(house, client)
        form = client.get(f"{url}/edit").text
        assert ('name="version"' in form, 'value="teams:*"' in form) == (True, True)
        rows = {"action-0": "teams:read", "scope-0": "teams:id:7"}
        changed = {"name": "reader", "displayName": "Reader", "version": "0", **rows}
        page = after(client, send(client, f"{url}/edit", **changed), "Role updated")
        assert ("teams:id:7" in page.text, "teams:*" in page.text) == (True, False)
        late = send(client, f"{url}/edit", **changed | {"displayName": "Mine"})
        assert (late.status_code, "Somebody else changed this role meanwhile." in late.text) == (422, True)
        assert 'value="Mine"' in late.text
        more = send(client, f"{url}/edit", act="more", **changed)
        assert (more.status_code, 'name="action-1"' in more.text) == (200, True)
        missing = send(client, f"{url}/edit", **changed | {"name": ""})
        assert (missing.status_code, "Name is required" in missing.text) == (422, True)

    def test_of_the_server_or_of_nowhere_is_not_changed(self, house: House) -> None:
        client = sign_in(house)
        csrf = csrf_of(client.get(NEW))
        form = {"csrf": csrf, "name": "fixed:teams:creator"}
        assert client.post(f"{CREATOR}/edit", data=form).status_code == 403
        assert client.post(f"{CREATOR}/delete?global=true", data=form).status_code == 403
        for act in ("", "/edit", "/assign", "/confirm/delete"):
            assert client.get(f"{ROLES}/nowhere{act}").status_code == 404
        after(client, client.post(f"{ROLES}/nowhere/delete", data=form), "That role no longer exists.")
        page = client.get(f"{ROLES}/basic_admin")
        assert ("Everybody who is Admin" in page.text, "Assign role" in page.text) == (True, False)


class TestWhoHasIt:
    def test_is_looked_for_given_and_taken_away(self, house: House, machine: AccountId) -> None:
        bob = house.a_member(Role.VIEWER, login="bob")
        with house.database.write() as db:
            team = a_team(db, HOME)
        client = sign_in(house)
        page = client.get(CREATOR)
        for kind, query, name, holder in (
            ("", "BOB", "Bob (bob)", f"user-{bob}"),
            ("account", "ci", "ci (sa-ci)", f"user-{machine}"),
            ("team", "build", "builders", f"team-{team}"),
        ):
            panel = f"{CREATOR}/assign?for={kind}&query={query}"
            found = client.get(panel, headers={"x-fragment": "found"})
            assert (name in found.text, "<html" in found.text) == (True, False)
            page = after(client, send(client, panel, holder=holder), "Role assigned")
            assert name.partition(" ")[0] in told(page)
        assert f'href="/org/serviceaccounts/{machine}"' in page.text
        assert f'href="/org/teams/edit/{team}"' in page.text
        assert "1 user, 1 service account, 1 team" in told(client.get(f"{ROLES}?query=teams:creator"))
        for holder in (f"user-{bob}", f"team-{team}"):
            answer = send(client, f"{CREATOR}/unassign/{holder}", page=CREATOR)
            page = after(client, answer, "Role removed")
            answer = send(client, f"{CREATOR}/unassign/{holder}", page=CREATOR)
            after(client, answer, "Whoever it was no longer has that role.")
        assert send(client, f"{CREATOR}/unassign/role-Admin", page=NEW).status_code == 404
        assert "No teams found." in client.get(f"{CREATOR}/assign?for=team&query=zz").text

    def test_is_refused_where_it_stands(self, house: House, machine: AccountId, unchanged: Unchanged) -> None:
        with house.database.write() as db:
            a_role(db, HOME, ("users:delete", "global.users:*"), name="high")
        client = sign_in_member(house, Role.ADMIN)
        csrf = csrf_of(client.get(NEW))
        for path, holder, status, message in (
            (f"{CREATOR}/assign", "", 422, "Choose a user"),
            (f"{CREATOR}/assign?for=team", "role-Admin", 422, "Choose a team"),
            (f"{CREATOR}/assign", "user-999", 422, "That one is no longer in this organization."),
            (f"{CREATOR}/assign?for=team", "team-999", 422, "That one is no longer in this organization."),
            (f"{ROLES}/high/assign", f"user-{machine}", 403, "You need users:delete to give this role."),
        ):
            with unchanged():
                answer = client.post(path, data={"csrf": csrf, "holder": holder})
            assert (answer.status_code, message in answer.text) == (status, True), path
        assert "This role permits more than you may." in client.get(f"{ROLES}/high").text

    def test_loses_a_deleted_role_only_after_that_was_told(self, house: House, machine: AccountId) -> None:
        client = sign_in(house)
        url = made(house, client)
        asked = client.get(f"{url}/confirm/delete", headers={"x-fragment": "dialog"})
        assert ("Nobody has it." in asked.text, "force" in asked.text) == (True, False)
        after(client, send(client, f"{url}/assign", holder=f"user-{machine}"), "Role assigned")
        refused = send(client, f"{url}/delete", page=url)
        assert (refused.status_code, "so it was not deleted" in refused.text) == (409, True)
        assert "It is assigned: 1 service account lose" in told(client.get(f"{url}/confirm/delete"))
        page = after(client, send(client, f"{url}/delete?force=true", page=url), "Role deleted")
        assert "reader" not in NAMES.findall(page.text)

    def test_of_an_accounts_own_scopes_is_that_account(self, house: House, machine: AccountId) -> None:
        client = sign_in(house)
        own = client.post(
            "/api/serviceaccounts",
            json={"name": "own", "permissions": [{"action": "teams:read", "scope": "teams:*"}]},
        )
        assert own.status_code == 201
        uid = "made"
        with house.database.write() as db:
            db.exec_driver_sql("UPDATE role SET uid = 'made'")
        page = client.get(f"{ROLES}/{uid}")
        assert (":scopes" in page.text, "Assign role" in page.text) == (True, False)
        refused = send(client, f"{ROLES}/{uid}/assign", page=NEW, holder=f"user-{machine}")
        assert "This role belongs to one service account alone." in refused.text
        assert NAMES.findall(client.get(f"{ROLES}?kind=custom").text) == []
