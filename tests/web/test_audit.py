"""The log of changes as people see it: filters, pages, what is new, downloads; and what nobody may see."""

import csv
import io
import json
import re
from html import unescape

import pytest
from starlette.testclient import TestClient

from keystead.core.access.grants import Grants
from keystead.core.access.permission import Permission
from keystead.core.access.roles import Role
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.http.query import Query
from keystead.usecases.changes import Target
from keystead.web.audit_search import AuditSearch, read_audit_search, read_newest, read_sought
from keystead.web.downloads import csv_rows
from keystead.web.pages.serviceaccount_audit import READS_BOTH
from keystead.web.times import parse_zone
from tests.doors import HOME, House
from tests.makers import NOON, a_service_account, a_token, some_changes
from tests.web.test_pages import statements_of
from tests.web.visits import sign_in, sign_in_member

ROW = re.compile(r"Details<span[^>]*> of row ([\d,]+)<")


def rows_of(client: TestClient, url: str, fragment: str = "") -> list[int]:
    answer = client.get(url, headers={"x-fragment": fragment} if fragment else {})
    assert answer.status_code == 200
    return [int(number.replace(",", "")) for number in ROW.findall(answer.text)]


def link_of(client: TestClient, url: str, label: str) -> str:
    found = re.search(rf'href="([^"]+)">{label}<', client.get(url).text)
    assert found is not None, label
    return unescape(found[1])


@pytest.fixture
def elsewhere(house: House) -> OrgId:
    """Another organization, with 3 of its own changes behind 60 of the first one's."""
    other = house.an_org()
    with house.database.write() as db:
        edge = Target("token", 7, "=edge")
        some_changes(db, HOME, 60, action="token.create", target=edge, at=UnixSeconds(NOON + 86_400))
        some_changes(db, other, 3, action="other.secret", at=UnixSeconds(NOON + 86_400))
    return other


@pytest.mark.usefixtures("elsewhere")
class TestTheLog:
    def test_is_shown_newest_first_and_leads_to_older_and_newer_ones(self, house: House) -> None:
        client = sign_in(house)
        first = rows_of(client, "/org/audit?action=token.create")
        older = link_of(client, "/org/audit?action=token.create", "Older")
        rest = rows_of(client, older)
        assert (len(first), len(rest)) == (50, 10)
        assert first + rest == sorted(first + rest, reverse=True)
        assert rows_of(client, link_of(client, older, "Newer")) == first
        assert rows_of(client, link_of(client, older, "Newest")) == first

    def test_is_filtered_by_its_address(self, house: House) -> None:
        client = sign_in(house)
        for filters in (
            "actor=BUILD&target=edge",
            "actor=serviceaccount:12&target=token:7",
            "query=token.create&result=success",
            "from=2023-11-15&to=2023-11-15",
        ):
            page = client.get(f"/org/audit?{filters}")
            assert "50 events on this page" in page.text, filters
            assert 'href="/org/audit">Clear' in page.text
        page = client.get("/org/audit?query=nothing+like+it")
        assert "No events match these filters." in page.text
        assert "Clear filters" in page.text
        assert rows_of(client, "/org/audit?from=nonsense&to=2023-99-99&after=x&limit=3")

    def test_gives_its_part_alone(self, house: House) -> None:
        client = sign_in(house)
        part = client.get("/org/audit?action=token.create&live=on", headers={"x-fragment": "audit"})
        assert part.text.lstrip().startswith('<div id="audit">')
        assert "data-poll=" in part.text

    def test_tells_a_watcher_what_is_new(self, house: House) -> None:
        client = sign_in(house)
        url = unescape(re.findall(r'data-poll="([^"]+)"', client.get("/org/audit?live=on").text)[0])
        news = client.get(url, headers={"x-fragment": "news"})
        assert "Show" not in news.text
        with house.database.write() as db:
            some_changes(db, HOME, 2)
            some_changes(db, OrgId(2), 2)
        news = client.get(url, headers={"x-fragment": "news"})
        assert news.text.count("Show 2 new events") == 2
        assert 'href="/org/audit?live=on"' in news.text
        with house.database.write() as db:
            some_changes(db, HOME, 200)
        assert "Show more than 100 new events" in client.get(url, headers={"x-fragment": "news"}).text

    def test_costs_as_many_statements_as_a_short_one(self, house: House) -> None:
        client = sign_in(house)
        told = [statements_of(house, lambda: client.get("/org/audit?live=on"))]
        with house.database.write() as db:
            some_changes(db, HOME, 5_000)
        told.append(statements_of(house, lambda: client.get("/org/audit?live=on")))
        assert told[0] == told[1] <= 12

    def test_is_for_those_who_may_read_it(self, house: House) -> None:
        for role in (Role.VIEWER, Role.EDITOR):
            client = sign_in_member(house, role, login=role.lower())
            for path in ("/org/audit", "/org/audit/csv"):
                assert client.get(path).status_code == 403
            assert 'href="/org/audit"' not in client.get("/profile").text
        assert 'href="/org/audit"' in sign_in(house).get("/profile").text

    def test_never_shows_another_organization(self, house: House) -> None:
        client = sign_in(house)
        for path in ("/org/audit", "/org/audit/csv"):
            for query in ("", "?orgId=2", "?orgId=all", "?query=other.secret", "?actor=builder"):
                assert "other.secret</td>" not in client.get(path + query).text
                assert ",other.secret," not in client.get(path + query).text


class TestTheTabOfAnAccount:
    def test_tells_what_was_done_to_it_and_to_its_tokens(self, house: House) -> None:
        with house.database.write() as db:
            account, other = a_service_account(db, HOME), a_service_account(db, HOME, name="other")
            token = a_token(db, HOME, account)
            some_changes(db, HOME, action="mine.account", target=Target("serviceaccount", account))
            some_changes(db, HOME, action="mine.token", target=Target("token", token))
            some_changes(db, HOME, action="not.mine", target=Target("serviceaccount", other))
        client = sign_in(house)
        page = client.get(f"/org/serviceaccounts/{account}/audit")
        assert re.findall(r"<td>(\w+\.\w+)</td>", page.text) == ["mine.token", "mine.account"]
        assert f'href="/org/serviceaccounts/{account}/audit"\n         aria-current="page"' in page.text
        assert f"/org/audit?actor=serviceaccount%3A{account}" in page.text
        assert client.get("/org/serviceaccounts/x/audit").status_code == 404

    def test_is_for_those_who_may_read_both(self, house: House, elsewhere: OrgId) -> None:
        with house.database.write() as db:
            account, foreign = a_service_account(db, HOME), a_service_account(db, elsewhere)
        assert sign_in(house).get(f"/org/serviceaccounts/{foreign}/audit").status_code == 404
        editor = sign_in_member(house, Role.EDITOR, login="editor")
        path = f"/org/serviceaccounts/{account}/audit"
        assert editor.get(path).status_code == 403
        for given in ("serviceaccounts:read", "audit:read"):
            need = READS_BOTH.bound_to({"service_account_id": str(account)})
            assert not need.is_met_by(Grants.of([Permission(given, "*")]))


@pytest.mark.usefixtures("elsewhere")
class TestADownload:
    def test_is_a_table_oldest_first_that_no_spreadsheet_computes(self, house: House) -> None:
        client = sign_in(house)
        url = link_of(client, "/org/audit?action=token.create&from=2023-11-15", "CSV")
        assert url == "/org/audit/csv?from=2023-11-15T00%3A00%3A00Z&action=token.create"
        answer = client.get(url)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
        head, *rows = csv.reader(io.StringIO(answer.text))
        assert (len(rows), rows[0][9], rows[0][12]) == (60, "token.create", "'=edge")
        assert dict(zip(head, rows[0], strict=True))["detail"] == '{"n": 0}'
        assert client.head(url).content == b""
        assert client.get("/org/audit/csv?from=2023-11-15").status_code == 400

    def test_as_json_lines_has_the_raw_values_of_the_same_events(self, house: House) -> None:
        client = sign_in(house)
        url = link_of(client, "/org/audit?action=token.create&to=2023-11-15", "JSON Lines")
        events = [json.loads(line) for line in client.get(url).text.splitlines()]
        assert (len(events), events[0]["target"]["name"]) == (60, "=edge")


def test_cells_that_would_be_computed_are_quoted() -> None:
    dangerous = ["=1", "+1", "-1", "@x", "\tx", 'a"b,c', "", None, -1]
    assert csv_rows([dangerous]) == b"'=1,'+1,'-1,'@x,'\tx,\"a\"\"b,c\",,,-1\r\n"


class TestASearchInTheLog:
    def test_is_read_from_the_address_and_written_back(self) -> None:
        search = read_audit_search(Query(b"query=+a+&from=2026-11-15&to=x&live=on&after=c&before=d"))
        assert search == AuditSearch(query="a", since="2026-11-15", is_live=True, after="c")
        assert search.pairs[1] == ("from", "2026-11-15")
        assert not AuditSearch(is_live=True).has_filter

    def test_means_days_of_the_readers_clock(self) -> None:
        search = AuditSearch(since="2026-11-15", until="2026-11-15")
        berlin = search.sought(parse_zone("Europe/Berlin").clock)
        assert (berlin.since, berlin.until) == (1_794_697_200, 1_794_783_599)
        exact = dict(search.exact(parse_zone("Europe/Berlin").clock))
        assert (exact["from"], exact["to"]) == ("2026-11-14T23:00:00Z", "2026-11-15T22:59:59Z")
        assert read_sought(Query(b"from=2026-11-14T23:00:00Z")).since == berlin.since

    def test_takes_any_number_as_the_newest(self) -> None:
        told = [read_newest(Query(b"newest=" + text)) for text in (b"-5", b"7", b"9" * 30, b"x")]
        assert told == [0, 7, 2**31 - 1, 0]
