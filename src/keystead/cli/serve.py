"""`keystead dev` and `keystead serve`: refuse what is unsafe, prepare the installation, listen."""

import logging
import os
import resource
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from keystead.cli.listening import check_address_is_free
from keystead.cli.plan import ServerPlan
from keystead.cli.tools import Flags, Tools
from keystead.core.installation.listening import check_dev_host, check_serve_host

_log = logging.getLogger(__name__)

Host: TypeAlias = Annotated[str | None, typer.Option(help="The IP address to listen on.")]
Port: TypeAlias = Annotated[int | None, typer.Option(help="The port to listen on.")]
DataDir: TypeAlias = Annotated[str | None, typer.Option(help="The folder for database and secrets.")]
DatabaseUrl: TypeAlias = Annotated[
    str | None, typer.Option(help="A PostgreSQL database, without its password: postgresql://host/name.")
]
Config: TypeAlias = Annotated[
    Path | None, typer.Option(envvar="KEYSTEAD_CONFIG", help="A TOML file with settings.")
]
Compatibility: TypeAlias = Annotated[
    str | None, typer.Option(help="grafana-9.3: the limits of that version.")
]
Workers: TypeAlias = Annotated[int | None, typer.Option(help="How many processes answer.")]
BehindProxy: TypeAlias = Annotated[
    bool | None, typer.Option("--behind-proxy", help="A proxy in front speaks TLS with the clients.")
]
InsecureHttp: TypeAlias = Annotated[
    bool | None, typer.Option("--insecure-http", help="Passwords and tokens may cross the network readable.")
]
TlsCert: TypeAlias = Annotated[str | None, typer.Option(help="The certificate, as PEM.")]
TlsKey: TypeAlias = Annotated[str | None, typer.Option(help="Its private key, as PEM.")]


def dev(
    context: typer.Context,
    *,
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    config: Config = None,
    compatibility: Compatibility = None,
) -> None:
    """Try Keystead on this machine: user admin, password admin, loopback only.

    Example: keystead dev --compatibility grafana-9.3
    """
    tools: Tools = context.obj
    flags = _shared_flags(host, port, data_dir, database_url, compatibility)
    plan = tools.plan_server("dev", config, flags)
    check_dev_host(plan.host)
    first_password = _made_ready(plan)
    typer.echo(banner(plan, first_password))
    tools.listen(plan)


def serve(
    context: typer.Context,
    *,
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    config: Config = None,
    compatibility: Compatibility = None,
    workers: Workers = None,
    behind_proxy: BehindProxy = None,
    insecure_http: InsecureHttp = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
) -> None:
    """Run the server. The first password of the administrator is in the data folder.

    Example: keystead serve --data-dir /var/lib/keystead --host 0.0.0.0 --behind-proxy
    """
    tools: Tools = context.obj
    flags = {
        **_shared_flags(host, port, data_dir, database_url, compatibility),
        "server.workers": workers,
        "server.behind_proxy": behind_proxy,
        "server.insecure_http": insecure_http,
        "server.tls_cert": tls_cert,
        "server.tls_key": tls_key,
    }
    plan = tools.plan_server("serve", config, flags)
    check_serve_host(
        plan.host,
        has_tls=plan.has_tls,
        is_behind_proxy=plan.is_behind_proxy,
        is_insecure_http=plan.is_insecure_http,
    )
    first_password = _made_ready(plan)
    if first_password is not None:
        _log.warning("the first password of %s is in %s", plan.admin_user, first_password)
    _log.info("serving %s on %s, port %d", plan.root_url, plan.host, plan.port)
    tools.listen(plan)


def banner(plan: ServerPlan, first_password: Path | None) -> str:
    password = "admin" if plan.has_published_password else "your own"
    if first_password is not None:
        password = f"the one in {first_password}"
    return (
        f"Keystead for trying: {plan.root_url}/\n"
        f"Sign in as {plan.admin_user}, password: {password} (until you change it).\n"
        f"Only this machine is answered. Everything is kept in {plan.data_dir}. Stop with Ctrl+C."
    )


def _shared_flags(
    host: str | None,
    port: int | None,
    data_dir: str | None,
    database_url: str | None,
    compatibility: str | None,
) -> Flags:
    return {
        "server.host": host,
        "server.port": port,
        "server.data_dir": data_dir,
        "server.database_url": database_url,
        "server.compatibility": compatibility,
    }


def _made_ready(plan: ServerPlan) -> Path | None:
    """Leave nothing that other users could read: neither new files nor the memory of a crash."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    plan.configure_logging()
    check_address_is_free(plan.host, plan.port)
    return plan.prepare()
