"""Words that the pages of several families share."""

from collections.abc import Callable

from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import SOON_S, Credential, has_expired
from keystead.core.usage.model import LastUse as LastUsed
from keystead.web.links import Links
from keystead.web.presenters.frame import Viewer
from keystead.web.times import moment
from keystead.web.views.parts import Badge, LastUse, Pager
from keystead.web.wording import days_left, plural

LAG_S = 11  # between a use and the page: the time between two writes, and the write


def needed(action: str) -> str:
    return f"You need {action} to do this."


def badge_of(credential: Credential, now: UnixSeconds) -> Badge | None:
    if credential.revoked_at is not None:
        return Badge("bad", "Revoked")
    if has_expired(credential, now):
        return Badge("bad", "Expired")
    if credential.expires_at is None or credential.expires_at - now > SOON_S:
        return None
    return Badge("warn", f"Expires in {plural(days_left(credential.expires_at - now), 'day')}")


def lag_words(lag_s: int) -> str:
    return f"Counts may lag by up to {plural(lag_s, 'second')}."


def detailed_use(viewer: Viewer, use: LastUsed | None) -> LastUse:
    if use is None:
        return LastUse(None, "No requests yet.")
    places = (f"from {use.address}" if use.address else "", use.agent, use.route)
    return LastUse(
        moment(use.at, viewer.now, viewer.zone), details=", ".join(part for part in places if part)
    )


def example_request(links: Links, key: str) -> str:
    return f'curl -H "Authorization: Bearer {key}" {links.root_url}/api/access-control/user/permissions'


def pager_of(address: Callable[[str, str], str], before: str, after: str) -> Pager | None:
    """Return the bar of a list, or none for a single page; `address` takes the cursors `after`, `before`."""
    if not before and not after:
        return None
    return Pager(
        first_url=address("", "") if before else "",
        previous_url=address("", before) if before else "",
        next_url=address(after, "") if after else "",
    )
