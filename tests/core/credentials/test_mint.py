import pytest

from keystead.core.credentials.mint import Digest
from keystead.core.credentials.presented import parse_presented
from keystead.core.pepper import Pepper
from keystead.core.secret import Secret
from tests.core.makers import HOME, MASK, PEPPER, a_mint

NEWER = Pepper.of(2, bytes(32))
VECTORS = {
    "a token": (
        "glsa_0123456789ABCDEFGHIJKLMNOPQRSTUV_85298802",
        "311b57dfb9bc87e2ec3135f1bd519401169e8f7bf8326b4a233e704b16e94dbc",
    ),
    "a key": (
        "eyJrIjoiYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXpBQkNERUYiLCJuIjoiY2kiLCJpZCI6MX0=",
        "bb8eaa523fb3b2fe8c1729959a58755e164f8188e56d9b35edffc52e3e564c79",
    ),
}


class TestDigesting:
    @pytest.mark.parametrize(("text", "digest"), VECTORS.values(), ids=VECTORS)
    def test_gives_the_published_bytes(self, text: str, digest: str) -> None:
        presented = parse_presented(Secret(text), "glsa")
        assert a_mint().digests(presented) == (Digest(1, bytes.fromhex(digest)),)

    def test_goes_through_the_peppers_newest_first(self) -> None:
        presented = parse_presented(Secret(VECTORS["a token"][0]), "glsa")
        newer, older = a_mint(peppers=(NEWER, PEPPER)).digests(presented)
        assert (newer.pepper_id, older.pepper_id) == (2, 1)
        assert newer.value != older.value


class TestMinting:
    def test_gives_a_token_that_is_recognized(self) -> None:
        mint = a_mint(peppers=(NEWER, PEPPER), prefix="keys")
        minted = mint.new_token()
        assert minted.secret.reveal().startswith(f"keys_{MASK}_")
        assert mint.digests(parse_presented(minted.secret, "keys"))[0] == minted.digest

    def test_gives_a_key_that_is_recognized(self) -> None:
        mint = a_mint()
        minted = mint.new_key("ci", HOME)
        assert mint.digests(parse_presented(minted.secret, "glsa")) == (minted.digest,)

    def test_asks_for_32_random_characters_each_time(self) -> None:
        asked: list[int] = []
        mint = a_mint()
        for_counting = type(mint)(lambda length: asked.append(length) or MASK, mint.peppers, "glsa")  # type: ignore[func-returns-value]
        for_counting.new_token()
        for_counting.new_key("ci", HOME)
        assert asked == [32, 32]
