import pytest

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId, ServiceAccount
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.migration.migrated import MigratedKey
from keystead.core.migration.revert import Candidate
from keystead.core.orgs.model import OrgId

AT = UnixSeconds(100)


def a_migrated(*, used_at: int | None = None, role: Role | None = Role.EDITOR) -> MigratedKey:
    account = ServiceAccount(
        AccountId(1), OrgId(1), "a", "sa-a", role, is_disabled=False, created_at=AT, updated_at=AT
    )
    candidate = Candidate(account, 1, "a", was_key=True, stored_role=Role.EDITOR, is_org_migrated=True)
    used = None if used_at is None else UnixSeconds(used_at)
    return MigratedKey(CredentialId(1), "a", candidate, AT, last_used_at=used)


@pytest.mark.parametrize(("used_at", "is_seen"), [(None, False), (99, False), (100, True), (101, True)])
def test_a_migrated_key_is_seen_from_the_second_of_its_migration(
    used_at: int | None, is_seen: object
) -> None:
    assert a_migrated(used_at=used_at).was_used_since is is_seen


@pytest.mark.parametrize(("role", "is_equal"), [(Role.EDITOR, True), (Role.VIEWER, False), (None, False)])
def test_a_role_is_equal_to_that_of_the_key(role: Role | None, is_equal: object) -> None:
    assert a_migrated(role=role).is_role_equal is is_equal
