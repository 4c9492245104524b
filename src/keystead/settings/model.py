"""All settings of one installation, and what follows from them."""

from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from keystead.core.secret import Secret
from keystead.settings.profiles import PUBLISHED_PASSWORD, Command
from keystead.settings.sections import (
    Auth,
    ForwardAuth,
    Log,
    Metrics,
    Security,
    Server,
    ServiceAccounts,
    Tokens,
    Usage,
    Users,
)

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    command: Command
    server: Server
    auth: Auth
    service_accounts: ServiceAccounts
    security: Security
    users: Users
    tokens: Tokens
    usage: Usage
    forward_auth: ForwardAuth
    metrics: Metrics
    log: Log

    @property
    def is_dev(self) -> bool:
        return self.command == "dev"

    @property
    def has_published_password(self) -> bool:
        return self.security.admin_password == Secret(PUBLISHED_PASSWORD)

    @property
    def data_dir(self) -> Path:
        return Path(self.server.data_dir)

    @property
    def sqlite_path(self) -> Path:
        """Where the database is, unless `server.database_url` names another."""
        return self.data_dir / "keystead.db"

    @property
    def secrets_path(self) -> Path:
        named = self.security.secrets_file
        return Path(named) if named else self.data_dir / "secrets.json"

    @property
    def root_url(self) -> str:
        """Where people open it: scheme, host, port, sub-path; no slash at the end."""
        if self.server.root_url:
            return self.server.root_url.rstrip("/")
        host = "localhost" if self.server.host in _WILDCARDS else self.server.host
        scheme = "https" if self.server.tls_cert else "http"
        return f"{scheme}://{bracketed(host)}:{self.server.port}"

    @property
    def is_https(self) -> bool:
        return self.root_url.startswith("https:")

    @property
    def sub_path(self) -> str:
        """The path of root_url, before every link and on cookies: empty, or like `/keys`."""
        return urlsplit(self.root_url).path

    @property
    def served_sub_path(self) -> str:
        """What requests carry in front of their path: empty where a proxy takes the sub-path off."""
        return self.sub_path if self.server.serve_from_sub_path else ""

    @property
    def cookie_name(self) -> str:
        """The session cookie; browsers take `__Host-` only over https and for the whole host."""
        is_whole_host = self.is_https and not self.sub_path
        return self.auth.login_cookie_name or (
            "__Host-grafana_session" if is_whole_host else "grafana_session"
        )

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Names that pages may be asked for: lower case, without port and brackets."""
        named = self.server.allowed_hosts or (urlsplit(self.root_url).hostname or "", *LOOPBACK_NAMES)
        return frozenset(host.lower() for host in named)

    @property
    def allowed_origins(self) -> frozenset[str]:
        """Origins whose pages may send requests with a cookie, as browsers write them in `Origin`."""
        return frozenset(origin_of(url) for url in (self.root_url, *self.security.trusted_origins))

    @property
    def min_own_password_length(self) -> int:
        """For people who change their own. Source: Grafana v9.3.2, which asks one character more of them."""
        return max(5, self.security.min_password_length)

    @property
    def metrics_address(self) -> tuple[str, int] | None:
        host, _, port = self.metrics.listen.rpartition(":")
        return (host.strip("[]"), int(port)) if host else None


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def origin_of(url: str) -> str:
    """Return scheme, host and port as a browser writes them in `Origin`."""
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in {None, usual} else f":{parts.port}"
    return f"{parts.scheme}://{bracketed(parts.hostname or '')}{port}"
