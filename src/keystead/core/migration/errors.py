"""What can go wrong when API keys become service accounts, and back."""

from keystead.core.errors import Conflict, Denied, Invalid, NotFound, TooMany


class KeyIdInvalid(Invalid):
    message = "Key ID is invalid"
    message_id = "migration.key-id-invalid"


class KeyNotMigratable(NotFound):
    """Unknown, of another organization, or a token that never was an API key."""

    message = "Error converting API key"
    message_id = "migration.key-not-found"


class KeyAboveOwn(Denied):
    """A migrated key is an account with the key's role: making one is granting that."""

    message = "can not migrate a key above your role"
    message_id = "migration.key-above-own"


class MigrationNotFound(NotFound):
    message = "Migration not found"
    message_id = "migration.not-found"


class KeysNotMigrated(Conflict):
    """Told with the results, which say which and why; the others are migrated."""

    message = "Some API keys could not be migrated"
    message_id = "migration.incomplete"


class TooManyWait(TooMany):
    """The job goes on; each who waits for its end takes a thread."""

    message = "Too many wait for a migration; ask for its job instead"
    message_id = "migration.too-many-wait"


class TokenNotFoundToRevert(NotFound):
    """No such account in the organization, or no such token of it."""

    message = "error reverting to API key"
    message_id = "migration.token-not-found"


class TokenNotRevertable(Conflict):
    """The account has more than this token, is disabled, or has no role."""

    message = "error reverting to API key"
    message_id = "migration.not-revertable"


class RevertAboveOwn(Denied):
    message = "can not revert a key above your role"
    message_id = "migration.revert-above-own"
