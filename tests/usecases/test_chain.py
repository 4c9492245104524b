from dataclasses import replace

import pytest
from sqlalchemy import delete, insert, select, update

from keystead.core.changes.chain import hash_of
from keystead.core.changes.change import ChangeId
from keystead.core.orgs.model import OrgId
from keystead.storage import changes as rows
from keystead.storage.engine import Database
from keystead.storage.schema import change
from keystead.usecases.chain import Verdict, verify_chain
from tests.makers import an_installation, some_changes

HOME = OrgId(1)
COUNT = 5


@pytest.fixture
def log(database: Database) -> Database:
    with database.write() as db:
        an_installation(db)
        some_changes(db, HOME, COUNT)
    return database


def verdict(log: Database) -> Verdict:
    return verify_chain(log.read, progress=lambda _done, _all: None)


class TestVerifyingTheChain:
    def test_finds_nothing_in_an_untouched_log(self, log: Database) -> None:
        told: list[tuple[int, int]] = []
        found = verify_chain(log.read, progress=lambda done, all_: told.append((done, all_)))
        assert (found.checked, found.broken_at, found.is_cut, found.is_whole) == (COUNT, None, False, True)
        assert told == [(COUNT, COUNT)]

    def test_reads_a_long_log_piece_by_piece(self, log: Database) -> None:
        with log.write() as db:
            some_changes(db, HOME, 4_000 - COUNT)
        told: list[int] = []
        found = verify_chain(log.read, progress=lambda done, _all: told.append(done))
        assert found.is_whole
        assert told == [2_000, 4_000, 4_000]

    def test_finds_nothing_in_an_empty_log(self, database: Database) -> None:
        with database.write() as db:
            an_installation(db)
        assert verdict(database).is_whole

    def test_finds_an_edit_and_a_row_that_nobody_can_read(self, log: Database) -> None:
        for spoiled in ({"target_name": "other"}, {"detail": "{"}, {"hash": bytes(32)}):
            with log.write() as db:
                db.execute(update(change).where(change.c.id == 3).values(spoiled))
            found = verdict(log)
            assert (found.broken_at, found.checked, found.is_whole, found.is_cut) == (3, 2, False, False)

    def test_finds_a_row_that_was_taken_out(self, log: Database) -> None:
        with log.write() as db:
            db.execute(delete(change).where(change.c.id == 3))
        assert verdict(log).broken_at == 4

    def test_finds_a_row_that_was_put_before_all_others(self, log: Database) -> None:
        with log.write() as db:
            first = db.execute(select(change).where(change.c.id == 1)).one()
            db.execute(insert(change).values({**first._mapping, "id": -3}))  # noqa: SLF001 - SQLAlchemy's public name
        assert verdict(log).broken_at == -3

    def test_finds_that_the_end_was_cut_off(self, log: Database) -> None:
        with log.write() as db:
            db.execute(delete(change).where(change.c.id > 3))
        found = verdict(log)
        assert (found.broken_at, found.is_cut, found.head.id, found.head.written) == (None, True, 3, COUNT)

    def test_finds_a_row_that_was_put_behind_all_others(self, log: Database) -> None:
        with log.write() as db:
            entry, hash_ = list(rows.list_changes(db))[-1]
            forged = {
                **db.execute(select(change).where(change.c.id == COUNT)).one()._mapping,  # noqa: SLF001 - as above
                "id": COUNT + 1,
            }
            chained = hash_of(hash_, replace(entry, id=ChangeId(COUNT + 1)))
            db.execute(insert(change).values({**forged, "hash": chained}))
        found = verdict(log)
        assert (found.broken_at, found.is_cut, found.checked) == (None, True, COUNT + 1)
