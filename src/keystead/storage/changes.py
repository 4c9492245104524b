"""Statements about the log of changes: append and read, nothing else."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, insert, select, update

from keystead.core.changes.change import Actor, ActorKind, Change, ChangeId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId
from keystead.storage.schema import change, installation

NOTHING = ChangeId(0)  # what stands before the first change
_c = change.c
_ACTOR = (_c.actor_kind, _c.actor_id, _c.actor_login, _c.actor_credential_id)
_REST = (
    *(_c.id, _c.at, _c.org_id, _c.address, _c.request_id, _c.action),
    *(_c.target_kind, _c.target_id, _c.target_name, _c.result, _c.detail, _c.hash),
)


def lock_log(db: Connection) -> int:
    """Raise the access epoch and return it; nobody else appends until this transaction ends."""
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
    db.execute(
        insert(change).values(
            id=entry.id,
            at=entry.at,
            org_id=entry.org,
            actor_kind=entry.actor.kind,
            actor_id=entry.actor.id,
            actor_login=entry.actor.login,
            actor_credential_id=entry.actor.credential_id,
            address=entry.address,
            request_id=entry.request_id,
            action=entry.action,
            target_kind=entry.target_kind,
            target_id=entry.target_id,
            target_name=entry.target_name,
            result=entry.result,
            detail=json.dumps(dict(entry.detail), sort_keys=True),
            hash=hash_,
        )
    )


def list_changes(db: Connection, *, after: ChangeId = NOTHING) -> Iterator[tuple[Change, bytes]]:
    """Yield the log from its start or from behind one row, oldest first, each with its hash."""
    query = select(*_ACTOR).add_columns(*_REST).where(_c.id > after).order_by(_c.id)
    for kind, id_, login, credential_id, *rest in db.execute(query):
        actor = Actor(
            ActorKind(kind), id_, login, None if credential_id is None else CredentialId(credential_id)
        )
        yield _to_change(actor, rest), rest[-1]


def _to_change(actor: Actor, rest: list[Any]) -> Change:
    id_, at, org_id, address, request_id, action, target_kind, target_id, target_name, result, detail, _ = (
        rest
    )
    return Change(
        id=ChangeId(id_),
        at=UnixSeconds(at),
        org=None if org_id is None else OrgId(org_id),
        actor=actor,
        address=address,
        request_id=request_id,
        action=action,
        target_kind=target_kind,
        target_id=target_id,
        target_name=target_name,
        detail=json.loads(detail),
        result=result,
    )
