import pytest
from sqlalchemy import Connection, select

from keystead.core.access.principal import PrincipalKind
from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import TokenNameTaken, TokenNotFound
from keystead.core.credentials.listing import place_of_token
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Cursor
from keystead.core.usage.model import HourlyUse, LastUse
from keystead.storage import credentials, usage
from keystead.storage import tokens as rows
from keystead.storage.engine import Database
from keystead.storage.schema import credential, credential_use
from tests.makers import NOON, a_service_account, a_token, an_api_key, an_org

USE = LastUse(NOON, "192.0.2.7", "curl/8.5", "/api/org")
LATER = UnixSeconds(NOON + 60)
HOUR = UnixSeconds(NOON - NOON % 3600)


def a_home(db: Connection) -> tuple[OrgId, AccountId]:
    org = an_org(db)
    return org, a_service_account(db, org)


def names(
    db: Connection, org: OrgId, owner: AccountId, *, expired: bool | None = None, now: int = NOON
) -> list[str]:
    found = rows.list_tokens(db, org, owner, expired=expired, now=UnixSeconds(now))
    return [token.name for token in found]


class TestAToken:
    def test_is_found_as_it_was_made(self, database: Database) -> None:
        with database.write() as db:
            org, owner = a_home(db)
            token_id = a_token(db, org, owner, name="ci", lifetime_s=60)
            usage.set_last_use(db, token_id, USE)
            token = rows.find_token(db, org, owner, token_id)
        assert (token.id, token.org, token.owner, token.name) == (token_id, org, owner, "ci")
        assert (token.created_at, token.expires_at, token.lifetime_s) == (NOON, NOON + 60, 60)
        assert (token.revoked_at, token.replaced_by, token.grace_until) == (None, None, None)
        assert token.last_use == USE

    def test_stores_a_digest_and_who_made_it(self, database: Database) -> None:
        c = credential.c
        with database.write() as db:
            org, owner = a_home(db)
            token = a_token(db, org, owner)
            query = select(c.digest, c.created_by_kind, c.created_by_id, c.created_by_credential_id, c.role)
            digest, *rest = db.execute(query.where(c.id == token)).one()
        assert len(digest) == 32
        assert rest == [PrincipalKind.API_KEY, 0, 1, "Viewer"]

    def test_tells_its_maker_until_that_is_gone(self, database: Database) -> None:
        c = credential.c
        with database.write() as db:
            org, owner = a_home(db)
            by_account, by_key = a_token(db, org, owner, name="a"), a_token(db, org, owner, name="b")
            key = an_api_key(db, org, name="maker")
            update = credential.update()
            db.execute(update.where(c.id == by_account).values(created_by_id=owner))
            db.execute(update.where(c.id == by_key).values(created_by_credential_id=key))
            assert rows.find_token(db, org, owner, by_account).maker == "sa-ci"
            assert rows.find_token(db, org, owner, by_key).maker == "maker"
            credentials.delete_key(db, org, key)
            assert rows.find_token(db, org, owner, by_key).maker is None

    def test_is_not_found_elsewhere_nor_is_a_key(self, database: Database) -> None:
        with database.write() as db:
            org, owner = a_home(db)
            other_org = an_org(db, name="other")
            other, foreign = a_service_account(db, org, name="o"), a_service_account(db, other_org)
            token, key = a_token(db, org, owner), an_api_key(db, org)
            for org_, owner_, id_ in (
                (org, other, token),
                (other_org, foreign, token),
                (other_org, owner, token),
                (org, owner, key),
                (org, owner, CredentialId(2**62)),
            ):
                assert rows.get_token_or_none(db, org_, owner_, id_) is None
                with pytest.raises(TokenNotFound):
                    rows.find_token(db, org_, owner_, id_)
                with pytest.raises(TokenNotFound):
                    rows.delete_token(db, org_, owner_, id_)
                rows.mark_revoked(db, org_, owner_, id_, at=NOON)
            assert rows.find_token(db, org, owner, token).revoked_at is None

    def test_is_refused_for_a_name_that_a_key_or_token_has(self, database: Database) -> None:
        with database.write() as db:
            org, owner = a_home(db)
            a_token(db, org, owner, name="token")
            an_api_key(db, org, name="key")
            assert rows.list_taken_names(db, org, ["key", "token", "TOKEN", "x"]) == {"key", "token"}
        for name in ("key", "token"):
            with pytest.raises(TokenNameTaken), database.write() as db:
                a_token(db, org, owner, name=name)

    def test_tells_its_name_when_it_goes(self, database: Database) -> None:
        with database.write() as db:
            org, owner = a_home(db)
            token = a_token(db, org, owner, name="ci")
            assert rows.delete_token(db, org, owner, token) == "ci"
            assert names(db, org, owner) == []


class TestListingTokens:
    def test_goes_by_name_byte_by_byte(self, database: Database) -> None:
        with database.write() as db:
            org, owner = a_home(db)
            for name in ("b", "ä", "B", " a"):
                a_token(db, org, owner, name=name)
            an_api_key(db, org, name="key")
            a_token(db, org, a_service_account(db, org, name="other"), name="other")
            assert names(db, org, owner) == [" a", "B", "b", "ä"]
            assert names(db, an_org(db, name="other"), owner) == []

    def test_keeps_to_expired_ones_or_others(self, database: Database) -> None:
        with database.write() as db:
            org, owner = a_home(db)
            for name, lifetime_s in (("a", 60), ("b", 61), ("c", 0)):
                a_token(db, org, owner, name=name, lifetime_s=lifetime_s)
            assert names(db, org, owner, expired=True, now=LATER) == ["a"]
            assert names(db, org, owner, expired=False, now=LATER) == ["b", "c"]
            assert names(db, org, owner, now=LATER) == ["a", "b", "c"]


class TestReplacingAToken:
    def test_keeps_for_how_long_it_was_made(self, database: Database) -> None:
        with database.write() as db:
            org, owner = a_home(db)
            old, new = a_token(db, org, owner, name="a", lifetime_s=600), a_token(db, org, owner, name="b")
            token = rows.find_token(db, org, owner, old)
            rows.mark_replaced(db, org, token, by=new, grace_until=LATER, expires_at=LATER)
            told = rows.find_token(db, org, owner, old)
            assert (told.replaced_by, told.grace_until, told.expires_at) == (new, LATER, LATER)
            assert told.lifetime_s == 600

    def test_is_forgotten_when_the_successor_goes(self, database: Database) -> None:
        with database.write() as db:
            org, owner = a_home(db)
            old, new = a_token(db, org, owner, name="a"), a_token(db, org, owner, name="b")
            token = rows.find_token(db, org, owner, old)
            rows.mark_replaced(db, org, token, by=new, grace_until=LATER, expires_at=LATER)
            rows.delete_token(db, org, owner, new)
            assert rows.find_token(db, org, owner, old).replaced_by is None

    def test_ends_its_grace_when_it_is_revoked(self, database: Database) -> None:
        with database.write() as db:
            org, owner = a_home(db)
            old, new = a_token(db, org, owner, name="a"), a_token(db, org, owner, name="b")
            token = rows.find_token(db, org, owner, old)
            rows.mark_replaced(db, org, token, by=new, grace_until=LATER, expires_at=LATER)
            for id_ in (old, new):
                rows.mark_revoked(db, org, owner, id_, at=NOON)
            assert rows.find_token(db, org, owner, old).grace_until == NOON
            told = rows.find_token(db, org, owner, new)
            assert (told.revoked_at, told.grace_until) == (NOON, None)


class TestCountingUses:
    def test_adds_to_the_counts_of_the_same_hour(self, database: Database) -> None:
        next_hour = UnixSeconds(HOUR + 3600)
        with database.write() as db:
            org, owner = a_home(db)
            one, two = a_token(db, org, owner, name="a"), a_token(db, org, owner, name="b")
            usage.add_uses(db, {one: [HourlyUse(HOUR, 1, 2, 3)], two: [HourlyUse(HOUR, 7)]})
            usage.add_uses(db, {one: [HourlyUse(HOUR, 10, 20, 30), HourlyUse(next_hour, allowed=1)]})
            assert usage.list_uses(db, one) == [HourlyUse(HOUR, 11, 22, 33), HourlyUse(next_hour, 1)]
            assert usage.list_uses(db, two) == [HourlyUse(HOUR, 7)]

    def test_goes_with_the_credential(self, database: Database) -> None:
        with database.write() as db:
            org, owner = a_home(db)
            token = a_token(db, org, owner)
            usage.add_uses(db, {token: [HourlyUse(HOUR, 1)]})
            rows.delete_token(db, org, owner, token)
            assert db.execute(select(credential_use)).all() == []

    def test_looks_first_which_are_there(self, database: Database) -> None:
        with database.write() as db:
            org, owner = a_home(db)
            one, two = a_token(db, org, owner, name="a"), a_token(db, org, owner, name="b")
            assert usage.lock_credentials(db, [two, CredentialId(2**62), one]) == {one: org, two: org}
            assert usage.lock_credentials(db, []) == {}


class TestAPageOfTokens:
    def test_lies_behind_or_before_a_place(self, database: Database) -> None:
        def page(owner: AccountId, place: Cursor | None = None, *, is_backward: bool = False) -> list[str]:
            found = rows.list_tokens_from(db, org, owner, place=place, is_backward=is_backward, limit=2)
            return [token.name for token in found]

        with database.write() as db:
            org, owner = a_home(db)
            other = a_service_account(db, org, name="other")
            for name, whose in (("b", owner), ("B", owner), ("a", other), ("ä", owner), ("c", owner)):
                a_token(db, org, whose, name=name)
            b = next(t for t in rows.list_tokens(db, org, owner, expired=None, now=NOON) if t.name == "b")
            assert page(owner) == ["B", "b"]
            assert page(owner, place_of_token(b)) == ["c", "ä"]
            assert page(owner, place_of_token(b), is_backward=True) == ["B"]
            assert page(owner, is_backward=True) == ["ä", "c"]
            assert page(AccountId(2**62)) == []

    def test_never_has_another_organizations(self, database: Database) -> None:
        with database.write() as db:
            org, owner = a_home(db)
            a_token(db, org, owner)
            other = an_org(db, name="other")
            found = rows.list_tokens_from(db, other, owner, place=None, is_backward=False, limit=2)
            assert found == []
            assert rows.get_last_use_or_none(db, other, owner) is None


def test_the_last_use_of_an_account_is_that_of_its_newest(database: Database) -> None:
    with database.write() as db:
        org, owner = a_home(db)
        assert rows.get_last_use_or_none(db, org, owner) is None
        first, second, _third = (a_token(db, org, owner, name=name) for name in "abc")
        usage.set_last_use(db, first, LastUse(LATER, "192.0.2.8", "wget", "/api/org"))
        usage.set_last_use(db, second, USE)
        found = rows.get_last_use_or_none(db, org, owner)
        other = rows.get_last_use_or_none(db, an_org(db, name="other"), owner)
    assert found == LastUse(LATER, "192.0.2.8", "wget", "/api/org")
    assert other is None
