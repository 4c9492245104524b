"""What takes the service account of a migrated key into Terraform. Source: the provider `grafana/grafana`."""

import re

from keystead.core.accounts.model import ServiceAccount

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_OTHER = re.compile(r"[^A-Za-z0-9_-]")


def import_block(account: ServiceAccount, key_name: str) -> str:
    """Return the block that imports it, and the resource that it then is."""
    label = label_of(key_name, account.id)
    role = account.role or "None"
    taken_in = import_of(f"grafana_service_account.{label}", account.org, account.id)
    return f"{taken_in}\n{account_block(label, account.name, role, is_disabled=account.is_disabled)}\n"


def import_of(address: str, org: int, account_id: int) -> str:
    """Return the block that imports an account as the resource that has this address."""
    return f'import {{\n  to = {address}\n  id = "{org}:{account_id}"\n}}\n'


def account_block(label: str, name: str, role: str, *, is_disabled: bool) -> str:
    return f"""resource "grafana_service_account" "{label}" {{
  name        = {quoted(name)}
  role        = "{role}"
  is_disabled = {"true" if is_disabled else "false"}
}}
"""


def label_of(key_name: str, account_id: int) -> str:
    """Return the key's name where Terraform takes it as a label; else what is left of it, and the account."""
    if _PLAIN.fullmatch(key_name):
        return key_name
    return f"key_{_OTHER.sub('_', key_name)}_account_{account_id}"


def quoted(text: str) -> str:
    """Return a string of Terraform that is exactly this text, and no template."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("${", "$${").replace("%{", "%%{") + '"'
