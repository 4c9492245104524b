"""Why somebody may do something, or may not."""

from typing import Literal, TypeAlias

from msgspec import Struct

from keystead.client.calls import Call, as_json

Source: TypeAlias = Literal["basic", "fixed", "custom", "managed", "server"]


class Grant(Struct, frozen=True, kw_only=True, rename="camel"):
    """A permission that is held, and where it comes from."""

    action: str
    scope: str  # "": none
    source: Source
    role_uid: str  # "": a level on an object, which no role stands for
    role_name: str
    via: str  # "self", "team:<id>" or "basic:<role>"


class Suggestion(Struct, frozen=True, kw_only=True, rename="camel"):
    """The smallest change that whoever asks could make."""

    kind: Literal["level", "role", "basic"]
    text: str  # what to do, in a sentence
    role_uid: str = ""  # of a role
    level: str = ""
    resource: str = ""  # the object that the level is on, as scopes tell it


class Explanation(Struct, frozen=True, kw_only=True, rename="camel"):
    allowed: bool
    subject: str  # "user:<id>", "serviceaccount:<id>" or "apikey:<id>"
    action: str
    scope: str
    decided_by: Grant | None  # None: nothing allows it
    grants: list[Grant]  # of the action: those that cover the scope first
    nearest: Grant | None  # None: it is allowed, or nothing is near
    suggestion: Suggestion | None  # None: there is none that the caller could do


def explain(action: str, scope: str = "", *, subject: str = "") -> Call[Explanation]:
    """Tell why a subject may do something, or may not; "" is the client's own.

    Others than oneself need `users.permissions:read` on them, API keys `apikeys:read`.
    Raises CallFailed, with 400 for what is no action or scope, 403, and 404 for an unknown subject.
    """
    query = {"action": action, "scope": scope, "subject": subject}
    return Call("GET", "/api/access-control/explain", as_json(Explanation), query=query)
