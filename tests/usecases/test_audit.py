from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from keystead.core.access.errors import PermissionMissing
from keystead.core.accounts.model import AccountId
from keystead.core.changes.errors import CursorUnknown
from keystead.core.changes.search import MOST_COUNTED, Recorded, Sought
from keystead.core.orgs.model import OrgId
from keystead.storage.engine import Database
from keystead.usecases import audit
from keystead.usecases.changes import Target
from tests.makers import a_principal, an_installation, some_changes

HOME, ELSEWHERE = OrgId(1), OrgId(2)
READER = a_principal(HOME)
OTHER = a_principal(ELSEWHERE)
SERVER_ADMIN = replace(READER, is_server_admin=True)


@pytest.fixture
def log(database: Database) -> Database:
    """120 changes at home, 5 elsewhere, and one of the whole server."""
    with database.write() as db:
        an_installation(db)
        some_changes(db, HOME, 120)
        some_changes(db, ELSEWHERE, 5)
        some_changes(db, None)
    return database


def ids(found: list[Recorded] | tuple[Recorded, ...]) -> list[int]:
    return [recorded.change.id for recorded in found]


class TestListingChanges:
    def test_gives_a_hundred_and_a_cursor_to_the_rest(self, log: Database) -> None:
        with log.read() as db:
            first, after = audit.list_changes(db, READER, Sought(), after="", limit=0)
            rest, end = audit.list_changes(db, READER, Sought(), after=after, limit=50)
            most, _ = audit.list_changes(db, READER, Sought(), after="", limit=5_000)
        assert (ids(first), ids(rest)) == (list(range(120, 20, -1)), list(range(20, 0, -1)))
        assert (end, len(most)) == ("", 120)

    def test_shows_nobody_the_log_of_others(self, log: Database) -> None:
        with log.read() as db:
            found, _ = audit.list_changes(db, OTHER, Sought(), after="", limit=9)
            assert ids(found) == [125, 124, 123, 122, 121]
            for nobody in (READER, replace(READER, org=None)):
                with pytest.raises(PermissionMissing):
                    audit.list_changes(
                        db, nobody, Sought(), after="", limit=9, is_everywhere=nobody is READER
                    )

    def test_shows_server_admins_everything(self, log: Database) -> None:
        with log.read() as db:
            found, _ = audit.list_changes(
                db, SERVER_ADMIN, Sought(), after="", limit=1_000, is_everywhere=True
            )
        assert len(found) == 126

    def test_refuses_a_cursor_of_something_else(self, log: Database) -> None:
        with log.read() as db, pytest.raises(CursorUnknown):
            audit.list_changes(db, READER, Sought(), after="nonsense", limit=9)


class TestExportingChanges:
    def test_gives_all_of_them_oldest_first_in_pieces(self, database: Database) -> None:
        with database.write() as db:
            an_installation(db)
            some_changes(db, HOME, audit.MOST_AT_ONCE + 1)
            some_changes(db, ELSEWHERE, 3)
        pieces = list(audit.export_changes(database.read, READER, Sought()))
        assert [len(piece) for piece in pieces] == [audit.MOST_AT_ONCE, 1]
        assert [id_ for piece in pieces for id_ in ids(piece)] == list(range(1, audit.MOST_AT_ONCE + 2))

    def test_reads_nothing_before_it_is_asked_and_holds_no_transaction_between(self, log: Database) -> None:
        opened: list[str] = []

        @contextmanager
        def read() -> Iterator[Connection]:
            opened.append("open")
            with log.read() as db:
                yield db
            opened.append("shut")

        pieces = audit.export_changes(read, SERVER_ADMIN, Sought(), is_everywhere=True)
        assert opened == []
        assert len(next(pieces)) == 126
        assert opened == ["open", "shut"]

    def test_of_nothing_is_nothing(self, log: Database) -> None:
        assert list(audit.export_changes(log.read, READER, Sought(actor="nobody"))) == []

    def test_of_the_server_is_refused_before_anything_is_read(self, log: Database) -> None:
        with pytest.raises(PermissionMissing):
            audit.export_changes(log.read, READER, Sought(), is_everywhere=True)


class TestAPageOfTheLog:
    def test_leads_to_older_and_newer_ones(self, log: Database) -> None:
        with log.read() as db:
            first = audit.list_change_page(db, READER, Sought(), after="", before="")
            second = audit.list_change_page(db, READER, Sought(), after=first.after, before="")
            back = audit.list_change_page(db, READER, Sought(), after="", before=second.before)
            odd = audit.list_change_page(db, READER, Sought(), after="nonsense", before="nonsense")
        assert (ids(first.rows)[0], ids(second.rows)[0], first.before) == (120, 70, "")
        assert ids(back.rows) == ids(first.rows) == ids(odd.rows)

    def test_of_an_account_is_paged_in_the_same_way(self, database: Database) -> None:
        with database.write() as db:
            an_installation(db)
            some_changes(db, HOME, 60, target=Target("serviceaccount", 7))
            some_changes(db, ELSEWHERE, target=Target("serviceaccount", 7))
            page = audit.list_account_page(db, READER, AccountId(7), after="", before="")
            rest = audit.list_account_page(db, READER, AccountId(7), after=page.after, before="")
        assert (len(page.rows), ids(rest.rows)) == (50, list(range(10, 0, -1)))

    def test_knows_what_is_new_and_which_actions_there_are(self, log: Database) -> None:
        with log.read() as db:
            newest = audit.find_newest(db, READER)
            assert newest == 120
            assert audit.count_new(db, READER, Sought(), newest=newest) == 0
            assert audit.list_actions(db, READER) == ["apikey.create"]
        with log.write() as db:
            some_changes(db, HOME, 2)
            assert audit.count_new(db, READER, Sought(), newest=newest) == 2
            assert audit.count_new(db, READER, Sought(actor="nobody"), newest=newest) == 0
            some_changes(db, HOME, MOST_COUNTED)
            assert audit.count_new(db, READER, Sought(), newest=newest) == MOST_COUNTED + 1
