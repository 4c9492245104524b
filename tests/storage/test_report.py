"""What the statements of the report find is what `reasons_for` says, and every reason has its index."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection, event, insert, select, update

from keystead.core.access.roles import Role
from keystead.core.credentials.model import CredentialId
from keystead.core.credentials.report import (
    BY_EXPIRY,
    ON_THE_WIRE,
    Measure,
    Reason,
    order_of,
    place_in,
    reasons_for,
)
from keystead.core.orgs.model import OrgId
from keystead.storage import report as rows
from keystead.storage.engine import Database
from keystead.storage.report import Readable, ReportFilter
from keystead.storage.schema import credential
from keystead.storage.schema_access import object_grant, team
from tests.makers import NOON, a_person, a_service_account, a_token, an_api_key, an_org

DAY = 24 * 3600
MEASURE = Measure(NOON, 30)
ALL = ReportFilter(Readable(None, None), MEASURE)
ENDS = (None, -DAY, -1, 0, 1, DAY, 7 * DAY, 7 * DAY + 1, 90 * DAY)
USES = (None, 60, 30 * DAY, 30 * DAY + 1, 90 * DAY)


def at(seconds: int | None) -> int | None:
    return None if seconds is None else NOON + seconds


def a_mix(db: Connection, org: OrgId) -> None:
    """Make a key and a token of each kind of age and use, and one of them revoked."""
    owner = a_service_account(db, org, name="boss", role=Role.ADMIN)
    pairs = [(ends, unused) for ends in ENDS for unused in USES]
    for number, (ends, unused) in enumerate(pairs):
        key = an_api_key(db, org, name=f"key {number:02}", role=list(Role)[number % 3])
        token = a_token(db, org, owner, name=f"token {number:02}")
        used_at = None if unused is None else NOON - unused
        values = {"expires_at": at(ends), "last_used_at": used_at}
        db.execute(update(credential).where(credential.c.id.in_([key, token])).values(values))
    gone = an_api_key(db, org, name="revoked", role=Role.ADMIN)
    db.execute(update(credential).where(credential.c.id == gone).values(revoked_at=NOON))


def names(db: Connection, org: OrgId, which: ReportFilter) -> list[str]:
    return [one.name for one in rows.list_reported(db, org, which, limit=1000)]


class TestEveryReason:
    def test_finds_what_the_rule_says_and_counts_it(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            a_mix(db, org)
            everything = rows.list_chosen(db, org, replace(ALL, only=all_ids(db)))
            assert len(everything) == 2 * len(ENDS) * len(USES)
            counts = rows.count_reasons(db, org, ALL)
            for reason in Reason:
                expected = {one.id for one in everything if reason in reasons_for(one, MEASURE)}
                found = rows.list_reported(db, org, replace(ALL, reason=reason), limit=1000)
                assert {one.id for one in found} == expected, reason
                assert counts[reason] == len(expected) > 0
                assert rows.list_reported(db, other, replace(ALL, reason=reason), limit=9) == []
            any_reason = {one.id for one in everything if set(reasons_for(one, MEASURE)) & set(ON_THE_WIRE)}
            assert {one.id for one in rows.list_reported(db, org, ALL, limit=1000)} == any_reason
            assert set(rows.count_reasons(db, other, ALL).values()) == {0}

    @pytest.mark.parametrize("reason", [None, *Reason])
    def test_lists_in_its_order_and_goes_on_from_a_place(
        self, database: Database, reason: Reason | None
    ) -> None:
        with database.write() as db:
            org = an_org(db)
            a_mix(db, org)
            which, order = replace(ALL, reason=reason), order_of(reason)
            whole = [one.id for one in rows.list_reported(db, org, which, limit=1000)]
            walked: list[CredentialId] = []
            place = None
            while found := rows.list_reported(db, org, which, place=place, limit=7):
                walked += [one.id for one in found]
                place = place_in(found[-1], order)
            assert walked == whole
            back = rows.list_reported(db, org, which, place=place, is_backward=True, limit=3)
            assert [one.id for one in back] == whole[-2:-5:-1]


def all_ids(db: Connection) -> frozenset[int]:
    return frozenset(db.execute(select(credential.c.id)).scalars())


class TestTheFilter:
    def test_leaves_out_what_may_not_be_read(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            _one, two = an_api_key(db, org, name="key 1"), an_api_key(db, org, name="key 2")
            mine, theirs = (a_service_account(db, org, name=name) for name in ("mine", "theirs"))
            a_token(db, org, mine, name="token 1")
            a_token(db, org, theirs, name="token 2")
            nothing: frozenset[int] = frozenset()
            for keys, accounts, expected in (
                (None, None, ["key 1", "key 2", "token 1", "token 2"]),
                (None, nothing, ["key 1", "key 2"]),
                (frozenset({two}), frozenset({mine}), ["key 2", "token 1"]),
                (nothing, nothing, []),
            ):
                which = replace(ALL, readable=Readable(keys, accounts))
                assert names(db, org, which) == expected
                assert rows.count_reasons(db, org, which)[Reason.NEVER_USED] == len(expected)

    def test_finds_parts_of_names_and_owners(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            ann = a_person(db, org, login="ann")
            key = an_api_key(db, org, name="Nightly build")
            db.execute(update(credential).where(credential.c.id == key).values(created_by_id=ann))
            owner = a_service_account(db, org, name="Reports")
            a_token(db, org, owner, name="weekly")
            a_team_with(db, org, owner, "Data platform")
            a_team_with(db, other, owner, "Elsewhere")
            for query, expected in (
                ("NIGHT", ["Nightly build"]),
                ("report", ["weekly"]),
                ("%", []),
                ("viewer", ["Nightly build"]),
            ):
                assert names(db, org, replace(ALL, query=query)) == expected, query
            for owned_by, expected in (
                ("ann", ["Nightly build"]),
                ("reports", ["weekly"]),
                ("platform", ["weekly"]),
                ("elsewhere", []),
            ):
                assert names(db, org, replace(ALL, owner=owned_by)) == expected, owned_by

    def test_tells_whose_each_is(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            ann = a_person(db, org, login="ann")
            key = an_api_key(db, org, name="a", role=Role.EDITOR)
            db.execute(update(credential).where(credential.c.id == key).values(created_by_id=ann))
            owner = a_service_account(db, org, name="Reports", role=Role.ADMIN)
            a_token(db, org, owner, name="b")
            a_team_with(db, org, owner, "Zebra")
            a_team_with(db, org, owner, "Data platform")
            one, two = rows.list_reported(db, org, ALL, limit=9)
        assert (one.is_key, one.owner_name, one.role, one.maker, one.team) == (
            *(True, "", Role.EDITOR),
            *("ann", None),
        )
        assert (two.owner, two.owner_name, two.role, two.team) == (
            *(owner, "Reports"),
            *(Role.ADMIN, "Data platform"),
        )

    def test_finds_what_ends_between_two_moments(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            for name, ends in (("a", -DAY), ("b", 0), ("c", DAY), ("d", DAY + 5), ("e", None)):
                an_api_key(db, org, name=name, expires_at=at(ends))
            which = replace(ALL, ends=(NOON, NOON + DAY + 1))
            found = rows.list_reported(db, org, which, order=BY_EXPIRY, limit=9)
            assert [one.name for one in found] == ["b", "c"]
            assert rows.count_all(db, org, ALL, (NOON, NOON + DAY + 1))[1:] == (5, 2)
            around = rows.list_around(
                db, org, ALL, past=(0, NOON + 1), soon=(NOON + 1, NOON + 9 * DAY), most=1
            )
            assert {one.name for one in around} == {"b", "c"}
            last = rows.list_reported(db, org, which, order=BY_EXPIRY, is_backward=True, limit=1)
            assert [one.name for one in last] == ["c"]
            days = rows.count_by_day(db, org, replace(ALL, ends=(0, NOON + 30 * DAY)))
            today = NOON - NOON % DAY
            assert days == {today - DAY: 1, today: 1, today + DAY: 2}


def a_team_with(db: Connection, org: OrgId, owner: int, name: str) -> None:
    values = {"org_id": org, "uid": name, "name": name, "search_key": name.casefold(), "email": ""}
    dates = {"created_at": NOON, "updated_at": NOON}
    id_ = db.execute(insert(team).values(values | dates).returning(team.c.id)).scalar_one()
    given = {"org_id": org, "kind": "serviceaccounts", "object_id": str(owner), "level": "Edit"}
    made = {"team_id": id_, "once": f"{org} {owner} {id_}", "created_at": NOON}
    by = {"created_by_kind": "user", "created_by_id": 1}
    db.execute(insert(object_grant).values(given | made | by))


MANY = 1_500


@pytest.fixture
def crowded(database: Database) -> Iterator[tuple[Connection, OrgId]]:
    """An organization with many credentials, of which each reason finds a few, beside another as large."""
    with database.write() as db:
        orgs = [an_org(db), an_org(db, name="other")]
        far, used = NOON + 200 * DAY, NOON - 60
        plain = {"search_key": "", "role": "Viewer", "pepper_id": 1, "created_at": NOON, "lifetime_s": 0}
        made = {"created_by_kind": "user", "created_by_id": 1}
        db.execute(
            insert(credential),
            [
                {
                    **plain,
                    **made,
                    "org_id": org,
                    "name": f"{number:05}",
                    "digest": f"{org} {number}".encode().ljust(32),
                    "expires_at": (NOON + 60, NOON - 60, None, far, far)[number] if number < 5 else far,
                    "last_used_at": (used, used, used, None, NOON - 40 * DAY)[number] if number < 5 else used,
                }
                for org in orgs
                for number in range(MANY)
            ],
        )
        db.exec_driver_sql("ANALYZE")
        yield db, orgs[0]


def plan_of(db: Connection, statement: str, values: object) -> str:
    how = "EXPLAIN" if db.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    return "\n".join(str(row) for row in db.exec_driver_sql(f"{how} {statement}", values).all())  # type: ignore[arg-type]


def told_by(db: Connection, act: object) -> tuple[str, object]:
    """Return the statement that an act sends, and its values."""
    seen: list[tuple[str, object]] = []

    def note(_db: object, _cursor: object, statement: str, values: object, *_more: object) -> None:
        seen.append((statement, values))

    event.listen(db, "before_cursor_execute", note)
    assert callable(act)
    act()
    event.remove(db, "before_cursor_execute", note)
    [told] = seen
    return told


@pytest.mark.parametrize("reason", [*Reason][:-1])
def test_no_reason_reads_the_whole_table(crowded: tuple[Connection, OrgId], reason: Reason) -> None:
    db, org = crowded
    for act in (
        lambda: rows.list_reported(db, org, replace(ALL, reason=reason), limit=51),
        lambda: rows.count_reasons(db, org, ALL, (reason,)),
    ):
        plan = plan_of(db, *told_by(db, act))
        assert "Seq Scan on credential" not in plan
        assert "SCAN credential" not in plan
        wanted = "last_used_at" if reason in {Reason.UNUSED, Reason.NEVER_USED} else "expires_at"
        assert f"ix_credential_org_id_{wanted}" in plan, plan


def test_any_reason_and_the_calendar_have_an_index_too(crowded: tuple[Connection, OrgId]) -> None:
    db, org = crowded
    month = replace(ALL, ends=(NOON, NOON + 35 * DAY))
    by_name = "credential_org_id_" if db.dialect.name == "postgresql" else "(org_id=?)"
    by_expiry = "ix_credential_org_id_expires_at"
    for act, wanted in (
        (lambda: rows.list_reported(db, org, ALL, limit=51), by_name),
        (lambda: rows.count_by_day(db, org, month), by_expiry),
        (
            lambda: rows.list_reported(db, org, month, order=BY_EXPIRY, limit=12),
            by_expiry,
        ),
    ):
        plan = plan_of(db, *told_by(db, act))
        assert wanted in plan, plan
        assert "Seq Scan on credential" not in plan
        assert "SCAN credential" not in plan
