from collections.abc import Callable

import pytest
from sqlalchemy import Connection, insert, select

from keystead.core.access.principal import PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.errors import ApiKeyNameTaken, ApiKeyNotFound
from keystead.core.credentials.listing import BY_NAME, KEY_COLUMNS, KeyCounts, place_of
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId
from keystead.core.paging import Order
from keystead.core.usage.model import LastUse
from keystead.storage import credentials as rows
from keystead.storage.credentials import KeyFilter
from keystead.storage.engine import Database
from keystead.storage.schema import account, credential
from keystead.storage.usage import set_last_use
from tests.makers import NOON, an_api_key, an_org

ALL = KeyFilter()
USE = LastUse(NOON, "192.0.2.7", "curl/8.5", "/api/org")


def an_account(db: Connection, *, login: str) -> int:
    values = {"kind": "user", "login": login, "email": login, "name": login, "search_key": login, "theme": ""}
    flags = {"is_server_admin": False, "is_disabled": False, "help_flags": 0}
    times = {"created_at": NOON, "updated_at": NOON}
    statement = insert(account).values(values | flags | times)
    return db.execute(statement.returning(account.c.id)).scalar_one()


def a_token(db: Connection, org: OrgId, *, name: str) -> CredentialId:
    """Give a key to an account: that makes it a token."""
    token = an_api_key(db, org, name=name)
    owner = an_account(db, login=f"sa-{name}")
    db.execute(credential.update().where(credential.c.id == token).values(account_id=owner))
    return token


def names_of(db: Connection, org: OrgId, which: KeyFilter = ALL) -> list[str]:
    return [key.name for key in rows.list_keys(db, org, which)]


class TestAddingAKey:
    def test_stores_what_is_shown_of_it(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            key_id = an_api_key(db, org, name="ci", role=Role.EDITOR, expires_at=NOON + 60)
            key = rows.find_key(db, org, key_id)
        assert (key.id, key.org, key.name, key.role) == (key_id, org, "ci", Role.EDITOR)
        assert (key.created_at, key.expires_at) == (NOON, NOON + 60)
        assert (key.last_use, key.revoked_at) == (None, None)

    def test_stores_a_digest_and_who_made_it(self, database: Database) -> None:
        c = credential.c
        with database.write() as db:
            org = an_org(db)
            key_id = an_api_key(db, org)
            query = select(
                c.digest, c.pepper_id, c.created_by_kind, c.created_by_id, c.created_by_credential_id
            )
            digest, *rest = db.execute(query.where(c.id == key_id)).one()
        assert len(digest) == 32
        assert rest == [1, PrincipalKind.API_KEY, 0, 1]

    @pytest.mark.parametrize("make_first", [an_api_key, a_token])
    def test_is_refused_for_a_name_that_a_key_or_token_has(
        self, database: Database, make_first: Callable[..., CredentialId]
    ) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            make_first(db, org, name="ci")
            an_api_key(db, other, name="ci")
            an_api_key(db, org, name="CI")
            assert rows.is_name_taken(db, org, "ci")
            assert not rows.is_name_taken(db, org, "cI")
        with pytest.raises(ApiKeyNameTaken), database.write() as db:
            an_api_key(db, org, name="ci")


class TestFindingAKey:
    def test_tells_where_it_was_last_used(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            key_id = an_api_key(db, org)
            set_last_use(db, key_id, USE)
            assert rows.find_key(db, org, key_id).last_use == USE

    def test_is_refused_for_other_organizations_tokens_and_unknown_ids(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            for key_id in (an_api_key(db, other), a_token(db, org, name="token"), CredentialId(2**62)):
                with pytest.raises(ApiKeyNotFound):
                    rows.find_key(db, org, key_id)

    def test_tells_who_made_it(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            maker = an_api_key(db, org, name="maker")
            made = an_api_key(db, org, name="made")
            person = an_account(db, login="ann")
            c = credential.c
            db.execute(
                credential.update()
                .where(c.id == maker)
                .values(created_by_id=person, created_by_credential_id=None)
            )
            db.execute(credential.update().where(c.id == made).values(created_by_credential_id=maker))
            assert rows.get_maker_name_or_none(db, org, maker) == "ann"
            assert rows.get_maker_name_or_none(db, org, made) == "maker"
            rows.delete_key(db, org, maker)
            assert rows.get_maker_name_or_none(db, org, made) is None


class TestListingKeys:
    def test_shows_those_of_the_organization_by_name_byte_by_byte(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            for name in ("b", "ä", "B", "a", " a"):
                an_api_key(db, org, name=name)
            a_token(db, org, name="token")
            an_api_key(db, an_org(db, name="other"), name="foreign")
            assert names_of(db, org) == [" a", "B", "a", "b", "ä"]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("STRASSE", ["Straße"]),
            ("ß", ["Straße"]),
            ("%", ["100%"]),
            ("_", ["a_b"]),
            ("\\", ["back\\slash"]),
            ("edit", ["a_b"]),
            ("100%v", []),
            ("\0", []),
            ("\ufffd", []),
            ("\ufdd1", []),
            ("e\u0301", ["CAFÉ"]),
        ],
    )
    def test_searches_name_and_role_with_every_character_for_itself(
        self, database: Database, query: str, found: list[str]
    ) -> None:
        with database.write() as db:
            org = an_org(db)
            for name in ("Straße", "100%", "CAFÉ", "back\\slash"):
                an_api_key(db, org, name=name)
            an_api_key(db, org, name="a_b", role=Role.EDITOR)
            assert names_of(db, org, KeyFilter(query=query)) == found

    def test_leaves_out_what_has_expired_when_asked(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            an_api_key(db, org, name="forever")
            an_api_key(db, org, name="alive", expires_at=NOON + 1)
            an_api_key(db, org, name="dead", expires_at=NOON)
            assert names_of(db, org, KeyFilter(alive_at=NOON)) == ["alive", "forever"]
            assert names_of(db, org) == ["alive", "dead", "forever"]
            assert rows.count_keys(db, org, ALL, now=NOON) == KeyCounts(alive=2, expired=1)
            assert rows.count_keys(db, org, KeyFilter(query="dead"), now=NOON) == KeyCounts(0, 1)

    def test_shows_only_what_may_be_read(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            readable = an_api_key(db, org, name="readable")
            an_api_key(db, org, name="secret")
            which = KeyFilter(only=frozenset({readable, 2**63 - 1}))
            assert names_of(db, org, which) == ["readable"]
            assert rows.count_keys(db, org, which, now=NOON) == KeyCounts(1, 0)
            assert names_of(db, org, KeyFilter(only=frozenset())) == []

    @pytest.mark.parametrize("by", KEY_COLUMNS)
    @pytest.mark.parametrize("is_descending", [False, True])
    def test_goes_on_from_every_place(self, database: Database, by: str, *, is_descending: bool) -> None:
        order = Order(by, is_descending=is_descending)
        with database.write() as db:
            org = an_org(db)
            for number, expires_at in enumerate((None, NOON + 5, None, NOON + 1, NOON + 5)):
                role = Role.ADMIN if number % 2 else Role.VIEWER
                created_at = UnixSeconds(NOON - number % 2)
                key_id = an_api_key(
                    db, org, name=f"{number}", role=role, at=created_at, expires_at=expires_at
                )
                if number % 2:
                    set_last_use(db, key_id, USE)
            whole = rows.list_keys_from(db, org, ALL, order=order, place=None, limit=9)
            assert len(whole) == 5
            one_by_one = whole[:1]
            while more := rows.list_keys_from(
                db, org, ALL, order=order, place=place_of(one_by_one[-1], order), limit=1
            ):
                one_by_one += more
        assert one_by_one == whole

    def test_takes_no_expiry_as_farthest_and_never_used_as_earliest(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            an_api_key(db, org, name="forever")
            set_last_use(db, an_api_key(db, org, name="soon", expires_at=NOON + 1), USE)
            for by, first in (("expires", "soon"), ("lastUsed", "forever")):
                keys = rows.list_keys_from(db, org, ALL, order=Order(by), place=None, limit=1)
                assert [key.name for key in keys] == [first]

    def test_stops_where_it_is_told_to(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            for name in "abc":
                an_api_key(db, org, name=name)
            keys = rows.list_keys_from(db, org, ALL, order=BY_NAME, place=None, limit=2)
        assert [key.name for key in keys] == ["a", "b"]


class TestDeletingAKey:
    def test_tells_its_name_and_frees_it(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            assert rows.delete_key(db, org, an_api_key(db, org, name="ci")) == "ci"
            assert not rows.is_name_taken(db, org, "ci")

    def test_never_uses_an_id_again(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            first = an_api_key(db, org)
            rows.delete_key(db, org, first)
            assert an_api_key(db, org) > first

    def test_is_refused_for_other_organizations_tokens_and_unknown_ids(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            foreign, token = an_api_key(db, other), a_token(db, org, name="token")
            for key_id in (foreign, token, CredentialId(0), CredentialId(-(2**63))):
                with pytest.raises(ApiKeyNotFound):
                    rows.delete_key(db, org, key_id)
            assert names_of(db, other) == ["ci"]
            assert rows.is_name_taken(db, org, "token")
