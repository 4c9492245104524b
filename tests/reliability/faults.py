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
    secrecy,
    start,
    transactions,
    usage,
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
    "role_ceiling_swapped": Fault(rights.role_ceiling_swapped),
    "current_role_ignored": Fault(rights.current_role_ignored),
    "last_admin_unguarded": Fault(rights.last_admin_unguarded),
    "disabled_account_acts": Fault(rights.disabled_account_acts, is_quick=False),
    "expired_key_acts": Fault(rights.expired_key_acts, is_quick=False),
    "rotated_token_acts": Fault(rights.rotated_token_acts, is_quick=False),
    "server_admin_from_body": Fault(rights.server_admin_from_body, is_quick=False),
    "level_outlives_member": Fault(rights.level_outlives_member, is_quick=False),
    "grants_of_another": Fault(rights.grants_of_another, is_quick=False),
    "org_filter_of_keys": Fault(rights.org_filter_of_keys, is_quick=False),
    "org_filter_of_accounts": Fault(rights.org_filter_of_accounts),
    "star_in_the_middle": Fault(rights.star_in_the_middle),
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
