"""The real command with exactly one fault put in: `python -m tests.reliability.faults NAME -- serve ...`.

Each fault is patched in from here; no setting or variable reaches it, and none of this is in the wheel.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from keystead import bootstrap
from tests.reliability.planted import (
    access,
    doors,
    freshness,
    log,
    migration,
    rights,
    roles,
    secrecy,
    start,
    transactions,
    usage,
    walls,
)

Set: TypeAlias = Callable[[object, str, object], None]
Plant: TypeAlias = Callable[[Set], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is put in. The goals that must turn red carry its name: `@pytest.mark.catches(...)`."""

    plant: Plant
    is_quick: bool = True  # under five seconds at a goal's smallest size


FAULTS: dict[str, Fault] = {
    "ack_before_commit": Fault(transactions.ack_before_commit, is_quick=False),
    "two_transactions": Fault(transactions.two_transactions, is_quick=False),
    "sync_normal": Fault(transactions.sync_normal),
    "sync_off": Fault(transactions.sync_off),
    "cache5s": Fault(freshness.cache5s),
    "stale_data_version": Fault(freshness.stale_data_version),
    "no_grace": Fault(freshness.no_grace, is_quick=False),
    "touch_in_request": Fault(usage.touch_in_request, is_quick=False),
    "last_use_backwards": Fault(usage.last_use_backwards, is_quick=False),
    "name_check_then_insert": Fault(transactions.name_check_then_insert),
    "route_without_needs": Fault(access.route_without_needs),
    "decode_twice": Fault(access.decode_twice),
    "no_org_filter": Fault(access.no_org_filter),
    "mint_above_role": Fault(rights.mint_above_role, is_quick=False),
    "mint_above_given": Fault(rights.mint_above_given, is_quick=False),
    "made_outlives_maker": Fault(rights.made_outlives_maker),
    "cascade_stops_at_children": Fault(rights.cascade_stops_at_children),
    "role_ceiling_swapped": Fault(rights.role_ceiling_swapped, is_quick=False),
    "role_order_strict": Fault(rights.role_order_strict),
    "current_role_ignored": Fault(rights.current_role_ignored, is_quick=False),
    "last_admin_unguarded": Fault(rights.last_admin_unguarded, is_quick=False),
    "last_server_admin_unguarded": Fault(rights.last_server_admin_unguarded, is_quick=False),
    "disabled_person_acts": Fault(rights.disabled_person_acts, is_quick=False),
    "disabled_account_acts": Fault(rights.disabled_account_acts),
    "expired_key_acts": Fault(rights.expired_key_acts, is_quick=False),
    "rotated_token_acts": Fault(rights.rotated_token_acts),
    "server_admin_from_body": Fault(rights.server_admin_from_body),
    "level_outlives_member": Fault(rights.level_outlives_member, is_quick=False),
    "grants_of_another": Fault(rights.grants_of_another),
    "shared_role_list": Fault(rights.shared_role_list, is_quick=False),
    "star_in_the_middle": Fault(rights.star_in_the_middle),
    "role_version_ignored": Fault(roles.role_version_ignored, is_quick=False),
    "role_before_ignored": Fault(roles.role_before_ignored, is_quick=False),
    "delegation_unchecked": Fault(roles.delegation_unchecked, is_quick=False),
    "global_role_by_org_admin": Fault(roles.global_role_by_org_admin, is_quick=False),
    "deleted_role_acts": Fault(roles.deleted_role_acts, is_quick=False),
    "assignment_elsewhere": Fault(roles.assignment_elsewhere, is_quick=False),
    "assignment_outlives_member": Fault(roles.assignment_outlives_member, is_quick=False),
    "level_above_own": Fault(roles.level_above_own, is_quick=False),
    "team_above_own": Fault(roles.team_above_own, is_quick=False),
    "team_kept_after_leaving": Fault(roles.team_kept_after_leaving, is_quick=False),
    "list_wider_than_check": Fault(roles.list_wider_than_check, is_quick=False),
    "org_filter_of_keys": Fault(walls.org_filter_of_keys, is_quick=False),
    "org_filter_of_accounts": Fault(walls.org_filter_of_accounts, is_quick=False),
    "org_filter_of_teams": Fault(walls.org_filter_of_teams, is_quick=False),
    "org_filter_of_members": Fault(walls.org_filter_of_members),
    "org_filter_of_roles": Fault(walls.org_filter_of_roles, is_quick=False),
    "org_filter_of_holders": Fault(walls.org_filter_of_holders, is_quick=False),
    "log_outside_tx": Fault(log.log_outside_tx),
    "chain_skips_row": Fault(log.chain_skips_row),
    "stop_at_first_failure": Fault(migration.stop_at_first_failure, is_quick=False),
    "detach_before_attach": Fault(migration.detach_before_attach, is_quick=False),
    "undo_check_outside": Fault(migration.undo_check_outside),
    "parser_raises": Fault(doors.parser_raises),
    "log_token": Fault(secrecy.log_token),
    "repr_secret": Fault(secrecy.repr_secret),
    "exit_at_once": Fault(doors.exit_at_once, is_quick=False),
    "default_admin": Fault(start.default_admin),
}


def plant(name: str, set_: Set = setattr) -> None:
    """Put one fault into this process."""
    FAULTS[name].plant(set_)


def main(arguments: Iterable[str]) -> None:
    """Start the real command with the fault in it; granian's workers are forked and have it too."""
    name, dashes, *rest = arguments
    if dashes != "--":
        sys.exit("usage: python -m tests.reliability.faults NAME -- serve ...")
    plant(name)
    sys.argv = ["keystead", *rest]
    bootstrap.run_cli()


if __name__ == "__main__":
    main(sys.argv[1:])
