import gzip
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise

import pytest
from jinja2 import UndefinedError

from keystead.web.links import Links
from keystead.web.render import make_environment, render
from tests.web.account_states import TOKEN
from tests.web.looks import HOSTILE
from tests.web.states import FRAGMENTS, KEY, PAGES, viewer

ENVIRONMENT = make_environment()
VOID = frozenset({"input", "link", "meta", "img", "br"})
ATTRIBUTES = re.compile(
    r"action|autocapitalize|autocomplete|autofocus|charset|checked|class|colspan|content|cx|cy|d|download"
    r"|datetime|disabled|fill|for|form|formaction|height|href|http-equiv|id|lang|max|maxlength|method|min|name|novalidate|open|overflow"
    r"|patterntransform|patternunits|placeholder|r|readonly|rel|required|role|rx|scope|selected|spellcheck|src|start|tabindex|text-anchor|title"
    r"|type|value|viewbox|width|x|x1|x2|y|y1|y2"
    r"|(?:aria|data)-[a-z-]+"
)
WITHOUT_A_FRAME = {"login", "login-missing", "login-refused", "first-password", "error-too-many"}


class Outline(HTMLParser):
    """What a page is made of: tags in balance, ids, headings, forms."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.stray: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.stray.append(tag)


def html_of(state: str) -> str:
    return render(ENVIRONMENT, {**PAGES, **FRAGMENTS}[state](viewer()))


def outline_of(html: str) -> Outline:
    outline = Outline()
    outline.feed(html)
    return outline


@pytest.mark.parametrize("state", [*PAGES, *FRAGMENTS])
class TestEveryState:
    def test_is_well_formed_and_every_id_is_unique(self, state: str) -> None:
        outline = outline_of(html_of(state))
        assert (outline.stray, outline.open) == ([], [])
        assert len(set(outline.ids)) == len(outline.ids)

    def test_refers_only_to_ids_that_exist(self, state: str) -> None:
        outline = outline_of(html_of(state))
        names = ("for", "aria-describedby", "aria-labelledby", "aria-controls")
        wanted = {
            id_ for _, attrs in outline.tags for name in names for id_ in (attrs.get(name) or "").split()
        }
        assert wanted <= set(outline.ids)

    def test_has_nothing_inline_that_the_content_policy_refuses(self, state: str) -> None:
        for tag, attrs in outline_of(html_of(state)).tags:
            assert tag != "style"
            assert not [name for name in attrs if name == "style" or name.startswith("on")]
            assert tag != "script" or attrs.get("src")

    def test_posts_the_token_with_every_form_that_changes_something(self, state: str) -> None:
        forms = re.findall(r"<form\b.*?</form>", html_of(state), re.DOTALL)
        posts = [form for form in forms if 'method="post"' in form]
        assert all('name="csrf" value="f00dfeed' in form for form in posts)
        assert all('method="get"' in form for form in forms if form not in posts)

    def test_has_no_attribute_that_ran_into_its_neighbour(self, state: str) -> None:
        names = {name for _, attrs in outline_of(html_of(state)).tags for name in attrs}
        assert [name for name in names if not ATTRIBUTES.fullmatch(name)] == []

    def test_says_how_to_press_every_button(self, state: str) -> None:
        assert all(attrs.get("type") for tag, attrs in outline_of(html_of(state)).tags if tag == "button")


@pytest.mark.parametrize("state", PAGES)
def test_every_page_has_one_heading_of_the_first_level_and_skips_none(state: str) -> None:
    levels = [int(tag[1]) for tag, _ in outline_of(html_of(state)).tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


@pytest.mark.parametrize("state", PAGES)
def test_a_form_that_came_back_with_errors_says_so_in_the_title(state: str) -> None:
    html = html_of(state)
    is_refused = "refused" in state or state in {"login-missing", "first-password"}
    assert ("<title>Error: " in html) == is_refused


def test_what_people_typed_is_escaped_everywhere() -> None:
    long_names = ("apikeys-long-names", "serviceaccounts-long-names", "serviceaccount-long-names")
    for state in (*long_names, "apikeys-no-hit", "select-org", "profile"):
        html = html_of(state)
        assert "<script>alert" not in html
        assert "<img" not in html
        assert "49" not in re.findall(r"alert\(2\)&gt;(.{0,12})", html)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html_of("apikeys-long-names")
    assert HOSTILE not in html_of("profile")


def test_a_secret_is_in_one_state_only() -> None:
    assert [state for state in PAGES if KEY in html_of(state)] == ["apikeys-created"]
    assert KEY not in repr(PAGES["apikeys-created"](viewer()))
    assert [state for state in PAGES if TOKEN in html_of(state)] == ["token-created"]
    assert TOKEN not in repr(PAGES["token-created"](viewer()))


def test_a_template_that_names_what_the_view_lacks_fails() -> None:
    with pytest.raises(UndefinedError):
        ENVIRONMENT.from_string("{{ page.heading }}").render(page=PAGES["help"](viewer()))


def test_markup_is_trusted_only_in_the_icons() -> None:
    folder = files("keystead.web")
    templates = [
        path for name in ("templates", "macros") for path in (folder / name).iterdir() if path.is_file()
    ]
    trusting = [
        path.name for path in templates if re.search(r"\|\s*safe|Markup|autoescape", path.read_text())
    ]
    assert trusting == ["icons.html"]


@pytest.mark.parametrize("state", PAGES)
def test_every_address_lies_below_the_sub_path(state: str) -> None:
    below = replace(viewer(), links=Links("/key", "https://x.example/key"), here_url="/key/org/apikeys")
    html = render(ENVIRONMENT, PAGES[state](below))
    addresses = re.findall(r'(?:href|action|src|data-then)="([^"]*)"', html)
    own = [address for address in addresses if address.startswith("/")]
    switch = [address for address in own if not address.startswith("/key/")]
    assert state == "toasts" or not switch
    assert all(address.startswith(("/", "#")) for address in addresses)


@pytest.mark.parametrize("state", [state for state in PAGES if state.endswith("-fifty")])
def test_a_page_of_fifty_rows_stays_small(state: str) -> None:
    assert len(gzip.compress(html_of(state).encode())) < 15 * 1024


class TestTheListOfKeys:
    def test_says_how_many_there_are_and_how_many_are_hidden(self) -> None:
        assert "10 API keys. 2 expired not shown" in html_of("apikeys-list")
        assert "more than 10,000 API keys" in html_of("apikeys-fifty")

    def test_tells_when_a_key_ends(self) -> None:
        html = html_of("apikeys-expired")
        assert all(
            words in html for words in ("Expires in 1 day<", "Expires in 6 days<", ">Expired<", ">Revoked<")
        )

    def test_offers_to_create_a_key_whether_it_is_empty_or_full(self) -> None:
        assert "New API key" in html_of("apikeys-list")
        assert "New API key" in html_of("apikeys-empty")

    def test_disables_what_one_may_not_do_and_says_why(self) -> None:
        html = html_of("apikeys-read-only")
        assert html.count("You need apikeys:create to do this.") == 1
        assert "/delete" not in html
        assert "adding=1" not in html

    def test_marks_the_column_it_is_ordered_by_and_turns_it_round(self) -> None:
        html = html_of("apikeys-fifty")
        assert html.count("aria-sort") == 1
        assert 'aria-sort="descending"' in html
        assert "sort=lastUsed" in html

    def test_pages_by_key(self) -> None:
        html = html_of("apikeys-fifty")
        assert "after=b65.cursor" in html
        assert "before=b64.cursor" in html
        assert "Pagination" not in html_of("apikeys-list")


class TestTheFormForAKey:
    def test_offers_the_roles_in_order_and_chooses_the_least(self) -> None:
        options = re.findall(r'<option value="(\w+)"\s*(selected)?', html_of("apikeys-adding"))
        assert options == [("Admin", ""), ("Editor", ""), ("Viewer", "selected")]

    def test_does_not_offer_a_role_above_ones_own(self) -> None:
        assert "Admin (above your role)" in html_of("apikeys-adding-first")

    def test_offers_no_duration_above_the_maximum(self) -> None:
        assert html_of("apikeys-adding").count("data-fill") == 5

    def test_keeps_what_was_typed_and_marks_the_fields(self) -> None:
        html = html_of("apikeys-refused")
        assert html.count('aria-invalid="true"') == 3
        assert 'value="5w"' in html
        assert "The key was not created. Check the marked fields." in html
        assert html.count("autofocus") == 1

    def test_shows_when_a_good_duration_ends(self) -> None:
        assert "Expires 2026-11-23 08:30:00 UTC (in 12 hours)" in html_of("apikeys-refused-preview")


def test_the_pages_without_a_frame_name_nobody() -> None:
    for state in WITHOUT_A_FRAME | {"error-database-away"}:
        html = html_of(state)
        assert "Main Org." not in html
        assert "ks-rail" not in html
