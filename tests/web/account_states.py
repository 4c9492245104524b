"""The pages and windows of service accounts in every state: a part of `states`."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from keystead.core.access.grants import Grants
from keystead.core.access.permission import Permission
from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.accounts.listing import ListedAccount, Shown
from keystead.core.accounts.model import AccountId, ServiceAccount
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.ceiling import AboveRole
from keystead.core.credentials.lifetime import LifetimeLimit
from keystead.core.credentials.model import CredentialId, Token
from keystead.core.orgs.model import OrgId
from keystead.core.usage.model import LastUse
from keystead.usecases.paging import Cut
from keystead.usecases.serviceaccounts import FoundAccounts
from keystead.web.account_forms import WHOLE, Calendar
from keystead.web.forms import Form, Refused
from keystead.web.presenters import account_fields, account_windows, serviceaccount, serviceaccounts
from keystead.web.presenters.account_rights import AccountRights, rights_on
from keystead.web.presenters.frame import Viewer
from keystead.web.presenters.serviceaccount import KnownAccount
from keystead.web.render import View
from keystead.web.searches import AccountSearch, TokenSearch
from keystead.web.times import Zone
from keystead.web.views.serviceaccount import AccountWindow
from tests.makers import a_principal
from tests.web.looks import DAY_S, HOSTILE, LONG, MONTH, NOW, UNLIMITED

TOKEN = "glsa_canaryHOruNAb7SOiCdshU9algkrq7FDsNSLAa_55e2f8be"
ADMIN = a_principal(OrgId(1))
READER = replace(
    ADMIN,
    role=Role.VIEWER,
    grants=Grants.of([Permission("serviceaccounts:read", "serviceaccounts:*")]),
)
EDITOR = a_principal(
    OrgId(1),
    role=Role.EDITOR,
    permissions=[
        Permission(f"serviceaccounts:{verb}", "serviceaccounts:*") for verb in ("read", "write", "delete")
    ],
)
_USE = LastUse(UnixSeconds(NOW - 110), "10.0.4.7", "curl/8.5", "GET /api/serviceaccounts/search")
_ACCOUNTS = (
    ("backup", Role.ADMIN, 2, 3600, False),
    ("dashboards", Role.VIEWER, 0, None, False),
    ("nightly reports", Role.EDITOR, 1204, 110, False),
    ("old importer", Role.VIEWER, 1, 90 * DAY_S, True),
    ("terraform", None, 1, None, False),
)


def an_account(name: str = "reports", role: Role | None = Role.EDITOR, **more: object) -> ServiceAccount:
    made = ServiceAccount(
        id=AccountId(7),
        org=OrgId(1),
        name=name,
        login=f"sa-{name.lower()}".replace(" ", "-"),
        role=role,
        is_disabled=False,
        created_at=UnixSeconds(NOW - 50 * DAY_S),
        updated_at=NOW,
    )
    return replace(made, **more)  # type: ignore[arg-type] # one table for several arguments


def a_listed(
    number: int, name: str, role: Role | None, tokens: int, used_s: int | None, *, is_disabled: bool
) -> ListedAccount:
    account = an_account(name, role, id=AccountId(number), is_disabled=is_disabled)
    return ListedAccount(account, tokens, None if used_s is None else UnixSeconds(NOW - used_s))


def some_accounts() -> FoundAccounts:
    listed = tuple(
        a_listed(n, name, role, tokens, used_s, is_disabled=is_disabled)
        for n, (name, role, tokens, used_s, is_disabled) in enumerate(_ACCOUNTS, 1)
    )
    return FoundAccounts(listed, len(listed), has_any=True, before="", after="")


def fifty_accounts() -> FoundAccounts:
    listed = tuple(
        a_listed(n, f"machine-{n * 7919 % 9973}", Role.EDITOR, n % 3, n * 777, is_disabled=n % 7 == 0)
        for n in range(1, 51)
    )
    return FoundAccounts(listed, 10_001, has_any=True, before="b64.cursor", after="b65.cursor")


def a_token(number: int, name: str, ends_in_s: int | None = None, used_s: int | None = None) -> Token:
    return Token(
        id=CredentialId(number),
        org=OrgId(1),
        owner=AccountId(7),
        name=name,
        created_at=UnixSeconds(NOW - 40 * DAY_S),
        expires_at=None if ends_in_s is None else UnixSeconds(NOW + ends_in_s),
        last_use=None if used_s is None else replace(_USE, at=UnixSeconds(NOW - used_s)),
        lifetime_s=0,
    )


def some_tokens() -> tuple[Token, ...]:
    replaced = a_token(5, "nightly", DAY_S, 120)
    revoked = a_token(6, "old-laptop", None, 9 * DAY_S)
    return (
        a_token(1, "ci-import"),
        a_token(2, "dashboards", 3 * DAY_S - 60, 9000),
        replace(a_token(3, "edge"), was_key=True),
        a_token(4, "nightly-2", 12 * DAY_S, 110),
        replace(replaced, replaced_by=CredentialId(4), grace_until=replaced.expires_at),
        replace(revoked, revoked_at=UnixSeconds(NOW - DAY_S)),
        a_token(8, "old-runner", -21 * DAY_S, 22 * DAY_S),
    )


def known(
    account: ServiceAccount, tokens: tuple[Token, ...], *, before: str = "", after: str = ""
) -> KnownAccount:
    listed = ListedAccount(account, len(tokens), _USE.at if tokens else None)
    daily = {token.id: (*range(30),) for token in tokens[:3]}
    use = _USE if tokens else None
    return KnownAccount(listed, Cut(tokens, before, after), use, "admin", daily, assigned=())


def rights(by: Principal = ADMIN, account: ServiceAccount | None = None) -> AccountRights:
    return rights_on(by, account or an_account(), AboveRole.DENY)


def calendar(limit: LifetimeLimit = UNLIMITED) -> Calendar:
    return Calendar(NOW, Zone(""), limit)


def _list(v: Viewer) -> View:
    return serviceaccounts.accounts_page(v, ADMIN, some_accounts(), AccountSearch(), AboveRole.DENY)


def _list_read_only(v: Viewer) -> View:
    return serviceaccounts.accounts_page(v, READER, some_accounts(), AccountSearch(), AboveRole.DENY)


def _list_no_hit(v: Viewer) -> View:
    found = FoundAccounts((), 0, has_any=True, before="", after="")
    search = AccountSearch("nothing", Shown.DISABLED)
    return serviceaccounts.accounts_page(v, ADMIN, found, search, AboveRole.DENY)


def _list_fifty(v: Viewer) -> View:
    search = AccountSearch("machine", after="b63.cursor")
    return serviceaccounts.accounts_page(v, ADMIN, fifty_accounts(), search, AboveRole.DENY)


def _list_long(v: Viewer) -> View:
    rows = ((LONG, Role.ADMIN, 3, 60), (HOSTILE, Role.VIEWER, 0, None))
    listed = tuple(a_listed(n, *row, is_disabled=bool(n)) for n, row in enumerate(rows))
    found = FoundAccounts(listed, 2, has_any=True, before="", after="")
    return serviceaccounts.accounts_page(v, ADMIN, found, AccountSearch(), AboveRole.DENY)


def _empty(by: Principal) -> Callable[[Viewer], View]:
    found = FoundAccounts((), 0, has_any=False, before="", after="")
    return lambda v: serviceaccounts.accounts_page(v, by, found, AccountSearch(), AboveRole.DENY)


def _creating(v: Viewer) -> View:
    return account_fields.new_account_page(v, Role.ADMIN, calendar())


def _creating_refused(v: Viewer) -> View:
    typed = {
        "name": "Nightly Reports",
        "role": "Admin",
        "token": "nightly",
        "expiry": "date",
        "date": "2026-11-01",
    }
    told = {
        "name": "An account with the ID sa-nightly-reports exists already.",
        "role": "can not assign a role higher than user's role",
        "token": "service account token with given name already exists in the organization",
        "date": "The earliest possible date is 2026-11-23.",
    }
    return account_fields.new_account_page(v, Role.EDITOR, calendar(MONTH), Form(typed), Refused(told))


def shown(
    v: Viewer,
    *,
    by: Principal = ADMIN,
    account: ServiceAccount | None = None,
    tokens: tuple[Token, ...] | None = None,
    window: AccountWindow | None = None,
    is_refused: bool = False,
    notice: str = "",
) -> View:
    one = account or an_account()
    return serviceaccount.account_page(
        v,
        known(one, some_tokens() if tokens is None else tokens),
        rights(by, one),
        TokenSearch(),
        dialog=None if window is None else replace(window, is_open=True),
        is_refused=is_refused,
        notice=notice,
    )


def shown_as(v: Viewer, found: KnownAccount) -> View:
    """Show the page of an account of which more is known."""
    return serviceaccount.account_page(v, found, rights(ADMIN, found.listed.account), TokenSearch())


def _one_disabled(v: Viewer) -> View:
    return shown(v, account=an_account(is_disabled=True), notice="Enable the account first.")


def _one_above(v: Viewer) -> View:
    return shown(v, by=EDITOR, account=an_account(role=Role.ADMIN))


def _one_long(v: Viewer) -> View:
    tokens = (a_token(1, LONG, DAY_S, 60), a_token(2, HOSTILE, -60, None))
    return shown(v, account=an_account(LONG, login=f"sa-{LONG.lower()}"[:190]), tokens=tokens)


def _one_fifty(v: Viewer) -> View:
    tokens = tuple(a_token(n, f"token-{n:02}", n * DAY_S, n * 999) for n in range(1, 51))
    found = known(an_account(), tokens, before="b64.cursor", after="b65.cursor")
    return serviceaccount.account_page(v, found, rights(), TokenSearch(after="b63.cursor"))


def _naming(v: Viewer) -> View:
    form = account_windows.name_form(v, an_account())
    return serviceaccount.account_page(v, known(an_account(), ()), rights(), TokenSearch(), name_form=form)


def _naming_refused(v: Viewer) -> View:
    told = Refused({"name": "Name is required"})
    form = account_windows.name_form(v, an_account(), Form({"name": " "}), told)
    found = known(an_account(), ())
    return serviceaccount.account_page(v, found, rights(), TokenSearch(), name_form=form, is_refused=True)


def _disabling(v: Viewer) -> AccountWindow:
    return account_windows.disabling(v, an_account(), (), v.links.service_account(7))


def _deleting(v: Viewer) -> AccountWindow:
    listed = known(an_account(), some_tokens()).listed
    return account_windows.deleting(v, listed, (), v.links.service_account(7))


def _roles_refused(v: Viewer) -> AccountWindow:
    told = Refused({"role": "can not assign a role higher than user's role"})
    return account_windows.roles_window(v, Role.EDITOR, an_account(), Form({"role": "Admin"}), told)


def _adding_limited(v: Viewer) -> AccountWindow:
    typed = Form({"name": "", "expiry": "date", "date": "2027-01-01"})
    told = Refused({"name": "Display name is required", "date": "The latest possible date is 2026-12-22."})
    return account_windows.token_window(v, an_account(), calendar(MONTH), typed, told)


def _rotating(v: Viewer) -> AccountWindow:
    return account_windows.rotation_window(v, a_token(4, "nightly"), TokenSearch())


def _rotating_refused(v: Viewer) -> AccountWindow:
    told = Refused({WHOLE: "A new token can live at most 30 days (one month). Add one, and revoke this one."})
    return account_windows.rotation_window(v, a_token(4, "nightly"), TokenSearch(), Form({"name": "n"}), told)


def _created(v: Viewer) -> View:
    created = account_windows.created_token(v, 7, TOKEN)
    found = known(an_account(), some_tokens())
    return serviceaccount.account_page(v, found, rights(), TokenSearch(), dialog=created)


PAGES: Mapping[str, Callable[[Viewer], View]] = {
    "serviceaccounts-list": _list,
    "serviceaccounts-read-only": _list_read_only,
    "serviceaccounts-no-hit": _list_no_hit,
    "serviceaccounts-fifty": _list_fifty,
    "serviceaccounts-long-names": _list_long,
    "serviceaccounts-empty": _empty(ADMIN),
    "serviceaccounts-empty-read-only": _empty(READER),
    "serviceaccount-create": _creating,
    "serviceaccount-create-refused": _creating_refused,
    "serviceaccount": shown,
    "serviceaccount-tokenless": lambda v: shown(v, tokens=()),
    "serviceaccount-disabled": _one_disabled,
    "serviceaccount-read-only": lambda v: shown(v, by=READER),
    "serviceaccount-above": _one_above,
    "serviceaccount-long-names": _one_long,
    "serviceaccount-fifty": _one_fifty,
    "serviceaccount-naming": _naming,
    "serviceaccount-naming-refused": _naming_refused,
    "serviceaccount-disabling": lambda v: shown(v, window=_disabling(v)),
    "serviceaccount-deleting": lambda v: shown(v, window=_deleting(v)),
    "serviceaccount-roles": lambda v: shown(
        v, window=account_windows.roles_window(v, Role.ADMIN, an_account())
    ),
    "serviceaccount-roles-refused": lambda v: shown(v, window=_roles_refused(v), is_refused=True),
    "token-adding": lambda v: shown(v, window=account_windows.token_window(v, an_account(), calendar())),
    "token-adding-refused": lambda v: shown(v, window=_adding_limited(v), is_refused=True),
    "token-revoking": lambda v: shown(v, window=account_windows.revoking(v, a_token(1, "ci"), TokenSearch())),
    "token-revoking-cascade": lambda v: shown(
        v, window=account_windows.revoking(v, a_token(1, "ci"), TokenSearch(), made=3)
    ),
    "token-rotating": lambda v: shown(v, window=_rotating(v)),
    "token-rotating-refused": lambda v: shown(v, window=_rotating_refused(v), is_refused=True),
    "token-created": _created,
}
FRAGMENTS: Mapping[str, Callable[[Viewer], View]] = {
    "accounts": lambda v: serviceaccounts.accounts_table(
        v, ADMIN, some_accounts(), AccountSearch("b"), AboveRole.DENY
    ),
    "dialog-disabling": _disabling,
    "dialog-roles": lambda v: account_windows.roles_window(v, Role.ADMIN, an_account()),
    "dialog-adding": lambda v: account_windows.token_window(v, an_account(), calendar()),
    "dialog-rotating": _rotating,
    "dialog-created": lambda v: account_windows.created_token(v, 7, TOKEN),
}
