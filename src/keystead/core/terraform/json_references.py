"""Where a configuration that is written as JSON refers to API keys."""

from collections.abc import Iterator
from dataclasses import replace

from keystead.core.terraform.hcl import KEY, TEMPLATE_AT, parse, parse_template
from keystead.core.terraform.json_text import Value, items, line_at, members, places_of
from keystead.core.terraform.references import OF_WHOLE, Reference, references

COMMENT = "//"


def references_in(text: str, value: Value, argument: str = "") -> Iterator[Reference]:
    """Yield what refers to API keys in a value; each begins at a character of the text, on its line."""
    if isinstance(value.json, dict):
        for member in members(text, value):
            if member.name != COMMENT:
                yield from references_in(text, member.value, member.name)
    elif isinstance(value.json, list):
        for item in items(text, value):
            yield from references_in(text, item, argument)
    elif isinstance(value.json, str) and KEY in value.json:
        yield from references_of(text, value, value.json, argument)


def references_of(text: str, value: Value, told: str, argument: str) -> Iterator[Reference]:
    """Some arguments take a reference as it is; everywhere else a string is a template."""
    is_plain = argument in OF_WHOLE
    root = parse(f"{argument}={told}\n".encode()) if is_plain else parse_template(told)
    if root.has_error:
        line = line_at(text, value.start)
        yield Reference(value.start, line, "", "", text[value.start : value.end])
        return
    places, raw = places_of(text[value.start : value.end]), told.encode()
    for one in references(root, argument):
        offset = one.start - (len(f"{argument}=") if is_plain else TEMPLATE_AT)
        start = value.start + places[len(raw[:offset].decode())]
        yield replace(one, start=start, line=line_at(text, start))
