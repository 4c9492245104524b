from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.permission import Permission
from keystead.core.access.principal import Principal
from keystead.core.accounts.errors import UserNotFound
from keystead.core.accounts.model import AccountId
from keystead.core.changes.change import Change
from keystead.core.clock import frozen_clock
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.core.sessions.errors import OwnSessionKept, OwnSignOutRefused, SessionNotFound, SessionUnknown
from keystead.core.sessions.model import SessionId
from keystead.storage import accounts
from keystead.storage import changes as log
from keystead.storage.engine import Database
from keystead.storage.schema import session
from keystead.usecases import sessions
from keystead.usecases.sessions import SessionKeeper, Standing
from tests.makers import NOON, a_machine, a_person, a_principal, an_installation, an_org, as_person
from tests.usecases.conftest import DAY, HOUR, HandClock

Unchanged = Callable[[], AbstractContextManager[None]]
NOW = frozen_clock(NOON)
MINUTE = 60


@pytest.fixture
def home(database: Database) -> OrgId:
    with database.write() as db:
        an_installation(db)
        return an_org(db)


@pytest.fixture
def alice(database: Database, home: OrgId) -> AccountId:
    with database.write() as db:
        return a_person(db, home)


@pytest.fixture
def root(database: Database, home: OrgId) -> Principal:
    with database.write() as db:
        return as_person(db, a_person(db, home, login="root", is_server_admin=True))


@pytest.fixture
def start(database: Database, keeper: SessionKeeper, alice: AccountId) -> Callable[[], Secret]:
    def start() -> Secret:
        with database.write() as db:
            return sessions.start_session(db, as_person(db, alice), keeper)

    return start


@pytest.fixture
def value(start: Callable[[], Secret]) -> Secret:
    return start()


def standing(database: Database, value: Secret, keeper: SessionKeeper) -> Standing:
    with database.read() as db:
        return sessions.find_visit(db, value, keeper).standing


def is_known(database: Database, value: Secret, keeper: SessionKeeper) -> bool:
    try:
        standing(database, value, keeper)
    except SessionUnknown:
        return False
    return True


def keep(database: Database, value: Secret, keeper: SessionKeeper) -> Secret | None:
    with database.write() as db:
        visit = sessions.find_visit(db, value, keeper)
        is_due = sessions.is_keeping_due(visit, keeper)
        successor = sessions.keep_session(db, visit, value, keeper)
    assert is_due or successor is None
    return successor


def rotated(database: Database, value: Secret, keeper: SessionKeeper, clock: HandClock) -> Secret:
    clock.move(10 * MINUTE)
    successor = keep(database, value, keeper)
    assert successor is not None
    return successor


def last_change(database: Database) -> Change:
    with database.read() as db:
        (entry, _) = list(log.list_changes(db))[-1]
    return entry


class TestASession:
    def test_is_shown_by_64_hex_digits_that_are_not_kept(
        self, database: Database, value: Secret, keeper: SessionKeeper
    ) -> None:
        assert len(value.reveal()) == 64
        assert standing(database, value, keeper) is Standing.NEWEST
        entry = last_change(database)
        assert (entry.action, entry.actor.login, entry.address) == ("session.start", "alice", "192.0.2.1")

    @pytest.mark.parametrize("text", ["", "x", "0" * 64, "A" * 64, "\ud800" * 64, "0" * 65])
    def test_is_unknown_by_any_other_text(
        self, database: Database, value: Secret, keeper: SessionKeeper, text: str
    ) -> None:
        del value
        assert not is_known(database, Secret(text), keeper)

    @pytest.mark.parametrize(("busy", "lived"), [(False, DAY), (True, 7 * DAY)])
    def test_ends_when_idle_or_old(
        self,
        database: Database,
        value: Secret,
        keeper: SessionKeeper,
        hand_clock: HandClock,
        *,
        busy: bool,
        lived: int,
    ) -> None:
        newest = value
        for _ in range(lived // HOUR - 1):
            hand_clock.move(HOUR)
            newest = (keep(database, newest, keeper) if busy else None) or newest
        hand_clock.move(HOUR - 1)
        assert is_known(database, newest, keeper)
        hand_clock.move(1)
        assert not is_known(database, newest, keeper)

    def test_is_swept_away_when_dead_by_the_next_sign_in(
        self, database: Database, start: Callable[[], Secret], hand_clock: HandClock
    ) -> None:
        start()
        hand_clock.move(7 * DAY)
        start()
        with database.read() as db:
            assert len(db.execute(session.select()).all()) == 1

    def test_notes_when_its_person_was_seen_at_most_every_five_minutes(
        self,
        database: Database,
        value: Secret,
        keeper: SessionKeeper,
        hand_clock: HandClock,
        alice: AccountId,
    ) -> None:
        for seconds, seen_at in ((299, None), (1, NOON + 300), (299, NOON + 300)):
            hand_clock.move(seconds)
            keep(database, value, keeper)
            with database.read() as db:
                assert accounts.find_user(db, alice).last_seen_at == seen_at


class TestTheNextValue:
    def test_is_given_every_ten_minutes(
        self, database: Database, value: Secret, keeper: SessionKeeper, hand_clock: HandClock
    ) -> None:
        hand_clock.move(10 * MINUTE - 1)
        assert keep(database, value, keeper) is None
        hand_clock.move(1)
        successor = keep(database, value, keeper)
        assert successor is not None
        assert standing(database, successor, keeper) is Standing.NEWEST

    def test_leaves_the_one_before_good_for_a_minute(
        self, database: Database, value: Secret, keeper: SessionKeeper, hand_clock: HandClock
    ) -> None:
        rotated(database, value, keeper, hand_clock)
        assert standing(database, value, keeper) is Standing.FORMER
        assert keep(database, value, keeper) is None
        hand_clock.move(MINUTE - 1)
        assert standing(database, value, keeper) is Standing.FORMER
        hand_clock.move(1)
        assert standing(database, value, keeper) is Standing.OLD

    def test_leaves_older_ones_old(
        self, database: Database, value: Secret, keeper: SessionKeeper, hand_clock: HandClock
    ) -> None:
        newest = value
        for _ in range(3):
            newest = rotated(database, newest, keeper, hand_clock)
        assert standing(database, value, keeper) is Standing.OLD
        assert standing(database, newest, keeper) is Standing.NEWEST

    def test_is_given_to_one_of_two_requests_at_once(
        self, database: Database, value: Secret, keeper: SessionKeeper, hand_clock: HandClock
    ) -> None:
        hand_clock.move(10 * MINUTE)
        with database.write() as db:
            first, second = (sessions.find_visit(db, value, keeper) for _ in range(2))
            assert sessions.keep_session(db, first, value, keeper) is not None
            assert sessions.keep_session(db, second, value, keeper) is None

    def test_can_be_one_that_shuts_all_others_out(
        self, database: Database, value: Secret, keeper: SessionKeeper
    ) -> None:
        with database.write() as db:
            session_id = sessions.find_visit(db, value, keeper).session.id
            replaced = sessions.replace_value(db, session_id, keeper)
        assert not is_known(database, value, keeper)
        assert standing(database, replaced, keeper) is Standing.NEWEST


class TestSigningOut:
    def test_ends_this_session_alone(
        self, database: Database, start: Callable[[], Secret], keeper: SessionKeeper
    ) -> None:
        first, second = start(), start()
        with database.write() as db:
            assert sessions.sign_out(db, first, keeper)
            assert not sessions.sign_out(db, first, keeper)
        assert not is_known(database, first, keeper)
        assert is_known(database, second, keeper)
        entry = last_change(database)
        assert (entry.action, entry.actor.login, entry.detail) == (
            "session.end",
            "alice",
            {"why": "sign-out"},
        )

    def test_is_recorded_once_of_two_at_once(
        self, database: Database, value: Secret, keeper: SessionKeeper, unchanged: Unchanged
    ) -> None:
        with database.write() as db:
            visit = sessions.find_visit(db, value, keeper)
            sessions.end_visited(db, visit, why="sign-out")
        with unchanged(), database.write() as db:
            sessions.end_visited(db, visit, why="sign-out")


class TestListingSessions:
    def test_shows_the_live_ones_oldest_first(
        self,
        database: Database,
        start: Callable[[], Secret],
        keeper: SessionKeeper,
        hand_clock: HandClock,
        alice: AccountId,
    ) -> None:
        start()
        hand_clock.move(DAY - 1)
        newest = start()
        with database.read() as db:
            assert len(sessions.list_sessions(db, alice, keeper)) == 2
            hand_clock.move(1)
            (shown,) = sessions.list_sessions(db, alice, keeper)
            assert shown == sessions.find_visit(db, newest, keeper).session

    def test_is_refused_for_nobody(self, database: Database, home: OrgId, keeper: SessionKeeper) -> None:
        del home
        with database.write() as db:
            machine = a_machine(db)
            with pytest.raises(UserNotFound):
                sessions.list_sessions(db, machine, keeper)


class TestRevokingASession:
    def test_ends_it(
        self, database: Database, root: Principal, value: Secret, keeper: SessionKeeper, alice: AccountId
    ) -> None:
        with database.write() as db:
            session_id = sessions.find_visit(db, value, keeper).session.id
            sessions.revoke_session(db, root, alice, session_id, clock=NOW)
        assert not is_known(database, value, keeper)
        entry = last_change(database)
        assert (entry.action, entry.target_name, entry.detail) == (
            "session.revoke",
            "alice",
            {"account": alice},
        )

    def test_is_refused_for_the_one_in_use(
        self, database: Database, value: Secret, keeper: SessionKeeper, alice: AccountId, unchanged: Unchanged
    ) -> None:
        with database.read() as db:
            session_id = sessions.find_visit(db, value, keeper).session.id
            by = replace(as_person(db, alice), session_id=session_id)
        with unchanged(), pytest.raises(OwnSessionKept), database.write() as db:
            sessions.revoke_session(db, by, alice, session_id, clock=NOW)

    def test_is_refused_for_somebody_elses(
        self, database: Database, root: Principal, value: Secret, keeper: SessionKeeper, unchanged: Unchanged
    ) -> None:
        with database.read() as db:
            session_id = sessions.find_visit(db, value, keeper).session.id
        for wrong in (session_id, SessionId(404)):
            with unchanged(), pytest.raises(SessionNotFound), database.write() as db:
                sessions.revoke_session(db, root, root.account_id, wrong, clock=NOW)

    def test_is_refused_for_nobody(self, database: Database, root: Principal, unchanged: Unchanged) -> None:
        with unchanged(), pytest.raises(UserNotFound), database.write() as db:
            sessions.revoke_session(db, root, AccountId(404), SessionId(1), clock=NOW)

    def test_of_a_server_admin_is_for_server_admins(
        self, database: Database, home: OrgId, root: Principal, unchanged: Unchanged
    ) -> None:
        by = a_principal(home, permissions=[Permission("users.authtoken:write", "*")])
        with unchanged(), pytest.raises(PermissionMissing), database.write() as db:
            sessions.revoke_session(db, by, root.account_id, SessionId(1), clock=NOW)
        with unchanged(), pytest.raises(PermissionMissing), database.write() as db:
            sessions.sign_out_user(db, by, root.account_id, clock=NOW)


class TestSigningSomebodyOut:
    def test_ends_all_their_sessions(
        self,
        database: Database,
        root: Principal,
        start: Callable[[], Secret],
        keeper: SessionKeeper,
        alice: AccountId,
    ) -> None:
        values = [start(), start()]
        with database.write() as db:
            sessions.sign_out_user(db, root, alice, clock=NOW)
        assert not any(is_known(database, value, keeper) for value in values)
        assert last_change(database).detail == {"sessions": 2}

    def test_is_refused_for_oneself(self, database: Database, root: Principal, unchanged: Unchanged) -> None:
        with unchanged(), pytest.raises(OwnSignOutRefused), database.write() as db:
            sessions.sign_out_user(db, root, root.account_id, clock=NOW)

    def test_is_refused_for_nobody(self, database: Database, root: Principal, unchanged: Unchanged) -> None:
        with unchanged(), pytest.raises(UserNotFound), database.write() as db:
            sessions.sign_out_user(db, root, AccountId(404), clock=NOW)
