"""The pages of teams and of the organization, in every state."""

from collections.abc import Callable, Mapping

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.member import Member
from keystead.core.orgs.model import OrgId
from keystead.core.preferences.model import Preferences
from keystead.core.teams.model import Team, TeamId, TeamLevel, TeamMember
from keystead.usecases.preferences import ChangedPreferences
from keystead.usecases.team_members import FoundMembers
from keystead.usecases.teams import FoundTeams
from keystead.web.forms import Form, Refused
from keystead.web.presenters import preferences, team, teams
from keystead.web.presenters.frame import Viewer
from keystead.web.render import View
from keystead.web.searches import TeamSearch
from tests.makers import NOON, a_principal
from tests.web.looks import HOSTILE

_ADMIN = a_principal(OrgId(1))
_READER = a_principal(OrgId(1), role=Role.VIEWER)
_TEAM = Team(TeamId(7), OrgId(1), "u7", "Platform", "platform@example.org", 4)
_TEAMS = (
    Team(TeamId(8), OrgId(1), "u8", HOSTILE, "", 0),
    Team(TeamId(9), OrgId(1), "u9", "Data and analytics, the second shift", "data@example.org", 1_204),
    _TEAM,
)
_PEOPLE = (
    TeamMember(AccountId(1), "ada", "ada@example.org", "Ada Lovelace", TeamLevel.ADMIN),
    TeamMember(AccountId(2), "charles", "charles@example.org", HOSTILE, TeamLevel.MEMBER),
    TeamMember(AccountId(3), "grace", "grace@example.org", "", TeamLevel.MEMBER),
)
_FOUND = FoundMembers(_PEOPLE, 3)
_WANTED = Preferences("dark", "Europe/Amsterdam", "monday")


def _found(*, has_any: bool = True, shown: tuple[Team, ...] = _TEAMS, after: str = "") -> FoundTeams:
    return FoundTeams(shown, len(shown), has_any, "", after)


def _member(number: int, login: str, name: str) -> Member:
    return Member(
        org=OrgId(1),
        id=AccountId(number),
        login=login,
        email=f"{login}@example.org",
        name=name,
        role=Role.VIEWER,
        is_server_admin=False,
        is_disabled=False,
        created_at=NOON,
        last_seen_at=None,
    )


_CANDIDATES = team.Candidates("a", (_member(4, "alan", "Alan Turing"), _member(5, "anna", "")))


def _list(v: Viewer) -> View:
    return teams.teams_page(v, _ADMIN, _found(after="b64.cursor"), TeamSearch())


def _list_read_only(v: Viewer) -> View:
    return teams.teams_page(v, _READER, _found(), TeamSearch())


def _no_hit(v: Viewer) -> View:
    return teams.teams_page(v, _ADMIN, _found(shown=()), TeamSearch("nothing"))


def _empty(v: Viewer) -> View:
    return teams.teams_page(v, _ADMIN, _found(has_any=False, shown=()), TeamSearch())


def _new_refused(v: Viewer) -> View:
    return teams.new_team_page(v, Form({"name": "Platform"}), Refused({"name": "Team name taken"}))


def _members(v: Viewer) -> View:
    return team.team_members_page(v, _ADMIN, _TEAM, _FOUND)


def _members_read_only(v: Viewer) -> View:
    return team.team_members_page(v, _READER, _TEAM, FoundMembers((), 0))


def _adding(v: Viewer) -> View:
    return team.team_members_page(v, _ADMIN, _TEAM, _FOUND, candidates=_CANDIDATES)


def _adding_refused(v: Viewer) -> View:
    nobody = team.Candidates("zz", (), error="Choose a person")
    return team.team_members_page(v, _ADMIN, _TEAM, _FOUND, candidates=nobody)


def _settings(v: Viewer) -> View:
    return team.team_settings_page(v, _ADMIN, _TEAM, _WANTED)


def _settings_read_only(v: Viewer) -> View:
    return team.team_settings_page(v, _READER, _TEAM, Preferences())


def _org(v: Viewer) -> View:
    known = preferences.KnownOrg("Main Org.", _WANTED)
    return preferences.org_page(v, known, preferences.org_rights_of(_ADMIN))


def _org_refused(v: Viewer) -> View:
    typed = Form({"name": "Other Org."})
    told = Refused({"name": "Organization name taken"})
    known = preferences.KnownOrg("Main Org.", Preferences(timezone="Mars/Phobos"))
    return preferences.org_page(v, known, preferences.org_rights_of(_ADMIN), typed=typed, refused=told)


def _org_confirming(v: Viewer) -> View:
    wanted = ChangedPreferences(theme="dark", timezone="utc", week_start="monday")
    known = preferences.KnownOrg("Main Org.", _WANTED)
    dialog = preferences.preferences_confirmation(v, wanted)
    return preferences.org_page(v, known, preferences.org_rights_of(_ADMIN), dialog=dialog)


PAGES: Mapping[str, Callable[[Viewer], View]] = {
    "teams": _list,
    "teams-read-only": _list_read_only,
    "teams-no-hit": _no_hit,
    "teams-empty": _empty,
    "team-new-refused": _new_refused,
    "team-members": _members,
    "team-members-read-only": _members_read_only,
    "team-member-adding": _adding,
    "team-member-adding-refused": _adding_refused,
    "team-settings": _settings,
    "team-settings-read-only": _settings_read_only,
    "org": _org,
    "org-refused": _org_refused,
    "org-confirming": _org_confirming,
}
FRAGMENTS: Mapping[str, Callable[[Viewer], View]] = {
    "teams-table": lambda v: teams.teams_table(v, _ADMIN, _found(), TeamSearch("b")),
    "found-people": lambda v: team.found_people(v, _TEAM, team.team_rights_of(_ADMIN, _TEAM), _CANDIDATES),
    "confirm-preferences": lambda v: preferences.preferences_confirmation(v, ChangedPreferences("light")),
}
