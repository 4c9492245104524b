"""Values between the defaults and what the operator says: by command, and by profile."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

Command: TypeAlias = Literal["dev", "serve"]

PUBLISHED_PASSWORD = "admin"  # noqa: S105 - everybody knows it: that is why `serve` refuses it

BY_COMMAND: Mapping[Command, Mapping[str, object]] = {
    "dev": {"security.admin_password": PUBLISHED_PASSWORD, "log.format": "text"},
    "serve": {},
}

BY_COMPATIBILITY: Mapping[str, Mapping[str, object]] = {
    "grafana-9.3": {
        "auth.api_key_max_seconds_to_live": -1,
        "auth.login_cookie_name": "grafana_session",
        "auth.login_maximum_inactive_lifetime_duration": "7d",
        "auth.login_maximum_lifetime_duration": "30d",
        "service_accounts.token_above_role": "allow",
        "security.min_password_length": 4,
        "security.refuse_common_passwords": False,
    },
}
