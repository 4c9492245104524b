"""Who may pass: authenticate, look where the request comes from, authorize. The only place that does."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from keystead.core.access.denial import permission_missing
from keystead.core.access.errors import PermissionMissing
from keystead.core.access.grants import NO_GRANTS, Grants
from keystead.core.access.permission import Need, Permission, Place, Several
from keystead.core.access.principal import Origin, Principal, PrincipalKind
from keystead.core.accounts.errors import PasswordChangeDue
from keystead.core.orgs.model import OrgId
from keystead.core.path_id import parse_path_id
from keystead.http.authenticate import identify, is_ambient, presented_by
from keystead.http.deps import Deps
from keystead.http.needs import Guarded, SignedIn
from keystead.http.origin import check_host, check_origin
from keystead.http.query import Query
from keystead.http.site import Site

Respell: TypeAlias = Callable[[Deps, Principal, dict[str, str]], None]  # changes the names of a path
ENTERED = "keystead.entered"  # in the scope: from here on a handler answers
NEW_COOKIE = "keystead.new-cookie"  # in the scope: the session's next value, which any answer must carry
PRINCIPAL = "keystead.principal"  # in the scope: who turned out to be calling, also when denied


async def let_in(
    deps: Deps,
    request: Request,
    needs: Guarded,
    variables: dict[str, str],
    *,
    reads_body: bool,
    respell: Respell | None = None,
) -> Principal:
    """Raises what makes the credential useless, OriginNotAllowed, PasswordChangeDue, PermissionMissing."""
    Query(request.scope["query_string"]).check_no_credential()
    presented = presented_by(request, deps)
    if is_ambient(presented):
        check_host(request, deps.site)
    who = await identify(presented, request, deps, origin_of(request, deps.site))
    request.scope[PRINCIPAL] = who.principal
    request.scope[NEW_COOKIE] = who.new_cookie
    if is_ambient(presented):
        check_origin(request, deps.site, reads_body=reads_body)
    if who.is_password_change_due and needs is not SignedIn.PASSWORD_CHANGE:
        raise PasswordChangeDue
    if respell is not None:
        await run_in_threadpool(respell, deps, who.principal, variables)
    if not isinstance(needs, SignedIn):
        await check_need(deps, who.principal, needs, variables)
    request.scope[ENTERED] = True
    return who.principal


async def check_need(deps: Deps, by: Principal, needs: Need | Several, variables: Mapping[str, str]) -> None:
    """Raises PermissionMissing; it names nothing where the organization that is asked for cannot be one."""
    grants = await grants_at(deps, by, needs, variables)
    bound = needs.bound_to(variables)
    if not bound.is_met_by(grants):
        wanted = bound.needs if isinstance(bound, Several) else (bound,)
        raise permission_missing(bound.told, (Permission(need.action, need.scope) for need in wanted), grants)


async def grants_at(deps: Deps, by: Principal, needs: Need | Several, variables: Mapping[str, str]) -> Grants:
    """Return what counts at the place of the need. Raises PermissionMissing."""
    match needs.place:
        case Place.HERE:
            return by.grants
        case Place.EVERYWHERE:
            return await grants_there(deps, by, None)
        case Place.THERE:
            there = parse_path_id(variables[needs.org_member])
            if not there or by.kind is PrincipalKind.API_KEY:  # an API key has no identity elsewhere
                raise PermissionMissing
            return await grants_there(deps, by, OrgId(there))


async def grants_there(deps: Deps, by: Principal, there: OrgId | None) -> Grants:
    """Return what counts in that organization; None: in all of them. Keys and tokens are of one alone."""
    if there is not None and there == by.org:
        return by.grants
    if by.kind is PrincipalKind.API_KEY or (there is not None and by.kind is PrincipalKind.SERVICE_ACCOUNT):
        return NO_GRANTS
    return await run_in_threadpool(deps.people.grants_in, by, there)


def origin_of(request: Request, site: Site) -> Origin:
    return Origin(
        address=address_of(request, site),
        request_id=request.scope["keystead.request_id"],
        agent=request.headers.get("user-agent", "")[:200],
        route=f"{request.method} {request.scope['keystead.route']}",
    )


def address_of(request: Request, site: Site) -> str:
    """Return the peer's address, or the nearest one that trusted proxies vouch for."""
    peer = request.client.host if request.client else ""
    told = request.headers.getlist("x-forwarded-for") if site.trusts(peer) else []
    hops = [
        hop.strip() for hop in ",".join(told).split(",")
    ]  # a proxy may add a header of its own to another's
    for hop in reversed([hop for hop in hops if hop]):
        peer = hop
        if not site.trusts(hop):
            break
    return peer
