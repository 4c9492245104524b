"""The permission explorer: a question and its answer, all permissions of one, and two compared."""

from dataclasses import dataclass
from typing import ClassVar

from keystead.web.views.fields import Field
from keystead.web.views.frame import Document, Entry, Frame, Link
from keystead.web.views.serviceaccount import AccountHead


@dataclass(frozen=True, slots=True)
class ExplainForm:
    action_url: str
    csrf: str  # "": it is only looked at, and not sent
    fields: tuple[Field, ...]
    button: str
    view: str = ""  # which view the answer has; "": the question's
    candidates: tuple[Link, ...] = ()  # whom a name may have meant
    candidates_words: str = ""


@dataclass(frozen=True, slots=True)
class GrantLine:
    permission: str  # serviceaccounts:write on serviceaccounts:*
    role: str
    source: str
    way: str  # through team 4


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that decides, in the order in which it does."""

    is_good: bool
    text: str
    lines: tuple[GrantLine, ...] = ()
    more: str = ""  # and 12 more
    is_folded: bool = False  # the grants are behind a click


@dataclass(frozen=True, slots=True)
class Verdict:
    is_allowed: bool
    heading: str
    question: str
    steps: tuple[Step, ...]
    nearest: GrantLine | None
    ways: tuple[str, ...]  # least power first
    no_way: str  # "": there are ways, or none is needed
    more: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class HeldRow:
    action: str
    scopes: tuple[str, ...]
    more: str  # and 12 more scopes
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AllHeld:
    who: str
    rows: tuple[HeldRow, ...]
    count: str
    nothing: str
    csv_url: str


@dataclass(frozen=True, slots=True)
class Difference:
    heading: str
    rows: tuple[tuple[str, str], ...]  # action, scope
    more: str
    nothing: str
    is_folded: bool


@dataclass(frozen=True, slots=True)
class PermissionsPage:
    template: ClassVar[str] = "permissions.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    tabs: tuple[Entry, ...]
    heading: str
    form: ExplainForm
    verdict: Verdict | None = None
    held: AllHeld | None = None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountExplainPage:
    template: ClassVar[str] = "serviceaccount_explain.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    head: AccountHead
    form: ExplainForm
    verdict: Verdict | None
    more: tuple[Link, ...]
