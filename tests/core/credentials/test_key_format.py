import base64

import pytest

from keystead.core.credentials.key_format import get_parts_or_none, make_key
from keystead.core.orgs.model import OrgId
from tests.core.makers import HOME

SECRET = "abcdefghijklmnopqrstuvwxyzABCDEF"
KEY = "eyJrIjoiYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXpBQkNERUYiLCJuIjoiY2kiLCJpZCI6MX0="
ODD_KEY = (
    "eyJrIjoiYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXpBQkNERUYiLCJuIjoiYVx1MDAzY2IgXHUwMDI2IMOpIiwiaWQiOjEyfQ=="
)


def encoded(body: str) -> str:
    return base64.b64encode(body.encode()).decode()


class TestMakingAKey:
    def test_gives_grafanas_own_text(self) -> None:
        assert make_key(SECRET, "ci", HOME) == KEY
        assert make_key(SECRET, "a<b & é", OrgId(12)) == ODD_KEY

    def test_escapes_what_go_escapes(self) -> None:
        key = make_key("k", '\u2028\u2029>"\\\n\r\t\b\x00\x7f/😀', HOME)
        name = '\\u2028\\u2029\\u003e\\"\\\\\\n\\r\\t\\u0008\\u0000\x7f/😀'
        assert base64.b64decode(key).decode() == f'{{"k":"k","n":"{name}","id":1}}'


class TestReadingAKey:
    @pytest.mark.parametrize(("key", "name", "org"), [(KEY, "ci", 1), (ODD_KEY, "a<b & é", 12)])
    def test_gives_what_it_says(self, key: str, name: str, org: int) -> None:
        assert get_parts_or_none(key) == (SECRET, name, org)

    def test_takes_any_order_white_space_and_more_members(self) -> None:
        key = encoded(' {"id": 1, "x": [], "n": "ci",\n"k": "secret"} ')
        assert get_parts_or_none(key) == ("secret", "ci", 1)

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "null",
            "[]",
            '"k"',
            "{}",
            '{"k":"s","n":"ci"}',
            '{"k":"s","id":1}',
            '{"n":"ci","id":1}',
            '{"k":1,"n":"ci","id":1}',
            '{"k":"s","n":null,"id":1}',
            '{"k":"s","n":"ci","id":"1"}',
            '{"k":"s","n":"ci","id":1.0}',
            '{"k":"s","n":"ci","id":true}',
            '{"k":"s","n":"ci","id":0}',
            '{"k":"s","n":"ci","id":-1}',
            '{"k":"s","n":"ci","id":2147483648}',
            '{"k":"\\ud800","n":"ci","id":1}',
            '{"k":"s","n":"\\udfff","id":1}',
            '{"k":"s","n":"ci","id":1}x',
            '\ufeff{"k":"s","n":"ci","id":1}',
            "[" * 3000,
        ],
        ids=lambda body: body[:30] or "nothing",
    )
    def test_refuses_every_other_body(self, body: str) -> None:
        assert get_parts_or_none(encoded(body)) is None

    @pytest.mark.parametrize(
        "text",
        [
            KEY.rstrip("="),
            KEY + "=",
            KEY + "\n",
            KEY[:4] + "\n" + KEY[4:],
            KEY.replace("0=", "1="),  # spare bits set
            KEY.replace("J", "é"),
            KEY.replace("J", "_"),
            base64.b64encode(b'{"k":"\xff","n":"ci","id":1}').decode(),
        ],
    )
    def test_refuses_loose_base64_and_what_is_no_utf8(self, text: str) -> None:
        assert get_parts_or_none(text) is None
