"""Bytes to a typed body, read as leniently as Grafana 9.3 does in names, and as strictly in values."""

import json
from typing import NoReturn, TypeVar, get_args

import msgspec
import msgspec.structs
from starlette.requests import Request

from keystead.core.errors import Invalid
from keystead.core.path_id import parse_path_id
from keystead.core.secret import Secret

Body = TypeVar("Body")

_MAX_DEPTH = 32
_WHITE_SPACE = " \t\n\r"


class BodyUnreadable(Invalid):
    message = "bad request data"
    message_id = "http.body-unreadable"


def decode(request: Request, raw: bytes, kind: type[Body]) -> Body:
    """Return the body, its names matched without regard to case; null is absent, unknown names are ignored.

    Raises BodyUnreadable, whose detail names the field and never repeats its value.
    """
    if not is_json(request.headers.get("content-type", "")):
        raise BodyUnreadable("media type")
    if "content-encoding" in request.headers:
        raise BodyUnreadable("content encoding")
    try:
        return msgspec.convert(_fitted(_first_value(raw), kind), kind, dec_hook=_to_secret)
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        is_ours = isinstance(error, msgspec.ValidationError)
        raise BodyUnreadable(str(error) if is_ours else type(error).__name__) from None


def _to_secret(kind: type, value: object) -> object:
    """Wrap a password as soon as it is read; msgspec asks for each type that JSON does not have."""
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise TypeError(f"a {type(value).__name__} is no {kind.__name__}")


def is_json(content_type: str) -> bool:
    """Say whether the media type is JSON; its parameters must be well-formed, whatever they say."""
    media, *parameters = content_type.split(";")
    if parameters and not parameters[-1].strip():
        parameters.pop()  # one `;` at the end is tolerated
    is_well_formed = all("=" in parameter and parameter.strip()[0] != "=" for parameter in parameters)
    return media.strip().lower() == "application/json" and is_well_formed


def _first_value(raw: bytes) -> object:
    """Read the first JSON value and ignore what follows. Raises ValueError."""
    text = raw.decode("utf-8", "replace").lstrip(_WHITE_SPACE)
    if not text:
        return _Object()
    _check_depth(text)
    decoder = json.JSONDecoder(parse_constant=_refuse, parse_int=_integer, object_pairs_hook=_folded)
    value, _end = decoder.raw_decode(text)
    return _Object() if value is None else value


def _check_depth(text: str) -> None:
    """Raises ValueError; the parser itself has no such limit."""
    if text.count("[") + text.count("{") <= _MAX_DEPTH:
        return
    depth, is_in_string, is_escaped = 0, False, False
    for character in text:
        if is_in_string:
            is_in_string = is_escaped or character != '"'
            is_escaped = character == "\\" and not is_escaped
        elif character == '"':
            is_in_string = True
        elif character in "[{":
            depth += 1
            if depth > _MAX_DEPTH:
                raise ValueError("nested too deeply")
        elif character in "]}":
            depth -= 1


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _integer(text: str) -> int:
    number = parse_path_id(text)
    return _refuse(text) if number is None else number


class _Object(dict[str, object]):
    """A JSON object whose member names are in lower case; the last of equal ones counts."""


def _folded(pairs: list[tuple[str, object]]) -> _Object:
    return _Object((_lower(name), _clean(value)) for name, value in pairs)


def _lower(name: str) -> str:
    return "".join(chr(ord(letter) + 32) if "A" <= letter <= "Z" else letter for letter in name)


def _clean(value: object) -> object:
    if not isinstance(value, str) or (value.isascii() and "\0" not in value):
        return value
    if "\0" in value:
        raise ValueError("NUL in a string")
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _fitted(value: object, kind: type) -> object:
    """Give the members of an object the names of the struct's fields, and drop what is null or unknown."""
    if not isinstance(value, _Object):
        raise msgspec.ValidationError("not an object")
    fields = {_lower(field.encode_name): field for field in msgspec.structs.fields(kind)}
    return {
        fields[name].encode_name: _fitted_member(member, fields[name].type)
        for name, member in value.items()
        if name in fields and member is not None
    }


def _fitted_member(member: object, kind: object) -> object:
    """Do the same with an object, and with each in a list; there, null is what has no members."""
    kinds = (one for one in (kind, *get_args(kind)) if isinstance(one, type))
    struct = next((one for one in kinds if issubclass(one, msgspec.Struct)), None)
    if struct is not None and isinstance(member, _Object):
        return _fitted(member, struct)
    if struct is not None and isinstance(member, list):
        return [_fitted(_Object() if one is None else one, struct) for one in member]
    return member
