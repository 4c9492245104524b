"""What the address of the permission explorer says: which view, about whom, and what is asked."""

from dataclasses import dataclass
from enum import StrEnum

from keystead.http.query import Query
from keystead.web.forms import Form
from keystead.web.links import Pairs

_MAX_NAME, _MAX_SCOPE = 190, 1024  # characters


class View(StrEnum):
    QUESTION = "question"
    ALL = "all"
    COMPARE = "compare"


@dataclass(frozen=True, slots=True)
class Asking:
    """The state of the page; an empty subject is whoever looks."""

    view: View = View.QUESTION
    subject: str = ""  # `user:1`, or a part of a login or name
    other: str = ""  # with whom to compare
    action: str = ""
    scope: str = ""
    query: str = ""  # a part of an action, a scope or a role

    @property
    def pairs(self) -> Pairs:
        return (
            ("view", "" if self.view is View.QUESTION else self.view),
            ("subject", self.subject),
            ("other", self.other),
            ("action", self.action),
            ("scope", self.scope),
            ("query", self.query),
        )


def read_asking(query: Query) -> Asking:
    view = query.text("view")
    return Asking(
        view=View(view) if view in set(View) else View.QUESTION,
        subject=_short(query.text("subject")),
        other=_short(query.text("other")),
        action=_short(query.text("action")),
        scope=query.text("scope").strip()[:_MAX_SCOPE],
        query=_short(query.text("query")),
    )


def read_question(form: Form) -> Asking:
    """Return what was asked in a form; what was pasted into it is not part of that."""
    return Asking(
        subject=_short(form.text("subject")),
        action=_short(form.text("action")),
        scope=form.text("scope")[:_MAX_SCOPE],
    )


def _short(text: str) -> str:
    return text.strip()[:_MAX_NAME]
