from typing import Annotated, TypeVar

import pytest
from msgspec import Meta, Struct, field
from starlette.requests import Request

from keystead.http.body import BodyUnreadable, decode


class Order(Struct, rename="camel", kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=5)]
    seconds_to_live: int = 0
    is_big: bool = False


class Parcel(Struct):
    orders: list[Order] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


Body = TypeVar("Body")


def read(raw: bytes, content_type: str | None = "application/json") -> Order:
    headers = [] if content_type is None else [(b"content-type", content_type.encode())]
    return read_as(Order, raw, headers)


def read_as(kind: type[Body], raw: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> Body:
    as_json = [(b"content-type", b"application/json")]
    return decode(Request({"type": "http", "headers": as_json if headers is None else headers}), raw, kind)


class TestReadingObjectsInAList:
    def test_takes_their_names_in_any_case_and_null_as_absent(self) -> None:
        raw = b'{"ORDERS":[{"Name":"a","SecondsToLive":5,"isBig":null,"x":1},{"name":"b"}],"words":["W"]}'
        assert read_as(Parcel, raw) == Parcel([Order(name="a", seconds_to_live=5), Order(name="b")], ["W"])
        assert read_as(Parcel, b'{"orders":null}') == read_as(Parcel, b"") == Parcel()

    @pytest.mark.parametrize("raw", [b'{"orders":[1]}', b'{"orders":{}}', b'{"orders":[null]}'])
    def test_refuses_what_is_no_such_object(self, raw: bytes) -> None:
        with pytest.raises(BodyUnreadable):
            read_as(Parcel, raw)


class TestReadingABody:
    @pytest.mark.parametrize(
        ("raw", "name"),
        [
            (b'{"name":"a"}', "a"),
            (b'{"NAME":"a"}', "a"),
            (b'{"name":"a","Name":"b"}', "b"),
            (b'{"name":"a","Name":"b","name":"c"}', "c"),
            (b' \n\t{"name":"a"} trailing {', "a"),
            (b'{"name":"a","other":[1,{"deep":null}]}', "a"),
            (b'{"name":"a","secondsToLive":null}', "a"),
            (b'{"name":"\xff"}', "\ufffd"),
            (b'{"name":"\\ud800"}', "\ufffd"),
            (b'{"name":"\\ud83d\\ude00"}', "\U0001f600"),
            (b'{"name":" a "}', " a "),
        ],
    )
    def test_takes_names_in_any_case_and_the_first_value_only(self, raw: bytes, name: str) -> None:
        assert read(raw).name == name

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"null",
            b"{}",
            b"[]",
            b'"a"',
            b"1",
            b"{nope",
            b'{"name":1}',
            b'{"name":""}',
            b'{"name":"123456"}',
            b'{"name":null}',
            b'{"name":"a\\u0000"}',
            b'{"name":"a","secondsToLive":5.0}',
            b'{"name":"a","secondsToLive":5e0}',
            b'{"name":"a","secondsToLive":"5"}',
            b'{"name":"a","secondsToLive":true}',
            b'{"name":"a","secondsToLive":05}',
            b'{"name":"a","secondsToLive":9223372036854775808}',
            b'{"name":"a","isBig":1}',
            b'{"name":"a","isBig":"true"}',
            b"{'name':'a'}",
            b'{"name":"a",}',
            b'{"name":"a"/**/}',
            b'{"name":"a","x":NaN}',
            b"\xef\xbb\xbf" + b'{"name":"a"}',
            b'{"name":"a","x":' + b"[" * 33 + b"]" * 33 + b"}",
            b"[" * 100_000,
        ],
    )
    def test_refuses_what_is_no_such_object_and_repeats_nothing(self, raw: bytes) -> None:
        with pytest.raises(BodyUnreadable) as refused:
            read(raw)
        assert "123456" not in str(refused.value)

    def test_counts_only_real_nesting(self) -> None:
        assert read(b'{"name":"a","x":"' + b"[" * 50 + b'\\"[", "y": [[]]}').name == "a"

    @pytest.mark.parametrize(
        "content_type",
        ["application/json", "Application/JSON", "application/json; charset=latin1", "application/json;"],
    )
    def test_takes_the_json_media_type_in_any_spelling(self, content_type: str) -> None:
        assert read(b'{"name":"a"}', content_type).name == "a"

    @pytest.mark.parametrize(
        "content_type",
        [None, "", "text/plain", "*/*", "application/merge-patch+json", "application/json; charset", "json"],
    )
    def test_refuses_any_other_media_type(self, content_type: str | None) -> None:
        with pytest.raises(BodyUnreadable):
            read(b'{"name":"a"}', content_type)

    def test_refuses_a_compressed_body(self) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-encoding", b"gzip")]
        with pytest.raises(BodyUnreadable):
            decode(Request({"type": "http", "headers": headers}), b'{"name":"a"}', Order)
