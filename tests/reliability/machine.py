"""The play as a state machine: Hypothesis chooses the calls, and shortens the list of them that disagrees."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from random import Random

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.reliability.calls import FAMILIES, Call
from tests.reliability.invariants import Disagreement
from tests.reliability.stage import Stage

_LUCK = st.binary(min_size=8, max_size=8)
_TIME_PASSES = 0.07  # how often, before a call
_AT_ONCE = 8  # runs; from the eleventh on Hypothesis mostly repeats parts of those before


class Machine(RuleBasedStateMachine):
    """Each family of calls is a rule; luck says which of them, by weight, who asks and about what."""

    def __init__(self, stage: Stage, salt: str) -> None:
        super().__init__()
        self.salt, self.seen = salt, Counter[bytes]()
        self.stage = stage
        self.play = stage.last = stage.begin()

    def random(self, luck: bytes) -> Random:
        """Return another for the same luck each time: Hypothesis begins with a run of nothing but zeros."""
        self.seen[luck] += 1
        return Random(f"{self.salt}/{luck.hex()}/{self.seen[luck]}")

    def teardown(self) -> None:
        self.stage.calls += self.play.calls
        self.stage.runs += 1


def _asking(calls: Mapping[str, Call]) -> Callable[[Machine, bytes], None]:
    verbs, weights = list(calls), [call.weight for call in calls.values()]

    def ask(self: Machine, luck: bytes) -> None:
        random = self.random(luck)
        if random.random() < _TIME_PASSES:
            self.play.wait(random.choice((1, 59, 60, 600)))
        try:
            self.play.choose_and_do(random.choices(verbs, weights)[0], random)
        except Disagreement as found:
            self.stage.found = f"{found}, after {self.play.steps}"
            raise

    return ask


for (
    _family,
    _calls,
) in FAMILIES.items():  # a rule for each call makes Hypothesis take longer than the application
    setattr(Machine, _family, rule(luck=_LUCK)(_asking(_calls)))


def run(stage: Stage, *, runs: int, steps: int, seed: int, shrink: bool) -> None:
    """Leave in `stage.found` what disagrees, with the calls that lead to it; to shrink is to look for few."""
    phases = [Phase.generate, *([Phase.shrink] if shrink else [])]
    how = settings(
        max_examples=_AT_ONCE,
        stateful_step_count=steps,
        phases=phases,
        database=None,
        deadline=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )

    for number in range(-(-runs // _AT_ONCE)):
        # what is found may have spoiled the process for the second look
        with suppress(Disagreement, Flaky):
            new = seeded(f"{seed}/{number}")(partial(Machine, stage, str(number)))
            run_state_machine_as_test(new, settings=how)  # type: ignore[arg-type] # whatever makes one will do
        if stage.found:
            return
