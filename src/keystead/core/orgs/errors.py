"""What can go wrong with organizations and who belongs to them."""

from keystead.core.accounts.errors import IdInvalid
from keystead.core.errors import Conflict, Denied, Invalid, NotFound, Unauthenticated


class OrgNotFound(NotFound):
    message = "Organization not found"
    message_id = "orgs.not-found"


class OrgIdInvalid(IdInvalid):
    message = "orgId is invalid"
    message_id = "orgs.id-invalid"


class OrgNameTaken(Conflict):
    message = "Organization name taken"
    message_id = "orgs.name-taken"


class OrgIsCurrent(Invalid):
    """Nobody deletes the organization in which they act."""

    message = "Can not delete org for current user"
    message_id = "orgs.is-current"


class OrgNotOwn(Unauthenticated):
    """Not one of the caller's organizations, or none at all; 9.3.2 answers this with 401."""

    message = "Not a valid organization"
    message_id = "orgs.not-own"


class MemberNotFound(NotFound):
    message = "Failed update org user"
    message_id = "orgs.member-not-found"


class MemberExists(Conflict):
    """The answer names the person."""

    message = "User is already member of this organization"
    message_id = "orgs.member-exists"

    def __init__(self, account_id: int) -> None:
        super().__init__(f"account={account_id}")
        self.account_id = account_id


class LastOrgAdmin(Invalid):
    message = "Cannot remove last organization admin"
    message_id = "orgs.last-admin"


class QuotasDisabled(Denied):
    message = "Quotas not enabled"
    message_id = "quota.disabled"


class QuotaReached(Denied):
    message = "Quota reached"
    message_id = "quota.reached"
