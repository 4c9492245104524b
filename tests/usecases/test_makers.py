import pytest
from sqlalchemy import Connection, delete, update

from keystead.core.access.permission import Permission
from keystead.core.access.roles import Role
from keystead.core.clock import frozen_clock
from keystead.core.credentials.errors import CredentialRevoked
from keystead.core.credentials.lifetime import UNLIMITED_S, LifetimeLimit
from keystead.core.credentials.model import CredentialId
from keystead.core.orgs.model import OrgId
from keystead.storage.engine import Database
from keystead.storage.schema import credential
from keystead.usecases import credentials
from keystead.usecases.credentials import KeyRules
from keystead.usecases.makers import count_made, revoke_made
from tests.makers import MINT, NOON, an_api_key, an_installation, an_org, somebody, through

RULES = KeyRules(LifetimeLimit(UNLIMITED_S), MINT, frozen_clock(NOON))


@pytest.fixture
def org(database: Database) -> OrgId:
    with database.write() as db:
        an_installation(db)
        return an_org(db)


def a_made_key(db: Connection, org: OrgId, name: str, by: CredentialId) -> CredentialId:
    return an_api_key(db, org, name=name, by=through(org, by))


class TestAMakerThatEndedMeanwhile:
    """Its request was let pass a moment before, and waited for the organization."""

    @pytest.mark.parametrize("is_deleted", [True, False], ids=["deleted", "revoked"])
    def test_makes_nothing_more(self, database: Database, org: OrgId, *, is_deleted: bool) -> None:
        with database.write() as db:
            key = an_api_key(db, org, name="root", role=Role.ADMIN)
            its = (credential.c.org_id == org, credential.c.id == key)
            db.execute(
                delete(credential).where(*its)
                if is_deleted
                else update(credential).where(*its).values(revoked_at=NOON)
            )
            with pytest.raises(CredentialRevoked):
                credentials.create_key(
                    db, through(org, key), name="child", role=Role.VIEWER, lifetime_s=0, rules=RULES
                )


class TestEndingWhatACredentialMade:
    def test_is_reached_through_a_revoked_one_and_ends_once(self, database: Database, org: OrgId) -> None:
        with database.write() as db:
            root = an_api_key(db, org, name="root", by=somebody(org))
            middle = a_made_key(db, org, "middle", root)
            db.execute(
                update(credential)
                .where(credential.c.org_id == org, credential.c.id == middle)
                .values(revoked_at=NOON)
            )
            a_made_key(db, org, "last", middle)
            counts = [revoke_made(db, somebody(org), root, at=NOON) for _ in range(2)]
        assert counts == [1, 0]

    def test_is_counted_for_whoever_may_end_it_all(self, database: Database, org: OrgId) -> None:
        with database.write() as db:
            root = an_api_key(db, org, name="root", by=somebody(org))
            made = [a_made_key(db, org, name, root) for name in ("one", "two")]
            may = [Permission("apikeys:delete", f"apikeys:id:{key}") for key in made]
            counts = [count_made(db, somebody(org, permissions=held), root) for held in (may, may[:1])]
        assert counts == [2, 0]
