"""The quota routes: quotas are off, and each of them says so."""

from msgspec import Struct

from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.orgs.errors import QuotasDisabled
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.needs import Guarded, SignedIn

routes = Routes()


class NotEnabled(Struct, rename="camel"):
    status_code: int
    message_id: str
    message: str


_TOLD = Told(answer=NotEnabled, status=403)
_PLACES: tuple[tuple[str, Guarded, Guarded], ...] = (
    ("/api/org/quotas", Action.ORGS_QUOTAS_READ.anywhere(), Action.ORGS_QUOTAS_WRITE.anywhere()),
    (
        "/api/orgs/{org_id}/quotas",
        Action.ORGS_QUOTAS_READ.anywhere().there("org_id"),
        Action.ORGS_QUOTAS_WRITE.anywhere().there("org_id"),
    ),
    ("/api/user/quotas", SignedIn.ABOUT_ONESELF, SignedIn.ABOUT_ONESELF),
    (
        "/api/admin/users/{user_id}/quotas",
        Action.USERS_QUOTAS_READ.on("global.users:id:{user_id}"),
        Action.USERS_QUOTAS_WRITE.on("global.users:id:{user_id}"),
    ),
)


def not_enabled(_call: Call[Principal]) -> NotEnabled:
    """Refuse: quotas are off."""
    return NotEnabled(_TOLD.status, QuotasDisabled.message_id, QuotasDisabled.message)


for _path, _reads, _writes in _PLACES:
    routes.route("GET", _path, needs=_reads, told=_TOLD)(not_enabled)
    routes.route("PUT", f"{_path}/{{target}}", needs=_writes, told=_TOLD)(not_enabled)
