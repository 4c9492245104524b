import pytest
from typer.testing import Result

from tests.cli.conftest import Keystead, run, told
from tests.server import a_key

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def keystead(server: str, request: pytest.FixtureRequest) -> Keystead:
    """`keystead("accounts", "list")`: the command, with the key of an Admin."""
    token = a_key(server, name=f"caller of {request.node.name}")

    def invoke(*arguments: str) -> Result:
        return run(server, token, *arguments)

    return invoke


def done(result: Result) -> str:
    """Return standard output of a command that succeeded."""
    assert result.exit_code == 0, result.output
    return result.stdout.removesuffix("\n")


class TestAnAccount:
    def test_is_created_shown_changed_and_deleted(self, keystead: Keystead) -> None:
        made = keystead("accounts", "create", "Life cycle", "--role", "editor", "--description", "A test")
        assert (made.exit_code, made.stdout) == (0, "sa-life-cycle\n")
        assert "Created service account sa-life-cycle with id " in made.stderr
        shown = told(keystead("accounts", "show", "sa-life-cycle", "--json"))
        assert (shown["name"], shown["role"], shown["isDisabled"]) == ("Life cycle", "Editor", False)
        assert (shown["description"], shown["tokens"]) == ("A test", 0)
        renamed = keystead("accounts", "rename", str(shown["id"]), "Cycle of life")
        assert done(renamed) == ""
        assert renamed.stderr == "sa-life-cycle is now called Cycle of life.\n"
        assert keystead("accounts", "role", "sa-life-cycle", "viewer").stderr.endswith("role Viewer.\n")
        assert keystead("accounts", "disable", "sa-life-cycle").stderr.endswith("is disabled.\n")
        lines = dict(
            line.split(maxsplit=1)
            for line in done(keystead("accounts", "show", "sa-life-cycle")).splitlines()
        )
        assert (lines["name"].rstrip(), lines["role"].rstrip()) == ("Cycle of life", "Viewer")
        assert lines["isDisabled"].rstrip() == "True"
        assert keystead("accounts", "enable", "sa-life-cycle").stderr.endswith("is enabled.\n")
        deleted = keystead("accounts", "delete", "sa-life-cycle")
        assert (deleted.exit_code, deleted.stdout, deleted.stderr) == (0, "", "Service account deleted\n")
        gone = keystead("accounts", "show", str(shown["id"]))
        assert (gone.exit_code, gone.stdout) == (1, "")
        assert "There is no such service account: keystead accounts list" in gone.stderr

    def test_is_made_disabled_and_told_as_json(self, keystead: Keystead) -> None:
        made = told(keystead("accounts", "create", "not yet", "--disabled", "--json"))
        assert (made["login"], made["role"], made["isDisabled"]) == ("sa-not-yet", "Viewer", True)

    def test_is_named_by_its_whole_login(self, keystead: Keystead) -> None:
        done(keystead("accounts", "create", "whole"))
        done(keystead("accounts", "create", "whole of it"))
        assert told(keystead("accounts", "show", "sa-whole", "--json"))["name"] == "whole"
        for part in ("sa-who", "SA-WHOLE", "whole", "9" * 5000):
            unknown = keystead("accounts", "delete", part)
            assert (unknown.exit_code, unknown.stdout) == (1, "")
            assert "keystead accounts list" in unknown.stderr

    @pytest.mark.parametrize(
        ("arguments", "status", "advice"),
        [
            (["create", "taken"], 1, "Choose another name"),
            (["role", "sa-taken", "Owner"], 2, "Owner"),
            (["role", "999999", "Editor"], 1, "There is no such service account"),
        ],
    )
    def test_refusals_say_what_to_do(
        self, keystead: Keystead, arguments: list[str], status: int, advice: str
    ) -> None:
        keystead("accounts", "create", "taken")
        refused = keystead("accounts", *arguments)
        assert (refused.exit_code, refused.stdout) == (status, "")
        assert advice in refused.stderr

    def test_gets_no_role_above_the_callers(self, server: str, keystead: Keystead) -> None:
        done(keystead("accounts", "create", "climber"))
        viewer = a_key(server, name="a viewer", role="Viewer")
        assert "Use a credential that may do this." in run(server, viewer, "accounts", "list").stderr
        assert "Choose a role" in run(server, viewer, "accounts", "create", "x", "--role", "Admin").stderr


class TestTheList:
    def test_is_of_what_is_asked_for(self, keystead: Keystead) -> None:
        for name in ("listed b", "listed a", "listed c"):
            done(keystead("accounts", "create", name))
        done(keystead("accounts", "disable", "sa-listed-c"))
        listed = told(keystead("accounts", "list", "--query", "LISTED", "--json"))
        assert [row["login"] for row in listed] == ["sa-listed-a", "sa-listed-b", "sa-listed-c"]
        assert listed[0].keys() == {"id", "login", "name", "role", "isDisabled", "tokens"}
        disabled = told(keystead("accounts", "list", "--query", "listed", "--only", "disabled", "--json"))
        assert [row["login"] for row in disabled] == ["sa-listed-c"]
        expired = ["accounts", "list", "--query", "listed", "--only", "expired-tokens", "--json"]
        assert told(keystead(*expired)) == []
        everything = told(keystead("accounts", "list", "--json"))
        assert [row for row in everything if row in listed] == listed

    def test_breaks_no_line_of_a_table_that_a_program_reads(self, keystead: Keystead) -> None:
        name = "n" * 180
        done(keystead("accounts", "create", name))
        heading, row = done(keystead("accounts", "list", "--query", name)).splitlines()
        assert heading.split() == ["id", "login", "name", "role", "isDisabled", "tokens"]
        assert row.split()[1:] == [f"sa-{name}", name, "Viewer", "False", "0"]
