"""Signing in, one's own profile, password and organizations, in words."""

from collections.abc import Iterable, Mapping

from keystead.core.accounts.model import User
from keystead.core.orgs.member import OrgOfUser
from keystead.core.orgs.model import OrgId
from keystead.core.sessions.model import Session, SessionId
from keystead.web.forms import Form, Refused
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.preferences import preference_fields
from keystead.web.times import moment
from keystead.web.views.fields import Field
from keystead.web.views.people import (
    LoginPage,
    OrgRow,
    OrgsTable,
    PasswordPage,
    ProfilePage,
    SelectOrgDialog,
    SelectOrgPage,
    SessionRow,
)

_EMPTY = Form({})
_FINE = Refused({})
_NOTICES = {"signed-out": "Signed out"}
_CHANGES = (
    ("oldPassword", "Old password", "current-password"),
    ("newPassword", "New password", "new-password"),
    ("confirmNew", "Confirm password", "new-password"),
)


def login_page(
    viewer: Viewer,
    redirect_to: str,
    *,
    message: str = "",
    typed: Form = _EMPTY,
    refused: Refused = _FINE,
    alert: str = "",
) -> LoginPage:
    """`message` is the code in the address; the password is never shown again."""
    messages = refused.messages
    has_errors = bool(messages or alert)
    focused = "" if alert else next((name for name in ("user", "password") if name in messages), "user")
    return LoginPage(
        document=document_of(viewer, "Sign in", has_errors=has_errors),
        csrf=viewer.csrf,
        action_url=viewer.links.login(),
        redirect_to=redirect_to,
        alert=alert,
        notice=_NOTICES.get(message, ""),
        user=Field(
            id="user",
            name="user",
            label="Email or username",
            value=typed.typed("user"),
            error=messages.get("user", ""),
            autocomplete="username",
            is_focused=focused == "user",
        ),
        password=_password_field(
            ("password", "Password", "current-password"), messages, is_focused=focused == "password"
        ),
    )


def password_page(viewer: Viewer, *, refused: Refused = _FINE, summary: str = "") -> PasswordPage:
    messages = refused.messages
    told = summary or ("The password was not changed. Check the marked fields." if messages else "")
    return PasswordPage(
        document=document_of(viewer, "Change password", Place.PROFILE, has_errors=bool(told)),
        frame=frame_of(viewer, Place.PROFILE),
        csrf=viewer.csrf,
        action_url=viewer.links.password(),
        heading="Change password",
        summary=told,
        fields=_password_fields(_CHANGES, messages),
        submit="Change Password",
        cancel_url=viewer.links.profile(),
        login=viewer.login,
    )


def first_password_page(viewer: Viewer, *, refused: Refused = _FINE) -> PasswordPage:
    """Return the page that the first, generated password opens, and nothing else."""
    messages = refused.messages
    labels = (
        ("newPassword", "New password", "new-password"),
        ("confirmNew", "Confirm new password", "new-password"),
    )
    return PasswordPage(
        document=document_of(viewer, "Change password", has_errors=bool(messages)),
        frame=None,
        csrf=viewer.csrf,
        action_url=viewer.links.password(),
        heading="Change password",
        summary="The password was not changed. Check the marked fields." if messages else "",
        fields=_password_fields(labels, messages),
        submit="Submit",
        cancel_url="",
        login=viewer.login,
    )


def select_org_page(viewer: Viewer, orgs: Iterable[OrgOfUser], current: OrgId | None) -> SelectOrgPage:
    return SelectOrgPage(
        document=document_of(viewer, "Switch organization", Place.PROFILE),
        frame=frame_of(viewer, Place.PROFILE),
        orgs=_orgs_table(viewer, orgs, current),
    )


def select_org_dialog(viewer: Viewer, orgs: Iterable[OrgOfUser], current: OrgId | None) -> SelectOrgDialog:
    return SelectOrgDialog(orgs=_orgs_table(viewer, orgs, current), cancel_url=viewer.links.profile())


def profile_page(
    viewer: Viewer,
    user: User,
    orgs: Iterable[OrgOfUser],
    sessions: Iterable[Session],
    *,
    present: SessionId | None,
    typed: Form | None = None,
    refused: Refused = _FINE,
) -> ProfilePage:
    messages = refused.messages
    return ProfilePage(
        document=document_of(viewer, Place.PROFILE, has_errors=bool(messages)),
        frame=frame_of(viewer, Place.PROFILE),
        csrf=viewer.csrf,
        summary="Your changes were not saved. Check the marked fields." if messages else "",
        details_url=viewer.links.profile(),
        details=_details(user, typed, messages),
        preferences_url=viewer.links.preferences(),
        preferences=preference_fields(user.preferences, refused),
        password_url=viewer.links.password(),
        orgs=_orgs_table(viewer, orgs, user.active_org),
        sessions=tuple(_session_row(viewer, session, present) for session in sessions),
    )


def _password_fields(
    labels: tuple[tuple[str, str, str], ...], messages: Mapping[str, str]
) -> tuple[Field, ...]:
    names = [name for name, _, _ in labels]
    focused = next((name for name in names if name in messages), names[0])
    return tuple(_password_field(label, messages, is_focused=label[0] == focused) for label in labels)


def _password_field(label: tuple[str, str, str], messages: Mapping[str, str], *, is_focused: bool) -> Field:
    name, words, autocomplete = label
    return Field(
        id=name,
        name=name,
        label=words,
        error=messages.get(name, ""),
        kind="password",
        autocomplete=autocomplete,
        max_length=1024,
        is_focused=is_focused,
    )


def _details(user: User, typed: Form | None, messages: Mapping[str, str]) -> tuple[Field, ...]:
    stored = (("name", "Name", user.name), ("email", "Email", user.email), ("login", "Username", user.login))
    focused = next((name for name, _, _ in stored if name in messages), "")
    completes = {"name": "name", "email": "email", "login": "username"}
    return tuple(
        Field(
            id=name,
            name=name,
            label=label,
            value=value if typed is None else typed.typed(name),
            error=messages.get(name, ""),
            autocomplete=completes[name],
            is_required=False,
            is_focused=name == focused,
        )
        for name, label, value in stored
    )


def _orgs_table(viewer: Viewer, orgs: Iterable[OrgOfUser], current: OrgId | None) -> OrgsTable:
    return OrgsTable(
        csrf=viewer.csrf,
        rows=tuple(
            OrgRow(org.name, org.role, org.id == current, viewer.links.switch_org(org.id)) for org in orgs
        ),
    )


def _session_row(viewer: Viewer, session: Session, present: SessionId | None) -> SessionRow:
    return SessionRow(
        started=moment(session.created_at, viewer.now, viewer.zone),
        seen=moment(session.seen_at, viewer.now, viewer.zone),
        address=session.address,
        agent=session.user_agent,
        is_current=session.id == present,
        revoke_url=viewer.links.revoke_session(session.id),
    )
