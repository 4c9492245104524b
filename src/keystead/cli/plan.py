"""How a server is to be started: the slice of the settings for the commands that start one."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp


@dataclass(frozen=True, slots=True)
class ServerPlan:
    host: str
    port: int
    workers: int
    tls_cert: str  # "" with the next: no TLS
    tls_key: str
    is_behind_proxy: bool
    is_insecure_http: bool
    root_url: str
    admin_user: str
    has_published_password: bool
    data_dir: Path
    configure_logging: Callable[[], None]
    prepare: Callable[
        [], Path | None
    ]  # the database made or upgraded, then closed; a new first password's file
    load_app: Callable[[], ASGIApp]  # called in each worker; must be picklable

    @property
    def has_tls(self) -> bool:
        return bool(self.tls_cert)
