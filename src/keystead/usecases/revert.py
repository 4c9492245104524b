"""A token of a service account becomes an API key again."""

from dataclasses import dataclass

from sqlalchemy import Connection

from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.accounts.errors import ServiceAccountNotFound
from keystead.core.accounts.model import AccountId, ServiceAccount
from keystead.core.changes.change import Detail
from keystead.core.clock import Clock
from keystead.core.credentials.errors import ApiKeysClosed
from keystead.core.credentials.model import CredentialId
from keystead.core.migration.errors import RevertAboveOwn, TokenNotFoundToRevert, TokenNotRevertable
from keystead.core.migration.revert import Obstacle, obstacle_of, role_after
from keystead.storage import migration as rows
from keystead.storage import object_grants, serviceaccounts
from keystead.storage.orgs import lock_org
from keystead.usecases import changes
from keystead.usecases.changes import Target
from keystead.usecases.serviceaccounts import lock_account


@dataclass(frozen=True, slots=True)
class Revertability:
    """Whether the only token of an account can be an API key again, for whoever asks."""

    token: CredentialId | None  # None: the account has none
    obstacle: Obstacle | None  # None: it can
    role: Role  # that the key would have
    is_lowered: bool  # it had a higher one when it was a key
    was_key: bool


def revertability(db: Connection, by: Principal, account: ServiceAccount) -> Revertability:
    """Raises PermissionMissing."""
    token, candidate = rows.get_candidate(db, by.org_here, account, None)
    role = role_after(candidate)
    return Revertability(
        token,
        obstacle_of(candidate, by.role),
        role,
        is_lowered=role is not candidate.stored_role,
        was_key=candidate.was_key,
    )


def revert_key(
    db: Connection, by: Principal, account_id: AccountId, token_id: CredentialId, *, clock: Clock
) -> None:
    """Make the only token of an account an API key, and delete the account with all that it was given.

    The key has the lower of the role that it had and the account's of today; its secret, its end and whether
    it is revoked stay.
    Raises PermissionMissing, TokenNotFoundToRevert, TokenNotRevertable, RevertAboveOwn, ApiKeysClosed.
    """
    org = by.org_here
    lock_org(db, org)  # before the account, as whoever makes a token does
    account = lock_to_revert(db, by, account_id)
    token, candidate = rows.get_candidate(db, org, account, token_id)
    if token is None:
        raise TokenNotFoundToRevert(f"credential={token_id}")
    check(obstacle_of(candidate, by.role))
    role, name = role_after(candidate), candidate.token_name
    rows.set_key_again(db, org, account_id, token_id, name=name, role=role)
    object_grants.delete_of_object(db, org, "serviceaccounts", str(account_id))
    serviceaccounts.delete_service_account(db, org, account_id)
    told: Detail = {"account_id": account_id, "account": account.login, "role": role.value}
    changes.record(db, by, "apikey.revert", Target("apikey", token_id, name), at=clock(), detail=told)


def lock_to_revert(db: Connection, by: Principal, account_id: AccountId) -> ServiceAccount:
    """Raises PermissionMissing, TokenNotFoundToRevert."""
    try:
        return lock_account(db, by, account_id)
    except ServiceAccountNotFound:
        raise TokenNotFoundToRevert(f"account={account_id}") from None


def check(obstacle: Obstacle | None) -> None:
    """Raises TokenNotRevertable, RevertAboveOwn, ApiKeysClosed."""
    match obstacle:
        case None:
            return
        case Obstacle.ABOVE_OWN:
            raise RevertAboveOwn
        case Obstacle.CLOSED:
            raise ApiKeysClosed
        case _:
            raise TokenNotRevertable(obstacle.value)
