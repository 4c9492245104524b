import pytest

from keystead.core.credentials.token_format import get_parts_or_none, is_token_like, make_token

SECRET = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
TOKEN = f"glsa_{SECRET}_85298802"


class TestMakingAToken:
    def test_gives_grafanas_own_text(self) -> None:
        assert make_token("glsa", SECRET) == TOKEN


class TestReadingAToken:
    def test_gives_its_parts(self) -> None:
        assert get_parts_or_none(TOKEN, "glsa") == ("glsa", SECRET, "85298802")

    @pytest.mark.parametrize("prefix", ["gl", "glsa", "glpat", "glSA"])
    def test_takes_every_prefix_that_grafana_takes(self, prefix: str) -> None:
        assert get_parts_or_none(make_token(prefix, SECRET), "keys") is not None

    @pytest.mark.parametrize("prefix", ["keys", "gl1", "my_keys"])
    def test_takes_a_prefix_of_another_form_only_if_it_is_ours(self, prefix: str) -> None:
        token = make_token(prefix, SECRET)
        assert get_parts_or_none(token, prefix) is not None
        assert get_parts_or_none(token, "glsa") is None

    @pytest.mark.parametrize(
        "text",
        [
            TOKEN.replace("85298802", "85298803"),
            TOKEN.replace("85298802", "02882985"),
            TOKEN + "\n",
            TOKEN + "_",
            " " + TOKEN,
            TOKEN.replace("U", "-"),
            TOKEN.replace("UV", "U"),
            TOKEN.replace("glsa_", "glsa__"),
            make_token("glsa", "ABCDEFGHIJKLMNOPQRSTUVWXYZ01234\u0661"),
            "glsa_",
            "gl",
        ],
    )
    def test_refuses_every_other_text(self, text: str) -> None:
        assert get_parts_or_none(text, "glsa") is None

    def test_refuses_a_check_in_capitals(self) -> None:
        token = make_token("glsa", "A" * 32)
        head, check = token[:-8], token[-8:]
        assert check != check.upper()
        assert get_parts_or_none(head + check.upper(), "glsa") is None


class TestATextThatBeginsLikeAToken:
    def test_is_no_legacy_key(self) -> None:
        assert is_token_like("glsomething", "keys")
        assert is_token_like("keys_x", "keys")
        assert not is_token_like("keysx", "keys")
        assert not is_token_like("eyJrIjoi", "keys")
