"""`/api/.../usage`: how often keys and tokens were used, and when last."""

from datetime import UTC, datetime

from msgspec import Struct

from keystead.api.serviceaccount_tokens import token_id_of
from keystead.api.serviceaccounts import ONE, account_id_of
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.accounts.errors import IdInvalid, ServiceAccountIdInvalid, ServiceAccountNotFound
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import ApiKeyNotFound, TokenIdInvalid, TokenNotFound
from keystead.core.credentials.model import CredentialId
from keystead.core.usage.errors import UsageSpanInvalid
from keystead.core.usage.span import Span, Step, last_days, last_hours, span_between
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.render import rfc3339
from keystead.usecases import use_counts
from keystead.usecases.use_counts import Usage

routes = Routes()

_DEFAULT_DAYS = 30
_QUERY = {"from": str, "to": str, "step": str}


class BucketTold(Struct):
    start: str
    allowed: int
    denied: int
    refused: int


class UsageTold(Struct, rename="camel"):
    last_used_at: str | None
    last_used_from: str | None
    last_user_agent: str | None
    last_route: str | None
    buckets: list[BucketTold]  # zeros too, but none of a time whose counts are not kept any more


@routes.route(
    "GET",
    "/api/auth/keys/{id}/usage",
    needs=Action.API_KEYS_READ.on("apikeys:id:{id}"),
    told=Told(answer=UsageTold, errors=(IdInvalid, UsageSpanInvalid, ApiKeyNotFound), query=_QUERY),
)
def key_usage(call: Call[Principal]) -> UsageTold:
    """Tell how an API key was used."""
    key_id, span = CredentialId(call.id("id", IdInvalid)), span_of(call)
    call.deps.uses.flush()  # so that a first use shows
    with call.deps.read() as db:
        return shaped(use_counts.find_key_usage(db, call.by, key_id, span, history=call.deps.history))


@routes.route(
    "GET",
    "/api/serviceaccounts/{service_account_id}/usage",
    needs=Action.SERVICE_ACCOUNTS_READ.on(ONE),
    told=Told(
        answer=UsageTold,
        errors=(ServiceAccountIdInvalid, UsageSpanInvalid, ServiceAccountNotFound),
        query=_QUERY,
    ),
)
def account_usage(call: Call[Principal]) -> UsageTold:
    """Tell how the tokens of a service account were used, all together."""
    owner, span = account_id_of(call), span_of(call)
    call.deps.uses.flush()
    with call.deps.read() as db:
        return shaped(use_counts.find_account_usage(db, call.by, owner, span, history=call.deps.history))


@routes.route(
    "GET",
    "/api/serviceaccounts/{service_account_id}/tokens/{token_id}/usage",
    needs=Action.SERVICE_ACCOUNTS_READ.on(ONE),
    told=Told(
        answer=UsageTold,
        errors=(ServiceAccountIdInvalid, TokenIdInvalid, UsageSpanInvalid, TokenNotFound),
        query=_QUERY,
    ),
)
def token_usage(call: Call[Principal]) -> UsageTold:
    """Tell how a token was used."""
    owner, token, span = account_id_of(call), token_id_of(call), span_of(call)
    call.deps.uses.flush()
    with call.deps.read() as db:
        found = use_counts.find_token_usage(db, call.by, owner, token, span, history=call.deps.history)
    return shaped(found)


def span_of(call: Call[Principal]) -> Span:
    """Return the last 30 days, or what is asked for. Raises UsageSpanInvalid."""
    query, now = call.query, call.deps.clock()
    step = query.text("step") or Step.DAY.value
    if step not in set(Step):
        raise UsageSpanInvalid
    until = _moment(query.text("to")) if query.text("to") else now
    if query.text("from"):
        return span_between(_moment(query.text("from")), until, Step(step))
    if step == Step.HOUR.value:
        return last_hours(_DEFAULT_DAYS * 24, until)
    return last_days(_DEFAULT_DAYS, until)


def shaped(usage: Usage) -> UsageTold:
    use = usage.last_use
    return UsageTold(
        last_used_at=None if use is None else rfc3339(use.at),
        last_used_from=None if use is None else use.address,
        last_user_agent=None if use is None else use.agent,
        last_route=None if use is None else use.route,
        buckets=[
            BucketTold(rfc3339(bucket.start), bucket.allowed, bucket.denied, bucket.refused)
            for bucket in usage.buckets
            if bucket.is_known
        ],
    )


def _moment(text: str) -> UnixSeconds:
    """Raises UsageSpanInvalid."""
    try:
        at = datetime.fromisoformat(text)
        return UnixSeconds(int(at.replace(tzinfo=at.tzinfo or UTC).timestamp()))
    except (ValueError, OverflowError):
        raise UsageSpanInvalid from None
