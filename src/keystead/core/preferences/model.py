"""How pages look to somebody, and which of several wishes counts."""

from collections.abc import Iterable
from dataclasses import dataclass

from keystead.core.preferences.errors import ThemeInvalid

THEMES = frozenset({"", "light", "dark"})


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody wants; "" is no wish."""

    theme: str = ""  # "light" or "dark"
    timezone: str = ""  # "browser", "utc", or the name of a zone
    week_start: str = ""  # "saturday", "sunday", "monday"
    locale: str = ""

    def over(self, others: "Preferences") -> "Preferences":
        """Return these wishes, and the others' where there is none."""
        return Preferences(
            theme=self.theme or others.theme,
            timezone=self.timezone or others.timezone,
            week_start=self.week_start or others.week_start,
            locale=self.locale or others.locale,
        )


NO_PREFERENCES = Preferences()


def layered(wishes: Iterable[Preferences]) -> Preferences:
    """Return what counts when later wishes go over earlier ones."""
    counted = NO_PREFERENCES
    for wish in wishes:
        counted = wish.over(counted)
    return counted


def parse_theme(text: str) -> str:
    """Return the text if it is a theme. Raises ThemeInvalid."""
    if text not in THEMES:
        raise ThemeInvalid
    return text
