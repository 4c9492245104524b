"""What takes the service account of a migrated key into Terraform. Source: the provider `grafana/grafana`."""

import re

from keystead.core.accounts.model import ServiceAccount

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_OTHER = re.compile(r"[^A-Za-z0-9_-]")


def import_block(account: ServiceAccount, key_name: str) -> str:
    """Return the block that imports it, and the resource that it then is."""
    label = label_of(key_name, account.id)
    return f"""import {{
  to = grafana_service_account.{label}
  id = "{account.org}:{account.id}"
}}

resource "grafana_service_account" "{label}" {{
  name        = {quoted(account.name)}
  role        = "{account.role or "None"}"
  is_disabled = {"true" if account.is_disabled else "false"}
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
