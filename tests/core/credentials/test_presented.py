import pytest

from keystead.core.credentials.errors import CredentialUnknown
from keystead.core.credentials.key_format import make_key
from keystead.core.credentials.presented import PresentedKey, PresentedToken, parse_presented
from keystead.core.credentials.token_format import make_token
from keystead.core.secret import Secret
from tests.core.makers import HOME, MASK


class TestPresentingACredential:
    @pytest.mark.parametrize("prefix", ["glsa", "keys"])
    def test_of_the_form_of_a_token_gives_a_token(self, prefix: str) -> None:
        whole = Secret(make_token(prefix, MASK))
        presented = parse_presented(whole, prefix)
        assert isinstance(presented, PresentedToken)
        assert (presented.whole, presented.secret) == (whole, Secret(MASK))
        assert make_token(prefix, MASK).endswith(presented.check)

    def test_of_any_other_form_gives_a_key(self) -> None:
        presented = parse_presented(Secret(make_key(MASK, "ci", HOME)), "glsa")
        assert presented == PresentedKey(Secret(MASK), "ci", HOME)

    def test_never_shows_its_secret(self) -> None:
        assert MASK not in repr(parse_presented(Secret(make_token("glsa", MASK)), "glsa"))
        assert MASK not in repr(parse_presented(Secret(make_key(MASK, "ci", HOME)), "glsa"))

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "x",
            "glsa_x",
            "gl",
            "keys_x",
            "\udcff",
            make_key(MASK, "n" * 4096, HOME),
            "gl" + "\u20ac" * 1366,
        ],
        ids=["nothing", "x", "glsa_x", "gl", "keys_x", "no text", "a long key", "a long token"],
    )
    def test_of_no_form_is_refused(self, text: str) -> None:
        with pytest.raises(CredentialUnknown):
            parse_presented(Secret(text), "keys")

    def test_takes_a_key_of_4096_bytes_and_no_more(self) -> None:
        longest = make_key(MASK, "n" * 3018, HOME)
        assert len(longest) == 4096
        assert isinstance(parse_presented(Secret(longest), "glsa"), PresentedKey)
        with pytest.raises(CredentialUnknown):
            parse_presented(Secret(make_key(MASK, "n" * 3019, HOME)), "glsa")
