"""The tables of teams, roles and who has them."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Named,
    String,
    Table,
    TypedColumns,
    UniqueConstraint,
)

from keystead.storage.columns import ID, bytewise, identity, in_org, moment
from keystead.storage.schema import metadata


class _TeamColumns(TypedColumns):
    id: Named[int] = identity()
    org_id: Named[int] = in_org()
    uid: Named[str] = bytewise()
    name: Named[str] = bytewise()
    search_key: Named[str] = bytewise()  # core.text.search_key of the name
    email: Named[str]
    created_at: Named[int] = moment()
    updated_at: Named[int] = moment()


team = Table(
    "team",
    metadata,
    _TeamColumns,
    UniqueConstraint("org_id", "name"),
    UniqueConstraint("org_id", "uid"),
    sqlite_autoincrement=True,
)


class _TeamMemberColumns(TypedColumns):
    team_id: Named[int] = Column(ID, ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)
    account_id: Named[int] = Column(ID, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    org_id: Named[int] = in_org()  # the team's
    is_admin: Named[bool]  # of the team
    created_at: Named[int] = moment()


team_member = Table("team_member", metadata, _TeamMemberColumns, Index(None, "account_id", "org_id"))


class _TeamGroupColumns(TypedColumns):
    """Groups of an outside directory that a team stands for."""

    team_id: Named[int] = Column(ID, ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)
    group_id: Named[str] = Column(String, primary_key=True)
    org_id: Named[int] = in_org()  # the team's


team_group = Table("team_group", metadata, _TeamGroupColumns)


class _PreferenceColumns(TypedColumns):
    """How an organization or a team wants pages to look; what an account wants stands in its row."""

    org_id: Named[int] = Column(ID, ForeignKey("org.id", ondelete="CASCADE"), primary_key=True)
    team_id: Named[int] = Column(ID, primary_key=True, autoincrement=False)  # 0: the whole organization
    theme: Named[str]
    timezone: Named[str]
    week_start: Named[str]
    locale: Named[str]
    updated_at: Named[int] = moment()


preference = Table("preference", metadata, _PreferenceColumns)


class _RoleColumns(TypedColumns):
    """Custom roles; basic and fixed ones are in code."""

    id: Named[int] = identity()
    org_id: Named[int | None] = Column(
        ID, ForeignKey("org.id", ondelete="CASCADE"), nullable=True
    )  # None: a role of the whole installation
    place: Named[int] = Column(ID)  # org_id, or 0: names and uids are unique in it
    account_id: Named[int | None] = Column(
        ID, ForeignKey("account.id", ondelete="CASCADE"), nullable=True
    )  # holds what this account alone was given when it was made; None: an ordinary role
    uid: Named[str] = bytewise()
    name: Named[str] = bytewise()
    display_name: Named[str]
    description: Named[str]
    group_name: Named[str]
    version: Named[int]
    is_hidden: Named[bool]
    created_at: Named[int] = moment()
    updated_at: Named[int] = moment()


role = Table(
    "role",
    metadata,
    _RoleColumns,
    UniqueConstraint("place", "name"),
    UniqueConstraint("place", "uid"),
    Index(None, "account_id"),
    sqlite_autoincrement=True,
)


class _RolePermissionColumns(TypedColumns):
    role_id: Named[int] = Column(ID, ForeignKey("role.id", ondelete="CASCADE"), primary_key=True)
    action: Named[str] = Column(String, primary_key=True)
    scope: Named[str] = Column(String, primary_key=True)  # "" is none
    created_at: Named[int] = moment()
    updated_at: Named[int] = moment()


role_permission = Table("role_permission", metadata, _RolePermissionColumns)


class _HolderColumns(TypedColumns):
    """Who is given something: exactly one of an account, a team and a basic role."""

    account_id: Named[int | None] = Column(ID, ForeignKey("account.id", ondelete="CASCADE"), nullable=True)
    team_id: Named[int | None] = Column(ID, ForeignKey("team.id", ondelete="CASCADE"), nullable=True)
    basic_role: Named[str | None]


class _RoleAssignmentColumns(_HolderColumns):
    id: Named[int] = identity()
    org_id: Named[int | None] = Column(
        ID, ForeignKey("org.id", ondelete="CASCADE"), nullable=True
    )  # where it counts; None: in every organization and in none
    role_id: Named[int | None] = Column(ID, ForeignKey("role.id", ondelete="CASCADE"), nullable=True)
    fixed_role: Named[str | None]  # its name, where role_id is None
    once: Named[str] = bytewise(unique=True)  # place, thing and holder as text: nothing is given twice
    created_at: Named[int] = moment()
    created_by_kind: Named[str]
    created_by_id: Named[int]


role_assignment = Table(
    "role_assignment",
    metadata,
    _RoleAssignmentColumns,
    Index(None, "account_id"),
    Index(None, "team_id"),
    Index(None, "org_id", "basic_role"),
    Index(None, "role_id"),
    sqlite_autoincrement=True,
)


class _ObjectGrantColumns(_HolderColumns):
    """A level on one object, such as Edit on a service account; what it allows is in code."""

    id: Named[int] = identity()
    org_id: Named[int] = in_org()
    kind: Named[str]  # as in scopes: "serviceaccounts"
    object_id: Named[str] = bytewise()  # as in scopes: its id or uid
    level: Named[str]
    once: Named[str] = bytewise(unique=True)  # place, thing and holder as text: nothing is given twice
    created_at: Named[int] = moment()
    created_by_kind: Named[str]
    created_by_id: Named[int]


object_grant = Table(
    "object_grant",
    metadata,
    _ObjectGrantColumns,
    Index(None, "org_id", "kind", "object_id"),
    Index(None, "account_id"),
    Index(None, "team_id"),
    Index(None, "org_id", "basic_role"),
    sqlite_autoincrement=True,
)
