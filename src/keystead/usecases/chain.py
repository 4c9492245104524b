"""Compute the chain of the log anew, from its first row to its end."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from keystead.core.changes.chain import GENESIS, follows
from keystead.core.changes.change import ChangeId
from keystead.core.changes.search import Head
from keystead.storage import changes as rows
from keystead.usecases.transaction import Transaction

Progress: TypeAlias = Callable[[int, int], None]  # rows done, rows in all
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the log is worth."""

    head: Head  # as it was when the look began; what came later was not looked at
    checked: int  # rows that follow, each from the one before
    broken_at: ChangeId | None  # the first that does not; None: all do

    @property
    def is_cut(self) -> bool:
        """Say whether rows are missing from the end, or stand there that nobody wrote."""
        return self.broken_at is None and self.head.id != self.head.written

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None and not self.is_cut


def verify_chain(read: Transaction, *, progress: Progress) -> Verdict:
    """Read every row once, some at a time, each piece in a transaction of its own.

    Raises DatabaseUnavailable.
    """
    with read() as db:
        head = rows.find_head(db)
    previous, place, checked = GENESIS, None, 0
    while True:
        with read() as db:
            links = rows.list_links(db, after=place, until=head.id, limit=_AT_ONCE)
        for link in links:
            if not follows(link, previous):
                return Verdict(head, checked, link.id)
            previous, place, checked = link.hash, link.id, checked + 1
        progress(checked, head.id)
        if len(links) < _AT_ONCE:
            return Verdict(head, checked, None)
