from datetime import UTC, datetime, timedelta

import pytest

from keystead.client import ApiKey, CallFailed
from keystead.client.keys import create_key, delete_key, get_key, list_keys
from tests.client.conftest import Caller, MakeCaller
from tests.server import a_key

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def listed(caller: Caller, name: str) -> list[ApiKey]:
    return [key for key in caller.send(list_keys(include_expired=True)) if key.name == name]


class TestAnApiKey:
    def test_is_made_listed_and_deleted(
        self, admin: Caller, make_caller: MakeCaller, server: str, request: pytest.FixtureRequest
    ) -> None:
        name = f"ci {request.node.name}"
        issued = admin.send(create_key(name, role="Editor", lifetime_s=3600))
        [key] = listed(admin, name)
        assert (key.id, key.role, key.is_revoked, key.last_used_at) == (issued.id, "Editor", False, None)
        assert admin.send(get_key(key.id)) == key
        assert key.expires_at is not None
        assert key.expires_at - key.created_at == timedelta(hours=1)
        assert abs(datetime.now(UTC) - key.created_at) < timedelta(minutes=5)  # noqa: TID251 - the server's clock is real
        mine = make_caller(server, issued.secret.reveal())
        with pytest.raises(CallFailed, match="Permissions needed: apikeys:read"):
            mine.send(list_keys())
        admin.send(delete_key(key.id))
        assert listed(admin, name) == []
        with pytest.raises(CallFailed) as refused:
            mine.send(list_keys())
        assert refused.value.status == 401

    def test_tells_its_use(self, admin: Caller, request: pytest.FixtureRequest) -> None:
        admin.send(list_keys())
        [mine] = listed(admin, f"caller of {request.node.nodeid}"[:190])
        assert mine.last_used_at is not None


class TestARefusal:
    def test_tells_status_name_request_and_what_to_do(self, admin: Caller) -> None:
        with pytest.raises(CallFailed) as refused:
            admin.send(delete_key(2_000_000_000))
        error = refused.value
        assert (error.status, error.message) == (404, "Failed to delete API key")
        assert error.message_id == "apikeys.not-found"
        assert error.request_id
        assert error.request_id in str(error)
        assert "Look whether the id is right" in error.advice

    def test_is_raised_for_a_taken_name(self, admin: Caller, request: pytest.FixtureRequest) -> None:
        name = f"taken {request.node.name}"
        admin.send(create_key(name, lifetime_s=60))
        with pytest.raises(CallFailed) as refused:
            admin.send(create_key(name, lifetime_s=60))
        assert (refused.value.status, refused.value.message_id) == (409, "apikeys.name-taken")

    def test_is_raised_for_a_role_above_ones_own(
        self, make_caller: MakeCaller, server: str, request: pytest.FixtureRequest
    ) -> None:
        viewer = make_caller(server, a_key(server, name=f"viewer of {request.node.name}", role="Viewer"))
        with pytest.raises(CallFailed) as refused:
            viewer.send(create_key("more", role="Admin", lifetime_s=60))
        assert refused.value.status == 403
