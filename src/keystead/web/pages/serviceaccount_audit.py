"""`/org/serviceaccounts/{id}/audit`: what was done to one service account and its tokens."""

from keystead.core.access.permission import Action, AllOf
from keystead.usecases import audit, serviceaccounts
from keystead.web.account_visits import ONE, READ, account_id_of
from keystead.web.presenters.account_audit import account_audit_page
from keystead.web.presenters.account_rights import rights_on
from keystead.web.routes import Answered, Pages
from keystead.web.searches import read_token_search
from keystead.web.visit import Shown, Visit, viewer_of

pages = Pages()

READS_BOTH = AllOf((READ, Action.AUDIT_READ.anywhere()))


@pages.page(ONE + "/audit", needs=READS_BOTH)
def show_account_log(visit: Visit) -> Answered:
    """Show what was done to one service account, and to the tokens that it has."""
    deps, by, account_id, search = visit.deps, visit.by, account_id_of(visit), read_token_search(visit.query)
    with deps.read() as db:
        listed = serviceaccounts.find_service_account(db, by, account_id)
        found = audit.list_account_page(db, by, account_id, after=search.after, before=search.before)
    rights = rights_on(by, listed.account, deps.tokens.above_role)
    return Shown(account_audit_page(viewer_of(visit), listed, found, rights))
