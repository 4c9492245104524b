"""A state of Terraform: the API keys in it, and the text in which each has its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from keystead.core.terraform.errors import StateNotUnderstood
from keystead.core.terraform.json_text import Json, Value, items, line_at, members, value_at

Object: TypeAlias = dict[str, Json]

VERSION = 4
_PROVIDER = re.compile(r'(?:module\..+?\.)?provider\["(?:[^"]*/)?([^"/]+)"\](\.[\w-]+)?')
_INDEX = re.compile(r'\[(?:[0-9]+|"(?:[^"\\]|\\.)*")\]')
_ID = re.compile(r"(?:([0-9]{1,18}):)?([0-9]{1,18})")
_RESOURCE: Final = {"module", "mode", "type", "name", "each", "provider", "instances"}
_INSTANCE: Final = {
    "index_key",
    "schema_version",
    "attributes",
    "sensitive_attributes",
    "private",
    "dependencies",
    "create_before_destroy",
    "identity_schema_version",
}


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """A resource and where its text stands."""

    value: Value
    resource: Object

    @property
    def address(self) -> str:
        """As Terraform tells it, without an index of its own."""
        return self.beside(str(self.resource.get("type")))

    @property
    def configured(self) -> str:
        """As a configuration tells it, which knows no instances of modules."""
        return configured(self.address)

    def beside(self, kind: str) -> str:
        """Return the address of the resource with another type in the same module."""
        module = self.resource.get("module")
        return f"{module}." * bool(module) + f"{kind}.{self.resource.get('name')}"

    @property
    def instances(self) -> list[Object]:
        found = self.resource.get("instances")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


@dataclass(frozen=True, slots=True, repr=False)  # it is full of secrets
class State:
    text: str
    serial: Value
    resources: Value

    @property
    def places(self) -> Iterator[Place]:
        found = items(self.text, self.resources)
        return (Place(one, one.json) for one in found if isinstance(one.json, dict))


def configured(address: str) -> str:
    return _INDEX.sub("", address)


def state_of(text: str) -> State:
    """Return a state as `terraform state pull` prints it. Raises StateNotUnderstood."""
    try:
        whole = value_at(text, 0)
        found = {member.name: member.value for member in members(text, whole)} if whole.json else {}
    except ValueError as error:
        at = getattr(error, "pos", 0)
        raise StateNotUnderstood(f"it is no JSON, from line {line_at(text, at)} on") from None
    if text[whole.end :].strip():
        raise StateNotUnderstood("something stands behind it")
    version = found["version"].json if "version" in found else None
    if version != VERSION:
        raise StateNotUnderstood("it is not of version 4, which Terraform 0.12 and newer write")
    state = State(text, wanted(found, "serial", int), wanted(found, "resources", list))
    if [place.resource for place in state.places] != state.resources.json:
        raise StateNotUnderstood("it has a resource of another form")
    return state


def wanted(found: dict[str, Value], name: str, kind: type) -> Value:
    """Raises StateNotUnderstood."""
    if name not in found or not isinstance(found[name].json, kind):
        raise StateNotUnderstood(f"it has no {name}")
    return found[name]


def instances_of(place: Place, attributes: set[str]) -> Iterator[Object]:
    """Yield the instances of a resource that has no more than what is known. Raises StateNotUnderstood."""
    unknown = sorted(place.resource.keys() - _RESOURCE)
    if unknown:
        raise StateNotUnderstood(f"{place.address} has {unknown[0]}")
    if place.resource.get("instances") != list(place.instances):
        raise StateNotUnderstood(f"{place.address} has instances of another form")
    for instance in place.instances:
        for why in oddities(instance, attributes):
            raise StateNotUnderstood(f"{place.address}{index_told(instance)} {why}")
        yield instance


def oddities(instance: Object, attributes: set[str]) -> Iterator[str]:
    if instance.get("status") == "tainted":
        yield "is tainted: untaint it, or let Terraform replace it first"
    if "deposed" in instance:
        yield "is about to be replaced: let Terraform finish that first"
    unknown = sorted(instance.keys() - _INSTANCE)
    if unknown:
        yield f"has {unknown[0]}"
    if instance.get("schema_version") != 0 or instance.get("identity_schema_version", 0) != 0:
        yield "is of another version"
    given = instance.get("attributes")
    if not isinstance(given, dict):
        yield "has no attributes"
    elif given.keys() - attributes:
        yield f"has the attribute {min(given.keys() - attributes)}"


def index_told(instance: Object) -> str:
    index = instance.get("index_key")
    return "" if index is None else f'["{index}"]' if isinstance(index, str) else f"[{index}]"


def text_at(instance: Object, name: str) -> str:
    """Return an attribute that is a text; "" where it is none."""
    given = instance["attributes"]
    found = given.get(name) if isinstance(given, dict) else None
    return found if isinstance(found, str) else ""


def ids_of(instance: Object, name: str) -> tuple[int, int] | None:
    """Return organization (0: it is not told) and id; None: it has another form."""
    found = _ID.fullmatch(text_at(instance, name))
    return None if found is None else (int(found[1] or 0), int(found[2]))


def provider_of(place: Place) -> str:
    """Return the name and alias of its provider, as a configuration has them: `grafana.staging`."""
    told = place.resource.get("provider")
    found = _PROVIDER.fullmatch(told) if isinstance(told, str) else None
    return f"{told}" if found is None else found[1] + (found[2] or "")
