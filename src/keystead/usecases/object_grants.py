"""Levels on single objects: who has one, give, take away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from keystead.core.access.holders import (
    AccountHolder,
    Gift,
    HeldLevel,
    Holder,
    LeveledObject,
    TeamHolder,
)
from keystead.core.access.levels import OBJECT_KINDS, ObjectKind, level_named
from keystead.core.access.permission import Action, covers
from keystead.core.access.principal import Principal, PrincipalKind
from keystead.core.access.visible import visible_ids
from keystead.core.clock import Clock, UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.storage import object_grants, team_levels
from keystead.storage.orgs import lock_org
from keystead.usecases import changes
from keystead.usecases.changes import Detail, Target
from keystead.usecases.leveled_objects import check_may_give, find_holders, lock_object, object_of

_CREATOR_LEVEL = "Admin"  # of every kind


@dataclass(frozen=True, slots=True)
class WantedLevel:
    holder: Holder | None  # None: nobody is named
    level: str  # "": none any more


@dataclass(frozen=True, slots=True)
class LevelChange:
    of: LeveledObject
    target: Target
    holder: Holder
    told: Detail  # the holder, as the log tells it
    before: str  # a level; "": none
    after: str

    @property
    def action(self) -> str:
        """Return what the log calls it."""
        noun = "team.member" if self.of.kind == "teams" else f"{self.target.kind}.permission"
        return f"{noun}.{('level' if self.before else 'add') if self.after else 'remove'}"


class LevelRows(Protocol):
    """Where the levels on a kind of objects are stored."""

    def list_levels(
        self, db: Connection, org: OrgId, of: LeveledObject, *, teams: frozenset[int] | None
    ) -> list[HeldLevel]: ...

    def get_levels(self, db: Connection, org: OrgId, of: LeveledObject) -> dict[Holder, str]: ...

    def add_level(
        self, db: Connection, org: OrgId, of: LeveledObject, holder: Holder, level: str, *, gift: Gift
    ) -> None: ...

    def set_level(
        self, db: Connection, org: OrgId, of: LeveledObject, holder: Holder, level: str, *, gift: Gift
    ) -> None: ...

    def delete_level(self, db: Connection, org: OrgId, of: LeveledObject, holder: Holder) -> None: ...


def list_levels(db: Connection, by: Principal, kind: ObjectKind, object_id: str) -> list[HeldLevel]:
    """Return who has a level on an object; teams that the caller may not read are left out.

    On an unknown object, or one of another organization, nobody has. Raises PermissionMissing.
    """
    org, of = by.org_here, object_of(kind, object_id)
    if of is None:
        return []
    teams = visible_ids(by.grants, Action.TEAMS_READ, "teams")
    return rows_of(kind.name).list_levels(db, org, of, teams=teams)


def set_levels(
    db: Connection,
    by: Principal,
    kind: ObjectKind,
    object_id: str,
    wanted: Sequence[WantedLevel],
    *,
    clock: Clock,
) -> None:
    """Give or take away levels, all or none; of several for one holder the last counts, others keep theirs.

    Raises PermissionMissing, also for a level that permits what the caller may not do with the object;
    LevelUnknown, ObjectUnknown, HolderUnknown.
    """
    org, now = by.org_here, clock()
    for level in levels_in(wanted):
        level_named(kind.name, level)
    lock_org(db, org)  # nobody leaves it meanwhile
    of, target = lock_object(db, org, kind, object_id)
    told = find_holders(db, org, kind, [one.holder for one in wanted])
    check_may_give(db, by, of, levels_in(wanted))
    before = rows_of(kind.name).get_levels(db, org, of)
    after = {holder: one.level for one in wanted if (holder := one.holder) is not None}
    for holder, level in after.items():
        change = LevelChange(of, target, holder, told[holder], before.get(holder, ""), level)
        if change.before != change.after:
            change_level(db, by, change, at=now)


def change_level(db: Connection, by: Principal, change: LevelChange, *, at: UnixSeconds) -> None:
    """Raises PermissionMissing, HolderUnknown."""
    org, of, holder, before, after = by.org_here, change.of, change.holder, change.before, change.after
    if not after:
        rows_of(of.kind).delete_level(db, org, of, holder)
    elif before:
        rows_of(of.kind).set_level(db, org, of, holder, after, gift=gift_of(by, at))
    else:
        rows_of(of.kind).add_level(db, org, of, holder, after, gift=gift_of(by, at))
    detail = {**change.told, "level": after or None, "level_before": before or None}
    changes.record(db, by, change.action, change.target, at=at, detail=detail)


def give_to_creator(db: Connection, by: Principal, of: LeveledObject, *, at: UnixSeconds) -> None:
    """Give the person who has just made an object all rights on it; a key or token is given nothing.

    The log says nothing of it beyond the creation. Raises PermissionMissing.
    """
    if by.kind is PrincipalKind.USER:
        holder = AccountHolder(by.account_id)
        rows_of(of.kind).add_level(db, by.org_here, of, holder, _CREATOR_LEVEL, gift=gift_of(by, at))


def find_last_own(db: Connection, by: Principal, of: LeveledObject, action: Action) -> Holder | None:
    """Return the holder by whose level alone the caller may do this with the object; None: there is no such.

    Raises PermissionMissing.
    """
    scope = OBJECT_KINDS[of.kind].scope_of(of.id)
    if any(covers(held, scope) for held in by.grants.scopes(action) - {scope}):
        return None
    org = by.org_here
    teams = object_grants.list_teams_of(db, org, by.account_id)
    own = {AccountHolder(by.account_id), *map(TeamHolder, teams)}
    held = [holder for holder in rows_of(of.kind).get_levels(db, org, of) if holder in own]
    return held[0] if len(held) == 1 else None


def levels_in(wanted: Iterable[WantedLevel]) -> list[str]:
    """Return the levels that are to be given, each once, in order."""
    return list(dict.fromkeys(one.level for one in wanted if one.level))


def rows_of(kind: str) -> LevelRows:
    """Return the statements about levels on objects of a kind."""
    return team_levels if kind == "teams" else object_grants


def gift_of(by: Principal, at: UnixSeconds) -> Gift:
    return Gift(by.kind, by.account_id or by.credential_id or 0, at)
