"""The pages of roles in every state: a part of `states`."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from keystead.core.access.grants import Grants
from keystead.core.access.holders import AccountHolder, TeamHolder
from keystead.core.access.named_roles import (
    SERVER_ROLES,
    HeldBy,
    HolderCounts,
    NamedRole,
    RoleId,
    RolePermission,
    uid_of,
)
from keystead.core.access.permission import Action, Permission
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.orgs.model import OrgId
from keystead.core.teams.model import TeamId
from keystead.usecases.paging import Cut
from keystead.usecases.role_lists import FoundRoles, ListedRole, RoleKind
from keystead.usecases.serviceaccount_roles import OfferedRole, OfferedRoles
from keystead.web.account_forms import WHOLE
from keystead.web.forms import Form, Refused
from keystead.web.presenters import account_fields, account_windows, role, roles
from keystead.web.presenters.frame import Viewer
from keystead.web.presenters.role_choices import role_choices
from keystead.web.render import View
from keystead.web.role_forms import ACCOUNT, HolderSearch, RoleSearch
from keystead.web.views.role_choices import RoleChoices
from keystead.web.views.serviceaccount import RolesWindow
from tests.makers import a_principal
from tests.web.account_states import an_account, calendar, shown, some_accounts
from tests.web.looks import HOSTILE, LONG, NOW

ADMIN = a_principal(OrgId(1))
READER = replace(ADMIN, grants=Grants.of([Permission("roles:read", "roles:*")]))
_FINE = Refused({})
_NOBODY = HolderCounts()
CI = NamedRole(
    uid="u1ci",
    name="ci",
    display_name="Continuous integration",
    description="May look at teams and make service accounts",
    group="Programs",
    version=3,
    id=RoleId(7),
    org=OrgId(1),
    created_at=NOW,
    updated_at=NOW,
    permissions=(
        RolePermission(Permission("serviceaccounts:create", ""), NOW),
        RolePermission(Permission("teams:read", "teams:*"), NOW),
    ),
)
_HELD = (
    HeldBy(1, AccountHolder(AccountId(7)), "reports", "sa-reports"),
    HeldBy(2, AccountHolder(AccountId(3)), HOSTILE, "charles", is_person=True),
    HeldBy(3, TeamHolder(TeamId(9)), "Platform"),
)


def server_role(name: str) -> NamedRole:
    return SERVER_ROLES[uid_of(name)]


def a_custom(name: str, **more: object) -> NamedRole:
    return replace(CI, name=name, uid=f"u{len(name)}", **more)  # type: ignore[arg-type] # one table for several arguments


def _found(*made: NamedRole, after: str = "") -> FoundRoles:
    of_server = (server_role("basic:admin"), *made, server_role("fixed:serviceaccounts:creator"))
    counts = (_NOBODY, HolderCounts(2, 1, 0), HolderCounts(0, 1200, 1))
    listed = tuple(ListedRole(one, len(one.permissions), counts[n % 3]) for n, one in enumerate(of_server))
    return FoundRoles(listed, len(listed), "", after)


def _list(v: Viewer) -> View:
    return roles.roles_page(v, ADMIN, _found(CI, a_custom(HOSTILE), after="b64.cursor"), RoleSearch())


def _list_read_only(v: Viewer) -> View:
    return roles.roles_page(v, READER, _found(a_custom(LONG)), RoleSearch(kind=RoleKind.CUSTOM))


def _no_hit(v: Viewer) -> View:
    return roles.roles_page(v, ADMIN, FoundRoles((), 0), RoleSearch("nothing"))


def _new_refused(v: Viewer) -> View:
    typed = {
        "name": "fixed:x",
        "action-0": "users:delete",
        "scope-0": "*",
        "action-1": "no",
        "scope-1": "a:b:c:d",
    }
    told = {
        "name": "Names that begin so are of roles that nobody makes. Choose another.",
        "action-0": "You need users:delete on this scope to give it",
        "scope-1": "Write a scope as teams:*, teams:id:7 or *, or leave it empty",
    }
    return roles.new_role_page(v, Form(typed), Refused(told))


def _changing_late(v: Viewer) -> View:
    told = "Somebody else changed this role meanwhile. Open it again, then make your changes."
    return roles.change_role_page(v, CI, None, Refused({WHOLE: told}))


def _listed(one: NamedRole = CI, counts: HolderCounts = _NOBODY) -> ListedRole:
    return ListedRole(one, len(one.permissions), counts)


def _one(v: Viewer) -> View:
    return role.role_page(v, ADMIN, _listed(), Cut(_HELD, "", "b64.cursor"))


def _one_read_only(v: Viewer) -> View:
    return role.role_page(v, READER, _listed(a_custom(LONG, description=LONG)), Cut(_HELD, "", ""))


def _fixed(v: Viewer) -> View:
    return role.role_page(v, ADMIN, _listed(server_role("fixed:teams:writer")), Cut((), "", ""))


def _basic(v: Viewer) -> View:
    return role.role_page(v, ADMIN, _listed(server_role("basic:grafana_admin")), Cut((), "", ""))


def _candidates(error: str = "") -> role.Candidates:
    return role.Candidates(HolderSearch(ACCOUNT, "r"), machines=some_accounts().accounts, error=error)


def _assigning(v: Viewer) -> View:
    return role.role_page(v, ADMIN, _listed(), Cut(_HELD, "", ""), candidates=_candidates())


def _assigning_refused(v: Viewer) -> View:
    candidates = _candidates("Choose a service account")
    return role.role_page(v, ADMIN, _listed(), Cut((), "", ""), candidates=candidates)


def _deleting(v: Viewer, *, is_refused: bool = False) -> View:
    listed = _listed(counts=HolderCounts(1, 1, 1))
    dialog = role.deleting(v, listed, is_refused=is_refused)
    return role.role_page(v, ADMIN, listed, Cut(_HELD, "", ""), dialog=dialog)


def _choices(*chosen: str, **more: object) -> RoleChoices:
    fixed = tuple(
        OfferedRole(one, one.name != "fixed:teams:writer")
        for one in SERVER_ROLES.values()
        if one.group in {"Service accounts", "Teams"}
    )
    custom = (
        OfferedRole(CI, may_give=True),
        OfferedRole(a_custom(HOSTILE, description=LONG), may_give=False),
    )
    offered = OfferedRoles(fixed, custom, has_more=True)
    needs = (Action.USERS_ROLES_ADD,)
    return role_choices(ADMIN, offered, frozenset(chosen), needs=needs, **more)  # type: ignore[arg-type] # one table for several arguments


def _window(v: Viewer, refused: Refused = _FINE) -> RolesWindow:
    creator = uid_of("fixed:teams:creator")
    choices = _choices(creator, CI.uid)
    return account_windows.roles_window(v, Role.ADMIN, an_account(), Form({}), refused, choices=choices)


def _window_refused(v: Viewer) -> View:
    told = Refused({WHOLE: "You need users.roles:add to do this. Nothing was changed."})
    return shown(v, window=_window(v, told), is_refused=True)


def _window_locked(v: Viewer) -> View:
    offered = OfferedRoles((OfferedRole(server_role("fixed:teams:creator"), may_give=True),))
    needs = (Action.USERS_ROLES_ADD,)
    choices = role_choices(READER, offered, frozenset({uid_of("fixed:teams:creator")}), needs=needs)
    return shown(v, window=replace(_window(v), choices=choices))


def _creating(v: Viewer) -> View:
    typed = Form({"name": "ci", "action-0": "teams:read", "scope-0": "teams:*"})
    choices = _choices(CI.uid, query="team", is_open=True)
    return account_fields.new_account_page(v, Role.ADMIN, calendar(), typed, choices=choices)


PAGES: Mapping[str, Callable[[Viewer], View]] = {
    "roles": _list,
    "roles-read-only": _list_read_only,
    "roles-no-hit": _no_hit,
    "role-new": roles.new_role_page,
    "role-new-refused": _new_refused,
    "role-changing": lambda v: roles.change_role_page(v, CI),
    "role-changing-refused": _changing_late,
    "role": _one,
    "role-read-only": _one_read_only,
    "role-fixed": _fixed,
    "role-basic": _basic,
    "role-assigning": _assigning,
    "role-assigning-refused": _assigning_refused,
    "role-deleting": _deleting,
    "serviceaccount-roles-choosing": lambda v: shown(v, window=_window(v)),
    "serviceaccount-roles-choosing-refused": _window_refused,
    "serviceaccount-roles-locked": _window_locked,
    "serviceaccount-create-roles": _creating,
    "role-deleting-refused": lambda v: _deleting(v, is_refused=True),
}
FRAGMENTS: Mapping[str, Callable[[Viewer], View]] = {
    "roles-table": lambda v: roles.roles_table(v, _found(CI), RoleSearch("c")),
    "found-for-role": lambda v: role.found_for_role(v, CI, _candidates()),
    "dialog-deleting-role": lambda v: role.deleting(v, _listed()),
}
