import pytest
from sqlalchemy import Connection

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.permission import Permission
from keystead.core.credentials.ending import right_for
from keystead.core.credentials.errors import ApiKeyNotFound, KeyNotRevocable, TokenNotFound
from keystead.core.credentials.report import Measure, Reported
from keystead.core.orgs.model import OrgId
from keystead.storage import changes
from keystead.storage.engine import Database
from keystead.usecases import chosen, report, tokens
from tests.doors import Ticking
from tests.makers import NOON, a_principal, a_service_account, a_token, an_api_key, an_installation, an_org

CLOCK = Ticking()


def a_home(db: Connection) -> tuple[OrgId, Reported, Reported]:
    """Return an organization with a key and a token."""
    an_installation(db)
    org = an_org(db)
    ids = {an_api_key(db, org, name="a"), a_token(db, org, a_service_account(db, org), name="b")}
    key, token = report.list_chosen(db, a_principal(org), Measure(NOON), frozenset(ids))
    return org, key, token


def actions(db: Connection) -> list[str]:
    return [change.action for change, _hash in changes.list_changes(db)]


class TestEndingWhatWasChosen:
    def test_deletes_keys_and_tokens_and_records_it(self, database: Database) -> None:
        with database.write() as db:
            org, key, token = a_home(db)
            by = a_principal(org)
            for one in (key, token):
                chosen.delete_credential(db, by, one, clock=CLOCK)
            assert actions(db) == ["apikey.delete", "token.delete"]
            with pytest.raises(ApiKeyNotFound):
                chosen.delete_credential(db, by, key, clock=CLOCK)
            with pytest.raises(TokenNotFound):
                chosen.delete_credential(db, by, token, clock=CLOCK)

    def test_revokes_tokens_and_no_keys(self, database: Database) -> None:
        with database.write() as db:
            org, key, token = a_home(db)
            by = a_principal(org)
            chosen.revoke_credential(db, by, token, clock=CLOCK)
            assert token.owner is not None
            assert tokens.find_token(db, by, token.owner, token.id).revoked_at == NOON
            with pytest.raises(KeyNotRevocable):
                chosen.revoke_credential(db, by, key, clock=CLOCK)
            assert actions(db) == ["token.revoke"]

    def test_is_refused_without_the_right_to_each(self, database: Database) -> None:
        with database.write() as db:
            org, key, token = a_home(db)
            one = [Permission("apikeys:delete", f"apikeys:id:{key.id + 7}")]
            by = a_principal(org, permissions=[*one, Permission("serviceaccounts:read", "serviceaccounts:*")])
            for act in (chosen.delete_credential, chosen.revoke_credential):
                for credential in (key, token):
                    with pytest.raises(PermissionMissing):
                        act(db, by, credential, clock=CLOCK)
            assert actions(db) == []
            assert [right_for(credential) for credential in (key, token)] == [
                *("apikeys:delete", "serviceaccounts:write")
            ]
