"""The reference model's API keys, service accounts, their tokens, and the levels on them.

A call returns what a list shows, or raises No with the status that is due.
"""

from tests.properties.rbac_model import (
    LEVELS,
    Account,
    Holder,
    Key,
    No,
    Permissions,
    Rights,
    Role,
    Token,
    Who,
)


class Machines(Rights):
    def list_keys(self, who: Who) -> set[int]:
        return self.shown(
            who, "apikeys:read", "apikeys", (id_ for id_, one in self.keys.items() if one.org == who.org)
        )

    def get_key(self, who: Who, key: int) -> None:
        self.need(who, "apikeys:read", f"apikeys:id:{key}")
        self.here(who, self.keys, key)

    def make_key(self, who: Who, name: str, role: str, lasts: int) -> None:
        self.need(who, "apikeys:create")
        self.reach(who, role)
        self.check_name(who.org, name)
        self.keys[self.made()] = Key(who.org, name, role, self.now + lasts)

    def delete_key(self, who: Who, key: int) -> None:
        self.need(who, "apikeys:delete", f"apikeys:id:{key}")
        self.here(who, self.keys, key)
        del self.keys[key]

    def list_accounts(self, who: Who) -> set[int]:
        ids = (id_ for id_, one in self.accounts.items() if one.org == who.org)
        return self.shown(who, "serviceaccounts:read", "serviceaccounts", ids)

    def one_account(self, who: Who, verb: str, account: int) -> None:
        self.need(who, f"serviceaccounts:{verb}", f"serviceaccounts:id:{account}")
        self.here(who, self.accounts, account)

    def get_account(self, who: Who, account: int) -> None:
        self.one_account(who, "read", account)

    def make_account(self, who: Who, name: str, role: str, permissions: Permissions, token: str) -> None:
        """Make one, with permissions that it alone has and a first token if these are told."""
        self.need(who, "serviceaccounts:create")
        self.reach(who, role)
        if any((one.org, one.name) == (who.org, name) for one in self.accounts.values()):
            raise No(400)
        self.need_all(who, permissions)
        if token:
            self.check_name(who.org, token)
        first = self.made() if token else 0
        account = self.made()
        self.accounts[account] = Account(who.org, name)
        self.members[who.org, account] = role
        if who.kind == "person":
            self.levels[account, ("account", who.id)] = "Admin"
        if permissions:
            own = who.org, f"own of {account}"
            self.roles[own] = Role(1, permissions, account)
            self.given.add((who.org, own, ("account", account)))
        if token:
            self.tokens[first] = Token(account, who.org, token, 0, None)

    def set_account_role(self, who: Who, account: int, role: str) -> None:
        self.need(who, "serviceaccounts:write", f"serviceaccounts:id:{account}")
        self.reach(who, role)
        self.here(who, self.accounts, account)
        self.reach(who, self.members[who.org, account])
        self.members[who.org, account] = role

    def switch_account(self, who: Who, account: int, is_disabled: bool) -> None:  # noqa: FBT001 - by place
        self.one_account(who, "write", account)
        self.accounts[account].is_disabled = is_disabled

    def delete_account(self, who: Who, account: int) -> None:
        self.one_account(who, "delete", account)
        self.forget_account(account)

    def mint(self, who: Who, account: int) -> None:
        """Whoever makes a token can do all that the account may."""
        self.one_account(who, "write", account)
        role = self.members[who.org, account]
        self.reach(who, role)
        self.need_all(who, self.given_to(account, who.org, role))

    def make_token(self, who: Who, account: int, name: str, lasts: int) -> None:
        self.mint(who, account)
        self.check_name(who.org, name)
        self.tokens[self.made()] = Token(account, who.org, name, lasts, self.now + lasts if lasts else None)

    def its_token(self, who: Who, account: int, token: int) -> Token:
        self.one_account(who, "write", account)
        if token not in self.tokens or self.tokens[token].account != account:
            raise No(404)
        return self.tokens[token]

    def revoke_token(self, who: Who, account: int, token: int) -> None:
        self.its_token(who, account, token).is_revoked = True

    def delete_token(self, who: Who, account: int, token: int) -> None:
        self.its_token(who, account, token)
        del self.tokens[token]

    def rotate_token(self, who: Who, account: int, token: int, name: str, grace: int) -> None:
        self.mint(who, account)
        old = self.its_token(who, account, token)
        after = self.tokens.get(old.successor or 0)
        if not self.lives(old) or (after is not None and self.lives(after)):
            raise No(409)
        self.make_token(who, account, name, old.lasts)
        old.successor = max(self.tokens)
        old.is_revoked = not grace
        if grace:
            old.ends = min(old.ends or self.now + grace, self.now + grace)

    def finish_rotation(self, who: Who, account: int, token: int) -> None:
        old = self.its_token(who, account, token)
        if old.successor not in self.tokens:
            raise No(409)
        old.is_revoked |= self.lives(old)

    def set_level(self, who: Who, account: int, holder: Holder, level: str) -> None:
        scope = f"serviceaccounts:id:{account}"
        self.need(who, "serviceaccounts.permissions:write", scope)
        self.here(who, self.accounts, account, 400)
        if not self.is_of(who.org, holder):
            raise No(400)
        if level:
            self.need_all(who, [(action, scope) for action in LEVELS["serviceaccounts", level]])
            self.levels[account, holder] = level
        else:
            self.levels.pop((account, holder), None)

    def is_of(self, org: int, holder: Holder) -> bool:
        kind, id_ = holder
        teams = {team for team, one in self.teams.items() if one.org == org}
        return (org, id_) in self.members if kind == "account" else id_ in teams
