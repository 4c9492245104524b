import pytest
from typer.testing import Result

from keystead.client import CallFailed, Client
from tests.cli.conftest import Keystead, run, told
from tests.server import a_key

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture(scope="module")
def tokens_of_one(server: str) -> tuple[Keystead, str]:
    """An account whose token `there` stays as it is."""
    token = a_key(server, name="caller of the refused")
    run(server, token, "accounts", "create", "refused")
    run(server, token, "tokens", "create", "sa-refused", "--name", "there")
    return lambda *arguments: run(server, token, "tokens", *arguments), "sa-refused"


@pytest.fixture
def account(request: pytest.FixtureRequest) -> str:
    """The login of an account of the test's own."""
    name: str = request.node.name.replace("_", "-")
    return f"sa-{name.partition('[')[0]}"[:120]


@pytest.fixture
def keystead(server: str, account: str) -> Keystead:
    """`keystead("list")`: the command, with the key of an Admin."""
    token = a_key(server, name=f"caller of {account}")

    def invoke(*arguments: str) -> Result:
        return run(server, token, *arguments)

    made = invoke("accounts", "create", account.removeprefix("sa-"), "--role", "Editor")
    assert made.stdout == f"{account}\n", made.output
    return invoke


@pytest.fixture
def tokens(keystead: Keystead) -> Keystead:
    def invoke(verb: str, *arguments: str) -> Result:
        return keystead("tokens", verb, *arguments)

    return invoke


def secret_of(result: Result) -> str:
    """Return what is printed for a script: one line, and nothing of it elsewhere."""
    assert result.exit_code == 0, result.output
    (secret,) = result.stdout.splitlines()
    assert secret not in result.stderr
    return str(secret)


def opens(server: str, secret: str) -> bool:
    with Client(server, secret) as client:
        try:
            return client.verify().kind == "serviceaccount"
        except CallFailed:
            return False


class TestAToken:
    def test_is_created_shown_revoked_and_deleted(self, tokens: Keystead, server: str, account: str) -> None:
        made = tokens("create", account, "--name", "nightly", "--ttl", "30d")
        secret = secret_of(made)
        assert "Created token nightly with id " in made.stderr
        assert opens(server, secret)
        shown = told(tokens("show", account, "nightly", "--json"))
        assert (shown["hasExpired"], shown["isRevoked"], shown["lastUsedFrom"]) == (False, False, "127.0.0.1")
        assert shown["expiration"] is not None
        assert "key" not in shown
        revoked = tokens("revoke", account, "nightly")
        assert (revoked.exit_code, revoked.stdout, revoked.stderr) == (0, "", "Token revoked\n")
        assert not opens(server, secret)
        assert [row["isRevoked"] for row in told(tokens("list", account, "--json"))] == [True]
        assert told(tokens("list", account, "--usable", "--json")) == []
        assert tokens("delete", account, str(shown["id"])).stderr == "Token deleted\n"
        assert told(tokens("list", account, "--json")) == []

    def test_is_revoked_with_all_that_it_made(self, keystead: Keystead, server: str, account: str) -> None:
        admin = keystead("accounts", "create", f"{account} maker", "--role", "Admin").stdout.strip()
        maker = secret_of(keystead("tokens", "create", admin, "--name", "maker"))
        made = secret_of(run(server, maker, "tokens", "create", account, "--name", "made"))
        revoked = keystead("tokens", "revoke", admin, "maker", "--cascade")
        assert revoked.stderr == "Token revoked, and 1 credential that it made\n"
        assert (opens(server, maker), opens(server, made)) == (False, False)

    def test_lives_for_ever_without_a_lifetime(self, tokens: Keystead, account: str) -> None:
        made = told(tokens("create", account, "--name", "for ever", "--json"))
        assert made.keys() == {"id", "name", "key"}
        shown = told(tokens("show", account, str(made["id"]), "--json"))
        assert (shown["name"], shown["expiration"]) == ("for ever", None)

    def test_is_rotated_while_both_work(self, tokens: Keystead, server: str, account: str) -> None:
        old = secret_of(tokens("create", account, "--name", "rotating"))
        rotated = tokens("rotate", account, "rotating", "--grace", "2h", "--ttl", "7d")
        new = secret_of(rotated)
        assert "rotating works until " in rotated.stderr
        assert (opens(server, old), opens(server, new)) == (True, True)
        finished = tokens("finish", account, "rotating")
        assert (finished.exit_code, finished.stdout) == (0, "")
        assert (opens(server, old), opens(server, new)) == (False, True)
        at_once = tokens("rotate", account, "rotating-2", "--name", "next", "--grace", "0s", "--json")
        assert told(at_once).keys() == {"id", "name", "key", "replaces", "graceUntil"}
        assert "rotating-2 has ended." in at_once.stderr
        assert (opens(server, new), opens(server, told(at_once)["key"])) == (False, True)

    @pytest.mark.parametrize(
        ("arguments", "status", "advice"),
        [
            (["create", "ACCOUNT"], 2, "--name"),
            (["create", "ACCOUNT", "--name", "x", "--ttl", "soon"], 2, "such as 12h"),
            (["create", "ACCOUNT", "--name", "there"], 1, "Choose another name"),
            (["create", "999999", "--name", "x"], 1, "keystead accounts list"),
            (["list", "999999"], 1, "keystead accounts list"),
            (["show", "ACCOUNT", "nobody"], 1, "keystead tokens list ACCOUNT"),
            (["delete", "ACCOUNT", "999999"], 1, "keystead tokens list ACCOUNT"),
            (["rotate", "ACCOUNT", "there", "--grace", "soon"], 2, "such as 12h"),
            (["rotate", "ACCOUNT", "there", "--grace", "31d"], 1, "30d at most"),
            (["rotate", "ACCOUNT", "there", "--name", "there"], 1, "Look at the token and its name"),
            (["finish", "ACCOUNT", "there"], 1, "Rotate it first"),
        ],
    )
    def test_refusals_say_what_to_do(
        self, tokens_of_one: tuple[Keystead, str], arguments: list[str], status: int, advice: str
    ) -> None:
        tokens, account = tokens_of_one
        refused = tokens(*(account if one == "ACCOUNT" else one for one in arguments))
        assert (refused.exit_code, refused.stdout) == (status, "")
        assert advice in " ".join(refused.stderr.replace("│", " ").split())
