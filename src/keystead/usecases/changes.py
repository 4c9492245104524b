"""Record a change, in the transaction of the change itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection

from keystead.core.access.principal import Origin, Principal, PrincipalKind
from keystead.core.changes.chain import GENESIS, hash_of
from keystead.core.changes.change import Actor, ActorKind, Change, ChangeId
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.storage import changes as rows
from keystead.storage.engine import EPOCH

Detail: TypeAlias = Mapping[str, str | int | bool | None]
THE_HOST = Actor(ActorKind.HOST, 0, "host")  # whoever may open the data folder


@dataclass(frozen=True, slots=True)
class Target:
    """What a change was about."""

    kind: str
    id: int | str
    name: str = ""


def record(
    db: Connection,
    by: Principal | Actor,
    action: str,
    target: Target,
    *,
    at: UnixSeconds,
    org: OrgId | None = None,
    detail: Detail | None = None,
) -> None:
    """Append to the log and raise the access epoch. Call it last: it makes all others wait for the commit.

    `org` is the organization that the change belongs to, when that is not the caller's own.
    """
    db.info[EPOCH] = rows.lock_log(db)
    last = rows.get_last_or_none(db)
    last_id, last_hash = last if last is not None else (0, GENESIS)
    origin = by.origin if isinstance(by, Principal) else Origin("", "")
    entry = Change(
        id=ChangeId(last_id + 1),
        at=at,
        org=org if org is not None else org_of(by),
        actor=by if isinstance(by, Actor) else actor_of(by),
        address=origin.address,
        request_id=origin.request_id,
        action=action,
        target_kind=target.kind,
        target_id=str(target.id),
        target_name=target.name,
        detail=detail or {},
    )
    rows.add_change(db, entry, hash_of(last_hash, entry))


def org_of(by: Principal | Actor) -> OrgId | None:
    """Return whose log tells what they do: never that of an organization which a person only named."""
    if isinstance(by, Actor) or (by.kind is PrincipalKind.USER and by.role is None):
        return None
    return by.org


def actor_of(by: Principal) -> Actor:
    return Actor(ActorKind(by.kind.value), by.account_id, by.login or by.name, by.credential_id)
