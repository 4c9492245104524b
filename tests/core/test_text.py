import pytest

from keystead.core.text import folded, search_key, search_part, storable


class TestFoldedText:
    @pytest.mark.parametrize(
        ("one", "other"), [("STRASSE", "straße"), ("José", "JOSE\u0301"), ("Σ", "ς"), ("ﬁ", "FI")]
    )
    def test_is_the_same_in_any_case_and_composition(self, one: str, other: str) -> None:
        assert folded(one) == folded(other)

    @pytest.mark.parametrize(("one", "other"), [("a", "ä"), ("a", "b"), ("a", "a "), ("1", "¹")])
    def test_differs_in_all_else(self, one: str, other: str) -> None:
        assert folded(one) != folded(other)


class TestASearch:
    def test_finds_a_part_of_one_text(self) -> None:
        assert search_part("LIC") in search_key("alice", "a@example.com")
        assert search_part("") in search_key("alice")

    @pytest.mark.parametrize("query", ["aliceb", "alice\uffffbob", "alice\0bob", "\0", "\uffff"])
    def test_finds_nothing_that_spans_two(self, query: str) -> None:
        assert search_part(query) not in search_key("alice", "bob")


class TestAStorableText:
    def test_has_no_nul(self) -> None:
        assert "\0" not in storable("a\0b")
        assert storable("a%_b") == "a%_b"
