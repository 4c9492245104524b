"""Who a request turned out to be, and where it came from."""

from dataclasses import dataclass
from enum import StrEnum

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.grants import Grants
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId
from keystead.core.sessions.model import SessionId


class PrincipalKind(StrEnum):
    USER = "user"
    SERVICE_ACCOUNT = "serviceaccount"
    API_KEY = "apikey"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from and where it went, for the log of changes and for the last use."""

    address: str = ""
    request_id: str = ""
    agent: str = ""
    route: str = ""  # method and template, never the path


@dataclass(frozen=True, slots=True)
class Principal:
    kind: PrincipalKind
    account_id: AccountId  # 0: an API key is no account
    credential_id: CredentialId | None  # None: a person
    session_id: SessionId | None  # None: no browser
    org: OrgId | None  # None: in no organization, so without a role
    role: Role | None  # None: no basic role here
    login: str
    name: str
    is_server_admin: bool
    grants: Grants
    origin: Origin

    @property
    def org_here(self) -> OrgId:
        """Return the organization that the request acts in.

        Raises PermissionMissing where there is none, since nothing can be held there.
        """
        if self.org is None:
            raise PermissionMissing
        return self.org
