"""The log as it is read: each organization its own, filtered, by key, through an index on both databases."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

import pytest
from sqlalchemy import Connection, event, insert

from keystead.core.accounts.model import AccountId
from keystead.core.changes.change import Actor, ActorKind, ChangeId
from keystead.core.changes.search import BY_TIME, Recorded, Sought, place_of_change
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor
from keystead.storage import audit as rows
from keystead.storage.engine import Database
from keystead.storage.schema import change
from keystead.usecases.changes import Target
from tests.makers import NOON, a_service_account, a_token, an_installation, an_org, some_changes

HOME, ELSEWHERE = OrgId(1), OrgId(2)
ALL = Sought()
Look: TypeAlias = Callable[[Connection], object]
ALICE = Actor(ActorKind.USER, 5, "Alice_1")
KEY = Actor(ActorKind.API_KEY, 0, "old key", CredentialId(9))


def newest_first(
    db: Connection,
    which: Sought = ALL,
    *,
    org: OrgId = HOME,
    place: Cursor | None = None,
    limit: int = 50,
) -> list[Recorded]:
    return rows.list_changes_from(db, org, which, place=place, is_ascending=False, limit=limit)


def ids(found: list[Recorded]) -> list[int]:
    return [recorded.change.id for recorded in found]


class TestTheLog:
    def test_of_an_organization_is_told_newest_first_and_page_by_page(self, database: Database) -> None:
        with database.write() as db:
            an_installation(db)
            some_changes(db, HOME, 3)
            some_changes(db, ELSEWHERE, 2)
            some_changes(db, None)
            first = newest_first(db, limit=2)
            assert ids(first) == [3, 2]
            assert ids(newest_first(db, place=place_of_change(first[-1]))) == [1]
            older = rows.list_changes_from(
                db, HOME, Sought(), place=place_of_change(first[-1]), is_ascending=True, limit=9
            )
            assert ids(older) == [3]
            assert ids(newest_first(db, org=ELSEWHERE)) == [5, 4]
            assert rows.find_newest(db, HOME) == 3
            assert rows.find_newest(db, OrgId(3)) == 0
            everything = rows.list_all_changes_from(db, Sought(), place=None, is_ascending=True, limit=9)
            assert ids(everything) == [1, 4, 6, 2, 5, 3]  # by time, then by number
            assert everything[2].change.org is None
            assert everything[0].change.detail == {"n": 0}

    @pytest.mark.parametrize(
        ("which", "found"),
        [
            (Sought(actor="alice"), [2]),
            (Sought(actor="user:5"), [2]),
            (Sought(actor="user:6"), []),
            (Sought(actor="apikey:9"), [3]),
            (Sought(actor="user:9999999999999999999"), []),
            (Sought(target="token:8"), [2]),
            (Sought(target="token:88"), []),
            (Sought(target="EDGE"), [3, 2]),
            (Sought(target="e_g"), []),
            (Sought(target="%"), []),
            (Sought(action="token.create"), [2]),
            (Sought(action="token"), []),
            (Sought(result="success"), [3, 2, 1]),
            (Sought(result="failure"), []),
            (Sought(text="REVOKE"), [3]),
            (Sought(text="builder"), [1]),
            (Sought(text="\0"), []),
            (Sought(action="\0", result="\0", actor="\0", target="\0"), []),
            (Sought(since=UnixSeconds(NOON + 60)), [3, 2]),
            (Sought(until=UnixSeconds(NOON + 60)), [2, 1]),
            (Sought(since=UnixSeconds(NOON + 60), until=UnixSeconds(NOON + 60), actor="1"), [2]),
        ],
        ids=str,
    )
    def test_is_filtered(self, database: Database, which: Sought, found: list[int]) -> None:
        with database.write() as db:
            an_installation(db)
            some_changes(db, HOME)
            later, last = UnixSeconds(NOON + 60), UnixSeconds(NOON + 120)
            edge, gateway = Target("token", 8, "edge"), Target("token", 81, "the edge gateway")
            some_changes(db, HOME, action="token.create", target=edge, by=ALICE, at=later)
            some_changes(db, HOME, action="token.revoke", target=gateway, by=KEY, at=last)
            some_changes(db, ELSEWHERE, action="token.create", target=edge, by=ALICE, at=later)
            assert ids(newest_first(db, which)) == found
            assert rows.count_changes_behind(db, HOME, which, newest=ChangeId(0), most=9) == len(found)

    def test_counts_what_is_new_no_further_than_asked(self, database: Database) -> None:
        with database.write() as db:
            an_installation(db)
            some_changes(db, HOME, 5)
            some_changes(db, ELSEWHERE, 5)
            told = [
                rows.count_changes_behind(db, HOME, Sought(), newest=ChangeId(newest), most=3)
                for newest in (0, 3, 5)
            ]
        assert told == [3, 2, 0]

    def test_knows_which_actions_there_are(self, database: Database) -> None:
        with database.write() as db:
            an_installation(db)
            for action in ("token.create", "apikey.create", "token.create", "user.enable"):
                some_changes(db, HOME, action=action)
            some_changes(db, ELSEWHERE, action="org.create")
            assert rows.list_actions(db, HOME) == ["apikey.create", "token.create", "user.enable"]
            assert rows.list_actions(db, OrgId(3)) == []

    def test_of_an_account_has_its_tokens_in_it_and_nobody_elses(self, database: Database) -> None:
        with database.write() as db:
            an_installation(db)
            home, elsewhere = an_org(db), an_org(db, name="Other")
            mine, other = a_service_account(db, home), a_service_account(db, home, name="other")
            token, foreign = a_token(db, home, mine), a_token(db, home, other, name="t2")
            for number, (org, kind, id_) in enumerate(
                [
                    *((home, "serviceaccount", mine), (home, "token", token), (home, "token", foreign)),
                    *((home, "serviceaccount", other), (home, "user", mine), (elsewhere, "token", token)),
                    *((elsewhere, "serviceaccount", mine), (home, "token", token)),
                ]
            ):
                some_changes(db, org, target=Target(kind, id_), at=UnixSeconds(NOON + number))
            page = rows.list_changes_of_account(db, home, mine, place=None, is_ascending=False, limit=2)
            assert ids(page) == [8, 2]
            rest = rows.list_changes_of_account(
                db, home, mine, place=place_of_change(page[-1]), is_ascending=False, limit=2
            )
            assert ids(rest) == [1]
            first = rows.list_changes_of_account(db, home, mine, place=None, is_ascending=True, limit=9)
            assert ids(first) == [1, 2, 8]
            there = rows.list_changes_of_account(db, elsewhere, mine, place=None, is_ascending=True, limit=9)
            assert ids(there) == [7]


PLACE = Cursor(BY_TIME, NOON + 9_000, 9_000)
LOOKS: dict[str, tuple[Look, str]] = {
    "a page": (lambda db: newest_first(db, place=PLACE), "ix_change_org_id_at_id"),
    "a time": (
        lambda db: newest_first(db, Sought(since=UnixSeconds(NOON + 40), until=UnixSeconds(NOON + 50))),
        "ix_change_org_id_at_id",
    ),
    "an action": (lambda db: newest_first(db, Sought(action="rare.1")), "ix_change_org_id_action_at_id"),
    "an actor": (
        lambda db: newest_first(db, Sought(actor="user:7")),
        "ix_change_org_id_actor_kind_actor_id_at_id",
    ),
    "a target": (
        lambda db: newest_first(db, Sought(target="token:7")),
        "ix_change_org_id_target_kind_target_id_at_id",
    ),
    "an account": (
        lambda db: rows.list_changes_of_account(
            db, HOME, AccountId(7), place=PLACE, is_ascending=False, limit=51
        ),
        "ix_change_org_id_target_kind_target_id_at_id",
    ),
    "all": (
        lambda db: rows.list_all_changes_from(db, Sought(), place=PLACE, is_ascending=True, limit=51),
        "ix_change_at_id",
    ),
    "what is new": (
        lambda db: rows.count_changes_behind(db, HOME, Sought(), newest=ChangeId(9_990), most=101),
        "ix_change_org_id_id",
    ),
    "the newest": (lambda db: rows.find_newest(db, HOME), "ix_change_org_id_"),
    "the actions": (lambda db: rows.list_actions(db, HOME), "ix_change_org_id_action_at_id"),
}


@contextmanager
def explained(db: Connection) -> Iterator[list[str]]:
    """Yield what the database is going to do for each statement."""
    plans: list[str] = []
    explain = "EXPLAIN QUERY PLAN" if db.dialect.name == "sqlite" else "EXPLAIN"

    def note(
        _db: object, _cursor: object, statement: str, parameters: tuple[str, ...], *_rest: object
    ) -> None:
        plan = db.connection.cursor()
        plan.execute(f"{explain} {statement}", parameters)
        plans.append("\n".join(str(row) for row in plan.fetchall()))

    event.listen(db, "before_cursor_execute", note)
    yield plans
    event.remove(db, "before_cursor_execute", note)


@pytest.fixture
def long_log(database: Database) -> Iterator[Connection]:
    """Ten thousand changes in a hundred organizations."""
    with database.write() as db:
        an_installation(db)
        db.execute(
            insert(change),
            [
                {
                    "id": number,
                    "at": NOON + number,
                    "org_id": 1 + number % 100,
                    "actor_kind": "user",
                    "actor_id": number % 97,
                    "actor_login": "alice",
                    "address": "",
                    "request_id": "",
                    "action": f"rare.{number % 50}",
                    "target_kind": "token",
                    "target_id": str(number % 500),
                    "target_name": "",
                    "result": "success",
                    "detail": "{}",
                    "hash": bytes(32),
                }
                for number in range(1, 10_001)
            ],
        )
        db.exec_driver_sql("ANALYZE")
        yield db


def test_every_look_is_served_by_an_index(long_log: Connection) -> None:
    for name, (look, index) in LOOKS.items():
        with explained(long_log) as plans:
            look(long_log)
        plan = "\n".join(plans)
        assert index in plan, f"{name}: {plan}"
        assert "Seq Scan on change" not in plan, f"{name}: {plan}"
        assert "SCAN change" not in plan.replace("SCAN change USING COVERING INDEX ix_change_at_id", ""), name
