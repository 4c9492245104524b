"""The real command with exactly one fault put in: `python -m tests.reliability.faults NAME -- serve ...`.

Each fault is patched in from here; no setting or variable reaches it, and none of this is in the wheel.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from keystead import bootstrap
from tests.reliability.planted import access, doors, freshness, secrecy, start, transactions, usage

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
