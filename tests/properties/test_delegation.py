"""Roles, assignments and accounts, as those make them who may: together they never gain power."""

import sqlite3
from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from keystead.core.access.given import Subject
from keystead.core.access.grants import Grants
from keystead.core.access.holders import AccountHolder
from keystead.core.access.named_roles import WantedRole
from keystead.core.access.permission import Permission
from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import frozen_clock
from keystead.core.credentials.ceiling import AboveRole
from keystead.core.credentials.lifetime import LifetimeLimit
from keystead.core.errors import KeysteadError
from keystead.core.orgs.model import OrgId
from keystead.storage import serviceaccounts
from keystead.storage.engine import Database
from keystead.storage.serviceaccounts import AccountFilter
from keystead.usecases import holder_roles, role_assignments, roles, serviceaccount_creation
from keystead.usecases.grants import grants_of
from keystead.usecases.role_assignments import WantedHolders
from keystead.usecases.serviceaccount_creation import Extras, FirstToken
from keystead.usecases.serviceaccounts import NewServiceAccount
from keystead.usecases.tokens import TokenRules
from tests.conftest import database_on
from tests.makers import MINT, NOON, a_person, a_service_account, an_installation, an_org, as_person
from tests.rights import a_role, an_assignment

CLOCK = frozen_clock(NOON)
RULES = TokenRules(LifetimeLimit(-1), AboveRole.DENY, MINT, CLOCK)
ACTIONS = st.sampled_from(["shop:sell", "shop:buy", "teams:read"])
SCOPES = st.sampled_from(["", "*", "orders:*", "orders:id:*", "orders:id:1", "orders:id:2"])
PERMISSION = st.builds(Permission, ACTIONS, SCOPES)
MANY, FEW = st.frozensets(PERMISSION, max_size=6), st.frozensets(PERMISSION, max_size=2)
UIDS = st.sampled_from(["one", "two", "new", "fixed:teams:creator"])
WHO = st.sampled_from([0, 1, 2, -1])  # alice, bob, a machine, and what was made last

Step: TypeAlias = Callable[[Connection, Principal, list[AccountId]], object]


def creating(uid: str, permissions: frozenset[Permission]) -> Step:
    wanted = WantedRole(uid, uid=uid, permissions=permissions)
    return lambda db, by, _all: roles.create_role(db, by, wanted, new_uid=lambda: uid, clock=CLOCK)


def changing(uid: str, permissions: frozenset[Permission]) -> Step:
    wanted = WantedRole(uid, permissions=permissions)
    return lambda db, by, _all: roles.change_role(db, by, uid, wanted, clock=CLOCK)


def deleting(uid: str) -> Step:
    return lambda db, by, _all: roles.delete_role(db, by, uid, force=True, is_global=False, clock=CLOCK)


def adding(uid: str, who: int) -> Step:
    return lambda db, by, all_: holder_roles.add_role(db, by, AccountHolder(all_[who]), uid, clock=CLOCK)


def setting(uids: list[str], who: int) -> Step:
    return lambda db, by, all_: holder_roles.set_roles(db, by, AccountHolder(all_[who]), uids, clock=CLOCK)


def giving(uid: str, who: list[int]) -> Step:
    def give(db: Connection, by: Principal, all_: list[AccountId]) -> object:
        wanted = WantedHolders(accounts=frozenset(all_[one] for one in who))
        return role_assignments.set_holders(db, by, uid, wanted, clock=CLOCK)

    return give


def making(permissions: frozenset[Permission]) -> Step:
    def make(db: Connection, by: Principal, all_: list[AccountId]) -> object:
        new = NewServiceAccount(f"made {len(all_)}", Role.VIEWER)
        extras = Extras(permissions, FirstToken(f"of {len(all_)}", 0))
        made, _token = serviceaccount_creation.create_with(
            db, by, new, extras, new_uid=lambda: f"own-{len(all_)}", rules=RULES
        )
        all_.append(made.id)
        return made

    return make


STEPS = st.one_of(
    st.builds(creating, st.just("new"), FEW),
    st.builds(changing, UIDS, FEW),
    st.builds(deleting, UIDS),
    st.builds(adding, UIDS, WHO),
    st.builds(setting, st.lists(UIDS, max_size=2), WHO),
    st.builds(giving, UIDS, st.lists(WHO, max_size=2)),
    st.builds(making, FEW),
)


@pytest.fixture(scope="session")
def fresh(sqlite_image: bytes) -> Callable[[], Database]:
    """Return a way to an empty database; each closes with its engine."""

    def opened() -> Database:
        raw = sqlite3.connect(":memory:", check_same_thread=False)
        raw.deserialize(sqlite_image)
        return database_on(raw)

    return opened


def held_by(db: Connection, org: OrgId, account: AccountId) -> Grants:
    return grants_of(db, Subject(account, org, Role.VIEWER))


@given(
    first=st.tuples(MANY, MANY, MANY),
    steps=st.lists(st.tuples(st.integers(0, 1), STEPS), max_size=12),
)
@settings(max_examples=60, deadline=None)
def test_together_they_never_hold_more_than_they_did(
    fresh: Callable[[], Database],
    first: tuple[frozenset[Permission], ...],
    steps: list[tuple[int, Step]],
) -> None:
    database = fresh()
    with database.write() as db:
        an_installation(db)
        org = an_org(db)
        all_ = [
            a_person(db, org, login="alice"),
            a_person(db, org, login="bob"),
            a_service_account(db, org),
        ]
        for account, permissions in zip(all_, first, strict=True):
            an_assignment(db, org, a_role(db, org, *permissions), account=account)
        for account, uid in zip(all_, ("one", "two"), strict=False):
            an_assignment(db, org, a_role(db, org, name=uid), account=account)
        at_first = Grants.of(one for account in all_ for one in held_by(db, org, account))
    for who, step in steps:
        try:
            with database.write() as db:
                step(db, as_person(db, all_[who]), all_)
        except KeysteadError:
            continue
    with database.read() as db:
        machines = serviceaccounts.list_service_accounts(db, org, AccountFilter(NOON), offset=0, limit=99)
        for account in {*all_, *(listed.account.id for listed in machines)}:
            own = {  # whoever makes an account may do all with it
                one for one in held_by(db, org, account) if not one.scope.startswith("serviceaccounts:id:")
            }
            assert at_first.first_missing(sorted(own)) is None
    database.close()
