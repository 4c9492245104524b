"""One address where proxies ask whether a request may pass, and whose it is: a plain ASGI app."""

import secrets
from typing import TypeAlias, final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from keystead.core.access.principal import Origin, Principal
from keystead.core.accounts.errors import PasswordChangeDue
from keystead.core.credentials.errors import CredentialExpired, CredentialRevoked, ServiceAccountDisabled
from keystead.core.credentials.model import CredentialId
from keystead.core.errors import Denied, KeysteadError, TooMany, Unauthenticated, Unavailable
from keystead.core.forwardauth.errors import RoleTooLow
from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.core.secret import Secret
from keystead.core.usage.model import Outcome
from keystead.forwardauth.headers import NO_STORE, ROUTE, Headers, as_original, identity_of
from keystead.forwardauth.query import conditions_of
from keystead.http.authenticate import identify, is_ambient, presented_by
from keystead.http.cookies import set_cookie
from keystead.http.deps import Deps
from keystead.http.errors import NotNow, render_error, status_of
from keystead.http.front import challenge
from keystead.http.gate import address_of
from keystead.http.log import log_failure
from keystead.http.origin import OriginNotAllowed, check_origin
from keystead.http.render import JSON_UTF8
from keystead.usecases.people import Identified
from keystead.usecases.verify import to_principal

_BEARER = b"bearer "
_ALLOWED = Outcome.ALLOWED
_NOTHING: Message = {"type": "http.response.body", "body": b""}
_MAX_AT_WORK = 256  # requests of people, which wait for threads
_REMEMBERED = 65_536
_MAX_FORWARDED_BYTES = 200
_STATUSES = frozenset({400, 401, 403})  # whatever else it is: the proxy cannot be told yes
_UNDECIDED = 503
_Kept: TypeAlias = tuple[object, Message]  # a credential as it was found, and the answer that it gets


class PathUnknown(Denied):
    message = "Rules for paths are not supported; call /auth/verify itself"
    message_id = "forwardauth.path-unknown"


class Undecided(Unavailable):
    message = "The request could not be judged; see the server's log"
    message_id = "forwardauth.undecided"


_REASONS: tuple[tuple[type[KeysteadError], str], ...] = (
    (CredentialExpired, "expired"),
    (CredentialRevoked, "revoked"),
    (ServiceAccountDisabled, "disabled"),
    (Unauthenticated, "credential"),
    (OriginNotAllowed, "origin"),
    (RoleTooLow, "role"),
    (PathUnknown, "path"),
)


def make_forward_auth(deps: Deps, *, key_header: str = "") -> "ForwardAuth":
    """Return the app; `key_header` names a header that may carry a key or token, as Authorization does."""
    return ForwardAuth(deps, key_header.lower().encode())


@final
class ForwardAuth:
    """Answers 200, 401, 403 and 503, and 400 to what cannot be one request; never anything else.

    A bearer of a key or token takes the short way: no request object, and an answer that is kept ready.
    """

    def __init__(self, deps: Deps, key_header: bytes) -> None:
        self._deps = deps
        self._key_header = key_header
        self._find_good = deps.verifier.find_good
        self._count = deps.uses.count
        self._decided = deps.metrics.verify_decisions.count
        self._answers: dict[CredentialId, _Kept] = {}
        self._addresses: dict[tuple[str, bytes], str] = {}
        self._origins: dict[tuple[str, bytes], Origin] = {}
        own = (ROUTE, deps.site.served_sub_path + ROUTE)
        self._own = frozenset(own)
        self._below_own = tuple(f"{path}/" for path in own)
        self._plain = frozenset(path.encode() for path in own)
        self._at_work = 0

    def takes(self, path: str) -> bool:
        """Say whether a request for this path is asked here."""
        return path in self._own or path.startswith(self._below_own)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer: Message | Response
        try:
            headers: dict[bytes, bytes] = dict(scope["headers"])
            value = headers.get(b"authorization", b"").strip(b" \t")
            origin = self._origin_of(scope, headers)
            if value[:7].lower() == _BEARER and len(headers) == len(scope["headers"]):
                answer = await self._go_short_way(scope, value[7:], origin)
            else:
                answer = await self._go_long_way(scope, origin)
        except Exception as error:  # noqa: BLE001 - what cannot be decided must not pass
            answer = self._refusal(scope, error)
        if isinstance(answer, Response):
            await answer(scope, receive, send)
        else:
            await send(answer)
            await send(_NOTHING)

    async def _go_short_way(self, scope: Scope, text: bytes, origin: Origin) -> Message:
        secret = Secret(text.decode("latin-1"))
        if scope["query_string"] or scope["raw_path"] not in self._plain:
            return passed(self._judge(scope, to_principal(await self._find_good(secret, origin), origin)))
        found = await self._find_good(secret, origin, counts_as=_ALLOWED)
        self._decided("pass")
        kept = self._answers.get(found.id)
        if kept is not None and kept[0] == found:
            return kept[1]
        answer = passed(identity_of(to_principal(found, origin)))
        if len(self._answers) >= _REMEMBERED:
            self._answers.clear()
        self._answers[found.id] = (found, answer)
        return answer

    async def _go_long_way(self, scope: Scope, origin: Origin) -> Response:
        request = as_original(scope, self._deps.site, self._key_header)
        presented = presented_by(request, self._deps)
        if self._at_work >= _MAX_AT_WORK:
            raise NotNow
        self._at_work += 1
        try:
            who = await identify(presented, request, self._deps, origin)
        finally:
            self._at_work -= 1
        try:
            if is_ambient(presented):
                check_origin(request, self._deps.site, reads_body=False)
            response = self._answer_to(scope, who)
        except Denied as error:
            response = self._refusal(scope, error)
        if who.new_cookie is not None:
            set_cookie(response, self._deps.site, who.new_cookie)
        return response

    def _answer_to(self, scope: Scope, who: Identified) -> Response:
        """Raises PasswordChangeDue, and what `_judge` does."""
        if who.is_password_change_due:
            raise PasswordChangeDue
        response = Response()
        response.raw_headers += [NO_STORE, *self._judge(scope, who.principal)]
        return response

    def _judge(self, scope: Scope, by: Principal) -> Headers:
        """Return the identity, if all conditions are met; count the use in any case.

        Raises PathUnknown, ConditionUnknown, OrgOther, RoleTooLow, PermissionNotHeld, IdentityTooLong.
        """
        outcome = Outcome.DENIED
        try:
            if scope["raw_path"] not in self._plain:
                raise PathUnknown
            asked = conditions_of(scope["query_string"])
            asked.check(by)
            identity = identity_of(by, asked.permissions)
            outcome = Outcome.ALLOWED
        finally:
            if by.credential_id is not None:
                self._count(by.credential_id, outcome, by.origin)
        self._decided("pass")
        return identity

    def _origin_of(self, scope: Scope, headers: dict[bytes, bytes]) -> Origin:
        told = (self._address_of(scope, headers), headers.get(b"user-agent", b"")[:200])
        known = self._origins.get(told)
        if known is None:
            if len(self._origins) >= _REMEMBERED:
                self._origins.clear()
            known = self._origins[told] = Origin(told[0], "", told[1].decode("latin-1"), ROUTE)
        return known

    def _address_of(self, scope: Scope, headers: dict[bytes, bytes]) -> str:
        peer = scope["client"][0] if scope["client"] else ""
        if not self._deps.site.trusted_proxies:
            return peer
        told = (peer, headers.get(b"x-forwarded-for", b""))
        is_told_once = len(headers) == len(scope["headers"])
        known = self._addresses.get(told) if is_told_once else None
        if known is None:
            known = address_of(Request(scope), self._deps.site)
            if len(self._addresses) >= _REMEMBERED:
                self._addresses.clear()
            if is_told_once and len(told[1]) <= _MAX_FORWARDED_BYTES:
                self._addresses[told] = known
        return known

    def _refusal(self, scope: Scope, cause: Exception) -> Response:
        request_id = secrets.token_hex(16)
        if not isinstance(cause, KeysteadError) or isinstance(cause, DatabaseUnavailable):
            log_failure(Request({**scope, "keystead.request_id": request_id, "keystead.route": ROUTE}), cause)
        error = cause if isinstance(cause, KeysteadError) else Undecided()
        status = status_of(type(error))
        response = render_error(error, request_id=request_id, media_type=JSON_UTF8)
        response.status_code = status if status in _STATUSES else _UNDECIDED
        response.headers["Cache-Control"] = "no-store"
        reason = reason_of(error)
        if response.status_code == _UNDECIDED:
            response.headers["Retry-After"] = "1"
        else:
            response.headers["X-Keystead-Reason"] = reason
        if isinstance(error, Unauthenticated):
            original = as_original(scope, self._deps.site, self._key_header)
            response.headers["WWW-Authenticate"] = challenge(original, self._deps)
        if scope["method"] == "HEAD":
            response.body = b""
        self._decided(reason)
        return response


def passed(identity: Headers) -> Message:
    headers = [(b"content-length", b"0"), NO_STORE, *identity]
    return {"type": "http.response.start", "status": 200, "headers": headers}


def reason_of(error: KeysteadError) -> str:
    """Return a word of a closed list: a proxy may act on it, a graph may count it."""
    if isinstance(error, TooMany | Unavailable):
        return "unavailable"
    return next((word for kind, word in _REASONS if isinstance(error, kind)), "permission")
