from dataclasses import replace

from sqlalchemy import Connection, update

from keystead.core.access.principal import Principal, PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.listing import BY_NAME
from keystead.core.credentials.model import CredentialId
from keystead.core.migration.model import JobState, KeyFlags, KeyResult, KeyStatus, Migration, MigrationId
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor
from keystead.storage import credentials
from keystead.storage import migrations as rows
from keystead.storage.engine import Database
from keystead.storage.migrations import Turn
from keystead.storage.schema import credential
from tests.makers import NOON, a_principal, a_service_account, a_token, an_api_key, an_org

LATER = UnixSeconds(NOON + 60)
NOTHING = KeyFlags(is_migrated=False, is_hidden=False, has_keys=False)


def a_job(db: Connection, org: OrgId, *, by: Principal | None = None, total: int = 3) -> MigrationId:
    return rows.add_job(db, org, by or a_principal(org), total=total, at=NOON)


def a_turn(db: Connection, org: OrgId, job: MigrationId, *, holder: str = "me", now: int = NOON) -> Turn:
    taken = rows.set_lease(db, org, job, holder=holder, now=UnixSeconds(now), until=UnixSeconds(now + 3))
    assert taken is not None
    return taken


def found(db: Connection, org: OrgId, job: MigrationId) -> Migration:
    job_ = rows.get_job_or_none(db, org, job)
    assert job_ is not None
    return job_


class TestAJob:
    def test_is_found_as_it_was_begun(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            assert rows.get_newest_or_none(db, org) is None
            job = a_job(db, org)
            assert found(db, org, job) == Migration(job, org, JobState.RUNNING, 3, 0, 0, NOON, "caller", None)
            assert rows.get_job_or_none(db, other, job) is None
            assert rows.get_newest_or_none(db, other) is None

    def test_is_the_newest_of_its_organization(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            assert rows.get_standing(db, org) == (NOTHING, None)
            first, second = a_job(db, org), a_job(db, org)
            an_api_key(db, org)
            assert rows.get_standing(db, org) == (replace(NOTHING, has_keys=True), found(db, org, second))
            assert rows.get_standing(db, OrgId(99)) == (NOTHING, None)
            rows.set_ended(db, org, first, JobState.FAILED, at=LATER)
            newest = rows.get_newest_or_none(db, org)
            assert newest is not None
            assert newest.id == second
            assert (found(db, org, first).state, found(db, org, first).finished_at) == ("failed", LATER)

    def test_ends_with_as_many_keys_as_it_tried(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            job = a_job(db, org, total=9)
            turn = a_turn(db, org, job)
            rows.set_progress(db, org, turn, reached="a", done=1, failed=0, until=LATER)
            rows.set_ended(db, org, job, JobState.DONE, at=LATER)
            assert (found(db, org, job).total, found(db, org, job).is_running) == (1, False)

    def test_of_nobody_with_a_role_is_begun_too(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            turn = a_turn(db, org, a_job(db, org, by=a_principal(org, role=None)))
            assert turn.by.role is None


class TestALease:
    def test_is_taken_by_one(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            job = a_job(db, org)
            assert a_turn(db, org, job).reached == ""
            taken = {"now": NOON, "until": LATER}
            assert rows.set_lease(db, org, job, holder="you", **taken) is None
            assert rows.set_lease(db, other, job, holder="me", **taken) is None
            assert rows.set_lease(db, org, job, holder="me", **taken) is not None

    def test_ends_by_itself(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            job = a_job(db, org)
            mine = a_turn(db, org, job)
            assert rows.list_due(db, now=UnixSeconds(NOON + 2), limit=9) == []
            assert rows.list_due(db, now=UnixSeconds(NOON + 3), limit=9) == [(org, job)]
            a_turn(db, org, job, holder="you", now=NOON + 3)
            assert not rows.set_progress(db, org, mine, reached="a", done=1, failed=0, until=LATER)
            assert found(db, org, job).done == 0

    def test_is_given_back(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            job = a_job(db, org)
            rows.set_free(db, org, a_turn(db, org, job))
            assert a_turn(db, org, job, holder="you").holder == "you"

    def test_is_not_given_back_by_another(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            job = a_job(db, org)
            mine = a_turn(db, org, job)
            a_turn(db, org, job, holder="you", now=NOON + 9)
            rows.set_free(db, org, mine)
            assert rows.list_due(db, now=UnixSeconds(NOON + 9), limit=9) == []

    def test_is_none_of_a_job_that_has_ended(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            job = a_job(db, org)
            turn = a_turn(db, org, job)
            rows.set_ended(db, org, job, JobState.DONE, at=NOON)
            assert rows.set_lease(db, org, job, holder="me", now=LATER, until=LATER) is None
            assert not rows.set_progress(db, org, turn, reached="a", done=1, failed=0, until=LATER)
            assert rows.list_due(db, now=LATER, limit=9) == []

    def test_knows_in_whose_name(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            by = a_turn(db, org, a_job(db, org)).by
            assert (by.kind, by.account_id, by.credential_id) == (PrincipalKind.API_KEY, 0, 1)
            assert (by.org, by.role, by.login) == (org, Role.ADMIN, "caller")
            assert (by.origin.address, by.origin.request_id) == ("192.0.2.1", "r1")
            assert not by.grants.allows("apikeys:read", "apikeys:*")


class TestProgress:
    def test_counts_and_moves_forward(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            job = a_job(db, org, total=2)
            turn = a_turn(db, org, job)
            for reached, done, failed in (("b", 1, 0), ("c", 0, 1), ("a", 1, 0)):
                assert rows.set_progress(
                    db, org, turn, reached=reached, done=done, failed=failed, until=LATER
                )
            assert (found(db, org, job).done, found(db, org, job).failed) == (2, 1)
            assert found(db, org, job).total == 3  # one was made meanwhile
            assert a_turn(db, org, job).reached == "c"
            assert rows.list_due(db, now=NOON, limit=9) == []


class TestTheNextKey:
    def test_follows_by_name_and_was_not_tried(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            keys = {name: an_api_key(db, org, name=name) for name in ("b", "a", "c")}
            a_token(db, org, a_service_account(db, org), name="aa")
            an_api_key(db, other, name="ab")
            job = a_job(db, org)
            assert rows.get_next_key_or_none(db, org, job, after="") == (keys["a"], "a")
            assert rows.get_next_key_or_none(db, org, job, after="a") == (keys["b"], "b")
            assert rows.get_next_key_or_none(db, org, job, after="c") is None
            rows.add_failure(db, org, job, keys["a"], why="no")
            assert rows.get_next_key_or_none(db, org, job, after="") == (keys["b"], "b")
            again = a_job(db, org)
            assert rows.get_next_key_or_none(db, org, again, after="") == (keys["a"], "a")


class TestResults:
    def test_are_told_by_name_page_by_page(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            job, second = a_job(db, org), a_job(db, org)
            ids = [an_api_key(db, org, name=name, role=Role.EDITOR) for name in "cab"]
            for key, name in zip(ids, "cab", strict=True):
                rows.add_result(db, org, job, a_result(key, name))

            def page(place: str, limit: int = 2, *, is_backward: bool = False, of: OrgId = org) -> list[str]:
                cursor = Cursor(BY_NAME, place, 0) if place else None
                listed = rows.list_results_from(
                    db, of, job, place=cursor, is_backward=is_backward, limit=limit
                )
                return [result.name for result in listed]

            assert page("") == ["a", "b"]
            assert page("b") == ["b", "c"]
            assert page("c", is_backward=True) == ["b", "a"]
            assert page("", of=other) == []
            assert rows.list_results_from(db, org, second, place=None, is_backward=False, limit=9) == []

    def test_tell_the_key_as_it_is_now(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            job, key = a_job(db, org), an_api_key(db, org, role=Role.EDITOR, expires_at=NOON + 60)
            rows.add_result(db, org, job, a_result(key, "ci"))
            (told,) = rows.list_results_from(db, org, job, place=None, is_backward=False, limit=9)
            assert told == a_result(key, "ci", expires_at=NOON + 60)
            credentials.delete_key(db, org, key)
            (told,) = rows.list_results_from(db, org, job, place=None, is_backward=False, limit=9)
            assert told == a_result(key, "ci")

    def test_of_what_failed_say_why(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            job, key = a_job(db, org), an_api_key(db, org, role=Role.EDITOR)
            rows.add_result(db, org, job, a_result(CredentialId(99), "done"))
            rows.add_failure(db, other, job, key, why="of another organization")
            rows.add_failure(db, org, job, key, why="so")
            (told,) = rows.list_results_from(
                db, org, job, place=None, is_backward=False, limit=9, status=KeyStatus.FAILED
            )
            assert told == KeyResult(key, "ci", Role.EDITOR, KeyStatus.FAILED, error="so")

    def test_of_a_damaged_key_can_be_written_and_read(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            job, key = a_job(db, org), an_api_key(db, org)
            db.execute(update(credential).values(role="Owner"))
            rows.add_failure(db, org, job, key, why="so")
            assert rows.get_next_key_or_none(db, org, job, after="") is None
            (told,) = rows.list_results_from(db, org, job, place=None, is_backward=False, limit=9)
            assert told == KeyResult(key, "ci", Role.VIEWER, KeyStatus.FAILED, error="so")


def a_result(key: CredentialId, name: str, expires_at: int | None = None) -> KeyResult:
    return KeyResult(
        key,
        name,
        Role.EDITOR,
        KeyStatus.MIGRATED,
        AccountId(7),
        "sa",
        "login",
        expires_at=None if expires_at is None else UnixSeconds(expires_at),
    )
