"""`/org/health/all`: the end of all that a list of `/org/health` has, in steps.

A step is a request that ends some and tells how far it is. Whoever leaves stops it; what is done stays done,
and the list tells what is left.
"""

from dataclasses import replace

from keystead.core.errors import NotFound
from keystead.http.query import Query
from keystead.usecases import chosen, report
from keystead.web.flash import FlashCode
from keystead.web.forms import Form
from keystead.web.health_search import HealthSearch, Steps, read_health_search, read_steps
from keystead.web.health_visits import CHANGES, PATH, back_of, shown
from keystead.web.presenters.health import DELETE, REVOKE, Selection
from keystead.web.presenters.health_all import going_on, whole_window
from keystead.web.routes import Answered, Pages
from keystead.web.visit import GoTo, Visit, viewer_of

pages = Pages()

STEP = 200  # at once: a second's work
FLASHES = {DELETE: FlashCode.CREDENTIALS_DELETED, REVOKE: FlashCode.CREDENTIALS_REVOKED}


@pages.form(PATH + "/all/" + DELETE, needs=CHANGES)
def delete_all(visit: Visit, form: Form) -> Answered:
    """Delete some of the keys and tokens of a list."""
    return go_on(visit, form, DELETE)


@pages.form(PATH + "/all/" + REVOKE, needs=CHANGES)
def revoke_all(visit: Visit, form: Form) -> Answered:
    """Revoke some of the tokens of a list."""
    return go_on(visit, form, REVOKE)


def ask_for_all(visit: Visit, verb: str, *, typed: str = "", is_refused: bool = False) -> Answered:
    """Ask once more before all of a list go."""
    search, viewer = listed(visit), viewer_of(visit)
    with visit.deps.read() as db:
        found = report.list_report_page(db, visit.by, search.asked(viewer.now))
    first = Selection(verb, found.items, visit.by, back_of(visit))
    steps = Steps(total=found.counts[search.reason])
    return shown(visit, search, whole_window(viewer, first, steps, typed=typed, is_refused=is_refused))


def go_on(visit: Visit, form: Form, verb: str) -> Answered:
    """Do the next step; the first one wants the number of all typed."""
    steps, search, viewer = read_steps(visit.query), listed(visit), viewer_of(visit)
    typed = form.text("number")
    if not steps.is_confirmed(typed):
        return ask_for_all(visit, verb, typed=typed, is_refused=True)
    with visit.deps.read() as db:
        found = report.list_report(
            db, visit.by, replace(search, after=steps.after).asked(viewer.now), limit=STEP
        )
    selection = Selection(verb, found.items, visit.by, back_of(visit))
    ended = end_each(visit, selection)
    steps = steps.next(ended, len(found.items) - ended, found.after)
    if not found.after:
        return GoTo(selection.back_url, FlashCode.CREDENTIALS_LEFT if steps.left else FLASHES[verb])
    return shown(visit, search, going_on(viewer, selection, steps))


def end_each(visit: Visit, selection: Selection) -> int:
    """End one after the other and return how many; what is gone meanwhile stops nothing."""
    act = chosen.delete_credential if selection.verb == DELETE else chosen.revoke_credential
    count = 0
    for one in selection.going:
        try:
            with visit.deps.write() as db:
                act(db, visit.by, one, clock=visit.deps.clock)
            count += 1
        except NotFound:
            continue
    return count


def listed(visit: Visit) -> HealthSearch:
    """Return the list that one came from, from its beginning."""
    return read_health_search(Query(back_of(visit).partition("?")[2].encode())).at()
