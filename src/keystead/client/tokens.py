"""The calls about the tokens of a service account."""

from keystead.client.calls import Call, also_revoked, as_json, cascading, no_more
from keystead.client.methods import Group, Method, Sender_co
from keystead.client.shapes import Issued, Rotated, Token

_DAY_S = 86_400


def list_tokens(account_id: int) -> Call[list[Token]]:
    """Return all tokens of the account by name, expired and revoked ones too; [] for an unknown account."""
    return Call("GET", _route(account_id), as_json(list[Token]))


def get_token(account_id: int, token_id: int) -> Call[Token]:
    """Return a token, also an expired or revoked one. Raises CallFailed, with 404."""
    return Call("GET", _route(account_id, token_id), as_json(Token))


def create_token(account_id: int, name: str, *, lifetime_s: int = 0) -> Call[Issued]:
    """Create a token and return its secret, this once.

    `lifetime_s` counts seconds from now; 0: it never expires, which a server with a limit refuses with 400.
    Raises CallFailed, with 403 for an account above the caller's own role, with 404, and with 409 for a name
    that is taken.
    """
    body = {"name": name, "secondsToLive": lifetime_s}
    return Call("POST", _route(account_id), as_json(Issued), body=body)


def revoke_token(account_id: int, token_id: int, *, cascade: bool = False) -> Call[int]:
    """End a token, which stays in the list; a second time changes nothing.

    `cascade`: what it made is revoked too, what that made, and so on; how many those were is returned.
    Raises CallFailed, with 404, and with 403 for one that the caller may not end: then none has ended.
    """
    return Call("POST", f"{_route(account_id, token_id)}/revoke", also_revoked, query=cascading(cascade))


def delete_token(account_id: int, token_id: int) -> Call[None]:
    """End a token and forget it; its name is free again. Raises CallFailed, with 404."""
    return Call("DELETE", _route(account_id, token_id), no_more)


def rotate_token(
    account_id: int,
    token_id: int,
    *,
    name: str | None = None,
    lifetime_s: int | None = None,
    grace_s: int = _DAY_S,
) -> Call[Rotated]:
    """Create the successor of a token and return its secret, this once; both work until the grace is over.

    `name` None: the old one with its number raised. `lifetime_s` None: as many seconds as the old one had at
    first. `grace_s` counts seconds from now, at most 30 days; 0: the old token ends at once.
    Raises CallFailed, with 404, and 409 for a token that is revoked, expired or already rotated.
    """
    given = {"name": name, "secondsToLive": lifetime_s, "graceSeconds": grace_s}
    body = {member: value for member, value in given.items() if value is not None}
    return Call("POST", f"{_route(account_id, token_id)}/rotate", as_json(Rotated), body=body)


def finish_rotation(account_id: int, token_id: int) -> Call[None]:
    """End the grace of a rotated token now; `token_id` names the old one. Raises CallFailed, with 404."""
    return Call("POST", f"{_route(account_id, token_id)}/rotate/finish", no_more)


def _route(account_id: int, token_id: int | None = None) -> str:
    below = "" if token_id is None else f"/{token_id:d}"
    return f"/api/serviceaccounts/{account_id:d}/tokens{below}"


class Tokens(Group[Sender_co]):
    """Tokens of service accounts. What is refused raises CallFailed."""

    list = Method(list_tokens)
    get = Method(get_token)
    create = Method(create_token)
    revoke = Method(revoke_token)
    delete = Method(delete_token)
    rotate = Method(rotate_token)
    finish = Method(finish_rotation)
