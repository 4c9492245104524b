"""Which header means what: those a proxy sends about a request, and those it gets about the principal."""

from collections.abc import Iterable
from typing import TypeAlias
from urllib.parse import quote

from starlette.requests import Request
from starlette.types import Scope

from keystead.core.access.permission import Permission
from keystead.core.access.principal import Principal, PrincipalKind
from keystead.core.errors import Denied
from keystead.http.site import Site

Headers: TypeAlias = list[tuple[bytes, bytes]]

ROUTE = "/auth/verify"
NO_STORE = (b"cache-control", b"no-store")
_MAX_IDENTITY_BYTES = 4096
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_METHOD_HEADERS = frozenset({b"x-original-method", b"x-forwarded-method"})
_CREDENTIAL = b"authorization"
_SCHEMES = {b"bearer": b"Bearer", b"basic": b"Basic"}


class IdentityTooLong(Denied):
    message = "The identity does not fit into the headers"
    message_id = "forwardauth.identity-too-long"


def identity_of(by: Principal, asked: Iterable[Permission] = ()) -> Headers:
    """Return every identity header, empty where it does not apply: one left out lets the client's through.

    Values are percent-encoded ASCII; `asked` are the permissions that were asked for, and held: each becomes
    `action@scope`, with a space between two. Raises IdentityTooLong.
    """
    told = {
        "user": by.login,
        "org": by.org,
        "role": by.role,
        "kind": by.kind.value,
        "id": None if by.kind is PrincipalKind.API_KEY else by.account_id,
        "credential": by.credential_id,
    }
    headers = [(f"x-keystead-{name}".encode(), encoded(value)) for name, value in told.items()]
    headers.append((b"x-keystead-scopes", b" ".join(map(encoded_permission, asked))))
    if sum(len(name) + len(value) for name, value in headers) > _MAX_IDENTITY_BYTES:
        raise IdentityTooLong
    return headers


def encoded(value: str | int | None) -> bytes:
    return b"" if value is None else quote(str(value), safe="@").encode()


def encoded_permission(permission: Permission) -> bytes:
    return quote(f"{permission.action}@{permission.scope}", safe="@:*").encode()


def as_original(scope: Scope, site: Site, key_header: bytes) -> Request:
    """Return the request that the proxy asks about, in the spelling that the other doors know.

    The key or token of `key_header` stands where there is no Authorization; b"" names no header.
    """
    headers = [(name, spelled(value) if name == _CREDENTIAL else value) for name, value in scope["headers"]]
    if key_header and not any(name == _CREDENTIAL and value for name, value in headers):
        keys = [value for name, value in headers if name == key_header and value]
        headers += [(_CREDENTIAL, b"Bearer " + key) for key in keys]
    return Request({**scope, "headers": headers, "method": method_of(scope, site), "keystead.route": ROUTE})


def spelled(value: bytes) -> bytes:
    """Spell the scheme as the other doors want it; here it counts in any case."""
    scheme, space, rest = value.strip(b" \t").partition(b" ")
    return _SCHEMES.get(scheme.lower(), scheme) + space + rest


def method_of(scope: Scope, site: Site) -> str:
    """Return the original method, which only trusted proxies may tell.

    A client may send the header that its proxy does not set: of several, one that changes something counts.
    """
    own: str = scope["method"]
    peer = scope["client"][0] if scope["client"] else ""
    if not site.trusts(peer):
        return own
    told = [value.decode("latin-1") for name, value in scope["headers"] if name in _METHOD_HEADERS]
    return next((method for method in told if method not in _SAFE_METHODS), told[0] if told else own)
