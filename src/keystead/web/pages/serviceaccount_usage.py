"""`/org/serviceaccounts/{id}/usage`: how an account is used, or one of its tokens."""

from keystead.core.usage.by_token import UsedBy
from keystead.usecases import serviceaccounts, tokens, use_counts
from keystead.web.account_visits import ONE, READ, TOKEN, account_id_of, token_id_of
from keystead.web.presenters.account_rights import rights_on
from keystead.web.presenters.account_usage import UsedAccount, account_usage_page
from keystead.web.presenters.usage import Used, usage_file
from keystead.web.routes import Answered, Pages
from keystead.web.use_search import UseSearch, read_use_search
from keystead.web.visit import Shown, Visit, viewer_of

pages = Pages()


@pages.page(ONE + "/usage", needs=READ)
def show_account_usage(visit: Visit) -> Answered:
    """Show how an account is used, and which of its tokens most."""
    deps, by, owner = visit.deps, visit.by, account_id_of(visit)
    search = read_use_search(visit.query)
    span = search.span(deps.clock())
    deps.uses.flush()
    with deps.read() as db:
        known = UsedAccount(
            serviceaccounts.find_service_account(db, by, owner),
            Used(use_counts.count_use(db, by, UsedBy(owner=owner), span, history=deps.history)),
            tokens.get_last_use_or_none(db, by, owner),
            tokens=use_counts.list_tokens_by_requests(
                db, by, owner, span, after=search.after, before=search.before
            ),
        )
    return shown(visit, known, search)


@pages.page(TOKEN + "/usage", needs=READ)
def show_token_usage(visit: Visit) -> Answered:
    """Show how one token is used."""
    deps, by, owner = visit.deps, visit.by, account_id_of(visit)
    search = read_use_search(visit.query)
    deps.uses.flush()
    with deps.read() as db:
        listed = serviceaccounts.find_service_account(db, by, owner)
        token = tokens.find_token(db, by, owner, token_id_of(visit))
        counted = use_counts.count_use(
            db, by, UsedBy(token.id, owner), search.span(deps.clock()), history=deps.history
        )
    used = Used(counted, token.created_at, token.expires_at)
    return shown(visit, UsedAccount(listed, used, token.last_use, token), search)


@pages.page(ONE + "/usage/csv", needs=READ)
def download_account_usage(visit: Visit) -> Answered:
    """Send the counts of an account as a file."""
    deps, owner = visit.deps, account_id_of(visit)
    search = read_use_search(visit.query)
    with deps.read() as db:
        span = search.span(deps.clock())
        found = use_counts.find_account_usage(db, visit.by, owner, span, history=deps.history)
    return usage_file(found.buckets, search, span, name=f"usage-account-{owner}")


@pages.page(TOKEN + "/usage/csv", needs=READ)
def download_token_usage(visit: Visit) -> Answered:
    """Send the counts of a token as a file."""
    deps, token = visit.deps, token_id_of(visit)
    search = read_use_search(visit.query)
    with deps.read() as db:
        span = search.span(deps.clock())
        found = use_counts.find_token_usage(
            db, visit.by, account_id_of(visit), token, span, history=deps.history
        )
    return usage_file(found.buckets, search, span, name=f"usage-token-{token}")


def shown(visit: Visit, known: UsedAccount, search: UseSearch) -> Answered:
    rights = rights_on(visit.by, known.listed.account, visit.deps.tokens.above_role)
    return Shown(account_usage_page(viewer_of(visit), known, rights, search))
