"""`keystead roles`: sets of permissions, and who has them."""

from typing import Annotated, TypeAlias

import msgspec
import typer
from msgspec.structs import replace

from keystead.cli.accounts import NO_ACCOUNT, id_of
from keystead.cli.output import AsJson, show_one, show_rows
from keystead.cli.permissions import Permissions, permissions_of
from keystead.cli.remote import DEFAULT_URL, Token, Url, say, server_at

roles = typer.Typer(no_args_is_help=True, help="List, create, change, delete, assign and unassign roles.")

Uid: TypeAlias = Annotated[str, typer.Argument(metavar="ROLE", help="Its uid, or the name of a fixed role.")]
ToAccount: TypeAlias = Annotated[
    str, typer.Option("--account", help="Id or login of a service account, or the id of a person.")
]
ToTeam: TypeAlias = Annotated[int, typer.Option("--team", help="Id of a team.", min=0)]
DisplayName: TypeAlias = Annotated[str | None, typer.Option(help="What people read.")]
Description: TypeAlias = Annotated[str | None, typer.Option(help="What it is for.")]
GroupName: TypeAlias = Annotated[str | None, typer.Option("--group", help="The heading it is listed under.")]
_COLUMNS = ("uid", "name", "displayName", "group", "version", "global")
_LOOK = "keystead roles list"
_NO_ROLE = {404: f"Look whether it is there: {_LOOK}"}
_MAY_NOT = "Nobody passes on what they do not hold: use a credential that holds it all."
_OF_WRITING = {**_NO_ROLE, 403: _MAY_NOT, 409: "Choose another name or uid."}
_OF_GIVING = {403: _MAY_NOT, 404: f"{NO_ACCOUNT}; {_LOOK}"}


@roles.command("list")
def list_roles(
    *,
    delegatable: Annotated[bool, typer.Option("--delegatable", help="Those that you may give.")] = False,
    as_json: AsJson = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """List the roles, by name: basic, fixed and custom ones.

    Example: keystead roles list --delegatable --json
    """
    with server_at(url, token) as server:
        found = server.roles.list(delegatable=delegatable)
    show_rows(_COLUMNS, [msgspec.to_builtins(role) for role in found], as_json=as_json)


@roles.command("show")
def show_role(role: Uid, *, as_json: AsJson = False, url: Url = DEFAULT_URL, token: Token = "") -> None:
    """Tell one role: what it permits, and the ids of those who have it.

    Example: keystead roles show fixed:teams:creator
    """
    with server_at(url, token, advice=_NO_ROLE) as server:
        found, held = server.roles.get(role), server.roles.holders(role)
    told = msgspec.to_builtins(found)
    if not as_json:
        told["permissions"] = ", ".join(
            f"{one.action}@{one.scope}" if one.scope else one.action for one in found.permissions
        )
    told |= {"users": held.users, "teams": held.teams, "serviceAccounts": held.service_accounts}
    columns = (*_COLUMNS, "description", "permissions", "users", "serviceAccounts", "teams")
    show_one(columns, told, as_json=as_json)


@roles.command("create")
def create_role(
    name: Annotated[str, typer.Argument(help="Unique in the organization.")],
    *,
    permission: Permissions = None,
    uid: Annotated[str, typer.Option(help="Without this, the server makes one up.")] = "",
    display_name: DisplayName = None,
    description: Description = None,
    group: GroupName = None,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Create a role. Its uid is printed to standard output, alone.

    Example: keystead roles create teams-reader --permission 'teams:read@teams:*'
    """
    permissions = permissions_of(permission)
    with server_at(url, token, advice=_OF_WRITING) as server:
        made = server.roles.create(
            name,
            permissions,
            uid=uid,
            display_name=display_name or "",
            description=description or "",
            group=group or "",
        )
    say(f"Created role {made.name}. Nobody has it yet: keystead roles assign {made.uid} --account ACCOUNT")
    typer.echo(made.uid)


@roles.command("change")
def change_role(
    role: Uid,
    *,
    name: Annotated[str | None, typer.Option(help="Another name; the uid stays.")] = None,
    permission: Permissions = None,
    display_name: DisplayName = None,
    description: Description = None,
    group: GroupName = None,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Change what is given and leave the rest; permissions that are given are then all that it has.

    Example: keystead roles change teams-reader --permission 'teams:read@teams:id:7'
    """
    permissions = permissions_of(permission)
    given = {"name": name, "display_name": display_name, "description": description, "group": group}
    changes = {member: value for member, value in given.items() if value is not None}
    advice = {**_OF_WRITING, 400: "Try once more: somebody else may have changed it at the same time."}
    with server_at(url, token, advice=advice) as server:
        wanted = replace(server.roles.get(role), **changes)
        changed = server.roles.change(wanted, permissions or None)
    say(f"Changed role {changed.name}, which has version {changed.version}.")


@roles.command("delete")
def delete_role(
    role: Uid,
    *,
    force: Annotated[bool, typer.Option("--force", help="Take it away from whoever has it.")] = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Delete a role; one that somebody has, only by force.

    Example: keystead roles delete teams-reader --force
    """
    advice = {**_OF_WRITING, 409: f"Look who has it: keystead roles show {role}; or give --force"}
    with server_at(url, token, advice=advice) as server:
        server.roles.delete(role, force=force, is_global=server.roles.get(role).is_global)
    say("Role deleted")


@roles.command("assign")
def assign_role(
    role: Uid, *, account: ToAccount = "", team: ToTeam = 0, url: Url = DEFAULT_URL, token: Token = ""
) -> None:
    """Give a role to a service account, a person or a team.

    Example: keystead roles assign teams-reader --account sa-ci
    """
    check_one(account, team)
    with server_at(url, token, advice=_OF_GIVING) as server:
        if team:
            server.roles.assign_to_team(role, team)
        else:
            server.roles.assign_to_account(role, id_of(server, account))
    say("Role assigned")


@roles.command("unassign")
def unassign_role(
    role: Uid, *, account: ToAccount = "", team: ToTeam = 0, url: Url = DEFAULT_URL, token: Token = ""
) -> None:
    """Take a role away from a service account, a person or a team.

    Example: keystead roles unassign teams-reader --account sa-ci
    """
    check_one(account, team)
    with server_at(url, token, advice=_OF_GIVING) as server:
        if team:
            server.roles.unassign_from_team(role, team)
        else:
            server.roles.unassign_from_account(role, id_of(server, account))
    say("Role removed")


def check_one(account: str, team: int) -> None:
    """End the command unless exactly one of them is named."""
    if bool(account) == bool(team):
        raise typer.BadParameter(
            "Name who it is about: --account ACCOUNT, or --team ID", param_hint="--account"
        )
