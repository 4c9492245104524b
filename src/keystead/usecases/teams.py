"""Teams: create, search, find, change, delete."""

from dataclasses import dataclass

from sqlalchemy import Connection

from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal, PrincipalKind
from keystead.core.access.visible import visible_ids
from keystead.core.accounts.model import AccountId
from keystead.core.clock import Clock
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.paging import COUNTED_TO, Cursor, get_cursor_or_none
from keystead.core.teams.errors import TeamNameTaken
from keystead.core.teams.model import TEAMS_BY_NAME, Team, TeamId, TeamLevel, place_of_team
from keystead.core.uid import NewUid
from keystead.storage import memberships, object_grants, orgs, preferences, team_members
from keystead.storage import teams as rows
from keystead.storage.teams import TeamFilter
from keystead.usecases import changes
from keystead.usecases.changes import Target
from keystead.usecases.paging import Listed, Page, cut_page


@dataclass(frozen=True, slots=True)
class TeamPageAsked:
    """Which page of a list is wanted; whatever makes no sense means the first one."""

    query: str = ""
    after: str = ""  # the cursor of the page before
    before: str = ""  # the cursor of the page behind; `after` wins


@dataclass(frozen=True, slots=True)
class FoundTeams:
    """One page of teams, by name. A count above `paging.COUNTED_TO` means: more."""

    teams: tuple[Team, ...]
    count: int  # on all pages
    has_any: bool  # whatever the query
    before: str = ""  # cursor of the page before; "": this is the first
    after: str = ""  # cursor of the page behind; "": this is the last


def create_team(
    db: Connection, by: Principal, *, name: str, email: str, new_uid: NewUid, clock: Clock
) -> Team:
    """Make a team; a person of the organization who does so becomes its Admin.

    Raises PermissionMissing, OrgNotFound, TeamNameTaken.
    """
    org, now = by.org_here, clock()
    if not orgs.lock_org(db, org):
        raise OrgNotFound(f"{org=}")
    if rows.is_team_name_taken(db, org, name):
        raise TeamNameTaken
    team_id = rows.add_team(db, org, uid=new_uid(), name=name, email=email, at=now)
    is_member = memberships.get_role_or_none(db, org, by.account_id) is not None
    if by.kind is PrincipalKind.USER and is_member:
        team_members.add_member(db, org, team_id, by.account_id, level=TeamLevel.ADMIN, at=now)
    changes.record(db, by, "team.create", Target("team", team_id, name), at=now)
    return rows.find_team(db, org, team_id)


def search_teams(
    db: Connection, by: Principal, *, query: str = "", name: str = "", page: Page
) -> Listed[Team]:
    """Return the teams that the caller may read, by name; `name` asks for exactly this one.

    Raises PermissionMissing.
    """
    org, which = by.org_here, TeamFilter(readable(by), query, name)
    teams = rows.list_teams(db, org, which, offset=page.offset, limit=page.limit)
    return Listed(teams, rows.count_teams(db, org, which))


def list_team_page(db: Connection, by: Principal, asked: TeamPageAsked) -> FoundTeams:
    """Return a page of the teams that the caller may read. Raises PermissionMissing."""
    org, which = by.org_here, TeamFilter(readable(by), asked.query)
    count = rows.count_teams(db, org, which, most=COUNTED_TO + 1)
    has_any = bool(count or rows.count_teams(db, org, TeamFilter(readable(by)), most=1))

    def list_from(place: Cursor | None, is_backward: bool, limit: int) -> list[Team]:  # noqa: FBT001 - as it is called
        return rows.list_teams_from(db, org, which, place=place, is_backward=is_backward, limit=limit)

    after, before = (get_cursor_or_none(text, TEAMS_BY_NAME, str) for text in (asked.after, asked.before))
    page = cut_page(after, before, list_from=list_from, place_of=place_of_team)
    return FoundTeams(page.rows, count, has_any, page.before, page.after)


def list_own_teams(db: Connection, by: Principal, page: Page) -> list[Team]:
    """Return the caller's teams in the organization of the request, by name. Raises PermissionMissing."""
    which = TeamFilter(member=by.account_id)
    return rows.list_teams(db, by.org_here, which, offset=page.offset, limit=page.limit)


def list_teams_of_person(db: Connection, by: Principal, account_id: AccountId, page: Page) -> list[Team]:
    """Return a person's teams in the organization of the request, as far as the caller may read them.

    Raises PermissionMissing.
    """
    org = by.org_here
    if memberships.get_member_or_none(db, org, account_id) is None:
        return []
    which = TeamFilter(readable(by), member=account_id)
    return rows.list_teams(db, org, which, offset=page.offset, limit=page.limit)


def find_team(db: Connection, by: Principal, team_id: TeamId) -> Team:
    """Raises PermissionMissing, TeamNotFound."""
    return rows.find_team(db, by.org_here, team_id)


def get_team_id_or_none(db: Connection, by: Principal, uid: str) -> TeamId | None:
    """Return which team of the caller's organization has this uid."""
    return None if by.org is None else rows.get_id_of_uid_or_none(db, by.org, uid)


def change_team(
    db: Connection, by: Principal, team_id: TeamId, *, name: str, email: str, clock: Clock
) -> None:
    """Write the e-mail address, and the name unless it is empty.

    Raises PermissionMissing, TeamNotFound, TeamNameTaken.
    """
    org, now = by.org_here, clock()
    orgs.lock_org(db, org)
    before = rows.find_team(db, org, team_id)
    wanted = name or before.name
    if rows.is_team_name_taken(db, org, wanted, but=team_id):
        raise TeamNameTaken(f"team={team_id}")
    if (wanted, email) == (before.name, before.email):
        return
    rows.set_team(db, org, team_id, name=wanted, email=email, at=now)
    detail = {"name_before": before.name, "email": email}
    changes.record(db, by, "team.update", Target("team", team_id, wanted), at=now, detail=detail)


def delete_team(db: Connection, by: Principal, team_id: TeamId, *, clock: Clock) -> None:
    """Delete a team with its members, groups and preferences, and all that it or others were given by it.

    Raises PermissionMissing, TeamNotFound.
    """
    org = by.org_here
    orgs.lock_org(db, org)
    team = rows.find_team(db, org, team_id)
    preferences.delete_shared(db, org, team_id)
    object_grants.delete_of_object(db, org, "teams", str(team_id))
    rows.delete_team(db, org, team_id)
    changes.record(db, by, "team.delete", Target("team", team_id, team.name), at=clock())


def readable(by: Principal) -> frozenset[int] | None:
    return visible_ids(by.grants, Action.TEAMS_READ, "teams")
