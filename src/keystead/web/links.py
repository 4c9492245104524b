"""Where the pages are: the one place that spells an address of a page, below the sub-path if there is one."""

from dataclasses import dataclass
from urllib.parse import urlencode

from keystead.http.path import PathMalformed, members_of

_DOING = frozenset({("logout",), ("profile", "switch-org")})  # to look at these changes something
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Links:
    base: str = ""  # "" or "/keystead"
    root_url: str = ""  # without a slash at its end; for examples that people copy

    def to(self, path: str, pairs: Pairs = ()) -> str:
        """Return an address; pairs without a value are left out."""
        query = urlencode([(name, value) for name, value in pairs if value])
        return f"{self.base}{path}?{query}" if query else f"{self.base}{path}"

    def home(self) -> str:
        return self.to("/")

    def asset(self, name: str) -> str:
        return self.to(f"/public/{name}")

    def login(self, redirect_to: str = "", message: str = "") -> str:
        return self.to("/login", (("redirectTo", redirect_to), ("m", message)))

    def logout(self) -> str:
        return self.to("/logout")

    def api_keys(self, pairs: Pairs = ()) -> str:
        return self.to("/org/apikeys", pairs)

    def adding_api_key(self) -> str:
        return self.api_keys((("adding", "1"),))

    def api_key(self, key_id: int, pairs: Pairs = ()) -> str:
        return self.to(f"/org/apikeys/{key_id}", pairs)

    def api_key_usage(self, key_id: int, pairs: Pairs = ()) -> str:
        """Return where the counts are as a file."""
        return self.to(f"/org/apikeys/{key_id}/usage/csv", pairs)

    def delete_api_key(self, key_id: int, pairs: Pairs = ()) -> str:
        return self.to(f"/org/apikeys/{key_id}/delete", pairs)

    def migrate_api_key(self, key_id: int, pairs: Pairs = ()) -> str:
        return self.to(f"/org/apikeys/{key_id}/migrate", pairs)

    def about_api_keys(self, act: str) -> str:
        """Return where something is done with all of them, such as `confirm/migrate`."""
        return self.to(f"/org/apikeys/{act}")

    def migration(self, pairs: Pairs = (), act: str = "") -> str:
        """Return the page, or what is asked on it or sent from it, such as `confirm/migrate`."""
        return self.to(f"/org/migration{act and '/'}{act}", pairs)

    def service_accounts(self, pairs: Pairs = ()) -> str:
        return self.to("/org/serviceaccounts", pairs)

    def new_service_account(self) -> str:
        return self.to("/org/serviceaccounts/create")

    def service_account(self, account_id: int, act: str = "", pairs: Pairs = ()) -> str:
        """Return its page, or where something is done with it, such as `confirm/disable`."""
        return self.to(f"/org/serviceaccounts/{account_id}{act and '/'}{act}", pairs)

    def token(self, account_id: int, token_id: int, act: str, pairs: Pairs = ()) -> str:
        return self.service_account(account_id, f"tokens/{token_id}/{act}", pairs)

    def expiry(self, pairs: Pairs = ()) -> str:
        return self.to("/org/expiry", pairs)

    def health(self, pairs: Pairs = (), act: str = "") -> str:
        """Return the page, or where something is done with its rows, such as `confirm/delete`."""
        return self.to(f"/org/health{act and '/'}{act}", pairs)

    def audit(self, pairs: Pairs = ()) -> str:
        return self.to("/org/audit", pairs)

    def audit_csv(self, pairs: Pairs = ()) -> str:
        return self.to("/org/audit/csv", pairs)

    def audit_json_lines(self, pairs: Pairs = ()) -> str:
        return self.to("/api/audit/export", pairs)

    def permissions(self, pairs: Pairs = ()) -> str:
        return self.to("/org/permissions", pairs)

    def permissions_csv(self, pairs: Pairs = ()) -> str:
        return self.to("/org/permissions/csv", pairs)

    def teams(self, pairs: Pairs = ()) -> str:
        return self.to("/org/teams", pairs)

    def new_team(self) -> str:
        return self.to("/org/teams/new")

    def team(self, team_id: int, act: str = "", pairs: Pairs = ()) -> str:
        """Return its page, or where something is done with it, such as `members/add`."""
        return self.to(f"/org/teams/edit/{team_id}{act and '/'}{act}", pairs)

    def roles(self, pairs: Pairs = ()) -> str:
        return self.to("/org/roles", pairs)

    def new_role(self) -> str:
        return self.to("/org/roles/new")

    def role(self, uid: str, act: str = "", pairs: Pairs = ()) -> str:
        """Return its page, or where something is done with it, such as `confirm/delete`."""
        return self.to(f"/org/roles/{uid}{act and '/'}{act}", pairs)

    def org(self, act: str = "") -> str:
        """Return the page of the organization, or where something is done with it."""
        return self.to(f"/org{act and '/'}{act}")

    def profile(self) -> str:
        return self.to("/profile")

    def preferences(self) -> str:
        return self.to("/profile/preferences")

    def theme(self) -> str:
        return self.to("/profile/theme")

    def password(self) -> str:
        return self.to("/profile/password")

    def revoke_session(self, session_id: int) -> str:
        return self.to(f"/profile/sessions/{session_id}/revoke")

    def select_org(self) -> str:
        return self.to("/profile/select-org")

    def switch_org(self, org_id: int) -> str:
        return self.to(f"/profile/switch-org/{org_id}")

    def help(self) -> str:
        return self.to("/help")

    def help_topic(self, topic: str) -> str:
        return self.to(f"/help/{topic}")

    def own(self, wanted: str) -> str:
        """Return where to lead back to: the address if it is a page of this server, else home."""
        path = wanted.partition("?")[0].partition("#")[0]
        is_plain = wanted.isascii() and wanted.isprintable() and not set(wanted) & set("\\ ")
        if not is_plain or not path.startswith(f"{self.base}/"):
            return self.home()
        try:
            members = members_of(path.removeprefix(self.base).encode())
        except PathMalformed:
            return self.home()
        return self.home() if members is None or members[:2] in _DOING or members[:1] in _DOING else wanted
