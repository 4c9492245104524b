"""The conditions that a proxy writes into the query of its question."""

import re
from functools import lru_cache
from urllib.parse import parse_qsl

from keystead.core.forwardauth.conditions import Conditions, parse_conditions
from keystead.core.forwardauth.errors import ConditionUnknown

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_PROXIES_ASK = 1024  # different questions; each stands in a proxy's configuration


@lru_cache(maxsize=_PROXIES_ASK)
def conditions_of(raw: bytes) -> Conditions:
    """Raises ConditionUnknown."""
    if _BAD_ESCAPE.search(raw):
        raise ConditionUnknown
    try:
        text = raw.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict")
    except ValueError:
        raise ConditionUnknown from None
    return parse_conditions(pairs)
