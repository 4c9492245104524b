"""What a request presents, and who that turns out to be."""

import base64
import binascii
from dataclasses import dataclass
from typing import TypeAlias

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from keystead.core.access.principal import Origin
from keystead.core.errors import Invalid, Unauthenticated
from keystead.core.orgs.model import OrgId
from keystead.core.path_id import parse_path_id
from keystead.core.secret import Secret
from keystead.core.sessions.errors import NotSignedIn
from keystead.http.deps import Deps
from keystead.http.origin import check_no_proxy
from keystead.http.query import Query
from keystead.usecases.people import Identified

SIGN_INS = CapacityLimiter(
    40
)  # threads that may wait for a password's hash, apart from those of the handlers


class AuthorizationMalformed(Unauthenticated):
    message = "Invalid Basic Auth Header"
    message_id = "http.authorization-malformed"


class AuthorizationRepeated(Invalid):
    message = "More than one Authorization header"
    message_id = "http.authorization-repeated"


@dataclass(frozen=True, slots=True)
class KeyOrToken:
    text: Secret


@dataclass(frozen=True, slots=True)
class Password:
    name: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Cookie:
    value: Secret


Presented: TypeAlias = KeyOrToken | Password | Cookie


def presented_by(request: Request, deps: Deps) -> Presented | None:
    """Return the credential that counts: the header decides alone, else the cookie. None: there is none.

    Raises AuthorizationMalformed, AuthorizationRepeated.
    """
    headers = request.headers.getlist("authorization")
    if len(headers) > 1:
        raise AuthorizationRepeated
    header = headers[0].strip(" \t") if headers else ""
    if header:
        return _from_header(header)
    value = request.cookies.get(deps.site.cookie_name, "")
    return Cookie(Secret(value)) if value else None


def _from_header(header: str) -> Presented:
    scheme, _, rest = header.partition(" ")
    if scheme == "Bearer" and rest:
        return KeyOrToken(Secret(rest))
    if scheme != "Basic":
        raise AuthorizationMalformed
    try:
        pair = base64.b64decode(rest, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise AuthorizationMalformed from None
    name, colon, password = pair.partition(":")
    if not colon:
        raise AuthorizationMalformed
    if name == "api_key" and password:
        return KeyOrToken(Secret(password))
    return Password(name, Secret(password))


def is_ambient(presented: Presented | None) -> bool:
    """Say whether a browser would send it by itself."""
    return isinstance(presented, Password | Cookie)


async def identify(presented: Presented | None, request: Request, deps: Deps, origin: Origin) -> Identified:
    """Return whom the credential belongs to.

    Raises NotSignedIn when nothing is presented, and what makes a credential useless.
    """
    match presented:
        case None:
            raise NotSignedIn
        case KeyOrToken(text):
            return Identified(await deps.verifier.find_principal(text, origin))
        case Password(name, password):
            check_no_proxy(request, deps.site)
            org = chosen_org(request)
            return await to_thread.run_sync(
                deps.people.by_password, name, password, org, origin, limiter=SIGN_INS
            )
        case Cookie(value):
            return await run_in_threadpool(deps.people.by_session, value, chosen_org(request), origin)


def chosen_org(request: Request) -> OrgId | None:
    """Return the organization that a person chose for this request; None: the stored active one."""
    query = Query(request.scope["query_string"])
    named = parse_path_id(query.text("targetOrgId")) if query.text("targetOrgId") else None
    if named is None:
        text = request.headers.get("x-grafana-org-id", "")
        named = parse_path_id(text) if text else None
    return OrgId(named) if named is not None and named >= 1 else None
