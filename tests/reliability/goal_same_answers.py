"""G16: whoever presents a migrated key hears on every route what the key heard before."""

import pytest

from keystead.core.access.roles import Role
from keystead.core.credentials.model import CredentialId
from keystead.usecases.migration import migrate_key
from tests.doors import House
from tests.reliability.figures import Goal
from tests.reliability.two_orgs import TwoOrgs, name_of, routes

# an account is somebody, as no key was: it has preferences, and is a member of its own organization in a path
OF_MEMBERS = "/api/orgs/{org_id}"
OF_ONESELF = {"PUT /api/user/preferences", "PATCH /api/user/preferences"}
KEYS = {f"{role.lower()}-key": f"{role} caller" for role in Role}


@pytest.mark.goal("G16")
def test_a_migrated_key_hears_on_every_route_what_it_heard_before(goal: Goal, house: House) -> None:
    two = TwoOrgs(house)
    before = heard(two)
    with house.database.write() as db:
        for name in KEYS.values():
            [key_id] = two.house.raw.execute("SELECT id FROM credential WHERE name = ?", (name,)).fetchone()
            migrate_key(db, house.admin, CredentialId(key_id), clock=house.clock)
    two.keep()
    after = heard(two)
    two.close()
    other = [f"{cell}: {told}, now {after[cell]}" for cell, told in before.items() if after[cell] != told]
    wrong = [told for told in other if not is_for_somebody(told)]
    allowed = sum(status < 400 for status in before.values())
    goal.tell(
        "same-answers",
        cells=len(before),
        allowed=allowed,
        wrong=len(wrong),
        of_accounts=len(other) - len(wrong),
    )
    goal.hold(not wrong, wrong[:5])


def is_for_somebody(told: str) -> bool:
    """Say whether a key is now allowed what only an account can be asked for."""
    method, path, *_, before, now = told.replace(", now", "").split()
    is_theirs = path.startswith(OF_MEMBERS) or f"{method} {path}" in OF_ONESELF
    return is_theirs and now == "200" and before in {"403", "404"}


def heard(two: TwoOrgs) -> dict[str, int]:
    """Return the status of each route, about things of the key's organization, for a key of each role."""
    return {
        f"{name_of(endpoint)} {who}": two.ask(endpoint, two.here, who, {}).status
        for endpoint in routes()
        for who in KEYS
    }
