import pytest
from typer.testing import Result

from tests.cli.conftest import Keystead, run, told
from tests.server import a_key

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def keystead(server: str, request: pytest.FixtureRequest) -> Keystead:
    token = a_key(server, name=f"caller of {request.node.name}")

    def invoke(*arguments: str) -> Result:
        return run(server, token, *arguments)

    return invoke


class TestARole:
    def test_is_made_given_changed_taken_and_deleted(self, keystead: Keystead) -> None:
        permission = ["--permission", "teams:read@teams:*", "--permission", "orgs:read"]
        made = keystead(
            "roles", "create", "cli reader", "--uid", "cli-reader", "--group", "Ours", *permission
        )
        assert (made.exit_code, made.stdout) == (0, "cli-reader\n")
        assert "keystead roles assign cli-reader" in made.stderr
        listed = told(keystead("roles", "list", "--delegatable", "--json"))
        assert "cli-reader" in [role["uid"] for role in listed]
        keystead("accounts", "create", "role holder")
        account = told(keystead("accounts", "show", "sa-role-holder", "--json"))["id"]
        to = ["--account", "sa-role-holder"]
        assert keystead("roles", "assign", "cli-reader", *to).stderr == "Role assigned\n"
        shown = told(keystead("roles", "show", "cli-reader", "--json"))
        assert (shown["serviceAccounts"], shown["group"], shown["version"]) == ([account], "Ours", 0)
        changed = keystead("roles", "change", "cli-reader", "--description", "Reads", *permission[:2])
        assert changed.stderr == "Changed role cli reader, which has version 1.\n"
        lines = keystead("roles", "show", "cli-reader").stdout
        assert ("teams:read@teams:*" in lines, "orgs:read" in lines, "Reads" in lines) == (True, False, True)
        kept = keystead("roles", "delete", "cli-reader")
        assert (kept.exit_code, "--force" in kept.stderr) == (1, True)
        assert keystead("roles", "unassign", "cli-reader", *to).stderr == "Role removed\n"
        assert keystead("roles", "delete", "cli-reader").stderr == "Role deleted\n"
        assert "keystead roles list" in keystead("roles", "show", "cli-reader").stderr

    def test_is_refused_with_what_to_do(self, server: str, keystead: Keystead) -> None:
        for arguments, status, advice in (
            (["create", "x", "--permission", "Teams"], 2, "is no permission"),
            (["create", "x", "--permission", "users:delete@global.users:*"], 1, "Nobody passes on"),
            (["assign", "fixed:teams:creator"], 2, "--team ID"),
            (["assign", "fixed:teams:creator", "--team", "9999"], 1, "keystead"),
            (["unassign", "fixed:teams:creator", "--team", "9999"], 1, "keystead"),
            (["delete", "fixed:teams:creator"], 1, "cannot be changed"),
        ):
            refused = keystead("roles", *arguments)
            assert (refused.exit_code, refused.stdout) == (status, ""), arguments
            assert advice in refused.stderr
        viewer = a_key(server, name="a viewer of roles", role="Viewer")
        assert run(server, viewer, "roles", "list").exit_code == 1


class TestAnAccount:
    def test_is_made_with_permissions_and_a_token_at_once(self, server: str, keystead: Keystead) -> None:
        permission = ["--permission", "teams:read@teams:*"]
        arguments = [
            "accounts",
            "create",
            "all at once",
            *permission,
            "--token-name",
            "at once",
            "--ttl",
            "30d",
        ]
        made = keystead(*arguments)
        assert (made.exit_code, made.stdout.startswith("glsa_")) == (0, True)
        assert made.stdout.count("\n") == 1
        assert "It cannot be shown again." in made.stderr
        secret = made.stdout.strip()
        assert run(server, secret, "roles", "list").exit_code == 1
        again = keystead("accounts", "create", "another", "--token-name", "at once", "--ttl", "1d")
        assert (again.exit_code, "--token-name" in again.stderr) == (1, True)
        assert "sa-another" in keystead("accounts", "show", "sa-another").stderr
        alone = keystead("accounts", "create", "another", "--ttl", "1d")
        assert (alone.exit_code, "--token-name" in alone.stderr) == (2, True)
