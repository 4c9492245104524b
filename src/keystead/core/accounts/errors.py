"""What can go wrong with accounts: users and service accounts."""

from keystead.core.errors import Conflict, Denied, Invalid, NotFound, Unauthenticated, Unavailable


class IdInvalid(Invalid):
    """A path member that spells no number; the kinds below say which."""

    message = "id is invalid"
    message_id = "accounts.id-invalid"


class UserIdInvalid(IdInvalid):
    message = "userId is invalid"
    message_id = "users.id-invalid"


class ServiceAccountIdInvalid(IdInvalid):
    message = "Service Account ID is invalid"
    message_id = "serviceaccounts.id-invalid"


class UserNotFound(NotFound):
    """Also a service account where a person is meant, and a caller who is no person."""

    message = "user not found"
    message_id = "users.not-found"


class LoginMissing(Invalid):
    message = "Validation error, need to specify either username or email"
    message_id = "users.login-missing"


class LoginTaken(Conflict):
    """Logins and e-mails of all people are one name space."""

    message = "Failed to update user"
    message_id = "users.login-taken"


class UserExists(Conflict):
    """The route says which login and e-mail were asked for."""

    message = "User already exists"
    message_id = "users.exists"


class LastServerAdmin(Invalid):
    message = "cannot remove last grafana admin"
    message_id = "users.last-server-admin"


class OldPasswordWrong(Unauthenticated):
    """9.3.2 answers this with 401."""

    message = "Invalid old password"
    message_id = "users.old-password-wrong"


class PasswordTooShort(Invalid):
    message = "New password is too short"
    message_id = "users.password-too-short"


class PasswordTooCommon(Invalid):
    """On the list of common ones, or a name that anybody would try; on the wire it is too short."""

    message = "New password is too short"
    message_id = "users.password-too-common"


class PasswordTooLong(Invalid):
    message = "New password is too long"
    message_id = "users.password-too-long"


class PasswordChangeDue(Denied):
    """A first password opens nothing but its own replacement."""

    message = "Change the initial password first"
    message_id = "users.password-change-due"


class HashQueueFull(Unavailable):
    """Passwords are slow to check on purpose, and only so many may wait."""

    message = "Too many sign-ins at once; try again in a second"
    message_id = "users.hash-queue-full"


class ServiceAccountNotFound(NotFound):
    """Unknown, of another organization, or a person."""

    message = "Failed to retrieve service account"
    message_id = "serviceaccounts.not-found"


class ServiceAccountLoginTaken(Conflict):
    message = "Failed to create service account"
    message_id = "serviceaccounts.login-taken"
