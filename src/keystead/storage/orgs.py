"""Statements about organizations."""

from typing import TypeAlias

from sqlalchemy import Connection, delete, func, insert, select, update

from keystead.core.clock import UnixSeconds
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.orgs.model import Address, Org, OrgId
from keystead.core.text import search_key, search_part, storable
from keystead.storage.schema import org as org_table

_c = org_table.c
_ORG = (_c.id, _c.name, _c.address1, _c.address2, _c.city, _c.zip_code, _c.state, _c.country)
_Row: TypeAlias = tuple[int, str, str, str, str, str, str, str]
_NAMES_LOCK = 7_001  # the number of PostgreSQL's advisory lock on all names of organizations


def lock_org_names(db: Connection) -> None:
    """Let nobody else look for a free name until this transaction ends. SQLite has one writer anyway."""
    if db.dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(_NAMES_LOCK)))


def lock_org(db: Connection, org: OrgId) -> bool:
    """Let nobody else change the members until this transaction ends. False: no such organization."""
    query = select(_c.id).where(_c.id == org).with_for_update(key_share=True)
    return db.execute(query).one_or_none() is not None


def find_org(db: Connection, org: OrgId) -> Org:
    """Raises OrgNotFound."""
    row = db.execute(select(*_ORG).where(_c.id == org)).one_or_none()
    if row is None:
        raise OrgNotFound(f"{org=}")
    return _to_org(row)


def find_org_by_name(db: Connection, name: str) -> Org:
    """Return the organization of exactly this name. Raises OrgNotFound."""
    row = db.execute(select(*_ORG).where(_c.name == storable(name))).one_or_none()
    if row is None:
        raise OrgNotFound
    return _to_org(row)


def is_org_name_taken(db: Connection, name: str, *, but: OrgId | None = None) -> bool:
    """Say whether an organization, apart from `but`, has exactly this name."""
    query = select(_c.id).where(_c.name == name)
    if but is not None:
        query = query.where(_c.id != but)
    return db.execute(query).one_or_none() is not None


def list_orgs(db: Connection, *, prefix: str, name: str, offset: int, limit: int) -> list[Org]:
    """Return organizations by name: those that begin with the prefix in any case, those of exactly the name.

    An empty prefix or name asks for nothing.
    """
    query = select(*_ORG).order_by(_c.name).offset(offset).limit(limit)
    if prefix:
        query = query.where(_c.search_key.startswith(search_part(prefix), autoescape=True))
    if name:
        query = query.where(_c.name == storable(name))
    return [_to_org(row) for row in db.execute(query)]


def add_org(db: Connection, *, name: str, at: UnixSeconds) -> OrgId:
    statement = (
        insert(org_table)
        .values(
            name=name,
            search_key=search_key(name),
            address1="",
            address2="",
            city="",
            zip_code="",
            state="",
            country="",
            created_at=at,
            updated_at=at,
        )
        .returning(_c.id)
    )
    return OrgId(db.execute(statement).scalar_one())


def set_name(db: Connection, org: OrgId, *, name: str, at: UnixSeconds) -> None:
    db.execute(
        update(org_table).where(_c.id == org).values(name=name, search_key=search_key(name), updated_at=at)
    )


def set_address(db: Connection, org: OrgId, address: Address, *, at: UnixSeconds) -> None:
    db.execute(
        update(org_table)
        .where(_c.id == org)
        .values(
            address1=address.address1,
            address2=address.address2,
            city=address.city,
            zip_code=address.zip_code,
            state=address.state,
            country=address.country,
            updated_at=at,
        )
    )


def delete_org(db: Connection, org: OrgId) -> None:
    """Delete the organization and all rows that lie in it."""
    db.execute(delete(org_table).where(_c.id == org))


def _to_org(row: _Row) -> Org:
    id_, name, *address = row
    return Org(OrgId(id_), name, Address(*address))
