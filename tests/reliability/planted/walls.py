"""Holes between organizations: statements that forget which one is meant."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TypeAlias

from sqlalchemy import ClauseElement, Connection

from tests.reliability.statements import without_org

Set: TypeAlias = Callable[[object, str, object], None]
_KEYS = {"credentials.list_keys", "credentials.find_key", "credentials.delete_key"}
_ACCOUNTS = {
    *("serviceaccounts.find_service_account", "serviceaccounts.find_listed"),
    *("serviceaccounts.lock_service_account", "serviceaccounts.set_service_account"),
    *(
        "serviceaccounts.delete_service_account",
        "serviceaccounts.list_service_accounts",
        "memberships.set_role",
    ),
}
_TEAMS = {"teams.find_team", "teams.list_teams", "teams.delete_team"}
_MEMBERS = {"memberships.list_members", "memberships.get_member_or_none", "memberships.get_role_or_none"}
_ROLES = {"roles.list_roles", "roles.get_role_or_none", "roles.list_permissions"}
_HOLDERS = {
    *("role_assignments.list_holders", "role_assignments.lock_accounts", "role_assignments.lock_teams"),
    *("object_grants.list_logins", "object_grants.list_team_names"),
}


def org_filter_of_keys(set_: Set) -> None:
    """Leave the organization out of the statements about API keys."""
    forget_org(set_, _KEYS)


def org_filter_of_accounts(set_: Set) -> None:
    """Leave the organization out of the statements about service accounts."""
    forget_org(set_, _ACCOUNTS)


def org_filter_of_teams(set_: Set) -> None:
    """Leave the organization out of the statements about teams."""
    forget_org(set_, _TEAMS)


def org_filter_of_members(set_: Set) -> None:
    """Leave the organization out of the statements about who belongs to it."""
    forget_org(set_, _MEMBERS)


def org_filter_of_roles(set_: Set) -> None:
    """Leave the organization out of the statements about custom roles."""
    forget_org(set_, _ROLES)


def org_filter_of_holders(set_: Set) -> None:
    """Leave the organization out of the statements about who may be given a role or a level."""
    forget_org(set_, _HOLDERS)


def forget_org(set_: Set, names: set[str]) -> None:
    """Take the condition off what these functions of storage/ execute."""
    honest = Connection.execute

    def execute(db: Connection, statement: object, *given: object) -> object:
        if isinstance(statement, ClauseElement) and asking(sys._getframe()) in names:
            statement = without_org(statement)
        return honest(db, statement, *given)  # type: ignore[call-overload] # handed on as they came

    set_(Connection, "execute", execute)


def asking(frame: FrameType | None) -> str:
    """Return the module and the function of storage/ that execute."""
    while frame is not None:
        place = Path(frame.f_code.co_filename)
        if place.parts[-3:-1] == ("keystead", "storage") and place.name != "engine.py":
            return f"{place.stem}.{frame.f_code.co_name}"
        frame = frame.f_back
    return ""
