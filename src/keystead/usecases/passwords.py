"""People's passwords: of a new person, one's own, another's, and from the host."""

from dataclasses import dataclass

from sqlalchemy import Connection

from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.accounts.errors import OldPasswordWrong, PasswordTooCommon, UserNotFound
from keystead.core.accounts.model import AccountId, User
from keystead.core.accounts.names import names_of_new_person
from keystead.core.accounts.password import PasswordRules, check_new_password
from keystead.core.clock import Clock
from keystead.core.secret import Secret
from keystead.core.sessions.subject import subject_of_user
from keystead.storage import accounts, memberships, sessions, throttle
from keystead.storage import passwords as rows
from keystead.storage.passwords import StoredPassword
from keystead.usecases import changes
from keystead.usecases.accounts import check_may_change, own_id
from keystead.usecases.changes import THE_HOST, Target
from keystead.usecases.password_hasher import PasswordHasher
from keystead.usecases.sessions import SessionKeeper, replace_value
from keystead.usecases.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Passwords:
    """Opens its own transactions: a hash takes long, and nobody should wait for a lock meanwhile."""

    read: Transaction
    write: Transaction
    hasher: PasswordHasher
    rules: PasswordRules
    sessions: SessionKeeper
    clock: Clock

    def hash_for_new_user(self, login: str, email: str, password: Secret) -> StoredPassword:
        """Return what `accounts.create_user` keeps of the password.

        Raises LoginMissing, PasswordTooShort, PasswordTooCommon, PasswordTooLong, HashQueueFull.
        """
        names = names_of_new_person(login, email)
        check_new_password(password, self.rules, login=names.login, org_names=(names.email,))
        return self.hasher.hash(password)

    def change_own(self, by: Principal, old: Secret, new: Secret) -> Secret | None:
        """Change the caller's password; their other sessions end, and this one gets the value returned.

        None: the caller came without a session. Raises UserNotFound for keys and tokens, OldPasswordWrong,
        PasswordTooShort, PasswordTooCommon, PasswordTooLong, HashQueueFull.
        """
        account_id = own_id(by)
        with self.read() as db:
            user = accounts.find_user(db, account_id)
            kept = rows.get_password_or_none(db, account_id)
            org_names = names_of_orgs(db, account_id)
        if not self.hasher.is_match(kept, old) or kept is None:
            raise OldPasswordWrong(f"account={account_id}")
        check_new_password(new, self.rules.for_own_change(), login=user.login, org_names=org_names)
        if user.must_change_password and new == old:
            raise PasswordTooCommon
        return self._replace(by, user, kept, self.hasher.hash(new))

    def _replace(
        self, by: Principal, user: User, kept: StoredPassword, made: StoredPassword
    ) -> Secret | None:
        with self.write() as db:
            if not rows.set_password(db, user.id, made, at=self.clock(), before=kept.hash):
                raise OldPasswordWrong(f"account={user.id}: it was changed meanwhile")
            sessions.delete_sessions_of(db, user.id, but=by.session_id)
            cookie = None if by.session_id is None else replace_value(db, by.session_id, self.sessions)
            changes.record(db, by, "user.password", Target("user", user.id, user.login), at=self.clock())
        return cookie

    def replace_first(self, by: Principal, new: Secret) -> Secret | None:
        """Change a first password, which was shown at the sign-in of this session; as `change_own` else.

        Raises UserNotFound, OldPasswordWrong when no change is due, PasswordTooShort, PasswordTooCommon,
        PasswordTooLong, HashQueueFull.
        """
        account_id = own_id(by)
        with self.read() as db:
            user = accounts.find_user(db, account_id)
            kept = rows.get_password_or_none(db, account_id)
            org_names = names_of_orgs(db, account_id)
        if kept is None or not user.must_change_password:
            raise OldPasswordWrong(f"account={account_id}: no change is due")
        check_new_password(new, self.rules.for_own_change(), login=user.login, org_names=org_names)
        if self.hasher.is_match(kept, new):
            raise PasswordTooCommon
        return self._replace(by, user, kept, self.hasher.hash(new))

    def set_for(self, by: Principal, account_id: AccountId, new: Secret) -> None:
        """Set a person's password; their sessions end, and failures in a row are forgotten.

        Raises PermissionMissing, PasswordTooShort, PasswordTooCommon, PasswordTooLong, UserNotFound,
        HashQueueFull.
        """
        with self.read() as db:
            user = accounts.get_user_or_none(db, account_id)
            org_names = names_of_orgs(db, account_id)
        if user is not None:
            check_may_change(by, user, Action.USERS_PASSWORD_WRITE)
        login = "" if user is None else user.login
        check_new_password(new, self.rules, login=login, org_names=org_names)
        if user is None:
            raise UserNotFound(f"account={account_id}")
        made = self.hasher.hash(new)
        with self.write() as db:
            user = accounts.lock_user(db, account_id)
            check_may_change(by, user, Action.USERS_PASSWORD_WRITE)
            rows.set_password(db, account_id, made, at=self.clock())
            sessions.delete_sessions_of(db, account_id)
            throttle.delete_streak(db, subject_of_user(account_id))
            changes.record(db, by, "user.password", Target("user", account_id, user.login), at=self.clock())

    def reset(self, name: str, new: Secret) -> User:
        """Set the password of the person with this login or e-mail, for whoever may open the data folder.

        Their sessions end, and all that throttles them is forgotten. Raises UserNotFound, PasswordTooShort,
        PasswordTooCommon, PasswordTooLong, HashQueueFull.
        """
        with self.read() as db:
            user = accounts.get_user_by_name_or_none(db, name)
            org_names = [] if user is None else names_of_orgs(db, user.id)
        if user is None:
            raise UserNotFound
        check_new_password(new, self.rules, login=user.login, org_names=org_names)
        made = self.hasher.hash(new)
        with self.write() as db:
            user = accounts.lock_user(db, user.id)
            rows.set_password(db, user.id, made, at=self.clock())
            sessions.delete_sessions_of(db, user.id)
            throttle.delete_failures(db, subject_of_user(user.id))
            target = Target("user", user.id, user.login)
            changes.record(db, THE_HOST, "user.password", target, at=self.clock())
        return user


def names_of_orgs(db: Connection, account_id: AccountId) -> list[str]:
    return [org.name for org in memberships.list_orgs_of(db, account_id)]
