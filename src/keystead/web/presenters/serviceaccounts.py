"""The list of service accounts, in words."""

from dataclasses import dataclass, replace

from keystead.core.access.permission import Action as Permitted
from keystead.core.access.principal import Principal
from keystead.core.accounts.listing import ListedAccount, Shown
from keystead.core.credentials.ceiling import AboveRole
from keystead.usecases.serviceaccounts import FoundAccounts
from keystead.web.presenters.account_rights import AccountRights, rights_on
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.parts import LAG_S, lag_words, needed, pager_of
from keystead.web.searches import AccountSearch
from keystead.web.times import moment
from keystead.web.views.frame import Choice, Link
from keystead.web.views.parts import Action, LastUse
from keystead.web.views.serviceaccounts import AccountRow, AccountsBar, AccountsPage, AccountsTable, Hint
from keystead.web.wording import counted, initials, thousands

TAB = "Service accounts"
FROM_LIST = (("list", "1"),)  # what is done there leads back there
_ADD = "Add service account"
_HINT = "Your API keys are now tokens of service accounts. Open an account to see its token."
_SHOWN = {
    Shown.ALL: "All",
    Shown.WITH_EXPIRED_TOKENS: "With expired tokens",
    Shown.DISABLED: "Disabled",
    Shown.UNUSED: "Unused",
    Shown.WITHOUT_TOKENS: "Without tokens",
}


@dataclass(frozen=True, slots=True)
class KeysNews:
    """What there is to tell of API keys that became service accounts."""

    is_migrated: bool = False
    is_new: bool = False  # to whoever looks: they migrated them, and have not closed the hint


NO_NEWS = KeysNews()


def accounts_page(
    viewer: Viewer,
    by: Principal,
    found: FoundAccounts,
    search: AccountSearch,
    rule: AboveRole,
    *,
    news: KeysNews = NO_NEWS,
) -> AccountsPage:
    links = viewer.links
    may_add = by.grants.holds(Permitted.SERVICE_ACCOUNTS_CREATE)
    url = links.new_service_account()
    reason = "" if may_add else needed(Permitted.SERVICE_ACCOUNTS_CREATE)
    bar = AccountsBar(
        action_url=links.service_accounts(),
        query=search.query,
        shown=tuple(_choice(shown, label, search) for shown, label in _SHOWN.items()),
        add=Link(_ADD, url) if may_add else None,
    )
    return AccountsPage(
        document=document_of(viewer, TAB, Place.CONFIGURATION),
        frame=frame_of(viewer, Place.CONFIGURATION, TAB),
        bar=bar if found.has_any else None,
        table=accounts_table(viewer, by, found, search, rule) if found.has_any else None,
        first=None if found.has_any else Action(_ADD, url, reason),
        tells_of_keys=news.is_migrated,
        hint=Hint(viewer.csrf, _HINT, links.to("/org/serviceaccounts/hint")) if news.is_new else None,
    )


def accounts_table(
    viewer: Viewer, by: Principal, found: FoundAccounts, search: AccountSearch, rule: AboveRole
) -> AccountsTable:
    links = viewer.links
    rows = (_row(viewer, listed, rights_on(by, listed.account, rule), search) for listed in found.accounts)
    return AccountsTable(
        csrf=viewer.csrf,
        rows=tuple(rows),
        count=counted(found.count, "service account"),
        clear_url=links.service_accounts() if search.has_filter else "",
        lag=lag_words(LAG_S),
        pager=pager_of(
            lambda after, before: links.service_accounts(search.at(after=after, before=before).pairs),
            found.before,
            found.after,
        ),
    )


def _choice(shown: Shown, label: str, search: AccountSearch) -> Choice:
    return Choice("" if shown is Shown.ALL else shown, label, is_chosen=shown is search.shown)


def _row(viewer: Viewer, listed: ListedAccount, rights: AccountRights, search: AccountSearch) -> AccountRow:
    account, links, used_at = listed.account, viewer.links, listed.last_used_at
    back = (*FROM_LIST, *search.pairs)
    window = links.service_account(account.id, "tokens/create")
    switch = switch_of(viewer, account.id, rights, back, is_disabled=account.is_disabled)
    adding = Action("Add token", window, rights.mint, f"for {account.name}")
    delete = Action("Delete service account", links.service_account(account.id, "confirm/delete", back))
    return AccountRow(
        initials=initials(account.name, account.login),
        name=account.name,
        url=links.service_account(account.id),
        login=account.login,
        role=account.role or "",
        tokens=thousands(listed.tokens) if listed.tokens else "",
        last_use=LastUse(None if used_at is None else moment(used_at, viewer.now, viewer.zone), "Never"),
        is_disabled=account.is_disabled,
        add_token=None if listed.tokens else adding,
        switch=replace(switch, about=account.name),
        delete=None if rights.delete else delete,
    )


def switch_of(
    viewer: Viewer,
    account_id: int,
    rights: AccountRights,
    back: tuple[tuple[str, str], ...] = (),
    *,
    is_disabled: bool,
) -> Action:
    act = "enable" if is_disabled else "confirm/disable"
    url = viewer.links.service_account(account_id, act, back)
    return Action("Enable" if is_disabled else "Disable", url, rights.write)
