"""`/org/health`: API keys and tokens to look at, and the end of those that are chosen there."""

from collections.abc import Iterator

from keystead.core.credentials.report import Measure, Reported
from keystead.core.path_id import parse_path_id
from keystead.http.render import rfc3339_or_none
from keystead.usecases import report
from keystead.usecases.report import ReportAsked
from keystead.web.downloads import CSV, csv_parts, download
from keystead.web.flash import FlashCode
from keystead.web.forms import Form
from keystead.web.health_search import HealthSearch, read_health_search
from keystead.web.health_visits import CHANGES, PATH, back_of, shown
from keystead.web.pages.health_all import FLASHES, ask_for_all, end_each
from keystead.web.presenters.health import (
    DELETE,
    REVOKE,
    Selection,
    kind_word,
    owner_of,
    selection_window,
    why_listed,
)
from keystead.web.routes import Answered, Pages
from keystead.web.visit import READS_CREDENTIALS, GoTo, Visit, viewer_of

pages = Pages()

MOST_CHOSEN = 50  # a page of them
_PIECE = 500  # rows of the file that are read at once
_HEAD = ("kind", "id", "name", "service account", "owner", "role", "created", "expires", "last used", "why")


@pages.page(PATH, needs=READS_CREDENTIALS)
def show_health(visit: Visit) -> Answered:
    """List what to look at for one reason."""
    return shown(visit, read_health_search(visit.query))


@pages.page(PATH + "/csv", needs=READS_CREDENTIALS)
def download_health(visit: Visit) -> Answered:
    """Send all rows of the list as a file."""
    search = read_health_search(visit.query).at()
    now = visit.deps.clock()
    measure = Measure(now, search.unused_days)
    pieces = ([_cells(one, measure) for one in piece] for piece in pieces_of(visit, search.asked(now)))
    return download(csv_parts(_HEAD, pieces), name="health.csv", media_type=CSV)


@pages.page(PATH + "/confirm/" + DELETE, needs=CHANGES)
def confirm_delete(visit: Visit) -> Answered:
    """Ask once more before the chosen ones are deleted."""
    return asking(visit, DELETE)


@pages.page(PATH + "/confirm/" + REVOKE, needs=CHANGES)
def confirm_revoke(visit: Visit) -> Answered:
    """Ask once more before the chosen tokens are revoked."""
    return asking(visit, REVOKE)


@pages.form(PATH + "/" + DELETE, needs=CHANGES)
def delete_chosen(visit: Visit, form: Form) -> Answered:
    """Delete the chosen keys and tokens."""
    return done(visit, form, DELETE)


@pages.form(PATH + "/" + REVOKE, needs=CHANGES)
def revoke_chosen(visit: Visit, form: Form) -> Answered:
    """Revoke the chosen tokens."""
    return done(visit, form, REVOKE)


def asking(visit: Visit, verb: str) -> Answered:
    if visit.query.flag("all"):
        return ask_for_all(visit, verb)
    window = selection_window(viewer_of(visit), selection_of(visit, verb))
    return shown(visit, HealthSearch(), window)


def done(visit: Visit, form: Form, verb: str) -> Answered:
    """End them, once the number of many is typed."""
    selection = selection_of(visit, verb)
    if not selection.is_confirmed(form.text("number")):
        window = selection_window(viewer_of(visit), selection, typed=form.text("number"), is_refused=True)
        return shown(visit, HealthSearch(), window)
    count = end_each(visit, selection)
    is_whole = 0 < count == len(selection.asked) == len(ids_of(visit))
    return GoTo(back_of(visit), FLASHES[verb] if is_whole else FlashCode.CREDENTIALS_LEFT)


def selection_of(visit: Visit, verb: str) -> Selection:
    """Return the chosen ones that are there and may be read."""
    with visit.deps.read() as db:
        found = report.list_chosen(db, visit.by, Measure(visit.deps.clock()), ids_of(visit))
    return Selection(verb, tuple(found), visit.by, back_of(visit))


def ids_of(visit: Visit) -> frozenset[int]:
    numbers = map(parse_path_id, visit.query.texts("id")[:MOST_CHOSEN])
    return frozenset(number for number in numbers if number is not None)


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
