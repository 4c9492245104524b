import string
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keystead.core.clock import UnixSeconds
from keystead.core.credentials import key_format, token_format
from keystead.core.credentials.errors import CredentialUnknown, TimeToLiveInvalid
from keystead.core.credentials.lifetime import LifetimeLimit, expiry_of
from keystead.core.credentials.model import has_expired, is_usable
from keystead.core.credentials.presented import PresentedKey, PresentedToken, parse_presented
from keystead.core.credentials.time_to_live import UNITS_S, parse_time_to_live
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from tests.core.makers import a_mint, a_token

ALPHABET = string.digits + string.ascii_letters
SECRETS = st.text(alphabet=ALPHABET, min_size=32, max_size=32)
PREFIXES = st.from_regex("gl[A-Za-z]{0,6}", fullmatch=True)
MOMENTS = st.integers(0, 2**40).map(UnixSeconds)
UNICODE = st.characters(exclude_categories=["Cs"])


@given(PREFIXES, SECRETS)
def test_a_token_is_read_back(prefix: str, secret: str) -> None:
    token = token_format.make_token(prefix, secret)
    parts = token_format.get_parts_or_none(token, "keys")
    assert parts is not None
    assert parts[:2] == (prefix, secret)


@given(SECRETS, st.integers(0, 45), st.sampled_from(ALPHABET))
def test_a_token_with_one_other_character_is_refused(secret: str, place: int, other: str) -> None:
    token = token_format.make_token("glsa", secret)
    altered = token[:place] + other + token[place + 1 :]
    if altered != token and altered.startswith("glsa_"):
        assert token_format.get_parts_or_none(altered, "glsa") is None


@given(SECRETS, st.text(UNICODE, max_size=190), st.integers(1, 2**31 - 1).map(OrgId))
def test_a_key_is_read_back(secret: str, name: str, org: OrgId) -> None:
    assert key_format.get_parts_or_none(key_format.make_key(secret, name, org)) == (secret, name, org)


@given(st.text())
def test_whatever_is_presented_is_read_or_refused(text: str) -> None:
    try:
        presented = parse_presented(Secret(text), "glsa")
    except CredentialUnknown:
        return
    assert isinstance(presented, PresentedToken | PresentedKey)


@given(SECRETS, st.text(UNICODE, max_size=190))
def test_what_is_minted_is_recognized_and_never_as_the_other_form(secret: str, name: str) -> None:
    mint = a_mint(random=secret)
    token, key = mint.new_token(), mint.new_key(name, OrgId(1))
    assert mint.digests(parse_presented(token.secret, "glsa")) == (token.digest,)
    assert mint.digests(parse_presented(key.secret, "glsa")) == (key.digest,)
    assert token.digest != key.digest


@pytest.mark.goal("G23")
def test_a_hundred_thousand_tokens_are_well_formed_and_different() -> None:
    secrets = (f"{number:032d}" for number in range(100_000))
    tokens = [token_format.make_token("glsa", secret) for secret in secrets]
    assert all(token_format.get_parts_or_none(token, "glsa") for token in tokens)
    assert len(set(tokens)) == len(tokens)
    assert all(len(token) == 46 for token in islice(tokens, 10))


@given(MOMENTS, MOMENTS)
def test_a_credential_never_comes_back_to_life(expiry: UnixSeconds, now: UnixSeconds) -> None:
    token = a_token(expires_at=expiry)
    if has_expired(token, now):
        assert has_expired(token, UnixSeconds(now + 1))
        assert not is_usable(token, now)


@given(st.integers(1, 2**31 - 1), MOMENTS)
def test_a_credential_lives_as_long_as_was_asked(lifetime_s: int, now: UnixSeconds) -> None:
    token = a_token(expires_at=expiry_of(lifetime_s, LifetimeLimit(-1), now))
    assert is_usable(token, UnixSeconds(now + lifetime_s - 1))
    assert not is_usable(token, UnixSeconds(now + lifetime_s))


@given(st.integers(1, 828), st.sampled_from([*UNITS_S]))
def test_a_time_to_live_is_its_number_times_its_unit(count: int, unit: str) -> None:
    assert parse_time_to_live(f" {count:04d}{unit} ", LifetimeLimit(-1)) == count * UNITS_S[unit]


@given(st.text(alphabet="0123456789smhdwMy.-+ eE\u0661\uff11", min_size=1).filter(str.strip))
def test_a_time_to_live_is_read_only_in_its_one_form(text: str) -> None:
    number, unit = text.strip()[:-1], text.strip()[-1:]
    if not (number.isascii() and number.isdigit() and len(number) <= 9 and unit in UNITS_S):
        with pytest.raises(TimeToLiveInvalid):
            parse_time_to_live(text, LifetimeLimit(-1))
