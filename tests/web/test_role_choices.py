"""The roles, scopes and first token of a service account, chosen in one form."""

import re

import pytest
from httpx2 import Response

from keystead.core.access.named_roles import uid_of
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from tests.doors import HOME, House, Unchanged
from tests.makers import a_service_account
from tests.rights import a_role, an_assignment
from tests.web.visits import csrf_of, send, sign_in, sign_in_member

LIST = "/org/serviceaccounts"
CREATE = f"{LIST}/create"
CREATOR, USERS_WRITER = uid_of("fixed:teams:creator"), uid_of("fixed:users:writer")
PICKED = re.compile(r'type="checkbox"\s+name="pick-([\w-]+)"\s+value="on"\s+checked')
OFFERED = re.compile(r'type="checkbox"\s+name="pick-([\w-]+)"')


@pytest.fixture
def account(house: House) -> AccountId:
    with house.database.write() as db:
        return a_service_account(db, HOME, name="ci")


def told(page: Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.text))


class TestTheWindow:
    def test_changes_basic_and_further_roles_at_once(self, house: House, account: AccountId) -> None:
        with house.database.write() as db:
            a_role(db, HOME, ("teams:read", "teams:*"), name="ours")
        client = sign_in(house)
        url = f"{LIST}/{account}/roles"
        window = client.get(url, headers={"x-fragment": "dialog"})
        assert (PICKED.findall(window.text), "ours" in OFFERED.findall(window.text)) == ([], True)
        assert ("Team creator" in told(window), "Filter roles" in window.text) == (True, True)
        wanted = {"role": "Editor", "assigned": "1", f"pick-{CREATOR}": "on", "pick-ours": "on"}
        answer = send(client, url, act="update", **wanted)
        page = client.get(answer.headers["location"])
        assert ("Service account updated" in page.text, "+2 roles" in page.text) == (True, True)
        assert set(PICKED.findall(client.get(url).text)) == {CREATOR, "ours"}
        answer = send(client, url, act="update", role="Editor", assigned="1", **{"pick-ours": "on"})
        assert "+1 role<" in client.get(answer.headers["location"]).text

    def test_is_filtered_and_cleared_without_a_change(
        self, house: House, account: AccountId, unchanged: Unchanged
    ) -> None:
        with house.database.write() as db:
            made = [a_role(db, HOME, name=f"custom {number:02}") for number in range(22)]
            an_assignment(db, HOME, made[-1], account=account)
        client = sign_in(house)
        url = f"{LIST}/{account}/roles"
        page = client.get(url)
        assert ("The first 20 custom roles." in page.text, PICKED.findall(page.text)) == (True, ["custom-21"])
        csrf, form = csrf_of(page), {"role": "Viewer", "assigned": "1", f"pick-{CREATOR}": "on"}
        with unchanged():
            for act in ({"act": "filter"}, {}):
                found = client.post(url, data={"csrf": csrf, "filter": "custom 20", **act, **form})
                assert (found.status_code, PICKED.findall(found.text)) == (200, [CREATOR])
                assert OFFERED.findall(found.text) == [CREATOR, "custom-20"]
            nothing = client.post(url, data={"csrf": csrf, "role": "Viewer", "assigned": "1", "filter": "zz"})
            assert ("No fixed roles match." in nothing.text, "No custom roles match." in nothing.text) == (
                True,
                True,
            )
            cleared = client.post(url, data={"csrf": csrf, "act": "clear", **form})
            assert PICKED.findall(cleared.text) == []

    def test_changes_nothing_where_one_part_is_refused(
        self, house: House, account: AccountId, unchanged: Unchanged
    ) -> None:
        client = sign_in_member(house, Role.ADMIN)
        url = f"{LIST}/{account}/roles"
        page = client.get(url)
        assert "(above your rights)" in page.text
        csrf, form = csrf_of(page), {"role": "Admin", "assigned": "1", "act": "update"}
        for uid, status, message in (
            (USERS_WRITER, 403, "to do this. Nothing was changed."),
            ("gone", 422, "One of these roles is gone or cannot be given."),
            ("basic_admin", 403, "One of these roles is gone or cannot be given."),
        ):
            with unchanged():
                answer = client.post(url, data={"csrf": csrf, f"pick-{uid}": "on", **form})
            assert (answer.status_code, message in answer.text) == (status, True), uid

    def test_tells_no_roles_to_whoever_may_not_see_or_give_them(
        self, house: House, account: AccountId
    ) -> None:
        with house.database.write() as db:
            a_role(db, HOME, ("serviceaccounts:write", "serviceaccounts:*"), name="writes")
            a_role(db, HOME, ("serviceaccounts:read", "serviceaccounts:*"), name="reads")
            sees = a_role(db, HOME, ("users.roles:read", "users:*"), name="sees")
            roles = (
                db.exec_driver_sql("SELECT id FROM role WHERE name IN ('writes', 'reads')").scalars().all()
            )
            an_assignment(db, HOME, sees, account=account)
        client = sign_in_member(house, Role.EDITOR, "eve")
        with house.database.write() as db:
            (eve,) = db.exec_driver_sql("SELECT id FROM account WHERE login = 'eve'").one()
            for role in roles:
                an_assignment(db, HOME, role, account=eve)
        house.clock.advance(1)
        url = f"{LIST}/{account}/roles"
        page = client.get(url)
        assert ('value="Editor"' in page.text, "Filter roles" in page.text) == (True, False)
        assert "+1 role" not in page.text
        assert send(client, url, role="Editor", act="update").status_code == 303
        with house.database.write() as db:
            an_assignment(db, HOME, sees, account=eve)
        house.clock.advance(1)
        page = client.get(url)
        assert ("You need users.roles:add to do this." in page.text, "+1 role" in page.text) == (True, True)
        assert send(client, url, role="Viewer", act="update").status_code == 303
        assert "+1 role" in client.get(url).text
        refused = send(client, url, role="Viewer", assigned="1", act="update")
        assert "You need users.roles:remove to do this." in refused.text


class TestTheNewAccount:
    def test_is_made_with_roles_scopes_and_a_token(self, house: House) -> None:
        client = sign_in(house)
        form = {"name": "robot", "role": "Viewer", "assigned": "1", f"pick-{CREATOR}": "on"}
        form |= {"action-0": "orgs:read", "token": "first", "expiry": "never"}
        made = send(client, CREATE, act="create", **form)
        assert (made.status_code, "+1 role" in made.text) == (200, True)
        secret = re.search(r'<input id="f-token"[^>]*value="([^"]+)"', made.text)
        assert secret is not None
        permissions = house.with_secret(secret[1]).get("/api/access-control/user/permissions").json()
        assert permissions["orgs:read"] == [""]
        assert "teams:create" in permissions

    def test_is_filled_in_step_by_step(self, house: House, unchanged: Unchanged) -> None:
        client = sign_in(house)
        csrf = csrf_of(client.get(CREATE))
        form = {"csrf": csrf, "name": "robot", "role": "Editor", "action-0": "orgs:read", "token": "t"}
        form |= {f"pick-{CREATOR}": "on", "assigned": "1"}
        with unchanged():
            for act, rows, is_open in (("more", 2, False), ("apply", 1, False), ("filter", 1, True)):
                page = client.post(CREATE, data={"act": act, "filter": "team creator", **form})
                assert (page.status_code, page.text.count('name="action-')) == (200, rows)
                assert ("ks-choices__box" in page.text, PICKED.findall(page.text)) == (True, [CREATOR])
                assert bool(re.search(r'class="ks-choices__box"\s+open', page.text)) == is_open
                assert ('value="robot"' in page.text, "+1 role" in page.text) == (True, True)
            cleared = client.post(CREATE, data={"act": "clear", **form})
            assert (PICKED.findall(cleared.text), "No further roles." in cleared.text) == ([], True)

    def test_is_refused_at_its_fields_and_nothing_is_made(self, house: House, unchanged: Unchanged) -> None:
        client = sign_in_member(house, Role.ADMIN)
        csrf = csrf_of(client.get(CREATE))
        form = {"csrf": csrf, "role": "Viewer", "act": "create", "token": "t", "expiry": "never"}
        for more, status, message in (
            ({"name": "", "action-0": "x"}, 422, "Write an action as teams:read"),
            ({"name": "a", "scope-0": "a:b"}, 422, "Action is required"),
            (
                {"name": "a", "action-0": "users:delete"},
                403,
                "You need users:delete on this scope to give it",
            ),
            ({"name": "a", f"pick-{USERS_WRITER}": "on"}, 403, "to do this."),
            ({"name": "a", "pick-gone": "on"}, 422, "One of these roles is gone or cannot be given."),
        ):
            with unchanged():
                answer = client.post(CREATE, data=form | more)
            assert (answer.status_code, message in answer.text) == (status, True), more
        assert "Display name is required" in client.post(CREATE, data=form | {"scope-0": "a:b"}).text
