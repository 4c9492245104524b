"""The one line that a goal prints, its sizes by tier, and the failure that means its bound is broken."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Literal, TypeAlias

Tier: TypeAlias = Literal["smallest", "commit", "soak", "release"]
TIERS: tuple[Tier, ...] = ("smallest", "commit", "soak", "release")


class BoundBroken(AssertionError):
    """The product did not keep what the goal says; any other failure is one of the test itself."""


@dataclass(slots=True)
class Goal:
    """One run of one goal: how large it is, with which randomness, and what it found."""

    id: str
    tier: Tier
    seed: int
    write: Callable[[str], None]
    fault: str | None = None
    started: float = field(default_factory=time.monotonic)

    def size(self, *, smallest: int, commit: int, soak: int, release: int | None = None) -> int:
        """Return the number for this tier; without one for a release, that of a soak."""
        numbers = {"smallest": smallest, "commit": commit, "soak": soak, "release": release or soak}
        return numbers[self.tier]

    def random(self, *parts: object) -> Random:
        """Return randomness of its own for a part, the same again for the same seed."""
        return Random(f"{self.seed}/{parts}")

    def tell(self, title: str, **figures: object) -> None:
        """Print the goal's line, before its bounds are judged."""
        seconds = f"{time.monotonic() - self.started:.0f}"
        figures |= {"seconds": seconds, "seed": self.seed}
        if self.fault is not None:
            figures["fault"] = self.fault
        self.write(" ".join([self.id, title, *(f"{name}={value}" for name, value in figures.items())]))

    def hold(self, is_held: object, broken: object) -> None:
        """Raises BoundBroken, with what was found."""
        if not is_held:
            raise BoundBroken(f"{self.id}: {broken}")
