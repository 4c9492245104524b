"""Service accounts: the list with its search, and the page that makes one."""

from dataclasses import dataclass
from typing import ClassVar

from keystead.web.views.fields import ExpiryField, Field, SelectField
from keystead.web.views.frame import Choice, Document, Frame, Link
from keystead.web.views.parts import Action, LastUse, Pager
from keystead.web.views.permission_fields import PermissionFields
from keystead.web.views.role_choices import RoleChoices


@dataclass(frozen=True, slots=True)
class AccountRow:
    initials: str
    name: str
    url: str
    login: str
    role: str  # "": none
    tokens: str  # "": none
    last_use: LastUse
    is_disabled: bool
    add_token: Action | None  # None: it has one
    switch: Action  # a window that asks before it disables, a form that enables
    delete: Action | None  # None: hidden


@dataclass(frozen=True, slots=True)
class AccountsTable:
    """The fragment `accounts`."""

    template: ClassVar[str] = "_serviceaccounts_table.html"
    called: ClassVar[str] = "table"

    csrf: str
    rows: tuple[AccountRow, ...]
    count: str
    clear_url: str  # "": no filter is set
    lag: str  # Counts may lag by up to 11 seconds.
    pager: Pager | None


@dataclass(frozen=True, slots=True)
class AccountsBar:
    action_url: str
    query: str
    shown: tuple[Choice, ...]
    add: Link | None  # None: hidden


@dataclass(frozen=True, slots=True)
class Hint:
    """Told once to whoever migrated the API keys, until it is closed."""

    csrf: str
    text: str
    close_url: str


@dataclass(frozen=True, slots=True)
class AccountsPage:
    template: ClassVar[str] = "serviceaccounts.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    bar: AccountsBar | None  # None: there are no accounts
    table: AccountsTable | None
    first: Action | None  # makes the first one
    tells_of_keys: bool  # the organization's API keys are migrated
    hint: Hint | None = None


@dataclass(frozen=True, slots=True)
class NewAccountPage:
    template: ClassVar[str] = "serviceaccount_create.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    back: Link
    csrf: str
    action_url: str
    summary: str  # "": not refused
    name: Field
    login: str  # sa-reports; "" until there is a name
    role: SelectField
    choices: RoleChoices | None  # None: the reader may give no roles
    scopes: tuple[PermissionFields, ...]
    token: Field
    expiry: ExpiryField
