from dataclasses import replace

import pytest

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId, ServiceAccount
from keystead.core.migration.revert import Candidate, Obstacle, obstacle_of, role_after
from keystead.core.orgs.model import OrgId
from tests.makers import NOON

ACCOUNT = ServiceAccount(AccountId(1), OrgId(1), "n", "l", Role.EDITOR, False, NOON, NOON)  # noqa: FBT003 - enabled
GOOD = Candidate(ACCOUNT, 1, "ci", was_key=True, stored_role=Role.EDITOR, is_org_migrated=True)


@pytest.mark.parametrize(
    ("candidate", "own", "found"),
    [
        (GOOD, Role.EDITOR, None),
        (GOOD, Role.ADMIN, None),
        (GOOD, Role.VIEWER, Obstacle.ABOVE_OWN),
        (GOOD, None, Obstacle.ABOVE_OWN),
        (replace(GOOD, tokens=0), Role.ADMIN, Obstacle.NO_TOKEN),
        (replace(GOOD, tokens=2), Role.ADMIN, Obstacle.SEVERAL_TOKENS),
        (replace(GOOD, account=replace(ACCOUNT, is_disabled=True)), Role.ADMIN, Obstacle.DISABLED),
        (replace(GOOD, account=replace(ACCOUNT, role=None)), Role.ADMIN, Obstacle.NO_ROLE),
        (replace(GOOD, was_key=False), Role.ADMIN, Obstacle.CLOSED),
        (replace(GOOD, was_key=False, is_org_migrated=False), Role.ADMIN, None),
    ],
)
def test_what_stands_against_it(candidate: Candidate, own: Role | None, found: Obstacle | None) -> None:
    assert obstacle_of(candidate, own) is found


@pytest.mark.goal("F2")
@pytest.mark.parametrize(
    ("stored", "now", "after"),
    [
        (Role.ADMIN, Role.VIEWER, Role.VIEWER),
        (Role.EDITOR, Role.ADMIN, Role.EDITOR),
        (Role.ADMIN, Role.ADMIN, Role.ADMIN),
        (Role.ADMIN, None, Role.VIEWER),
    ],
)
def test_the_lower_role_counts(stored: Role, now: Role | None, after: Role) -> None:
    account = replace(ACCOUNT, role=now)
    assert role_after(replace(GOOD, stored_role=stored, account=account)) is after
