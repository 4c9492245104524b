"""G44: SIGTERM under load loses nothing acknowledged, finishes or refuses what is under way, and ends in
time.
"""

import sqlite3
from pathlib import Path

import pytest

from tests.reliability.aftermath import half_done, lost_changes, states_in, states_in_log, wrong_secrets
from tests.reliability.conftest import NewInstallation
from tests.reliability.figures import Goal
from tests.reliability.load import Load, new_writers

GONE_WITHIN_S = 10


@pytest.mark.goal("G44")
@pytest.mark.catches("exit_at_once")
def test_sigterm_loses_nothing(goal: Goal, new_installation: NewInstallation) -> None:
    terms = goal.size(smallest=1, commit=3, soak=20)
    acks = goal.size(smallest=100, commit=120, soak=300)
    installation = new_installation()
    server = installation.start()
    load = Load(new_writers(server, goal.random))
    slowest_s, lag_s, exits = 0.0, 0, []
    for term in range(terms):
        load.start(server.port)
        load.wait_for((term + 1) * acks, within_s=60)
        slowest_s = max(slowest_s, server.terminate())
        load.join()
        exits.append(server.process.returncode)
        lag_s = max(lag_s, behind(load, installation.database))
        server = installation.start()
    states = states_in(installation.database)
    lost = lost_changes(load, states) + wrong_secrets(server, load.things)
    _, often = states_in_log(installation.database)
    cut = [thing.name for thing in load.things if often[thing.name] > thing.acked]
    half = list(half_done(load, installation.database, states))
    goal.tell(
        "sigterm",
        terms=terms,
        acked=load.acked,
        refused_by_close=load.unknown - len(cut),
        cut_off=len(cut),
        lost=len(lost),
        half=len(half),
        lag_s=lag_s,
        longest_s=round(slowest_s, 1),
        refused=load.refused or 0,
    )
    goal.hold(not lost, lost[:3])
    goal.hold(not half, half[:3])
    goal.hold(not cut, f"done, and cut off without an answer: {cut[:3]}")
    goal.hold(slowest_s < GONE_WITHIN_S, f"it took {slowest_s} s")
    goal.hold(set(exits) == {0}, f"exit codes {exits}")
    goal.hold(lag_s <= 1, f"the last use is {lag_s} s behind")


def behind(load: Load, database: Path) -> int:
    """Return how far the row of a key is behind its last acknowledged use, at most."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        used = dict(
            db.execute("SELECT name, last_used_at FROM credential WHERE name LIKE 'writer-%'").fetchall()
        )
    db.close()
    return max(
        int(moment) - (used[name] or 0)
        for writer in load.writers
        for name, moment in writer.tally.last_use.items()
    )
