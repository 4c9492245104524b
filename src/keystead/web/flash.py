"""The message that waits in a session for its next page: a code with arguments, never HTML or a secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from keystead.core.clock import UnixSeconds
from keystead.web.views.frame import Link, Toast, ToastKind

KEPT_S = 30  # an older message is about something forgotten


class FlashCode(StrEnum):
    API_KEY_DELETED = "apikey-deleted"
    API_KEY_GONE = "apikey-gone"
    API_KEY_MIGRATED = "apikey-migrated"
    API_KEY_REVERTED = "apikey-reverted"
    API_KEYS_HIDDEN = "apikeys-hidden"
    API_KEYS_MIGRATED = "apikeys-migrated"
    API_KEYS_PAGE_HIDDEN = "apikeys-page-hidden"
    API_KEYS_PARTLY_MIGRATED = "apikeys-partly-migrated"
    CREDENTIALS_DELETED = "credentials-deleted"
    CREDENTIALS_LEFT = "credentials-left"
    CREDENTIALS_REVOKED = "credentials-revoked"
    ORG_SWITCHED = "org-switched"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - the name of a message
    PERMISSION_HOLDER_GONE = "permission-holder-gone"
    PERMISSION_REMOVED = "permission-removed"
    PERMISSION_UPDATED = "permission-updated"
    PREFERENCES_UPDATED = "preferences-updated"
    PROFILE_UPDATED = "profile-updated"
    ROLE_ASSIGNED = "role-assigned"
    ROLE_CREATED = "role-created"
    ROLE_DELETED = "role-deleted"
    ROLE_GONE = "role-gone"
    ROLE_HOLDER_GONE = "role-holder-gone"
    ROLE_UNASSIGNED = "role-unassigned"
    ROLE_UPDATED = "role-updated"
    SERVICE_ACCOUNT_CREATED = "serviceaccount-created"
    SERVICE_ACCOUNT_DELETED = "serviceaccount-deleted"
    SERVICE_ACCOUNT_GONE = "serviceaccount-gone"
    SERVICE_ACCOUNT_UPDATED = "serviceaccount-updated"
    SESSION_REVOKED = "session-revoked"
    SESSION_GONE = "session-gone"
    TOKEN_DEAD = "token-dead"  # noqa: S105 - the name of a message
    TOKEN_DELETED = "token-deleted"  # noqa: S105 - the name of a message
    TOKEN_GONE = "token-gone"  # noqa: S105 - the name of a message
    TOKEN_NOT_REPLACED = "token-not-replaced"  # noqa: S105 - the name of a message
    TOKEN_REPLACED = "token-replaced"  # noqa: S105 - the name of a message
    TOKEN_REVOKED = "token-revoked"  # noqa: S105 - the name of a message
    ROTATION_FINISHED = "rotation-finished"
    ORG_UPDATED = "org-updated"
    TEAM_CREATED = "team-created"
    TEAM_DELETED = "team-deleted"
    TEAM_GONE = "team-gone"
    TEAM_UPDATED = "team-updated"
    TEAM_MEMBER_ADDED = "team-member-added"
    TEAM_MEMBER_GONE = "team-member-gone"
    TEAM_MEMBER_REMOVED = "team-member-removed"
    TEAM_MEMBER_UPDATED = "team-member-updated"


_SENTENCES: Mapping[FlashCode, tuple[ToastKind, str]] = {
    FlashCode.API_KEY_DELETED: (ToastKind.SUCCESS, "API key deleted"),
    FlashCode.API_KEY_GONE: (ToastKind.WARNING, "That API key no longer exists."),
    FlashCode.API_KEY_MIGRATED: (ToastKind.SUCCESS, "{about} is now the service account"),
    FlashCode.API_KEY_REVERTED: (ToastKind.SUCCESS, "Reverted service account to API key"),
    FlashCode.API_KEYS_HIDDEN: (ToastKind.SUCCESS, "API keys hidden"),
    FlashCode.API_KEYS_MIGRATED: (ToastKind.SUCCESS, "API keys migrated to service accounts"),
    FlashCode.API_KEYS_PAGE_HIDDEN: (
        ToastKind.WARNING,
        "The API keys page is hidden in this organization.",
    ),
    FlashCode.API_KEYS_PARTLY_MIGRATED: (ToastKind.WARNING, "Some API keys could not be migrated."),
    FlashCode.CREDENTIALS_DELETED: (ToastKind.SUCCESS, "What you chose is deleted"),
    FlashCode.CREDENTIALS_LEFT: (
        ToastKind.WARNING,
        "Some of what you chose no longer exists, or may not be changed by you.",
    ),
    FlashCode.CREDENTIALS_REVOKED: (ToastKind.SUCCESS, "What you chose is revoked"),
    FlashCode.ORG_SWITCHED: (ToastKind.SUCCESS, "Active organization changed to {about}"),
    FlashCode.PASSWORD_CHANGED: (ToastKind.SUCCESS, "User password changed"),
    FlashCode.ORG_UPDATED: (ToastKind.SUCCESS, "Organization updated"),
    FlashCode.TEAM_CREATED: (ToastKind.SUCCESS, "Team created"),
    FlashCode.TEAM_DELETED: (ToastKind.SUCCESS, "Team deleted"),
    FlashCode.TEAM_GONE: (ToastKind.WARNING, "That team no longer exists."),
    FlashCode.TEAM_UPDATED: (ToastKind.SUCCESS, "Team updated"),
    FlashCode.TEAM_MEMBER_ADDED: (ToastKind.SUCCESS, "Member added to Team"),
    FlashCode.TEAM_MEMBER_GONE: (ToastKind.WARNING, "That person is no longer in the team."),
    FlashCode.TEAM_MEMBER_REMOVED: (ToastKind.SUCCESS, "Team Member removed"),
    FlashCode.TEAM_MEMBER_UPDATED: (ToastKind.SUCCESS, "Team member updated"),
    FlashCode.PERMISSION_HOLDER_GONE: (
        ToastKind.WARNING,
        "That user or team is no longer in this organization.",
    ),
    FlashCode.PERMISSION_REMOVED: (ToastKind.SUCCESS, "Permission removed"),
    FlashCode.PERMISSION_UPDATED: (ToastKind.SUCCESS, "Permission updated"),
    FlashCode.PREFERENCES_UPDATED: (ToastKind.SUCCESS, "Preferences updated"),
    FlashCode.PROFILE_UPDATED: (ToastKind.SUCCESS, "User updated"),
    FlashCode.ROLE_ASSIGNED: (ToastKind.SUCCESS, "Role assigned"),
    FlashCode.ROLE_CREATED: (ToastKind.SUCCESS, "Role created"),
    FlashCode.ROLE_DELETED: (ToastKind.SUCCESS, "Role deleted"),
    FlashCode.ROLE_GONE: (ToastKind.WARNING, "That role no longer exists."),
    FlashCode.ROLE_HOLDER_GONE: (ToastKind.WARNING, "Whoever it was no longer has that role."),
    FlashCode.ROLE_UNASSIGNED: (ToastKind.SUCCESS, "Role removed"),
    FlashCode.ROLE_UPDATED: (ToastKind.SUCCESS, "Role updated"),
    FlashCode.SERVICE_ACCOUNT_CREATED: (ToastKind.SUCCESS, "Service account created"),
    FlashCode.SERVICE_ACCOUNT_DELETED: (ToastKind.SUCCESS, "Service account deleted"),
    FlashCode.SERVICE_ACCOUNT_GONE: (ToastKind.WARNING, "That service account no longer exists."),
    FlashCode.SERVICE_ACCOUNT_UPDATED: (ToastKind.SUCCESS, "Service account updated"),
    FlashCode.SESSION_REVOKED: (ToastKind.SUCCESS, "Web session ended"),
    FlashCode.SESSION_GONE: (ToastKind.WARNING, "That web session no longer exists."),
    FlashCode.TOKEN_DEAD: (ToastKind.WARNING, "That token is revoked or expired."),
    FlashCode.TOKEN_DELETED: (ToastKind.SUCCESS, "Service account token deleted"),
    FlashCode.TOKEN_GONE: (ToastKind.WARNING, "That token no longer exists."),
    FlashCode.TOKEN_NOT_REPLACED: (ToastKind.WARNING, "That token was not rotated."),
    FlashCode.TOKEN_REPLACED: (ToastKind.WARNING, "That token was already rotated."),
    FlashCode.TOKEN_REVOKED: (ToastKind.SUCCESS, "Service account token revoked"),
    FlashCode.ROTATION_FINISHED: (ToastKind.SUCCESS, "Rotation finished"),
}


@dataclass(frozen=True, slots=True)
class Flash:
    code: FlashCode
    at: UnixSeconds
    about: str = ""  # the name that the sentence tells
    link: Link | None = None  # what it leads to


def toasts_of(flash: Flash | None, now: UnixSeconds) -> tuple[Toast, ...]:
    """Return what the next full page shows: nothing when the message has waited too long."""
    if flash is None or not 0 <= now - flash.at <= KEPT_S:
        return ()
    kind, sentence = _SENTENCES[flash.code]
    return (Toast(kind, sentence.format(about=flash.about), flash.link),)
