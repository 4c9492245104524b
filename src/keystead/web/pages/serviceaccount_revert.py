"""`/org/serviceaccounts/{id}/tokens/{id}/revert`: a migrated API key is put back."""

from keystead.core.access.permission import Action
from keystead.core.migration.errors import TokenNotFoundToRevert, TokenNotRevertable
from keystead.usecases import revert, tokens
from keystead.web.account_visits import (
    DELETE,
    READ,
    TOKEN,
    account_id_of,
    check_may_read,
    look_at,
    token_id_of,
)
from keystead.web.flash import FlashCode
from keystead.web.forms import Form
from keystead.web.presenters.account_windows import reverting
from keystead.web.presenters.migration_cards import obstacle_words
from keystead.web.routes import Answered, Pages
from keystead.web.visit import GoTo, Visit, links_of

pages = Pages()

_CONFLICT = 409


@pages.page(TOKEN + "/confirm/revert", needs=READ)
def confirm_revert(visit: Visit) -> Answered:
    """Ask once more before a token becomes an API key and its account goes."""
    at = look_at(visit, account_id_of(visit))
    with visit.deps.read() as db:
        token = tokens.find_token(db, visit.by, at.account.id, token_id_of(visit))
        found = revert.revertability(db, visit.by, at.account)
    window = reverting(at.viewer, at.account, token, found, back_of(visit))
    return at.shown(window, reason=at.rights.delete or obstacle_words(found.obstacle))


@pages.form(TOKEN + "/revert", needs=DELETE)
def revert_token(visit: Visit, _form: Form) -> Answered:
    """Make the only token of an account an API key, and delete the account."""
    deps, by, token_id = visit.deps, visit.by, token_id_of(visit)
    try:
        with deps.write() as db:
            revert.revert_key(db, by, account_id_of(visit), token_id, clock=deps.clock)
    except TokenNotFoundToRevert:
        return GoTo(links_of(deps.site).service_accounts(), FlashCode.TOKEN_GONE)
    except TokenNotRevertable:
        check_may_read(visit)
        at = look_at(visit, account_id_of(visit))
        with deps.read() as db:
            found = revert.revertability(db, by, at.account)
        return at.shown(reason=obstacle_words(found.obstacle), status=_CONFLICT)
    links = links_of(deps.site)
    reads_keys = by.grants.allows(Action.API_KEYS_READ, f"apikeys:id:{token_id}")
    page = links.api_key(token_id) if reads_keys else links.service_accounts()
    return GoTo(back_of(visit) or page, FlashCode.API_KEY_REVERTED)


def back_of(visit: Visit) -> str:
    """Return the page that one came from; "": that of the account."""
    wanted = visit.query.text("back")
    return links_of(visit.deps.site).own(wanted) if wanted else ""
