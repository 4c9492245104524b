import pytest

from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId, ServiceAccount
from keystead.core.clock import UnixSeconds
from keystead.core.migration.terraform import import_block, label_of, quoted
from keystead.core.orgs.model import OrgId

AT = UnixSeconds(100)


@pytest.mark.parametrize(("role", "told"), [(Role.EDITOR, "Editor"), (None, "None")])
def test_a_block_imports_the_account_and_describes_it(role: Role | None, told: str) -> None:
    account = ServiceAccount(
        AccountId(14),
        OrgId(3),
        "sa-autogen-ci",
        "x",
        role,
        is_disabled=role is None,
        created_at=AT,
        updated_at=AT,
    )
    assert import_block(account, "ci") == (
        'import {\n  to = grafana_service_account.ci\n  id = "3:14"\n}\n\n'
        'resource "grafana_service_account" "ci" {\n  name        = "sa-autogen-ci"\n'
        f'  role        = "{told}"\n  is_disabled = {"true" if role is None else "false"}\n}}\n\n'
    )


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("ci-deploy_2", "ci-deploy_2"),
        ("2nd", "key_2nd_account_7"),
        ("a b/é", "key_a_b___account_7"),
        ('x" {', "key_x____account_7"),
    ],
)
def test_a_label_is_the_name_where_terraform_takes_it(name: str, label: str) -> None:
    assert label_of(name, 7) == label


@pytest.mark.parametrize(
    ("text", "told"),
    [('a"b', '"a\\"b"'), ("a\\b", '"a\\\\b"'), ("${x} %{y}", '"$${x} %%{y}"'), ("é", '"é"')],
)
def test_a_string_says_exactly_its_text(text: str, told: str) -> None:
    assert quoted(text) == told
