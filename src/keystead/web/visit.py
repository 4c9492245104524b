"""A person's request for a page, and what a handler may answer with."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from jinja2 import Environment
from starlette.requests import Request

from keystead.core.access.grants import Grants
from keystead.core.access.permission import Action, AnyOf
from keystead.core.access.principal import Principal
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.member import OrgOfUser
from keystead.core.sessions.errors import NotSignedIn
from keystead.core.sessions.model import SessionId
from keystead.http.deps import Deps
from keystead.http.query import Query
from keystead.http.site import Site
from keystead.usecases import accounts, memberships, messages, preferences
from keystead.web.assets import Assets, load_assets
from keystead.web.flash import Flash, FlashCode, toasts_of
from keystead.web.form_token import form_token
from keystead.web.links import Links
from keystead.web.presenters.frame import Viewer
from keystead.web.render import View, make_environment
from keystead.web.times import parse_zone
from keystead.web.views.frame import Link, SwitchOffer, Toast

READS_CREDENTIALS = AnyOf((Action.API_KEYS_READ.anywhere(), Action.SERVICE_ACCOUNTS_READ.anywhere()))


@dataclass(frozen=True, slots=True)
class Visit:
    deps: Deps
    request: Request
    path: Mapping[str, str]
    query: Query
    by: Principal

    @property
    def session_id(self) -> SessionId:
        """Raises NotSignedIn: pages are for browsers, which have a session."""
        if self.by.session_id is None:
            raise NotSignedIn
        return self.by.session_id


@dataclass(frozen=True, slots=True)
class Shown:
    """A page, and the parts of it that may be asked for alone, by the id of their element."""

    view: View
    fragments: Mapping[str, View] = field(default_factory=dict)
    status: int = 200
    has_secret: bool = False


@dataclass(frozen=True, slots=True)
class GoTo:
    """Lead on after a change; the message waits for the page that is then loaded."""

    url: str
    flash: FlashCode | None = None
    about: str = ""  # the name that the message tells
    link: Link | None = None  # that it carries


@cache
def assets() -> Assets:
    return load_assets()


@cache
def environment() -> Environment:
    return make_environment()


def links_of(site: Site) -> Links:
    return Links(site.sub_path, site.root_url)


def here_of(request: Request, site: Site) -> str:
    """Return the address of this page, below the sub-path if there is one.

    What a form is sent to may be no page: there it is the page that the form stands on.
    """
    if request.method not in {"GET", "HEAD"}:
        return _page_of_form(request, site)
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    path = raw.decode("ascii", "replace").removeprefix(site.served_sub_path)
    query = request.scope["query_string"].decode("ascii", "replace")
    return links_of(site).own(f"{site.sub_path}{path}?{query}" if query else f"{site.sub_path}{path}")


def _page_of_form(request: Request, site: Site) -> str:
    """Return the page that sent the form, which browsers tell of their own site's pages; else home."""
    links = links_of(site)
    told = request.headers.get("referer", "")
    origin = next((origin for origin in site.origins if told.startswith(f"{origin}/")), None)
    return links.home() if origin is None else links.own(told.removeprefix(origin))


def stranger(deps: Deps, request: Request) -> Viewer:
    """Return who looks when nobody is signed in."""
    return Viewer(
        links=links_of(deps.site),
        assets=assets(),
        csrf=form_token(deps.sessions.mint.key, None),
        now=deps.clock(),
        here_url=here_of(request, deps.site),
    )


def viewer_of(visit: Visit) -> Viewer:
    """Return who looks, with the message that waited for their next full page, which is thereby gone."""
    deps, by, now = visit.deps, visit.by, visit.deps.clock()
    with deps.read() as db:
        user = accounts.find_user(db, by.account_id)
        orgs = memberships.list_orgs_of(db, by.account_id)
        waiting = messages.get_message_or_none(db, visit.session_id)
        defaults = preferences.find_defaults(db, by.org, by.account_id)
    own = user.preferences
    is_full_page = visit.request.method != "HEAD" and "x-fragment" not in visit.request.headers
    if waiting is not None and is_full_page:
        with deps.write() as db:
            messages.clear_message(db, visit.session_id)
    return Viewer(
        links=links_of(deps.site),
        assets=assets(),
        csrf=form_token(deps.sessions.mint.key, by.session_id),
        now=now,
        here_url=here_of(visit.request, deps.site),
        login=user.login,
        name=user.name,
        org_name=next((org.name for org in orgs if org.id == by.org), ""),
        has_other_orgs=len(orgs) > 1,
        reads_api_keys=by.grants.holds(Action.API_KEYS_READ),
        hides_api_keys=any(org.hides_api_keys for org in orgs if org.id == by.org),
        opens_migration=by.org is not None and by.grants.holds(Action.SERVICE_ACCOUNTS_CREATE),
        reads_credentials=reads_credentials(by.grants),
        reads_audit=by.org is not None and by.grants.holds(Action.AUDIT_READ),
        opens_service_accounts=opens_service_accounts(by.grants),
        opens_teams=opens_teams(by.grants),
        opens_org=opens_org(by.grants),
        opens_roles=by.org is not None and by.grants.holds(Action.ROLES_READ),
        theme=own.theme,
        default_theme=defaults.theme,
        week_start=own.over(defaults).week_start,
        zone=parse_zone(own.over(defaults).timezone),
        toasts=_toasts(waiting, now) if is_full_page else (),
        switch_offer=_switch_offer(visit, orgs),
    )


def _switch_offer(visit: Visit, orgs: Iterable[OrgOfUser]) -> SwitchOffer | None:
    """Offer another organization of the same person, when the address names it."""
    asked, links = visit.query.number("orgId"), links_of(visit.deps.site)
    other = next((org for org in orgs if asked == org.id != visit.by.org), None)
    return None if other is None else SwitchOffer(other.name, links.switch_org(other.id))


def reads_credentials(grants: Grants) -> bool:
    return READS_CREDENTIALS.is_met_by(grants)


def opens_teams(grants: Grants) -> bool:
    return grants.holds(Action.TEAMS_READ) or grants.holds(Action.TEAMS_CREATE)


def opens_org(grants: Grants) -> bool:
    return grants.holds(Action.ORGS_READ) or grants.holds(Action.ORGS_PREFERENCES_READ)


def opens_service_accounts(grants: Grants) -> bool:
    return grants.holds(Action.SERVICE_ACCOUNTS_READ) or grants.holds(Action.SERVICE_ACCOUNTS_CREATE)


def packed(go: GoTo) -> str:
    link = None if go.link is None else [go.link.label, go.link.url]
    return json.dumps({"code": go.flash, "about": go.about, "link": link})


def _toasts(waiting: tuple[str, UnixSeconds] | None, now: UnixSeconds) -> tuple[Toast, ...]:
    if waiting is None:
        return ()
    text, at = waiting
    kept = json.loads(text)
    if kept["code"] not in set(FlashCode):  # left by a newer replica
        return ()
    link = kept.get("link")
    flash = Flash(FlashCode(kept["code"]), at, kept.get("about", ""), Link(*link) if link else None)
    return toasts_of(flash, now)
