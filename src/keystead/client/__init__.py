"""Calls a Keystead from Python: `Client` waits for answers, `AsyncClient` is awaited."""

from keystead.client.clients import AsyncClient, Client
from keystead.client.credentials import Bucket, Reason, Report, Reported, Usage
from keystead.client.errors import CallFailed
from keystead.client.explanation import Explanation, Grant, Suggestion
from keystead.client.identity import Identity, Kind, Permission, Role
from keystead.client.migration import (
    MigratedKey,
    MigrationJob,
    MigrationResult,
    MigrationStarted,
    MigrationStatus,
    OldApiCaller,
)
from keystead.client.secret import Secret
from keystead.client.shapes import (
    AccessRole,
    ApiKey,
    CreatedAccount,
    Health,
    Issued,
    RoleHolders,
    RolePermission,
    Rotated,
    ServiceAccount,
    Token,
)

__all__ = [
    "AccessRole",
    "ApiKey",
    "AsyncClient",
    "Bucket",
    "CallFailed",
    "Client",
    "CreatedAccount",
    "Explanation",
    "Grant",
    "Health",
    "Identity",
    "Issued",
    "Kind",
    "MigratedKey",
    "MigrationJob",
    "MigrationResult",
    "MigrationStarted",
    "MigrationStatus",
    "OldApiCaller",
    "Permission",
    "Reason",
    "Report",
    "Reported",
    "Role",
    "RoleHolders",
    "RolePermission",
    "Rotated",
    "Secret",
    "ServiceAccount",
    "Suggestion",
    "Token",
    "Usage",
]
