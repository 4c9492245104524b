"""The forms of roles: to typed bodies, or to a message for each field."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from keystead.core.access.errors import ActionInvalid, PermissionMissing, ScopeInvalid
from keystead.core.access.grants import Grants
from keystead.core.access.named_roles import WantedRole
from keystead.core.access.permission import Permission, parse_permission
from keystead.core.access.role_errors import RoleNameReserved, RoleTaken, RoleVersionNotGreater
from keystead.core.errors import KeysteadError
from keystead.core.path_id import parse_path_id
from keystead.http.query import Query
from keystead.usecases.role_lists import RoleKind, RolePageAsked
from keystead.web.account_forms import WHOLE
from keystead.web.forms import Form, Refused, plain_text_message, text_message
from keystead.web.links import Pairs
from keystead.web.permission_forms import TEAM, USER

ACCOUNT = "account"
MOST_ROWS = 300  # of permissions in a form
MORE = "more"  # the value of the button that adds a row
_FIRST_ROWS = 1
_TEXTS = {"displayName": "Display name", "group": "Group", "description": "Description"}


@dataclass(frozen=True, slots=True)
class RoleSearch:
    """The state of the list of roles, which is by name."""

    query: str = ""
    kind: RoleKind | None = None
    after: str = ""  # cursors are opaque
    before: str = ""

    @property
    def pairs(self) -> Pairs:
        return (
            ("query", self.query),
            ("kind", "" if self.kind is None else self.kind.value),
            ("after", self.after),
            ("before", self.before),
        )

    @property
    def asked(self) -> RolePageAsked:
        return RolePageAsked(self.query, self.kind, self.after, self.before)

    def at(self, *, after: str, before: str) -> "RoleSearch":
        return replace(self, after=after, before=before)


@dataclass(frozen=True, slots=True)
class HolderSearch:
    """Whom the panel of a role looks for."""

    kind: str = USER
    query: str = ""

    @property
    def pairs(self) -> Pairs:
        return (("for", "" if self.kind == USER else self.kind), ("query", self.query))


def read_role_search(query: Query) -> RoleSearch:
    kind = query.text("kind")
    return RoleSearch(
        query=query.text("query").strip()[:190],
        kind=RoleKind(kind) if kind in set(RoleKind) else None,
        after=query.text("after"),
        before="" if query.text("after") else query.text("before"),
    )


def read_role_holder_search(query: Query) -> HolderSearch:
    kind = query.text("for")
    return HolderSearch(kind if kind in {TEAM, ACCOUNT} else USER, query.text("query").strip()[:190])


def rows_in(form: Form) -> list[tuple[str, str]]:
    """Return actions and scopes as they were typed."""
    numbers = (n for n in range(MOST_ROWS) if f"action-{n}" in form.values or f"scope-{n}" in form.values)
    return [(form.text(f"action-{n}"), form.text(f"scope-{n}")) for n in numbers]


def form_of(permissions: Iterable[Permission], **more: str) -> Form:
    """Return the form in which these permissions stand."""
    told = [
        pair
        for n, (action, scope) in enumerate(permissions)
        for pair in ((f"action-{n}", action), (f"scope-{n}", scope))
    ]
    return Form(more | dict(told))


def with_row(form: Form) -> Form:
    """Return the form with one more empty row, and its rows numbered anew."""
    rows = rows_in(form) or [("", "")] * _FIRST_ROWS
    others = {
        name: value for name, value in form.values.items() if not name.startswith(("action-", "scope-"))
    }
    return form_of([*(Permission(*row) for row in rows), Permission("", "")][:MOST_ROWS], **others)


def read_permissions(form: Form) -> frozenset[Permission] | Refused:
    """Read the rows; empty ones count for nothing, and messages go by the number of their row."""
    found: set[Permission] = set()
    messages: dict[str, str] = {}
    for n, (action, scope) in enumerate(rows_in(form)):
        if not action and not scope:
            continue
        try:
            found.add(parse_permission(action, scope))
        except ActionInvalid:
            messages[f"action-{n}"] = "Write an action as teams:read" if action else "Action is required"
        except ScopeInvalid:
            messages[f"scope-{n}"] = "Write a scope as teams:*, teams:id:7 or *, or leave it empty"
    return Refused(messages) if messages else frozenset(found)


def read_role(form: Form) -> WantedRole | Refused:
    """That the name is free, and its maker within rights, is the use case's to tell."""
    permissions = read_permissions(form)
    messages = {"name": text_message("Name", form.typed("name"))}
    messages |= {name: plain_text_message(label, form.typed(name)) for name, label in _TEXTS.items()}
    told = {name: message for name, message in messages.items() if message}
    if isinstance(permissions, Refused):
        return Refused({**told, **permissions.messages})
    if told:
        return Refused(told)
    version = parse_path_id(form.typed("version"))
    return WantedRole(
        name=form.text("name"),
        version=None if version is None else version + 1,
        display_name=form.text("displayName"),
        description=form.text("description"),
        group=form.text("group"),
        permissions=permissions,
    )


def role_refused_by(error: KeysteadError, form: Form, own: Grants) -> Refused | None:
    """Return the message at its field; None: it belongs to none."""
    if isinstance(error, PermissionMissing):
        return permission_refused_by(error, form, own)
    if isinstance(error, RoleNameReserved):
        return Refused({"name": "Names that begin so are of roles that nobody makes. Choose another."})
    if isinstance(error, RoleTaken):
        return Refused({"name": "Another role has this name"})
    if isinstance(error, RoleVersionNotGreater):
        return Refused(
            {WHOLE: "Somebody else changed this role meanwhile. Open it again, then make your changes."}
        )
    return None


def permission_refused_by(error: PermissionMissing, form: Form, own: Grants) -> Refused:
    """Return the message at each row that permits more than one may, else one for the whole form."""
    rows = [(n, Permission(*row)) for n, row in enumerate(rows_in(form)) if row[0]]
    above = {
        f"action-{n}": f"You need {row.action} on this scope to give it"
        for n, row in rows
        if is_above(row, own)
    }
    return Refused(above or {WHOLE: f"You need {error.needed} to do this."})


def is_above(permission: Permission, own: Grants) -> bool:
    return own.first_missing([permission]) is not None
