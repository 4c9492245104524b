"""G46: what is unsafe stops the start with a sentence; the first password is nobody's guess and does not
live long.
"""

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.reliability.client import Client, basic
from tests.reliability.conftest import NewInstallation
from tests.reliability.figures import Goal
from tests.reliability.servers import Server, free_port, new_folder, private, run_to_its_end

PUBLISHED_KEY = "SW2YcwTIb9zpOOhoPsMm"
KEY = "0123456789abcdef" * 4


def nothing(_data: Path) -> None: ...


@dataclass(frozen=True, slots=True)
class Unsafe:
    """A way to start that must be refused, and a part of the sentence that says why."""

    arguments: tuple[str, ...]
    told: str
    before: Callable[[Path], object] = nothing
    config: str = ""


def with_published_key(data: Path) -> None:
    data.mkdir(mode=0o700)
    peppers = f'[{{"id": 1, "key": "{KEY}"}}]'
    text = f'{{"peppers": {peppers}, "session_key": "{PUBLISHED_KEY}", "anchor_key": "{KEY}"}}'
    private(data / "secrets.json", text)


def with_loose_key(data: Path) -> None:
    data.mkdir(mode=0o700)
    text = f'{{"peppers": [{{"id": 1, "key": "{KEY}"}}], "session_key": "{KEY}", "anchor_key": "{KEY}"}}'
    private(data / "secrets.json", text)
    (data / "secrets.json").chmod(0o644)


def with_open_folder(data: Path) -> None:
    data.mkdir(mode=0o700)
    (data / "something").touch()
    data.chmod(0o755)


def with_loose_password(data: Path) -> None:
    private(data.parent / "password", "canary password of the operator")
    (data.parent / "password").chmod(0o644)


def with_published_password(data: Path) -> None:
    private(data.parent / "password", "admin\n")


PASSWORD_FILE = '[security]\nadmin_password_file = "{folder}/password"\n'
CASES: dict[str, Unsafe] = {
    "admin/admin": Unsafe(("serve",), "published password", with_published_password, PASSWORD_FILE),
    "Grafana's secret key": Unsafe(("serve",), "Grafana publishes", with_published_key),
    "loose secrets.json": Unsafe(("serve",), "chmod 600", with_loose_key),
    "loose password file": Unsafe(("serve",), "chmod 600", with_loose_password, PASSWORD_FILE),
    "open data folder": Unsafe(("serve",), "chmod 700", with_open_folder),
    "bind everywhere": Unsafe(("serve", "--host", "0.0.0.0"), "--behind-proxy"),
    "bind everywhere, IPv6": Unsafe(("serve", "--host", "::"), "--behind-proxy"),
    "bind elsewhere": Unsafe(("serve", "--host", "192.0.2.1"), "--behind-proxy"),
    "dev everywhere": Unsafe(("dev", "--host", "0.0.0.0"), "127.0.0.1 or ::1"),
    "dev elsewhere": Unsafe(("dev", "--host", "192.0.2.1"), "127.0.0.1 or ::1"),
    "dev by a setting": Unsafe(("dev",), "127.0.0.1 or ::1", config='[server]\nhost = "0.0.0.0"\n'),
    "a password in the file": Unsafe(
        ("serve",), "seen by others", config='[security]\nadmin_password = "canary"\n'
    ),
    "an unknown name": Unsafe(("serve",), "not a setting", config='[security]\nadmin_pasword = "canary"\n'),
    "a wrong value": Unsafe(("serve",), "must be", config='[server]\nworkers = "many"\n'),
}


@pytest.mark.goal("G46", "F24")
@pytest.mark.catches("default_admin")
def test_unsafe_settings_stop_the_start(goal: Goal, fault: str | None) -> None:
    names = list(CASES)[:1] if goal.tier == "smallest" else list(CASES)
    wrong = {name: told for name in names if (told := started_although(CASES[name], fault))}
    goal.tell("unsafe-start", cases=len(names), wrong=len(wrong))
    goal.hold(not wrong, wrong)


def started_although(case: Unsafe, fault: str | None) -> str:
    """Return what is wrong with how the start was refused; "": nothing."""
    folder = new_folder()
    try:
        data = folder / "data"
        case.before(data)
        config = folder / "keystead.toml"
        private(config, case.config.format(folder=folder))
        code, told = run_to_its_end(
            fault,
            *case.arguments,
            *("--data-dir", str(data), "--port", str(free_port()), "--config", str(config)),
            within_s=4 if fault else 15,
        )
    finally:
        shutil.rmtree(folder)
    if code is None:
        return "it started"
    if code == 0 or case.told not in told:
        return f"exit {code}: {told[-300:]}"
    return "a traceback" if "Traceback" in told or "canary" in told else ""


@pytest.mark.goal("G46")
def test_the_first_password_is_random_and_must_be_changed(
    goal: Goal, new_installation: NewInstallation
) -> None:
    installation = new_installation(config="", level="info")
    server = installation.start()
    file = installation.data / "initial-admin-password"
    password = file.read_text().strip()
    wrong = [*wrong_first_password(server, file, password), *wrong_change(server, password)]
    goal.tell("first-password", length=len(password), wrong=len(wrong))
    goal.hold(not wrong, wrong)


def wrong_first_password(server: Server, file: Path, password: str) -> Iterator[str]:
    if stat.S_IMODE(file.stat().st_mode) != 0o600:
        yield "the file can be read by others"
    if len(password) != 24 or not password.isalnum():
        yield f"{len(password)} characters"
    log = server.log.read_text()
    if password in log:
        yield "the password is in the log"
    if file.name not in log:
        yield "the log does not name the file"
    admin = Client(server.port, basic("admin", password))
    for path in ("/api/org", "/api/user", "/api/auth/keys"):
        answer = admin.get(path)
        if answer.status != 403 or answer.json["message"] != "Change the initial password first":
            yield f"{path} answers {answer.status} before the password was changed"
    admin.close()
    guesser = Client(server.port, basic("admin", "admin"))
    if guesser.get("/api/org").status != 401:
        yield "admin/admin gets in"
    guesser.close()


def wrong_change(server: Server, password: str) -> Iterator[str]:
    fresh = "canary orchard pebble twelve"
    admin = Client(server.port, basic("admin", password))
    answer = admin.ask("PUT", "/api/user/password", {"oldPassword": password, "newPassword": fresh})
    if answer.status != 200:
        yield f"the change answers {answer.status} {answer.body[:80]!r}"
    admin.who = basic("admin", fresh)
    if admin.get("/api/org").status != 200:
        yield "the new password does not open"
    admin.who = basic("admin", password)
    if admin.get("/api/org").status != 401:
        yield "the first password still opens"
    admin.close()


@pytest.mark.goal("G46")
def test_dev_answers_only_this_machine(goal: Goal, new_installation: NewInstallation) -> None:
    server = new_installation(word="dev", config="").start()
    client = Client(server.port, basic("admin", "admin"))
    direct = client.get("/api/org")
    forwarded = client.ask("GET", "/api/org", headers={"X-Forwarded-For": "203.0.113.9"})
    client.close()
    mark = direct.headers.get("x-keystead-dev")
    goal.tell("dev-start", direct=direct.status, forwarded=forwarded.status, mark=mark)
    goal.hold(direct.status == 200, "admin/admin does not open on this machine")
    goal.hold(forwarded.status in (400, 401, 403), "admin/admin opens through a proxy")
    goal.hold(mark == "1", "answers do not say that this is dev")


@pytest.mark.goal("R31")
@pytest.mark.parametrize("umask", [0o022, 0o000], ids=["usual umask", "no umask"])
def test_nothing_that_the_server_makes_is_open_to_others(
    goal: Goal, new_installation: NewInstallation, umask: int
) -> None:
    installation = new_installation(config="", umask=umask)
    installation.start()
    made = [installation.data, *installation.data.rglob("*")]
    loose = [path.name for path in made if stat.S_IMODE(path.stat().st_mode) & 0o077]
    goal.tell("modes", umask=f"{umask:03o}", files=len(made), loose=len(loose))
    goal.hold(not loose, loose)
