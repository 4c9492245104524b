"""The calls about API keys."""

from keystead.client.calls import Call, also_revoked, as_json, cascading
from keystead.client.identity import Role
from keystead.client.methods import Group, Method, Sender_co
from keystead.client.shapes import ApiKey, Issued


def list_keys(*, include_expired: bool = False) -> Call[list[ApiKey]]:
    """Return the API keys that the caller may read, by name."""
    query = {"includeExpired": "true"} if include_expired else {}
    return Call("GET", "/api/auth/keys", as_json(list[ApiKey]), query=query)


def get_key(key_id: int) -> Call[ApiKey]:
    """Return an API key, also an expired or revoked one. Raises CallFailed, with 404."""
    return Call("GET", f"/api/auth/keys/{key_id:d}", as_json(ApiKey))


def create_key(name: str, *, role: Role = "Viewer", lifetime_s: int = 0) -> Call[Issued]:
    """Create an API key and return its secret, this once.

    `lifetime_s` counts seconds from now; 0: it never expires, which a server with a limit refuses with 400.
    Raises CallFailed, with 403 for a role above the caller's own and 409 for a name that is taken.
    """
    body = {"name": name, "role": role, "secondsToLive": lifetime_s}
    return Call("POST", "/api/auth/keys", as_json(Issued), body=body)


def delete_key(key_id: int, *, cascade: bool = False) -> Call[int]:
    """Delete an API key: every request that starts from now on is refused.

    `cascade`: what it made is revoked, what that made, and so on; how many those were is returned.
    Raises CallFailed, with 404, and with 403 for one that the caller may not end: then none has ended.
    """
    return Call("DELETE", f"/api/auth/keys/{key_id:d}", also_revoked, query=cascading(cascade))


class Keys(Group[Sender_co]):
    """API keys. What is refused raises CallFailed."""

    list = Method(list_keys)
    get = Method(get_key)
    create = Method(create_key)
    delete = Method(delete_key)
