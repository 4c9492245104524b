"""One service account: its head, the tab Settings, and the windows in front of it."""

from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from keystead.web.times import Moment
from keystead.web.views.account_permissions import PermissionsSection
from keystead.web.views.charts import Spark
from keystead.web.views.fields import ExpiryField, Field, SelectField
from keystead.web.views.frame import Document, Entry, Frame, Link
from keystead.web.views.parts import Action, Badge, Deletion, LastUse, Pager
from keystead.web.views.role_choices import RoleChoices


@dataclass(frozen=True, slots=True)
class AccountHead:
    """What stands on top of each tab."""

    back: Link
    name: str
    csrf: str
    is_disabled: bool
    switch: Action  # a window that asks before it disables, a form that enables
    delete: Action
    tabs: tuple[Entry, ...]  # not shown while there is but one


@dataclass(frozen=True, slots=True)
class NameForm:
    """Stands in the place of the name."""

    action_url: str
    cancel_url: str
    summary: str
    name: Field


@dataclass(frozen=True, slots=True)
class Origin:
    """The account was made for an API key."""

    key: str
    at: Moment
    revert: Action | None  # None: hidden


@dataclass(frozen=True, slots=True)
class AccountFacts:
    name: str
    edit_name: Action
    name_form: NameForm | None
    login: str
    role: str  # "": none
    more_roles: str  # +2 roles; "": none, or none that the reader may see
    edit_roles: Action
    created: Moment
    created_by: str  # "": not known
    last_use: LastUse
    origin: Origin | None  # None: it was made for itself


@dataclass(frozen=True, slots=True)
class TokenRow:
    name: str
    expires: Moment | None
    never: str  # instead: Never; "" where a badge tells the end
    badges: tuple[Badge, ...]
    is_gone: bool  # expired or revoked
    created: Moment
    last_use: LastUse
    spark: Spark  # of the last 30 days
    rotate: Action | None
    finish: Action | None  # in its place once it was rotated
    revoke: Action | None
    deletion: Deletion


@dataclass(frozen=True, slots=True)
class TokensTable:
    csrf: str
    add: Action
    rows: tuple[TokenRow, ...]
    count: str
    delete_reason: str  # "": they can be deleted
    lag: str
    pager: Pager | None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A window that asks once more before something is done that hurts."""

    template: ClassVar[str] = "_confirmation.html"
    called: ClassVar[str] = "dialog"

    csrf: str
    title: str
    verb: str
    name: str  # of what it is done to
    what_happens: str  # follows on the name: "? Its tokens are refused ..."
    action_url: str
    button: str
    cancel_url: str
    is_open: bool = False  # as a part of the page, which works without the module
    summary: str = ""  # why it asks again
    cascade: str = ""  # the label of a box to tick; "": there is none


@dataclass(frozen=True, slots=True)
class RolesWindow:
    template: ClassVar[str] = "_roles_window.html"
    called: ClassVar[str] = "dialog"

    csrf: str
    title: str
    action_url: str
    cancel_url: str
    summary: str
    role: SelectField
    choices: RoleChoices | None = None  # None: the reader may not see what it was given
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class RevertWindow:
    """Asks once more before a token becomes an API key again."""

    template: ClassVar[str] = "_revert_window.html"
    called: ClassVar[str] = "dialog"

    csrf: str
    token: str
    account: str
    role: str  # that the key will have; "": the one it had
    action_url: str
    cancel_url: str
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class TokenWindow:
    template: ClassVar[str] = "_token_window.html"
    called: ClassVar[str] = "dialog"

    csrf: str
    action_url: str
    cancel_url: str
    summary: str
    name: Field
    expiry: ExpiryField
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class RotationWindow:
    template: ClassVar[str] = "_rotation_window.html"
    called: ClassVar[str] = "dialog"

    csrf: str
    title: str
    action_url: str
    cancel_url: str
    summary: str
    name: Field
    grace: SelectField
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class CreatedToken:
    """Holds a secret: answered with `no-store` to the POST that made it."""

    template: ClassVar[str] = "_token_created.html"
    called: ClassVar[str] = "dialog"

    token: str = field(repr=False)
    example: str = field(repr=False)
    close_url: str


AccountWindow: TypeAlias = Confirmation | RevertWindow | RolesWindow | TokenWindow | RotationWindow


@dataclass(frozen=True, slots=True)
class AccountPage:
    """The tab Settings."""

    template: ClassVar[str] = "serviceaccount.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    head: AccountHead
    notice: str  # "": none
    facts: AccountFacts
    tokens: TokensTable
    permissions: PermissionsSection | None = None  # None: the reader may not see them
    dialog: AccountWindow | CreatedToken | None = None
