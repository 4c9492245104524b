"""Roles: the list, one role, and the forms that make and change one."""

from dataclasses import dataclass
from typing import ClassVar

from keystead.web.views.fields import Field
from keystead.web.views.frame import Choice, Document, Frame, Link
from keystead.web.views.parts import Action, Deletion, Pager
from keystead.web.views.permission_fields import PermissionFields
from keystead.web.views.serviceaccount import Confirmation


@dataclass(frozen=True, slots=True)
class RoleRow:
    name: str
    url: str
    display_name: str
    kind: str
    description: str
    permissions: str
    holders: str  # 2 users, 1 team; Everybody with this role


@dataclass(frozen=True, slots=True)
class RolesTable:
    """The fragment `roles`."""

    template: ClassVar[str] = "_roles_table.html"
    called: ClassVar[str] = "table"

    rows: tuple[RoleRow, ...]
    count: str
    clear_url: str  # "": no filter is set
    pager: Pager | None


@dataclass(frozen=True, slots=True)
class RolesPage:
    template: ClassVar[str] = "roles.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    action_url: str
    query: str
    kinds: tuple[Choice, ...]
    add: Link | None  # None: hidden
    table: RolesTable


@dataclass(frozen=True, slots=True)
class RoleFormPage:
    template: ClassVar[str] = "role_form.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    csrf: str
    crumbs: tuple[Link, ...]
    title: str
    action_url: str
    cancel_url: str
    summary: str  # "": not refused
    version: str  # that is being changed; "": a new one
    fields: tuple[Field, ...]
    rows: tuple[PermissionFields, ...]
    button: str


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class PermissionLine:
    action: str
    scope: str  # "": none


@dataclass(frozen=True, slots=True)
class HolderRow:
    initials: str
    name: str
    more: str  # the login, where the name does not tell it
    url: str  # "": no page of its own
    kind: str
    removal: Deletion | None  # None: out of reach


@dataclass(frozen=True, slots=True)
class FoundForRole:
    """The fragment `found`: who may be given the role."""

    template: ClassVar[str] = "_found_for_role.html"
    called: ClassVar[str] = "found"

    csrf: str
    action_url: str
    status: str
    holders: tuple[Choice, ...]
    error: str


@dataclass(frozen=True, slots=True)
class AssignPanel:
    search_url: str
    close_url: str
    kinds: tuple[Choice, ...]
    query: str
    found: FoundForRole


@dataclass(frozen=True, slots=True)
class RolePage:
    template: ClassVar[str] = "role.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    csrf: str
    back: Link
    name: str
    kind: str
    edit: Action | None  # None: nobody can
    delete: Action | None
    facts: tuple[Fact, ...]
    permissions: tuple[PermissionLine, ...]
    count: str  # 3 permissions
    holders: tuple[HolderRow, ...]
    everybody: str  # instead of holders: who has a basic role
    assign: Action | None  # None: it cannot be given
    panel: AssignPanel | None
    pager: Pager | None
    dialog: Confirmation | None = None
