"""A page of somebody else, on another site or another port, and what it tries with a signed-in browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

SEND_FORM = """([url, method, encoding, fields]) => {
  const form = Object.assign(document.createElement("form"), { action: url, method, enctype: encoding });
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
}"""
FOLLOW = "([url]) => location.assign(url)"
FETCH = """([url, options]) => fetch(url, { credentials: "include", ...options }).then(() => 0, () => 0)"""
BEACON = """([url, type, body]) =>
  new Promise((done) => { navigator.sendBeacon(url, new Blob([body], { type })); setTimeout(done, 200); })"""
IMAGE = """([url]) => new Promise((done) => {
  document.body.append(Object.assign(new Image(), { src: url, onload: done, onerror: done }));
})"""
FRAME = """([url]) => new Promise((done) => {
  document.body.append(Object.assign(document.createElement("iframe"), { src: url, onload: done }));
  setTimeout(done, 500);
})"""
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        content = b"<!DOCTYPE html><title>Elsewhere</title><body><p>You have won."
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def foreign_pages() -> Iterator[int]:
    """Serve the page while the block runs; give the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def attempts(csrf: str, key: str, elsewhere: int) -> dict[str, tuple[str, str, list[object]]]:
    """Return script, path and arguments by name. The token of the forms is right: they must not need it."""
    new_key = {"csrf": csrf, "name": "evil", "role": "Admin", "ttl": "1h"}
    forms: dict[str, dict[str, str]] = {
        "/org/apikeys": new_key,
        f"/org/apikeys/{key}/delete": {"csrf": csrf},
        "/profile": {"csrf": csrf, "name": "Mallory", "login": "mallory", "email": "m@evil.example"},
        "/profile/theme": {"csrf": csrf, "theme": "light", "back": "/"},
        f"/profile/switch-org/{elsewhere}": {"csrf": csrf},
        "/logout": {"csrf": csrf},
    }
    tried: dict[str, tuple[str, str, list[object]]] = {
        f"form {path} {encoding}": (SEND_FORM, path, ["post", encoding, fields])
        for path, fields in forms.items()
        for encoding in FORMS
    }
    as_json = {'{"name":"evil","role":"Admin","secondsToLive":60,"x":"': '"}'}
    text = '{"name":"evil","role":"Admin","secondsToLive":60}'
    encoded = f"csrf={csrf}&name=evil&role=Admin&ttl=1h"
    urlencoded = {"Content-Type": FORMS[0]}
    posted: dict[str, object] = {"method": "POST", "mode": "no-cors", "headers": urlencoded, "body": encoded}
    return tried | {
        "JSON in a text form": (SEND_FORM, "/api/auth/keys", ["post", "text/plain", as_json]),
        "overridden method": (SEND_FORM, f"/api/auth/keys/{key}?_method=DELETE", ["post", FORMS[0], {}]),
        "form to another organization": (SEND_FORM, f"/api/user/using/{elsewhere}", ["post", FORMS[0], {}]),
        "link to sign out": (FOLLOW, "/logout", []),
        "link to switch": (FOLLOW, f"/profile/switch-org/{elsewhere}", []),
        "form that asks to sign out": (SEND_FORM, "/logout", ["get", FORMS[0], {}]),
        "image of signing out": (IMAGE, "/logout", []),
        "image of switching": (IMAGE, f"/profile/switch-org/{elsewhere}", []),
        "frame of switching": (FRAME, f"/profile/switch-org/{elsewhere}", []),
        "fetch without cors": (FETCH, "/org/apikeys", [posted]),
        "fetch of text": (
            FETCH,
            "/api/auth/keys",
            [{"method": "POST", "mode": "no-cors", "headers": {"Content-Type": "text/plain"}, "body": text}],
        ),
        "fetch of JSON": (
            FETCH,
            "/api/auth/keys",
            [{"method": "POST", "headers": {"Content-Type": "application/json"}, "body": text}],
        ),
        "fetch that deletes": (FETCH, f"/api/auth/keys/{key}", [{"method": "DELETE"}]),
        "fetch that outlives": (FETCH, "/profile/theme", [posted | {"keepalive": True}]),
        "beacon of a form": (BEACON, "/org/apikeys", [FORMS[0], encoded]),
        "beacon of text": (BEACON, "/api/auth/keys", ["text/plain", text]),
    }
