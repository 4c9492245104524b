"""Every route there is, and what stands behind an address that two doors share."""

from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from keystead.api import (
    access_control,
    admin_users,
    audit,
    auth_keys,
    credentials,
    description,
    explain,
    frontend_settings,
    health,
    holder_roles,
    login,
    migration,
    object_levels,
    old_api,
    org_users,
    orgs,
    preferences,
    quotas,
    role_assignments,
    roles,
    serviceaccount_creation,
    serviceaccount_tokens,
    serviceaccounts,
    team_members,
    teams,
    unknown,
    usage,
    user,
    users,
)
from keystead.forwardauth import description as forward_auth
from keystead.http.deps import Deps
from keystead.http.endpoint import Endpoint
from keystead.web.forms import MEDIA_TYPE as FORM
from keystead.web.pages import apikeys as apikeys_page
from keystead.web.pages import apikeys_migration as apikeys_migration_page
from keystead.web.pages import audit as audit_page
from keystead.web.pages import expiry as expiry_page
from keystead.web.pages import health as health_page
from keystead.web.pages import health_all, home
from keystead.web.pages import help as help_page
from keystead.web.pages import login as login_page
from keystead.web.pages import migration as migration_page
from keystead.web.pages import org as org_page
from keystead.web.pages import overview as overview_page
from keystead.web.pages import permissions as permissions_page
from keystead.web.pages import profile as profile_page
from keystead.web.pages import role as role_page
from keystead.web.pages import roles as roles_page
from keystead.web.pages import serviceaccount as serviceaccount_page
from keystead.web.pages import serviceaccount_audit as serviceaccount_audit_page
from keystead.web.pages import serviceaccount_explain as serviceaccount_explain_page
from keystead.web.pages import serviceaccount_permissions as serviceaccount_permissions_page
from keystead.web.pages import serviceaccount_revert as serviceaccount_revert_page
from keystead.web.pages import serviceaccount_roles as serviceaccount_roles_page
from keystead.web.pages import serviceaccount_tokens as serviceaccount_tokens_page
from keystead.web.pages import serviceaccount_usage as serviceaccount_usage_page
from keystead.web.pages import serviceaccounts as serviceaccounts_page
from keystead.web.pages import team as team_page
from keystead.web.pages import teams as teams_page


async def sign_in(deps: Deps, request: Request, variables: Mapping[str, str]) -> Response:
    """Leave a form to the page, and all else to the HTTP API: both have the same address."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    door = login_page.sign_in_by_form if media == FORM else login.SIGN_IN.serve
    return await door(deps, request, variables)


_API: tuple[Endpoint, ...] = (
    *health.routes,
    *login.routes,
    replace(login.SIGN_IN, serve=sign_in),
    *frontend_settings.routes,
    *access_control.routes,
    *explain.routes,
    *roles.routes,
    *role_assignments.routes,
    *holder_roles.routes,
    *auth_keys.routes,
    *serviceaccount_creation.routes,
    *old_api.routes,
    *migration.routes,
    *serviceaccounts.routes,
    *serviceaccount_tokens.routes,
    *object_levels.routes,
    *usage.routes,
    *credentials.routes,
    *orgs.routes,
    *org_users.routes,
    *quotas.routes,
    *user.routes,
    *users.routes,
    *teams.routes,
    *team_members.routes,
    *preferences.routes,
    *admin_users.routes,
    *audit.routes,
)
_PAGES: tuple[Endpoint, ...] = (
    *home.pages,
    *overview_page.pages,
    *login_page.pages,
    *apikeys_migration_page.pages,
    *apikeys_page.pages,
    *serviceaccounts_page.pages,
    *serviceaccount_page.pages,
    *serviceaccount_roles_page.pages,
    *serviceaccount_tokens_page.pages,
    *serviceaccount_revert_page.pages,
    *serviceaccount_usage_page.pages,
    *migration_page.pages,
    *expiry_page.pages,
    *health_page.pages,
    *health_all.pages,
    *audit_page.pages,
    *serviceaccount_audit_page.pages,
    *permissions_page.pages,
    *serviceaccount_explain_page.pages,
    *teams_page.pages,
    *team_page.pages,
    *roles_page.pages,
    *role_page.pages,
    *org_page.pages,
    *serviceaccount_permissions_page.pages,
    *profile_page.pages,
    *help_page.pages,
)
ENDPOINTS: tuple[Endpoint, ...] = (
    *_API,
    *description.routes_over((*_API, forward_auth.DECLARED)),
    *_PAGES,
)
DECLARED: tuple[Endpoint, ...] = (*ENDPOINTS, forward_auth.DECLARED, unknown.UNKNOWN_ROUTE)  # what is printed
