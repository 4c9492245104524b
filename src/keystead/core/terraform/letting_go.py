"""Blocks of Terraform that let API keys go and take their service accounts in, by an apply of its own."""

from collections.abc import Collection, Mapping

from keystead.core.migration.terraform import account_block, import_of
from keystead.core.terraform.hcl import ACCOUNT
from keystead.core.terraform.state import Object, Place, State, ids_of, index_told
from keystead.core.terraform.state_keys import Owner, check_all, keys_of


def let_go(state: State, providers: Collection[str], owners: Mapping[tuple[int, int], Owner]) -> str:
    """Return a `removed` block for each resource of keys and an `import` block for each account.

    An account that is alone in the root module gets its resource too; those of modules, and of `count` and
    `for_each`, stand where their keys stood. Raises StateNotUnderstood, SeveralProviders, NothingToRewrite,
    and KeysUnaccounted for keys without owner.
    """
    found = keys_of(state, providers)
    check_all(found, owners)
    return "\n".join(block for place, instances in found for block in blocks_of(place, instances, owners))


def blocks_of(place: Place, instances: list[Object], owners: Mapping[tuple[int, int], Owner]) -> list[str]:
    blocks = [f"removed {{\n  from = {place.configured}\n\n  lifecycle {{\n    destroy = false\n  }}\n}}\n"]
    account = place.beside(ACCOUNT)
    for instance in instances:
        owner = owners[ids_of(instance, "id") or (0, 0)]
        blocks.append(import_of(account + index_told(instance), owner.org, owner.id))
        if account.startswith(ACCOUNT) and not index_told(instance):
            label = str(place.resource.get("name"))
            blocks.append(account_block(label, owner.name, owner.role, is_disabled=owner.is_disabled))
    return blocks
