"""What levels are given on, to whom, and whether somebody may."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from keystead.core.access.errors import HolderUnknown, ObjectUnknown, PermissionMissing
from keystead.core.access.given import permissions_in
from keystead.core.access.holders import AccountHolder, Holder, LeveledObject, RoleHolder, TeamHolder
from keystead.core.access.levels import ObjectKind, permissions_of
from keystead.core.access.principal import Principal
from keystead.core.accounts.errors import ServiceAccountNotFound
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.model import OrgId
from keystead.core.path_id import parse_path_id
from keystead.core.teams.errors import TeamNotFound
from keystead.core.teams.model import TeamId
from keystead.storage import object_grants, serviceaccounts, team_levels, teams
from keystead.usecases.changes import Detail, Target


def object_of(kind: ObjectKind, text: str) -> LeveledObject | None:
    """Return the object that a path names, whether there is one or not; None: the text is no id."""
    if kind.attribute != "id":
        return LeveledObject(kind.name, text)
    number = parse_path_id(text)
    return None if number is None else LeveledObject(kind.name, str(number))


def lock_object(db: Connection, org: OrgId, kind: ObjectKind, text: str) -> tuple[LeveledObject, Target]:
    """Return the object and how the log tells of it; nobody else changes it until this transaction ends.

    Raises ObjectUnknown.
    """
    of = object_of(kind, text)
    if of is None:
        raise ObjectUnknown
    match kind.name:
        case "serviceaccounts":
            return of, _lock_service_account(db, org, AccountId(int(of.id)))
        case "teams":
            return of, _find_team(db, org, TeamId(int(of.id)))
        case _:
            raise ObjectUnknown(f"{kind.name=}")


def _lock_service_account(db: Connection, org: OrgId, account_id: AccountId) -> Target:
    try:
        serviceaccounts.lock_service_account(db, org, account_id)
        found = serviceaccounts.find_service_account(db, org, account_id)
    except ServiceAccountNotFound as error:
        raise ObjectUnknown(error.detail) from None
    return Target("serviceaccount", account_id, found.login)


def _find_team(db: Connection, org: OrgId, team_id: TeamId) -> Target:
    """Return the team, whose members nobody changes but who has locked the organization."""
    try:
        return Target("team", team_id, teams.find_team(db, org, team_id).name)
    except TeamNotFound as error:
        raise ObjectUnknown(error.detail) from None


def find_holders(
    db: Connection, org: OrgId, kind: ObjectKind, holders: Sequence[Holder | None]
) -> Mapping[Holder, Detail]:
    """Return how the log tells of each. Raises HolderUnknown for whoever is not of the organization.

    So it does for nobody at all, and for those whom objects of this kind have no levels for.
    """
    people = {holder.id for holder in holders if isinstance(holder, AccountHolder)}
    groups = {holder.id for holder in holders if isinstance(holder, TeamHolder) and kind.for_teams}
    logins = object_grants.list_logins(db, org, people)
    names = object_grants.list_team_names(db, org, groups)
    told: dict[Holder, Detail] = {}
    for holder in holders:
        match holder:
            case AccountHolder(id_) if id_ in logins:
                told[holder] = {"account": id_, "login": logins[id_]}
            case TeamHolder(id_) if id_ in names:
                told[holder] = {"team": id_, "name": names[id_]}
            case RoleHolder(role) if kind.for_basic_roles:
                told[holder] = {"role": role.value}
            case _:
                raise HolderUnknown(f"{holder=}")
    return told


def check_may_give(db: Connection, by: Principal, of: LeveledObject, levels: Iterable[str]) -> None:
    """Raises PermissionMissing for what the caller does not hold, and so cannot give.

    A level on a team gives all that the team was given.
    """
    wanted = [permission for level in levels for permission in permissions_of(of.kind, of.id, level)]
    if wanted and of.kind == "teams":
        given = team_levels.list_given_to_team(db, by.org_here, TeamId(int(of.id)))
        wanted += sorted(permission for thing in given for permission in permissions_in(thing))
    missing = by.grants.first_missing(wanted)
    if missing is not None:
        raise PermissionMissing(missing.action)
