"""A real server on loopback that shows every state of every page, with the headers of the real one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from urllib.parse import urlsplit

from keystead.core.access.roles import Role
from keystead.core.errors import NotFound
from keystead.http.query import Query
from keystead.web.assets import load_assets
from keystead.web.audit_search import read_audit_search
from keystead.web.forms import Refused, read_form, read_new_key
from keystead.web.presenters import apikeys, errors, key_form, people
from keystead.web.presenters.frame import Viewer
from keystead.web.render import View, make_environment, render
from keystead.web.searches import read_key_search
from tests.web import audit_states, migration_states, states
from tests.web.looks import MONTH

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types ks",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PAGES = make_environment()
ASSETS = load_assets()
LOOKS = count(1)  # at the migration, which goes on between them


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    media_type: str
    content: bytes
    headers: tuple[tuple[str, str], ...] = ()


def html(view: View, status: int = 200) -> Answer:
    headers = (*HEADERS.items(), ("Vary", "X-Fragment"))
    return Answer(status, "text/html; charset=utf-8", render(PAGES, view).encode(), headers)


def seen(theme: str) -> Viewer:
    return replace(states.viewer(theme), has_other_orgs=True)


def get(path: str, query: Query, fragment: str) -> Answer:
    """Answer `/states/{theme}/{state}`, the files, and the few addresses that the module itself asks for."""
    members = path.strip("/").split("/")
    if members[0] == "public":
        asset = ASSETS.get_or_none(members[-1])
        return Answer(200, asset.media_type, asset.content) if asset else Answer(404, "text/plain", b"")
    viewer = seen(members[1] if members[0] == "states" and members[1] != "system" else "")
    if members[0] == "states":
        return html(states.PAGES[members[2]](viewer))
    if path == "/profile/select-org" and fragment == "dialog":
        return html(states.FRAGMENTS["dialog"](viewer))
    if path == "/org/apikeys":
        return keys(viewer, query, fragment)
    whole: dict[str, Callable[[], View]] = {
        "/login": lambda: people.login_page(viewer, "", message=query.text("m")),
        "/org/migration": lambda: migration_states.looked_at(viewer, next(LOOKS), fragment),
        "/org/audit": lambda: audit_states.looked_at(viewer, read_audit_search(query), fragment),
    }
    if path in whole:
        return html(whole[path]())
    return html(errors.error_page(viewer, NotFound(), request_id="7f3c2a", is_signed_in=True), 404)


def keys(viewer: Viewer, query: Query, fragment: str) -> Answer:
    search = read_key_search(query)
    if search.query == "fail" and fragment:
        return html(errors.error_line(None, "7f3c2a"), 500)
    if search.query == "signed-out" and fragment:
        return replace(Answer(401, "text/plain", b""), headers=(("X-Login", "/login?m=signed-out"),))
    everything = states.some_keys(with_expired=search.includes_expired)
    found = states.found(tuple(key for key in everything if search.query in key.name))
    if fragment:
        return html(apikeys.keys_table(viewer, found, search, states.ALL_RIGHTS))
    form = key_form.key_form(viewer, Role.ADMIN, MONTH) if query.has("adding") else None
    return html(apikeys.keys_page(viewer, found, search, states.ALL_RIGHTS, form=form))


def post(path: str, media_type: str, raw: bytes) -> Answer:
    """Answer the form for a new key; every other form is sent back to the list."""
    if path != "/org/apikeys":
        return Answer(303, "text/plain", b"", (("Location", "/org/apikeys"),))
    viewer = seen("")
    form = read_form(media_type, raw)
    read = read_new_key(form, MONTH)
    found = states.found(states.some_keys())
    if isinstance(read, Refused):
        shown = key_form.key_form(viewer, Role.ADMIN, MONTH, form, read)
        page = apikeys.keys_page(viewer, found, read_key_search(Query(b"")), states.ALL_RIGHTS, form=shown)
        return html(page, 422)
    page = apikeys.keys_page(viewer, found, read_key_search(Query(b"")), states.ALL_RIGHTS)
    return html(replace(page, dialog=apikeys.created_key(viewer.links, states.KEY)))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked: list[str]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.asked.append(self.path)
        self._send(get(parts.path, Query(parts.query.encode()), self.headers.get("X-Fragment", "")))

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append(f"POST {self.path}")
        self._send(post(urlsplit(self.path).path, self.headers.get("Content-Type", ""), raw))

    def log_message(self, *_: object) -> None:
        """Say nothing: the test's output is for failures."""

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.content)))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.content)


@dataclass(frozen=True, slots=True)
class Stage:
    url: str
    asked: list[str]  # method, if not GET, and address of every request, in order

    def state(self, name: str, theme: str = "light") -> str:
        return f"{self.url}/states/{theme}/{name}"


@contextmanager
def stage() -> Iterator[Stage]:
    asked: list[str] = []
    handler = type("StageHandler", (Handler,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Stage(f"http://127.0.0.1:{server.server_address[1]}", asked)
    server.shutdown()
    server.server_close()
    thread.join()
