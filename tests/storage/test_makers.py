from sqlalchemy import update

from keystead.core.clock import UnixSeconds
from keystead.storage import makers, tokens
from keystead.storage.engine import Database
from keystead.storage.makers import Life
from keystead.storage.schema import credential
from tests.makers import NOON, a_service_account, a_token, an_api_key, an_org, somebody, through


class TestWhatACredentialMade:
    def test_is_found_through_what_it_made_in_its_organization_alone(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            root, beside = (an_api_key(db, org, name=name, by=somebody(org)) for name in ("root", "beside"))
            owner = a_service_account(db, org)
            token = a_token(db, org, owner, name="token", by=through(org, root))
            last = an_api_key(db, org, name="last", by=through(org, token))
            an_api_key(db, org, name="another's", by=through(org, beside))
            an_api_key(db, other, name="elsewhere", by=through(other, root))
            found = makers.list_made(db, org, root)
            assert [(one.id, one.owner, one.name) for one in found] == [
                (token, owner, "token"),
                (last, None, "last"),
            ]
            tokens.mark_all_revoked(db, org, (one.id for one in found), at=NOON)
            assert makers.list_made(db, org, root) == []
            assert len(makers.list_made(db, org, beside)) == 1

    def test_has_an_end_when_credentials_made_each_other(self, database: Database) -> None:
        with database.write() as db:
            org = an_org(db)
            first = an_api_key(db, org, name="first")
            second = an_api_key(db, org, name="second", by=through(org, first))
            is_first = (credential.c.org_id == org, credential.c.id == first)
            db.execute(update(credential).where(*is_first).values(created_by_credential_id=second))
            assert [one.id for one in makers.list_made(db, org, first)] == [second]


class TestTheLifeOfAMaker:
    def test_is_told_in_its_organization_alone(self, database: Database) -> None:
        with database.write() as db:
            org, other = an_org(db), an_org(db, name="other")
            key = an_api_key(db, org, expires_at=NOON + 60)
            assert makers.get_life_or_none(db, org, key) == Life(UnixSeconds(NOON + 60), None)
            assert makers.get_life_or_none(db, other, key) is None
