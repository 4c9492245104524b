"""The calls about the server, about oneself, and about whoever presents a token."""

from collections.abc import Iterable

import httpx2

from keystead.client.calls import Call, as_json
from keystead.client.explanation import explain
from keystead.client.identity import Identity, Role, identity_of
from keystead.client.methods import Method
from keystead.client.secret import Secret
from keystead.client.shapes import Health

_UNAVAILABLE = 503


def health() -> Call[Health]:
    """Tell whether the server's database answers; needs no token."""
    return Call("GET", "/api/health", as_json(Health), answers=frozenset({_UNAVAILABLE}))


def own_permissions() -> Call[dict[str, list[str]]]:
    """Return what the client's own key or token may do: scopes by action, "" for no scope."""
    return Call("GET", "/api/access-control/user/permissions", as_json(dict[str, list[str]]))


def verify(
    token: Secret | str | None = None,
    *,
    role: Role | None = None,
    org: int | None = None,
    permissions: Iterable[tuple[str, str]] = (),
    address: str = "",
    agent: str = "",
) -> Call[Identity]:
    """Tell whose a key or token is, if it is good and meets all that is asked; None: the client's own.

    `role` asks for at least this one, `org` for the id of the organization, `permissions` for each action on
    its scope; all have one, or none has: on whichever. It counts as a use of the token, by `agent`
    and from `address` where the server trusts this machine as a proxy. Nothing is remembered: a token that
    is revoked fails the next time.
    Raises CallFailed, with 401 for a token that is not good, 403 for one that may not, and 503 or None where
    nobody could tell; ValueError for a text that is no token.
    """
    query: list[tuple[str, str]] = [] if role is None else [("role", role)]
    query += [] if org is None else [("org", f"{org:d}")]
    for action, scope in permissions:
        query += [("action", action), ("scope", scope)] if scope else [("action", action)]
    headers = {"X-Forwarded-For": address, "User-Agent": agent}
    return Call(
        "GET",
        "/auth/verify",
        _read_identity,
        query=tuple(query),
        token=Secret(token) if isinstance(token, str) else token,
        headers={name: value for name, value in headers.items() if value},
    )


def _read_identity(response: httpx2.Response) -> Identity:
    return identity_of(response.headers)


class Server:
    """What a client asks itself."""

    health = Method(health)
    permissions = Method(own_permissions)
    verify = Method(verify)
    explain = Method(explain)
