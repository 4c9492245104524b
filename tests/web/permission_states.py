"""The section Permissions of a service account in every state: a part of `states`."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from keystead.core.access.grants import Grants
from keystead.core.access.holders import AccountHolder, HeldLevel, RoleHolder, TeamHolder
from keystead.core.access.levels import permissions_of
from keystead.core.access.permission import Permission
from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.member import Member
from keystead.core.orgs.model import OrgId
from keystead.core.teams.model import Team, TeamId
from keystead.web.permission_forms import TEAM, HolderSearch
from keystead.web.presenters import serviceaccount
from keystead.web.presenters.account_permissions import (
    Candidates,
    KnownPermissions,
    permission_panel,
    permissions_section,
)
from keystead.web.presenters.frame import Viewer
from keystead.web.render import View
from keystead.web.searches import TokenSearch
from keystead.web.views.account_permissions import PermissionPanel
from tests.web.account_states import ADMIN, an_account, known, rights
from tests.web.looks import HOSTILE, LONG, NOW

SCOPE = "serviceaccounts:id:7"
READER = replace(ADMIN, grants=Grants.of([Permission("serviceaccounts.permissions:read", SCOPE)]))
EDITOR = replace(
    ADMIN,
    grants=Grants.of(
        [
            *READER.grants,
            Permission("serviceaccounts.permissions:write", SCOPE),
            *permissions_of("serviceaccounts", "7", "Edit"),
        ]
    ),
)
ALICE = AccountHolder(AccountId(3))
LEVELS = [
    HeldLevel(1, ALICE, "Admin", "alice", "Alice Liddell", "alice@example.com", is_person=True),
    HeldLevel(2, AccountHolder(AccountId(9)), "Edit", "sa-terraform", "terraform"),
    HeldLevel(3, TeamHolder(TeamId(4)), "Edit", name="builders", email="builders@example.com"),
    HeldLevel(4, RoleHolder(Role.EDITOR), "Edit", name="Editor"),
]
ODD = [
    HeldLevel(1, ALICE, "Edit", LONG, LONG, is_person=True),
    HeldLevel(2, TeamHolder(TeamId(4)), "Admin", name=HOSTILE),
]


def a_member(number: int, login: str, name: str) -> Member:
    return Member(
        org=OrgId(1),
        id=AccountId(number),
        login=login,
        email=f"{login}@example.com",
        name=name,
        role=Role.VIEWER,
        is_server_admin=False,
        is_disabled=False,
        created_at=UnixSeconds(NOW),
        last_seen_at=None,
    )


def people(count: int, search: HolderSearch) -> Candidates:
    found = (a_member(n, f"user-{n:02}", f"Person {n}" if n % 3 else "") for n in range(1, count + 1))
    return Candidates(search, people=tuple(found))


def teams() -> Candidates:
    names = ("builders", "data", LONG)
    found = (Team(TeamId(n), OrgId(1), f"u{n}", name, "", n) for n, name in enumerate(names))
    return Candidates(HolderSearch(TEAM, "a"), teams=tuple(found))


def panel(
    v: Viewer, candidates: Candidates | None = None, *, by: Principal = ADMIN, error: str = ""
) -> PermissionPanel:
    return permission_panel(v, by, AccountId(7), candidates or people(3, HolderSearch()), error)


def shown(
    v: Viewer,
    held: list[HeldLevel] | None = None,
    *,
    by: Principal = ADMIN,
    opened: PermissionPanel | None = None,
) -> View:
    told = KnownPermissions(LEVELS if held is None else held, ALICE)
    return serviceaccount.account_page(
        v,
        known(an_account(), ()),
        rights(),
        TokenSearch(),
        permissions=permissions_section(v, by, AccountId(7), told, opened),
        is_refused=opened is not None and bool(opened.found.error),
    )


def _nobody(v: Viewer) -> View:
    return shown(v, [], opened=panel(v, people(0, HolderSearch("user", "nobody"))))


def _refused(v: Viewer) -> View:
    opened = panel(v, people(20, HolderSearch(query="user")), by=EDITOR, error="Choose a user")
    return shown(v, by=EDITOR, opened=opened)


PAGES: Mapping[str, Callable[[Viewer], View]] = {
    "permissions": shown,
    "permissions-none": lambda v: shown(v, []),
    "permissions-read-only": lambda v: shown(v, by=READER),
    "permissions-long-names": lambda v: shown(v, ODD, by=EDITOR),
    "permission-adding": lambda v: shown(v, opened=panel(v)),
    "permission-adding-team": lambda v: shown(v, opened=panel(v, teams())),
    "permission-adding-no-hit": _nobody,
    "permission-adding-refused": _refused,
}
FRAGMENTS: Mapping[str, Callable[[Viewer], View]] = {
    "found": lambda v: panel(v).found,
    "found-none": lambda v: panel(v, people(0, HolderSearch())).found,
}
