"""G20, F20: where the setting says so, nothing outlives what made it; and a cascade ends all of it."""

from dataclasses import dataclass, field
from random import Random

import pytest

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from tests.doors import HOME, House, MakeHouse
from tests.makers import NOON, a_service_account
from tests.reliability.figures import Goal

ROOT_LIVES_S = 1_000


@dataclass(frozen=True, slots=True)
class Maker:
    id: int
    secret: str
    ends_at: int
    root: int
    generation: int = 0


@dataclass(slots=True)
class Families:
    """Keys with an end that make keys and tokens, which make others, each asking for what it likes."""

    house: House
    random: Random
    account: AccountId = field(init=False)
    alive: list[Maker] = field(default_factory=list)
    outlived: list[str] = field(default_factory=list)
    made: int = 0

    def __post_init__(self) -> None:
        with self.house.database.write() as db:
            self.account = a_service_account(db, HOME, role=Role.ADMIN)
        for number in range(3):
            lifetime_s = ROOT_LIVES_S * (number + 1)
            body = {"name": f"root {number}", "role": "Admin", "secondsToLive": lifetime_s}
            told = self.house.as_admin().post("/api/auth/keys", json=body).json()
            self.alive.append(Maker(told["id"], told["key"], NOON + lifetime_s, told["id"]))

    def make(self, number: int) -> None:
        """Let somebody make something that may be within its own time, or not."""
        maker = self.alive[-1] if self.random.random() < 0.5 else self.random.choice(self.alive)
        lifetime_s = self.random.choice([0, maker.ends_at - NOON + 1, self.random.randrange(1, ROOT_LIVES_S)])
        is_key = self.random.random() < 0.5
        asked: dict[str, object] = {"name": f"made {number}", "secondsToLive": lifetime_s}
        asked |= {"role": "Admin"} if is_key else {}
        route = "/api/auth/keys" if is_key else f"/api/serviceaccounts/{self.account}/tokens"
        answer = self.house.with_secret(maker.secret).post(route, json=asked)
        if answer.status_code != 200:
            return
        self.made += 1
        if not lifetime_s or NOON + lifetime_s > maker.ends_at:
            self.outlived.append(f"{maker.id} made one for {lifetime_s} s")
        told = answer.json()
        self.alive.append(Maker(told["id"], told["key"], NOON + lifetime_s, maker.root, maker.generation + 1))

    def end(self, root: int) -> list[str]:
        """End one family, and return what then is not as it must be."""
        self.house.as_admin().delete(f"/api/auth/keys/{root}?cascade=true")
        statuses = [
            (one, self.house.with_secret(one.secret).get("/api/org").status_code) for one in self.alive
        ]
        return [
            f"{one.id} of {one.root} answers {status}"
            for one, status in statuses
            if status != (401 if one.root == root else 200)
        ]


@pytest.mark.goal("G20", "F20")
@pytest.mark.catches("made_outlives_maker", "cascade_stops_at_children")
@pytest.mark.usefixtures("planted")
def test_what_is_made_ends_with_its_maker(goal: Goal, make_house: MakeHouse) -> None:
    families = Families(
        make_house(auth__child_ttl_capped=True, auth__api_key_max_seconds_to_live=-1), goal.random("families")
    )
    for number in range(goal.size(smallest=60, commit=300, soak=3_000)):
        families.make(number)
    wrong = families.end(max(families.alive, key=lambda one: one.generation).root)
    goal.tell("makers", made=families.made, outlived=len(families.outlived), wrong=len(wrong))
    goal.hold(not families.outlived, families.outlived[:3])
    goal.hold(not wrong, wrong[:3])
