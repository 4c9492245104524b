"""What several families of routes show or read alike: names, pages, pictures, ages, what one may do."""

import hashlib
from datetime import UTC, datetime
from typing import Annotated, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from keystead.core.access.principal import Principal
from keystead.core.clock import UnixSeconds
from keystead.core.secret import Secret
from keystead.core.text import MAX_NAME_LENGTH
from keystead.http.endpoint import Call
from keystead.http.query import Query
from keystead.http.render import rfc3339
from keystead.http.site import Site
from keystead.usecases.paging import ALL, Page

DEFAULT_PAGE_SIZE = 1000
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH)]
NameOrEmpty: TypeAlias = Annotated[str, Meta(max_length=MAX_NAME_LENGTH)]
RoleText: TypeAlias = Annotated[
    str,
    Meta(
        description="Viewer, Editor or Admin; empty for Viewer",
        extra_json_schema={"pattern": "^([Vv]iewer|[Ee]ditor|[Aa]dmin)?$"},  # `parse_role` judges
    ),
]
AccessControl: TypeAlias = dict[str, bool] | UnsetType  # only the actions that are held

_EMPTY = Secret("")
_AGES = (("year", 31_536_000), ("month", 2_628_000), ("day", 86_400), ("hour", 3_600), ("minute", 60))


class Ended(Struct, frozen=True, rename="camel"):
    """What is answered when a credential has ended, alone or with all that it made."""

    message: str
    also_revoked: int | UnsetType = UNSET  # how many it made, and those made; if asked


def check_filled(password: Secret) -> None:
    """Raises ValueError, which makes the body unreadable, as for any text that must be there."""
    if password == _EMPTY:
        raise ValueError("password is empty")


def page_of(query: Query) -> Page:
    """Return the page that is asked for; in the query the first one is 1."""
    return Page(max(1, query.number("page")) - 1, page_size(query))


def page_size(query: Query) -> int:
    asked = query.number("perpage")
    return asked if asked > 0 else DEFAULT_PAGE_SIZE


def limit_of(query: Query) -> Page:
    """Return the one page of a list that has no others."""
    asked = query.number("limit")
    return Page(0, asked) if asked > 0 else ALL


def avatar_url(site: Site, email: str) -> str:
    """Return where the picture is; nothing is asked from elsewhere for it."""
    digest = hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()
    return f"{site.sub_path}/avatar/{digest}"


def avatar_url_of_name(site: Site, name: str) -> str:
    """Return the picture of what has no e-mail address: a service account or a team.

    Other letters go before case is folded, so U+0130 leaves no `i`. Source: Grafana v9.3.2.
    """
    plain = "".join(letter for letter in name if letter.isascii() and letter.isalnum())
    return avatar_url(site, f"{plain}@localhost")


def seen(last_seen_at: UnixSeconds | None, created_at: UnixSeconds, now: UnixSeconds) -> tuple[str, str]:
    """Return when someone was seen, and how long ago: for never, ten years before the creation."""
    if last_seen_at is None:
        return rfc3339(_ten_years_before(created_at)), "10 years"
    return rfc3339(last_seen_at), age(last_seen_at, now)


def _ten_years_before(at: UnixSeconds) -> UnixSeconds:
    then = datetime.fromtimestamp(at, UTC)
    if (then.month, then.day) == (2, 29):  # ten years before a leap day there is none
        then = then.replace(month=3, day=1)
    earlier = then.replace(year=then.year - 10)
    return UnixSeconds(int(earlier.timestamp()))


def age(at: UnixSeconds, now: UnixSeconds) -> str:
    """Return how long ago it was, in words."""
    elapsed_s = now - at
    for unit, unit_s in _AGES:
        if elapsed_s >= unit_s:
            count = elapsed_s // unit_s
            return f"1 {unit}" if count == 1 else f"{count} {unit}s"
    return "< 1 minute"


def access_control(call: Call[Principal], scope: str) -> AccessControl:
    """Return what the caller may do with an object, if that is asked for."""
    if not call.query.flag("accesscontrol"):
        return UNSET
    held = {action: True for action in call.by.grants.actions() if call.by.grants.allows(action, scope)}
    return held or UNSET
