"""Signing in, one's own profile, password and organizations."""

from dataclasses import dataclass
from typing import ClassVar

from keystead.web.times import Moment
from keystead.web.views.fields import Field, SelectField
from keystead.web.views.frame import Document, Frame


@dataclass(frozen=True, slots=True)
class LoginPage:
    template: ClassVar[str] = "login.html"
    called: ClassVar[str] = "page"

    document: Document
    csrf: str
    action_url: str
    redirect_to: str
    alert: str  # "": not refused
    notice: str  # "Signed out"
    user: Field
    password: Field


@dataclass(frozen=True, slots=True)
class PasswordPage:
    template: ClassVar[str] = "password.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame | None  # None: at the first sign-in every other page is still closed
    csrf: str
    action_url: str
    heading: str
    summary: str  # "": not refused
    fields: tuple[Field, ...]
    submit: str
    cancel_url: str  # "": the change is due
    login: str  # for the password manager


@dataclass(frozen=True, slots=True)
class OrgRow:
    name: str
    role: str
    is_current: bool
    switch_url: str


@dataclass(frozen=True, slots=True)
class OrgsTable:
    """Organizations of the person, on the profile, on their own page, and in the dialog."""

    csrf: str
    rows: tuple[OrgRow, ...]


@dataclass(frozen=True, slots=True)
class SelectOrgPage:
    template: ClassVar[str] = "select_org.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    orgs: OrgsTable


@dataclass(frozen=True, slots=True)
class SelectOrgDialog:
    """The fragment `dialog` of the same address."""

    template: ClassVar[str] = "_select_org.html"
    called: ClassVar[str] = "dialog"

    orgs: OrgsTable
    cancel_url: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    started: Moment
    seen: Moment
    address: str
    agent: str
    is_current: bool
    revoke_url: str


@dataclass(frozen=True, slots=True)
class ProfilePage:
    template: ClassVar[str] = "profile.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    csrf: str
    summary: str  # "": nothing was refused
    details_url: str
    details: tuple[Field, ...]
    preferences_url: str
    preferences: tuple[SelectField, ...]
    password_url: str
    orgs: OrgsTable
    sessions: tuple[SessionRow, ...]
