"""Whether requests can be served at all."""

from keystead.core.errors import Unavailable
from keystead.storage import changes as rows
from keystead.usecases.transaction import Transaction


def is_database_up(read: Transaction) -> bool:
    try:
        with read() as db:
            rows.find_access_epoch(db)
    except Unavailable:
        return False
    return True
