"""The composition root: the only module that knows every other one."""

import asyncio
import os
import secrets
import string
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from ipaddress import ip_network
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router as LifespanRouter
from starlette.types import ASGIApp, Receive, Scope, Send

from keystead.api import (
    access_control,
    admin_users,
    auth_keys,
    description,
    frontend_settings,
    health,
    login,
    org_users,
    orgs,
    quotas,
    unknown,
    user,
    users,
)
from keystead.cli.app import Tools, cli
from keystead.cli.listening import listen
from keystead.cli.plan import ServerPlan
from keystead.core.access.roles import Role
from keystead.core.accounts.password import PasswordRules
from keystead.core.clock import Clock, UnixSeconds, system_clock
from keystead.core.credentials.lifetime import LifetimeLimit
from keystead.core.credentials.mint import Mint
from keystead.core.installation.errors import FileUnusable
from keystead.core.installation.keyring import Keyring, check_value
from keystead.core.orgs.model import OrgId
from keystead.core.pepper import Pepper
from keystead.core.secret import Secret
from keystead.core.sessions.lifetime import SessionRules
from keystead.core.sessions.value import SessionMint
from keystead.core.usage.buffer import UseBuffer
from keystead.forwardauth import description as forward_auth
from keystead.forwardauth.endpoint import is_forward_auth, make_forward_auth
from keystead.http.deps import Deps
from keystead.http.endpoint import Endpoint
from keystead.http.front import Front
from keystead.http.log import LogRules, configure_logging
from keystead.http.metrics import Metrics, make_metrics, metrics_served
from keystead.http.router import Router
from keystead.http.site import Site
from keystead.settings import Command, Handover, Settings, config_content, read_settings
from keystead.storage import postgresql, sqlite
from keystead.storage.engine import Database, open_postgresql, open_sqlite
from keystead.storage.epoch import open_counter
from keystead.storage.keyring import open_keyring, read_keyring
from keystead.storage.private_files import make_private_folder, write_private
from keystead.storage.upgrade import upgrade_schema
from keystead.storage.verify import LookUp, PostgresqlLookUp, SqliteLookUp
from keystead.usecases import installation
from keystead.usecases.accounts import JoinRules
from keystead.usecases.credentials import KeyRules
from keystead.usecases.doorkeeper import Doorkeeper
from keystead.usecases.installation import FirstAdmin
from keystead.usecases.password_hasher import FULL_COST, HashCost, PasswordHasher
from keystead.usecases.passwords import Passwords
from keystead.usecases.sessions import SessionKeeper
from keystead.usecases.sign_in import SignIn
from keystead.usecases.success_memory import SuccessMemory
from keystead.usecases.turns import Waiting
from keystead.usecases.usage import UseWriter
from keystead.usecases.verify import Verifier
from keystead.web.forms import MEDIA_TYPE as FORM
from keystead.web.pages import apikeys as apikeys_page
from keystead.web.pages import help as help_page
from keystead.web.pages import home
from keystead.web.pages import login as login_page
from keystead.web.pages import profile as profile_page


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
    *auth_keys.routes,
    *orgs.routes,
    *org_users.routes,
    *quotas.routes,
    *user.routes,
    *users.routes,
    *admin_users.routes,
)
_PAGES: tuple[Endpoint, ...] = (
    *home.pages,
    *login_page.pages,
    *apikeys_page.pages,
    *profile_page.pages,
    *help_page.pages,
)
ENDPOINTS: tuple[Endpoint, ...] = (
    *_API,
    *description.routes_over((*_API, forward_auth.DECLARED)),
    *_PAGES,
)
DECLARED: tuple[Endpoint, ...] = (*ENDPOINTS, forward_auth.DECLARED, unknown.UNKNOWN_ROUTE)  # what is printed
_ALPHABET = string.ascii_letters + string.digits
_WRITE_USES_EVERY_S = 5
_FIRST_PASSWORD_LENGTH = 24
_FIRST_PASSWORD_DIES_IN_S = 24 * 3600


def random_hex(length: int) -> str:
    return secrets.token_hex((length + 1) // 2)[:length]


def random_text(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


@dataclass(frozen=True, slots=True)
class Storage:
    """Where things are kept: transactions, and the verify path's own way in."""

    database: Database
    look_up: LookUp


def open_storage(settings: Settings) -> Storage:
    url = settings.server.database_url
    if url is not None:
        return Storage(open_postgresql(url), PostgresqlLookUp(postgresql.look_up_conninfo(url)))
    path = settings.sqlite_path
    epoch = open_counter(path.with_name("access-epoch"))
    return Storage(open_sqlite(path, epoch), SqliteLookUp(sqlite.connector_for_look_ups(path), epoch))


def make_deps(
    settings: Settings,
    storage: Storage,
    keyring: Keyring,
    clock: Clock = system_clock,
    *,
    random: Callable[[int], str] = random_text,
    hash_cost: HashCost = FULL_COST,
) -> Deps:
    uses = UseWriter(UseBuffer(), storage.database.write, clock)
    database = storage.database
    hasher = PasswordHasher(keyring.peppers, cost=hash_cost)
    sessions = SessionKeeper(
        SessionMint(random_hex, Pepper(0, keyring.session_key)), session_rules(settings), clock
    )
    mint = Mint(random, keyring.peppers, settings.tokens.prefix)
    return Deps(
        read=database.read,
        write=database.write,
        clock=clock,
        verifier=Verifier(storage.look_up, mint, clock, uses.buffer),
        people=Doorkeeper(
            database.read, database.write, make_sign_in(settings, database, hasher, keyring, clock), sessions
        ),
        passwords=Passwords(database.read, database.write, hasher, password_rules(settings), sessions, clock),
        sessions=sessions,
        join=JoinRules(
            settings.users.auto_assign_org,
            OrgId(settings.users.auto_assign_org_id),
            Role(settings.users.auto_assign_org_role),
        ),
        keys=KeyRules(LifetimeLimit(settings.auth.api_key_max_seconds_to_live), mint, clock),
        uses=uses,
        site=make_site(settings),
        metrics=metrics_of(hasher, uses),
    )


def metrics_of(hasher: PasswordHasher, uses: UseWriter) -> Metrics:
    metrics = make_metrics()
    metrics.hashes_waiting.set_function(lambda: hasher.gate.inside)
    metrics.uses_dropped.set_function(lambda: uses.dropped)
    return metrics


def make_sign_in(
    settings: Settings, database: Database, hasher: PasswordHasher, keyring: Keyring, clock: Clock
) -> SignIn:
    return SignIn(
        read=database.read,
        write=database.write,
        hasher=hasher,
        memory=SuccessMemory(Pepper.of(0, secrets.token_bytes(32)), time.monotonic),
        waiting=Waiting(time.sleep),
        clock=clock,
        name_key=Pepper(0, keyring.session_key),
        is_throttled=not settings.security.disable_brute_force_login_protection,
    )


def session_rules(settings: Settings) -> SessionRules:
    return SessionRules(
        idle_s=settings.auth.login_maximum_inactive_lifetime_duration,
        absolute_s=settings.auth.login_maximum_lifetime_duration,
        rotation_s=settings.auth.token_rotation_interval_minutes * 60,
    )


def password_rules(settings: Settings) -> PasswordRules:
    return PasswordRules(
        settings.security.min_password_length,
        settings.security.refuse_common_passwords,
        settings.min_own_password_length,
    )


def make_site(settings: Settings) -> Site:
    return Site(
        root_url=settings.root_url,
        sub_path=settings.sub_path,
        served_sub_path=settings.served_sub_path,
        origins=settings.allowed_origins,
        allowed_hosts=settings.allowed_hosts,
        trusted_proxies=tuple(ip_network(network) for network in settings.server.trusted_proxies),
        cookie_name=settings.cookie_name,
        cookie_max_age_s=settings.auth.login_maximum_lifetime_duration,
        is_https=settings.is_https,
        is_dev=settings.is_dev,
        version=version("keystead"),
    )


def make_app(deps: Deps, *, key_header: str = "") -> ASGIApp:
    """Return the whole application, but for what happens at its start and end.

    `key_header` is a header beside Authorization in which forward-auth takes keys and tokens; "": none.
    """
    front = Front(deps, Router(ENDPOINTS), unknown.UNKNOWN_ROUTE, home.UNKNOWN_PAGE)
    proxy_door = make_forward_auth(deps, key_header=key_header)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        door = proxy_door if is_forward_auth(scope["path"], deps.site) else front
        await door(scope, receive, send)

    return app


def make_asgi(handover: Handover) -> ASGIApp:
    """Build the application of one worker, with what runs beside its requests."""
    settings = handover.settings
    configure_logging(LogRules(settings.log.level, settings.log.format))
    storage = open_storage(settings)
    deps = make_deps(settings, storage, read_keyring(settings.secrets_path))
    app = make_app(deps, key_header=settings.forward_auth.header)

    @asynccontextmanager
    async def running(_app: object) -> AsyncIterator[None]:
        with ExitStack() as served:
            if settings.metrics_address is not None:
                served.enter_context(
                    metrics_served(deps.metrics, settings.metrics_address, workers=settings.server.workers)
                )
            writing = asyncio.create_task(write_uses(deps.uses))
            yield
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
            await run_in_threadpool(deps.uses.flush)
            await storage.look_up.close()
            storage.database.close()

    lifespan = LifespanRouter(lifespan=running)

    async def with_lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        await (lifespan if scope["type"] == "lifespan" else app)(scope, receive, send)

    return with_lifespan


def prepare_installation(settings: Settings) -> Path | None:
    """Make or upgrade the database, and at the very first start the first person.

    Returns the file of a first password that was made up for them; None when none was.
    Raises what stands against a start: FileLoose, FolderLoose, SecretsFileMissing, KeyringMismatch...
    """
    make_private_folder(settings.data_dir)
    storage = open_storage(settings)
    try:
        upgrade_schema(storage.database)
        with storage.database.read() as db:
            is_new = installation.is_new(db)
        keyring = (open_keyring if is_new else read_keyring)(settings.secrets_path)
        if is_new:
            return make_first_admin(settings, storage.database, keyring)
        with storage.database.read() as db:
            installation.is_started(db, secrets_check=check_value(keyring))
            if not settings.is_dev:
                installation.check_no_published_password(db, PasswordHasher(keyring.peppers))
        return None
    finally:
        storage.database.close()


def make_first_admin(settings: Settings, database: Database, keyring: Keyring) -> Path | None:
    """Returns the file of the password that was made up, if this process was the one to make it."""
    given = settings.security.admin_password
    password = given if given is not None else Secret(random_text(_FIRST_PASSWORD_LENGTH))
    dies_at = UnixSeconds(system_clock() + _FIRST_PASSWORD_DIES_IN_S) if given is None else None
    stored = replace(PasswordHasher(keyring.peppers).hash(password), dies_at=dies_at)
    file = settings.data_dir / "initial-admin-password"
    admin = FirstAdmin(settings.security.admin_user, stored)
    with database.write() as db:
        is_ours = installation.first_start(db, admin, secrets_check=check_value(keyring), clock=system_clock)
        if is_ours and given is None:
            write_private(file, password.reveal().encode() + b"\n")  # before the commit: never without it
    return file if is_ours and given is None else None


def plan_server(command: Command, config: Path | None, flags: Mapping[str, object]) -> ServerPlan:
    """Raises SettingsError, FileLoose, FileUnusable, PublishedPassword."""
    settings = read_all_settings(command, config, flags)
    return ServerPlan(
        host=settings.server.host,
        port=settings.server.port,
        workers=settings.server.workers,
        tls_cert=settings.server.tls_cert,
        tls_key=settings.server.tls_key,
        is_behind_proxy=settings.server.behind_proxy,
        is_insecure_http=settings.server.insecure_http,
        root_url=settings.root_url,
        admin_user=settings.security.admin_user,
        has_published_password=settings.has_published_password,
        data_dir=settings.data_dir,
        configure_logging=partial(configure_logging, LogRules(settings.log.level, settings.log.format)),
        prepare=partial(prepare_installation, settings),
        load_app=partial(make_asgi, Handover(settings)),
    )


@contextmanager
def open_passwords(config: Path | None, flags: Mapping[str, object]) -> Iterator[Passwords]:
    """Open an installation that is there, for a command on its host.

    Raises SettingsError, SecretsFileMissing and what else makes its files unusable, KeyringMismatch.
    """
    settings = read_all_settings("serve", config, flags)
    keyring = read_keyring(settings.secrets_path)
    if settings.server.database_url is None and not settings.sqlite_path.exists():
        raise FileUnusable(f"{settings.sqlite_path}: there is no database")
    storage = open_storage(settings)
    try:
        with storage.database.read() as db:
            installation.is_started(db, secrets_check=check_value(keyring))
        yield make_deps(settings, storage, keyring).passwords
    finally:
        storage.database.close()


def read_all_settings(command: Command, config: Path | None, flags: Mapping[str, object]) -> Settings:
    """Raises SettingsError, FileLoose, FileUnusable, PublishedPassword."""
    return read_settings(os.environ, file=config_content(config), flags=flags, command=command)


def run_cli() -> None:
    """Run the `keystead` command: settings are read when a command first needs them."""
    cli(obj=Tools(plan_server=plan_server, listen=listen, open_passwords=open_passwords))


async def write_uses(uses: UseWriter) -> None:
    """Write what was counted, every few seconds, until cancelled."""
    while True:
        await asyncio.sleep(_WRITE_USES_EVERY_S)
        await run_in_threadpool(uses.flush)
