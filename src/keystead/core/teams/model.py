"""A team, who is in it, and as what."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from keystead.core.accounts.model import AccountId
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor, Order

TeamId = NewType("TeamId", int)
TEAMS_BY_NAME = Order("name")
MEMBERS_BY_LOGIN = Order("login")


class TeamLevel(StrEnum):
    """What somebody is in a team; what that permits is in `core.access.levels`."""

    MEMBER = "Member"
    ADMIN = "Admin"


@dataclass(frozen=True, slots=True)
class Team:
    id: TeamId
    org: OrgId
    uid: str
    name: str
    email: str  # "": none
    members: int  # machines too


@dataclass(frozen=True, slots=True)
class TeamMember:
    """A person, seen from one of their teams."""

    id: AccountId
    login: str
    email: str
    name: str
    level: TeamLevel


def place_of_team(team: Team) -> Cursor:
    return Cursor(TEAMS_BY_NAME, team.name, team.id)


def place_of_member(member: TeamMember) -> Cursor:
    return Cursor(MEMBERS_BY_LOGIN, member.login, member.id)
