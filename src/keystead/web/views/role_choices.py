"""The control that chooses roles beside the basic one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoleChoice:
    name: str  # of the field: pick-<uid>
    label: str
    description: str
    is_chosen: bool
    is_locked: bool  # stays as it is: out of reach


@dataclass(frozen=True, slots=True)
class RoleGroup:
    label: str
    choices: tuple[RoleChoice, ...]


@dataclass(frozen=True, slots=True)
class RoleChoices:
    reason: str  # why none can be changed; "": some can
    groups: tuple[RoleGroup, ...]  # of fixed roles
    custom: tuple[RoleChoice, ...]
    more: str  # that there are further custom roles; "": there are none
    filter: str
    chosen: str  # +2 roles; "": none
    is_open: bool = False
