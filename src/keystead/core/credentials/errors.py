"""What can go wrong with credentials."""

from keystead.core.errors import Conflict, Denied, Invalid, NotFound, TooMany, Unauthenticated


class CredentialUnknown(Unauthenticated):
    """Malformed, forged and never seen are one answer to someone who may be guessing."""

    message = "invalid API key"
    message_id = "credentials.unknown"


class CredentialExpired(Unauthenticated):
    """Told only to whoever presents the whole secret, like the two below."""

    message = "Expired API key"
    message_id = "credentials.expired"


class CredentialRevoked(Unauthenticated):
    message = "Revoked token"
    message_id = "credentials.revoked"


class ServiceAccountDisabled(Unauthenticated):
    message = "Service account is disabled"
    message_id = "credentials.service-account-disabled"


class CredentialBudgetSpent(TooMany):
    """Too many failed keys and tokens from one address."""

    message = "Too many requests"
    message_id = "credentials.budget-spent"


class ApiKeyNotFound(NotFound):
    message = "API key not found"
    message_id = "apikeys.not-found"


class ApiKeyNameTaken(Conflict):
    """Keys and tokens of an organization share one set of names."""

    message = "API key, organization ID and name must be unique"
    message_id = "apikeys.name-taken"


class ApiKeysClosed(Denied):
    """Every key of the organization was migrated; none can be made any more."""

    message = (
        "API keys can no longer be created in this organization. Create a service account token instead."
    )
    message_id = "apikeys.closed"


class TokenNotFound(NotFound):
    message = "Failed to retrieve service account token"
    message_id = "tokens.not-found"


class TokenIdInvalid(Invalid):
    message = "Token ID is invalid"
    message_id = "tokens.id-invalid"


class TokenNameTaken(Conflict):
    """Keys and tokens of an organization share one set of names."""

    message = "service account token with given name already exists in the organization"
    message_id = "tokens.name-taken"


class TokenAboveOwn(Denied):
    """A token is all its account may do: minting one is granting that."""

    message = "can not create a token for an account above your role"
    message_id = "tokens.above-own"


class TokenDead(Conflict):
    message = "token is revoked or expired"
    message_id = "tokens.dead"


class TokenReplaced(Conflict):
    """Its successor lives, so there is nothing to put in its place."""

    message = "token was already rotated"
    message_id = "tokens.replaced"


class TokenNotReplaced(Conflict):
    """Ending it would leave nothing in its place."""

    message = "token was not rotated"
    message_id = "tokens.not-replaced"


class LifetimeMissing(Invalid):
    message = "Number of seconds before expiration should be set"
    message_id = "credentials.lifetime-missing"


class LifetimeAboveLimit(Invalid):
    message = "Number of seconds before expiration is greater than the global limit"
    message_id = "credentials.lifetime-above-limit"


class OutlivesMaker(Invalid):
    message = "A credential cannot outlive the one that makes it; ask for a shorter time to live"
    message_id = "credentials.outlives-maker"


class LifetimeNegative(Invalid):
    message = "negative value for SecondsToLive"
    message_id = "credentials.lifetime-negative"


class TimeToLiveMissing(Invalid):
    message = "Time to live is required"
    message_id = "credentials.time-to-live-missing"


class TimeToLiveInvalid(Invalid):
    message = "Not a valid duration"
    message_id = "credentials.time-to-live-invalid"


class TimeToLiveZero(Invalid):
    message = "Time to live must be more than zero"
    message_id = "credentials.time-to-live-zero"


class TimeToLiveAboveLimit(Invalid):
    """The page says the maximum too: `time_to_live.worded_maximum`."""

    message = "Time to live is above the maximum"
    message_id = "credentials.time-to-live-above-limit"


class TimeToLiveTooLong(Invalid):
    message = "Time to live is too long"
    message_id = "credentials.time-to-live-too-long"


class ReportReasonUnknown(Invalid):
    message = "reason must be expiring, expired, unused, never-used or no-expiration"
    message_id = "credentials.report-reason-unknown"


class ReportPlaceUnknown(Invalid):
    message = "after must be the next of an answer with the same reason"
    message_id = "credentials.report-place-unknown"


class KeyNotRevocable(Conflict):
    message = "An API key cannot be revoked; delete it instead"
    message_id = "credentials.key-not-revocable"
