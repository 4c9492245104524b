"""`/org/serviceaccounts/{id}/explain`: why a service account may do something, or may not."""

from keystead.core.access.explanation import Named
from keystead.core.access.permission import Action, AllOf
from keystead.core.access.principal import PrincipalKind
from keystead.http.needs import Guarded
from keystead.usecases import explain, serviceaccounts
from keystead.web.account_visits import ONE, READ, account_id_of
from keystead.web.explain_search import read_asking
from keystead.web.pages.permissions import read_wanted
from keystead.web.presenters.account_rights import rights_on
from keystead.web.presenters.permissions import account_explain_page
from keystead.web.presenters.verdict import verdict_of
from keystead.web.routes import Answered, Pages
from keystead.web.visit import Shown, Visit, viewer_of

pages = Pages()

_READS_BOTH: Guarded = AllOf((READ, Action.USERS_PERMISSIONS_READ.on("users:id:{service_account_id}")))
_UNPROCESSABLE = 422


@pages.page(ONE + "/explain", needs=_READS_BOTH)
def explain_account(visit: Visit) -> Answered:
    """Show the question about one service account, and its answer."""
    deps, by, account_id, asking = visit.deps, visit.by, account_id_of(visit), read_asking(visit.query)
    wanted, messages = read_wanted(asking) if asking.action or asking.scope else (None, {})
    named, answer = Named(PrincipalKind.SERVICE_ACCOUNT, account_id), None
    with deps.read() as db:
        listed = serviceaccounts.find_service_account(db, by, account_id)
        if wanted is not None:
            answer = explain.explain_permission(db, by, named, wanted)
    viewer, rights = viewer_of(visit), rights_on(by, listed.account, deps.tokens.above_role)
    verdict = None if answer is None else verdict_of(viewer, answer)
    page = account_explain_page(viewer, listed, rights, asking, verdict, messages=messages)
    return Shown(page, status=_UNPROCESSABLE if messages else 200)
