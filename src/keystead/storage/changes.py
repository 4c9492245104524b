"""Statements about the log of changes as one chain: append, and read in its order. Beside it: audit."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from keystead.core.changes.chain import GENESIS, Link
from keystead.core.changes.change import Actor, ActorKind, Change, ChangeId
from keystead.core.changes.search import Head, Recorded
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId
from keystead.storage.schema import change, installation

NOTHING = ChangeId(0)  # what stands before the first change
_c = change.c
ACTOR = (_c.actor_kind, _c.actor_id, _c.actor_login, _c.actor_credential_id)
REST = (
    *(_c.id, _c.at, _c.org_id, _c.address, _c.request_id, _c.action),
    *(_c.target_kind, _c.target_id, _c.target_name, _c.result, _c.detail, _c.hash),
)


def lock_log(db: Connection) -> int:
    """Raise the access epoch and return it; nobody else appends until this transaction ends.

    It is raised by appending alone, so it also tells how many rows were ever written.
    """
    statement = (
        update(installation)
        .where(installation.c.id == 1)
        .values(access_epoch=installation.c.access_epoch + 1)
        .returning(installation.c.access_epoch)
    )
    return db.execute(statement).scalar_one()


def find_access_epoch(db: Connection) -> int:
    return db.execute(select(installation.c.access_epoch).where(installation.c.id == 1)).scalar_one()


def get_last_or_none(db: Connection) -> tuple[ChangeId, bytes] | None:
    """Return the newest row's id and hash; None while the log is empty."""
    row = db.execute(select(_c.id, _c.hash).order_by(_c.id.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    id_, hash_ = row
    return ChangeId(id_), hash_


def add_change(db: Connection, entry: Change, hash_: bytes) -> None:
    db.execute(insert(change).values(get_values(entry, hash_)))


def get_values(entry: Change, hash_: bytes) -> dict[str, object]:
    """Return the columns of a row."""
    return {
        "id": entry.id,
        "at": entry.at,
        "org_id": entry.org,
        "actor_kind": entry.actor.kind,
        "actor_id": entry.actor.id,
        "actor_login": entry.actor.login,
        "actor_credential_id": entry.actor.credential_id,
        "address": entry.address,
        "request_id": entry.request_id,
        "action": entry.action,
        "target_kind": entry.target_kind,
        "target_id": entry.target_id,
        "target_name": entry.target_name,
        "result": entry.result,
        "detail": json.dumps(dict(entry.detail), sort_keys=True),
        "hash": hash_,
    }


def list_changes(db: Connection, *, after: ChangeId = NOTHING) -> Iterator[tuple[Change, bytes]]:
    """Yield the log from its start or from behind one row, oldest first, each with its hash."""
    query = select(*ACTOR).add_columns(*REST).where(_c.id > after).order_by(_c.id)
    for row in db.execute(query):
        recorded = get_recorded(tuple(row))
        yield recorded.change, recorded.hash


def find_head(db: Connection) -> Head:
    """Return the end of the log as it is at one moment, whoever appends meanwhile."""
    newest = select(func.max(_c.id)).scalar_subquery()
    query = (
        select(_c.id, _c.hash, installation.c.access_epoch)
        .select_from(installation)
        .outerjoin(change, _c.id == newest)
        .where(installation.c.id == 1)
    )
    id_, hash_, written = db.execute(query).one()
    return Head(NOTHING, GENESIS, written) if id_ is None else Head(ChangeId(id_), hash_, written)


def list_links(db: Connection, *, after: ChangeId | None, until: ChangeId, limit: int) -> list[Link]:
    """Return rows of the chain in its order, from its start or behind one row, as far as they can be read."""
    query = select(*ACTOR).add_columns(*REST).where(_c.id <= until).order_by(_c.id).limit(limit)
    if after is not None:
        query = query.where(_c.id > after)
    return [_to_link(tuple(row)) for row in db.execute(query)]


def _to_link(row: tuple[Any, ...]) -> Link:
    """Somebody may have written anything into the table."""
    id_, hash_ = ChangeId(row[len(ACTOR)]), row[-1]
    try:
        change_ = get_recorded(row).change
    except (ValueError, TypeError):
        return Link(id_, None, b"")
    is_readable = isinstance(hash_, bytes) and isinstance(change_.detail, dict)
    return Link(id_, change_, hash_) if is_readable else Link(id_, None, b"")


def get_recorded(row: tuple[Any, ...]) -> Recorded:
    """Return what `ACTOR` and `REST` hold."""
    kind, actor, login, credential_id, *rest = row
    (
        id_,
        at,
        org_id,
        address,
        request_id,
        action,
        target_kind,
        target_id,
        target_name,
        result,
        detail,
        hash_,
    ) = rest
    known = None if credential_id is None else CredentialId(credential_id)
    entry = Change(
        id=ChangeId(id_),
        at=UnixSeconds(at),
        org=None if org_id is None else OrgId(org_id),
        actor=Actor(ActorKind(kind), actor, login, known),
        address=address,
        request_id=request_id,
        action=action,
        target_kind=target_kind,
        target_id=target_id,
        target_name=target_name,
        detail=json.loads(detail),
        result=result,
    )
    return Recorded(entry, hash_)
