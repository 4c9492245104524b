"""API keys in a state become service accounts with their tokens: the same secrets, and nothing to apply."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from keystead.core.terraform.edits import Edit, edited
from keystead.core.terraform.errors import (
    KeysUnaccounted,
    NothingToRewrite,
    SeveralProviders,
    StateNotUnderstood,
)
from keystead.core.terraform.hcl import ACCOUNT, KEY, TOKEN
from keystead.core.terraform.json_text import Json
from keystead.core.terraform.state import (
    Object,
    Place,
    State,
    configured,
    ids_of,
    index_told,
    instances_of,
    provider_of,
    text_at,
)
from keystead.core.terraform.state_text import Renamed, of_dependencies, put, raised

KEY_ATTRIBUTES = {"expiration", "id", "key", "name", "org_id", "role", "seconds_to_live", "cloud_stack_slug"}
_OF_ACCOUNT = {"name", "role", "org_id"}
_OF_TOKEN = {"name", "key", "expiration", "seconds_to_live"}
_COPIED = ("create_before_destroy", "identity_schema_version")
_MOST_TOLD = 10


@dataclass(frozen=True, slots=True)
class Owner:
    """The service account whose token a key became."""

    org: int
    id: int
    name: str
    role: str
    is_disabled: bool
    token_name: str
    has_expired: bool = False  # the token


@dataclass(frozen=True, slots=True)
class StateKey:
    address: str
    org: int  # 0: that of the credential that Terraform uses
    id: int
    name: str


def keys_of(state: State, providers: Collection[str]) -> list[tuple[Place, list[Object]]]:
    """Return the resources of API keys with their instances, of all providers if there is only one.

    Raises StateNotUnderstood, SeveralProviders, and NothingToRewrite where there are none.
    """
    places = [place for place in state.places if place.resource.get("type") == KEY]
    if not places:
        raise NothingToRewrite(f"it has no {KEY}")
    of = {provider_of(place) for place in places}
    if len(of) > 1 and not providers:
        raise SeveralProviders(", ".join(sorted(of)))
    wanted = [place for place in places if not providers or provider_of(place) in providers]
    if not wanted:
        raise NothingToRewrite(f"its API keys belong to {', '.join(sorted(of))}")
    return [(place, list(instances_of(place, KEY_ATTRIBUTES))) for place in wanted]


def state_key(place: Place, instance: Object) -> StateKey:
    """Return what a key is looked for by. Raises StateNotUnderstood."""
    address = place.address + index_told(instance)
    ids = ids_of(instance, "id")
    lacks = [name for name in ("name", "role", "key") if not text_at(instance, name)]
    if ids is None or lacks or text_at(instance, "cloud_stack_slug"):
        raise StateNotUnderstood(
            f"{address} has no {', '.join(lacks)}" if lacks else f"{address} is another's"
        )
    return StateKey(address, *ids, text_at(instance, "name"))


def asked_about(state: State, providers: Collection[str]) -> list[StateKey]:
    """Return the API keys in a state. Raises StateNotUnderstood, SeveralProviders, NothingToRewrite."""
    return [
        state_key(place, instance) for place, instances in keys_of(state, providers) for instance in instances
    ]


def adopted(state: State, providers: Collection[str], owners: Mapping[tuple[int, int], Owner]) -> str:
    """Return the state in which each key is an account and a token; `owners` by organization and key.

    Raises StateNotUnderstood, SeveralProviders, NothingToRewrite, and KeysUnaccounted for keys without owner.
    """
    found = keys_of(state, providers)
    check_all(found, owners)
    renamed: Renamed = {
        place.configured: [configured(place.beside(ACCOUNT)), configured(place.beside(TOKEN))]
        for place, _ in found
    }
    edits = [raised(state)]
    for place, instances in found:
        pairs = [(one, owners[ids]) for one in instances if (ids := ids_of(one, "id")) is not None]
        accounts = [account_of(one, owner, renamed) for one, owner in pairs]
        tokens = [token_of(one, owner, renamed, configured(place.beside(ACCOUNT))) for one, owner in pairs]
        two = [resource(place, ACCOUNT, accounts), resource(place, TOKEN, tokens)]
        edits.append(Edit(place.value.start, place.value.end, put(state.text, place.value.start, two)))
    gone = {place.value.start for place, _ in found}
    others = (place for place in state.places if place.value.start not in gone)
    edits += (edit for place in others for edit in of_dependencies(state.text, place, renamed))
    return edited(state.text, edits)


def check_all(found: Sequence[tuple[Place, list[Object]]], owners: Mapping[tuple[int, int], Owner]) -> None:
    """Raises StateNotUnderstood, and KeysUnaccounted with the addresses."""
    keys = [state_key(place, instance) for place, instances in found for instance in instances]
    missing = [key.address for key in keys if not is_owned(key, owners.get((key.org, key.id)))]
    if missing:
        raise KeysUnaccounted(f"not migrated, or not of this server: {some(missing)}")


def is_owned(key: StateKey, owner: Owner | None) -> bool:
    return owner is not None and owner.token_name == key.name


def some(addresses: Sequence[str]) -> str:
    more = len(addresses) - _MOST_TOLD
    return ", ".join(addresses[:_MOST_TOLD]) + (f" and {more} more" if more > 0 else "")


def resource(place: Place, kind: str, instances: list[Object]) -> Object:
    return {**place.resource, "type": kind, "instances": list(instances)}


def account_of(instance: Object, owner: Owner, renamed: Renamed) -> Object:
    attributes: Object = {
        "id": f"{owner.org}:{owner.id}",
        "org_id": str(owner.org),
        "name": owner.name,
        "role": owner.role,
        "is_disabled": owner.is_disabled,
    }
    own = [name for one in depends_on(instance) for name in renamed.get(one, [one])]
    return {
        **with_index(instance),
        "schema_version": 0,
        "attributes": attributes,
        "sensitive_attributes": list[Json](marked(instance, _OF_ACCOUNT)),
        **({"dependencies": list(own)} if own else {}),
        **copied(instance),
    }


def token_of(instance: Object, owner: Owner, renamed: Renamed, account: str) -> Object:
    given = instance["attributes"] if isinstance(instance["attributes"], dict) else {}
    attributes: Object = {
        "id": str((ids_of(instance, "id") or (0, 0))[1]),
        "name": given["name"],
        "service_account_id": f"{owner.org}:{owner.id}",
        "seconds_to_live": given.get("seconds_to_live"),
        "key": given["key"],
        "expiration": given.get("expiration"),
        "has_expired": owner.has_expired,
    }
    paths: list[Json] = list(marked(instance, _OF_TOKEN))
    key: Json = {"type": "get_attr", "value": "key"}
    own = [name for one in depends_on(instance) for name in renamed.get(one, [one])]
    return {
        **with_index(instance),
        "schema_version": 0,
        "attributes": attributes,
        "sensitive_attributes": paths if [key] in paths else [*paths, [key]],
        "dependencies": list[Json](sorted({*own, account})),
        **copied(instance),
    }


def with_index(instance: Object) -> Object:
    return {"index_key": instance["index_key"]} if "index_key" in instance else {}


def copied(instance: Object) -> Object:
    return {name: instance[name] for name in _COPIED if name in instance}


def depends_on(instance: Object) -> list[str]:
    found = instance.get("dependencies")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def marked(instance: Object, attributes: set[str]) -> Iterator[list[Json]]:
    """Yield the paths of what is kept from view, as far as the resource has the attribute."""
    paths = instance.get("sensitive_attributes")
    for path in paths if isinstance(paths, list) else ():
        first = path[0] if isinstance(path, list) and path else None
        if isinstance(path, list) and isinstance(first, dict) and first.get("value") in attributes:
            yield path
