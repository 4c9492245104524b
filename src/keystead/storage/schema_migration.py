"""The tables of the migration of API keys: its jobs, what became of each key, who calls the old routes."""

from sqlalchemy import Column, ForeignKey, Index, Named, String, Table, TypedColumns

from keystead.storage.columns import ID, bytewise, identity, in_org, moment, moment_or_never
from keystead.storage.schema import metadata


class _MigrationColumns(TypedColumns):
    """A job: all API keys of an organization, one after the other, by whichever replica has the lease."""

    id: Named[int] = identity()
    org_id: Named[int] = in_org()
    state: Named[str]  # "running", "done" or "failed"
    total: Named[int]
    done: Named[int]
    failed: Named[int]
    reached: Named[str] = bytewise()  # the name of the last key that was tried, in the order of names
    lease: Named[str]  # whose turn it is: one of the processes, by a name that it made up
    lease_until: Named[int] = moment()
    started_at: Named[int] = moment()
    finished_at: Named[int | None] = moment_or_never()
    started_by_kind: Named[str]  # from here on: who is named in the log of changes
    started_by_id: Named[int]
    started_by_login: Named[str]
    started_by_credential_id: Named[int | None]
    started_by_role: Named[str]  # no key above it is migrated
    address: Named[str]
    request_id: Named[str]


migration = Table(
    "migration",
    metadata,
    _MigrationColumns,
    Index(None, "org_id", "id"),
    Index(None, "state", "lease_until"),  # what somebody may go on with
    sqlite_autoincrement=True,
)


class _MigrationKeyColumns(TypedColumns):
    """What became of a key; it outlives the key and its account."""

    migration_id: Named[int] = Column(ID, ForeignKey("migration.id", ondelete="CASCADE"), primary_key=True)
    credential_id: Named[int] = Column(ID, primary_key=True, autoincrement=False)
    org_id: Named[int] = in_org()
    name: Named[str] = bytewise()
    role: Named[str]
    status: Named[str]  # "migrated" or "failed"
    account_id: Named[int | None] = Column(ID, nullable=True)
    account_name: Named[str | None]
    login: Named[str | None]
    error: Named[str | None]


migration_key = Table(
    "migration_key",
    metadata,
    _MigrationKeyColumns,
    Index(None, "migration_id", "name"),
    Index(None, "org_id"),
)


class _OldApiCallerColumns(TypedColumns):
    """Who still calls the routes of API keys, by day."""

    org_id: Named[int] = Column(ID, ForeignKey("org.id", ondelete="CASCADE"), primary_key=True)
    kind: Named[str] = Column(String, primary_key=True)  # of a principal
    caller_id: Named[int] = Column(ID, primary_key=True, autoincrement=False)
    method: Named[str] = Column(String, primary_key=True)
    route: Named[str] = Column(String, primary_key=True)  # the template, never the path
    day: Named[int] = Column(moment().type, primary_key=True, autoincrement=False)  # its first second
    name: Named[str]
    count: Named[int]
    last_at: Named[int] = moment()
    last_from: Named[str]
    last_agent: Named[str]


old_api_caller = Table(
    "old_api_caller",
    metadata,
    _OldApiCallerColumns,
    Index(None, "day"),  # what is old goes
)
