"""Teams: the list, the form that makes one, and the pages of one team."""

from dataclasses import dataclass
from typing import ClassVar

from keystead.web.views.fields import Field, SelectField
from keystead.web.views.frame import Choice, Document, Entry, Frame, Link
from keystead.web.views.parts import Action, Deletion, Pager


@dataclass(frozen=True, slots=True)
class TeamRow:
    initials: str
    name: str
    url: str
    email: str
    members: str
    deletion: Deletion


@dataclass(frozen=True, slots=True)
class TeamsTable:
    """The fragment `teams`."""

    template: ClassVar[str] = "_teams_table.html"
    called: ClassVar[str] = "table"

    csrf: str
    rows: tuple[TeamRow, ...]
    count: str
    nothing: str  # the row of an empty list
    clear_url: str  # "": no filter is set
    delete_reason: str  # of the rows that cannot be deleted; "" when all can
    pager: Pager | None


@dataclass(frozen=True, slots=True)
class TeamsBar:
    action_url: str
    query: str
    add: Link | None  # None: hidden


@dataclass(frozen=True, slots=True)
class TeamsPage:
    template: ClassVar[str] = "teams.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    bar: TeamsBar | None  # None: there are no teams
    table: TeamsTable | None
    first: Action | None  # the button of an empty list


@dataclass(frozen=True, slots=True)
class NewTeamPage:
    template: ClassVar[str] = "team_new.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    csrf: str
    back: Link
    action_url: str
    summary: str  # "": not refused
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class TeamHead:
    """What stands on top of each tab of a team."""

    back: Link
    initials: str
    name: str
    members: str
    csrf: str
    deletion: Deletion
    tabs: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class MemberForm:
    """Changes the level of one member, or takes them out."""

    level_url: str
    label: str  # for whoever does not see where it stands
    choices: tuple[Choice, ...]
    remove_url: str
    remove_label: str


@dataclass(frozen=True, slots=True)
class MemberRow:
    initials: str
    login: str
    email: str
    name: str
    level: str
    form: MemberForm | None  # None: the reader may not change it


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """The fragment `found`: the best that the search found, and the form that adds one of them."""

    template: ClassVar[str] = "_found_people.html"
    called: ClassVar[str] = "found"

    csrf: str
    action_url: str
    status: str  # 3 people; No people found.
    people: tuple[Choice, ...]
    level: SelectField
    error: str


@dataclass(frozen=True, slots=True)
class MemberPanel:
    search_url: str
    close_url: str
    query: str
    found: FoundPeople


@dataclass(frozen=True, slots=True)
class TeamMembersPage:
    template: ClassVar[str] = "team_members.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    head: TeamHead
    csrf: str
    reason: str  # why nobody is shown; "": members are
    add: Action | None  # None: the panel is open
    panel: MemberPanel | None
    rows: tuple[MemberRow, ...]
    count: str
    unlisted: str  # how many more there are, and why they are not in the list; "": none
    pager: Pager | None


@dataclass(frozen=True, slots=True)
class TeamSettingsPage:
    template: ClassVar[str] = "team_settings.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    head: TeamHead
    csrf: str
    summary: str  # "": not refused
    details_url: str
    details: tuple[Field, ...]
    preferences_url: str
    preferences: tuple[SelectField, ...]
    reason: str  # why nothing can be changed; "": it can
