"""G1: a kill at any moment loses nothing that was acknowledged, and leaves nothing half done."""

import pytest

from tests.reliability.aftermath import (
    half_done,
    living_sessions,
    lost_changes,
    states_in,
    states_over_http,
    wrong_secrets,
)
from tests.reliability.conftest import NewInstallation
from tests.reliability.figures import Goal
from tests.reliability.load import Load, new_writers


@pytest.mark.goal("G1")
@pytest.mark.catches("ack_before_commit", "two_transactions")
def test_a_kill_loses_nothing_acknowledged(goal: Goal, new_installation: NewInstallation) -> None:
    kills = goal.size(smallest=2, commit=20, soak=100, release=1_000)
    wanted = goal.size(smallest=120, commit=2_000, soak=10_000, release=100_000)
    installation = new_installation()
    server = installation.start()
    load = Load(new_writers(server, goal.random))
    moment = goal.random("kills")
    for slice_ in range(kills):
        load.start(server.port)
        goes = (slice_ + moment.random()) * wanted / kills
        load.wait_for(int(goes) if slice_ < kills - 1 else wanted, within_s=60)
        server.kill()
        load.join()
        server = installation.start()
    states = states_in(installation.database)
    lost = lost_changes(load, states) + lost_changes(load, states_over_http(server))
    lost += wrong_secrets(server, load.things)
    lost += living_sessions(server, [value for writer in load.writers for value in writer.tally.signed_out])
    half = list(half_done(load, installation.database, states))
    goal.tell(
        "sqlite-kill",
        acked=load.acked,
        unknown=load.unknown,
        kills=kills,
        lost=len(lost),
        half=len(half),
        refused=load.refused or 0,
    )
    goal.hold(not lost, lost[:3])
    goal.hold(not half, half[:3])
    goal.hold(not [status for status in load.refused if status != 503], load.refused)
