"""`keystead explain`: why somebody may do something, or may not."""

from typing import Annotated

import msgspec
import typer

from keystead.cli.output import AsJson, show_rows
from keystead.cli.remote import DEFAULT_URL, Token, Url, say, server_at
from keystead.client import Explanation, Grant

_COLUMNS = ("action", "scope", "role", "source", "via")
_NO = 1
_ADVICE = {
    400: "An action is like serviceaccounts:read, a scope like serviceaccounts:id:7.",
    404: "Look for its id: keystead accounts list, keystead keys list",
}


def explain(
    action: Annotated[str, typer.Argument(help="Such as serviceaccounts:write.")],
    scope: Annotated[str, typer.Argument(help="Such as serviceaccounts:id:7; without one, anywhere.")] = "",
    *,
    subject: Annotated[
        str,
        typer.Option(
            metavar="SUBJECT",
            help="user:ID, serviceaccount:ID or apikey:ID; without it, whoever has the credential.",
        ),
    ] = "",
    as_json: AsJson = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Tell why somebody may do something, or may not, and what would allow it. Ends with 1 for a no.

    Example: keystead explain serviceaccounts:write serviceaccounts:id:7 --subject serviceaccount:14
    """
    with server_at(url, token, advice=_ADVICE) as server:
        answer = server.explain(action, scope, subject=subject)
    if as_json:
        typer.echo(msgspec.json.encode(answer))
    else:
        tell(answer)
    if not answer.allowed:
        raise typer.Exit(_NO)


def tell(answer: Explanation) -> None:
    """Print the grants of the action as a table, and what it means beside it."""
    where = f" on {answer.scope}" if answer.scope else ""
    if answer.decided_by is not None:
        by = answer.decided_by
        say(f"Yes: {answer.subject} may {answer.action}{where}, by {by.role_name} ({by.via}).")
    elif answer.allowed:
        say(f"Yes: {answer.subject} may {answer.action}{where}.")
    else:
        say(f"No: no grant of {answer.subject} has {answer.action}{where}.")
    rows = answer.grants or ([] if answer.nearest is None else [answer.nearest])
    show_rows(_COLUMNS, [row_of(grant) for grant in rows], as_json=False)
    if answer.suggestion is not None:
        say(f"What would allow it: {answer.suggestion.text}")


def row_of(grant: Grant) -> dict[str, object]:
    return {
        "action": grant.action,
        "scope": grant.scope,
        "role": grant.role_name,
        "source": grant.source,
        "via": grant.via,
    }
