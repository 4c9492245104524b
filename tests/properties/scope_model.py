"""A second opinion on whether permissions cover what is asked: written from the rules, not from the code."""

from collections.abc import Iterable


def held_covers(held: str, wanted: str) -> bool:
    """A scope covers itself, `*` all, and what ends in `:*` whatever begins as it does before the star."""
    if wanted == "" or held in {"*", wanted}:
        return True
    return held[-2:] == ":*" and wanted[: len(held) - 1] == held[:-1]


def allowed(permissions: Iterable[tuple[str, str]], action: str, scope: str) -> bool:
    return any(name == action and held_covers(held, scope) for name, held in permissions)
