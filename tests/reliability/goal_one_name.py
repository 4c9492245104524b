"""G17: of 64 callers who want one name at once one gets it, and the others hear what a later one hears."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from tests.reliability.client import Answer, Client, Unanswered, bearer, cookie
from tests.reliability.conftest import NewDatabase, NewInstallation
from tests.reliability.figures import Goal
from tests.reliability.load import LIFETIME_S, PASSWORD
from tests.reliability.servers import admin_session

CALLERS = 64
Ask = Callable[[Client, str], Answer]


def key(client: Client, name: str) -> Answer:
    return client.ask("POST", "/api/auth/keys", {"name": name, "role": "Viewer", "secondsToLive": LIFETIME_S})


def org(client: Client, name: str) -> Answer:
    return client.ask("POST", "/api/orgs", {"name": name})


def person(client: Client, name: str) -> Answer:
    return client.ask("POST", "/api/admin/users", {"login": name, "password": PASSWORD})


KINDS: dict[
    str, tuple[Ask, int]
] = {  # who wants one, and how many at once: a password's hash has a short queue
    "key": (key, CALLERS),
    "org": (org, CALLERS),
    "person": (person, 24),
}


class Callers:
    """Many connections, opened before they all ask at the same moment."""

    def __init__(self, ports: list[int], admin: str) -> None:
        who = cookie(admin)
        self.clients = [Client(ports[number % len(ports)], who) for number in range(CALLERS)]

    def all_ask(self, ask: Ask, name: str, count: int) -> list[Answer | None]:
        """Return the answers; None for a broken connection."""
        answers: list[Answer | None] = []
        barrier = threading.Barrier(count)

        def one(client: Client) -> None:
            barrier.wait(20)
            try:
                answers.append(ask(client, name))
            except Unanswered:
                answers.append(None)

        threads = [threading.Thread(target=one, args=(client,)) for client in self.clients[:count]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return answers

    def close(self) -> None:
        for client in self.clients:
            client.close()


def race(goal: Goal, title: str, ports: list[int], rounds: int) -> None:
    callers = Callers(ports, admin_session(ports[0]))
    several, failed, odd = 0, 0, Counter[str]()
    for round_ in range(rounds):
        kind = list(KINDS)[0 if round_ % 4 < 2 else round_ % 4 - 1]
        ask, count = KINDS[kind]
        answers = callers.all_ask(ask, f"{kind}-{round_}", count)
        later = ask(callers.clients[0], f"{kind}-{round_}")
        statuses = Counter(answer.status if answer else 0 for answer in answers)
        several += statuses[200] != 1
        failed += sum(often for status, often in statuses.items() if status == 0 or status >= 500)
        told = [answer for answer in answers if answer is not None and answer.status != 200]
        odd.update(f"{kind}: {answer.status}" for answer in told if not is_same(answer, later))
    deleted = deletions(callers, ports, goal.size(smallest=1, commit=5, soak=50))
    callers.close()
    goal.tell(title, rounds=rounds, not_one_winner=several, **{"5xx": failed}, lost=deleted)
    goal.hold(failed == 0, f"{failed} failures of the server")
    goal.hold(several == 0, "not exactly one winner")
    goal.hold(not odd, f"losers who heard something else than a later caller: {dict(odd)}")
    goal.hold(deleted == 0, "a key that was deleted during its use was deleted twice, or lives")


def is_same(answer: Answer, later: Answer) -> bool:
    """Compare what is told, without the request's own id and an id that only one side knows."""
    return (answer.status, answer.json["message"]) == (later.status, later.json["message"])


def deletions(callers: Callers, ports: list[int], rounds: int) -> int:
    """Delete one key from many callers at once: one succeeds, and it is dead for the next request."""
    wrong = 0
    for round_ in range(rounds):
        made = key(callers.clients[0], f"doomed-{round_}").json
        answers = callers.all_ask(
            lambda client, id_: client.ask("DELETE", f"/api/auth/keys/{id_}"), made["id"], 16
        )
        statuses = Counter(answer.status if answer else 0 for answer in answers)
        user = Client(ports[-1], bearer(made["key"]))
        wrong += statuses != {200: 1, 404: 15} or user.get("/api/access-control/status").status != 401
        user.close()
    return wrong


@pytest.mark.goal("G17", "F12")
@pytest.mark.catches("name_check_then_insert")
def test_one_wins_on_sqlite(goal: Goal, new_installation: NewInstallation) -> None:
    installation = new_installation(workers=2)
    race(
        goal,
        "one-name-sqlite",
        [installation.start().port],
        goal.size(smallest=2, commit=20, soak=200, release=2_000),
    )


@pytest.mark.goal("G17", "F12")
@pytest.mark.catches("name_check_then_insert")
def test_one_wins_on_postgresql(
    goal: Goal, new_installation: NewInstallation, new_database: NewDatabase
) -> None:
    installation = new_installation(database_url=new_database())
    ports = [installation.start().port, installation.start().port]
    race(goal, "one-name-postgresql", ports, goal.size(smallest=2, commit=20, soak=200, release=2_000))
