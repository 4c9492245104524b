"""The application in process, on the test's own database, and clients that call as somebody."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TypeAlias

import httpx2
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from keystead.bootstrap import Storage, make_app, make_deps
from keystead.core.access.principal import Origin, Principal
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.installation.keyring import Keyring, check_value
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret
from keystead.http.deps import Deps
from keystead.settings import Settings, read_settings
from keystead.storage.engine import Database
from keystead.storage.verify import SqliteLookUp
from keystead.usecases import accounts, installation, memberships, orgs
from keystead.usecases.accounts import NewUser
from keystead.usecases.installation import FirstAdmin
from keystead.usecases.password_hasher import HashCost, PasswordHasher
from tests.described import AsDescribed
from tests.makers import (
    MINT,
    NOON,
    PEPPER,
    a_principal,
    a_service_account,
    a_token_with_secret,
    an_api_key_with_secret,
)
from tests.rights import a_role, an_assignment

KEYRING = Keyring((PEPPER,), Secret("5e" * 32), Secret("a0" * 32))
HOME = OrgId(1)
ADMIN, ADMIN_PASSWORD = "admin", "canary-admin-password"
CHEAP = HashCost(memory_kib=8, passes=1)
BASE_URL = "http://127.0.0.1:3000"


@dataclass(slots=True)
class Ticking:
    """A clock that a test sets."""

    now: UnixSeconds = NOON

    def __call__(self) -> UnixSeconds:
        return self.now

    def advance(self, seconds: int) -> None:
        self.now = UnixSeconds(self.now + seconds)


Unchanged: TypeAlias = Callable[[], AbstractContextManager[None]]


def told(response: httpx2.Response) -> tuple[int, str]:
    """Return what a refusal, or a success without a resource, says."""
    return response.status_code, response.json()["message"]


def settings_with(**given: object) -> Settings:
    """Return settings as `keystead dev` has them, with others as `auth__api_key_max_seconds_to_live=60`."""
    flags = {name.replace("__", "."): value for name, value in given.items()}
    return read_settings({}, file=None, flags=flags, command="dev")


@dataclass(slots=True)
class House:
    """One installation with its first organization and server admin, and ways to call it."""

    database: Database
    raw: sqlite3.Connection
    settings: Settings
    clock: Ticking = field(default_factory=Ticking)
    deps: Deps = field(init=False)
    app: ASGIApp = field(init=False)
    admin: Principal = field(init=False)
    numbers: int = 0

    def __post_init__(self) -> None:
        assert self.database.epoch is not None
        storage = Storage(self.database, SqliteLookUp(lambda: self.raw, self.database.epoch))
        self.deps = make_deps(
            self.settings, storage, KEYRING, self.clock, random=MINT.new_random, hash_cost=CHEAP
        )
        self.app = AsDescribed(make_app(self.deps))
        password = PasswordHasher(KEYRING.peppers, cost=CHEAP).hash(Secret(ADMIN_PASSWORD))
        with self.database.write() as db:
            installation.first_start(
                db, FirstAdmin(ADMIN, password), secrets_check=check_value(KEYRING), clock=self.clock
            )
        self.admin = self.deps.people.by_password(ADMIN, Secret(ADMIN_PASSWORD), None, Origin()).principal

    def client(self, **headers: str) -> TestClient:
        """Return a client with these headers (`x_grafana_org_id="2"`), and no credential beside them."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return TestClient(self.app, base_url=BASE_URL, headers=named, follow_redirects=False)

    def as_admin(self, **headers: str) -> TestClient:
        """Return a client of the server admin, by Basic."""
        return self.as_person(ADMIN, ADMIN_PASSWORD, **headers)

    def as_person(self, name: str, password: str, **headers: str) -> TestClient:
        client = self.client(**headers)
        client.auth = (name, password)
        return client

    def as_key(self, role: Role = Role.ADMIN, *, org: OrgId = HOME, **headers: str) -> TestClient:
        """Return a client of a new API key with this role."""
        self.numbers += 1
        with self.database.write() as db:
            _id, secret = an_api_key_with_secret(db, org, name=f"caller {self.numbers}", role=role)
        return self.client(authorization=f"Bearer {secret.reveal()}", **headers)

    def as_token(self, role: Role = Role.ADMIN, *, org: OrgId = HOME, **headers: str) -> TestClient:
        """Return a client of a new service account with this role."""
        self.numbers += 1
        with self.database.write() as db:
            owner = a_service_account(db, org, name=f"machine {self.numbers}", role=role)
            _id, secret = a_token_with_secret(db, org, owner, name=f"token {self.numbers}")
        return self.with_secret(secret.reveal(), **headers)

    def as_holder(self, role: Role, *given: tuple[str, str]) -> TestClient:
        """Return a client of a new service account with this role, and these permissions beside it."""
        self.numbers += 1
        with self.database.write() as db:
            holder = a_service_account(db, HOME, name=f"holder {self.numbers}", role=role)
            an_assignment(db, HOME, a_role(db, HOME, *given, name=f"of {self.numbers}"), account=holder)
            _id, secret = a_token_with_secret(db, HOME, holder, name=f"token {self.numbers}")
        return self.with_secret(secret.reveal())

    def with_secret(self, secret: str, **headers: str) -> TestClient:
        """Return a client that presents this key or token."""
        return self.client(authorization=f"Bearer {secret}", **headers)

    def as_member(self, role: Role, *, org: OrgId = HOME, **headers: str) -> TestClient:
        """Return a client of a new person with this role, by Basic."""
        self.numbers += 1
        login = f"member{self.numbers}"
        self.a_member(role, org=org, login=login)
        return self.as_person(login, f"canary-{login}-password", **headers)

    def a_member(self, role: Role | None, *, org: OrgId = HOME, login: str = "somebody") -> AccountId:
        """Make a person whose password is `canary-<login>-password`; without a role, in no organization."""
        password = self.deps.passwords.hasher.hash(Secret(f"canary-{login}-password"))
        new = NewUser(login, f"{login}@example.com", login.title(), password)
        with self.database.write() as db:
            user = accounts.create_user(db, self.admin, new, org=org, rules=self.deps.join, clock=self.clock)
            if role is None:
                memberships.remove_member(db, self.admin, org, user, clock=self.clock)
            elif role is not self.deps.join.role:
                memberships.set_member_role(db, self.admin, org, user, role=role, clock=self.clock)
        return user

    def an_org(self, name: str = "Elsewhere") -> OrgId:
        with self.database.write() as db:
            return orgs.create_org(db, a_principal(None), name=name, clock=self.clock)


MakeHouse: TypeAlias = Callable[..., House]
