"""`POST /api/serviceaccounts`: an account, if wanted with permissions of its own and a first token.

Source: Grafana v9.3.2 HTTP API; description, permissions and token are Keystead's.
"""

from msgspec import UNSET, Struct, UnsetType, field
from msgspec.structs import asdict

from keystead.api.roles import PermissionShape, permissions_in
from keystead.api.serviceaccount_tokens import OF_MINTING, CreateToken, TokenCreated, created_shape
from keystead.api.serviceaccounts import ABOVE_OWN, BAD_DATA, Account, Description, account_shape
from keystead.api.shapes import Name, RoleText
from keystead.core.access.errors import ActionInvalid, PermissionMissing, ScopeInvalid
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.access.roles import parse_role
from keystead.core.accounts.errors import ServiceAccountLoginTaken
from keystead.core.credentials.errors import LifetimeNegative
from keystead.http.endpoint import Call, Routes, Told
from keystead.usecases import serviceaccount_creation
from keystead.usecases.serviceaccount_creation import Extras, FirstToken
from keystead.usecases.serviceaccounts import NewServiceAccount

routes = Routes()


class CreateServiceAccount(Struct, rename="camel", kw_only=True):
    name: Name
    role: RoleText = ""
    is_disabled: bool = False
    description: Description = ""
    permissions: list[PermissionShape] = field(default_factory=list)
    token: CreateToken | None = None


class CreatedAccount(Account, rename="camel", kw_only=True):
    token: TokenCreated | UnsetType = UNSET  # absent: none was asked for


@routes.route_with_body(
    "POST",
    "/api/serviceaccounts",
    needs=Action.SERVICE_ACCOUNTS_CREATE.anywhere(),
    body=CreateServiceAccount,
    told=Told(
        answer=CreatedAccount,
        status=201,
        errors=(ActionInvalid, ScopeInvalid, PermissionMissing, *OF_MINTING),
        answers={
            **BAD_DATA,
            **ABOVE_OWN,
            ServiceAccountLoginTaken: (400, "Failed to create service account"),
            LifetimeNegative: (400, "invalid SecondsToLive value"),
        },
    ),
)
def create_service_account(call: Call[Principal], body: CreateServiceAccount) -> CreatedAccount:
    """Create a service account, all that is asked for or nothing; its login follows from its name."""
    new = NewServiceAccount(body.name, parse_role(body.role), body.description, body.is_disabled)
    token = None if body.token is None else FirstToken(body.token.name, body.token.seconds_to_live)
    extras = Extras(permissions_in(body.permissions), token)
    deps = call.deps
    with deps.write() as db:
        account, issued = serviceaccount_creation.create_with(
            db, call.by, new, extras, new_uid=deps.new_uid, rules=deps.tokens
        )
    shape = account_shape(account, tokens=0, avatar="")
    return CreatedAccount(**asdict(shape), token=UNSET if issued is None else created_shape(issued))
