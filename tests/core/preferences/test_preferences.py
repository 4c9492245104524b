import pytest

from keystead.core.preferences.errors import ThemeInvalid
from keystead.core.preferences.model import NO_PREFERENCES, Preferences, layered, parse_theme
from keystead.core.uid import uid_from


class TestWishes:
    def test_go_over_those_before_where_there_is_one(self) -> None:
        below, above = Preferences("dark", "utc", "monday", "de"), Preferences("light", locale="en")
        assert layered([below, above]) == Preferences("light", "utc", "monday", "en")
        assert layered([]) == NO_PREFERENCES

    @pytest.mark.parametrize("theme", ["", "light", "dark"])
    def test_know_these_themes(self, theme: str) -> None:
        assert parse_theme(theme) == theme

    @pytest.mark.parametrize("theme", ["Dark", " dark", "system", "purple"])
    def test_know_no_other_theme(self, theme: str) -> None:
        with pytest.raises(ThemeInvalid):
            parse_theme(theme)


class TestAUid:
    def test_is_never_read_as_a_number(self) -> None:
        assert uid_from(lambda length: "1" * length) == "u1111111111111"
