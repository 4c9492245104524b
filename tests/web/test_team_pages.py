"""The pages of teams, of the organization and of one's own preferences, as somebody clicks through them."""

import re

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from keystead.core.access.roles import Role
from keystead.core.orgs.model import OrgId
from keystead.core.teams.model import TeamId, TeamLevel
from keystead.storage import team_members
from tests.doors import HOME, House, Unchanged
from tests.makers import a_member, a_service_account, a_team
from tests.web.visits import csrf_of, send, sign_in, sign_in_member

TEAMS = "/org/teams"
CHOSEN = re.compile(r'<option value="([^"]*)"\s+selected')


@pytest.fixture
def team(house: House) -> TeamId:
    with house.database.write() as db:
        return a_team(db, HOME, email="b@example.org")


def edit(team: TeamId, act: str = "") -> str:
    return f"{TEAMS}/edit/{team}{act}"


def after(client: TestClient, answer: Response, told: str) -> Response:
    """Follow the redirect, and expect the message that waited."""
    assert answer.status_code == 303
    page = client.get(answer.headers["location"])
    assert (page.status_code, told in page.text) == (200, True)
    return page


class TestTeams:
    def test_are_made_found_and_deleted(self, house: House) -> None:
        client = sign_in(house)
        page = client.get(TEAMS)
        assert ("No teams yet." in page.text, "Tip: permissions given to a team" in page.text) == (True, True)
        answer = send(client, f"{TEAMS}/new", name="Builders", email="b@example.org")
        page = after(client, answer, "Team created")
        assert "admin@localhost" in page.text
        assert "Builders" in client.get(TEAMS).text
        assert "No teams match &#34;x&#34;." in client.get(f"{TEAMS}?query=x").text
        table = client.get(f"{TEAMS}?query=BUILD", headers={"x-fragment": "teams"})
        assert (table.text.lstrip()[:8], "Builders" in table.text) == ("<div id=", True)
        deleted = answer.headers["location"] + "/delete"
        page = after(client, send(client, deleted, page=TEAMS), "Team deleted")
        assert "No teams yet." in page.text
        csrf = csrf_of(page)
        after(client, client.post(deleted, data={"csrf": csrf}), "That team no longer exists.")

    def test_need_a_name_of_their_own(self, house: House, team: TeamId, unchanged: Unchanged) -> None:
        client = sign_in(house)
        for name, told in (("", "Team name is required"), ("builders", "Team name taken")):
            page = client.get(f"{TEAMS}/new")
            with unchanged():
                form = {"csrf": csrf_of(page), "name": name, "email": "kept@example.org"}
                answer = client.post(f"{TEAMS}/new", data=form)
                assert (answer.status_code, told in answer.text) == (422, True)
                assert "kept@example.org" in answer.text
                answer = client.post(edit(team, "/settings"), data={"csrf": csrf_of(page), "name": "x" * 191})
                assert "Team name can be at most 190 characters" in answer.text
        assert client.get(edit(team)).status_code == 200

    def test_that_are_not_there_are_no_page(self, house: House) -> None:
        client = sign_in(house)
        for path in (f"{TEAMS}/edit/99", f"{TEAMS}/edit/99/settings", f"{TEAMS}/edit/abc"):
            assert client.get(path).status_code == 404

    def test_are_closed_to_whoever_may_neither_read_nor_make_one(self, house: House, team: TeamId) -> None:
        client = sign_in_member(house, Role.EDITOR)
        assert "You need" in client.get(TEAMS).text
        for path in (TEAMS, f"{TEAMS}/new", edit(team), edit(team, "/members/add")):
            assert client.get(path).status_code == 403
        assert TEAMS not in client.get("/profile").text


class TestMembers:
    def test_are_looked_for(self, house: House, team: TeamId) -> None:
        house.a_member(Role.VIEWER, login="bob")
        with house.database.write() as db:
            a_member(db, HOME, team, a_service_account(db, HOME))
        client = sign_in(house)
        page = client.get(edit(team))
        assert "No members to show." in page.text
        assert "1 more member is not listed" in page.text
        found = client.get(edit(team, "/members/add?query=BOB"), headers={"x-fragment": "found"})
        assert ("Bob (bob)" in found.text, "1 hit" in found.text) == (True, True)
        assert "No people found." in client.get(edit(team, "/members/add?query=zz")).text

    def test_are_added_changed_and_removed(self, house: House, team: TeamId) -> None:
        bob = house.a_member(Role.VIEWER, login="bob")
        client = sign_in(house)
        person = {"person": str(bob), "level": "Member"}
        adding = edit(team, "/members/add")
        answer = send(client, edit(team, "/members"), page=adding, **person)
        page = after(client, answer, "Member added to Team")
        assert "bob@example.com" in page.text
        again = send(client, edit(team, "/members"), page=adding, **person)
        assert (again.status_code, "User is already added to this team" in again.text) == (422, True)
        one = edit(team, f"/members/{bob}")
        answer = send(client, f"{one}/level", page=edit(team), level="Admin")
        page = after(client, answer, "Team member updated")
        assert CHOSEN.findall(page.text)[-1] == "Admin"
        assert send(client, f"{one}/level", page=edit(team), level="Owner").status_code == 400
        csrf = csrf_of(page)
        after(client, client.post(f"{one}/remove", data={"csrf": csrf}), "Team Member removed")
        for act, form in (("remove", {}), ("level", {"level": "Member"})):
            answer = client.post(f"{one}/{act}", data={"csrf": csrf, **form})
            after(client, answer, "That person is no longer in the team.")
        assert client.post(edit(team, "/members/x/remove"), data={"csrf": csrf}).status_code == 404

    def test_are_refused_where_they_stand(self, house: House, team: TeamId, unchanged: Unchanged) -> None:
        stranger = house.a_member(Role.VIEWER, org=house.an_org(), login="stranger")
        client = sign_in(house)
        csrf = csrf_of(client.get(edit(team, "/members/add")))
        for person, level, told in (
            ("", "Member", "Choose a person"),
            (str(stranger), "Owner", "Choose a level"),
            (str(stranger), "Member", "That person no longer belongs to this organization."),
        ):
            form = {"csrf": csrf, "person": person, "level": level}
            with unchanged():
                answer = client.post(edit(team, "/members"), data=form)
            assert (answer.status_code, told in answer.text) == (422, True)

    def test_of_ones_own_team_are_shown_as_far_as_one_may(self, house: House, team: TeamId) -> None:
        client = sign_in_member(house, Role.VIEWER, "bob")
        with house.database.write() as db:
            (bob,) = db.exec_driver_sql("SELECT id FROM account WHERE login = 'bob'").one()
            a_member(db, HOME, team, bob)
        assert "builders" in client.get(TEAMS).text
        page = client.get(edit(team))
        assert "You need teams.permissions:read to do this." in page.text
        assert "You need teams:write to do this." in client.get(edit(team, "/settings")).text
        with house.database.write() as db:
            team_members.set_level(db, HOME, team, bob, level=TeamLevel.ADMIN)
        house.clock.advance(1)
        page = client.get(edit(team))
        assert "1 more member is not listed" in page.text
        answer = send(client, edit(team, f"/members/{bob}/remove"), page=edit(team))
        assert answer.headers["location"] == "/"


class TestSettings:
    def test_of_a_team_are_changed(self, house: House, team: TeamId) -> None:
        client = sign_in(house)
        settings = edit(team, "/settings")
        page = after(client, send(client, settings, name=" Builders ", email=""), "Team updated")
        assert 'value="Builders"' in page.text
        wanted = {"theme": "dark", "timezone": "utc", "weekStart": "monday"}
        answer = send(client, edit(team, "/preferences"), page=settings, **wanted)
        page = after(client, answer, "Preferences updated")
        assert CHOSEN.findall(page.text) == ["dark", "utc", "monday"]
        answer = send(client, edit(team, "/preferences"), page=settings, theme="pink")
        assert (answer.status_code, "Invalid theme" in answer.text) == (422, True)

    def test_of_the_organization_are_changed_after_one_more_question(
        self, house: House, unchanged: Unchanged
    ) -> None:
        client = sign_in(house)
        query = "theme=dark&timezone=Europe%2FAmsterdam&weekStart=sunday"
        with unchanged():
            page = client.get(f"/org/confirm/preferences?{query}")
        assert ("Confirm preferences update" in page.text, "Main Org." in page.text) == (True, True)
        dialog = client.get(f"/org/confirm/preferences?{query}", headers={"x-fragment": "dialog"})
        assert dialog.text.lstrip().startswith("<dialog")
        assert client.get("/org/confirm/preferences?theme=pink").headers["location"] == "/org"
        wanted = {"theme": "dark", "timezone": "Europe/Amsterdam", "weekStart": "sunday"}
        page = after(client, send(client, "/org/preferences", page="/org", **wanted), "Preferences updated")
        assert CHOSEN.findall(page.text) == ["dark", "Europe/Amsterdam", "sunday"]
        assert 'data-theme="dark"' in page.text
        assert 'data-zone="Europe/Amsterdam"' in page.text
        answer = send(client, "/org/preferences", page="/org", theme="dark", timezone="Mars/Phobos")
        assert (answer.status_code, "Invalid timezone" in answer.text) == (422, True)

    def test_of_the_organization_are_its_name_too(self, house: House, unchanged: Unchanged) -> None:
        house.an_org("Taken")
        client = sign_in(house)
        csrf = csrf_of(client.get("/org"))
        for name, told in (("", "Organization name is required"), ("Taken", "Organization name taken")):
            with unchanged():
                answer = client.post("/org", data={"csrf": csrf, "name": name})
            assert (answer.status_code, told in answer.text) == (422, True)
        after(client, send(client, "/org", name="Renamed"), "Organization: Renamed")

    def test_of_the_organization_are_for_its_admins_to_change(
        self, house: House, unchanged: Unchanged
    ) -> None:
        client = sign_in_member(house, Role.VIEWER)
        page = client.get("/org")
        assert "You need orgs:write to do this." in page.text
        assert 'name="timezone"' not in page.text
        with unchanged():
            for path in ("/org", "/org/preferences"):
                assert client.post(path, data={"csrf": csrf_of(page), "name": "x"}).status_code == 403


class TestWhatCounts:
    def test_is_ones_own_then_ones_teams_then_the_organizations(self, house: House, team: TeamId) -> None:
        admin = house.as_key()
        client = sign_in_member(house, Role.VIEWER, "bob")
        with house.database.write() as db:
            (bob,) = db.exec_driver_sql("SELECT id FROM account WHERE login = 'bob'").one()

        def looks() -> tuple[str, str]:
            page = client.get("/profile").text
            theme, zone = re.search(r'data-theme="(\w*)"\s+data-zone="([\w/]*)"', page).groups()  # type: ignore[union-attr] # there is one
            return theme, zone

        assert looks() == ("system", "")
        admin.put("/api/org/preferences", json={"theme": "dark", "timezone": "utc"})
        assert looks() == ("dark", "UTC")
        assert "Default" in client.get("/help").text
        admin.put(f"/api/teams/{team}/preferences", json={"theme": "light"})
        with house.database.write() as db:
            a_member(db, OrgId(1), team, bob)
        assert looks() == ("light", "UTC")
        wanted = {"theme": "dark", "timezone": "browser", "weekStart": "saturday"}
        answer = send(client, "/profile/preferences", page="/profile", **wanted)
        page = after(client, answer, "Preferences updated")
        assert CHOSEN.findall(page.text) == ["dark", "browser", "saturday"]
        assert looks() == ("dark", "")
        answer = send(client, "/profile/preferences", page="/profile", theme="dark", weekStart="friday")
        assert (answer.status_code, "Invalid week start" in answer.text) == (422, True)
        send(client, "/profile/theme", page="/profile", theme="system")
        assert looks() == ("light", "")
