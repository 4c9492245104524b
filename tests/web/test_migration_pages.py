"""The pages of the migration, through the whole application."""

import json
import re
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from httpx2 import Response
from sqlalchemy import update
from starlette.testclient import TestClient

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.usage.model import LastUse
from keystead.storage import usage
from keystead.storage.schema import credential
from keystead.usecases import migration
from keystead.web.pages import apikeys_migration
from tests.doors import HOME, House, Unchanged
from tests.makers import NOON, a_token, an_api_key_with_secret
from tests.web.test_account_pages import told
from tests.web.test_pages import statements_of
from tests.web.visits import csrf_of, send, sign_in, sign_in_member

KEYS, ACCOUNTS, PAGE = "/org/apikeys", "/org/serviceaccounts", "/org/migration"
CLOSED = "API keys can no longer be created in this organization. Create a service account token instead."
START = "Migrate to service accounts now"
HIDE = "Hide API keys page forever"
MENU_ENTRY = f'<a href="{KEYS}"'


@dataclass(slots=True)
class Desk:
    """An admin at the pages, with some API keys."""

    house: House
    client: TestClient = field(init=False)
    secrets: dict[str, str] = field(default_factory=dict)
    ids: dict[str, CredentialId] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = sign_in(self.house)
        for name, role in (("ci", Role.EDITOR), ("<b>old</b>", Role.VIEWER)):
            self.a_key(name, role)

    def a_key(self, name: str, role: Role = Role.VIEWER, *, expires_at: int | None = None) -> None:
        with self.house.database.write() as db:
            id_, secret = an_api_key_with_secret(db, HOME, name=name, role=role, expires_at=expires_at)
        self.ids[name], self.secrets[name] = id_, secret.reveal()

    def get(self, path: str, fragment: str = "") -> Response:
        return self.client.get(path, headers={"x-fragment": fragment} if fragment else {})

    def send(self, path: str, page: str = "/profile") -> Response:
        return send(self.client, path, page=page)

    def migrate(self, name: str, back: str = "") -> Response:
        return self.send(f"{KEYS}/{self.ids[name]}/migrate{back and '?back='}{back}")

    def migrate_all(self) -> Response:
        return self.send(f"{KEYS}/migrate")

    def follow(self, answer: Response) -> Response:
        assert answer.status_code == 303
        return self.get(answer.headers["location"])

    def account_of(self, name: str) -> str:
        """Return the address of the account that a migrated key went to."""
        answer = self.get(f"{KEYS}/{self.ids[name]}")
        assert answer.status_code == 303
        return str(answer.headers["location"])

    def works(self, name: str) -> bool:
        answer = self.house.with_secret(self.secrets[name]).get("/api/access-control/user/permissions")
        return answer.status_code == 200


def account_number(address: str) -> AccountId:
    return AccountId(int(address.rpartition("/")[2]))


def set_role(desk: Desk, name: str, role: str) -> None:
    """Damage a row, so that its key cannot be migrated, or repair it."""
    with desk.house.database.write() as db:
        db.execute(update(credential).where(credential.c.name == name).values(role=role))


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


class TestAllKeys:
    def test_are_offered_asked_for_and_migrated(self, desk: Desk) -> None:
        page = told(desk.get(KEYS))
        assert "Switch from API keys to service accounts Every API key becomes a service account" in page
        for path in (KEYS, PAGE):
            assert "Yes, migrate now" in desk.get(f"{path}/confirm/migrate", "dialog").text
        window = told(desk.get(f"{KEYS}/confirm/migrate", "dialog"))
        assert "Migrate all 2 API keys of Main Org. now? 2 are active, 0 expired. Each becomes" in window
        assert "After this, API keys can no longer be created in this organization." in window
        whole = desk.get(f"{KEYS}/confirm/migrate")
        assert 'data-then="/org/apikeys"' in whole.text
        assert whole.text.count("Yes, migrate now") == 1

        answer = desk.migrate_all()
        assert answer.headers["location"] == KEYS
        after = told(desk.follow(answer))
        assert "API keys migrated to service accounts" in after
        assert "All API keys have been migrated Every key works as before." in after
        assert "New API key" not in after
        assert "No API keys yet." not in after
        assert all(map(desk.works, desk.secrets))
        account = told(desk.get(desk.account_of("ci")))
        assert "Origin Migrated from API key ci, 2023-11-14 22:13:20" in account
        assert "Migrated API key" in account

    def test_can_no_longer_be_created(self, desk: Desk, unchanged: Unchanged) -> None:
        desk.migrate_all()
        assert CLOSED in desk.get(f"{KEYS}?adding=1").text
        csrf = csrf_of(desk.get("/profile"))
        for form in ({"name": "late", "role": "Viewer", "ttl": "1h"}, {"name": ""}):
            with unchanged():
                late = desk.client.post(KEYS, data={"csrf": csrf, **form})
            assert late.status_code == 403
            assert CLOSED in late.text
            assert "All API keys have been migrated" in late.text

    def test_are_offered_only_while_there_are_some_and_to_whom_may_migrate_them(self, house: House) -> None:
        client = sign_in(house)
        assert START not in client.get(KEYS).text
        assert "There are no API keys to migrate." in client.get(PAGE).text
        for path in (KEYS, PAGE):
            assert client.get(f"{path}/confirm/migrate").headers["location"] == path
        assert sign_in_member(house, Role.VIEWER).get(PAGE).status_code == 403

    def test_that_take_long_are_shown_on_their_way(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(apikeys_migration, "WAITED_S", 0.0)
        assert desk.migrate_all().headers["location"] == PAGE
        card = told(desk.get(KEYS))
        assert "A migration is running: 0 of 2. Show the progress" in card
        assert "A migration is running." in told(desk.get(f"{KEYS}?adding=1"))
        assert "You may leave this page." in told(desk.get(PAGE))
        page = desk.get(PAGE)
        assert '<meta http-equiv="refresh" content="5">' in page.text
        assert "0 of 2 2 to go" in told(page)
        watched = desk.get(f"{PAGE}?step=migrate", "progress")
        assert 'data-poll="/org/migration?step=migrate"' in watched.text
        assert "<html" not in watched.text
        assert desk.house.deps.migrations.continue_some()
        ended = desk.get(f"{PAGE}?step=migrate", "progress")
        assert "data-poll" not in ended.text
        assert "2 of 2 2 done Started by admin" in told(ended)

    def test_of_whom_some_failed_can_be_tried_again(self, desk: Desk) -> None:
        desk.a_key("stuck")
        set_role(desk, "stuck", "damaged")
        answer = desk.migrate_all()
        set_role(desk, "stuck", "Viewer")
        assert answer.headers["location"] == f"{PAGE}?step=migrate"
        page = told(desk.follow(answer))
        assert "Some API keys could not be migrated." in page
        assert "3 of 3 2 done, 1 failed" in page
        assert "Retry failed" in page
        assert "New API key" in told(desk.get(KEYS))
        failed = desk.get(f"{PAGE}?step=migrate&failed=1")
        assert failed.text.count('scope="row"') == 1
        back = f"{PAGE}?step=migrate"
        desk.migrate("stuck", back=quote(back))
        assert "stuck Viewer Migrated later" in told(desk.get(back))
        assert "There are no API keys to migrate." in told(desk.get(PAGE))

    def test_are_gone_from_the_menu_once_hidden(self, desk: Desk) -> None:
        desk.migrate_all()
        window = told(desk.get(f"{KEYS}/confirm/hide", "dialog"))
        assert "Hide this page and its menu entry for everyone in Main Org.? It cannot be brought" in window
        assert MENU_ENTRY in desk.get("/").text
        hidden = desk.follow(desk.send(f"{KEYS}/hide"))
        assert "API keys hidden" in hidden.text
        assert MENU_ENTRY not in hidden.text
        for path in (KEYS, f"{KEYS}/confirm/hide"):
            away = desk.get(path)
            assert away.headers["location"] == ACCOUNTS
            assert "The API keys page is hidden in this organization." in desk.follow(away).text
        assert desk.get(f"{KEYS}?orgId=2").headers["location"] == f"{ACCOUNTS}?orgId=2"
        assert HIDE not in desk.get(PAGE).text

    def test_are_not_asked_for_where_they_are_closed(self, house: House) -> None:
        client = sign_in(house)
        assert "New API key" in client.get("/").text
        house.deps.migrations.start(house.admin)  # there is none: it is over at once
        assert "New API key" not in client.get("/").text


class TestOneKey:
    def test_leaves_the_list_and_nothing_else_changes(self, desk: Desk) -> None:
        answer = desk.migrate("ci", back=f"{KEYS}?query=c")
        assert answer.headers["location"] == f"{KEYS}?query=c"
        page = desk.follow(answer)
        assert f'ci is now the service account <a href="{desk.account_of("ci")}">sa-autogen-ci</a>' in re.sub(
            r"\s+", " ", page.text
        )
        assert "No API keys match" in page.text
        assert "New API key" in page.text
        assert all(map(desk.works, desk.secrets))

    def test_leads_to_its_account_where_no_list_is_to_go_back_to(self, desk: Desk) -> None:
        assert "Migrate to service account" in desk.get(f"{KEYS}/{desk.ids['ci']}").text
        answer = desk.migrate("ci")
        assert answer.headers["location"] == desk.account_of("ci")
        again = desk.migrate("ci")
        assert again.headers["location"] == desk.account_of("ci")

    @pytest.mark.parametrize("back", ["", KEYS, "//evil.example"])
    def test_that_is_gone_is_told(self, desk: Desk, back: str) -> None:
        csrf = csrf_of(desk.get("/profile"))
        answer = desk.client.post(f"{KEYS}/999/migrate?back={back}", data={"csrf": csrf})
        assert answer.headers["location"] == ("/" if "evil" in back else KEYS)
        assert "That API key no longer exists." in desk.get(KEYS).text

    def test_is_migrated_from_where_it_is_looked_at(self, desk: Desk) -> None:
        health = desk.get("/org/health?reason=never-used")
        assert re.search(r'/migrate\?back=%2Forg%2Fhealth[^"]*"', health.text)
        assert f'href="{PAGE}"' in desk.get("/").text.partition("API keys to migrate")[0]


class TestThePlan:
    def test_tells_what_would_be_done_and_does_nothing(self, desk: Desk, unchanged: Unchanged) -> None:
        desk.a_key("soon", expires_at=NOON + 3600)
        desk.a_key("over", expires_at=NOON + 1)
        desk.house.clock.advance(60)
        sent = desk.house.client()
        sent.cookies.update(desk.client.cookies)
        with unchanged():
            page = told(sent.get(PAGE))
        assert "4 API keys: 3 active, 1 expired. Nothing has been changed yet." in page
        assert "over Viewer 2023-11-14 22:13:21 UTC 0 sa-autogen-1-over Expired, stays expired" in page
        assert "soon Viewer 2023-11-14 23:13:20 UTC 0 sa-autogen-1-soon Expires in 1 day Never used" in page
        found = told(desk.get(f"{PAGE}?step=preview&query=OO", "plan"))
        assert "1 API key" in found
        assert "ci" not in found
        assert 'No API keys match "x".' in desk.get(f"{PAGE}?query=x").text.replace("&#34;", '"')

    def test_is_a_file_too(self, desk: Desk) -> None:
        table = desk.get(f"{PAGE}/plan/csv")
        assert table.headers["content-disposition"] == 'attachment; filename="migration-plan.csv"'
        assert table.text.splitlines()[0].startswith("key id,API key,role,expires,last used,revoked,")
        assert "ci,Editor,,,False,sa-autogen-ci,sa-autogen-1-ci,False" in table.text
        plan = json.loads(desk.get(f"{PAGE}/plan/json").text)
        assert [(one["name"], one["status"]) for one in plan] == [
            ("<b>old</b>", "planned"),
            ("ci", "planned"),
        ]
        desk.migrate_all()
        assert json.loads(desk.get(f"{PAGE}/plan/json").text) == []

    def test_costs_the_same_however_many_keys_there_are(self, desk: Desk) -> None:
        counts = [statements_of(desk.house, lambda: desk.get(PAGE))]
        for number in range(60):
            desk.a_key(f"key-{number:02}")
        counts.append(statements_of(desk.house, lambda: desk.get(PAGE)))
        assert counts[0] == counts[1] <= 15
        page = desk.get(PAGE)
        assert page.text.count('scope="row"') == 50
        following = re.search(r'href="([^"]*after=[^"]*)"', page.text)
        assert following is not None
        assert desk.get(following[1].replace("&amp;", "&")).text.count('scope="row"') == 12


class TestVerifying:
    def test_tells_which_are_used_and_who_still_calls_the_old_routes(self, desk: Desk) -> None:
        desk.migrate("ci")
        later = UnixSeconds(desk.house.clock.now + 1)
        desk.house.clock.advance(5)
        with desk.house.database.write() as db:
            usage.set_last_use(db, desk.ids["ci"], LastUse(later, "192.0.2.7", "curl/8.5", "GET /api/org"))
        assert desk.house.as_key().get("/api/auth/keys").status_code == 200
        page = told(desk.get(f"{PAGE}?step=verify"))
        assert "ci sa-autogen-ci Editor Role equal Same secret Used since 2023-11-14 22:13:21" in page
        assert "Still calling /api/auth/keys" in page
        assert "caller 1 API key GET /api/auth/keys 1 2023-11-14" in page
        desk.migrate("<b>old</b>")
        assert "2 migrated API keys. 1 not seen yet" in told(desk.get(f"{PAGE}?step=verify"))
        assert "1 migrated API key" in told(desk.get(f"{PAGE}?step=verify&query=CI", "migrated"))

    def test_is_what_there_is_to_do_after_all_are_migrated(self, desk: Desk) -> None:
        desk.migrate_all()
        page = told(desk.get(PAGE))
        assert "All API keys have been migrated. Started by admin, ended 2023-11-14" in page
        assert HIDE in page
        assert "Terraform import blocks" in page
        blocks = desk.get(f"{PAGE}/terraform").text
        number = account_number(desk.account_of("ci"))
        assert f'to = grafana_service_account.ci\n  id = "1:{number}"' in blocks
        assert 'name        = "sa-autogen-<b>old</b>"' in blocks
        assert "Yes, hide API keys page" in desk.get(f"{PAGE}/confirm/hide").text


class TestThePerson:
    def test_who_migrated_is_told_once_where_the_keys_are(self, desk: Desk) -> None:
        hint = "Your API keys are now tokens of service accounts. Open an account to see its token."
        assert "Where are my API keys?" not in desk.get(ACCOUNTS).text
        desk.migrate_all()
        assert hint in desk.get(ACCOUNTS).text
        other = sign_in_member(desk.house, Role.ADMIN).get(ACCOUNTS).text
        assert (hint in other, "Where are my API keys?" in other) == (False, True)
        assert desk.send(f"{ACCOUNTS}/hint").headers["location"] == ACCOUNTS
        assert hint not in desk.get(ACCOUNTS).text


class TestPuttingAKeyBack:
    def test_asks_and_makes_it_a_key_again(self, desk: Desk) -> None:
        desk.migrate_all()
        account = desk.account_of("ci")
        path = f"{account}/tokens/{desk.ids['ci']}"
        assert f'href="{path}/confirm/revert"' in desk.get(account).text
        window = told(desk.get(f"{path}/confirm/revert", "dialog"))
        assert "Turn ci back into an API key? The service account sa-autogen-ci is deleted." in window
        assert "The key will have" not in window
        answer = desk.send(f"{path}/revert")
        assert answer.headers["location"] == f"{KEYS}/{desk.ids['ci']}"
        assert "Reverted service account to API key" in desk.follow(answer).text
        assert desk.works("ci")
        keys = told(desk.get(KEYS))
        assert "1 API key" in keys
        assert "New API key" not in keys
        gone = desk.send(f"{path}/revert")
        assert "That token no longer exists." in desk.follow(gone).text

    def test_tells_a_lower_role_and_leads_back_to_the_page_one_came_from(self, desk: Desk) -> None:
        desk.migrate("ci")
        account = desk.account_of("ci")
        send(desk.client, f"{account}/roles", page=account, role="Viewer")
        verify = f"{PAGE}?step=verify"
        page = desk.get(verify)
        assert "Role was Editor" in page.text
        found = re.search(r'href="([^"]*/confirm/revert[^"]*)"', page.text)
        assert found is not None
        asking = found[1].replace("&amp;", "&")
        assert "The key will have the role Viewer." in desk.get(asking, "dialog").text
        assert f'data-then="{verify}"' in desk.get(asking).text
        answer = desk.send(asking.replace("/confirm", ""))
        assert answer.headers["location"] == verify

    def test_is_refused_while_the_account_has_another_token(self, desk: Desk, unchanged: Unchanged) -> None:
        desk.migrate("ci")
        account = desk.account_of("ci")
        with desk.house.database.write() as db:
            a_token(db, HOME, account_number(account), name="second")
        path, reason = f"{account}/tokens/{desk.ids['ci']}", "The account has more than one token."
        assert reason in desk.get(account).text
        assert reason in desk.get(f"{path}/confirm/revert").text
        csrf = csrf_of(desk.get("/profile"))
        with unchanged():
            answer = desk.client.post(f"{path}/revert", data={"csrf": csrf})
        assert answer.status_code == 409
        assert reason in answer.text

    def test_of_a_hidden_page_shows_it_as_long_as_it_is_needed(self, desk: Desk) -> None:
        desk.migrate_all()
        desk.send(f"{KEYS}/hide")
        desk.send(f"{desk.account_of('ci')}/tokens/{desk.ids['ci']}/revert")
        page = desk.get(KEYS)
        assert page.status_code == 200
        assert MENU_ENTRY not in page.text
        assert HIDE not in page.text
        answer = desk.migrate("ci", back=KEYS)
        assert answer.headers["location"] == desk.account_of("ci")
        with desk.house.database.write() as db:
            assert migration.unhide_keys(db, "Main Org.", clock=desk.house.clock)
        assert desk.get(KEYS).status_code == 200
