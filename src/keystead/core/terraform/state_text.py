"""How what is new goes into the text of a state, and who depends on it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from keystead.core.terraform.edits import Edit
from keystead.core.terraform.hcl import ACCOUNT, KEY
from keystead.core.terraform.json_text import Value, items, members, rebuilt
from keystead.core.terraform.state import Object, Place, State

Renamed: TypeAlias = Mapping[str, Sequence[str]]  # the addresses in whose place others stand
_INDENT = re.compile(r"\s*\{\s*?\n([ \t]+)")


def raised(state: State) -> Edit[str]:
    """A state is only taken when its serial is higher than that of the one before."""
    return Edit(state.serial.start, state.serial.end, f"{int(str(state.serial.json)) + 1}")


def put(text: str, at: int, resources: Sequence[Object]) -> str:
    """Return resources in the place of one that begins there, spaced as it is."""
    lead = space_before(text, at)
    return f",{lead}".join(told(text, lead, one) for one in resources)


def space_before(text: str, at: int) -> str:
    start = at
    while start and text[start - 1].isspace():
        start -= 1
    return text[start:at]


def told(text: str, lead: str, resource: Object) -> str:
    found = _INDENT.match(text)
    if found is None:
        return json.dumps(resource, ensure_ascii=False, separators=(",", ":"))
    lines = json.dumps(resource, ensure_ascii=False, indent=found[1]).split("\n")
    newline = "\r\n" if "\r\n" in lead else "\n"
    return (newline + lead.rpartition("\n")[2]).join(lines)


def of_dependencies(text: str, place: Place, renamed: Renamed) -> Iterator[Edit[str]]:
    """Yield what names, in the place of old addresses, the new ones on which a resource depends."""
    for array in dependencies_in(text, place):
        names = [one.json for one in items(text, array) if isinstance(one.json, str)]
        now = [new for one in names for new in renamed.get(one, [one])]
        if now != names:
            quoted = [json.dumps(one, ensure_ascii=False) for one in dict.fromkeys(now)]
            new = rebuilt(text, array, quoted, lambda start, end: text[start:end])
            yield Edit(array.start, array.end, new)


def dependencies_in(text: str, place: Place) -> Iterator[Value]:
    whole = text[place.value.start : place.value.end]
    if KEY not in whole and ACCOUNT not in whole:
        return
    for instances in (one.value for one in members(text, place.value) if one.name == "instances"):
        for instance in items(text, instances):
            found = members(text, instance)
            own = (one.value for one in found if one.name == "dependencies")
            yield from (one for one in own if isinstance(one.json, list) and one.json)
