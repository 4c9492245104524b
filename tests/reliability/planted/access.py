"""Faults in who may do what."""

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from sqlalchemy import Connection, delete

from keystead.core.credentials.model import CredentialId
from keystead.http import front, gate
from keystead.http.path import members_of
from keystead.storage import credentials as rows
from keystead.storage.schema import credential


def route_without_needs(set_: Callable[[object, str, object], None]) -> None:
    """Forget to ask what one family of routes needs."""
    honest = gate.check_need

    async def check_need(deps: object, by: object, needs: object, variables: object) -> None:
        if "apikeys:" not in str(needs):
            await honest(deps, by, needs, variables)  # type: ignore[arg-type] # handed on as they came

    set_(gate, "check_need", check_need)


def decode_twice(set_: Callable[[object, str, object], None]) -> None:
    """Decode the whole path before it is split, and each member again."""

    def twice(raw_path: bytes) -> tuple[str, ...] | None:
        return members_of(unquote_to_bytes(raw_path))

    set_(front, "members_of", twice)


def no_org_filter(set_: Callable[[object, str, object], None]) -> None:
    """Delete a key by its id alone. `goal_tenants` takes the condition off every other statement itself."""

    def delete_key(db: Connection, _org: object, key_id: CredentialId) -> str:
        statement = delete(credential).where(credential.c.id == key_id).returning(credential.c.name)
        return str(db.execute(statement).scalar_one())

    set_(rows, "delete_key", delete_key)
