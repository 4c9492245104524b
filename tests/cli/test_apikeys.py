import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from typer.testing import Result

from tests.cli import conftest
from tests.cli.conftest import Keystead
from tests.server import a_key

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def run(url: str, token: str, *arguments: str) -> Result:
    return conftest.run(url, token, "keys", *arguments)


@contextmanager
def elsewhere(status: int) -> Iterator[str]:
    """Something on this machine that is not Keystead."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Location", "/")
            self.end_headers()
            self.wfile.write(b"<h1>Hello</h1>")

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Page) as page:
        serving = Thread(target=page.serve_forever, args=(0.01,))
        serving.start()
        yield f"http://127.0.0.1:{page.server_port}"
        page.shutdown()
        serving.join()


@pytest.fixture
def keystead(server: str, request: pytest.FixtureRequest) -> Keystead:
    """`keystead("list")`: the command, with the key of an Admin."""
    token = a_key(server, name=f"caller of {request.node.name}")

    def invoke(*arguments: str) -> Result:
        return run(server, token, *arguments)

    return invoke


def shown(keystead: Keystead, name: str, *arguments: str) -> list[dict[str, object]]:
    """Return what the list tells of the key with this name."""
    return [key for key in json.loads(keystead("list", "--json", *arguments).stdout) if key["name"] == name]


class TestCreating:
    def test_prints_the_secret_alone_to_standard_output(self, keystead: Keystead, server: str) -> None:
        result = keystead("create", "alone", "--role", "admin", "--ttl", "12h")
        assert result.exit_code == 0
        (secret,) = result.stdout.splitlines()
        assert run(server, secret, "list").exit_code == 0
        assert secret not in result.stderr
        assert result.stderr.startswith("Created API key alone with id ")

    def test_prints_json_when_asked(self, keystead: Keystead) -> None:
        created = json.loads(keystead("create", "json", "--ttl", "1d", "--json").stdout)
        assert created.keys() == {"id", "name", "key"}
        (key,) = shown(keystead, "json")
        assert (key["id"], key["role"]) == (created["id"], "Viewer")
        assert key["expiration"] is not None

    def test_says_what_to_do_about_a_taken_name(self, keystead: Keystead) -> None:
        keystead("create", "taken", "--ttl", "1h")
        result = keystead("create", "taken", "--ttl", "1h")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "API key, organization ID and name must be unique" in result.stderr
        assert "Choose another name" in result.stderr

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            ([], "--ttl 12h"),
            (["--ttl", "31d"], "greater than the global limit"),
        ],
    )
    def test_is_refused_by_the_servers_limit(
        self, keystead: Keystead, arguments: list[str], told: str
    ) -> None:
        result = keystead("create", "unlimited", *arguments)
        assert (result.exit_code, result.stdout) == (1, "")
        assert told in result.stderr

    @pytest.mark.parametrize("ttl", ["12", "h", "0h", "1.5h", "-1h", "999999999M"])
    def test_does_not_ask_for_a_lifetime_that_is_none(self, keystead: Keystead, ttl: str) -> None:
        result = keystead("create", "never", f"--ttl={ttl}")
        assert (result.exit_code, result.stdout) == (2, "")
        assert shown(keystead, "never", "--include-expired") == []

    def test_knows_three_roles(self, keystead: Keystead) -> None:
        result = keystead("create", "owner", "--role", "Owner", "--ttl", "1h")
        assert (result.exit_code, result.stdout) == (2, "")


class TestListing:
    def test_is_a_table_for_people(self, keystead: Keystead) -> None:
        result = keystead("list", "--include-expired")
        assert result.exit_code == 0
        heading, *rows = result.stdout.splitlines()
        assert heading.split()[:3] == ["id", "name", "role"]
        assert rows

    def test_tells_the_first_use_at_once(self, keystead: Keystead, request: pytest.FixtureRequest) -> None:
        keystead("list")
        (caller,) = shown(keystead, f"caller of {request.node.name}")
        assert caller["lastUsedAt"] is not None
        assert caller["isRevoked"] is False


class TestShowing:
    def test_tells_when_from_where_by_whom_and_for_what_it_was_used(
        self, keystead: Keystead, server: str
    ) -> None:
        created = json.loads(keystead("create", "shown", "--ttl", "1h", "--json").stdout)
        unused = json.loads(keystead("show", "shown", "--json").stdout)
        assert (unused["role"], unused["lastUsedAt"], unused["lastRoute"]) == ("Viewer", None, None)
        assert run(server, created["key"], "list").exit_code == 1
        shown = json.loads(keystead("show", str(created["id"]), "--json").stdout)
        assert shown["lastUsedAt"] is not None
        assert (shown["lastUsedFrom"], shown["lastRoute"]) == ("127.0.0.1", "GET /api/auth/keys")
        assert shown["lastUserAgent"].startswith("keystead-python/")
        assert shown["requests"] == 1
        assert "lastRoute" in keystead("show", "shown").stdout

    @pytest.mark.parametrize("which", ["nobody", "999999"])
    def test_says_when_there_is_none(self, keystead: Keystead, which: str) -> None:
        result = keystead("show", which)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "keystead keys list --include-expired" in result.stderr


class TestDeleting:
    def test_ends_the_key(self, keystead: Keystead, server: str) -> None:
        created = json.loads(keystead("create", "doomed", "--ttl", "1h", "--json").stdout)
        result = keystead("delete", str(created["id"]))
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "API key deleted\n")
        refused = run(server, created["key"], "list")
        assert refused.exit_code == 1
        assert (
            refused.stderr == "keystead: invalid API key. Set KEYSTEAD_TOKEN to a credential that is good.\n"
        )

    def test_ends_all_that_it_made_when_that_is_asked_for(self, keystead: Keystead, server: str) -> None:
        created = json.loads(
            keystead("create", "making key", "--role", "admin", "--ttl", "1h", "--json").stdout
        )
        made = json.loads(run(server, created["key"], "create", "made key", "--ttl", "1h", "--json").stdout)
        result = keystead("delete", str(created["id"]), "--cascade")
        assert result.stderr == "API key deleted, and 1 credential that it made\n"
        assert run(server, made["key"], "list").exit_code == 1

    def test_says_when_there_is_none(self, keystead: Keystead) -> None:
        result = keystead("delete", "999999")
        assert result.exit_code == 1
        assert "There is no such API key" in result.stderr

    def test_wants_a_number(self, keystead: Keystead) -> None:
        assert keystead("delete", "ci").exit_code == 2


class TestWhatCannotRun:
    def test_says_that_the_credential_may_not_do_it(self, server: str) -> None:
        result = run(server, a_key(server, name="viewer", role="Viewer"), "list")
        assert result.exit_code == 1
        assert "Permissions needed: apikeys:read. Use a credential that may do this." in result.stderr

    @pytest.mark.parametrize("token", ["", "a\nb", "ключ"])
    def test_says_that_there_is_no_credential(self, server: str, token: str) -> None:
        result = run(server, token, "list")
        assert result.exit_code == 2
        assert "KEYSTEAD_TOKEN" in result.stderr

    @pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://[x"])
    def test_says_that_the_server_was_not_reached(self, url: str) -> None:
        result = run(url, "token", "list")
        assert result.exit_code == 2
        assert "was not reached" in result.stderr
        assert "Set KEYSTEAD_URL" in result.stderr

    @pytest.mark.parametrize("url", ["localhost:3000", "http://", "ftp://127.0.0.1"])
    def test_says_that_the_address_is_none(self, url: str) -> None:
        result = run(url, "token", "list")
        assert result.exit_code == 2
        assert "the address of the server" in result.stderr
        assert "Set KEYSTEAD_URL" in result.stderr

    @pytest.mark.parametrize("status", [200, 302, 404, 502])
    def test_says_that_something_else_answered(self, status: int) -> None:
        with elsewhere(status) as url:
            result = run(url, "token", "list")
        assert result.exit_code == 2
        assert "as Keystead does" in result.stderr
