"""The end of all that a list has, in words: before it, and on the way."""

from keystead.core.paging import COUNTED_TO
from keystead.web.health_search import Steps
from keystead.web.presenters.expiries import full_name
from keystead.web.presenters.frame import Viewer
from keystead.web.presenters.health import DELETE, NAMED, REVOKE, WARNINGS, Selection, number_field
from keystead.web.views.health import SelectionWindow
from keystead.web.wording import counted, thousands

_GOING = {DELETE: "Deleting", REVOKE: "Revoking"}
_STAY = {
    DELETE: "What you may not change stays.",
    REVOKE: "API keys cannot be revoked, only deleted: they stay, and so does what you may not change.",
}


def whole_window(
    viewer: Viewer, first: Selection, steps: Steps, *, typed: str, is_refused: bool
) -> SelectionWindow:
    """Return the window that names the first of them."""
    verb, word = first.verb, first.verb.capitalize()
    more = max(0, steps.total - NAMED)
    return SelectionWindow(
        csrf=viewer.csrf,
        title=f"{word} all of the list: {counted(steps.total, 'credential')}",
        names=tuple(full_name(one) for one in first.asked[:NAMED]),
        more=f"and {_number_of(more)} more" if more else "",
        skipped=_STAY[verb],
        warning=WARNINGS[verb],
        action_url=_url(viewer, first, steps),
        button=word,
        cancel_url=first.back_url,
        number=number_field(steps.number, typed, is_refused=is_refused),
        summary="Nothing was changed. Type the number." if is_refused else "",
    )


def going_on(viewer: Viewer, selection: Selection, steps: Steps) -> SelectionWindow:
    """Return the window between two steps, which goes on by itself where it can."""
    stay = f" {thousands(steps.left)} stay." if steps.left else ""
    return SelectionWindow(
        csrf=viewer.csrf,
        title=f"{_GOING[selection.verb]} {counted(steps.total, 'credential')}",
        names=(),
        more=f"{thousands(steps.ended)} are done.{stay}",
        skipped="Whoever stops here can come back: what is done stays done, and the list tells what is left.",
        warning="",
        action_url=_url(viewer, selection, steps),
        button="Go on",
        cancel_url=selection.back_url,
        number=None,
        summary="",
        goes_on=True,
    )


def _number_of(count: int) -> str:
    return "many" if count > COUNTED_TO - NAMED else thousands(count)


def _url(viewer: Viewer, selection: Selection, steps: Steps) -> str:
    return viewer.links.health((*steps.pairs, ("back", selection.back_url)), f"all/{selection.verb}")
