import pytest

from keystead.core.accounts.listing import Shown
from keystead.core.clock import UnixSeconds
from keystead.http.query import Query
from keystead.usecases.credentials import PageAsked
from keystead.usecases.serviceaccounts import AccountPageAsked
from keystead.usecases.tokens import TokenPageAsked
from keystead.web.assets import load_assets
from keystead.web.flash import KEPT_S, Flash, FlashCode, toasts_of
from keystead.web.links import Links
from keystead.web.searches import (
    AccountSearch,
    KeySearch,
    read_account_search,
    read_key_search,
    read_token_search,
)
from keystead.web.times import moment, parse_zone, relative
from keystead.web.views.frame import Toast, ToastKind
from keystead.web.wording import counted, days_left, initials, plural, shown_and_hidden

NOW = UnixSeconds(1_795_379_400)  # 2026-11-22 20:30:00 UTC


class TestAMoment:
    def test_of_the_browsers_zone_is_written_as_utc_for_the_module(self) -> None:
        shown = moment(UnixSeconds(NOW - 180), NOW, parse_zone("browser"))
        assert (shown.text, shown.iso) == ("2026-11-22 20:27:00", "2026-11-22T20:27:00Z")
        assert shown.is_local
        assert shown.relative == "3 minutes ago"

    def test_of_a_named_zone_is_written_by_the_server(self) -> None:
        shown = moment(NOW, NOW, parse_zone("Europe/Berlin"))
        assert (shown.text, shown.is_local) == ("2026-11-22 21:30:00", False)

    @pytest.mark.parametrize("preference", ["utc", "UTC", "Mars/Olympus", "../etc/passwd"])
    def test_of_an_unknown_zone_is_utc(self, preference: str) -> None:
        assert moment(NOW, NOW, parse_zone(preference)).text == "2026-11-22 20:30:00"

    @pytest.mark.parametrize(
        ("distance_s", "words"),
        [
            (0, "now"),
            (1, "in 1 second"),
            (-59, "59 seconds ago"),
            (43_200, "in 12 hours"),
            (-172_799, "1 day ago"),
        ],
    )
    def test_has_relative_words(self, distance_s: int, words: str) -> None:
        assert relative(UnixSeconds(NOW + distance_s), NOW) == words


def test_numbers_have_their_nouns() -> None:
    assert [plural(n, "day") for n in (0, 1, 2, 1200)] == ["0 days", "1 day", "2 days", "1,200 days"]
    assert counted(10_000, "API key") == "10,000 API keys"
    assert counted(10_001, "API key") == "more than 10,000 API keys"


def test_hidden_keys_are_counted_beside_the_shown() -> None:
    assert shown_and_hidden(1, 0) == "1 API key"
    assert shown_and_hidden(10, 2) == "10 API keys. 2 expired not shown"
    assert shown_and_hidden(0, 10_001) == "0 API keys. more than 10,000 expired not shown"


def test_days_left_are_rounded_up() -> None:
    assert [days_left(seconds) for seconds in (1, 86_400, 86_401)] == [1, 1, 2]


def test_initials_stand_for_a_name_or_a_login() -> None:
    names = [("Ada King Lovelace", "a"), ("", "admin"), ("  ", "x"), ("***", "y"), ("ß", "z"), ("Élan", "e")]
    assert [initials(name, login) for name, login in names] == ["AL", "A", "X", "Y", "SS", "É"]


class TestAFlash:
    def test_becomes_a_toast(self) -> None:
        flash = Flash(FlashCode.ORG_SWITCHED, NOW, about="{csrf}")
        words = "Active organization changed to {csrf}"
        assert toasts_of(flash, NOW) == (Toast(ToastKind.SUCCESS, words),)

    @pytest.mark.parametrize("code", FlashCode)
    def test_has_a_sentence_for_every_code(self, code: FlashCode) -> None:
        assert toasts_of(Flash(code, NOW), NOW)

    def test_is_dropped_when_it_has_waited_too_long(self) -> None:
        flash = Flash(FlashCode.API_KEY_DELETED, NOW)
        assert toasts_of(flash, UnixSeconds(NOW + KEPT_S + 1)) == ()
        assert toasts_of(None, NOW) == ()


class TestAnAddress:
    def test_lies_below_the_sub_path_and_leaves_out_what_is_empty(self) -> None:
        links = Links("/keystead")
        assert links.api_keys((("query", "a&b"), ("sort", ""))) == "/keystead/org/apikeys?query=a%26b"
        assert links.login() == "/keystead/login"

    @pytest.mark.parametrize(
        "wanted",
        [
            "//evil.example/",
            "https://evil.example/",
            "/\\evil.example",
            "javascript:alert(1)",
            "",
            "org",
            "/\tx",
            "/\r\nSet-Cookie: a=b",
        ],
    )
    def test_of_another_server_leads_home(self, wanted: str) -> None:
        assert Links().own(wanted) == "/"

    def test_of_this_server_is_followed(self) -> None:
        assert Links().own("/org/apikeys?query=a") == "/org/apikeys?query=a"
        assert Links("/key").own("/key/profile") == "/key/profile"
        assert Links("/key").own("/other") == "/key/"


class TestASearch:
    def test_is_read_from_the_address_and_written_back(self) -> None:
        search = read_key_search(Query(b"query=+ci+&includeExpired=on&sort=-lastUsed&after=abc&before=x"))
        assert search == KeySearch("ci", True, "lastUsed", True, "abc", "")  # noqa: FBT003 - the fields in order
        assert Links().api_keys(search.pairs).endswith("?query=ci&includeExpired=on&sort=-lastUsed&after=abc")

    def test_asks_the_use_case_for_the_same_page(self) -> None:
        search = KeySearch("ci", includes_expired=True, column="role", before="x")
        assert search.asked == PageAsked("ci", "role", before="x", include_expired=True)

    def test_of_an_unknown_column_is_in_the_default_order(self) -> None:
        assert read_key_search(Query(b"sort=-secret")) == KeySearch()

    def test_turns_its_order_round_at_the_second_click(self) -> None:
        assert KeySearch().by("name").sort == "-name"
        assert KeySearch().by("role").sort == "role"
        assert KeySearch(column="role", is_descending=True, after="x").by("role") == KeySearch(column="role")


class TestASearchOfServiceAccounts:
    def test_is_read_from_the_address_and_written_back(self) -> None:
        search = read_account_search(Query(b"query=+ci+&shown=unused&after=abc&before=x"))
        assert search == AccountSearch("ci", Shown.UNUSED, after="abc")
        assert search.asked == AccountPageAsked("ci", Shown.UNUSED, after="abc")
        url = Links("/key").service_accounts(search.at(before="y").pairs)
        assert url == "/key/org/serviceaccounts?query=ci&shown=unused&before=y"

    def test_shows_all_where_the_address_says_nonsense(self) -> None:
        assert not read_account_search(Query(b"shown=all")).has_filter
        assert read_account_search(Query(b"shown=nonsense")) == AccountSearch()

    def test_finds_a_page_of_tokens_too(self) -> None:
        search = read_token_search(Query(b"before=b"))
        assert (
            Links().token(7, 8, "rotate", search.pairs) == "/org/serviceaccounts/7/tokens/8/rotate?before=b"
        )
        assert read_token_search(Query(b"after=a&before=b")).asked == TokenPageAsked(after="a")


class TestAnAsset:
    def test_is_named_after_its_content(self) -> None:
        assets = load_assets()
        name = assets.name("keystead.css")
        found = assets.get_or_none(name)
        assert found is not None
        assert found.hashed_name == name
        assert found.media_type.startswith("text/css")

    def test_is_served_for_the_hash_of_another_version_too(self) -> None:
        found = load_assets().get_or_none("keystead.000000000000.js")
        assert found is not None
        assert found.hashed_name != "keystead.000000000000.js"

    @pytest.mark.parametrize("name", ["", "../forms.py", "keystead.html", "keystead.css.css", "mark.xyz.svg"])
    def test_is_none_for_anything_else(self, name: str) -> None:
        assert load_assets().get_or_none(name) is None
