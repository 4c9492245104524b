"""The windows in front of a service account: what asks once more, what makes or renews a token."""

from keystead.core.access.roles import Role
from keystead.core.accounts.listing import ListedAccount
from keystead.core.accounts.model import ServiceAccount
from keystead.core.credentials.model import Token
from keystead.core.credentials.rotation import DEFAULT_GRACE_S, successor_names
from keystead.core.text import MAX_NAME_LENGTH
from keystead.usecases.revert import Revertability
from keystead.web.account_forms import GRACES_S, WHOLE, Calendar
from keystead.web.dates import day_of
from keystead.web.forms import Form, Refused
from keystead.web.links import Pairs
from keystead.web.presenters.account_fields import (
    EMPTY,
    FINE,
    UNIQUE,
    expiry_field,
    first_of,
    role_field,
    text_field,
)
from keystead.web.presenters.frame import Viewer
from keystead.web.presenters.parts import example_request
from keystead.web.searches import TokenSearch
from keystead.web.views.fields import SelectField
from keystead.web.views.frame import Choice
from keystead.web.views.role_choices import RoleChoices
from keystead.web.views.serviceaccount import (
    Confirmation,
    CreatedToken,
    NameForm,
    RevertWindow,
    RolesWindow,
    RotationWindow,
    TokenWindow,
)
from keystead.web.wording import plural

_NOT_CREATED = "The token was not created. Check the marked fields."
_NOT_CHANGED = "The service account was not changed. Check the marked fields."
_DATE_LENGTH = len("-2026-11-22")


def disabling(viewer: Viewer, account: ServiceAccount, back: Pairs, cancel_url: str) -> Confirmation:
    title = "Disable service account"
    return Confirmation(
        csrf=viewer.csrf,
        title=title,
        verb="Disable",
        name=account.name,
        what_happens="? Its tokens are refused until it is enabled again.",
        action_url=viewer.links.service_account(account.id, "disable", back),
        button=title,
        cancel_url=cancel_url,
    )


def deleting(viewer: Viewer, listed: ListedAccount, back: Pairs, cancel_url: str) -> Confirmation:
    account, tokens = listed.account, plural(listed.tokens, "token")
    refused = f" and its {tokens}? Programs that use them are refused at once." if listed.tokens else "?"
    return Confirmation(
        csrf=viewer.csrf,
        title="Delete service account",
        verb="Delete",
        name=account.name,
        what_happens=refused,
        action_url=viewer.links.service_account(account.id, "delete", back),
        button="Delete",
        cancel_url=cancel_url,
    )


def revoking(viewer: Viewer, token: Token, search: TokenSearch, *, made: int = 0) -> Confirmation:
    """`made` counts the credentials that the token made, and those that they made."""
    things = "credential" if made == 1 else "credentials"
    return Confirmation(
        csrf=viewer.csrf,
        title="Revoke service account token",
        verb="Revoke",
        name=token.name,
        what_happens="? It is refused from the next request on. The row stays for the record.",
        action_url=viewer.links.token(token.owner, token.id, "revoke", search.pairs),
        button="Revoke",
        cancel_url=viewer.links.service_account(token.owner, pairs=search.pairs),
        cascade=f"Also revoke the {made} {things} that it made, or that those made" if made else "",
    )


def reverting(
    viewer: Viewer, account: ServiceAccount, token: Token, found: Revertability, back: str
) -> RevertWindow:
    """`back` is where one came from; "": the page of the account."""
    links = viewer.links
    return RevertWindow(
        csrf=viewer.csrf,
        token=token.name,
        account=account.name,
        role=found.role if found.is_lowered else "",
        action_url=links.token(account.id, token.id, "revert", (("back", back),)),
        cancel_url=back or links.service_account(account.id),
    )


def name_form(
    viewer: Viewer, account: ServiceAccount, typed: Form = EMPTY, refused: Refused = FINE
) -> NameForm:
    return NameForm(
        action_url=viewer.links.service_account(account.id, "name"),
        cancel_url=viewer.links.service_account(account.id),
        summary=_NOT_CHANGED if refused.messages else "",
        name=text_field("name", "Name", typed, refused, value=account.name),
    )


def roles_window(
    viewer: Viewer,
    own: Role | None,
    account: ServiceAccount,
    typed: Form = EMPTY,
    refused: Refused = FINE,
    *,
    choices: RoleChoices | None = None,
) -> RolesWindow:
    return RolesWindow(
        csrf=viewer.csrf,
        title=f"Roles of {account.name}",
        action_url=viewer.links.service_account(account.id, "roles"),
        cancel_url=viewer.links.service_account(account.id),
        summary=refused.messages.get(WHOLE, _NOT_CHANGED) if refused.messages else "",
        role=role_field(own, typed.typed("role") or account.role or "", refused),
        choices=choices,
    )


def token_window(
    viewer: Viewer, account: ServiceAccount, calendar: Calendar, typed: Form = EMPTY, refused: Refused = FINE
) -> TokenWindow:
    """Return the window; the name it begins with tells the day."""
    today = day_of(calendar.now, calendar.zone.clock)
    name = f"{account.login[: MAX_NAME_LENGTH - _DATE_LENGTH]}-{today}"
    focused = first_of(("name", "date"), refused)
    return TokenWindow(
        csrf=viewer.csrf,
        action_url=viewer.links.service_account(account.id, "tokens/create"),
        cancel_url=viewer.links.service_account(account.id),
        summary=_NOT_CREATED if refused.messages else "",
        name=text_field(
            "name", "Display name", typed, refused, value=name, is_focused=focused == "name", help_=UNIQUE
        ),
        expiry=expiry_field(calendar, typed, refused, is_focused=focused == "date"),
    )


def rotation_window(
    viewer: Viewer, token: Token, search: TokenSearch, typed: Form = EMPTY, refused: Refused = FINE
) -> RotationWindow:
    links, messages = viewer.links, refused.messages
    chosen = typed.values.get("grace", str(DEFAULT_GRACE_S))
    name = next(successor_names(token.name, MAX_NAME_LENGTH))
    focused = first_of(("name", "grace"), refused)
    graces = (Choice(str(seconds), label, str(seconds) == chosen) for seconds, label in GRACES_S.items())
    return RotationWindow(
        csrf=viewer.csrf,
        title=f"Rotate {token.name}",
        action_url=links.token(token.owner, token.id, "rotate", search.pairs),
        cancel_url=links.service_account(token.owner, pairs=search.pairs),
        summary=messages.get(WHOLE, _NOT_CREATED) if messages else "",
        name=text_field(
            "name", "New name", typed, refused, value=name, is_focused=focused == "name", help_=UNIQUE
        ),
        grace=SelectField(
            id="grace",
            name="grace",
            label="The old token ends",
            choices=tuple(graces),
            error=messages.get("grace", ""),
            is_focused=focused == "grace",
        ),
    )


def created_token(viewer: Viewer, account_id: int, token: str) -> CreatedToken:
    """`token` is the revealed secret: this view is for one answer only."""
    links = viewer.links
    return CreatedToken(token, example_request(links, token), links.service_account(account_id))
