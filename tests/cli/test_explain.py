import pytest

from tests.cli.conftest import run
from tests.server import a_key

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_a_question_is_answered_for_people_and_for_programs(server: str) -> None:
    admin = a_key(server, name="explains")
    yes = run(server, admin, "explain", "serviceaccounts:read", "serviceaccounts:id:7")
    assert (yes.exit_code, yes.stdout.split()[:5]) == (0, ["action", "scope", "role", "source", "via"])
    assert "basic:admin" in yes.stdout
    assert "Yes: apikey:" in yes.stderr
    anything = run(server, admin, "explain", "shop:sell", "orders:id:1", "--json")
    assert '"roleUid":"basic_admin"' in anything.stdout


def test_a_no_ends_with_one_and_tells_what_would_allow_it(server: str) -> None:
    admin = a_key(server, name="explains a no")
    made = run(server, admin, "accounts", "create", "explained", "--json")
    account = made.stdout.partition('"id":')[2].partition(",")[0]
    asked = ("explain", "teams:create", "--subject", f"serviceaccount:{account}")
    no = run(server, admin, *asked)
    assert no.exit_code == 1
    assert f"No: no grant of serviceaccount:{account} has teams:create." in no.stderr
    assert "What would allow it: " in no.stderr
    viewer = a_key(server, name="explains nothing", role="Viewer")
    alone = run(server, viewer, "explain", "shop:sell", "orders:id:1")
    assert (alone.exit_code, "What would allow it" in alone.stderr) == (1, False)
    unknown = run(server, admin, "explain", "teams:read", "--subject", "team:1")
    assert (unknown.exit_code, "keystead accounts list" in unknown.stderr) == (1, True)
