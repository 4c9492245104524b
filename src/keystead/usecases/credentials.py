"""API keys: issue, list, find, delete."""

from dataclasses import dataclass

from keystead.core.clock import Clock
from keystead.core.credentials.lifetime import LifetimeLimit
from keystead.core.credentials.mint import Mint


@dataclass(frozen=True, slots=True)
class KeyRules:
    """What making a key depends on, beside the caller."""

    limit: LifetimeLimit
    mint: Mint
    clock: Clock
