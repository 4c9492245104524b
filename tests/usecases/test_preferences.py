from dataclasses import replace

import pytest

from keystead.core.accounts.errors import UserNotFound
from keystead.core.clock import frozen_clock
from keystead.core.errors import KeysteadError
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.orgs.model import OrgId
from keystead.core.preferences.errors import HomeDashboardNotFound, ThemeInvalid
from keystead.core.preferences.model import NO_PREFERENCES, Preferences
from keystead.core.teams.errors import TeamNotFound
from keystead.core.teams.model import TeamId
from keystead.storage import changes as log
from keystead.storage.engine import Database
from keystead.usecases import preferences
from keystead.usecases.preferences import ChangedPreferences
from tests.doors import Unchanged
from tests.makers import (
    NOON,
    a_member,
    a_person,
    a_principal,
    a_team,
    an_installation,
    an_org,
    as_person,
)

NOW = frozen_clock(NOON)
WANTED = ChangedPreferences(theme="dark", timezone="utc", week_start="monday", locale="en")
DARK = Preferences("dark", "utc", "monday", "en")
BAD = [
    (ChangedPreferences(theme="purple"), ThemeInvalid),
    (ChangedPreferences(home_dashboard_id=7), HomeDashboardNotFound),
    (ChangedPreferences(home_dashboard_uid="none"), HomeDashboardNotFound),
]


@pytest.fixture
def home(database: Database) -> OrgId:
    with database.write() as db:
        an_installation(db)
        return an_org(db)


def actions(database: Database) -> list[str]:
    with database.read() as db:
        return [entry.action for entry, _hash in log.list_changes(db)]


class TestOnesOwn:
    def test_are_ones_own_in_every_organization(self, database: Database, home: OrgId) -> None:
        with database.write() as db:
            by = as_person(db, a_person(db, home))
            preferences.change_own_preferences(db, by, WANTED)
            preferences.change_own_preferences(db, by, ChangedPreferences(timezone=""))
            for org in (home, None):
                found = preferences.find_own_preferences(db, replace(by, org=org))
                assert found == replace(DARK, timezone="")
            other = as_person(db, a_person(db, home, login="bob"))
            assert preferences.find_own_preferences(db, other) == NO_PREFERENCES
        assert actions(database) == []

    def test_of_a_key_are_its_organizations_and_not_its_to_change(
        self, database: Database, home: OrgId, unchanged: Unchanged
    ) -> None:
        key = a_principal(home)
        with database.write() as db:
            preferences.change_org_preferences(db, key, WANTED, clock=NOW)
            assert preferences.find_own_preferences(db, key) == DARK
        with unchanged(), pytest.raises(UserNotFound), database.write() as db:
            preferences.change_own_preferences(db, key, ChangedPreferences(theme="light"))


class TestShared:
    def test_are_kept_where_nothing_else_is_asked_for(self, database: Database, home: OrgId) -> None:
        admin = a_principal(home)
        with database.write() as db:
            team = a_team(db, home)
            preferences.change_org_preferences(db, admin, WANTED, clock=NOW)
            preferences.change_org_preferences(db, admin, ChangedPreferences(theme=""), clock=NOW)
            assert preferences.find_org_preferences(db, admin) == replace(DARK, theme="")
            preferences.change_team_preferences(db, admin, team, WANTED, clock=NOW)
            wanted = ChangedPreferences(locale="de")
            preferences.change_team_preferences(db, admin, team, wanted, clock=NOW)
            assert preferences.find_team_preferences(db, admin, team) == replace(DARK, locale="de")
        assert actions(database) == ["org.preferences"] * 2 + ["team.preferences"] * 2

    @pytest.mark.parametrize(("wanted", "error"), BAD)
    def test_are_refused_like_ones_own(
        self,
        database: Database,
        home: OrgId,
        unchanged: Unchanged,
        wanted: ChangedPreferences,
        error: type[KeysteadError],
    ) -> None:
        admin = a_principal(home)
        with database.write() as db:
            by, team = as_person(db, a_person(db, home)), a_team(db, home)
        with unchanged(), pytest.raises(error), database.write() as db:
            preferences.change_own_preferences(db, by, wanted)
        with unchanged(), pytest.raises(error), database.write() as db:
            preferences.change_org_preferences(db, admin, wanted, clock=NOW)
        with unchanged(), pytest.raises(error), database.write() as db:
            preferences.change_team_preferences(db, admin, team, wanted, clock=NOW)

    def test_of_what_is_not_there_are_empty_and_not_to_change(
        self, database: Database, home: OrgId, unchanged: Unchanged
    ) -> None:
        with database.write() as db:
            other = an_org(db, name="other")
            foreign = a_team(db, other)
            preferences.change_team_preferences(db, a_principal(other), foreign, WANTED, clock=NOW)
            preferences.change_org_preferences(db, a_principal(home), WANTED, clock=NOW)
        for team in (foreign, TeamId(0), TeamId(2**62)):
            with database.read() as db:
                found = preferences.find_team_preferences(db, a_principal(home), team)
                assert found == NO_PREFERENCES
            with unchanged(), pytest.raises(TeamNotFound), database.write() as db:
                preferences.change_team_preferences(db, a_principal(home), team, WANTED, clock=NOW)
        with unchanged(), pytest.raises(OrgNotFound), database.write() as db:
            preferences.change_org_preferences(db, a_principal(OrgId(2**62)), WANTED, clock=NOW)


class TestWhatCounts:
    def test_is_a_teams_wish_over_the_organizations(self, database: Database, home: OrgId) -> None:
        admin = a_principal(home)
        with database.write() as db:
            alice, team = a_person(db, home), a_team(db, home)
            preferences.change_org_preferences(db, admin, WANTED, clock=NOW)
            wanted = ChangedPreferences(theme="light")
            preferences.change_team_preferences(db, admin, team, wanted, clock=NOW)
            assert preferences.find_defaults(db, home, alice) == DARK
            a_member(db, home, team, alice)
            assert preferences.find_defaults(db, home, alice) == replace(DARK, theme="light")
            assert preferences.find_defaults(db, None, alice) == NO_PREFERENCES
