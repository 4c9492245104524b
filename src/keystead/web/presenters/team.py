"""One team, in words: its members and its settings."""

from dataclasses import dataclass

from keystead.core.access.levels import permissions_of
from keystead.core.access.permission import Action as Permitted
from keystead.core.access.principal import Principal
from keystead.core.orgs.member import Member
from keystead.core.preferences.model import Preferences
from keystead.core.teams.model import Team, TeamLevel, TeamMember
from keystead.usecases.team_members import FoundMembers
from keystead.web.forms import Form, Refused
from keystead.web.links import Links
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.parts import needed, pager_of
from keystead.web.presenters.preferences import preference_fields
from keystead.web.presenters.teams import TAB, deletion_of, team_fields
from keystead.web.searches import MemberSearch, TeamSearch
from keystead.web.views.fields import SelectField
from keystead.web.views.frame import Choice, Entry, Link
from keystead.web.views.parts import Action
from keystead.web.views.teams import (
    FoundPeople,
    MemberForm,
    MemberPanel,
    MemberRow,
    TeamHead,
    TeamMembersPage,
    TeamSettingsPage,
)
from keystead.web.wording import counted, initials, plural

MEMBERS, SETTINGS = "Members", "Settings"
MOST = 20  # people that a search offers
_FINE = Refused({})


@dataclass(frozen=True, slots=True)
class TeamRights:
    """Each text is the reason against it; "": it may be done."""

    write: str
    see_members: str
    change_members: str
    levels: frozenset[TeamLevel]  # that one holds oneself, and so may give


@dataclass(frozen=True, slots=True)
class Candidates:
    """Whom the panel offers, and for which words."""

    query: str
    people: tuple[Member, ...]
    level: TeamLevel = TeamLevel.MEMBER
    error: str = ""


def team_rights_of(by: Principal, team: Team) -> TeamRights:
    def reason(action: Permitted) -> str:
        return "" if by.grants.allows(action, f"teams:id:{team.id}") else needed(action)

    levels = (
        level
        for level in TeamLevel
        if by.grants.first_missing(permissions_of("teams", str(team.id), level)) is None
    )
    return TeamRights(
        write=reason(Permitted.TEAMS_WRITE),
        see_members=reason(Permitted.TEAMS_PERMISSIONS_READ),
        change_members=reason(Permitted.TEAMS_PERMISSIONS_WRITE),
        levels=frozenset(levels),
    )


def team_members_page(
    viewer: Viewer,
    by: Principal,
    team: Team,
    found: FoundMembers,
    *,
    candidates: Candidates | None = None,
) -> TeamMembersPage:
    rights = team_rights_of(by, team)
    has_errors = candidates is not None and bool(candidates.error)
    unlisted = 0 if rights.see_members else team.members - found.count
    return TeamMembersPage(
        document=document_of(viewer, MEMBERS, team.name, TAB, Place.CONFIGURATION, has_errors=has_errors),
        frame=frame_of(viewer, Place.CONFIGURATION, TAB),
        head=team_head(viewer, by, team, MEMBERS),
        csrf=viewer.csrf,
        reason=rights.see_members,
        add=None if candidates else _adding(viewer.links, team, rights),
        panel=None if candidates is None else member_panel(viewer, team, rights, candidates),
        rows=tuple(_member_row(viewer.links, team, member, rights) for member in found.members),
        count=counted(found.count, "member"),
        unlisted=unlisted_words(unlisted),
        pager=pager_of(
            lambda after, before: viewer.links.team(team.id, "members", MemberSearch(after, before).pairs),
            found.before,
            found.after,
        ),
    )


def team_settings_page(
    viewer: Viewer,
    by: Principal,
    team: Team,
    preferences: Preferences,
    *,
    typed: Form | None = None,
    refused: Refused = _FINE,
) -> TeamSettingsPage:
    has_errors = bool(refused.messages)
    name, email = (team.name, team.email) if typed is None else (typed.typed("name"), typed.typed("email"))
    return TeamSettingsPage(
        document=document_of(viewer, SETTINGS, team.name, TAB, Place.CONFIGURATION, has_errors=has_errors),
        frame=frame_of(viewer, Place.CONFIGURATION, TAB),
        head=team_head(viewer, by, team, SETTINGS),
        csrf=viewer.csrf,
        summary="Your changes were not saved. Check the marked fields." if has_errors else "",
        details_url=viewer.links.team(team.id, "settings"),
        details=team_fields(name, email, refused),
        preferences_url=viewer.links.team(team.id, "preferences"),
        preferences=preference_fields(preferences, refused),
        reason=team_rights_of(by, team).write,
    )


def team_head(viewer: Viewer, by: Principal, team: Team, tab: str) -> TeamHead:
    links = viewer.links
    tabs = ((MEMBERS, links.team(team.id)), (SETTINGS, links.team(team.id, "settings")))
    return TeamHead(
        back=Link(TAB, links.teams()),
        initials=initials(team.name, team.name),
        name=team.name,
        members=plural(team.members, "member"),
        csrf=viewer.csrf,
        deletion=deletion_of(viewer, by, team, TeamSearch()),
        tabs=tuple(Entry(label, "", url, is_current=label == tab) for label, url in tabs),
    )


def member_panel(viewer: Viewer, team: Team, rights: TeamRights, candidates: Candidates) -> MemberPanel:
    return MemberPanel(
        search_url=viewer.links.team(team.id, "members/add"),
        close_url=viewer.links.team(team.id),
        query=candidates.query,
        found=found_people(viewer, team, rights, candidates),
    )


def found_people(viewer: Viewer, team: Team, rights: TeamRights, candidates: Candidates) -> FoundPeople:
    people = candidates.people
    status = "No people found."
    if people:
        status = f"The first {MOST} people" if len(people) == MOST else f"{plural(len(people), 'hit')}"
    return FoundPeople(
        csrf=viewer.csrf,
        action_url=viewer.links.team(team.id, "members", (("query", candidates.query),)),
        status=status,
        people=tuple(Choice(str(one.id), _label(one.name, one.login), is_chosen=False) for one in people),
        level=SelectField(
            id="level", name="level", label="Level", choices=_level_choices(candidates.level, rights)
        ),
        error=candidates.error,
    )


def unlisted_words(count: int) -> str:
    if count <= 0:
        return ""
    verb = "is" if count == 1 else "are"
    return f"{plural(count, 'more member')} {verb} not listed: service accounts, or people you may not see."


def _adding(links: Links, team: Team, rights: TeamRights) -> Action:
    return Action("Add member", links.team(team.id, "members/add"), rights.change_members)


def _member_row(links: Links, team: Team, member: TeamMember, rights: TeamRights) -> MemberRow:
    form = MemberForm(
        level_url=links.team(team.id, f"members/{member.id}/level"),
        label=f"Level of {member.login}",
        choices=_level_choices(member.level, rights),
        remove_url=links.team(team.id, f"members/{member.id}/remove"),
        remove_label=f"Remove {member.login} from {team.name}",
    )
    return MemberRow(
        initials=initials(member.name, member.login),
        login=member.login,
        email=member.email,
        name=member.name,
        level=member.level,
        form=None if rights.change_members else form,
    )


def _level_choices(chosen: TeamLevel, rights: TeamRights) -> tuple[Choice, ...]:
    return tuple(_level_choice(level, chosen, rights) for level in TeamLevel)


def _level_choice(level: TeamLevel, chosen: TeamLevel, rights: TeamRights) -> Choice:
    is_closed = level not in rights.levels and level is not chosen
    label = f"{level.value} (above your rights)" if is_closed else level.value
    return Choice(level.value, label, is_chosen=level is chosen, is_disabled=is_closed)


def _label(name: str, login: str) -> str:
    return f"{name} ({login})" if name and name != login else login
