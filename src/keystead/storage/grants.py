"""The one statement about what somebody was given beside their basic role, also as text to verify with."""

from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite

from keystead.core.access.given import Given, Subject
from keystead.core.access.roles import Role
from keystead.storage.columns import ID
from keystead.storage.schema_access import object_grant, role, role_assignment, role_permission, team_member

NOTHING = "[]"  # how `get_given` tells that nothing was given
_a, _o, _r, _p, _m = role_assignment.c, object_grant.c, role.c, role_permission.c, team_member.c
_ABSENT = cast(null(), String)
_NO_ORG = 0
_Any: TypeAlias = ColumnElement[Any]
_Query: TypeAlias = Select[*tuple[Any, ...]]


class _Of(NamedTuple):
    """Whose things are meant, as SQL. Where the organization is 0, what counts everywhere is left."""

    account: _Any
    org: _Any
    role: _Any  # in the organization


def get_given(db: Connection, subject: Subject) -> str:
    """Return all that was given, as a JSON array of `core.access.given.Thing`."""
    told: str = db.execute(_TEXT[db.dialect.name], _values_of(subject)).scalar_one()
    return told


def list_given(db: Connection, subject: Subject) -> list[Given]:
    """Return the same, each with the way that it comes by."""
    return [
        Given((first, second, third), uid, name, team, basic_role)
        for first, second, third, uid, name, team, basic_role in db.execute(_LISTED, _values_of(subject))
        if first is not None  # else a role without permissions
    ]


def _values_of(subject: Subject) -> dict[str, int | str]:
    is_member = subject.org is not None and subject.role is not None
    org = subject.org if is_member else _NO_ORG
    return {"account": subject.account, "org": org or _NO_ORG, "role": subject.role or ""}


def _given_to(of: _Of) -> Subquery:
    assigned = _assigned_to(of)
    first = func.coalesce(assigned.c.fixed_role, _p.action)
    told: _Query = (
        select(first, _p.scope, _ABSENT, _r.uid, _r.name)
        .add_columns(assigned.c.team_id, assigned.c.basic_role)
        .select_from(assigned)
        .outerjoin(role, and_(_r.id == assigned.c.role_id, _r.place.in_((_NO_ORG, of.org))))
        .outerjoin(role_permission, _p.role_id == _r.id)
    )
    return union_all(told, *_levels_of(of), _memberships_of(of)).subquery("given")


def _assigned_to(of: _Of) -> Subquery:
    told = select(_a.role_id, _a.fixed_role, _a.team_id, _a.basic_role)
    is_here = _a.org_id == of.org
    is_reached = _a.basic_role.in_(_roles_up_to(of.role))
    own = told.where(_a.account_id == of.account, or_(is_here, _a.org_id.is_(None)))
    in_team = _through_team(told, of).where(_m.team_id == _a.team_id, is_here)
    by_role = told.where(is_here, is_reached)
    by_role_anywhere = told.where(_a.org_id.is_(None), is_reached)
    return union_all(own, in_team, by_role, by_role_anywhere).subquery("assigned")


def _levels_of(of: _Of) -> tuple[_Query, ...]:
    """A basic role is named exactly: what a Viewer was given on an object, an Editor has only if told so."""
    told: _Query = select(_o.kind, _o.object_id, _o.level, _ABSENT, _ABSENT)
    told = told.add_columns(_o.team_id, _o.basic_role).where(_o.org_id == of.org)
    return (
        told.where(_o.account_id == of.account),
        _through_team(told, of).where(_m.team_id == _o.team_id),
        told.where(_o.basic_role == of.role),
    )


def _memberships_of(of: _Of) -> _Query:
    """Belonging to a team is a level on it."""
    level = case((_m.is_admin, _word("Admin")), else_=_word("Member"))
    told: _Query = select(_word("teams"), cast(_m.team_id, String), level, _ABSENT, _ABSENT)
    return _through_team(told.add_columns(cast(null(), ID), _ABSENT), of)


def _through_team(told: _Query, of: _Of) -> _Query:
    return told.where(_m.account_id == of.account, _m.org_id == of.org)


def _roles_up_to(own: _Any) -> tuple[_Any, ...]:
    """What is assigned to a basic role also counts for those above it; NULL where there is none below."""
    has_viewer = own.in_([_word(Role.EDITOR), _word(Role.ADMIN)])
    return own, case((has_viewer, _word(Role.VIEWER))), case((own == _word(Role.ADMIN), _word(Role.EDITOR)))


def _word(text: str) -> _Any:
    """Return a text as it stands in the statement: it is one of ours, and no value of somebody's."""
    return literal_column(f"'{text}'", String)


def _as_text(of: _Of, dialect: str) -> _Query:
    given = _given_to(of)
    first, second, third, *_way = given.c
    if dialect == "sqlite":
        return select(func.json_group_array(func.json_array(first, second, third)))
    things = func.json_agg(func.json_build_array(first, second, third))
    return select(func.coalesce(cast(things, String), _word(NOTHING)))


def _sql(of: _Of, dialect: str) -> str:
    rules = sqlite.dialect() if dialect == "sqlite" else postgresql.dialect()  # type: ignore[no-untyped-call] # so it is
    return str(_as_text(of, dialect).compile(dialect=rules, compile_kwargs={"literal_binds": True}))


_ASKED = _Of(bindparam("account", type_=ID), bindparam("org", type_=ID), bindparam("role", type_=String))
_PRESENTED = _Of(
    literal_column("c.account_id", ID),
    literal_column("c.org_id", ID),
    literal_column(
        "coalesce(m.role, c.role)", String
    ),  # an API key has no account, a token's account has one
)
_LISTED = select(*_given_to(_ASKED).c)
_TEXT = {dialect: _as_text(_ASKED, dialect) for dialect in ("sqlite", "postgresql")}
GIVEN_TO_PRESENTED = {dialect: _sql(_PRESENTED, dialect) for dialect in ("sqlite", "postgresql")}
"""By dialect: plain SQL of the same, about the credential `c` of the membership `m` around it."""
