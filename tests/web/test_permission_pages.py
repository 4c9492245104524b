"""The section Permissions of a service account, through the whole application."""

import re
from dataclasses import dataclass, field

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from keystead.core.access.holders import AccountHolder, Holder, LeveledObject, RoleHolder, TeamHolder
from keystead.core.access.levels import permissions_of
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.teams.model import TeamId
from keystead.storage import object_grants
from keystead.web.permission_forms import get_holder_or_none, spelled
from tests.doors import HOME, House, Unchanged
from tests.makers import a_service_account, a_team
from tests.rights import a_level, a_role, an_assignment
from tests.web.test_account_pages import LIST, told
from tests.web.visits import send, sign_in

_LAST_OWN = "You will no longer be able to open this service account."


@dataclass(slots=True)
class Desk:
    """An admin at the page of an account, beside a person and a team."""

    house: House
    client: TestClient = field(init=False)
    account: AccountId = field(init=False)
    alice: AccountId = field(init=False)
    team: TeamId = field(init=False)

    def __post_init__(self) -> None:
        self.client = sign_in(self.house)
        self.alice = self.house.a_member(Role.VIEWER, login="alice")
        with self.house.database.write() as db:
            self.account = a_service_account(db, HOME)
            self.team = a_team(db, HOME)

    @property
    def path(self) -> str:
        return f"{LIST}/{self.account}"

    def levels(self) -> dict[Holder, str]:
        with self.house.database.read() as db:
            return object_grants.get_levels(db, HOME, LeveledObject("serviceaccounts", str(self.account)))

    def give(self, level: str, account: AccountId | None = None, team: TeamId | None = None) -> None:
        with self.house.database.write() as db:
            a_level(db, HOME, level, ("serviceaccounts", str(self.account)), account=account, team=team)

    def send(self, act: str, client: TestClient | None = None, **form: str) -> Response:
        return send(client or self.client, f"{self.path}/{act}", page=self.path, **form)

    def followed(self, response: Response, client: TestClient | None = None) -> str:
        """Return the text of the page that a form leads to."""
        assert response.status_code == 303
        return told((client or self.client).get(response.headers["location"]))


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


class TestTheSection:
    def test_tells_who_has_which_level_and_what_that_permits(self, desk: Desk) -> None:
        assert "No permissions yet." in told(desk.client.get(desk.path))
        desk.give("Admin", desk.alice)
        desk.give("Edit", team=desk.team)
        text = told(desk.client.get(desk.path))
        for words in (
            "Alice alice User",
            "builders Team",
            "serviceaccounts:read, serviceaccounts:write",
            "Remove permission for Alice",
            "Permission level of builders",
        ):
            assert words in text
        assert _LAST_OWN not in text

    def test_is_hidden_or_without_controls_for_who_may_not(self, desk: Desk) -> None:
        with desk.house.database.write() as db:
            scope = f"serviceaccounts:id:{desk.account}"
            see = a_role(db, HOME, ("serviceaccounts:read", scope))
            an_assignment(db, HOME, see, account=desk.alice)
        desk.give("Admin", team=desk.team)
        alice = sign_in(desk.house, "alice", "canary-alice-password")
        assert "Permissions" not in told(alice.get(desk.path))
        assert alice.get(f"{desk.path}/permissions/add").status_code == 403
        with desk.house.database.write() as db:
            look = a_role(db, HOME, ("serviceaccounts.permissions:read", scope), ("teams:read", "teams:*"))
            an_assignment(db, HOME, look, account=desk.alice)
        text = told(alice.get(desk.path))
        assert "builders Team Admin" in text
        assert "Add permission" not in text
        assert "Remove permission" not in text


class TestThePanel:
    def test_offers_the_best_people_and_teams(self, desk: Desk) -> None:
        for number in range(25):
            desk.house.a_member(Role.VIEWER, login=f"user{number:02}")
        page = desk.client.get(f"{desk.path}/permissions/add?query=USER")
        assert "20 users" in told(page)
        assert page.text.count('name="holder"') == 20
        found = desk.client.get(
            f"{desk.path}/permissions/add?for=team&query=build", headers={"x-fragment": "found"}
        )
        assert found.text.lstrip().startswith('<div id="found">')
        assert "1 team" in told(found)
        assert f'value="team-{desk.team}"' in found.text
        assert "No users found." in told(desk.client.get(f"{desk.path}/permissions/add?query=nobody"))

    def test_gives_a_level_to_who_was_chosen(self, desk: Desk) -> None:
        added = desk.send("permissions", holder=f"user-{desk.alice}", level="Edit")
        assert "Permission updated" in desk.followed(added)
        desk.send("permissions", holder=f"team-{desk.team}", level="Admin")
        assert desk.levels() == {AccountHolder(desk.alice): "Edit", TeamHolder(desk.team): "Admin"}

    def test_asks_again_when_nobody_was_chosen(self, desk: Desk, unchanged: Unchanged) -> None:
        with unchanged():
            for act, words in (("permissions", "Choose a user"), ("permissions?for=team", "Choose a team")):
                refused = desk.send(act, level="Admin")
                assert refused.status_code == 422
                assert words in told(refused)
                assert re.search(r'value="Admin"\s+selected', refused.text)


class TestARow:
    def test_changes_a_level_and_takes_it_away(self, desk: Desk) -> None:
        desk.give("Edit", desk.alice)
        changed = desk.send(f"permissions/user-{desk.alice}", level="Admin")
        assert "Permission updated" in desk.followed(changed)
        assert desk.levels() == {AccountHolder(desk.alice): "Admin"}
        removed = desk.send(f"permissions/user-{desk.alice}/remove")
        assert removed.headers["location"] == f"{desk.path}#permissions"
        assert "Permission removed" in desk.followed(removed)
        assert desk.levels() == {}

    def test_asks_before_the_last_own_right_goes_and_leads_home_then(self, desk: Desk) -> None:
        desk.give("Admin", desk.alice)
        alice = sign_in(desk.house, "alice", "canary-alice-password")
        assert _LAST_OWN in told(alice.get(desk.path))
        removed = desk.send(f"permissions/user-{desk.alice}/remove", alice)
        assert removed.headers["location"] == "/"
        assert alice.get(desk.path).status_code == 403

    def test_offers_no_level_above_ones_own_and_refuses_it(self, desk: Desk, unchanged: Unchanged) -> None:
        scope = f"serviceaccounts:id:{desk.account}"
        rights = [("serviceaccounts.permissions:read", scope), ("serviceaccounts.permissions:write", scope)]
        rights += permissions_of("serviceaccounts", str(desk.account), "Edit")
        with desk.house.database.write() as db:
            an_assignment(db, HOME, a_role(db, HOME, *rights), account=desk.alice)
        desk.give("Edit", team=desk.team)
        with desk.house.database.write() as db:
            an_assignment(db, HOME, "fixed:teams:writer", account=desk.alice)
        alice = sign_in(desk.house, "alice", "canary-alice-password")
        assert "Admin (above your rights)" in told(alice.get(desk.path))
        with unchanged():
            refused = desk.send(f"permissions/team-{desk.team}", alice, level="Admin")
        assert refused.status_code == 403

    def test_says_when_a_holder_or_the_account_is_gone(self, desk: Desk) -> None:
        gone = desk.send("permissions/user-999999999", level="Edit")
        assert "no longer in this organization" in desk.followed(gone)
        other = desk.house.an_org()
        with desk.house.database.write() as db:
            elsewhere = a_service_account(db, other, name="x")
        desk.account = elsewhere
        answer = send(desk.client, f"{desk.path}/permissions", page=LIST, holder="user-1", level="Edit")
        assert "no longer exists" in desk.followed(answer)

    @pytest.mark.parametrize("holder", ["nobody", "user-", "user-x", "role-Editor", "9"])
    def test_is_nowhere_for_what_spells_nobody(self, desk: Desk, unchanged: Unchanged, holder: str) -> None:
        with unchanged():
            assert desk.send(f"permissions/{holder}", level="Edit").status_code == 404
            assert desk.send(f"permissions/{holder}/remove").status_code == 404

    def test_takes_no_other_level(self, desk: Desk, unchanged: Unchanged) -> None:
        desk.give("Edit", desk.alice)
        with unchanged():
            for level in ("", "View"):
                assert desk.send(f"permissions/user-{desk.alice}", level=level).status_code == 400
                refused = desk.send("permissions", holder=f"user-{desk.alice}", level=level)
                assert refused.status_code == 400


def test_a_holder_is_read_as_it_is_spelled() -> None:
    for holder in (AccountHolder(AccountId(7)), TeamHolder(TeamId(8))):
        assert get_holder_or_none(spelled(holder)) == holder
    assert get_holder_or_none(spelled(RoleHolder(Role.EDITOR))) is None
