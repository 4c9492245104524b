"""The calls about roles, and who has them."""

from collections.abc import Collection
from urllib.parse import quote

from keystead.client.calls import Call, as_json, no_more
from keystead.client.identity import Permission
from keystead.client.methods import Group, Method, Sender_co
from keystead.client.shapes import AccessRole, RoleHolders

_ROUTE = "/api/access-control/roles"


def list_roles(*, delegatable: bool = False) -> Call[list[AccessRole]]:
    """Return the roles that the caller may read or, if asked so, give: by name, without permissions."""
    return Call(
        "GET", _ROUTE, as_json(list[AccessRole]), query={"delegatable": "true"} if delegatable else {}
    )


def get_role(uid: str) -> Call[AccessRole]:
    """Return a role, by uid or, for a fixed one, by name. Raises CallFailed, with 404."""
    return Call("GET", _route(uid), as_json(AccessRole))


def create_role(
    name: str,
    permissions: Collection[Permission],
    *,
    uid: str = "",
    display_name: str = "",
    description: str = "",
    group: str = "",
) -> Call[AccessRole]:
    """Create a role; the server makes up a uid where none is given.

    Raises CallFailed, with 403 for a permission that the caller does not hold, and 409 for a name that is
    taken.
    """
    texts = {"name": name, "uid": uid, "displayName": display_name, "description": description}
    body = {**texts, "group": group, "permissions": _told(permissions)}
    return Call("POST", _ROUTE, as_json(AccessRole), body=body)


def change_role(role: AccessRole, permissions: Collection[Permission] | None = None) -> Call[AccessRole]:
    """Write all of a role, whose version is the one that was read; the answer has the next.

    `permissions` None: those that stand in the role.

    Raises CallFailed, with 400 when somebody else changed it meanwhile, with 403 and 404.
    """
    held = [Permission(one.action, one.scope) for one in role.permissions]
    body = {
        "name": role.name,
        "version": role.version + 1,
        "displayName": role.display_name,
        "description": role.description,
        "group": role.group,
        "hidden": role.is_hidden,
        "global": role.is_global,
        "permissions": _told(held if permissions is None else permissions),
    }
    return Call("PUT", _route(role.uid), as_json(AccessRole), body=body)


def delete_role(uid: str, *, force: bool = False, is_global: bool = False) -> Call[None]:
    """Delete a role; one that somebody has only by `force`. Raises CallFailed, with 404 and 409."""
    flags = {"force": force, "global": is_global}
    query = {name: "true" for name, is_set in flags.items() if is_set}
    return Call("DELETE", _route(uid), no_more, query=query)


def get_holders(uid: str) -> Call[RoleHolders]:
    """Return who has a role in the organization, by id. Raises CallFailed, with 404."""
    return Call("GET", f"{_route(uid)}/assignments", as_json(RoleHolders))


def assign_to_account(uid: str, account_id: int) -> Call[None]:
    """Give a person or a service account a role. Raises CallFailed, with 403 and 404."""
    return Call("POST", f"/api/access-control/users/{account_id:d}/roles", no_more, body={"roleUid": uid})


def assign_to_team(uid: str, team_id: int) -> Call[None]:
    """Give a team a role. Raises CallFailed, with 403 and 404."""
    return Call("POST", f"/api/access-control/teams/{team_id:d}/roles", no_more, body={"roleUid": uid})


def unassign_from_account(uid: str, account_id: int) -> Call[None]:
    """Take a role away from a person or a service account. Raises CallFailed, with 403 and 404."""
    path = f"/api/access-control/users/{account_id:d}/roles/{quote(uid, safe='')}"
    return Call("DELETE", path, no_more)


def unassign_from_team(uid: str, team_id: int) -> Call[None]:
    """Take a role away from a team. Raises CallFailed, with 403 and 404."""
    path = f"/api/access-control/teams/{team_id:d}/roles/{quote(uid, safe='')}"
    return Call("DELETE", path, no_more)


def _route(uid: str) -> str:
    return f"{_ROUTE}/{quote(uid, safe='')}"


def _told(permissions: Collection[Permission]) -> list[dict[str, str]]:
    return [{"action": one.action, "scope": one.scope} for one in permissions]


class Roles(Group[Sender_co]):
    """Roles that are assigned. What is refused raises CallFailed."""

    list = Method(list_roles)
    get = Method(get_role)
    create = Method(create_role)
    change = Method(change_role)
    delete = Method(delete_role)
    holders = Method(get_holders)
    assign_to_account = Method(assign_to_account)
    assign_to_team = Method(assign_to_team)
    unassign_from_account = Method(unassign_from_account)
    unassign_from_team = Method(unassign_from_team)
