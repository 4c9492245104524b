"""`/org/health`: API keys and tokens to look at, and the end of those that are chosen there."""

from collections.abc import Iterator

from keystead.core.access.permission import Action, AnyOf
from keystead.core.credentials.report import Measure, Reported
from keystead.core.errors import NotFound
from keystead.core.path_id import parse_path_id
from keystead.http.render import rfc3339_or_none
from keystead.usecases import chosen, report
from keystead.usecases.report import ReportAsked
from keystead.web.downloads import CSV, csv_parts, download
from keystead.web.flash import FlashCode
from keystead.web.forms import Form
from keystead.web.health_search import HealthSearch, read_health_search
from keystead.web.presenters.health import (
    DELETE,
    REVOKE,
    Selection,
    health_page,
    kind_word,
    owner_of,
    selection_window,
    why_listed,
)
from keystead.web.routes import Answered, Pages
from keystead.web.views.health import SelectionWindow
from keystead.web.visit import READS_CREDENTIALS, GoTo, Shown, Visit, links_of, viewer_of

pages = Pages()

MOST_CHOSEN = 50  # a page of them
_PATH = "/org/health"
_CHANGES = AnyOf((Action.API_KEYS_DELETE.anywhere(), Action.SERVICE_ACCOUNTS_WRITE.anywhere()))
_PIECE = 500  # rows of the file that are read at once
_UNPROCESSABLE = 422
_HEAD = ("kind", "id", "name", "service account", "owner", "role", "created", "expires", "last used", "why")


@pages.page(_PATH, needs=READS_CREDENTIALS)
def show_health(visit: Visit) -> Answered:
    """List what to look at for one reason."""
    return shown(visit, read_health_search(visit.query))


@pages.page(_PATH + "/csv", needs=READS_CREDENTIALS)
def download_health(visit: Visit) -> Answered:
    """Send all rows of the list as a file."""
    search = read_health_search(visit.query).at()
    now = visit.deps.clock()
    measure = Measure(now, search.unused_days)
    pieces = ([_cells(one, measure) for one in piece] for piece in pieces_of(visit, search.asked(now)))
    return download(csv_parts(_HEAD, pieces), name="health.csv", media_type=CSV)


@pages.page(_PATH + "/confirm/" + DELETE, needs=_CHANGES)
def confirm_delete(visit: Visit) -> Answered:
    """Ask once more before the chosen ones are deleted."""
    return asking(visit, DELETE)


@pages.page(_PATH + "/confirm/" + REVOKE, needs=_CHANGES)
def confirm_revoke(visit: Visit) -> Answered:
    """Ask once more before the chosen tokens are revoked."""
    return asking(visit, REVOKE)


@pages.form(_PATH + "/" + DELETE, needs=_CHANGES)
def delete_chosen(visit: Visit, form: Form) -> Answered:
    """Delete the chosen keys and tokens."""
    return done(visit, form, DELETE)


@pages.form(_PATH + "/" + REVOKE, needs=_CHANGES)
def revoke_chosen(visit: Visit, form: Form) -> Answered:
    """Revoke the chosen tokens."""
    return done(visit, form, REVOKE)


def shown(visit: Visit, search: HealthSearch, window: SelectionWindow | None = None) -> Shown:
    viewer = viewer_of(visit)
    visit.deps.uses.flush()
    with visit.deps.read() as db:
        found = report.list_report_page(db, visit.by, search.asked(viewer.now))
    page = health_page(viewer, visit.by, found, search, window)
    fragments = {"credentials": page.table} | ({} if window is None else {"dialog": window})
    return Shown(page, fragments, _UNPROCESSABLE if window is not None and window.summary else 200)


def asking(visit: Visit, verb: str) -> Answered:
    window = selection_window(viewer_of(visit), selection_of(visit, verb))
    return shown(visit, HealthSearch(), window)


def done(visit: Visit, form: Form, verb: str) -> Answered:
    """Do it to one after the other: what is gone meanwhile stops nothing."""
    selection, clock = selection_of(visit, verb), visit.deps.clock
    if not selection.is_confirmed(form.text("number")):
        window = selection_window(viewer_of(visit), selection, typed=form.text("number"), is_refused=True)
        return shown(visit, HealthSearch(), window)
    act = chosen.delete_credential if verb == DELETE else chosen.revoke_credential
    count = 0
    for one in selection.going:
        try:
            with visit.deps.write() as db:
                act(db, visit.by, one, clock=clock)
            count += 1
        except NotFound:
            continue
    is_whole = 0 < count == len(selection.asked) == len(ids_of(visit))
    return GoTo(back_of(visit), _FLASHES[verb] if is_whole else FlashCode.CREDENTIALS_LEFT)


_FLASHES = {DELETE: FlashCode.CREDENTIALS_DELETED, REVOKE: FlashCode.CREDENTIALS_REVOKED}


def selection_of(visit: Visit, verb: str) -> Selection:
    """Return the chosen ones that are there and may be read."""
    with visit.deps.read() as db:
        found = report.list_chosen(db, visit.by, Measure(visit.deps.clock()), ids_of(visit))
    return Selection(verb, tuple(found), visit.by, back_of(visit))


def ids_of(visit: Visit) -> frozenset[int]:
    numbers = map(parse_path_id, visit.query.texts("id")[:MOST_CHOSEN])
    return frozenset(number for number in numbers if number is not None)


def back_of(visit: Visit) -> str:
    """Return the list that one came from."""
    links, wanted = links_of(visit.deps.site), visit.query.text("back")
    return links.own(wanted) if wanted else links.health()


def pieces_of(visit: Visit, asked: ReportAsked) -> Iterator[tuple[Reported, ...]]:
    """Yield all rows, in transactions of their own; nothing is held between them."""
    return report.walk(visit.deps.read, visit.by, asked, size=_PIECE)


def _cells(one: Reported, measure: Measure) -> tuple[object, ...]:
    return (
        kind_word(one),
        one.id,
        one.name,
        one.owner_name,
        owner_of(one),
        None if one.role is None else one.role.value,
        *map(rfc3339_or_none, (one.created_at, one.expires_at, one.last_used_at)),
        why_listed(one, measure),
    )
