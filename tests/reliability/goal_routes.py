"""G21: every route answers every kind of caller, for its own and for another organization, as the reviewed
table says.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from keystead.http.endpoint import Endpoint
from keystead.http.needs import Open
from tests.doors import House
from tests.reliability.client import Client, bearer, cookie
from tests.reliability.conftest import NewInstallation
from tests.reliability.figures import Goal
from tests.reliability.load import LIFETIME_S
from tests.reliability.raw import RawConnection, request
from tests.reliability.servers import admin_session
from tests.reliability.two_orgs import TwoOrgs, name_of, routes

TABLE = Path(__file__).with_name("permission_table.toml")
USELESS = (
    "garbage",
    "unknown-key",
    "expired-key",
    "revoked-key",
    "wrong-password",
    "disabled",
    "forged-session",
)
PAGE_REFUSES = (302, 303, 401, 403)  # to the sign-in, or for another site's form
STRANGERS = ("stranger", "stranger-session", "stranger-key")
LIKE_UNKNOWN = {  # routes that answer 200 for what is not there -> what they answer
    "GET /api/teams/{team_id}/members": "an empty list, as Grafana 9.3.2",
    "GET /api/teams/{team_id}/preferences": "no preferences, as Grafana 9.3.2",
    "GET /api/access-control/serviceaccounts/{object_id}": "an empty list, as Grafana 9.3.2",
    "GET /api/access-control/teams/{object_id}": "an empty list, as Grafana 9.3.2",
    "GET /api/access-control/users/{user_id}/roles": "an empty list",
    "GET /api/serviceaccounts/{service_account_id}/tokens": "an empty list: T4, tests/api holds it",
}
MARK = "# Who may call what."
INTRODUCTION = f"""{MARK} A status for each caller, in the order of `callers`; reviewed whenever it changes.
# own: the path names things of the caller's organization; other: of another one, which also stands in
# X-Grafana-Org-Id.
# The strangers are Admins of that other organization, for whom it is the other way round.
# Write it anew: ./run goals --goals G21 --write-table, then read the difference line by line.
"""


def asked(two: TwoOrgs, endpoint: Endpoint, *, is_own: bool) -> dict[str, int]:
    side = two.here if is_own else two.there
    headers = {} if is_own else {"X-Grafana-Org-Id": str(two.there.org)}
    return {who: two.ask(endpoint, side, who, headers).status for who in two.callers}


def found_table(two: TwoOrgs, endpoints: list[Endpoint]) -> dict[str, dict[str, dict[str, int]]]:
    return {
        name_of(endpoint): {
            "own": asked(two, endpoint, is_own=True),
            "other": asked(two, endpoint, is_own=False),
        }
        for endpoint in endpoints
    }


def written(table: Mapping[str, Mapping[str, Mapping[str, int]]], callers: Iterator[str]) -> str:
    lines = [INTRODUCTION, f"callers = {' '.join(callers)!r}".replace("'", '"'), ""]
    for route, sides in table.items():
        lines.append(f'["{route}"]')
        lines += [f'{side:<5} = "{" ".join(map(str, row.values()))}"' for side, row in sides.items()]
        lines.append("")
    return "\n".join(lines)


def read_table(text: str) -> dict[str, dict[str, dict[str, int]]]:
    content = tomllib.loads(text)
    callers = content.pop("callers").split()
    return {
        route: {side: dict(zip(callers, map(int, row.split()), strict=True)) for side, row in sides.items()}
        for route, sides in content.items()
    }


def cells(table: dict[str, dict[str, dict[str, int]]]) -> dict[tuple[str, str, str], int]:
    return {
        (route, side, who): status
        for route, sides in table.items()
        for side, row in sides.items()
        for who, status in row.items()
    }


@pytest.mark.goal("G21", "R11")
@pytest.mark.catches("route_without_needs")
@pytest.mark.usefixtures("planted")
def test_every_route_answers_every_caller_as_reviewed(
    goal: Goal, house: House, pytestconfig: pytest.Config
) -> None:
    two = TwoOrgs(house)
    reviewed = read_table(TABLE.read_text())
    asked_for = routes()
    if goal.tier == "smallest":
        asked_for = [endpoint for endpoint in asked_for if "/auth/keys" in endpoint.path]
        reviewed = {name_of(endpoint): reviewed[name_of(endpoint)] for endpoint in asked_for}
    found = found_table(two, asked_for)
    if pytestconfig.getoption("--write-table") and not goal.fault:
        TABLE.write_text(written(found, iter(two.callers)))
        reviewed = found
    wanted, got = cells(reviewed), cells(found)
    wrong = [
        f"{' '.join(cell)}: {got.get(cell)}, not {wanted.get(cell)}"
        for cell in sorted(wanted.keys() | got.keys())
        if wanted.get(cell) != got.get(cell)
    ]
    broken = list(broken_rules(found))
    two.close()
    goal.tell("permissions", routes=len(found), cells=len(got), wrong=len(wrong), broken_rules=len(broken))
    goal.hold(not broken, broken[:5])
    goal.hold(not wrong, wrong[:5])


def broken_rules(table: dict[str, dict[str, dict[str, int]]]) -> Iterator[str]:
    """Yield what no table may say, however it was reviewed."""
    opened = {name_of(endpoint) for endpoint in routes() if isinstance(endpoint.needs, Open)}
    for (route, side, who), status in cells(table).items():
        cell = f"{route} {side} {who}: {status}"
        if status >= 500:
            yield f"{cell} is a failure of the server"
        if route in opened:
            continue
        if who in ("nobody", *USELESS) and status not in ((401,) if "/api/" in route else PAGE_REFUSES):
            yield f"{cell}, where a useless credential was shown"
        is_told_apart = route not in LIKE_UNKNOWN
        if "{" in route and is_told_apart and who in STRANGERS and side == "own" and status < 300:
            yield f"{cell}, where a stranger named a thing of this organization"
    for route, sides in table.items():
        row = sides["own"]
        for kind in ("-key", "", "-session"):
            if not is_growing([row[f"{role}{kind}"] for role in ("viewer", "editor", "admin")]):
                yield f"{route}: a lower role{kind} may do what a higher one may not"


def is_growing(statuses: list[int]) -> bool:
    allowed = [status not in (401, 403) for status in statuses]
    return allowed == sorted(allowed)


NOT_SERVED = (303, 400, 404)  # 303: no path of the API, so a page that asks to sign in
# how a path may be spelled: what it becomes, and whether it still is the same path
SPELLINGS: dict[str, tuple[Callable[[bytes], bytes], bool]] = {
    "as it is": (lambda path: path, True),
    "a slash at the end": (lambda path: path + b"/", True),
    "one letter encoded": (lambda path: path[:-1] + b"%%%02x" % path[-1], True),
    "one letter encoded, upper-case hex": (lambda path: path[:-1] + b"%%%02X" % path[-1], True),
    "one letter encoded twice": (lambda path: path[:-1] + b"%%25%02x" % path[-1], False),
    "the last slash encoded": (lambda path: b"%2f".join(path.rsplit(b"/", 1)), False),
    "the last slash encoded, upper-case": (lambda path: b"%2F".join(path.rsplit(b"/", 1)), False),
    "the last slash encoded twice": (lambda path: b"%252f".join(path.rsplit(b"/", 1)), False),
    "two slashes": (lambda path: b"//".join(path.rsplit(b"/", 1)), False),
    "two slashes at the start": (lambda path: b"/" + path, False),
    "two slashes at the end": (lambda path: path + b"//", False),
    "a dot": (lambda path: b"/./".join(path.rsplit(b"/", 1)), False),
    "an encoded dot": (lambda path: b"/%2e/".join(path.rsplit(b"/", 1)), False),
    "up and down": (lambda path: b"/x/../".join(path.rsplit(b"/", 1)), False),
    "up and down, encoded": (lambda path: b"/x/%2e%2e/".join(path.rsplit(b"/", 1)), False),
    "up and down, encoded twice": (lambda path: b"/x/%252e%252e/".join(path.rsplit(b"/", 1)), False),
    "up at the end": (lambda path: path + b"/x/..", False),
    "a backslash": (lambda path: b"\\".join(path.rsplit(b"/", 1)), False),
    "an encoded backslash": (lambda path: b"%5c".join(path.rsplit(b"/", 1)), False),
    "NUL": (lambda path: path + b"%00", False),
    "NUL encoded twice": (lambda path: path + b"%2500", False),
    "a semicolon": (lambda path: path + b";x=1", False),
    "an encoded semicolon": (lambda path: path + b"%3b", False),
    "an encoded question mark": (lambda path: path + b"%3fx=1", False),
    "an encoded hash": (lambda path: path + b"%23", False),
    "a blank": (lambda path: path + b"%20", False),
    "a plus": (lambda path: path + b"+", False),
    "a line break": (lambda path: path + b"%0d%0a", False),
    "a bad escape": (lambda path: path + b"%zz", False),
    "half an escape": (lambda path: path + b"%2", False),
    "no UTF-8": (lambda path: path + b"%ff", False),
    "an overlong slash": (lambda path: b"%c0%af".join(path.rsplit(b"/", 1)), False),
    "a full-width slash": (lambda path: b"%ef%bc%8f".join(path.rsplit(b"/", 1)), False),
    "upper case": (lambda path: path.upper(), False),
    "another first member": (lambda path: b"/x" + path, False),
    "a suffix": (lambda path: path + b".json", False),
    "one more member": (lambda path: path + b"/x", False),
    "a zero-width blank": (lambda path: path + b"%e2%80%8b", False),
    "an IIS escape": (lambda path: path[:-1] + b"%%u00%02x" % path[-1], False),
    "a tab": (lambda path: path + b"%09", False),
}


@pytest.mark.goal("G21", "R24")
@pytest.mark.catches("decode_twice")
def test_an_odd_spelling_is_no_way_in(goal: Goal, new_installation: NewInstallation) -> None:
    server = new_installation().start()
    admin = Client(server.port, cookie(admin_session(server.port)))
    made = admin.ask(
        "POST", "/api/auth/keys", {"name": "spells", "role": "Admin", "secondsToLive": LIFETIME_S}
    )
    admin.close()
    headers = [f"{name}: {value}".encode() for name, value in bearer(made.json["key"]).items()]
    paths = [b"/api/org", b"/api/org/users", b"/api/auth/keys", b"/api/auth/keys/%d" % made.json["id"]]
    connection = RawConnection(server.port)
    wrong = [
        f"{name}, {path.decode()}: {status}"
        for path in paths
        for name, (spelled, is_same) in SPELLINGS.items()
        if (status := connection.ask(request(spelled(path), headers)))
        not in ((200,) if is_same else NOT_SERVED)
    ]
    wrong += [
        f"{name}, {path.decode()}, nobody: {status}"
        for path in paths
        for name, (spelled, _) in SPELLINGS.items()
        if (status := connection.ask(request(spelled(path), []))) not in (*NOT_SERVED, 401)
    ]
    connection.close()
    goal.tell("spellings", paths=len(paths), spellings=len(SPELLINGS), wrong=len(wrong))
    goal.hold(not wrong, wrong[:5])


@pytest.mark.goal("R27")
def test_what_is_open_to_anybody_is_what_was_reviewed() -> None:
    reviewed = {
        "GET /api/health",
        "GET /healthz",
        "GET /readyz",
        "GET /openapi.json",
        "GET /.well-known/change-password",
        "GET /api/user/signup/options",
        "POST /api/user/signup",
        "GET /api/login/ping",
        "POST /login",
        "GET /login",
        "GET /logout",
    }
    opened = {name_of(endpoint) for endpoint in routes() if isinstance(endpoint.needs, Open)}
    assert opened == reviewed
