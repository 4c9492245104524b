"""What the pages of one service account have in common: which one it is, and how it is shown."""

from dataclasses import dataclass, replace

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.holders import LeveledObject
from keystead.core.access.levels import OBJECT_KINDS
from keystead.core.access.permission import Action, Need
from keystead.core.accounts.model import AccountId, ServiceAccount
from keystead.core.credentials.model import CredentialId
from keystead.core.path_id import parse_path_id
from keystead.core.secret import Secret
from keystead.http.path import RouteUnknown
from keystead.usecases import object_grants, revert, serviceaccount_roles, serviceaccounts, tokens, use_counts
from keystead.web.account_forms import Calendar
from keystead.web.links import Pairs
from keystead.web.presenters.account_permissions import KnownPermissions, permissions_section
from keystead.web.presenters.account_rights import AccountRights, rights_on
from keystead.web.presenters.account_windows import created_token
from keystead.web.presenters.frame import Viewer
from keystead.web.presenters.serviceaccount import KnownAccount, account_page
from keystead.web.presenters.serviceaccounts import FROM_LIST
from keystead.web.routes import Answered
from keystead.web.searches import read_account_search, read_token_search
from keystead.web.views.account_permissions import PermissionPanel, PermissionsSection
from keystead.web.views.serviceaccount import AccountWindow, NameForm
from keystead.web.visit import Shown, Visit, links_of, viewer_of

ONE = "/org/serviceaccounts/{service_account_id}"
TOKEN = ONE + "/tokens/{token_id}"
_SCOPE = "serviceaccounts:id:{service_account_id}"
READ: Need = Action.SERVICE_ACCOUNTS_READ.on(_SCOPE)
WRITE: Need = Action.SERVICE_ACCOUNTS_WRITE.on(_SCOPE)
DELETE: Need = Action.SERVICE_ACCOUNTS_DELETE.on(_SCOPE)


@dataclass(frozen=True, slots=True)
class AccountVisit:
    """Somebody at the page of one service account, with what the page tells."""

    visit: Visit
    viewer: Viewer
    known: KnownAccount
    rights: AccountRights
    permissions: KnownPermissions

    @property
    def account(self) -> ServiceAccount:
        return self.known.listed.account

    def shown(
        self,
        dialog: AccountWindow | None = None,
        *,
        status: int = 200,
        reason: str = "",
        name_form: NameForm | None = None,
        panel: PermissionPanel | None = None,
    ) -> Answered:
        """Show the page, with a window in front of it, or with the panel that gives a level; or why not."""
        is_within = not reason
        page = account_page(
            self.viewer,
            self.known,
            self.rights,
            read_token_search(self.visit.query),
            name_form=name_form if is_within else None,
            dialog=replace(dialog, is_open=True) if dialog is not None and is_within else None,
            permissions=self.section(panel),
            notice=reason,
            is_refused=status != 200,  # noqa: PLR2004 - all is well
        )
        parts = {} if panel is None else {panel.found.called: panel.found}
        return Shown(page, {"dialog": dialog} if dialog is not None and is_within else parts, status)

    def with_secret(self, secret: Secret) -> Answered:
        """Show a new token, in this answer and never again."""
        search = read_token_search(self.visit.query)
        created = created_token(self.viewer, self.account.id, secret.reveal())
        page = account_page(
            self.viewer, self.known, self.rights, search, permissions=self.section(), dialog=created
        )
        return Shown(page, has_secret=True)

    def section(self, panel: PermissionPanel | None = None) -> PermissionsSection | None:
        return permissions_section(self.viewer, self.visit.by, self.account.id, self.permissions, panel)


def look_at(visit: Visit, account_id: AccountId) -> AccountVisit:
    """Raises ServiceAccountNotFound."""
    deps, by = visit.deps, visit.by
    deps.uses.flush()
    with deps.read() as db:
        listed = serviceaccounts.find_service_account(db, by, account_id)
        came_from_key = listed.account.from_key is not None
        page = tokens.list_token_page(db, by, account_id, read_token_search(visit.query).asked)
        known = KnownAccount(
            listed,
            page,
            tokens.get_last_use_or_none(db, by, account_id),
            serviceaccounts.get_maker_name_or_none(db, by, listed.account),
            use_counts.list_daily(db, by, (token.id for token in page.rows), now=deps.clock()),
            serviceaccount_roles.list_assigned_or_none(db, by, account_id),
            revert.revertability(db, by, listed.account) if came_from_key else None,
        )
        of = LeveledObject("serviceaccounts", str(account_id))
        permissions = KnownPermissions(
            object_grants.list_levels(db, by, OBJECT_KINDS[of.kind], of.id),
            object_grants.find_last_own(db, by, of, Action.SERVICE_ACCOUNTS_READ),
        )
    rights = rights_on(by, listed.account, deps.tokens.above_role)
    return AccountVisit(visit, viewer_of(visit), known, rights, permissions)


def account_id_of(visit: Visit) -> AccountId:
    """Raises RouteUnknown for what is no number."""
    return AccountId(_number(visit, "service_account_id"))


def token_id_of(visit: Visit) -> CredentialId:
    """Raises RouteUnknown for what is no number."""
    return CredentialId(_number(visit, "token_id"))


def check_may_read(visit: Visit) -> None:
    """Hold back the page from whoever may change an account, but not look at it. Raises PermissionMissing."""
    need = READ.bound_to(visit.path)
    if not need.is_met_by(visit.by.grants):
        raise PermissionMissing(need.told)


def calendar_of(visit: Visit, viewer: Viewer) -> Calendar:
    return Calendar(viewer.now, viewer.zone, visit.deps.tokens.limit)


def back_pairs(visit: Visit) -> Pairs:
    """Return what leads back to the list, for what was asked for there."""
    if not visit.query.flag("list"):
        return ()
    return (*FROM_LIST, *read_account_search(visit.query).pairs)


def back_url(visit: Visit) -> str:
    """Return where one came from: the list as it was, or the page of the account."""
    links = links_of(visit.deps.site)
    if visit.query.flag("list"):
        return links.service_accounts(read_account_search(visit.query).pairs)
    return links.service_account(account_id_of(visit), pairs=read_token_search(visit.query).pairs)


def _number(visit: Visit, name: str) -> int:
    number = parse_path_id(visit.path[name])
    if number is None:
        raise RouteUnknown
    return number
