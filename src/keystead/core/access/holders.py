"""Who is given something, and what an object's permissions say of them."""

from dataclasses import dataclass
from typing import TypeAlias

from keystead.core.access.principal import PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.teams.model import TeamId


@dataclass(frozen=True, slots=True)
class AccountHolder:
    id: AccountId  # of a person or of a service account


@dataclass(frozen=True, slots=True)
class TeamHolder:
    id: TeamId


@dataclass(frozen=True, slots=True)
class RoleHolder:
    role: Role  # everybody who has exactly this one


Holder: TypeAlias = AccountHolder | TeamHolder | RoleHolder


@dataclass(frozen=True, slots=True)
class LeveledObject:
    """A single object that levels are given on, told as scopes tell it."""

    kind: str
    id: str  # its id, spelled as the number it is, or its uid


@dataclass(frozen=True, slots=True)
class Gift:
    """Who gave something, and when."""

    by_kind: PrincipalKind
    by_id: int  # of the account or, for an API key, of the credential
    at: UnixSeconds


@dataclass(frozen=True, slots=True)
class HeldLevel:
    """A level on an object, and who has it."""

    id: int
    holder: Holder
    level: str
    login: str = ""  # of an account
    name: str = ""  # of an account or a team
    email: str = ""  # of a person or a team
    is_person: bool = False
