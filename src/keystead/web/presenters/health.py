"""Credentials to look at, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from keystead.core.access.permission import Action as Right
from keystead.core.access.principal import Principal
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.ending import may_end, right_for
from keystead.core.credentials.model import SOON_S
from keystead.core.credentials.report import (
    MOST_UNUSED_DAYS,
    Measure,
    Reason,
    Reported,
    reasons_for,
)
from keystead.usecases.report import Report
from keystead.web.health_search import KEYS, TOKENS, HealthSearch
from keystead.web.links import Pairs
from keystead.web.presenters.expiries import full_name, url_of
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.migration_cards import migrate_action
from keystead.web.presenters.overview import counted_number
from keystead.web.presenters.parts import LAG_S, lag_words, needed, pager_of
from keystead.web.times import moment, relative
from keystead.web.views.fields import Field
from keystead.web.views.frame import Choice, Entry
from keystead.web.views.health import (
    CredentialRow,
    CredentialsTable,
    HealthBar,
    HealthPage,
    SelectionWindow,
)
from keystead.web.views.parts import Action, Badge, Deletion, LastUse, Pager
from keystead.web.wording import counted, days_left, plural

TAB = "Health"
DELETE, REVOKE = "delete", "revoke"
_DAY_S = 86_400
NAMED = 20  # in the window that asks
_TYPED_FROM = 6  # so many are deleted only by who types their number
_LABELS = {
    Reason.EXPIRING: "Expiring",
    Reason.EXPIRED: "Expired",
    Reason.UNUSED: "Unused",
    Reason.NEVER_USED: "Never used",
    Reason.NO_EXPIRATION: "No expiration",
    Reason.ADMIN_ROLE: "Admin role",
}


def health_page(
    viewer: Viewer,
    by: Principal,
    found: Report,
    search: HealthSearch,
    window: SelectionWindow | None = None,
) -> HealthPage:
    """`window` stands open in front of the list."""
    links = viewer.links
    return HealthPage(
        document=document_of(
            viewer, TAB, Place.CONFIGURATION, has_errors=window is not None and bool(window.summary)
        ),
        frame=frame_of(viewer, Place.CONFIGURATION, TAB),
        bar=HealthBar(
            action_url=links.health(),
            reason="" if search.reason is Reason.EXPIRING else search.reason.value,
            kinds=(
                Choice(KEYS, "API keys", KEYS in search.kinds),
                Choice(TOKENS, "Tokens", TOKENS in search.kinds),
            ),
            unused_days=search.unused_days,
            most_unused_days=MOST_UNUSED_DAYS,
            owner=search.owner,
            query=search.query,
        ),
        table=health_table(viewer, by, found, search),
        csv_url=links.health(search.at().pairs, "csv"),
        window=None if window is None else replace(window, is_open=True),
    )


def health_table(viewer: Viewer, by: Principal, found: Report, search: HealthSearch) -> CredentialsTable:
    links = viewer.links
    table = credentials_table(
        viewer,
        by,
        found.items,
        measure=Measure(viewer.now, search.unused_days),
        pager=pager_of(
            lambda after, before: links.health(search.at(after=after, before=before).pairs),
            found.before,
            found.after,
        ),
    )
    return replace(
        table,
        reasons=_reasons(viewer, found.counts, search),
        caption=f"{_LABELS[search.reason]}: API keys and tokens",
        count=counted(found.counts[search.reason], "credential"),
        nothing="No API keys and tokens match." if search.has_filter else "There is nothing to look at.",
        clear_url=links.health(HealthSearch(search.reason).pairs) if search.has_filter else "",
        here_url=links.health(search.pairs),
        whole=f"Select all {counted_number(found.counts[search.reason])}" if table.pager else "",
    )


def credentials_table(
    viewer: Viewer,
    by: Principal,
    items: Iterable[Reported],
    *,
    measure: Measure,
    pager: Pager | None,
) -> CredentialsTable:
    rows = tuple(_row(viewer, by, one, measure) for one in items)
    links = viewer.links
    return CredentialsTable(
        csrf=viewer.csrf,
        reasons=(),
        caption="API keys and tokens",
        rows=rows,
        count=plural(len(rows), "credential"),
        nothing="No API key or token expires then.",
        clear_url="",
        lag=lag_words(LAG_S),
        delete_reason="" if all(row.is_selectable for row in rows) else _REASONS,
        delete_url=links.health(act=f"confirm/{DELETE}"),
        revoke_url=links.health(act=f"confirm/{REVOKE}"),
        here_url=viewer.here_url,
        pager=pager,
    )


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen from a list: what one may not touch, or cannot be revoked, stays."""

    verb: str
    asked: tuple[Reported, ...]
    by: Principal
    back_url: str

    @property
    def going(self) -> tuple[Reported, ...]:
        return tuple(one for one in self.asked if may_end(self.by, one) and not self.is_stuck(one))

    def is_stuck(self, one: Reported) -> bool:
        return self.verb == REVOKE and one.is_key

    @property
    def is_many(self) -> bool:
        return len(self.going) >= _TYPED_FROM

    def is_confirmed(self, typed: str) -> bool:
        """Say whether the number of many was typed; of few nobody asks for it."""
        return not self.is_many or typed == str(len(self.going))


def selection_window(
    viewer: Viewer, selection: Selection, *, typed: str = "", is_refused: bool = False
) -> SelectionWindow:
    """Return the window that names what would go."""
    verb, going = selection.verb, selection.going
    count, word = len(going), verb.capitalize()
    ids = (*(("id", str(one.id)) for one in going), ("back", selection.back_url))
    return SelectionWindow(
        csrf=viewer.csrf,
        title=f"{word} {plural(count, 'credential')}",
        names=tuple(full_name(one) for one in going[:NAMED]),
        more=f"and {count - NAMED} more" if count > NAMED else "",
        skipped=_skipped(selection),
        warning=WARNINGS[verb] if going else "",
        action_url=viewer.links.health(ids, verb),
        button=word if going else "",
        cancel_url=selection.back_url,
        number=number_field(count, typed, is_refused=is_refused) if selection.is_many else None,
        summary="Nothing was changed. Type the number." if is_refused else "",
    )


def why_listed(credential: Reported, measure: Measure) -> str:
    """Return every reason in words."""
    unused_s = measure.now - (credential.last_used_at or measure.now)
    words = {
        Reason.EXPIRING: "expires within 7 days",
        Reason.EXPIRED: "expired",
        Reason.UNUSED: f"unused {plural(unused_s // _DAY_S, 'day')}",
        Reason.NEVER_USED: "never used",
        Reason.NO_EXPIRATION: "no expiration",
        Reason.ADMIN_ROLE: "Admin role",
    }
    return ", ".join(words[reason] for reason in reasons_for(credential, measure))


def owner_of(credential: Reported) -> str:
    return credential.team or credential.maker or ""


def kind_word(credential: Reported) -> str:
    return "API key" if credential.is_key else "Token"


_REASONS = (
    f"You need {Right.API_KEYS_DELETE} for keys and {Right.SERVICE_ACCOUNTS_WRITE} for tokens to do this."
)
WARNINGS = {
    DELETE: "Programs that use them are refused at once. This cannot be undone.",
    REVOKE: "They are refused from the next request on. The rows stay for the record.",
}


def _reasons(viewer: Viewer, counts: Mapping[Reason, int], search: HealthSearch) -> tuple[Entry, ...]:
    plain = search.at()
    return tuple(
        Entry(
            f"{label} {counted_number(counts[reason])}",
            "",
            viewer.links.health(replace(plain, reason=reason).pairs),
            reason is search.reason,
        )
        for reason, label in _LABELS.items()
    )


def _row(viewer: Viewer, by: Principal, one: Reported, measure: Measure) -> CredentialRow:
    now, zone, links = viewer.now, viewer.zone, viewer.links
    reason = "" if may_end(by, one) else needed(right_for(one))
    used_at = one.last_used_at
    is_alive = one.expires_at is None or one.expires_at > now
    rotate = revoke = migrate = None
    back: Pairs = (("back", viewer.here_url),)
    if one.owner is not None and is_alive:
        rotate = Action("Rotate", links.token(one.owner, one.id, "rotate"), reason, full_name(one))
        revoke_url = links.health((("id", str(one.id)), *back), f"confirm/{REVOKE}")
        revoke = Action("Revoke", revoke_url, reason, full_name(one))
    if one.is_key:
        migrate = migrate_action(
            viewer, one.id, one.role, by.role, label="Migrate", back=viewer.here_url, about=one.name
        )
    return CredentialRow(
        id=one.id,
        name=full_name(one),
        url=url_of(viewer, one),
        kind=kind_word(one),
        owner=owner_of(one),
        role="" if one.role is None else one.role.value,
        expires=None if one.expires_at is None else moment(one.expires_at, now, zone),
        badge=_badge(one, now),
        last_use=LastUse(None if used_at is None else moment(used_at, now, zone), "Never"),
        why=why_listed(one, measure),
        is_selectable=not reason,
        rotate=rotate,
        revoke=revoke,
        migrate=migrate,
        deletion=Deletion(
            label=f"Delete {full_name(one)}",
            url=links.health((("id", str(one.id)), *back), DELETE),
            recent_use=_recent_use(used_at, now),
            reason=reason,
        ),
    )


def _badge(one: Reported, now: int) -> Badge | None:
    if one.expires_at is None or one.expires_at - now > SOON_S:
        return None
    if one.expires_at <= now:
        return Badge("bad", "Expired")
    return Badge("warn", f"Expires in {plural(days_left(one.expires_at - now), 'day')}")


def _recent_use(used_at: UnixSeconds | None, now: UnixSeconds) -> str:
    is_recent = used_at is not None and 0 <= now - used_at < _DAY_S
    return f"Used {relative(used_at, now)}" if is_recent and used_at is not None else ""


def _skipped(selection: Selection) -> str:
    stuck = sum(selection.is_stuck(one) for one in selection.asked)
    barred = len(selection.asked) - len(selection.going) - stuck
    told = []
    if stuck:
        told.append(f"{plural(stuck, 'API key')} cannot be revoked, only deleted.")
    if barred > 0:
        told.append(f"{plural(barred, 'credential')} may not be changed by you.")
    return " ".join(told) or ("" if selection.going else "Nothing is chosen.")


def number_field(count: int, typed: str, *, is_refused: bool) -> Field:
    return Field(
        id="number",
        name="number",
        label=f"Type {count} to go on",
        value=typed,
        error=f"Type {count}" if is_refused else "",
        max_length=len(str(count)),
        is_focused=is_refused,
    )
