"""G23: a malformed Authorization header is refused quietly: no 2xx, no 5xx, no memory, no trace in a log."""

import base64
import json
import threading
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import TypeAlias

import pytest

from keystead.core.credentials.token_format import make_token
from tests.reliability.client import Client, bearer, cookie
from tests.reliability.conftest import NewInstallation
from tests.reliability.figures import Goal
from tests.reliability.load import LIFETIME_S
from tests.reliability.raw import RawConnection, request
from tests.reliability.servers import Server, admin_session

SENDERS = 8
MOST_GROWTH = 20 * 1024 * 1024
PATHS = (b"/api/org", b"/api/auth/keys", b"/api/access-control/status", b"/auth/verify", b"/api/nothing")
LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
Make: TypeAlias = Callable[[Random], list[bytes]]


def letters(random: Random, count: int) -> str:
    return "".join(random.choices(LETTERS, k=count))


def key_of(content: object) -> bytes:
    return b"Bearer " + base64.b64encode(json.dumps(content).encode())


def in_base64(content: bytes) -> bytes:
    return base64.b64encode(content)


def secret_with(random: Random, content: bytes) -> bytes:
    return in_base64(b'{"k":"%s","n":%s,"id":1}' % (letters(random, 32).encode(), content))


def unknown_token(random: Random) -> bytes:
    return make_token("glsa", letters(random, 32)).encode()


def spoiled_token(random: Random) -> bytes:
    return unknown_token(random)[:-1] + random.choice("ghXYZ").encode()


def odd_bytes(random: Random) -> bytes:
    return bytes(random.choice([*range(1, 9), *range(0x80, 0x100)]) for _ in range(random.randrange(1, 60)))


MALFORMED: dict[str, Make] = {  # each returns the values of the header's lines
    "empty": lambda random: [b" " * random.randrange(4)],
    "no scheme": lambda random: [letters(random, 46).encode()],
    "scheme alone": lambda random: [random.choice([b"Bearer", b"Bearer ", b"Basic", b"Basic ", b"Bearer  "])],
    "another case": lambda random: [
        random.choice([b"bearer ", b"BEARER ", b"bEaReR "]) + unknown_token(random)
    ],
    "another scheme": lambda random: [
        random.choice([b"Token ", b"Digest ", b"Negotiate ", b"AWS4 "]) + unknown_token(random)
    ],
    "a tab": lambda random: [b"Bearer\t" + unknown_token(random)],
    "blanks inside": lambda random: [b"Bearer   " + unknown_token(random), b"x"][:1],
    "two lines": lambda random: [b"Bearer " + unknown_token(random), b"Bearer " + unknown_token(random)],
    "joined by a comma": lambda random: [
        b"Bearer %s, Bearer %s" % (unknown_token(random), unknown_token(random))
    ],
    "eight KiB": lambda random: [b"Bearer " + letters(random, 8192).encode()],
    "over sixteen KiB": lambda random: [b"Bearer " + letters(random, 17_000).encode()],
    "odd bytes": lambda random: [b"Bearer " + odd_bytes(random)],
    "odd bytes, Basic": lambda random: [b"Basic " + odd_bytes(random)],
    "NUL": lambda random: [b"Bearer " + letters(random, 20).encode() + b"\0" + letters(random, 20).encode()],
    "unknown token": lambda random: [b"Bearer " + unknown_token(random)],
    "bad checksum": lambda random: [b"Bearer " + spoiled_token(random)],
    "wrong length": lambda random: [
        b"Bearer glsa_%s_00000000" % letters(random, random.choice([0, 1, 31, 33, 900])).encode()
    ],
    "upper-case checksum": lambda random: [b"Bearer " + unknown_token(random).upper()],
    "api_key, bad token": lambda random: [b"Basic " + in_base64(b"api_key:" + spoiled_token(random))],
    "api_key, nothing": lambda _: [b"Basic " + in_base64(b"api_key:")],
    "no colon": lambda random: [b"Basic " + in_base64(letters(random, 30).encode())],
    "no UTF-8": lambda random: [b"Basic " + in_base64(b"\xff\xfe:" + letters(random, 20).encode())],
    "no base64": lambda random: [b"Basic " + letters(random, 20).encode() + b"*&^"],
    "unpadded": lambda random: [
        b"Basic " + in_base64(b"ab:" + letters(random, 20).encode()).rstrip(b"=") + b"A"
    ],
    "unknown key": lambda random: [b"Bearer " + secret_with(random, b'"%s"' % letters(random, 9).encode())],
    "wrong types": lambda random: [
        key_of(random.choice([[], 7, None, "x", {"k": 7, "n": [], "id": "1"}, {"k": None}]))
    ],
    "wrong members": lambda random: [key_of({"k": letters(random, 32), "n": "x"})],
    "deep nesting": lambda random: [b"Bearer " + in_base64(b'{"k":' + b"[" * random.choice([40, 900, 2000]))],
    "huge number": lambda random: [
        b"Bearer "
        + in_base64(
            b'{"k":"%s","n":"x","id":%s}'
            % (letters(random, 32).encode(), random.choice([b"9" * 400, b"1e400", b"-1", b"1.5", b"NaN"]))
        )
    ],
    "another organization": lambda random: [
        key_of({"k": letters(random, 32), "n": "x", "id": random.choice([0, -1, 2**31, 2**63])})
    ],
    "surrogates": lambda random: [
        b"Bearer " + secret_with(random, b'"\\ud800%s"' % letters(random, 9).encode())
    ],
    "no JSON": lambda random: [b"Bearer " + in_base64(letters(random, 60).encode())],
}


class Sender:
    """Sends malformed headers over one connection and keeps account of the answers."""

    def __init__(self, port: int, random: Random) -> None:
        self.connection = RawConnection(port)
        self.random = random
        self.statuses: Counter[tuple[str, int]] = Counter()
        self.sent: list[bytes] = []

    def send(self, count: int) -> None:
        for _ in range(count):
            name = self.random.choice(list(MALFORMED))
            values = MALFORMED[name](self.random)
            self.sent += [value for value in values if len(value) > 24][:1]
            lines = [b"Authorization: " + value for value in values]
            self.statuses[name, self.connection.ask(request(self.random.choice(PATHS), lines))] += 1


def flood(senders: list[Sender], count: int) -> None:
    threads = [threading.Thread(target=sender.send, args=(count // len(senders),)) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.goal("G23", "F5")
@pytest.mark.catches("parser_raises", "log_token")
def test_malformed_headers_are_refused_quietly(goal: Goal, new_installation: NewInstallation) -> None:
    count = goal.size(smallest=600, commit=20_000, soak=100_000, release=1_000_000)
    server = new_installation(level="info").start()
    senders = [Sender(server.port, goal.random(number)) for number in range(SENDERS)]
    flood(senders, count // 5)
    before = server.resident_bytes()
    flood(senders, count - count // 5)
    growth = server.resident_bytes() - before
    for sender in senders:
        sender.connection.close()
    statuses = sum((sender.statuses for sender in senders), Counter[tuple[str, int]]())
    odd = {f"{name}: {status}" for name, status in statuses if status not in (400, 401, 431)}
    logged = heard(server, [value for sender in senders for value in sender.sent])
    goal.tell(
        "malformed",
        sent=sum(statuses.values()),
        accepted=sum(often for (_, status), often in statuses.items() if 200 <= status < 400),
        server_errors=sum(often for (_, status), often in statuses.items() if status >= 500 or not status),
        logged=len(logged),
        rss_mib=round(growth / 1024 / 1024, 1),
        classes=len(MALFORMED),
    )
    goal.hold(not odd, sorted(odd)[:5])
    goal.hold(not logged, f"the log holds {logged[:2]}")
    goal.hold(growth < MOST_GROWTH, f"{growth} bytes more memory")
    goal.hold(a_good_key_works(server), "a good key does not work afterwards")


def heard(server: Server, sent: list[bytes]) -> list[bytes]:
    """Return what was presented and stands in the log: by any run of 24 bytes of it."""
    log = server.log.read_bytes()
    runs = {log[place : place + 24] for place in range(len(log) - 23)}
    return [value for value in sent if value[-24:] in runs or value[7:31] in runs]


def a_good_key_works(server: Server) -> bool:
    admin = Client(server.port, cookie(admin_session(server.port)))
    made = admin.ask(
        "POST", "/api/auth/keys", {"name": "good", "role": "Viewer", "secondsToLive": LIFETIME_S}
    )
    user = Client(server.port, bearer(made.json["key"]))
    is_good = user.get("/api/access-control/status").status == 200
    admin.close()
    user.close()
    return is_good
