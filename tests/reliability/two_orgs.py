"""Two organizations side by side in one house, everybody who may call, and every path that can be asked
for.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter

from sqlalchemy import update

from keystead.bootstrap import ENDPOINTS
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.migration.model import JobState, MigrationId
from keystead.core.orgs.model import OrgId
from keystead.core.teams.model import TeamId
from keystead.http.endpoint import Endpoint
from keystead.storage import migrations, team_groups
from keystead.storage.schema import credential
from tests.doors import ADMIN, ADMIN_PASSWORD, HOME, House
from tests.makers import (
    NOON,
    a_member,
    a_principal,
    a_service_account,
    a_team,
    a_token,
    an_api_key,
    an_api_key_with_secret,
)
from tests.reliability.asgi import Caller, Told
from tests.reliability.client import basic, bearer, cookie
from tests.rights import a_role, an_assignment

PASSWORD = "canary-{}-password"
GROUP = "cn=some,dc=example"
NEW_PASSWORD = "canary orchard pebble twelve"
BODIES: Mapping[str, object] = {  # of every route that reads one
    "POST /api/auth/keys": {"name": "fresh", "role": "Viewer", "secondsToLive": 60},
    "PUT /api/org": {"name": "Renamed"},
    "PUT /api/org/address": {"city": "Elsewhere"},
    "POST /api/orgs": {"name": "Fresh"},
    "PUT /api/orgs/{org_id}": {"name": "Renamed"},
    "PUT /api/orgs/{org_id}/address": {"city": "Elsewhere"},
    "POST /api/org/users": {"loginOrEmail": "guest", "role": "Viewer"},
    "PATCH /api/org/users/{user_id}": {"role": "Editor"},
    "POST /api/orgs/{org_id}/users": {"loginOrEmail": "guest", "role": "Viewer"},
    "PATCH /api/orgs/{org_id}/users/{user_id}": {"role": "Editor"},
    "PUT /api/user": {"email": "renamed@example.com"},
    "PUT /api/user/password": {"oldPassword": "wrong on purpose", "newPassword": NEW_PASSWORD},
    "POST /api/user/revoke-auth-token": {"authTokenId": 2_000_000},
    "PUT /api/users/{user_id}": {"email": "renamed@example.com"},
    "POST /api/admin/users": {"login": "fresh", "password": NEW_PASSWORD},
    "PUT /api/admin/users/{user_id}/password": {"password": NEW_PASSWORD},
    "PUT /api/admin/users/{user_id}/permissions": {"isGrafanaAdmin": True},
    "POST /api/admin/users/{user_id}/revoke-auth-token": {"authTokenId": 2_000_000},
    "POST /api/serviceaccounts": {"name": "fresh", "role": "Viewer"},
    "PATCH /api/serviceaccounts/{service_account_id}": {
        "name": "renamed",
        "role": "Editor",
        "isDisabled": True,
    },
    "POST /api/serviceaccounts/{service_account_id}/tokens": {"name": "fresh", "secondsToLive": 60},
    "POST /api/serviceaccounts/{service_account_id}/tokens/{token_id}/rotate": {"graceSeconds": 0},
    "POST /api/teams": {"name": "fresh"},
    "PUT /api/teams/{team_id}": {"name": "renamed"},
    "POST /api/teams/{team_id}/members": {"userId": 1},
    "PUT /api/teams/{team_id}/members/{user_id}": {"permission": 4},
    "POST /api/teams/{team_id}/groups": {"groupId": "fresh"},
    "PUT /api/teams/{team_id}/preferences": {"theme": "dark"},
    "PUT /api/org/preferences": {"theme": "dark"},
    "PATCH /api/org/preferences": {"theme": "dark"},
    "PUT /api/user/preferences": {"theme": "dark"},
    "PATCH /api/user/preferences": {"theme": "dark"},
    "POST /api/access-control/serviceaccounts/{object_id}": {"permissions": []},
    "POST /api/access-control/serviceaccounts/{object_id}/users/{user_id}": {"permission": "Edit"},
    "POST /api/access-control/serviceaccounts/{object_id}/teams/{team_id}": {"permission": "Edit"},
    "POST /api/access-control/teams/{object_id}": {"permissions": []},
    "POST /api/access-control/teams/{object_id}/users/{user_id}": {"permission": "Admin"},
    "POST /api/access-control/roles": {"name": "Fresh", "uid": "fresh", "permissions": [{"action": "a:b"}]},
    "PUT /api/access-control/roles/{role_uid}": {"name": "Renamed"},
    "PUT /api/access-control/roles/{role_uid}/assignments": {"users": []},
    "POST /api/access-control/users/{user_id}/roles": {"roleUid": "fixed:teams:creator"},
    "PUT /api/access-control/users/{user_id}/roles": {"roleUids": ["fixed:teams:creator"]},
    "POST /api/access-control/teams/{team_id}/roles": {"roleUid": "fixed:teams:creator"},
    "PUT /api/access-control/teams/{team_id}/roles": {"roleUids": ["fixed:teams:creator"]},
    "POST /login": {"user": "guest", "password": "wrong on purpose"},
}


@dataclass(frozen=True, slots=True)
class Side:
    """An organization, and one thing of each kind in it."""

    org: OrgId
    name: str
    key: int
    person: AccountId
    login: str
    session: int
    machine: AccountId
    token: int
    team: TeamId
    job: MigrationId

    def value_of(self, variable: str, path: str) -> str:
        """Return what stands in a place of the path when this organization's is asked for."""
        told = {
            "org_id": self.org,
            "name": self.name,
            "key_id": self.key,
            "service_account_id": self.machine,
            "token_id": self.token,
            "team_id": self.team,
            "group_id": GROUP,
            "role_uid": f"role-of-{self.login}",
            "session_id": self.session,
            "job_id": self.job,
            "holder": f"user-{self.person}",
            "topic": "apikeys",
        }
        match variable:
            case "object_id":
                return str(self.team if "/teams/" in path.partition("{")[0] else self.machine)
            case "user_id" if path.startswith("/api/access-control/users/"):
                return str(self.machine)  # people, whose ids are the server's, may have roles in any
            case "user_id":
                return str(self.person)
            case "key_id" if "/revert/" in path:
                return str(self.token)
            case "id" if "helpflags" not in path:
                return str(self.key)
        return str(told.get(variable, 1))


@dataclass(slots=True)
class TwoOrgs:
    """Restored to the same rows before each request, which so never sees what the one before did."""

    house: House
    here: Side = field(init=False)
    there: Side = field(init=False)
    callers: dict[str, Mapping[str, str]] = field(init=False)
    caller: Caller = field(init=False)
    image: sqlite3.Connection = field(init=False)  # the rows as they were at first
    epoch: int = 1_000_000

    def __post_init__(self) -> None:
        self.caller = Caller(self.house.app)
        self.here = self.side(HOME, "Main Org.", "here")
        self.there = self.side(self.house.an_org("Other Org."), "Other Org.", "there")
        self.house.a_member(Role.VIEWER, org=self.house.an_org("Third Org."), login="guest")
        self.callers = dict(self.everybody())
        self.image = sqlite3.connect(":memory:")
        self.keep()

    def keep(self) -> None:
        """Let every question from now on be asked of the rows as they are."""
        self.house.raw.backup(self.image)

    def close(self) -> None:
        self.caller.close()
        self.image.close()

    def side(self, org: OrgId, name: str, login: str) -> Side:
        person = self.house.a_member(Role.VIEWER, org=org, login=login)
        with self.house.database.write() as db:
            key = an_api_key(db, org, name=f"key of {login}")
            machine = a_service_account(db, org, name=f"machine of {login}")
            token = a_token(db, org, machine, name=f"token of {login}")
            team = a_team(db, org, name=f"team of {login}")
            for account in (person, machine):
                a_member(db, org, team, account)
            team_groups.add_group(db, org, team, GROUP)
            job = migrations.add_job(db, org, a_principal(org), total=0, at=NOON)
            migrations.set_ended(db, org, job, JobState.DONE, at=NOON)
            role = a_role(db, org, ("teams:read", "teams:*"), name=f"role of {login}")
            an_assignment(db, org, role, account=machine)
            an_assignment(db, org, role, team=team)
        self.signed_in(login, PASSWORD.format(login))
        (session,) = self.house.raw.execute("SELECT max(id) FROM session").fetchone()
        return Side(org, name, key, person, login, session, machine, token, team, job)

    def everybody(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Yield who may call, and the headers by which."""
        yield "nobody", {}
        yield "garbage", bearer("garbage")
        yield "unknown-key", bearer(self.new_key(HOME, Role.ADMIN, name="gone", is_gone=True))
        yield "expired-key", bearer(self.new_key(HOME, Role.ADMIN, name="expired", expires_at=NOON - 1))
        yield "revoked-key", bearer(self.new_key(HOME, Role.ADMIN, name="revoked", is_revoked=True))
        yield "wrong-password", basic(ADMIN, "wrong")
        yield "disabled", basic(*self.disabled())
        yield "forged-session", cookie("0" * 64)
        for role in Role:
            yield f"{role.lower()}-key", bearer(self.new_key(HOME, role, name=f"{role} caller"))
        for role in Role:
            login = f"some-{role.lower()}"
            self.house.a_member(role, login=login)
            yield role.lower(), basic(login, PASSWORD.format(login))
            yield f"{role.lower()}-session", cookie(self.signed_in(login, PASSWORD.format(login)))
        yield "server-admin", basic(ADMIN, ADMIN_PASSWORD)
        yield "server-admin-session", cookie(self.signed_in(ADMIN, ADMIN_PASSWORD))
        self.house.a_member(Role.ADMIN, org=self.there.org, login="stranger")
        yield "stranger", basic("stranger", PASSWORD.format("stranger"))
        yield "stranger-session", cookie(self.signed_in("stranger", PASSWORD.format("stranger")))
        yield "stranger-key", bearer(self.new_key(self.there.org, Role.ADMIN, name="stranger's"))

    def new_key(
        self,
        org: OrgId,
        role: Role,
        *,
        name: str,
        expires_at: int | None = None,
        is_revoked: bool = False,
        is_gone: bool = False,
    ) -> str:
        with self.house.database.write() as db:
            id_, secret = an_api_key_with_secret(db, org, name=name, role=role, expires_at=expires_at)
            if is_revoked:
                db.execute(
                    update(credential).where(credential.c.id == id_).values(revoked_at=UnixSeconds(NOON))
                )
            if is_gone:
                db.execute(credential.delete().where(credential.c.id == id_))
        return secret.reveal()

    def disabled(self) -> tuple[str, str]:
        person = self.house.a_member(Role.ADMIN, login="disabled")
        told = self.caller.ask(
            "POST", f"/api/admin/users/{person}/disable".encode(), None, basic(ADMIN, ADMIN_PASSWORD)
        )
        assert told.status == 200, told.body
        return "disabled", PASSWORD.format("disabled")

    def signed_in(self, login: str, password: str) -> str:
        body = json.dumps({"user": login, "password": password}).encode()
        told = self.caller.ask("POST", b"/login", body)
        assert told.status == 200, told.body
        return told.session

    def restore(self) -> None:
        self.image.backup(self.house.raw)  # deserialize() crashes with statements that were made ready before
        self.epoch += 1
        assert self.house.database.epoch is not None
        self.house.database.epoch.publish(self.epoch)

    def ask(self, endpoint: Endpoint, side: Side, who: str, headers: Mapping[str, str]) -> Told:
        """Ask for this route, with that organization's things in its path, from the same rows as ever."""
        self.restore()
        return self.caller.ask(
            endpoint.method,
            path_of(endpoint, side),
            body_of(endpoint),
            dict(self.callers[who]) | dict(headers),
        )

    def rows_of(self, side: Side) -> dict[str, list[tuple[object, ...]]]:
        """Return all that belongs to an organization: its rows, and those of its people."""
        return {
            name: self.house.raw.execute(query, {"org": side.org}).fetchall() for name, query in ROWS.items()
        }


_PEOPLE = "(SELECT account_id FROM membership WHERE org_id = :org)"
_ROLES = "(SELECT id FROM role WHERE org_id = :org)"
ROWS = {
    "org": "SELECT * FROM org WHERE id = :org",
    "membership": "SELECT * FROM membership WHERE org_id = :org ORDER BY account_id",
    "credential": "SELECT * FROM credential WHERE org_id = :org ORDER BY id",
    "migration": "SELECT * FROM migration WHERE org_id = :org ORDER BY id",
    "migration_key": "SELECT * FROM migration_key WHERE org_id = :org ORDER BY credential_id",
    "team": "SELECT * FROM team WHERE org_id = :org ORDER BY id",
    "team_member": "SELECT * FROM team_member WHERE org_id = :org ORDER BY team_id, account_id",
    "team_group": "SELECT * FROM team_group WHERE org_id = :org ORDER BY team_id, group_id",
    "object_grant": "SELECT * FROM object_grant WHERE org_id = :org ORDER BY id",
    "role": "SELECT * FROM role WHERE org_id = :org ORDER BY id",
    "role_permission": f"SELECT * FROM role_permission WHERE role_id IN {_ROLES} ORDER BY role_id, action",
    "role_assignment": "SELECT * FROM role_assignment WHERE org_id = :org ORDER BY id",
    "preference": "SELECT * FROM preference WHERE org_id = :org ORDER BY team_id",
    "change": "SELECT * FROM change WHERE org_id = :org ORDER BY id",
    "account": f"SELECT * FROM account WHERE id IN {_PEOPLE} ORDER BY id",
    "login_name": f"SELECT * FROM login_name WHERE account_id IN {_PEOPLE} ORDER BY key",
    "session": f"SELECT * FROM session WHERE account_id IN {_PEOPLE} ORDER BY id",
}


def routes() -> list[Endpoint]:
    return [endpoint for endpoint in ENDPOINTS if not endpoint.path.startswith("/public")]


def name_of(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


def path_of(endpoint: Endpoint, side: Side) -> bytes:
    parts = []
    for text, variable, _, _ in Formatter().parse(endpoint.path):
        parts.append(text)
        if variable:
            parts.append(side.value_of(variable, endpoint.path))
    return "".join(parts).replace(" ", "%20").encode()


def body_of(endpoint: Endpoint) -> bytes | None:
    return None if endpoint.body is None else json.dumps(BODIES[name_of(endpoint)]).encode()
