"""The log of changes in its states."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from keystead.core.accounts.listing import ListedAccount
from keystead.core.changes.chain import GENESIS, hash_of
from keystead.core.changes.change import Actor, ActorKind, Change, ChangeId, Detail
from keystead.core.changes.search import Recorded
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId
from keystead.usecases.paging import Cut
from keystead.web.audit_search import AuditSearch
from keystead.web.presenters import account_audit, audit
from keystead.web.presenters.frame import Viewer
from keystead.web.render import View
from keystead.web.views.audit import AuditNews
from tests.web.account_states import an_account, rights
from tests.web.looks import DAY_S, HOSTILE, LONG, NOW

ADMIN = Actor(ActorKind.USER, 1, "admin")
PROVISIONER = Actor(ActorKind.SERVICE_ACCOUNT, 12, "sa-provisioner", CredentialId(31))
OLD_KEY = Actor(ActorKind.API_KEY, 0, "terraform", CredentialId(9))
HOST = Actor(ActorKind.HOST, 0, "host")
ACTIONS = ("apikey.create", "apikey.delete", "session.start", "token.create", "token.rotate", "user.password")
NEWEST = ChangeId(48_112)
_DONE: tuple[tuple[Actor, str, tuple[str, str, str], Detail], ...] = (
    (ADMIN, "token.rotate", ("token", "31", "deploy"), {"account": "sa-ci", "grace_until": NOW + DAY_S}),
    (PROVISIONER, "token.create", ("token", "30", "deploy-2"), {"account": "sa-ci", "expires_at": None}),
    (OLD_KEY, "apikey.create", ("apikey", "29", "load-test"), {"role": "Viewer", "expires_at": NOW + 600}),
    (ADMIN, "session.start", ("session", "4", "admin"), {}),
    (HOST, "user.password", ("user", "1", "admin"), {}),
    (ADMIN, "serviceaccount.disable", ("serviceaccount", "12", "sa-provisioner"), {"is_disabled": True}),
    (ADMIN, "apikey.delete", ("apikey", "3", ""), {}),
)


def events(*names: str) -> tuple[Recorded, ...]:
    """Return some of each kind, newest first; with names, one for each."""
    done = [(ADMIN, "apikey.create", ("apikey", "7", name), {"name": name}) for name in names] or _DONE
    changes = [
        Change(
            id=ChangeId(NEWEST - number),
            at=UnixSeconds(NOW - number * number * 977),
            org=OrgId(1),
            actor=replace(actor, login=names[number]) if names else actor,
            address="" if actor is HOST else "2001:db8::10",
            request_id="7f3c2a91",
            action=action,
            target_kind=kind,
            target_id=id_,
            target_name=name,
            detail=detail,
        )
        for number, (actor, action, (kind, id_, name), detail) in enumerate(done)
    ]
    return tuple(Recorded(change, hash_of(GENESIS, change)) for change in changes)


def page(v: Viewer, search: AuditSearch, *found: Recorded, before: str = "", after: str = "") -> View:
    cut = Cut(found, before, after)
    return audit.audit_page(v, cut, search, actions=ACTIONS, newest=NEWEST)


def _watched(v: Viewer) -> View:
    search = AuditSearch(is_live=True, actor="user:1", since="2026-11-15", until="2026-11-22")
    shown = audit.audit_page(v, Cut(events(), "", "b64.cursor"), search, actions=ACTIONS, newest=NEWEST)
    return replace(shown, log=replace(shown.log, news=news(v, 3)))


def _no_hit(v: Viewer) -> View:
    return page(v, AuditSearch(query='no "such" <event>', action="odd.action", result="odd"))


def _long(v: Viewer) -> View:
    return page(v, AuditSearch(after="b63.cursor"), *events(LONG, HOSTILE), before="b64", after="b65")


def news(v: Viewer, count: int) -> AuditNews:
    return audit.audit_news(v.links, AuditSearch(is_live=True), NEWEST, count=count)


def looked_at(v: Viewer, search: AuditSearch, fragment: str) -> View:
    """Answer as the page does when three events have come since it was made."""
    if fragment == "news":
        return news(v, 3)
    shown = tuple(one for one in events() if search.action in {"", one.change.action})
    whole = audit.audit_page(v, Cut(shown, "", ""), search, actions=ACTIONS, newest=NEWEST)
    return whole.log if fragment == "audit" else whole


def _account(v: Viewer) -> View:
    found = Cut(events()[:2], "", "b64.cursor")
    return account_audit.account_audit_page(v, ListedAccount(an_account(), 2, NOW), found, rights())


PAGES: Mapping[str, Callable[[Viewer], View]] = {
    "audit-log": lambda v: page(v, AuditSearch(), *events()),
    "audit-watched": _watched,
    "audit-no-hit": _no_hit,
    "audit-empty": lambda v: page(v, AuditSearch()),
    "audit-long-names": _long,
    "serviceaccount-audit": _account,
}
FRAGMENTS: Mapping[str, Callable[[Viewer], View]] = {
    "audit": lambda v: audit.audit_log(v, Cut(events(), "", ""), AuditSearch(), newest=NEWEST),
    "news": lambda v: news(v, 0),
}
