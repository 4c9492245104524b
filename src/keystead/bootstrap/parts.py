"""Settings to the parts that the doors use: storage, rules, keys, clock."""

import logging
import secrets
import string
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from ipaddress import ip_network

from keystead.core.access.roles import Role
from keystead.core.accounts.password import PasswordRules
from keystead.core.clock import Clock, system_clock
from keystead.core.credentials.ceiling import AboveRole
from keystead.core.credentials.lifetime import LifetimeLimit
from keystead.core.credentials.mint import Mint
from keystead.core.credentials.model import CredentialId
from keystead.core.installation.keyring import Keyring
from keystead.core.orgs.model import OrgId
from keystead.core.pepper import Pepper
from keystead.core.sessions.lifetime import SessionRules
from keystead.core.sessions.value import SessionMint
from keystead.core.uid import uid_from
from keystead.core.usage.buffer import UseBuffer
from keystead.core.usage.old_api import CallBuffer
from keystead.http.deps import Deps
from keystead.http.metrics import Metrics, make_metrics
from keystead.http.site import Site
from keystead.settings import Settings
from keystead.storage import postgresql, sqlite
from keystead.storage.engine import Database, open_postgresql, open_sqlite
from keystead.storage.epoch import open_counter
from keystead.storage.verify import LookUp, PostgresqlLookUp, SqliteLookUp
from keystead.usecases.accounts import JoinRules
from keystead.usecases.credentials import KeyRules
from keystead.usecases.doorkeeper import Doorkeeper
from keystead.usecases.migration_runner import MigrationRunner
from keystead.usecases.old_api import CallWriter
from keystead.usecases.password_hasher import FULL_COST, HashCost, PasswordHasher
from keystead.usecases.passwords import Passwords
from keystead.usecases.sessions import SessionKeeper
from keystead.usecases.sign_in import SignIn
from keystead.usecases.success_memory import SuccessMemory
from keystead.usecases.tokens import TokenRules
from keystead.usecases.turns import Waiting
from keystead.usecases.usage import UseHistory, UseWriter
from keystead.usecases.verify import Verifier

_log = logging.getLogger(__name__)
_ALPHABET = string.ascii_letters + string.digits


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
        new_uid=partial(uid_from, random),
        verifier=Verifier(storage.look_up, mint, clock, uses.buffer),
        people=Doorkeeper(
            database.read, database.write, make_sign_in(settings, database, hasher, keyring, clock), sessions
        ),
        passwords=Passwords(database.read, database.write, hasher, password_rules(settings), sessions, clock),
        sessions=sessions,
        join=join_rules(settings),
        keys=key_rules(settings, mint, clock),
        tokens=token_rules(settings, mint, clock),
        uses=uses,
        history=UseHistory(settings.usage.keep_days, database.write, clock),
        migrations=migrations_of(database, clock),
        old_api=CallWriter(CallBuffer(), database.write, clock),
        site=make_site(settings),
        metrics=metrics_of(hasher, uses),
    )


def key_rules(settings: Settings, mint: Mint, clock: Clock) -> KeyRules:
    rules = settings.auth
    return KeyRules(LifetimeLimit(rules.api_key_max_seconds_to_live, rules.child_ttl_capped), mint, clock)


def token_rules(settings: Settings, mint: Mint, clock: Clock) -> TokenRules:
    rules = settings.service_accounts
    limit = LifetimeLimit(rules.token_max_seconds_to_live, settings.auth.child_ttl_capped)
    return TokenRules(limit, AboveRole(rules.token_above_role), mint, clock)


def join_rules(settings: Settings) -> JoinRules:
    users = settings.users
    return JoinRules(users.auto_assign_org, OrgId(users.auto_assign_org_id), Role(users.auto_assign_org_role))


def metrics_of(hasher: PasswordHasher, uses: UseWriter) -> Metrics:
    metrics = make_metrics()
    metrics.hashes_waiting.set_function(lambda: hasher.gate.inside)
    metrics.uses_dropped.set_function(lambda: uses.dropped)
    return metrics


def migrations_of(database: Database, clock: Clock) -> MigrationRunner:
    return MigrationRunner(
        read=database.read,
        write=database.write,
        clock=clock,
        pause=time.sleep,
        monotonic=time.monotonic,
        new_holder=partial(random_hex, 32),
        on_failure=log_failed_migration,
    )


def log_failed_migration(error: Exception, key: CredentialId | None) -> None:
    what = "a migration stopped" if key is None else "an API key could not be migrated"
    _log.error(what, exc_info=error, extra={"fields": {"credential": key}})


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
