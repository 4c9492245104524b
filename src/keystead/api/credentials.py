"""`/api/credentials`: API keys and tokens together."""

from msgspec import Struct

from keystead.core.access.permission import Action, AnyOf
from keystead.core.access.principal import Principal
from keystead.core.credentials.errors import ReportPlaceUnknown, ReportReasonUnknown
from keystead.core.credentials.report import (
    MOST_UNUSED_DAYS,
    ON_THE_WIRE,
    UNUSED_DAYS,
    Measure,
    Reason,
    Reported,
    parse_reason,
    reasons_for,
)
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.query import Query
from keystead.http.render import rfc3339_or_none
from keystead.usecases import report
from keystead.usecases.report import ReportAsked

routes = Routes()

READS_ANY = AnyOf((Action.API_KEYS_READ.anywhere(), Action.SERVICE_ACCOUNTS_READ.anywhere()))
_USUAL, _MOST = 100, 1000  # items an answer


class ItemTold(Struct, rename="camel"):
    kind: str  # apikey, token
    id: int
    name: str
    service_account_id: int | None  # None: an API key
    role: str | None  # None: the account has none here
    expiration: str | None
    last_used_at: str | None
    reasons: list[str]


class ReportTold(Struct):
    items: list[ItemTold]
    next: str | None  # goes into `after`; None: that was all
    counts: dict[str, int]  # by reason; 10,001 means: more than 10,000


@routes.route(
    "GET",
    "/api/credentials/report",
    needs=READS_ANY,
    told=Told(
        answer=ReportTold,
        errors=(ReportReasonUnknown, ReportPlaceUnknown),
        query={"reason": str, "unusedDays": int, "limit": int, "after": str},
    ),
)
def report_credentials(call: Call[Principal]) -> ReportTold:
    """List API keys and tokens that somebody should look at: those that the caller may read."""
    reason, limit = parse_reason(call.query.text("reason")), call.query.number("limit")
    measure = Measure(call.deps.clock(), unused_days_of(call.query))
    call.deps.uses.flush()  # so that what is in use is not told as unused
    with call.deps.read() as db:
        found = report.list_report(
            db,
            call.by,
            ReportAsked(measure, reason, after=call.query.text("after")),
            limit=min(limit, _MOST) if limit > 0 else _USUAL,
        )
    return ReportTold(
        [shaped(credential, measure) for credential in found.items],
        found.after or None,
        {reason.value: count for reason, count in found.counts.items()},
    )


def unused_days_of(query: Query) -> int:
    asked = query.number("unusedDays")
    return min(asked, MOST_UNUSED_DAYS) if asked > 0 else UNUSED_DAYS


def shaped(credential: Reported, measure: Measure) -> ItemTold:
    reasons: list[Reason] = [one for one in reasons_for(credential, measure) if one in ON_THE_WIRE]
    return ItemTold(
        kind="apikey" if credential.is_key else "token",
        id=credential.id,
        name=credential.name,
        service_account_id=credential.owner,
        role=None if credential.role is None else credential.role.value,
        expiration=rfc3339_or_none(credential.expires_at),
        last_used_at=rfc3339_or_none(credential.last_used_at),
        reasons=[reason.value for reason in reasons],
    )
