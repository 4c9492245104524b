"""G20: decisions equal a reference model, and no sequence of calls gains power."""

from random import Random

import pytest

from keystead.core.access.grants import Grants
from keystead.core.access.permission import Permission
from tests.doors import MakeHouse
from tests.properties.scope_model import allowed
from tests.reliability import cedar, machine
from tests.reliability.figures import Goal
from tests.reliability.stage import Stage

OF_THE_DESIGN = (
    *(
        "mint_above_role",
        "grants_of_another",
        "shared_role_list",
        "role_order_strict",
        "disabled_account_acts",
    ),
    *("team_kept_after_leaving", "server_admin_from_body", "org_filter_of_keys", "org_filter_of_accounts"),
    *("org_filter_of_teams", "org_filter_of_members", "org_filter_of_roles", "org_filter_of_holders"),
)
OUR_OWN = (
    *("role_ceiling_swapped", "mint_above_given", "current_role_ignored", "last_admin_unguarded"),
    *("last_server_admin_unguarded", "disabled_person_acts", "expired_key_acts", "rotated_token_acts"),
    *("level_outlives_member", "assignment_outlives_member", "assignment_elsewhere", "deleted_role_acts"),
    *("role_version_ignored", "role_before_ignored", "delegation_unchecked", "global_role_by_org_admin"),
    *("level_above_own", "team_above_own", "list_wider_than_check"),
)
STEPS = 50
AT_ONCE = 20  # questions about the same permissions
ACTIONS = ("serviceaccounts:read", "serviceaccounts:write", "users:read", "my.app:run")
PARTS = ("serviceaccounts", "id", "1", "12", "2", "*", "users", "my", "x y", "%2A")


@pytest.mark.goal("G20", "F19")
@pytest.mark.catches(*OF_THE_DESIGN, *OUR_OWN)
@pytest.mark.usefixtures("planted")
def test_no_sequence_of_calls_gains_power(goal: Goal, make_house: MakeHouse) -> None:
    runs = goal.size(smallest=600, commit=48, soak=2_000, release=10_000)
    stage = Stage(make_house(security__disable_brute_force_login_protection=True))
    if not stage.found:
        machine.run(stage, runs=runs, steps=STEPS, seed=goal.seed, shrink=goal.fault is None)
    stage.close()
    goal.tell("model", runs=stage.runs, calls=stage.calls, disagree=int(bool(stage.found)))
    goal.hold(not stage.found, stage.found)


@pytest.mark.goal("G20", "F21")
@pytest.mark.catches("star_in_the_middle")
@pytest.mark.usefixtures("planted")
def test_every_decision_is_the_models_and_cedars(goal: Goal) -> None:
    count = goal.size(smallest=20_000, commit=200_000, soak=1_000_000, release=10_000_000)
    third = goal.size(smallest=2_000, commit=20_000, soak=1_000_000, release=10_000_000)
    random, wrong, yes = goal.random("decisions"), list[str](), 0
    for number in range(count // AT_ONCE):
        held = [(random.choice(ACTIONS), a_scope(random)) for _ in range(random.randrange(6))]
        asked = [(random.choice(ACTIONS), a_scope(random)) for _ in range(AT_ONCE)]
        grants = Grants.of(Permission(*one) for one in held)
        told = [grants.allows(*one) for one in asked]
        yes += sum(told)
        expected = [allowed(held, *one) for one in asked]
        third_opinion = cedar.decisions(held, asked) if number < third // AT_ONCE else expected
        for one, *opinions in zip(asked, told, expected, third_opinion, strict=True):
            if len({*opinions}) > 1:
                wrong.append(f"{held} on {one}: {opinions}")
    goal.tell("decisions", decisions=count, cedar=third, allowed=yes, disagree=len(wrong))
    goal.hold(not wrong, wrong[:3])


def a_scope(random: Random) -> str:
    """Return one of the forms that a scope may have, also such as nobody may write down any more."""
    return ":".join(random.choice(PARTS) for _ in range(random.choice((0, 1, 2, 3, 3, 3))))
