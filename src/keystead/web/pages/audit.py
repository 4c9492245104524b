"""`/org/audit`: the log of changes, its download, and the tab of one service account."""

import json
from collections.abc import Iterable

from keystead.core.access.permission import Action
from keystead.core.changes.search import Recorded
from keystead.http.render import rfc3339
from keystead.usecases import audit
from keystead.web.audit_search import read_audit_search, read_newest, read_sought
from keystead.web.downloads import CSV, csv_parts, download
from keystead.web.presenters.audit import audit_news, audit_page
from keystead.web.routes import Answered, Pages
from keystead.web.views.audit import AuditNews
from keystead.web.visit import Shown, Visit, viewer_of

pages = Pages()

_CSV_HEAD = (
    *("seq", "time", "requestId", "orgId", "actorKind", "actorId", "actorLogin", "actorCredentialId"),
    *("address", "action", "targetKind", "targetId", "targetName", "result", "detail", "hash"),
)


@pages.page("/org/audit", needs=Action.AUDIT_READ.anywhere())
def show_log(visit: Visit) -> Answered:
    """Show a page of the log, or how much was added since."""
    if visit.request.headers.get("x-fragment") == "news":
        return Shown(news(visit))
    viewer, search = viewer_of(visit), read_audit_search(visit.query)
    with visit.deps.read() as db:
        newest = audit.find_newest(db, visit.by)
        actions = audit.list_actions(db, visit.by)
        found = audit.list_change_page(
            db, visit.by, search.sought(viewer.zone.clock), after=search.after, before=search.before
        )
    page = audit_page(viewer, found, search, actions=actions, newest=newest)
    return Shown(page, {"audit": page.log})


@pages.page("/org/audit/csv", needs=Action.AUDIT_READ.anywhere())
def download_log(visit: Visit) -> Answered:
    """Send the log as a table for spreadsheets, oldest first."""
    pieces = audit.export_changes(visit.deps.read, visit.by, read_sought(visit.query))
    parts = csv_parts(_CSV_HEAD, (map(cells, piece) for piece in pieces))
    return download(parts, name="audit.csv", media_type=CSV)


def news(visit: Visit) -> AuditNews:
    """Count what was added since the page was made."""
    viewer, search, newest = viewer_of(visit), read_audit_search(visit.query), read_newest(visit.query)
    with visit.deps.read() as db:
        count = audit.count_new(db, visit.by, search.sought(viewer.zone.clock), newest=newest)
    return audit_news(viewer.links, search, newest, count=count)


def cells(recorded: Recorded) -> Iterable[object]:
    change = recorded.change
    actor = change.actor
    return (
        *(change.id, rfc3339(change.at), change.request_id, change.org),
        *(actor.kind.value, actor.id, actor.login, actor.credential_id, change.address, change.action),
        *(change.target_kind, change.target_id, change.target_name, change.result),
        *(json.dumps(dict(change.detail), ensure_ascii=False), recorded.hash.hex()),
    )
