"""A second opinion on who may do what: written from the rules as they are told, not from the code.

Roles are ranks, things have numbers of their own, and every call returns the status that is due.
"""

from dataclasses import dataclass, field

RANK = {"Viewer": 1, "Editor": 2, "Admin": 3}


@dataclass
class Person:
    is_server_admin: bool = False
    is_disabled: bool = False


@dataclass
class Key:
    org: int
    name: str
    role: str
    ends: int


@dataclass
class Account:
    org: int
    name: str
    role: str
    is_disabled: bool = False
    admins: set[str] = field(default_factory=set)  # people with level Admin on it


@dataclass
class Token:
    account: int
    name: str
    lasts: int  # 0: for ever
    ends: int | None
    is_revoked: bool = False
    successor: int | None = None


@dataclass(frozen=True)
class Who:
    """Somebody who was let in. `org` is where they act."""

    kind: str  # person, key, token
    name: str
    org: int
    role: str | None
    is_server_admin: bool = False

    @property
    def is_admin(self) -> bool:
        return self.role == "Admin"

    def reaches(self, role: str) -> bool:
        return self.role is not None and RANK[self.role] >= RANK[role]


@dataclass
class World:
    now: int
    people: dict[str, Person] = field(default_factory=dict)
    members: dict[tuple[int, str], str] = field(default_factory=dict)
    keys: dict[int, Key] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    tokens: dict[int, Token] = field(default_factory=dict)

    def person(self, name: str, org: int) -> Who | None:
        found = self.people.get(name)
        if found is None or found.is_disabled:
            return None
        return Who("person", name, org, self.members.get((org, name)), found.is_server_admin)

    def key(self, number: int) -> Who | None:
        found = self.keys.get(number)
        if found is None or found.ends <= self.now:
            return None
        return Who("key", found.name, found.org, found.role)

    def token(self, number: int) -> Who | None:
        found = self.tokens.get(number)
        if found is None or not self.is_alive(found):
            return None
        account = self.accounts[found.account]
        return None if account.is_disabled else Who("token", account.name, account.org, account.role)

    def is_alive(self, token: Token) -> bool:
        return not token.is_revoked and (token.ends is None or token.ends > self.now)

    def list_keys(self, who: Who) -> tuple[int, set[str]]:
        names = {key.name for key in self.keys.values() if key.org == who.org}
        return (200, names) if who.is_admin else (403, set())

    def get_key(self, who: Who, number: int) -> int:
        if not who.is_admin:
            return 403
        key = self.keys.get(number)
        return 200 if key is not None and key.org == who.org else 404

    def make_key(self, who: Who, number: int, name: str, role: str, lasts: int) -> int:
        if not who.is_admin or not who.reaches(role):
            return 403
        if self._is_taken(who.org, name):
            return 409
        self.keys[number] = Key(who.org, name, role, self.now + lasts)
        return 200

    def delete_key(self, who: Who, number: int) -> int:
        status = self.get_key(who, number)
        if status == 200:
            del self.keys[number]
        return status

    def list_accounts(self, who: Who) -> tuple[int, set[str]]:
        seen = {account.name for account in self.accounts.values() if self._holds(who, account)}
        return (200, seen) if seen or who.is_admin else (403, seen)

    def make_account(self, who: Who, number: int, name: str, role: str) -> int:
        if not who.is_admin or not who.reaches(role):
            return 403
        if any(one.org == who.org and one.name == name for one in self.accounts.values()):
            return 400
        admins = {who.name} if who.kind == "person" else set()
        self.accounts[number] = Account(who.org, name, role, admins=admins)
        return 201

    def get_account(self, who: Who, number: int) -> int:
        """All rights on one account come together: from the role Admin, or from the level on it."""
        account = self.accounts.get(number)
        if not who.is_admin and not (account and self._holds(who, account)):
            return 403
        return 200 if account is not None and account.org == who.org else 404

    def set_account_role(self, who: Who, number: int, role: str) -> int:
        status = self.get_account(who, number)
        if status == 403 or not who.reaches(role):
            return 403
        if status == 200 and not who.reaches(self.accounts[number].role):
            return 403
        if status == 200:
            self.accounts[number].role = role
        return status

    def switch_account(self, who: Who, number: int, is_disabled: bool) -> int:  # noqa: FBT001 - all are asked by place
        status = self.get_account(who, number)
        if status == 200:
            self.accounts[number].is_disabled = is_disabled
        return status

    def delete_account(self, who: Who, number: int) -> int:
        status = self.get_account(who, number)
        if status == 200:
            del self.accounts[number]
            self.tokens = {id_: one for id_, one in self.tokens.items() if one.account != number}
        return status

    def make_token(self, who: Who, account: int, number: int, name: str, lasts: int) -> int:
        status = self._mint(who, account)
        if status == 200 and self._is_taken(who.org, name):
            return 409
        if status == 200:
            self._add_token(account, number, name, lasts)
        return status

    def revoke_token(self, who: Who, account: int, number: int) -> int:
        status = self._find_token(who, account, number)
        if status == 200:
            self.tokens[number].is_revoked = True
        return status

    def delete_token(self, who: Who, account: int, number: int) -> int:
        status = self._find_token(who, account, number)
        if status == 200:
            del self.tokens[number]
        return status

    def rotate_token(  # noqa: PLR0917 - all are asked by place
        self, who: Who, account: int, number: int, new: int, name: str, grace: int
    ) -> int:
        status = self._mint(who, account)
        if status == 200:
            status = self._find_token(who, account, number)
        if status != 200:
            return status
        old = self.tokens[number]
        successor = None if old.successor is None else self.tokens.get(old.successor)
        is_replaced = successor is not None and self.is_alive(successor)
        if not self.is_alive(old) or is_replaced or self._is_taken(who.org, name):
            return 409
        self._add_token(account, new, name, old.lasts)
        old.successor = new
        if grace:
            old.ends = self.now + grace if old.ends is None else min(old.ends, self.now + grace)
        else:
            old.is_revoked = True
        return 200

    def list_members(self, who: Who) -> tuple[int, set[str]]:
        names = {name for org, name in self.members if org == who.org}
        return (200, names) if who.is_admin or who.is_server_admin else (403, set())

    def add_member(self, who: Who, org: int, name: str, role: str) -> int:
        if not self._is_admin_at(who, org) or not (who.is_server_admin or who.reaches(role)):
            return 403
        if name not in self.people or (org, name) in self.members:
            return 409 if name in self.people else 404
        self.members[org, name] = role
        return 200

    def set_role(self, who: Who, org: int, name: str, role: str) -> int:
        if not self._is_admin_at(who, org) or not (who.is_server_admin or who.reaches(role)):
            return 403
        before = self.members.get((org, name))
        if before is None:
            return 404
        if not (who.is_server_admin or who.reaches(before)):
            return 403
        if role != "Admin" and self._is_last_admin(org, name):
            return 400
        self.members[org, name] = role
        return 200

    def remove_member(self, who: Who, org: int, name: str) -> int:
        if not self._is_admin_at(who, org):
            return 403
        if (org, name) not in self.members or self._is_last_admin(org, name):
            return 400 if (org, name) in self.members else 404
        del self.members[org, name]
        for account in self.accounts.values():
            if account.org == org:
                account.admins.discard(name)
        return 200

    def make_person(self, who: Who, name: str, org: int) -> int:
        """Whatever else stands in the body, nobody is made a server admin by being made."""
        if not who.is_server_admin:
            return 403
        if name in self.people:
            return 412
        self.people[name] = Person()
        self.members[org, name] = "Viewer"
        return 200

    def switch_person(self, who: Who, name: str, is_disabled: bool) -> int:  # noqa: FBT001 - all are asked by place
        status = self._find_person(who, name)
        if status == 200 and is_disabled and self._is_last_server_admin(name):
            return 400
        if status == 200:
            self.people[name].is_disabled = is_disabled
        return status

    def set_server_admin(self, who: Who, name: str, is_server_admin: bool) -> int:  # noqa: FBT001 - all are asked by place
        status = self._find_person(who, name)
        if status == 200 and not is_server_admin and self._is_last_server_admin(name):
            return 400
        if status == 200:
            self.people[name].is_server_admin = is_server_admin
        return status

    def _holds(self, who: Who, account: Account) -> bool:
        is_given = who.kind == "person" and who.name in account.admins
        return account.org == who.org and (who.is_admin or is_given)

    def _is_taken(self, org: int, name: str) -> bool:
        names = [(key.org, key.name) for key in self.keys.values()]
        names += [(self.accounts[token.account].org, token.name) for token in self.tokens.values()]
        return (org, name) in names

    def _mint(self, who: Who, account: int) -> int:
        status = self.get_account(who, account)
        return 403 if status == 200 and not who.reaches(self.accounts[account].role) else status

    def _add_token(self, account: int, number: int, name: str, lasts: int) -> None:
        self.tokens[number] = Token(account, name, lasts, self.now + lasts if lasts else None)

    def _find_token(self, who: Who, account: int, number: int) -> int:
        status = self.get_account(who, account)
        is_its = number in self.tokens and self.tokens[number].account == account
        return 404 if status == 200 and not is_its else status

    def _find_person(self, who: Who, name: str) -> int:
        if not who.is_server_admin:
            return 403
        return 200 if name in self.people else 404

    def _is_admin_at(self, who: Who, org: int) -> bool:
        role = self.members.get((org, who.name)) if who.kind == "person" else who.role
        is_here = who.kind == "person" or (who.kind == "token" and org == who.org)
        return who.is_server_admin or (is_here and role == "Admin")

    def _is_last_admin(self, org: int, name: str) -> bool:
        return [one for (at, one), role in self.members.items() if (at, role) == (org, "Admin")] == [name]

    def _is_last_server_admin(self, name: str) -> bool:
        people = self.people.items()
        return [one for one, who in people if who.is_server_admin and not who.is_disabled] == [name]
