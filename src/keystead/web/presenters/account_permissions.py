"""Who has a level on a service account, in words, and the panel that gives one."""

from dataclasses import dataclass

from keystead.core.access.holders import AccountHolder, HeldLevel, Holder, RoleHolder, TeamHolder
from keystead.core.access.levels import OBJECT_KINDS, level_named, permissions_of
from keystead.core.access.permission import Action as Right
from keystead.core.access.principal import Principal
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.member import Member
from keystead.core.teams.model import Team
from keystead.web.permission_forms import TEAM, USER, HolderSearch, spelled
from keystead.web.presenters.frame import Viewer
from keystead.web.views.account_permissions import (
    FoundHolders,
    LevelForm,
    PermissionPanel,
    PermissionRow,
    PermissionsSection,
)
from keystead.web.views.fields import SelectField
from keystead.web.views.frame import Choice
from keystead.web.views.parts import Action
from keystead.web.wording import initials, plural

KIND = OBJECT_KINDS["serviceaccounts"]
_HELP = "Edit: see and change the account and its tokens. Admin: also delete it and manage these permissions."
_LAST_OWN = "You will no longer be able to open this service account."
_ABOVE = " (above your rights)"
_KINDS = ((USER, "User"), (TEAM, "Team"))


@dataclass(frozen=True, slots=True)
class KnownPermissions:
    """What the section tells, as the database has it."""

    held: list[HeldLevel]
    last_own: Holder | None  # by whose level alone the reader may open the account


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who may be given a level: the best that a search found."""

    search: HolderSearch
    people: tuple[Member, ...] = ()
    teams: tuple[Team, ...] = ()


def permissions_section(
    viewer: Viewer,
    by: Principal,
    account_id: AccountId,
    known: KnownPermissions,
    panel: PermissionPanel | None = None,
) -> PermissionsSection | None:
    """Return the section, or None for whoever may not see it."""
    scope = KIND.scope_of(str(account_id))
    if not by.grants.allows(Right.SERVICE_ACCOUNTS_PERMISSIONS_READ, scope):
        return None
    may_write = by.grants.allows(Right.SERVICE_ACCOUNTS_PERMISSIONS_WRITE, scope)
    url = viewer.links.service_account(account_id, "permissions/add")
    return PermissionsSection(
        csrf=viewer.csrf,
        add=Action("Add permission", f"{url}#permissions") if may_write else None,
        panel=panel if may_write else None,
        rows=tuple(_row(viewer, by, account_id, held, known, may_write=may_write) for held in known.held),
        help=_HELP,
    )


def permission_panel(
    viewer: Viewer, by: Principal, account_id: AccountId, candidates: Candidates, error: str = ""
) -> PermissionPanel:
    links, search = viewer.links, candidates.search
    return PermissionPanel(
        search_url=links.service_account(account_id, "permissions/add"),
        close_url=links.service_account(account_id),
        kinds=tuple(Choice(kind, label, is_chosen=kind == search.kind) for kind, label in _KINDS),
        query=search.query,
        found=_found(viewer, by, account_id, candidates, error),
    )


def _found(
    viewer: Viewer, by: Principal, account_id: AccountId, candidates: Candidates, error: str
) -> FoundHolders:
    search = candidates.search
    people = [(AccountHolder(one.id), _full_name(one.name, one.login)) for one in candidates.people]
    teams = [(TeamHolder(one.id), one.name) for one in candidates.teams]
    found: list[tuple[Holder, str]] = [*people, *teams]
    noun = "team" if search.kind == TEAM else "user"
    return FoundHolders(
        csrf=viewer.csrf,
        action_url=viewer.links.service_account(account_id, "permissions", search.pairs),
        status=plural(len(found), noun) if found else f"No {noun}s found.",
        holders=tuple(Choice(spelled(holder), name, is_chosen=False) for holder, name in found),
        level=SelectField(
            id="level",
            name="level",
            label="Permission Level",
            choices=_levels(by, account_id, search.level),
        ),
        error=error,
    )


def _full_name(name: str, login: str) -> str:
    return f"{name} ({login})" if name and name != login else login


def _levels(by: Principal, account_id: AccountId, chosen: str) -> tuple[Choice, ...]:
    """Return the levels; who lacks what one permits cannot give it."""
    return tuple(
        Choice(level.name, level.name + ("" if is_own else _ABOVE), level.name == chosen, not is_own)
        for level in KIND.levels
        for is_own in (
            by.grants.first_missing(permissions_of(KIND.name, str(account_id), level.name)) is None,
        )
    )


def _row(
    viewer: Viewer,
    by: Principal,
    account_id: AccountId,
    held: HeldLevel,
    known: KnownPermissions,
    *,
    may_write: bool,
) -> PermissionRow:
    name = held.name or held.login
    return PermissionRow(
        initials=initials(held.name, held.login),
        name=name,
        more=held.login if held.login != name else "",
        kind=_kind_of(held),
        level=held.level,
        actions=tuple(sorted(level_named(KIND.name, held.level).actions)),
        form=_form(viewer, by, account_id, held, known) if may_write else None,
    )


def _kind_of(held: HeldLevel) -> str:
    match held.holder:
        case TeamHolder():
            return "Team"
        case RoleHolder():
            return "Role"
        case AccountHolder():
            return "User" if held.is_person else "Service account"


def _form(
    viewer: Viewer, by: Principal, account_id: AccountId, held: HeldLevel, known: KnownPermissions
) -> LevelForm:
    name, holder = held.name or held.login, spelled(held.holder)
    return LevelForm(
        action_url=viewer.links.service_account(account_id, f"permissions/{holder}"),
        label=f"Permission level of {name}",
        choices=_levels(by, account_id, held.level),
        remove_url=viewer.links.service_account(account_id, f"permissions/{holder}/remove"),
        remove_label=f"Remove permission for {name}",
        remove_warning=_LAST_OWN if held.holder == known.last_own else "",
    )
