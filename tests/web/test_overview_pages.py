"""The overview, the usage views, Expiry and Health over HTTP."""

import csv
import re
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from keystead.core.access.permission import Permission
from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.usage.model import HourlyUse, LastUse, hour_of
from keystead.core.usage.span import DAY_S
from keystead.storage import usage
from keystead.storage.schema import credential
from keystead.web.pages import expiry, health, health_all, overview
from keystead.web.visit import Shown, Visit
from tests.doors import HOME, House, MakeHouse, Unchanged
from tests.makers import NOON, a_principal, a_service_account, a_token, an_api_key
from tests.web.test_pages import statements_of
from tests.web.visits import a_visit, csrf_of, sign_in, sign_in_member

HOUR = hour_of(NOON)
NOW_TEXT = "2023-11-14"


def a_key(house: House, name: str = "ci", **more: object) -> CredentialId:
    with house.database.write() as db:
        return an_api_key(db, HOME, name=name, **more)  # type: ignore[arg-type]


def an_owner(house: House, name: str = "reports") -> AccountId:
    with house.database.write() as db:
        return a_service_account(db, HOME, name=name)


def a_token_of(house: House, owner: AccountId, name: str = "t1", lifetime_s: int = 0) -> CredentialId:
    with house.database.write() as db:
        return a_token(db, HOME, owner, name=name, lifetime_s=lifetime_s)


def use(house: House, id_: CredentialId, *hours: HourlyUse) -> None:
    with house.database.write() as db:
        if hours:
            usage.add_uses(db, {id_: hours})
            usage.add_org_uses(db, {HOME: hours})
        usage.set_last_use(db, id_, LastUse(NOON, "192.0.2.1", "curl/8", "GET /api/org"))


def tiles(page: httpx2.Response) -> dict[str, str]:
    found = re.findall(r'class="ks-tile[^"]*"\s*href="[^"]*"><b>([^<]*)</b> ([^<]*)</a>', page.text)
    return {label: number for number, label in found}


def names(page: httpx2.Response) -> list[str]:
    return re.findall(r'<th scope="row"><a href="[^"]*"><bdi>([^<]*)</bdi>', page.text)


def reader(house: House, *held: tuple[str, str]) -> Principal:
    """Return a person with these permissions, whom no form can make."""
    client = sign_in_member(house, Role.VIEWER, "reader")
    assert client.get("/profile").status_code == 200
    (session, person) = house.raw.execute(
        "SELECT s.id, a.id FROM session s JOIN account a ON a.id = s.account_id WHERE a.login = 'reader'"
    ).fetchone()
    made = a_principal(HOME, role=Role.VIEWER, permissions=[Permission(*one) for one in held])
    values = {"account_id": AccountId(person), "session_id": session, "credential_id": None}
    return Principal(**({name: getattr(made, name) for name in made.__slots__} | values))


class TestTheOverview:
    def test_counts_what_to_look_at_and_links_to_it(self, house: House) -> None:
        a_key(house, "soon", expires_at=NOON + DAY_S)
        a_key(house, "over", expires_at=NOON - DAY_S)
        token = a_token_of(house, an_owner(house))
        use(house, token, HourlyUse(HOUR, 5, 2, 1))
        page = sign_in(house).get("/")
        assert tiles(page) == {
            "Expire within 7 days": "1",
            "Expired": "1",
            "Unused for 30 days": "0",
            "Never used": "1",
            "No expiration date": "1",
            "API keys to migrate": "2",
        }
        assert "/org/health?reason=expired" in page.text
        assert "Highest 8, today 8." in page.text
        assert "15, 1 credential expires" in page.text
        assert "13, 1 credential expired" in page.text
        assert re.findall(r"<li><bdi>([^<]*)</bdi></li>", page.text) == ["over", "soon"]
        assert 'aria-current="page"' in page.text

    def test_of_an_empty_organization_says_how_to_begin(self, house: House) -> None:
        page = sign_in(house).get("/")
        assert "No credentials yet." in page.text
        assert "/org/apikeys?adding=1" in page.text
        assert "/org/serviceaccounts/create" in page.text
        key = a_key(house)
        with house.database.write() as db:
            db.execute(update(credential).where(credential.c.id == key).values(revoked_at=NOON))
        assert "No credentials yet." not in sign_in(house).get("/").text

    def test_tells_who_may_read_nothing_what_they_may(self, house: House) -> None:
        a_key(house, "unseen", expires_at=NOON + 60)
        page = sign_in_member(house, Role.EDITOR).get("/")
        for text in ("Your access", "Editor", "Main Org."):
            assert text in page.text
        for text in ("unseen", "ks-tile", "/org/health", "/org/expiry"):
            assert text not in page.text
        house.a_member(None, login="alone")
        assert "No role here" in sign_in(house, "alone", "canary-alone-password").get("/").text

    def test_shows_only_what_may_be_read(self, house: House) -> None:
        a_key(house, "unseen", expires_at=NOON + 60)
        owner = an_owner(house)
        token = a_token_of(house, owner, "mine", DAY_S)
        use(house, token, HourlyUse(HOUR, 5))
        by = reader(house, ("serviceaccounts:read", f"serviceaccounts:id:{owner}"))
        shown = overview.show_overview(a_visit(house, by))
        assert isinstance(shown, Shown)
        text = repr(shown.view)
        assert ("mine" in text, "unseen" in text, "API keys to migrate" in text) == (True, False, False)
        assert "Only who may read every API key" in text

    def test_costs_the_same_however_much_there_is(self, house: House) -> None:
        client, counts = sign_in(house), []
        for number in (1, 60):
            for index in range(number):
                key = a_key(house, f"key {number} {index}", expires_at=NOON + 60 + index)
                use(house, key, *(HourlyUse(UnixSeconds(HOUR - hour * 3600), 1) for hour in range(3)))
            counts.append([statements_of(house, lambda path=path: client.get(path)) for path in PATHS])  # type: ignore[misc]
        assert counts[0] == counts[1]
        assert max(counts[0]) <= 12, dict(zip(PATHS, counts[0], strict=True))


PATHS = (
    "/",
    "/org/apikeys",
    "/org/apikeys/1",
    "/org/health",
    "/org/health?reason=no-expiration&owner=x&query=y",
    "/org/expiry",
    "/org/expiry?view=timeline",
    "/org/expiry?view=list",
)


class TestUsage:
    def test_of_a_key_is_shown_by_range_and_outcome(self, house: House) -> None:
        key = a_key(house, expires_at=NOON + 3600)
        path = f"/org/apikeys/{key}"
        client = sign_in(house)
        assert "No requests yet." in client.get(path).text
        use(house, key, HourlyUse(HOUR, 5, 2), HourlyUse(UnixSeconds(HOUR - 10 * DAY_S), 100, 0, 3))
        week = client.get(path).text
        assert "7 requests: 5 allowed, 2 denied, 0 refused" in week
        assert "first denied requests (403)" in week
        assert "Requests per hour" in week
        month = client.get(f"{path}?range=30d&outcome=refused").text
        assert "3 requests: 3 refused" in month
        assert "first refused requests (401)" in month
        assert "Requests per day" in month
        for nonsense in ("range=1y", "outcome=maybe"):
            assert "7 requests" in client.get(f"{path}?{nonsense}").text

    def test_is_shown_for_each_key_of_the_list(self, house: House) -> None:
        key = a_key(house)
        a_key(house, "idle")
        use(house, key, HourlyUse(HOUR, 5), HourlyUse(UnixSeconds(HOUR - 40 * DAY_S), 9))
        page = sign_in(house).get("/org/apikeys").text
        assert "Used 5 times in the last 30 days" in page
        assert page.count("No requests") == 1

    def test_is_told_as_unknown_before_what_is_kept(self, make_house: MakeHouse) -> None:
        house = make_house(usage__keep_days=31)
        key = a_key(house)
        use(house, key, HourlyUse(HOUR, 5))
        page = sign_in(house).get(f"/org/apikeys/{key}?range=90d").text
        assert "Usage has been counted since 2023-10-14." in page
        assert page.count("<td>No data</td>") == 3 * 58

    def test_of_an_account_sums_its_tokens_and_lists_them(self, house: House) -> None:
        owner = an_owner(house)
        one, two = (a_token_of(house, owner, name) for name in ("one", "two"))
        use(house, one, HourlyUse(HOUR, 5))
        use(house, two, HourlyUse(HOUR, 7))
        client = sign_in(house)
        base = f"/org/serviceaccounts/{owner}"
        page = client.get(f"{base}/usage")
        assert "12 requests: 12 allowed" in page.text
        assert names(page) == ["two", "one"]
        assert "7 requests: 7 allowed" in client.get(f"{base}/tokens/{two}/usage").text
        account = client.get(base).text
        assert f'href="{base}/usage"' in account
        assert "Used 5 times in the last 30 days" in account
        for path in (
            f"{base}/tokens/{a_key(house)}/usage",
            f"{base}/tokens/x/usage",
            "/org/serviceaccounts/99/usage",
        ):
            assert client.get(path).status_code == 404

    def test_is_downloaded_as_it_is_shown(self, house: House) -> None:
        key, owner = a_key(house), an_owner(house)
        token = a_token_of(house, owner)
        for id_ in (key, token):
            use(house, id_, HourlyUse(HOUR, 5, 2, 1))
        client = sign_in(house)
        account = f"/org/serviceaccounts/{owner}"
        for path, name in (
            (f"/org/apikeys/{key}", f"usage-key-{key}"),
            (account, f"usage-account-{owner}"),
            (f"{account}/tokens/{token}", f"usage-token-{token}"),
        ):
            answer = client.get(f"{path}/usage/csv?range=24h")
            assert answer.headers["content-type"] == "text/csv; charset=utf-8"
            assert answer.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
            head, *rows = csv.reader(answer.text.splitlines())
            assert head == ["hour", "allowed", "denied", "refused"]
            assert (len(rows), rows[-1]) == (24, ["2023-11-14T22:00:00Z", "5", "2", "1"])


class TestExpiry:
    def test_shows_a_month_a_line_and_a_day(self, house: House) -> None:
        a_key(house, "soon", expires_at=NOON + DAY_S)
        a_key(house, "late", expires_at=NOON + 20 * DAY_S)
        a_key(house, "over", expires_at=NOON - 2 * DAY_S)
        client = sign_in(house)
        month = client.get("/org/expiry").text
        assert "November 2023" in month
        assert "15, 1 credential expires" in month
        assert "view=list&amp;day=2023-11-15" in month
        assert "month=2023-12" in month
        assert names(client.get("/org/expiry?view=list&day=2023-11-15")) == ["soon"]
        assert names(client.get("/org/expiry?view=list")) == ["over", "soon"]
        assert names(client.get("/org/expiry?view=list&month=2023-12")) == ["late"]
        assert re.findall(r"<li><bdi>([^<]*)</bdi></li>", client.get("/org/expiry?view=timeline").text) == [
            *("over", "soon", "late")
        ]
        for nonsense in ("view=x", "month=2023-13", "month=0001-01", "day=2023-11-31", "month=9999-12"):
            assert "November 2023" in client.get(f"/org/expiry?{nonsense}").text

    def test_of_nothing_says_so(self, house: House) -> None:
        client = sign_in(house)
        assert "Nothing expires in the next 35 days." in client.get("/org/expiry?view=timeline").text
        assert "No API key or token expires then." in client.get("/org/expiry?view=list").text

    def test_pages_through_a_day(self, house: House) -> None:
        for number in range(51):
            a_key(house, f"key {number:02}", expires_at=NOON + number)
        client = sign_in(house)
        page = client.get(f"/org/expiry?view=list&day={NOW_TEXT}")
        assert (len(names(page)), names(page)[0]) == (50, "key 00")
        [rest] = re.findall(r'href="([^"]*after=[^"]*)"', page.text)
        assert names(client.get(rest.replace("&amp;", "&"))) == ["key 50"]

    def test_shows_only_what_may_be_read(self, house: House) -> None:
        key = a_key(house, "mine", expires_at=NOON + 60)
        a_key(house, "unseen", expires_at=NOON + 60)
        by = reader(house, ("apikeys:read", f"apikeys:id:{key}"))
        for query in ("", "?view=timeline", "?view=list"):
            shown = expiry.show_expiry(a_visit(house, by, f"/org/expiry{query}"))
            assert isinstance(shown, Shown)
            assert "unseen" not in repr(shown.view)
            assert "1 credential expires" in repr(shown.view) or "mine" in repr(shown.view)


class TestHealth:
    def test_lists_each_reason_with_its_count_and_every_reason_of_a_row(self, house: House) -> None:
        a_key(house, "soon", expires_at=NOON + DAY_S)
        token = a_token_of(house, an_owner(house))
        use(house, token)
        with house.database.write() as db:
            used = {"last_used_at": NOON - 82 * DAY_S}
            db.execute(update(credential).where(credential.c.id == token).values(used))
        client = sign_in(house)
        page = client.get("/org/health")
        assert names(page) == ["soon"]
        for label in (
            "Expiring 1",
            "Expired 0",
            "Unused 1",
            "Never used 1",
            "No expiration 1",
            "Admin role 0",
        ):
            assert f">{label}</a>" in page.text
        assert "expires within 7 days, never used" in page.text
        unused = client.get("/org/health?reason=unused")
        assert names(unused) == ["reports / t1"]
        assert "unused 82 days, no expiration" in unused.text
        assert names(client.get("/org/health?reason=unused&unusedDays=83")) == []
        assert names(client.get("/org/health?reason=never-used&kind=tokens")) == []
        assert names(client.get("/org/health?reason=unused&owner=reports")) == ["reports / t1"]
        assert "No API keys and tokens match." in client.get("/org/health?query=zzz").text
        assert "<html" not in client.get("/org/health", headers={"x-fragment": "credentials"}).text

    def test_asks_by_name_before_several_are_deleted(self, house: House, unchanged: Unchanged) -> None:
        key, owner = a_key(house), an_owner(house)
        token = a_token_of(house, owner)
        client = sign_in(house)
        back = "/org/health?reason=never-used"
        with unchanged():
            page = client.get(f"/org/health/confirm/delete?id={key}&id={token}&id=999&id=x&back={back}")
        assert "Delete 2 credentials" in page.text
        for name in ("<bdi>ci</bdi>", "<bdi>reports / t1</bdi>"):
            assert name in page.text
        answer = sent(client, page)
        assert (answer.status_code, answer.headers["location"]) == (303, back)
        assert "What you chose is deleted" in client.get("/").text
        assert house.raw.execute("SELECT count(*) FROM credential").fetchone() == (0,)
        gone = sent(client, page)
        assert gone.headers["location"] == back
        assert "Some of what you chose no longer exists" in client.get("/").text

    def test_asks_for_the_number_of_many(self, house: House, unchanged: Unchanged) -> None:
        ids = [a_key(house, f"key {number}") for number in range(25)]
        client = sign_in(house)
        page = client.get("/org/health/confirm/delete?" + "&".join(f"id={id_}" for id_ in ids))
        assert page.text.count("<bdi>key ") == 20 + 0
        assert "and 5 more" in page.text
        with unchanged():
            refused = sent(client, page, number="24")
        assert (refused.status_code, "Type 25" in refused.text) == (422, True)
        assert sent(client, page, number=" 25 ").headers["location"] == "/org/health"
        assert house.raw.execute("SELECT count(*) FROM credential").fetchone() == (0,)

    def test_revokes_tokens_and_leaves_keys(self, house: House) -> None:
        key, owner = a_key(house), an_owner(house)
        token = a_token_of(house, owner)
        client = sign_in(house)
        page = client.get(f"/org/health/confirm/revoke?id={key}&id={token}", headers={"x-fragment": "dialog"})
        assert "<html" not in page.text
        assert "1 API key cannot be revoked, only deleted." in page.text
        sent(client, page, csrf=csrf_of(client.get("/profile")))
        assert house.raw.execute("SELECT name, revoked_at FROM credential ORDER BY id").fetchall() == [
            *(("ci", None), ("t1", NOON))
        ]
        assert "What you chose is revoked" in client.get("/").text
        nothing = client.get(f"/org/health/confirm/revoke?id={key}").text
        assert "Revoke 0 credentials" in nothing
        assert ">Revoke</button>" not in nothing.partition("<dialog")[2]

    def test_takes_all_of_the_list_in_steps(
        self, house: House, unchanged: Unchanged, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(health_all, "STEP", 25)
        for number in range(60):
            a_key(house, f"old {number:02}")
        a_key(house, "young")
        client, back = sign_in(house), "/org/health?reason=never-used&query=old"
        assert "Select all 60" in client.get(back).text
        asked = client.get("/org/health/confirm/delete", params={"all": "true", "back": back})
        assert "Delete all of the list: 60 credentials" in asked.text
        assert "and 40 more" in asked.text
        with unchanged():
            refused = gone_on(client, asked, number="59")
        assert (refused.status_code, "Type 60" in refused.text) == (422, True)
        first = gone_on(client, refused, number="60")
        assert (first.status_code, "25 are done." in first.text) == (200, True)
        second = gone_on(client, first)
        assert "50 are done." in second.text
        assert gone_on(client, second).headers["location"] == back
        assert house.raw.execute("SELECT name FROM credential").fetchall() == [("young",)]
        assert "What you chose is deleted" in client.get("/").text

    def test_takes_no_step_from_a_place_that_is_none(self, house: House, unchanged: Unchanged) -> None:
        key = a_key(house)
        client = sign_in(house)
        csrf = csrf_of(client.get("/profile"))
        with unchanged():
            for after in ("x", f"{key}", "%00", "b64.AAAA"):
                url = f"/org/health/all/delete?total=1&after={after}&back=/org/health?reason=never-used"
                assert client.post(url, data={"csrf": csrf}).status_code == 400
            for query in ("", "?total=0", "?total=-1&ended=9", "?total=x&after="):
                answer = client.post(f"/org/health/all/delete{query}", data={"csrf": csrf, "number": "1"})
                assert answer.status_code == 422

    def test_of_all_leaves_what_cannot_be_revoked(self, house: House) -> None:
        a_key(house)
        a_token_of(house, an_owner(house))
        client, back = sign_in(house), "/org/health?reason=never-used"
        assert "Select all" not in client.get(back).text
        asked = client.get("/org/health/confirm/revoke", params={"all": "true", "back": back})
        assert "API keys cannot be revoked, only deleted: they stay" in asked.text
        assert gone_on(client, asked, number="2").headers["location"] == back
        assert house.raw.execute("SELECT name, revoked_at FROM credential ORDER BY id").fetchall() == [
            *(("ci", None), ("t1", NOON))
        ]
        assert "Some of what you chose" in client.get("/").text

    def test_touches_only_what_one_may(self, house: House, unchanged: Unchanged) -> None:
        key, other = a_key(house, "mine"), a_key(house, "other")
        by = reader(house, ("apikeys:read", "apikeys:*"), ("apikeys:delete", f"apikeys:id:{key}"))
        url = f"/org/health/confirm/delete?id={key}&id={other}"
        shown = health.confirm_delete(a_visit(house, by, url))
        assert isinstance(shown, Shown)
        assert "1 credential may not be changed by you." in repr(shown.view)
        editor = sign_in_member(house, Role.EDITOR, "editor")
        with unchanged():
            assert editor.get(url).status_code == 403
            for verb in ("delete", "revoke"):
                form = {"csrf": csrf_of(editor.get("/profile"))}
                assert editor.post(f"/org/health/{verb}?id={key}", data=form).status_code == 403
        assert selected(a_visit(house, by, url)) == ["mine"]

    def test_leads_back_to_pages_of_its_own_only(self, house: House) -> None:
        key = a_key(house)
        client = sign_in(house)
        page = client.get(f"/org/health/confirm/delete?id={key}&back=https://evil.example/")
        assert sent(client, page).headers["location"] == "/"

    def test_is_exported_whole_and_without_formulas(self, house: House) -> None:
        for number in range(3):
            a_key(house, f"=cmd{number}")
        a_token_of(house, an_owner(house))
        client = sign_in(house)
        answer = client.get("/org/health/csv?reason=never-used")
        assert answer.headers["content-disposition"] == 'attachment; filename="health.csv"'
        head, *rows = csv.reader(answer.text.splitlines())
        assert head[:4] == ["kind", "id", "name", "service account"]
        assert [row[2] for row in rows] == ["'=cmd0", "'=cmd1", "'=cmd2", "t1"]
        assert rows[-1][3] == "reports"
        assert client.head("/org/health/csv").content == b""
        assert len(client.get("/org/health/csv?kind=tokens&reason=never-used").text.splitlines()) == 2


def selected(visit: Visit) -> list[str]:
    return [one.name for one in health.selection_of(visit, "delete").going]


def gone_on(client: TestClient, page: httpx2.Response, **form: str) -> httpx2.Response:
    """Send the form of a window about a whole list."""
    dialog = page.text[page.text.index("<dialog") :]
    found = re.search(r'<form method="post"\s+action="([^"]*)"', dialog)
    assert found is not None
    return client.post(found[1].replace("&amp;", "&"), data={"csrf": csrf_of(page), **form})


def sent(client: TestClient, page: httpx2.Response, **form: str) -> httpx2.Response:
    """Send the form of the window."""
    dialog = page.text[page.text.index("<dialog") :]
    found = re.search(r'<form method="post"\s+action="([^"]*)"', dialog)
    assert found is not None
    url = found[1].replace("&amp;", "&")
    assert set(parse_qs(urlsplit(url).query)) <= {"id", "back"}
    return client.post(url, data={"csrf": csrf_of(page) if "csrf" not in form else form["csrf"], **form})


@pytest.mark.parametrize("query", ["", "?reason=expired&kind=apikeys&after=x&before=y&unusedDays=-1"])
def test_health_takes_any_address(house: House, query: str) -> None:
    a_key(house)
    assert sign_in(house).get(f"/org/health{query}").status_code == 200
