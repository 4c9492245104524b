"""The section Permissions of a service account: who has a level on it, and the panel that gives one."""

from dataclasses import dataclass
from typing import ClassVar

from keystead.web.views.fields import SelectField
from keystead.web.views.frame import Choice
from keystead.web.views.parts import Action


@dataclass(frozen=True, slots=True)
class LevelForm:
    """Changes the level of one holder, or takes it away."""

    action_url: str
    label: str  # for whoever does not see where it stands
    choices: tuple[Choice, ...]
    remove_url: str
    remove_label: str
    remove_warning: str  # "": nothing to warn of


@dataclass(frozen=True, slots=True)
class PermissionRow:
    initials: str
    name: str
    more: str  # the login of a person, "" where the name says it all
    kind: str
    level: str
    actions: tuple[str, ...]  # what the level permits
    form: LevelForm | None  # None: the reader may not change it


@dataclass(frozen=True, slots=True)
class FoundHolders:
    """What the search of the panel found: the best ones, and the form that gives one of them a level."""

    template: ClassVar[str] = "_found_holders.html"
    called: ClassVar[str] = "found"

    csrf: str
    action_url: str
    status: str  # 3 users; No users found.
    holders: tuple[Choice, ...]
    level: SelectField
    error: str


@dataclass(frozen=True, slots=True)
class PermissionPanel:
    search_url: str
    close_url: str
    kinds: tuple[Choice, ...]
    query: str
    found: FoundHolders


@dataclass(frozen=True, slots=True)
class PermissionsSection:
    csrf: str
    add: Action | None  # None: the reader may not
    panel: PermissionPanel | None
    rows: tuple[PermissionRow, ...]
    help: str
