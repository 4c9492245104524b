"""G20: decisions equal a reference model, and no sequence of calls gains power."""

from random import Random

import pytest

from keystead.core.access.grants import Grants
from keystead.core.access.permission import Permission
from tests.doors import MakeHouse
from tests.properties.scope_model import allowed
from tests.reliability.figures import Goal
from tests.reliability.play import Disagreement, Stage, Step

HOLES = (
    *("mint_above_role", "role_ceiling_swapped", "current_role_ignored", "last_admin_unguarded"),
    *("disabled_account_acts", "expired_key_acts", "rotated_token_acts", "server_admin_from_body"),
    *("level_outlives_member", "grants_of_another", "org_filter_of_keys", "org_filter_of_accounts"),
)
STEPS = 40
ACTIONS = ("serviceaccounts:read", "serviceaccounts:write", "users:read", "my.app:run")
PARTS = ("serviceaccounts", "id", "1", "12", "2", "*", "users", "my", "x y", "%2A")


@pytest.mark.goal("G20", "F19")
@pytest.mark.catches(*HOLES)
@pytest.mark.usefixtures("planted")
def test_no_sequence_of_calls_gains_power(goal: Goal, make_house: MakeHouse) -> None:
    runs = goal.size(smallest=60, commit=80, soak=2_000, release=10_000)
    stage = Stage(make_house(security__disable_brute_force_login_protection=True))
    calls, broken = 0, ""
    for run in range(runs):
        play, steps, random = stage.begin(), list[Step](), goal.random("play", run)
        try:
            for _ in range(STEPS):
                steps.append(play.choose(random))
                play.do(steps[-1])
        except Disagreement as found:
            broken = f"run {run}, after {len(steps)} steps: {found}"
            break
        finally:
            calls += len(steps)
    stage.caller.close()
    goal.tell("model", runs=runs, calls=calls, disagree=int(bool(broken)))
    goal.hold(not broken, broken)


@pytest.mark.goal("G20", "F21")
@pytest.mark.catches("star_in_the_middle")
@pytest.mark.usefixtures("planted")
def test_every_decision_is_the_models(goal: Goal) -> None:
    count = goal.size(smallest=20_000, commit=200_000, soak=1_000_000, release=10_000_000)
    random, wrong, yes = goal.random("decisions"), list[str](), 0
    for _ in range(count // 20):
        held = [(random.choice(ACTIONS), a_scope(random)) for _ in range(random.randrange(6))]
        grants = Grants.of(Permission(*one) for one in held)
        for _ in range(20):
            action, scope = random.choice(ACTIONS), a_scope(random)
            is_allowed = allowed(held, action, scope)
            yes += is_allowed
            if grants.allows(action, scope) != is_allowed:
                wrong.append(f"{held} on {action} {scope}: {not is_allowed}")
    goal.tell("decisions", decisions=count, allowed=yes, disagree=len(wrong))
    goal.hold(not wrong, wrong[:3])


def a_scope(random: Random) -> str:
    """Return one of the forms that a scope may have, also such as nobody may write down any more."""
    return ":".join(random.choice(PARTS) for _ in range(random.choice((0, 1, 2, 3, 3, 3))))
