"""One role, in words: what it permits, who has it, and the panel that gives it."""

from dataclasses import dataclass, replace

from keystead.core.access.delegation import is_delegatable
from keystead.core.access.holders import AccountHolder, TeamHolder
from keystead.core.access.named_roles import HeldBy, NamedRole
from keystead.core.access.permission import Action as Permitted
from keystead.core.access.principal import Principal
from keystead.core.accounts.listing import ListedAccount
from keystead.core.orgs.member import Member
from keystead.core.teams.model import Team
from keystead.usecases.paging import Cut
from keystead.usecases.role_assignments import DELEGATE
from keystead.usecases.role_lists import ListedRole, RoleKind, kind_of
from keystead.web.permission_forms import TEAM, USER, spelled
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.parts import needed, pager_of
from keystead.web.presenters.roles import KINDS, TAB, everybody_with, holder_words
from keystead.web.role_forms import ACCOUNT, HolderSearch
from keystead.web.views.frame import Choice, Link
from keystead.web.views.parts import Action, Deletion
from keystead.web.views.roles import (
    AssignPanel,
    Fact,
    FoundForRole,
    HolderRow,
    PermissionLine,
    RolePage,
)
from keystead.web.views.serviceaccount import Confirmation
from keystead.web.wording import initials, plural

NOUNS = {USER: "user", ACCOUNT: "service account", TEAM: "team"}
ABOVE = "This role permits more than you may."
_ASSIGN = (Permitted.USERS_ROLES_ADD, Permitted.TEAMS_ROLES_ADD)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who may be given the role: the best that a search found."""

    search: HolderSearch
    people: tuple[Member, ...] = ()
    machines: tuple[ListedAccount, ...] = ()
    teams: tuple[Team, ...] = ()
    error: str = ""


def role_page(
    viewer: Viewer,
    by: Principal,
    listed: ListedRole,
    held: Cut[HeldBy],
    *,
    candidates: Candidates | None = None,
    dialog: Confirmation | None = None,
) -> RolePage:
    role, links = listed.role, viewer.links
    has_errors = bool(candidates and candidates.error) or bool(dialog and dialog.summary)
    is_custom = kind_of(role) is RoleKind.CUSTOM
    assign = None if role.is_basic or role.account is not None else _assign(viewer, by, role)
    return RolePage(
        document=document_of(viewer, role.name, TAB, Place.CONFIGURATION, has_errors=has_errors),
        frame=frame_of(viewer, Place.CONFIGURATION, TAB),
        csrf=viewer.csrf,
        back=Link(TAB, links.roles()),
        name=role.name,
        kind=KINDS[kind_of(role)],
        edit=_changing(by, "Edit", Permitted.ROLES_WRITE, links.role(role.uid, "edit"))
        if is_custom
        else None,
        delete=_changing(by, "Delete", Permitted.ROLES_DELETE, links.role(role.uid, "confirm/delete"))
        if is_custom
        else None,
        facts=_facts(role),
        permissions=tuple(PermissionLine(*permission) for permission in role.held),
        count=plural(listed.permissions, "permission"),
        holders=tuple(_holder_row(viewer, by, role, one) for one in held.rows),
        everybody=everybody_with(role),
        assign=assign if candidates is None else None,
        panel=None if candidates is None else _panel(viewer, role, candidates),
        pager=pager_of(
            lambda after, before: links.role(role.uid, pairs=(("after", after), ("before", before))),
            held.before,
            held.after,
        ),
        dialog=None if dialog is None else replace(dialog, is_open=True),
    )


def _facts(role: NamedRole) -> tuple[Fact, ...]:
    told = (
        ("Display name", role.display_name),
        ("Group", role.group),
        ("Description", role.description),
        ("UID", role.uid),
        ("Version", "" if role.is_of_server else str(role.version)),
        ("Counts in", "All organizations" if role.is_global else "This organization"),
    )
    return tuple(Fact(label, text) for label, text in told if text)


def _changing(by: Principal, label: str, action: Permitted, url: str) -> Action:
    return Action(label, url, "" if by.grants.allows(action, DELEGATE) else needed(action), "role")


def _assign(viewer: Viewer, by: Principal, role: NamedRole) -> Action:
    may = any(by.grants.allows(action, DELEGATE) for action in _ASSIGN)
    reason = "" if is_delegatable(by, role) else ABOVE
    url = viewer.links.role(role.uid, "assign")
    return Action("Assign role", url, reason if may else needed(Permitted.USERS_ROLES_ADD))


def _holder_row(viewer: Viewer, by: Principal, role: NamedRole, held: HeldBy) -> HolderRow:
    is_team = isinstance(held.holder, TeamHolder)
    action = Permitted.TEAMS_ROLES_REMOVE if is_team else Permitted.USERS_ROLES_REMOVE
    may_remove = by.grants.allows(action, DELEGATE) and by.grants.first_missing(role.held) is None
    url = viewer.links.role(role.uid, f"unassign/{spelled(held.holder)}")
    return HolderRow(
        initials=initials(held.name, held.login),
        name=held.name,
        more=held.login if held.login != held.name else "",
        url=_holder_url(viewer, by, held),
        kind="Team" if is_team else ("User" if held.is_person else "Service account"),
        removal=Deletion(f"Remove role from {held.name}", url) if may_remove else None,
    )


def _holder_url(viewer: Viewer, by: Principal, held: HeldBy) -> str:
    """Return the page of a team or an account, where the reader may open it."""
    id_ = held.holder.id
    if isinstance(held.holder, TeamHolder):
        return viewer.links.team(id_) if by.grants.allows(Permitted.TEAMS_READ, f"teams:id:{id_}") else ""
    may_read = by.grants.allows(Permitted.SERVICE_ACCOUNTS_READ, f"serviceaccounts:id:{id_}")
    return viewer.links.service_account(id_) if may_read and not held.is_person else ""


def _panel(viewer: Viewer, role: NamedRole, candidates: Candidates) -> AssignPanel:
    search = candidates.search
    kinds = ((USER, "User"), (ACCOUNT, "Service account"), (TEAM, "Team"))
    return AssignPanel(
        search_url=viewer.links.role(role.uid, "assign"),
        close_url=viewer.links.role(role.uid),
        kinds=tuple(Choice(kind, label, is_chosen=kind == search.kind) for kind, label in kinds),
        query=search.query,
        found=found_for_role(viewer, role, candidates),
    )


def found_for_role(viewer: Viewer, role: NamedRole, candidates: Candidates) -> FoundForRole:
    search = candidates.search
    found: list[tuple[AccountHolder | TeamHolder, str]] = [
        *((AccountHolder(one.id), _full_name(one.name, one.login)) for one in candidates.people),
        *(
            (AccountHolder(one.account.id), _full_name(one.account.name, one.account.login))
            for one in candidates.machines
        ),
        *((TeamHolder(one.id), one.name) for one in candidates.teams),
    ]
    noun = NOUNS[search.kind]
    return FoundForRole(
        csrf=viewer.csrf,
        action_url=viewer.links.role(role.uid, "assign", search.pairs),
        status=plural(len(found), noun) if found else f"No {noun}s found.",
        holders=tuple(Choice(spelled(holder), name, is_chosen=False) for holder, name in found),
        error=candidates.error,
    )


def deleting(viewer: Viewer, listed: ListedRole, *, is_refused: bool = False) -> Confirmation:
    """Return the window; it tells who loses the role, and so asks whether that is meant."""
    role = listed.role
    who = holder_words(listed.holders)
    lost = "? Nobody has it." if who == "Nobody" else f"? It is assigned: {who} lose what it permits."
    forced = (("force", "" if who == "Nobody" else "true"), ("global", "true" if role.is_global else ""))
    return Confirmation(
        csrf=viewer.csrf,
        title="Delete role",
        verb="Delete",
        name=role.name,
        what_happens=lost,
        action_url=viewer.links.role(role.uid, "delete", forced),
        button="Delete",
        cancel_url=viewer.links.role(role.uid),
        summary="The role is assigned, so it was not deleted. Look once more." if is_refused else "",
    )


def _full_name(name: str, login: str) -> str:
    return f"{name} ({login})" if name and name != login else login
