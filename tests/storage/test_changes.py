import pytest
from sqlalchemy import update

from keystead.core.changes.chain import GENESIS
from keystead.core.changes.change import ChangeId
from keystead.core.changes.search import Head
from keystead.storage import changes as rows
from keystead.storage.engine import Database
from keystead.storage.schema import change
from tests.makers import an_installation, some_changes
from tests.storage.test_audit import HOME


class TestTheChain:
    def test_of_no_rows_ends_where_it_begins(self, database: Database) -> None:
        with database.write() as db:
            an_installation(db)
            assert rows.find_head(db) == Head(ChangeId(0), GENESIS, 0)

    def test_ends_at_its_newest_row_and_knows_how_many_were_written(self, database: Database) -> None:
        with database.write() as db:
            an_installation(db)
            some_changes(db, HOME, 3)
            newest = rows.get_last_or_none(db)
            assert newest is not None
            assert rows.find_head(db) == Head(newest[0], newest[1], 3)

    def test_is_read_piece_by_piece(self, database: Database) -> None:
        with database.write() as db:
            an_installation(db)
            some_changes(db, HOME, 5)
            whole = [(entry, hash_) for entry, hash_ in rows.list_changes(db)]
            first = rows.list_links(db, after=None, until=ChangeId(4), limit=3)
            rest = rows.list_links(db, after=ChangeId(3), until=ChangeId(4), limit=3)
        assert [(link.change, link.hash) for link in (*first, *rest)] == whole[:4]
        assert [link.id for link in (*first, *rest)] == [1, 2, 3, 4]

    @pytest.mark.parametrize("spoiled", [{"detail": "{"}, {"detail": "[]"}, {"actor_kind": "god"}])
    def test_has_a_row_that_cannot_be_read_where_somebody_spoiled_it(
        self, database: Database, spoiled: dict[str, str]
    ) -> None:
        with database.write() as db:
            an_installation(db)
            some_changes(db, HOME, 3)
            db.execute(update(change).where(change.c.id == 2).values(spoiled))
            links = rows.list_links(db, after=None, until=ChangeId(3), limit=9)
        assert [link.change is None for link in links] == [False, True, False]
