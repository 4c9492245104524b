import pytest

from keystead.http.query import CredentialInUrl, Query


class TestAQuery:
    def test_takes_the_first_of_repeated_names_and_drops_bad_escapes(self) -> None:
        query = Query(b"a=1&a=2&b=%zz&c=x+y%20z&d")
        assert (query.text("a"), query.text("b"), query.text("c")) == ("1", "", "x y z")
        assert query.has("d")
        assert not query.has("A")
        assert query.texts("a") == ["1", "2"]

    @pytest.mark.parametrize(
        ("text", "number"),
        [
            (b"5", 5),
            (b"-3", -3),
            (b"%2B7", 7),
            (b"007", 7),
            (b"", 0),
            (b"x", 0),
            (b"2.5", 0),
            (b"\xd9\xa1", 0),
            (b"99999999999999999999", 2**63 - 1),
            (b"-" + b"9" * 50, -(2**63)),
        ],
    )
    def test_reads_numbers_without_failing(self, text: bytes, number: int) -> None:
        assert Query(b"n=" + text).number("n") == number

    @pytest.mark.parametrize("text", [b"1", b"t", b"T", b"TRUE", b"true", b"True"])
    def test_knows_six_words_for_true(self, text: bytes) -> None:
        assert Query(b"f=" + text).flag("f")
        assert not Query(b"f=yes").flag("f")

    @pytest.mark.parametrize("name", [b"auth_token", b"access_token", b"api_key", b"apikey"])
    def test_refuses_a_credential(self, name: bytes) -> None:
        with pytest.raises(CredentialInUrl):
            Query(name + b"=x").check_no_credential()
        Query(b"x=" + name).check_no_credential()
