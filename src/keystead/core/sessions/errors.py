"""What can go wrong with signing in, and with sessions."""

from keystead.core.errors import Invalid, NotFound, Unauthenticated


class NotSignedIn(Unauthenticated):
    """No credential at all."""

    message = "Unauthorized"
    message_id = "sessions.not-signed-in"


class SessionUnknown(Unauthenticated):
    """Malformed, expired, ended and never seen are one answer."""

    message = "Unauthorized"
    message_id = "sessions.unknown"


class SignInRefused(Unauthenticated):
    """At the form: a wrong password, an unknown name, a disabled person and too many tries are one answer."""

    message = "Invalid username or password"
    message_id = "sessions.sign-in-refused"


class BasicRefused(Unauthenticated):
    """The same as SignInRefused, in a request's header."""

    message = "invalid username or password"
    message_id = "sessions.basic-refused"


class SessionNotFound(NotFound):
    """Another session, asked for by its id."""

    message = "User auth token not found"
    message_id = "sessions.not-found"


class OwnSessionKept(Invalid):
    """Signing out is the way to end the session one is using."""

    message = "Cannot revoke active user auth token"
    message_id = "sessions.own-session-kept"


class OwnSignOutRefused(Invalid):
    message = "You cannot logout yourself"
    message_id = "sessions.own-sign-out-refused"
