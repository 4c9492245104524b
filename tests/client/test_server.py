import pytest

from keystead.client import CallFailed, Identity, Permission
from keystead.client.calls import Call
from keystead.client.keys import create_key, delete_key
from keystead.client.server import health, own_permissions, verify
from tests.client.conftest import Caller, MakeCaller
from tests.server import a_key

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

READ = Permission("apikeys:read", "apikeys:*")


@pytest.fixture
def viewer(make_caller: MakeCaller, server: str, request: pytest.FixtureRequest) -> Caller:
    return make_caller(server, a_key(server, name=request.node.nodeid[-190:], role="Viewer"))


class TestVerifying:
    def test_tells_whose_a_token_is(
        self, admin: Caller, make_caller: MakeCaller, server: str, request: pytest.FixtureRequest
    ) -> None:
        issued = admin.send(create_key(f"who {request.node.name}", role="Editor", lifetime_s=60))
        identity = make_caller(server).send(verify(issued.secret.reveal()))
        assert (identity.kind, identity.org, identity.role) == ("apikey", 1, "Editor")
        assert (identity.id, identity.credential, identity.login) == (None, issued.id, "")
        assert identity.scopes == ()
        assert identity.reaches("Viewer")
        assert not identity.reaches("Admin")

    def test_is_about_oneself_without_another_token(self, admin: Caller) -> None:
        assert admin.send(verify()).role == "Admin"

    def test_asks_for_role_organization_and_permissions(self, admin: Caller) -> None:
        asked = (READ, Permission("apikeys:read", "apikeys:id:a b/ä"))
        identity = admin.send(verify(role="Admin", org=1, permissions=asked))
        assert identity.scopes == asked
        assert admin.send(verify(permissions=[("org.users:add", "")])).scopes == (
            Permission("org.users:add"),
        )

    @pytest.mark.parametrize(
        ("call", "message_id"),
        [
            (verify(role="Editor"), "forwardauth.role-too-low"),
            (verify(org=2), "forwardauth.org-other"),
            (verify(permissions=[READ]), "forwardauth.permission-not-held"),
            (verify(permissions=[READ, ("apikeys:create", "")]), "forwardauth.condition-unknown"),
        ],
        ids=["role", "org", "permission", "not understood"],
    )
    def test_is_refused_where_it_asks_for_more(
        self, viewer: Caller, call: Call[Identity], message_id: str
    ) -> None:
        with pytest.raises(CallFailed) as refused:
            viewer.send(call)
        assert (refused.value.status, refused.value.message_id) == (403, message_id)

    def test_remembers_nothing(self, admin: Caller, request: pytest.FixtureRequest) -> None:
        issued = admin.send(create_key(f"doomed {request.node.name}", lifetime_s=60))
        assert admin.send(verify(issued.secret)).credential == issued.id
        admin.send(delete_key(issued.id))
        with pytest.raises(CallFailed) as refused:
            admin.send(verify(issued.secret))
        assert (refused.value.status, refused.value.message_id) == (401, "credentials.unknown")

    def test_needs_a_token(self, make_caller: MakeCaller, server: str) -> None:
        with pytest.raises(CallFailed) as refused:
            make_caller(server).send(verify())
        assert refused.value.status == 401


class TestTheServer:
    def test_tells_that_it_is_well(self, make_caller: MakeCaller, server: str) -> None:
        assert make_caller(server).send(health()).database == "ok"

    def test_tells_ones_permissions(self, admin: Caller) -> None:
        assert "apikeys:*" in admin.send(own_permissions())["apikeys:read"]
