"""What can go wrong with the database."""

from keystead.core.errors import Unavailable


class DatabaseUnavailable(Unavailable):
    message = "Database is unavailable"
    message_id = "installation.database-unavailable"


class DatabaseUnsafe(Unavailable):
    message = "The database could lose acknowledged changes as it is set up; see the log for the setting"
    message_id = "installation.database-unsafe"


class KeyringMismatch(Unavailable):
    message = "The secrets file is not the one that this database was made with; put the right one back"
    message_id = "installation.keyring-mismatch"
