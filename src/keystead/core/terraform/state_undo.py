"""Service accounts and tokens in a state become the API keys again that they were."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from keystead.core.terraform.edits import Edit, edited
from keystead.core.terraform.errors import KeysUnaccounted, NothingToRewrite
from keystead.core.terraform.hcl import ACCOUNT, KEY, TOKEN
from keystead.core.terraform.json_text import Json, rebuilt
from keystead.core.terraform.state import (
    Object,
    Place,
    State,
    configured,
    ids_of,
    index_told,
    instances_of,
    text_at,
)
from keystead.core.terraform.state_keys import (
    copied,
    depends_on,
    marked,
    resource,
    some,
    with_index,
)
from keystead.core.terraform.state_text import Renamed, of_dependencies, raised, space_before, told

TOKEN_ATTRIBUTES = {
    "id",
    "name",
    "service_account_id",
    "seconds_to_live",
    "key",
    "expiration",
    "has_expired",
}
_OF_KEY = {"name", "key", "expiration", "seconds_to_live"}
_NOTHING = "bnVsbA=="  # what the provider keeps for itself about a key: null


@dataclass(frozen=True, slots=True)
class RevertedKey:
    """A token that is an API key again."""

    name: str
    role: str


def orgs_of_tokens(state: State) -> set[int]:
    """Return the organizations whose keys decide."""
    found = (
        ids_of(one, "service_account_id") for place in places_of(state, TOKEN) for one in place.instances
    )
    return {org for org, _ in (ids for ids in found if ids is not None)}


def places_of(state: State, kind: str) -> Iterator[Place]:
    return (place for place in state.places if place.resource.get("type") == kind)


def reverted(state: State, keys: Mapping[tuple[int, int], RevertedKey]) -> str:
    """Return the state in which each token that is a key again is one; `keys` by organization and id.

    Raises StateNotUnderstood, NothingToRewrite, and KeysUnaccounted where only some of a resource are keys.
    """
    back = {place.value.start: place for place in places_of(state, TOKEN) if is_back(place, keys)}
    if not back:
        raise NothingToRewrite("no token in it is an API key again on the server")
    of_accounts = {place.beside(ACCOUNT): place for place in back.values()}
    check_accounts(state, of_accounts)
    renamed: Renamed = {
        **{configured(address): [] for address in of_accounts},
        **{place.configured: [configured(place.beside(KEY))] for place in back.values()},
    }
    pieces = [
        piece_of(state, place, keys, renamed, is_key=place.value.start in back)
        for place in state.places
        if place.address not in of_accounts
    ]
    whole = state.resources
    text = rebuilt(state.text, whole, pieces, lambda start, end: state.text[start:end])
    return edited(state.text, [raised(state), Edit(whole.start, whole.end, text)])


def is_back(place: Place, keys: Mapping[tuple[int, int], RevertedKey]) -> bool:
    """Say whether all tokens of a resource are keys again. Raises KeysUnaccounted where only some are."""
    lacking = [f"{place.address}{index_told(one)}" for one in place.instances if key_again(one, keys) is None]
    if lacking and len(lacking) < len(place.instances):
        raise KeysUnaccounted(f"not reverted, beside others that are: {some(lacking)}")
    return not lacking and bool(place.instances)


def key_again(instance: Object, keys: Mapping[tuple[int, int], RevertedKey]) -> RevertedKey | None:
    owner, token = ids_of(instance, "service_account_id"), ids_of(instance, "id")
    found = None if owner is None or token is None else keys.get((owner[0], token[1]))
    return found if found is not None and found.name == text_at(instance, "name") else None


def check_accounts(state: State, of_accounts: Mapping[str, Place]) -> None:
    """Raises KeysUnaccounted where an account is not in the state beside its token."""
    there = {
        (place.address, index_told(one)) for place in places_of(state, ACCOUNT) for one in place.instances
    }
    wanted = {(address, index_told(one)) for address, place in of_accounts.items() for one in place.instances}
    missing = sorted(f"{address}{index}" for address, index in wanted - there)
    if missing:
        raise KeysUnaccounted(f"no account beside the token: {some(missing)}")


def piece_of(
    state: State,
    place: Place,
    keys: Mapping[tuple[int, int], RevertedKey],
    renamed: Renamed,
    *,
    is_key: bool,
) -> str:
    """Return the text of a resource. Raises StateNotUnderstood."""
    if not is_key:
        edits = of_dependencies(state.text, place, renamed)
        return edited(state.text, edits, place.value.start, place.value.end)
    instances = [
        key_of(one, found, renamed)
        for one in instances_of(place, TOKEN_ATTRIBUTES)
        if (found := key_again(one, keys)) is not None
    ]
    lead = space_before(state.text, place.value.start)
    return told(state.text, lead, resource(place, KEY, instances))


def key_of(instance: Object, found: RevertedKey, renamed: Renamed) -> Object:
    given = instance["attributes"] if isinstance(instance["attributes"], dict) else {}
    org = (ids_of(instance, "service_account_id") or (0, 0))[0]
    attributes: Object = {
        "expiration": given.get("expiration"),
        "id": f"{org}:{given['id']}",
        "key": given.get("key"),
        "name": found.name,
        "org_id": str(org),
        "role": found.role,
        "seconds_to_live": given.get("seconds_to_live"),
    }
    own = [name for one in depends_on(instance) for name in renamed.get(one, [one])]
    return {
        **with_index(instance),
        "schema_version": 0,
        "attributes": attributes,
        "sensitive_attributes": list[Json](marked(instance, _OF_KEY)),
        "private": _NOTHING,
        **({"dependencies": list(own)} if own else {}),
        **copied(instance),
    }
