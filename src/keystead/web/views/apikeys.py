"""API Keys: the list with its search, the form, the window with a new key, and the page of one key."""

from dataclasses import dataclass, field
from typing import ClassVar

from keystead.web.times import Moment
from keystead.web.views.charts import Spark
from keystead.web.views.fields import DurationField, Field, SelectField
from keystead.web.views.frame import Document, Frame, Link
from keystead.web.views.migration import Card, Window
from keystead.web.views.parts import Action, Badge, Deletion, LastUse, Pager
from keystead.web.views.usage import Usage


@dataclass(frozen=True, slots=True)
class ColumnHead:
    label: str
    url: str
    order: str = ""  # ascending, descending; "" for the columns that do not sort the list


@dataclass(frozen=True, slots=True)
class KeyRow:
    name: str
    url: str
    role: str
    expires: Moment | None  # None: no expiration date
    badge: Badge | None
    is_gone: bool  # expired or revoked
    last_use: LastUse
    spark: Spark  # of the last 30 days
    migrate: Action | None  # None: hidden
    deletion: Deletion


@dataclass(frozen=True, slots=True)
class KeysTable:
    """The fragment `keys`."""

    template: ClassVar[str] = "_apikeys_table.html"
    called: ClassVar[str] = "table"

    csrf: str
    heads: tuple[ColumnHead, ...]
    rows: tuple[KeyRow, ...]
    count: str
    nothing: str  # the row of an empty list
    clear_url: str  # "": no filter is set
    lag: str  # Counts may lag by up to 11 seconds.
    delete_reason: str  # of the rows that cannot be deleted; "" when all can
    pager: Pager | None


@dataclass(frozen=True, slots=True)
class KeysBar:
    action_url: str
    query: str
    sort: str  # "" for the default
    includes_expired: bool
    is_expired_forced: bool  # only expired keys exist


@dataclass(frozen=True, slots=True)
class KeyForm:
    csrf: str
    action_url: str
    close_url: str
    summary: str  # "": not refused
    name: Field
    role: SelectField
    time_to_live: DurationField


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """The only view that holds a secret: answered with `no-store` to the POST that made it."""

    template: ClassVar[str] = "_apikeys_created.html"
    called: ClassVar[str] = "dialog"

    key: str = field(repr=False)
    example: str = field(repr=False)
    close_url: str


@dataclass(frozen=True, slots=True)
class KeysPage:
    template: ClassVar[str] = "apikeys.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    notice: str  # "": none
    card: Card | None  # None: there is nothing to say of a migration
    new_key: Action | None  # None: hidden
    bar: KeysBar | None  # None: there are no keys
    form: KeyForm | None
    table: KeysTable | None
    is_closed: bool  # no key can be created any more
    dialog: CreatedKey | Window | None = None

    @property
    def is_empty(self) -> bool:
        return self.bar is None and self.form is None and not self.is_closed


@dataclass(frozen=True, slots=True)
class KeyPage:
    template: ClassVar[str] = "apikey.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    back: Link
    name: str
    role: str
    created: Moment
    created_by: str  # "": not known
    expires: Moment | None
    badge: Badge | None
    is_expired: bool
    last_use: LastUse
    usage: Usage
    migrate: Action | None  # None: hidden
    deletion: Deletion
