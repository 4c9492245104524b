"""`/api/frontend/settings`: what clients look at before they use anything."""

from msgspec import Struct
from starlette.responses import Response

from keystead.api.health import API_LEVEL
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.needs import SignedIn
from keystead.http.render import JSON_UTF8, to_response

routes = Routes()


class BuildInfo(Struct, rename="camel", kw_only=True):
    """Which level of Grafana's API is spoken here."""

    version: str = API_LEVEL
    commit: str  # of what is built: Keystead's own version
    buildstamp: int = 0
    edition: str = "Open Source"
    env: str = "production"
    hide_version: bool = False
    latest_version: str = ""
    has_update: bool = False


class LicenseInfo(Struct, rename="camel", kw_only=True):
    edition: str = "Open Source"
    expiry: int = 0
    state_info: str = ""
    license_url: str = ""
    enabled_features: dict[str, bool] = {}  # none


class FrontendSettings(Struct, rename="camel", kw_only=True):
    build_info: BuildInfo
    license_info: LicenseInfo
    app_sub_url: str
    app_url: str
    allow_org_create: bool
    rbac_enabled: bool = True
    feature_toggles: dict[str, bool] = {}  # none
    datasources: dict[str, dict[str, str]] = {}  # none
    default_datasource: str = ""


@routes.route(
    "GET",
    "/api/frontend/settings",
    needs=SignedIn.ABOUT_ONESELF,
    told=Told(answer=FrontendSettings),
)
def frontend_settings(call: Call[Principal]) -> Response:
    """Tell the level of the API, and where this server is."""
    site = call.deps.site
    settings = FrontendSettings(
        build_info=BuildInfo(commit=site.version),
        license_info=LicenseInfo(),
        app_sub_url=site.sub_path,
        app_url=f"{site.root_url}/",
        allow_org_create=call.by.grants.holds(Action.ORGS_CREATE),
    )
    return to_response(settings, media_type=JSON_UTF8)
