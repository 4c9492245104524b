"""G22: nothing that an Admin of one organization sends changes another one, and every statement says which
it is about.
"""

import json
from collections.abc import Iterator, Mapping

import pytest

from keystead.http.endpoint import Endpoint
from tests.doors import House
from tests.reliability.figures import Goal
from tests.reliability.goal_routes import STRANGERS
from tests.reliability.statements import Watch, names_its_org, without_org
from tests.reliability.two_orgs import BODIES, TwoOrgs, body_of, name_of, path_of, routes


def ways(two: TwoOrgs) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield how a request can name an organization: what is put behind the path, and headers."""
    here = str(two.here.org)
    yield "", {}
    yield "", {"X-Grafana-Org-Id": here}
    yield f"?targetOrgId={here}&orgId={here}", {}


def bodies(two: TwoOrgs, endpoint: Endpoint) -> Iterator[bytes | None]:
    """Yield the usual body, and one that names whatever the other organization has."""
    yield body_of(endpoint)
    if endpoint.body is not None:
        usual = BODIES[name_of(endpoint)]
        assert isinstance(usual, dict)
        theirs = {"loginOrEmail": two.here.login, "login": two.here.login, "authTokenId": two.here.session}
        bound = {"orgId": two.here.org, "userId": two.here.person, "id": two.here.key, "role": "Viewer"}
        yield json.dumps(usual | theirs | bound).encode()


def attempts(two: TwoOrgs) -> Iterator[tuple[Endpoint, bytes, bytes | None, Mapping[str, str]]]:
    for endpoint in routes():
        if endpoint.method != "GET":
            for query, headers in ways(two):
                for body in bodies(two, endpoint):
                    yield endpoint, path_of(endpoint, two.here) + query.encode(), body, headers


@pytest.mark.goal("G22", "R9")
@pytest.mark.catches("no_org_filter")
@pytest.mark.usefixtures("planted")
def test_an_admin_of_another_organization_changes_nothing(goal: Goal, house: House) -> None:
    two = TwoOrgs(house)
    two.restore()
    before = two.rows_of(two.here)
    changed, tried = set[str](), 0
    for endpoint, path, body, headers in attempts(two):
        for who in STRANGERS:
            two.restore()
            told = two.caller.ask(endpoint.method, path, body, dict(two.callers[who]) | dict(headers))
            tried += 1
            assert told.status < 500, f"{name_of(endpoint)} as {who}: {told.body!r}"
            after = two.rows_of(two.here)
            changed |= {
                f"{name_of(endpoint)} as {who}: {table}" for table in before if after[table] != before[table]
            }
    two.close()
    changing = {name_of(endpoint) for endpoint, *_ in attempts(two)}
    goal.tell("tenants", routes=len(changing), requests=tried, changed_rows=len(changed))
    goal.hold(not changed, sorted(changed)[:5])


@pytest.mark.goal("G22")
def test_every_statement_says_which_organization(goal: Goal, house: House) -> None:
    """Run every route as those who may, and look at each statement; then take the condition off each."""
    two = TwoOrgs(house)
    watch = Watch()
    watch.on(house.database.writer)
    for endpoint in routes():
        for who in ("admin", "server-admin", "admin-key", "server-admin-session"):
            for side in (two.here, two.there):
                two.ask(endpoint, side, who, {})
    two.close()
    unbounded = sorted(set(watch.unbounded()))
    blind = [name for name, statement in watch.bounded() if names_its_org(without_org(statement))]
    goal.tell("statements", statements=len(watch.seen), unbounded=len(unbounded), uncaught=len(blind))
    goal.hold(not unbounded, unbounded[:5])
    goal.hold(not blind, f"not noticed without its condition: {blind[:5]}")
    assert len(watch.bounded()) > 10
