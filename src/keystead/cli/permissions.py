"""Permissions as options tell them: `teams:read@teams:*`, or `orgs:read` where there is no scope."""

from typing import Annotated, TypeAlias

import typer

from keystead.client import Permission
from keystead.core.access.permission import parse_permission
from keystead.core.errors import Invalid

Permissions: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--permission",
        metavar="ACTION@SCOPE",
        help="What it permits, such as 'teams:read@teams:*'; without @ on no scope. Several are allowed.",
        show_default=False,
    ),
]


def permissions_of(texts: list[str] | None) -> list[Permission]:
    """Raises BadParameter."""
    return [permission_of(text) for text in texts or ()]


def permission_of(text: str) -> Permission:
    """Raises BadParameter."""
    action, _, scope = text.partition("@")
    try:
        return Permission(*parse_permission(action, scope))
    except Invalid:
        told = f"{text} is no permission: write 'action@scope', such as 'teams:read@teams:*'"
        raise typer.BadParameter(told, param_hint="--permission") from None
