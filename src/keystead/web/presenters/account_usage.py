"""The tab Usage of a service account, in words."""

from dataclasses import dataclass

from keystead.core.accounts.listing import ListedAccount
from keystead.core.accounts.model import AccountId
from keystead.core.credentials.model import Token
from keystead.core.usage.by_token import TokenRequests
from keystead.core.usage.model import LastUse
from keystead.usecases.paging import Cut
from keystead.web.links import Pairs
from keystead.web.presenters.account_rights import AccountRights
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.parts import detailed_use, pager_of
from keystead.web.presenters.serviceaccount import USAGE, account_head
from keystead.web.presenters.serviceaccounts import TAB
from keystead.web.presenters.usage import Used, usage_of
from keystead.web.use_search import UseSearch
from keystead.web.views.frame import Link
from keystead.web.views.usage import AccountUsagePage, UsedToken, UsedTokens
from keystead.web.wording import thousands


@dataclass(frozen=True, slots=True)
class UsedAccount:
    """What the page tells, as the database has it."""

    listed: ListedAccount
    used: Used
    last_use: LastUse | None
    token: Token | None = None  # None: all tokens
    tokens: Cut[TokenRequests] | None = None  # None: of one token


def account_usage_page(
    viewer: Viewer, known: UsedAccount, rights: AccountRights, search: UseSearch
) -> AccountUsagePage:
    account, token, links = known.listed.account, known.token, viewer.links

    def page(pairs: Pairs) -> str:
        if token is None:
            return links.service_account(account.id, "usage", pairs)
        return links.token(account.id, token.id, "usage", pairs)

    def csv(pairs: Pairs) -> str:
        if token is None:
            return links.service_account(account.id, "usage/csv", pairs)
        return links.token(account.id, token.id, "usage/csv", pairs)

    names = (USAGE, account.name) if token is None else (token.name, USAGE, account.name)
    return AccountUsagePage(
        document=document_of(viewer, *names, TAB, Place.CONFIGURATION),
        frame=frame_of(viewer, Place.CONFIGURATION, TAB),
        head=account_head(viewer, known.listed, rights, USAGE),
        token="" if token is None else token.name,
        back=None if token is None else Link("All tokens", links.service_account(account.id, "usage")),
        last_use=detailed_use(viewer, known.last_use),
        usage=usage_of(viewer, known.used, search, was_used=known.last_use is not None, page=page, csv=csv),
        tokens=None if known.tokens is None else _tokens(viewer, account.id, known.tokens, search),
    )


def _tokens(
    viewer: Viewer, account_id: AccountId, tokens: Cut[TokenRequests], search: UseSearch
) -> UsedTokens:
    links = viewer.links
    return UsedTokens(
        rows=tuple(
            UsedToken(token.name, links.token(account_id, token.id, "usage"), thousands(token.requests))
            for token in tokens.rows
        ),
        pager=pager_of(
            lambda after, before: links.service_account(
                account_id, "usage", search.at(after=after, before=before).pairs
            ),
            tokens.before,
            tokens.after,
        ),
    )
