"""A right on one thing is no right on another, and does not tell whether there is another."""

import re
from collections.abc import Iterator

import httpx2
import pytest

from keystead.bootstrap import ENDPOINTS
from keystead.core.access.permission import Need, Several
from keystead.core.access.roles import Role
from keystead.http.endpoint import Endpoint
from tests.doors import HOME, House
from tests.makers import a_service_account, a_token, an_api_key
from tests.rights import a_role, a_team

_UNKNOWN = 1_000_000
_KINDS = {"object_id", "service_account_id", "user_id", "team_id", "id", "key_id", "role_uid"}


def needs_of(endpoint: Endpoint) -> tuple[Need, ...]:
    if isinstance(endpoint.needs, Several):
        return endpoint.needs.needs
    return (endpoint.needs,) if isinstance(endpoint.needs, Need) else ()


def about_one_thing() -> Iterator[Endpoint]:
    for endpoint in ENDPOINTS:
        if endpoint.path.startswith("/api/") and any("{" in need.scope for need in needs_of(endpoint)):
            assert _KINDS & {*endpoint.variables}, "tell here what stands in this path"
            yield endpoint


def things(house: House, name: str) -> dict[str, str]:
    """Make one thing of each kind, and return what stands for them in a path."""
    with house.database.write() as db:
        machine, team = a_service_account(db, HOME, name=name), a_team(db, HOME)
        a_role(db, HOME, name=f"role-{name}")
        key = an_api_key(db, HOME, name=f"key of {name}")
        token = a_token(db, HOME, machine, name=f"token of {name}")
    person = house.a_member(Role.VIEWER, login=name)
    return {
        "service_account_id": str(machine),
        "object_id": str(machine),
        "team_id": str(team),
        "user_id": str(person),
        "token_id": str(token),
        "id": str(key),
        "key_id": str(key),
        "role_uid": f"role-{name}",
    }


def named(one: dict[str, str], endpoint: Endpoint) -> dict[str, str]:
    """Return the same things, and the team where the object of a path is a team."""
    return one | {"object_id": one["team_id"]} if "/access-control/teams/" in endpoint.path else one


def path_of(endpoint: Endpoint, one: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda place: named(one, endpoint).get(place[1], "1"), endpoint.path)


def told(answer: httpx2.Response) -> tuple[int, str]:
    body = answer.json()
    return answer.status_code, body["message"] if isinstance(
        body, dict
    ) and "message" in body else answer.text


@pytest.mark.goal("R7", "R8")
def test_a_right_on_one_thing_tells_and_opens_no_other(house: House) -> None:
    mine, other = things(house, "mine"), things(house, "other")
    unknown = dict.fromkeys(mine, str(_UNKNOWN))
    asked = list(about_one_thing())
    rights = {
        (str(need.action), need.bound_to(named(mine, endpoint)).scope)
        for endpoint in asked
        for need in needs_of(endpoint)
        if "{" in need.scope
    }
    holder = house.as_holder(Role.VIEWER, *rights)
    for endpoint in asked:
        method, name = endpoint.method, f"{endpoint.method} {endpoint.path}"
        answers = [told(holder.request(method, path_of(endpoint, one))) for one in (other, unknown)]
        assert answers[0] == answers[1], name
        assert answers[0][0] == 403, name
    assert len(asked) > 40
    assert holder.get(path_of(asked[0], mine)).status_code != 403
