"""Faults in what a start refuses."""

from collections.abc import Callable

from keystead.settings import Settings


def default_admin(set_: Callable[[object, str, object], None]) -> None:
    """Take the published password for any other."""
    set_(Settings, "has_published_password", property(lambda _settings: False))
