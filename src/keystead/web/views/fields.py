"""Form fields as templates print them."""

from dataclasses import dataclass

from keystead.web.views.frame import Choice


@dataclass(frozen=True, slots=True)
class Field:
    id: str
    name: str
    label: str
    value: str = ""
    error: str = ""
    help: str = ""
    kind: str = "text"  # of the <input>
    autocomplete: str = "off"
    placeholder: str = ""
    max_length: int = 190
    is_required: bool = True
    is_focused: bool = False


@dataclass(frozen=True, slots=True)
class SelectField:
    id: str
    name: str
    label: str
    choices: tuple[Choice, ...]
    error: str = ""
    help: str = ""
    is_focused: bool = False


@dataclass(frozen=True, slots=True)
class DurationField:
    """A time to live: the module repeats its rule from these values, only to answer sooner."""

    value: str
    error: str
    preview: str  # "Expires … (in 12 hours)", for a form that came back because of another field
    help: str
    picks: tuple[str, ...]
    maximum_s: int  # -1: no limit
    above_maximum: str  # the message for a longer one
    now: int  # the server's clock
    is_focused: bool = False


@dataclass(frozen=True, slots=True)
class Pick:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class ExpiryField:
    """For ever, or until the end of a day."""

    never: Choice | None  # None: a longest life is set
    on_a_date: Choice
    value: str  # 2026-11-23
    error: str
    help: str
    earliest: str
    latest: str  # "": no longest life
    picks: tuple[Pick, ...]
    is_browser_zone: bool  # then the module tells which one that is
    is_focused: bool = False
