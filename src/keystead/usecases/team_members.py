"""Who is in a team, and as what: list, add, change, remove."""

from dataclasses import dataclass

from sqlalchemy import Connection

from keystead.core.access.holders import LeveledObject
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.access.visible import visible_ids
from keystead.core.accounts.model import AccountId
from keystead.core.clock import Clock
from keystead.core.paging import Cursor, get_cursor_or_none
from keystead.core.teams.errors import (
    TeamMemberExists,
    TeamMemberForeign,
    TeamMemberNotFound,
    TeamNotFound,
)
from keystead.core.teams.model import (
    MEMBERS_BY_LOGIN,
    Team,
    TeamId,
    TeamLevel,
    TeamMember,
    place_of_member,
)
from keystead.storage import memberships, orgs, teams
from keystead.storage import team_members as rows
from keystead.storage.people_filter import PeopleFilter
from keystead.usecases import changes
from keystead.usecases.changes import Detail, Target
from keystead.usecases.leveled_objects import check_may_give
from keystead.usecases.paging import cut_page


@dataclass(frozen=True, slots=True)
class MemberPageAsked:
    """Which page of a list is wanted; whatever makes no sense means the first one."""

    after: str = ""  # the cursor of the page before
    before: str = ""  # the cursor of the page behind; `after` wins


@dataclass(frozen=True, slots=True)
class FoundMembers:
    """One page of the people in a team, by login."""

    members: tuple[TeamMember, ...]
    count: int  # on all pages
    before: str = ""  # cursor of the page before; "": this is the first
    after: str = ""  # cursor of the page behind; "": this is the last


def list_members(db: Connection, by: Principal, team_id: TeamId) -> list[TeamMember]:
    """Return the people in a team whom the caller may read, by login; of an unknown team nobody.

    Raises PermissionMissing.
    """
    return rows.list_people(db, by.org_here, team_id, readable(by))


def list_member_page(db: Connection, by: Principal, team_id: TeamId, asked: MemberPageAsked) -> FoundMembers:
    """Return a page of the people in a team whom the caller may read. Raises PermissionMissing."""
    org, which = by.org_here, readable(by)

    def list_from(place: Cursor | None, is_backward: bool, limit: int) -> list[TeamMember]:  # noqa: FBT001 - as it is called
        return rows.list_people_from(
            db, org, team_id, which, place=place, is_backward=is_backward, limit=limit
        )

    after, before = (get_cursor_or_none(text, MEMBERS_BY_LOGIN, str) for text in (asked.after, asked.before))
    page = cut_page(after, before, list_from=list_from, place_of=place_of_member)
    count = rows.count_people(db, org, team_id, which)
    return FoundMembers(page.rows, count, page.before, page.after)


def add_member(
    db: Connection,
    by: Principal,
    team_id: TeamId,
    account_id: AccountId,
    *,
    level: TeamLevel = TeamLevel.MEMBER,
    clock: Clock,
) -> None:
    """Put a person or a service account of the organization into a team.

    Raises PermissionMissing, also for what the team gives and the caller does not hold; TeamMemberForeign,
    for an unknown team too; TeamMemberExists.
    """
    org, now = by.org_here, clock()
    try:
        team = lock_team(db, by, team_id)
    except TeamNotFound:
        raise TeamMemberForeign(f"team={team_id}") from None
    if memberships.get_role_or_none(db, org, account_id) is None:
        raise TeamMemberForeign(f"account={account_id}")
    check_may_give(db, by, LeveledObject("teams", str(team_id)), (level,))
    if rows.get_level_or_none(db, org, team_id, account_id) is not None:
        raise TeamMemberExists(f"team={team_id} account={account_id}")
    rows.add_member(db, org, team_id, account_id, level=level, at=now)
    detail: Detail = {"account": account_id, "level": level}
    changes.record(db, by, "team.member.add", Target("team", team_id, team.name), at=now, detail=detail)


def set_level(
    db: Connection,
    by: Principal,
    team_id: TeamId,
    account_id: AccountId,
    *,
    level: TeamLevel,
    clock: Clock,
) -> None:
    """Change what somebody is in a team.

    Raises PermissionMissing, also for a level that permits more than the caller may; TeamMemberNotFound, for
    an unknown team too.
    """
    org, now = by.org_here, clock()
    try:
        team = lock_team(db, by, team_id)
    except TeamNotFound:
        raise TeamMemberNotFound(f"team={team_id}") from None
    before = rows.get_level_or_none(db, org, team_id, account_id)
    if before is None:
        raise TeamMemberNotFound(f"team={team_id} account={account_id}")
    if level is before:
        return
    check_may_give(db, by, LeveledObject("teams", str(team_id)), (level,))
    rows.set_level(db, org, team_id, account_id, level=level)
    detail: Detail = {"account": account_id, "level": level, "level_before": before}
    changes.record(db, by, "team.member.level", Target("team", team_id, team.name), at=now, detail=detail)


def remove_member(
    db: Connection, by: Principal, team_id: TeamId, account_id: AccountId, *, clock: Clock
) -> None:
    """Raises PermissionMissing, TeamNotFound, TeamMemberForeign, TeamMemberNotFound."""
    org = by.org_here
    team = lock_team(db, by, team_id)
    if memberships.get_role_or_none(db, org, account_id) is None:
        raise TeamMemberForeign(f"account={account_id}")
    if rows.get_level_or_none(db, org, team_id, account_id) is None:
        raise TeamMemberNotFound(f"team={team_id} account={account_id}")
    rows.delete_member(db, org, team_id, account_id)
    detail = {"account": account_id}
    target = Target("team", team_id, team.name)
    changes.record(db, by, "team.member.remove", target, at=clock(), detail=detail)


def get_level_or_none(
    db: Connection, by: Principal, team_id: TeamId, account_id: AccountId
) -> TeamLevel | None:
    """Return what an account is in a team; None: it is not in it. Raises PermissionMissing."""
    return rows.get_level_or_none(db, by.org_here, team_id, account_id)


def lock_team(db: Connection, by: Principal, team_id: TeamId) -> Team:
    """Return the team; nobody joins or leaves it, or its organization, until this transaction ends.

    Raises PermissionMissing, TeamNotFound.
    """
    orgs.lock_org(db, by.org_here)
    return teams.find_team(db, by.org_here, team_id)


def readable(by: Principal) -> PeopleFilter:
    ids = visible_ids(by.grants, Action.ORG_USERS_READ, "users")
    return PeopleFilter(only=None if ids is None else frozenset(map(AccountId, ids)))
