"""One service account, in words: its head, the tab Settings, its tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from keystead.core.access.named_roles import NamedRole
from keystead.core.accounts.listing import ListedAccount
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId, Token, is_usable
from keystead.core.usage.model import LastUse as LastUsed
from keystead.usecases.paging import Cut
from keystead.usecases.revert import Revertability
from keystead.web.presenters.account_rights import AccountRights
from keystead.web.presenters.charts import NO_REQUESTS, spark_of
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.migration_cards import obstacle_words
from keystead.web.presenters.parts import LAG_S, badge_of, detailed_use, lag_words, pager_of
from keystead.web.presenters.role_choices import more_roles
from keystead.web.presenters.serviceaccounts import TAB, switch_of
from keystead.web.searches import TokenSearch
from keystead.web.times import moment, relative
from keystead.web.views.account_permissions import PermissionsSection
from keystead.web.views.frame import Entry, Link
from keystead.web.views.parts import Action, Badge, Deletion, LastUse
from keystead.web.views.serviceaccount import (
    AccountFacts,
    AccountHead,
    AccountPage,
    AccountWindow,
    CreatedToken,
    NameForm,
    Origin,
    TokenRow,
    TokensTable,
)
from keystead.web.wording import counted

SETTINGS, USAGE, AUDIT, EXPLAIN = "Settings", "Usage", "Audit", "Explain"
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """What the page tells, as the database has it."""

    listed: ListedAccount
    tokens: Cut[Token]
    last_use: LastUsed | None
    maker: str | None
    daily: Mapping[CredentialId, Sequence[int]]  # requests of the last 30 days, of tokens that had any
    assigned: Sequence[NamedRole] | None = None  # beside the basic role; None: the reader may not see them
    revertability: Revertability | None = None  # of the token of a migrated key; None: there is none


def account_page(
    viewer: Viewer,
    known: KnownAccount,
    rights: AccountRights,
    search: TokenSearch,
    *,
    name_form: NameForm | None = None,
    dialog: AccountWindow | CreatedToken | None = None,
    permissions: PermissionsSection | None = None,
    notice: str = "",
    is_refused: bool = False,
) -> AccountPage:
    name = known.listed.account.name
    return AccountPage(
        document=document_of(viewer, name, TAB, Place.CONFIGURATION, has_errors=is_refused),
        frame=frame_of(viewer, Place.CONFIGURATION, TAB),
        head=account_head(viewer, known.listed, rights, SETTINGS),
        notice=notice,
        facts=_facts(viewer, known, rights, name_form),
        tokens=_tokens(viewer, known, rights, search),
        permissions=permissions,
        dialog=dialog,
    )


def account_head(viewer: Viewer, listed: ListedAccount, rights: AccountRights, tab: str) -> AccountHead:
    """Return what stands on top of each tab. A further tab is one more entry here."""
    account, links = listed.account, viewer.links
    switch = switch_of(viewer, account.id, rights, is_disabled=account.is_disabled)
    tabs = (
        (True, SETTINGS, links.service_account(account.id)),
        (True, USAGE, links.service_account(account.id, "usage")),
        (viewer.reads_audit, AUDIT, links.service_account(account.id, "audit")),
        (rights.explains, EXPLAIN, links.service_account(account.id, "explain")),
    )
    return AccountHead(
        back=Link(TAB, links.service_accounts()),
        name=account.name,
        csrf=viewer.csrf,
        is_disabled=account.is_disabled,
        switch=Action(f"{switch.label} service account", switch.url, switch.reason),
        delete=Action(
            "Delete service account", links.service_account(account.id, "confirm/delete"), rights.delete
        ),
        tabs=tuple(Entry(label, "", url, label == tab) for is_shown, label, url in tabs if is_shown),
    )


def _facts(
    viewer: Viewer, known: KnownAccount, rights: AccountRights, name_form: NameForm | None
) -> AccountFacts:
    account, links = known.listed.account, viewer.links
    return AccountFacts(
        name=account.name,
        edit_name=Action("Edit", links.service_account(account.id, "name"), rights.write, "name"),
        name_form=name_form,
        login=account.login,
        role=account.role or "",
        more_roles=more_roles(len(known.assigned or ())),
        edit_roles=Action("Edit", links.service_account(account.id, "roles"), rights.roles, "roles"),
        created=moment(account.created_at, viewer.now, viewer.zone),
        created_by=known.maker or "",
        last_use=detailed_use(viewer, known.last_use),
        origin=_origin(viewer, known, rights),
    )


def _origin(viewer: Viewer, known: KnownAccount, rights: AccountRights) -> Origin | None:
    account, found = known.listed.account, known.revertability
    if account.from_key is None:
        return None
    revert = None
    if found is not None and not rights.delete:
        url = viewer.links.token(account.id, found.token or 0, "confirm/revert")
        revert = Action("Revert to API key", url, obstacle_words(found.obstacle))
    return Origin(account.from_key, moment(account.created_at, viewer.now, viewer.zone), revert)


def _tokens(viewer: Viewer, known: KnownAccount, rights: AccountRights, search: TokenSearch) -> TokensTable:
    account_id, links = known.listed.account.id, viewer.links
    window = links.service_account(account_id, "tokens/create")
    return TokensTable(
        csrf=viewer.csrf,
        add=Action("Add service account token", window, rights.mint),
        rows=tuple(
            replace(_token_row(viewer, token, rights, search), spark=spark_of(known.daily.get(token.id, ())))
            for token in known.tokens.rows
        ),
        count=counted(known.listed.tokens, "token"),
        delete_reason=rights.write,
        lag=lag_words(LAG_S),
        pager=pager_of(
            lambda after, before: links.service_account(account_id, pairs=TokenSearch(after, before).pairs),
            known.tokens.before,
            known.tokens.after,
        ),
    )


def _token_row(viewer: Viewer, token: Token, rights: AccountRights, search: TokenSearch) -> TokenRow:
    now, zone = viewer.now, viewer.zone
    use = token.last_use
    is_good, is_replaced = is_usable(token, now), token.replaced_by is not None
    badges = badges_of(viewer, token)
    ends_at = None if any(badge.at for badge in badges) else token.expires_at

    def action(label: str, act: str, reason: str) -> Action:
        url = viewer.links.token(token.owner, token.id, act, search.pairs)
        return Action(label, url, reason, token.name)

    return TokenRow(
        name=token.name,
        expires=None if ends_at is None else moment(ends_at, now, zone),
        never="Never" if token.expires_at is None else "",
        badges=badges,
        is_gone=not is_good,
        created=moment(token.created_at, now, zone),
        last_use=LastUse(None if use is None else moment(use.at, now, zone), "Never"),
        spark=NO_REQUESTS,
        rotate=action("Rotate", "rotate", rights.mint) if is_good and not is_replaced else None,
        finish=action("End now", "finish", rights.write) if is_good and is_replaced else None,
        revoke=action("Revoke", "confirm/revoke", rights.write) if is_good else None,
        deletion=_deletion(viewer, token, rights, search),
    )


def badges_of(viewer: Viewer, token: Token) -> tuple[Badge, ...]:
    """Return what there is to say of its end, and of where it comes from."""
    origin = (Badge("info", "Migrated API key"),) if token.was_key else ()
    if is_usable(token, viewer.now) and token.replaced_by is not None and token.expires_at is not None:
        ends = moment(token.expires_at, viewer.now, viewer.zone)
        return (Badge("warn", "Replaced, ends", ends), *origin)
    end = badge_of(token, viewer.now)
    return origin if end is None else (end, *origin)


def _deletion(viewer: Viewer, token: Token, rights: AccountRights, search: TokenSearch) -> Deletion:
    used_at = None if token.last_use is None else token.last_use.at
    return Deletion(
        label=f"Delete service account token {token.name}",
        url=viewer.links.token(token.owner, token.id, "delete", search.pairs),
        recent_use=_recent_use(used_at, viewer.now),
        reason=rights.write,
    )


def _recent_use(used_at: UnixSeconds | None, now: UnixSeconds) -> str:
    is_recent = used_at is not None and 0 <= now - used_at < _DAY_S
    return f"Used {relative(used_at, now)}" if is_recent and used_at is not None else ""
