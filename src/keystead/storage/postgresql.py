"""What PostgreSQL needs and SQLite does not: time-outs, and settings that keep promises."""

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select

from keystead.core.installation.database_errors import DatabaseUnsafe
from keystead.core.secret import Secret

_KEPT_ON = ("fsync", "full_page_writes", "synchronous_commit")
_SCHEMA_LOCK = 0x6B657973  # any number that nobody else would take
_CONNECT_ARGS: dict[str, str | int] = {
    "connect_timeout": 2,
    "tcp_user_timeout": 3000,
    "target_session_attrs": "read-write",
    "options": "-c statement_timeout=2s -c lock_timeout=2s -c idle_in_transaction_session_timeout=10s",
}


def engine_of(url: Secret) -> Engine:
    """Return a pool whose connections are looked at before use and retired by age."""
    engine = create_engine(
        make_url(url.reveal()).set(drivername="postgresql+psycopg"),
        connect_args=_CONNECT_ARGS,
        pool_size=10,
        max_overflow=20,
        pool_timeout=2,
        pool_pre_ping=True,
        pool_recycle=1800,
        hide_parameters=True,  # an error must not repeat what was to be stored
    )
    event.listen(engine, "first_connect", check_durability)
    return engine


def check_durability(raw: psycopg.Connection[tuple[str]], _record: object) -> None:
    """Raises DatabaseUnsafe when an acknowledged change could be lost in a power cut."""
    for setting in _KEPT_ON:
        row = raw.execute(sql.SQL("SHOW {}").format(sql.Identifier(setting))).fetchone()
        if row is None or row[0] == "off":
            raise DatabaseUnsafe(f"{setting} is off")
    raw.rollback()


def without_limits(db: Connection) -> None:
    """Lift the time-outs for this transaction: a schema change takes as long as it takes."""
    db.exec_driver_sql("SET LOCAL statement_timeout = 0")
    db.exec_driver_sql("SET LOCAL lock_timeout = 0")


def lock_schema(db: Connection) -> None:
    """Wait until no other process changes the schema; held until the transaction ends."""
    db.execute(select(func.pg_advisory_xact_lock(_SCHEMA_LOCK)))


def look_up_conninfo(url: Secret) -> Secret:
    """Return the address in the driver's own form, for connections of the verify path."""
    plain = make_url(url.reveal()).set(drivername="postgresql").render_as_string(hide_password=False)
    return Secret(plain)
