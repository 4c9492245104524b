import time

import pytest

from keystead.client import CallFailed, MigrationJob
from keystead.client.keys import create_key, list_keys
from keystead.client.migration import (
    get_job,
    hide_keys,
    list_callers,
    migrate_key,
    migration_status,
    plan_migration,
    run_migration,
    start_migration,
    undo_migration,
)
from keystead.client.server import verify
from tests.client.conftest import Caller, MakeCaller
from tests.planned import Planned
from tests.server import an_org

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def owner(make_caller: MakeCaller, server: str, request: pytest.FixtureRequest) -> Caller:
    """A client with the token of an Admin, in an organization of its own."""
    return make_caller(server, an_org(server, name=request.node.nodeid[-190:]))


def ended(caller: Caller, job_id: str) -> MigrationJob:
    for _ in range(300):
        job = caller.send(get_job(job_id))
        if job.state != "running":
            return job
        time.sleep(0.05)
    pytest.fail("the migration does not end")


class TestMigratingOneKey:
    def test_keeps_its_secret_and_its_role_and_is_undone(self, owner: Caller) -> None:
        issued = owner.send(create_key("ci", role="Editor", lifetime_s=3600))
        [planned] = owner.send(migrate_key(issued.id, dry_run=True)).results
        assert (planned.status, planned.account_id, planned.login) == ("planned", None, planned.login)
        migrated = owner.send(migrate_key(issued.id))
        [one] = migrated.results
        assert (one.key_id, one.name, one.role, one.status) == (issued.id, "ci", "Editor", "migrated")
        assert one.account_name == "sa-autogen-ci"
        assert one.account_id is not None
        assert migrated.accounts == {issued.id: one.account_id}
        identity = owner.send(verify(issued.secret))
        assert (identity.kind, identity.id, identity.role) == ("serviceaccount", one.account_id, "Editor")
        [again] = owner.send(migrate_key(issued.id)).results
        assert (again.status, again.account_id) == ("already-migrated", one.account_id)
        owner.send(undo_migration(one.account_id, issued.id))
        assert owner.send(verify(issued.secret)).kind == "apikey"
        with pytest.raises(CallFailed, match="error reverting to API key") as failed:
            owner.send(undo_migration(one.account_id, issued.id))
        assert failed.value.status == 404
        assert not owner.send(migration_status()).is_migrated

    def test_of_nobody_is_refused(self, owner: Caller) -> None:
        with pytest.raises(CallFailed, match="Error converting API key") as failed:
            owner.send(migrate_key(2_000_000_000))
        assert failed.value.status == 404


class TestMigratingAllKeys:
    def test_is_planned_started_and_followed(self, owner: Caller) -> None:
        for name in ("b", "a"):
            owner.send(create_key(name, lifetime_s=3600))
        plan = owner.send(plan_migration())
        assert [(one.name, one.status) for one in plan.results] == [("a", "planned"), ("b", "planned")]
        assert (plan.is_dry_run, plan.remaining) == (True, 2)
        assert len(owner.send(list_keys())) == 2
        job = ended(owner, owner.send(start_migration()).job_id)
        assert (job.state, job.total, job.done, job.failed) == ("done", 2, 2, 0)
        assert job.finished_at is not None
        assert [(one.name, one.status) for one in job.results] == [("a", "migrated"), ("b", "migrated")]
        assert owner.send(get_job(job.id, with_results=False)).results == []
        status = owner.send(migration_status())
        assert (status.is_migrated, status.is_hidden, status.remaining) == (True, False, 0)
        with pytest.raises(CallFailed, match="can no longer be created") as failed:
            owner.send(create_key("c", lifetime_s=60))
        assert failed.value.status == 403
        owner.send(hide_keys())
        assert owner.send(migration_status()).is_hidden

    def test_waits_where_that_is_asked_for(self, owner: Caller) -> None:
        owner.send(create_key("ci", lifetime_s=3600))
        done = owner.send(run_migration())
        assert (done.is_dry_run, done.remaining, done.failed) == (False, 0, 0)
        assert [one.status for one in done.results] == ["migrated"]
        assert owner.send(run_migration()).failed == 0

    def test_tells_which_keys_failed(self, make_caller: MakeCaller, planned: Planned) -> None:
        result = (
            '{"keyId":7,"name":"ci","role":"Viewer","status":"failed","serviceAccountId":null,'
            '"serviceAccountName":null,"login":null,"error":"The database was busy."}'
        )
        planned.plan(
            409,
            '{"message":"Some API keys could not be migrated","dryRun":false,"remaining":1,"failed":1,'
            f'"serviceAccounts":{{}},"results":[{result}]}}',
        )
        told = make_caller(planned.url, "token").send(run_migration())
        assert (told.failed, told.results[0].error) == (1, "The database was busy.")


class TestWhoCallsTheOldApi:
    def test_is_told_from_the_first_call_on(self, owner: Caller) -> None:
        owner.send(list_keys())
        owner.send(list_keys())
        [caller] = owner.send(list_callers())
        assert (caller.kind, caller.name, caller.count) == ("serviceaccount", "sa-caller", 2)
        assert (caller.method, caller.route) == ("GET", "/api/auth/keys")
        assert caller.last_user_agent.startswith("keystead-python/")
        assert caller.last_from == "127.0.0.1"
