"""The files of the pages: from a fixed list, and kept for ever under the name of their content."""

import gzip
from itertools import product
from urllib.parse import unquote

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from keystead.web.assets import load_assets
from tests.doors import House
from tests.web.visits import sign_in

ASSETS = load_assets()
UPS = ["../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "..\\", "%252e%252e%252f", "....//", ".%2e/", "..;/"]
TARGETS = ["etc/passwd", "routes.py", "templates/base.html", "keystead.db", "secrets"]
DEPTHS = [1, 2, 5, 9]
TRAVERSALS = [f"/public/{up * depth}{target}" for up, depth, target in product(UPS, DEPTHS, TARGETS)]
ODD = [
    "/public/.",
    "/public//etc/passwd",
    "/public/%00",
    "/public/keystead.css%00.png",
    "/public/keystead.css/../../routes.py",
    "/public/KEYSTEAD.css",
    "/public/keystead.css.gz",
    "/public/keystead..css",
    "/public/keystead.0.css",
    "/public/keystead.zzzzzzzzzzzz.css",
    "/public/__init__.py",
    "/public/C:%5cwindows%5cwin.ini",
    "/public/file:%2f%2f%2fetc%2fpasswd",
    "/public/sub/keystead.css",
]


def as_spelled(app: ASGIApp) -> ASGIApp:
    """Let the path be what a header says: the test's client would tidy it first."""

    async def spelled(scope: Scope, receive: Receive, send: Send) -> None:
        told = dict(scope["headers"]).get(b"x-spelled")
        if told is not None:
            scope = {**scope, "raw_path": told, "path": unquote(told.decode("latin-1"))}
        await app(scope, receive, send)

    return spelled


@pytest.mark.goal("R34")
def test_two_hundred_spellings_of_a_way_out_are_not_found(house: House) -> None:
    house.app = as_spelled(house.app)
    client, stranger = sign_in(house), house.client()
    assert len(TRAVERSALS) == 200
    for path in (*TRAVERSALS, *ODD):
        answer = client.get("/", headers={"x-spelled": path})
        assert (answer.status_code, "root:" in answer.text) == (404, False), path
    for path in (*TRAVERSALS[::5], *ODD):
        unknown = stranger.get("/", headers={"x-spelled": path})
        assert (unknown.status_code, "root:" in unknown.text) in {(401, False), (404, False)}, path
        assert "text/css" not in unknown.headers["content-type"]


@pytest.mark.parametrize("plain", ASSETS.by_name)
class TestAFile:
    def test_is_kept_for_ever_under_the_name_of_its_content(self, house: House, plain: str) -> None:
        asset = ASSETS.by_name[plain]
        answer = house.client().get(f"/public/{asset.hashed_name}")
        assert (answer.status_code, answer.content) == (200, asset.content)
        assert answer.headers["content-type"] == asset.media_type
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "pragma" not in answer.headers
        assert "expires" not in answer.headers
        assert "set-cookie" not in answer.headers
        assert answer.headers["x-content-type-options"] == "nosniff"

    def test_of_another_release_is_the_one_of_today_and_asked_for_again(
        self, house: House, plain: str
    ) -> None:
        stem, extension = plain.split(".")
        for name in (plain, f"{stem}.0123456789ab.{extension}"):
            answer = house.client().get(f"/public/{name}")
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
            assert answer.content == ASSETS.by_name[plain].content

    def test_is_compressed_for_whoever_can_read_that(self, house: House, plain: str) -> None:
        asset = ASSETS.by_name[plain]
        url = f"/public/{asset.hashed_name}"
        plainly = house.client().get(url, headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plainly.headers
        with house.client().stream("GET", url, headers={"accept-encoding": "br, GZIP;q=0.5"}) as answer:
            raw = b"".join(answer.iter_raw())
            is_small = len(asset.content) < 1024
            assert ("content-encoding" in answer.headers) != is_small
            assert ("accept-encoding" in answer.headers.get("vary", "").lower()) != is_small
            assert int(answer.headers["content-length"]) == len(raw)
            assert (raw if is_small else gzip.decompress(raw)) == asset.content

    def test_is_told_of_by_head(self, house: House, plain: str) -> None:
        asset = ASSETS.by_name[plain]
        answer = house.client().head(f"/public/{asset.hashed_name}", headers={"accept-encoding": "identity"})
        assert (answer.status_code, answer.content) == (200, b"")
        assert int(answer.headers["content-length"]) == len(asset.content)

    def test_takes_nothing(self, house: House, plain: str) -> None:
        assert sign_in(house).post(f"/public/{plain}").status_code in {403, 404}


def test_spellings_are_distinct() -> None:
    assert len(set(TRAVERSALS)) == 200
    assert all(".." in unquote(unquote(path)) for path in TRAVERSALS)
