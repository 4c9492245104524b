"""Every setting, its limits and its default. Grafana 9.3's names where it has the setting."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from keystead.core.secret import Secret
from keystead.settings.values import Duration, FilePath, Flag, Names, Seconds, described

_HOUR = 3600
_DAY = 24 * _HOUR
_LONGEST_S = 2_147_483_647


class Server(Struct, frozen=True, forbid_unknown_fields=True):
    host: Annotated[str, described("an IP address, such as 127.0.0.1 or 0.0.0.0")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65_535, description="a port from 1 to 65535")] = 3000
    workers: Annotated[int, Meta(ge=1, le=64, description="a number of processes from 1 to 64")] = 1
    data_dir: Annotated[str, Meta(min_length=1, description="the path of a folder")] = "keystead-data"
    database_url: Annotated[
        Secret | None, described("postgresql://user:password@host/name; without it, SQLite in data_dir")
    ] = None
    database_url_file: FilePath = ""
    root_url: Annotated[
        str, described("the http or https address that people and programs use; without it, host and port")
    ] = ""
    serve_from_sub_path: Flag = False
    allowed_hosts: Names = ()  # none: the host of root_url and loopback names
    trusted_proxies: Annotated[
        tuple[str, ...], described("a list of addresses or networks, such as 10.0.0.7 or 10.0.0.0/8")
    ] = ()
    compatibility: Annotated[Literal["", "grafana-9.3"], described("grafana-9.3, or empty")] = ""
    behind_proxy: Flag = False
    insecure_http: Flag = False
    tls_cert: FilePath = ""
    tls_key: FilePath = ""


class Auth(Struct, frozen=True, forbid_unknown_fields=True):
    api_key_max_seconds_to_live: Annotated[
        int, Meta(ge=-1, le=_LONGEST_S, description="a number of seconds, or -1 for no limit")
    ] = 30 * _DAY
    child_ttl_capped: Flag = False
    login_cookie_name: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9_-]{0,64}$", description="letters, digits, _ and -")
    ] = ""  # empty: `grafana_session`, under https `__Host-grafana_session`
    login_maximum_inactive_lifetime_duration: Duration = Seconds(24 * _HOUR)
    login_maximum_lifetime_duration: Duration = Seconds(7 * _DAY)
    token_rotation_interval_minutes: Annotated[
        int, Meta(ge=2, le=1440, description="a number of minutes from 2 to 1440")
    ] = 10


class ServiceAccounts(Struct, frozen=True, forbid_unknown_fields=True):
    token_max_seconds_to_live: Annotated[
        int, Meta(ge=-1, le=_LONGEST_S, description="a number of seconds, or -1 for no limit")
    ] = -1
    token_above_role: Annotated[
        Literal["deny", "managed-admin", "allow"], described("deny, managed-admin or allow")
    ] = "deny"  # noqa: S105 - a rule, not a password


class Security(Struct, frozen=True, forbid_unknown_fields=True):
    min_password_length: Annotated[int, Meta(ge=4, le=128, description="a number from 4 to 128")] = 15
    refuse_common_passwords: Flag = True
    admin_user: Annotated[str, Meta(min_length=1, max_length=190, description="a login")] = "admin"
    admin_password: Annotated[Secret | None, described("a password")] = None  # none: random, in a file
    admin_password_file: FilePath = ""
    secrets_file: FilePath = ""  # empty: secrets.json in data_dir
    trusted_origins: Annotated[
        tuple[str, ...], described("a list of origins, such as https://console.example.com")
    ] = ()
    disable_brute_force_login_protection: Flag = False


class Users(Struct, frozen=True, forbid_unknown_fields=True):
    auto_assign_org: Flag = True
    auto_assign_org_id: Annotated[int, Meta(ge=1, le=_LONGEST_S, description="the id of an organization")] = 1
    auto_assign_org_role: Annotated[
        Literal["Viewer", "Editor", "Admin"], described("Viewer, Editor or Admin")
    ] = "Viewer"


class Tokens(Struct, frozen=True, forbid_unknown_fields=True):
    prefix: Annotated[str, Meta(pattern=r"^[A-Za-z]{2,16}$", description="2 to 16 letters")] = "glsa"


class Usage(Struct, frozen=True, forbid_unknown_fields=True):
    keep_days: Annotated[int, Meta(ge=31, le=3_660, description="a number of days from 31 to 3660")] = 92


class ForwardAuth(Struct, frozen=True, forbid_unknown_fields=True):
    header: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9-]{0,64}$", description="the name of a header, such as X-Api-Key")
    ] = ""  # empty: none beside Authorization


class Metrics(Struct, frozen=True, forbid_unknown_fields=True):
    listen: Annotated[str, described("an IP address and a port, such as 127.0.0.1:9100")] = ""  # empty: off


class Log(Struct, frozen=True, forbid_unknown_fields=True):
    level: Annotated[
        Literal["debug", "info", "warning", "error"], described("debug, info, warning or error")
    ] = "info"
    format: Annotated[Literal["json", "text"], described("json or text")] = "json"
