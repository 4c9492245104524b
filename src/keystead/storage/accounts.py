"""Statements about people. An account of a machine is never found here."""

from typing import Any, TypeAlias

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from keystead.core.accounts.errors import UserNotFound
from keystead.core.accounts.model import AccountId, User
from keystead.core.accounts.names import PersonNames, login_key
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.core.preferences.model import Preferences
from keystead.core.text import search_key, storable
from keystead.storage.passwords import StoredPassword
from keystead.storage.people_filter import PeopleFilter
from keystead.storage.schema import account, login_name, membership

_c = account.c
_NAMES_LOCK = 7_002  # the number of PostgreSQL's advisory lock on all names of people
_PERSON = _c.kind == "user"
_USER = (_c.id, _c.login, _c.email, _c.name, _c.is_server_admin, _c.is_disabled)
_MORE = (_c.active_org_id, _c.created_at, _c.updated_at, _c.last_seen_at, _c.password_dies_at)
_WISHES = (_c.theme, _c.timezone, _c.week_start, _c.locale)
_UserRow: TypeAlias = tuple[Any, ...]  # of more columns than the types of SQLAlchemy count


def lock_login_names(db: Connection) -> None:
    """Let nobody else look for a free name until this transaction ends. SQLite has one writer anyway."""
    if db.dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(_NAMES_LOCK)))


def lock_user(db: Connection, account_id: AccountId) -> User:
    """Return the person, whom nobody else changes until this transaction ends. Raises UserNotFound."""
    query = select(*_USER).add_columns(*_MORE, *_WISHES).where(_c.id == account_id, _PERSON)
    row = db.execute(query.with_for_update(key_share=True)).one_or_none()
    if row is None:
        raise UserNotFound(f"account={account_id}")
    return _to_user(tuple(row))


def lock_server_admins(db: Connection) -> frozenset[AccountId]:
    """Return the enabled server admins, none of whom anybody else changes until this transaction ends."""
    query = (
        select(_c.id)
        .where(_PERSON, _c.is_server_admin, ~_c.is_disabled)
        .order_by(_c.id)
        .with_for_update(key_share=True)
    )
    return frozenset(AccountId(id_) for id_ in db.execute(query).scalars())


def get_user_or_none(db: Connection, account_id: AccountId) -> User | None:
    row = db.execute(
        select(*_USER).add_columns(*_MORE, *_WISHES).where(_c.id == account_id, _PERSON)
    ).one_or_none()
    return None if row is None else _to_user(tuple(row))


def find_user(db: Connection, account_id: AccountId) -> User:
    """Raises UserNotFound."""
    user = get_user_or_none(db, account_id)
    if user is None:
        raise UserNotFound(f"account={account_id}")
    return user


def get_user_by_name_or_none(db: Connection, name: str) -> User | None:
    """Return the person whose login or e-mail address is exactly this."""
    query = (
        select(*_USER)
        .add_columns(*_MORE, *_WISHES)
        .join(login_name, login_name.c.account_id == _c.id)
        .where(login_name.c.key == login_key(storable(name)), _PERSON)
    )
    row = db.execute(query).one_or_none()
    user = None if row is None else _to_user(tuple(row))
    return user if user is not None and name in (user.login, user.email) else None


def list_owners_of_names(db: Connection, names: PersonNames) -> list[AccountId]:
    """Return who has one of these as login or e-mail address, in any case."""
    keys = [login_key(name) for name in names]
    query = select(login_name.c.account_id).where(login_name.c.key.in_(keys)).distinct()
    return [AccountId(id_) for id_ in db.execute(query).scalars()]


def list_users(db: Connection, which: PeopleFilter, *, offset: int, limit: int) -> list[User]:
    """Return people by login, then e-mail."""
    query = (
        select(*_USER)
        .add_columns(*_MORE, *_WISHES)
        .where(*which.conditions())
        .order_by(_c.login, _c.email, _c.id)
        .offset(offset)
        .limit(limit)
    )
    return [_to_user(tuple(row)) for row in db.execute(query)]


def count_users(db: Connection, which: PeopleFilter) -> int:
    return db.execute(select(func.count(_c.id)).where(*which.conditions())).scalar_one()


def add_user(
    db: Connection,
    names: PersonNames,
    *,
    name: str,
    password: StoredPassword | None,
    is_server_admin: bool,
    active_org: OrgId | None,
    at: UnixSeconds,
) -> AccountId:
    statement = (
        insert(account)
        .values(
            kind="user",
            login=names.login,
            email=names.email,
            name=name,
            search_key=search_key(names.login, names.email, name),
            is_server_admin=is_server_admin,
            is_disabled=False,
            active_org_id=active_org,
            password_hash=None if password is None else password.hash.reveal(),
            password_pepper_id=None if password is None else password.pepper_id,
            password_dies_at=None if password is None else password.dies_at,
            theme="",
            help_flags=0,
            created_at=at,
            updated_at=at,
        )
        .returning(_c.id)
    )
    return AccountId(db.execute(statement).scalar_one())


def add_login_names(db: Connection, account_id: AccountId, names: PersonNames) -> None:
    keys = sorted({login_key(name) for name in names})
    db.execute(insert(login_name), [{"key": key, "account_id": account_id} for key in keys])


def delete_login_names(db: Connection, account_id: AccountId) -> None:
    db.execute(delete(login_name).where(login_name.c.account_id == account_id))


def set_profile(
    db: Connection, account_id: AccountId, names: PersonNames, *, name: str, theme: str, at: UnixSeconds
) -> None:
    db.execute(
        update(account)
        .where(_c.id == account_id, _PERSON)
        .values(
            login=names.login,
            email=names.email,
            name=name,
            search_key=search_key(names.login, names.email, name),
            theme=theme,
            updated_at=at,
        )
    )


def set_server_admin(
    db: Connection, account_id: AccountId, *, is_server_admin: bool, at: UnixSeconds
) -> None:
    db.execute(
        update(account)
        .where(_c.id == account_id, _PERSON)
        .values(is_server_admin=is_server_admin, updated_at=at)
    )


def set_disabled(db: Connection, account_id: AccountId, *, is_disabled: bool, at: UnixSeconds) -> None:
    db.execute(
        update(account).where(_c.id == account_id, _PERSON).values(is_disabled=is_disabled, updated_at=at)
    )


def set_active_org(db: Connection, account_id: AccountId, org: OrgId) -> None:
    db.execute(update(account).where(_c.id == account_id, _PERSON).values(active_org_id=org))


def set_other_active_org(db: Connection, org: OrgId, *, account_id: AccountId | None = None) -> None:
    """Lead whoever acts in this organization, or this one person, to another of theirs, or to none."""
    other = (
        select(func.min(membership.c.org_id))
        .where(membership.c.account_id == _c.id, membership.c.org_id != org)
        .scalar_subquery()
    )
    statement = update(account).where(_c.active_org_id == org, _PERSON)
    if account_id is not None:
        statement = statement.where(_c.id == account_id)
    db.execute(statement.values(active_org_id=other))


def set_last_seen(db: Connection, account_id: AccountId, *, at: UnixSeconds) -> None:
    """Move the time forward; an earlier one than is known changes nothing."""
    db.execute(
        update(account)
        .where(_c.id == account_id, or_(_c.last_seen_at.is_(None), _c.last_seen_at < at))
        .values(last_seen_at=at)
    )


def get_help_flags(db: Connection, account_id: AccountId) -> int:
    """Return the hints that a person has closed, as bits."""
    flags = db.execute(select(_c.help_flags).where(_c.id == account_id, _PERSON)).scalar_one_or_none()
    return flags or 0


def add_help_flags(db: Connection, account_id: AccountId, flags: int) -> int:
    """Return all flags, these among them."""
    statement = (
        update(account)
        .where(_c.id == account_id, _PERSON)
        .values(help_flags=_c.help_flags.bitwise_or(flags))
        .returning(_c.help_flags)
    )
    return db.execute(statement).scalar_one()


def set_help_flags(db: Connection, account_id: AccountId, flags: int) -> None:
    db.execute(update(account).where(_c.id == account_id, _PERSON).values(help_flags=flags))


def delete_user(db: Connection, account_id: AccountId) -> None:
    """Delete the person with all that belongs to them alone: names, memberships, sessions."""
    db.execute(delete(account).where(_c.id == account_id, _PERSON))


def _to_user(row: _UserRow) -> User:
    id_, login, email, name, is_server_admin, is_disabled = row[:6]
    active_org, created_at, updated_at, last_seen_at, password_dies_at, *wishes = row[6:]
    return User(
        id=AccountId(id_),
        login=login,
        email=email,
        name=name,
        is_server_admin=is_server_admin,
        is_disabled=is_disabled,
        active_org=None if active_org is None else OrgId(active_org),
        created_at=UnixSeconds(created_at),
        updated_at=UnixSeconds(updated_at),
        last_seen_at=None if last_seen_at is None else UnixSeconds(last_seen_at),
        preferences=Preferences(*(wish or "" for wish in wishes)),
        must_change_password=password_dies_at is not None,
    )
