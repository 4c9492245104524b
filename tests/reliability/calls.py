"""The calls that change or show who may do what: how often each is tried, about what, by which route."""

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from tests.reliability.play import Play

About: TypeAlias = tuple[int | str | bool, ...]
Asked: TypeAlias = tuple[str, str, object]
HERE, THERE = 1, 2
ROLES = ("Viewer", "Editor", "Admin")
PASSWORD = "canary-{}-password"
_KEY, _ACCOUNT = "/api/auth/keys/{}", "/api/serviceaccounts/{}"
_MEMBERS, _PERSON = "/api/orgs/{}/users", "/api/admin/users/{}"


def role(random: Random) -> str:
    return random.choice(ROLES)


def org(random: Random) -> int:
    return random.choice((HERE, THERE))


def lasts(random: Random) -> int:
    return random.choice((60, 600, 86_400))


def of_account(play: "Play", random: Random) -> tuple[int, int]:
    """Return an account and a token, which mostly is one of its own."""
    token = play.any_of(random, "token")
    own = play.accounts.get(token, 0)
    return (own if random.random() < 0.9 else play.any_of(random, "account")), token


CHOICES: dict[str, tuple[float, Callable[["Play", Random], About]]] = {
    "make_key": (2, lambda play, r: (play.new(), play.name(r, "key"), role(r), lasts(r))),
    "get_key": (1, lambda play, r: (play.any_of(r, "key"),)),
    "delete_key": (1, lambda play, r: (play.any_of(r, "key"),)),
    "list_keys": (0.5, lambda _play, _r: ()),
    "make_account": (2.5, lambda play, r: (play.new(), play.name(r, "account"), role(r))),
    "get_account": (1, lambda play, r: (play.any_of(r, "account"),)),
    "set_account_role": (1.5, lambda play, r: (play.any_of(r, "account"), role(r))),
    "switch_account": (1, lambda play, r: (play.any_of(r, "account"), r.random() < 0.6)),
    "delete_account": (0.3, lambda play, r: (play.any_of(r, "account"),)),
    "list_accounts": (0.5, lambda _play, _r: ()),
    "make_token": (
        3,
        lambda play, r: (
            play.any_of(r, "account"),
            play.new(),
            play.name(r, "token"),
            r.choice((0, 60, 600)),
        ),
    ),
    "revoke_token": (0.7, of_account),
    "delete_token": (0.3, of_account),
    "rotate_token": (
        1,
        lambda play, r: (*of_account(play, r), play.new(), play.name(r, "token"), r.choice((0, 60))),
    ),
    "list_members": (0.5, lambda _play, _r: ()),
    "add_member": (1, lambda play, r: (org(r), play.somebody(r), role(r))),
    "set_role": (2.5, lambda play, r: (org(r), play.somebody(r), role(r))),
    "remove_member": (0.7, lambda play, r: (org(r), play.somebody(r))),
    "make_person": (0.3, lambda play, r: (play.somebody(r), org(r))),
    "switch_person": (0.5, lambda play, r: (play.somebody(r), r.random() < 0.5)),
    "set_server_admin": (0.4, lambda play, r: (play.somebody(r), r.random() < 0.5)),
    "wait": (0.7, lambda _play, r: (r.choice((1, 59, 60, 600)),)),
}


def asked_for(play: "Play", verb: str, about: About) -> Asked:
    """Return method, path and body."""
    match verb, about:
        case "list_keys", ():
            return "GET", "/api/auth/keys?includeExpired=true", None
        case "make_key", (_, name, rank, seconds):
            return "POST", "/api/auth/keys", {"name": name, "role": rank, "secondsToLive": seconds}
        case "get_key", (key,):
            return "GET", _KEY.format(play.id_of(key)), None
        case "delete_key", (key,):
            return "DELETE", _KEY.format(play.id_of(key)), None
        case "list_accounts", ():
            return "GET", "/api/serviceaccounts/search", None
        case "make_account", (_, name, rank):
            return "POST", "/api/serviceaccounts", {"name": name, "role": rank}
        case "get_account", (account,):
            return "GET", _ACCOUNT.format(play.id_of(account)), None
        case "set_account_role", (account, rank):
            return "PATCH", _ACCOUNT.format(play.id_of(account)), {"role": rank}
        case "switch_account", (account, is_disabled):
            return "PATCH", _ACCOUNT.format(play.id_of(account)), {"isDisabled": is_disabled}
        case "delete_account", (account,):
            return "DELETE", _ACCOUNT.format(play.id_of(account)), None
        case _ if verb.endswith("_token"):
            return asked_of_tokens(play, verb, about)
        case _:
            return asked_of_people(play, verb, about)


def asked_of_tokens(play: "Play", verb: str, about: About) -> Asked:
    path = f"{_ACCOUNT.format(play.id_of(about[0]))}/tokens"
    one = f"{path}/{play.id_of(about[1])}"
    match verb, about:
        case "make_token", (_, _, name, seconds):
            return "POST", path, {"name": name, "secondsToLive": seconds}
        case "revoke_token", _:
            return "POST", f"{one}/revoke", None
        case "delete_token", _:
            return "DELETE", one, None
        case "rotate_token", (_, _, _, name, grace):
            return "POST", f"{one}/rotate", {"name": name, "graceSeconds": grace}
        case _:
            raise LookupError(verb)


def asked_of_people(play: "Play", verb: str, about: About) -> Asked:
    match verb, about:
        case "list_members", ():
            return "GET", "/api/org/users", None
        case "add_member", (at, login, rank):
            return "POST", _MEMBERS.format(at), {"loginOrEmail": login, "role": rank}
        case "set_role", (at, login, rank):
            return "PATCH", f"{_MEMBERS.format(at)}/{play.person(login)}", {"role": rank}
        case "remove_member", (at, login):
            return "DELETE", f"{_MEMBERS.format(at)}/{play.person(login)}", None
        case "make_person", (str(login), at):
            more = {"isGrafanaAdmin": True, "isAdmin": True, "role": "Admin", "id": 1}
            body = {"login": login, "password": PASSWORD.format(login), "orgId": at, **more}
            return "POST", "/api/admin/users", body
        case "switch_person", (login, is_disabled):
            word = "disable" if is_disabled else "enable"
            return "POST", f"{_PERSON.format(play.person(login))}/{word}", None
        case "set_server_admin", (login, is_one):
            return "PUT", f"{_PERSON.format(play.person(login))}/permissions", {"isGrafanaAdmin": is_one}
        case _:
            raise LookupError(verb)
