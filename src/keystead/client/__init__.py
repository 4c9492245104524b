"""Calls a Keystead from Python: `Client` waits for answers, `AsyncClient` is awaited."""

from keystead.client.clients import AsyncClient, Client
from keystead.client.credentials import Bucket, Reason, Report, Reported, Usage
from keystead.client.errors import CallFailed
from keystead.client.explanation import Explanation, Grant, Suggestion
from keystead.client.identity import Identity, Kind, Permission, Role
from keystead.client.secret import Secret
from keystead.client.shapes import ApiKey, Health, Issued, Rotated, ServiceAccount, Token

__all__ = [
    "ApiKey",
    "AsyncClient",
    "Bucket",
    "CallFailed",
    "Client",
    "Explanation",
    "Grant",
    "Health",
    "Identity",
    "Issued",
    "Kind",
    "Permission",
    "Reason",
    "Report",
    "Reported",
    "Role",
    "Rotated",
    "Secret",
    "ServiceAccount",
    "Suggestion",
    "Token",
    "Usage",
]
