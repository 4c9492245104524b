from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from keystead.client import CallFailed, Client, ServiceAccount, Token
from keystead.client.accounts import create_account, delete_account, get_account, update_account
from keystead.client.server import verify
from keystead.client.tokens import (
    create_token,
    delete_token,
    finish_rotation,
    get_token,
    list_tokens,
    revoke_token,
    rotate_token,
)
from tests.client.conftest import Caller, MakeCaller
from tests.server import a_key

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

_numbers = count(1)


@pytest.fixture
def name() -> str:
    """A name that nothing has yet."""
    return f"robot {next(_numbers)}"


@pytest.fixture
def account(admin: Caller, name: str) -> ServiceAccount:
    return admin.send(create_account(name, role="Editor"))


def listed(caller: Caller, account: ServiceAccount, token_id: int) -> Token:
    [token] = [token for token in caller.send(list_tokens(account.id)) if token.id == token_id]
    assert token == caller.send(get_token(account.id, token_id))
    return token


def refused(caller: Caller, token: str) -> tuple[int | None, str]:
    with pytest.raises(CallFailed) as failed:
        caller.send(verify(token))
    return failed.value.status, failed.value.message_id


class TestAServiceAccount:
    def test_is_made_read_changed_and_deleted(self, admin: Caller, name: str) -> None:
        made = admin.send(create_account(name, role="Editor"))
        assert (made.name, made.login, made.role) == (name, f"sa-{name.replace(' ', '-')}", "Editor")
        assert (made.org_id, made.is_disabled, made.token_count) == (1, False, 0)
        read = admin.send(get_account(made.id))
        assert (read.login, read.token_count) == (made.login, 0)
        assert read.created_at is not None
        changed = admin.send(update_account(made.id, name=f"{name} again", role="Viewer", is_disabled=True))
        assert (changed.name, changed.login, changed.role) == (f"{name} again", made.login, "Viewer")
        assert (changed.is_disabled, changed.token_count, changed.description) == (True, None, "")
        assert admin.send(update_account(made.id, description="A robot")).description == "A robot"
        admin.send(delete_account(made.id))
        with pytest.raises(CallFailed, match="Failed to retrieve service account") as failed:
            admin.send(get_account(made.id))
        assert failed.value.status == 404

    def test_keeps_what_a_change_leaves_out(self, admin: Caller, account: ServiceAccount) -> None:
        changed = admin.send(update_account(account.id, is_disabled=True))
        assert (changed.name, changed.role, changed.is_disabled) == (account.name, "Editor", True)
        assert admin.send(update_account(account.id)).is_disabled

    def test_can_have_no_role_above_its_makers(
        self, make_caller: MakeCaller, server: str, name: str, request: pytest.FixtureRequest
    ) -> None:
        editor = make_caller(server, a_key(server, name=request.node.nodeid[-190:], role="Editor"))
        with pytest.raises(CallFailed) as failed:
            editor.send(create_account(name, role="Admin"))
        assert failed.value.status == 403

    def test_is_found_page_by_page(self, server: str, name: str) -> None:
        with Client(server, a_key(server, name=f"searches {name}")) as keystead:
            made = [keystead.accounts.create(f"{name} of {number}").id for number in range(3)]
            keystead.accounts.update(made[1], is_disabled=True)
            found = list(keystead.accounts.search(f"{name} of", page_size=2))
            assert [account.id for account in found] == made
            disabled = keystead.accounts.search(f"{name} of", only_disabled=True)
            assert [account.id for account in disabled] == [made[1]]
            assert list(keystead.accounts.search(f"{name} of", only_expired_tokens=True)) == []
            assert list(keystead.accounts.search("nobody is called so")) == []


class TestAToken:
    def test_acts_as_its_account(self, admin: Caller, account: ServiceAccount, name: str) -> None:
        issued = admin.send(create_token(account.id, f"{name} token", lifetime_s=3600))
        identity = admin.send(verify(issued.secret))
        assert (identity.kind, identity.id, identity.login) == ("serviceaccount", account.id, account.login)
        assert (identity.role, identity.credential) == ("Editor", issued.id)
        token = listed(admin, account, issued.id)
        assert token.expires_at is not None
        assert token.expires_at - token.created_at == timedelta(hours=1)
        assert (token.has_expired, token.is_revoked) == (False, False)
        assert token.last_used_at is not None
        assert token.last_used_from == "127.0.0.1"
        assert (token.created_by or "").startswith("caller of ")
        assert admin.send(get_account(account.id)).token_count == 1

    def test_may_live_for_ever(self, admin: Caller, account: ServiceAccount, name: str) -> None:
        issued = admin.send(create_token(account.id, f"{name} token"))
        assert listed(admin, account, issued.id).expires_at is None

    def test_is_useless_once_it_is_revoked(self, admin: Caller, account: ServiceAccount, name: str) -> None:
        issued = admin.send(create_token(account.id, f"{name} token"))
        admin.send(revoke_token(account.id, issued.id))
        admin.send(revoke_token(account.id, issued.id))
        assert refused(admin, issued.secret.reveal()) == (401, "credentials.revoked")
        assert listed(admin, account, issued.id).is_revoked

    def test_ends_with_what_it_made_when_that_is_asked_for(
        self, admin: Caller, account: ServiceAccount, name: str
    ) -> None:
        issued = admin.send(create_token(account.id, f"{name} token"))
        assert admin.send(revoke_token(account.id, issued.id, cascade=True)) == 0
        assert refused(admin, issued.secret.reveal()) == (401, "credentials.revoked")

    def test_is_useless_and_gone_once_it_is_deleted(
        self, admin: Caller, account: ServiceAccount, name: str
    ) -> None:
        issued = admin.send(create_token(account.id, f"{name} token"))
        admin.send(delete_token(account.id, issued.id))
        assert refused(admin, issued.secret.reveal()) == (401, "credentials.unknown")
        assert admin.send(list_tokens(account.id)) == []

    def test_is_useless_while_its_account_is_disabled(
        self, admin: Caller, account: ServiceAccount, name: str
    ) -> None:
        issued = admin.send(create_token(account.id, f"{name} token"))
        admin.send(update_account(account.id, is_disabled=True))
        assert refused(admin, issued.secret.reveal()) == (401, "credentials.service-account-disabled")
        admin.send(update_account(account.id, is_disabled=False))
        assert admin.send(verify(issued.secret)).id == account.id

    def test_is_made_for_nobody(self, admin: Caller, name: str) -> None:
        with pytest.raises(CallFailed) as failed:
            admin.send(create_token(2_000_000_000, name))
        assert failed.value.status == 404
        assert admin.send(list_tokens(2_000_000_000)) == []


class TestRotatingAToken:
    def test_lets_both_work_until_it_is_finished(
        self, admin: Caller, account: ServiceAccount, name: str
    ) -> None:
        old = admin.send(create_token(account.id, f"{name} token", lifetime_s=7200))
        new = admin.send(rotate_token(account.id, old.id, grace_s=600))
        assert (new.name, new.replaces) == (f"{name} token-2", old.id)
        assert new.expires_at is not None
        assert abs(new.grace_until - datetime.now(UTC) - timedelta(seconds=600)) < timedelta(minutes=1)  # noqa: TID251 - the server's clock is real
        assert admin.send(verify(old.secret)).id == admin.send(verify(new.secret)).id == account.id
        replaced = listed(admin, account, old.id)
        assert (replaced.replaced_by, replaced.grace_until) == (new.id, new.grace_until)
        admin.send(finish_rotation(account.id, old.id))
        assert refused(admin, old.secret.reveal()) == (401, "credentials.revoked")
        assert admin.send(verify(new.secret)).credential == new.id

    def test_takes_a_name_and_a_lifetime(self, admin: Caller, account: ServiceAccount, name: str) -> None:
        old = admin.send(create_token(account.id, f"{name} token"))
        new = admin.send(rotate_token(account.id, old.id, name=f"{name} next", lifetime_s=60, grace_s=0))
        assert new.name == f"{name} next"
        assert new.expires_at is not None
        assert refused(admin, old.secret.reveal())[0] == 401

    def test_is_done_once(self, admin: Caller, account: ServiceAccount, name: str) -> None:
        old = admin.send(create_token(account.id, f"{name} token"))
        admin.send(rotate_token(account.id, old.id))
        with pytest.raises(CallFailed) as failed:
            admin.send(rotate_token(account.id, old.id))
        assert failed.value.status == 409
