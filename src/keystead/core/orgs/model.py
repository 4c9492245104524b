"""An organization: a tenant. Everything but a user lies in exactly one."""

from dataclasses import dataclass
from typing import NewType

OrgId = NewType("OrgId", int)


@dataclass(frozen=True, slots=True)
class Address:
    """Where an organization sits; an empty text is a part that nobody filled in."""

    address1: str = ""
    address2: str = ""
    city: str = ""
    zip_code: str = ""
    state: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Org:
    id: OrgId
    name: str
    address: Address
