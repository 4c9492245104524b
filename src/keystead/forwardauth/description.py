"""What the printed reference and the OpenAPI document say of forward-auth, which is no route like others."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from keystead.core.credentials.errors import CredentialBudgetSpent
from keystead.core.errors import KeysteadError
from keystead.core.forwardauth.errors import ConditionUnknown, OrgOther, PermissionNotHeld, RoleTooLow
from keystead.forwardauth.endpoint import PathUnknown, Undecided
from keystead.forwardauth.headers import ROUTE, IdentityTooLong
from keystead.http.deps import Deps
from keystead.http.endpoint import Endpoint, Told
from keystead.http.needs import Open
from keystead.http.origin import OriginNotAllowed


async def refuse(_deps: Deps, _request: Request, _variables: Mapping[str, str]) -> Response:
    """Let nothing pass, should a request ever come this way. Raises Undecided."""
    raise Undecided


DECLARED = Endpoint(  # any method is answered alike, and whatever lies below is refused
    "GET",
    ROUTE,
    Open.OWN_401,
    refuse,
    Told(
        errors=(
            ConditionUnknown,
            OrgOther,
            RoleTooLow,
            PermissionNotHeld,
            PathUnknown,
            IdentityTooLong,
            OriginNotAllowed,
        ),
        query={"role": str, "org": int, "action": str, "scope": str},  # action and scope may be repeated
        answers={
            KeysteadError: (503, Undecided.message),
            CredentialBudgetSpent: (503, CredentialBudgetSpent.message),
        },
    ),
    summary="Tell a proxy whether a request may pass, and in headers whose it is",
)
