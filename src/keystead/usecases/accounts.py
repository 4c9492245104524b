"""People: create, find, change, disable, delete. What concerns their passwords stands in `passwords`."""

from dataclasses import dataclass

from sqlalchemy import Connection

from keystead.core.access.errors import PermissionMissing
from keystead.core.access.grants import Grants
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal, PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.access.visible import visible_ids
from keystead.core.accounts.errors import LastServerAdmin, LoginTaken, UserExists, UserNotFound
from keystead.core.accounts.model import AccountId, User
from keystead.core.accounts.names import PersonNames, names_of_changed_person, names_of_new_person
from keystead.core.changes.change import Actor
from keystead.core.clock import Clock, UnixSeconds
from keystead.core.orgs.errors import OrgNameTaken, OrgNotFound, OrgNotOwn
from keystead.core.orgs.model import OrgId
from keystead.core.sessions.subject import subject_of_user
from keystead.storage import accounts as rows
from keystead.storage import memberships, orgs, sessions, throttle
from keystead.storage.passwords import StoredPassword
from keystead.storage.people_filter import PeopleFilter
from keystead.usecases import changes
from keystead.usecases.changes import Target
from keystead.usecases.paging import Listed, Page

_ACTIVE_S = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class JoinRules:
    """The slice of the settings that says where new people belong."""

    auto_assign_org: bool  # False: each gets an organization of their own
    org: OrgId
    role: Role


@dataclass(frozen=True, slots=True)
class NewUser:
    """Login and e-mail as they were sent; one of them may be empty."""

    login: str
    email: str
    name: str
    password: StoredPassword | None  # None: cannot sign in yet


@dataclass(frozen=True, slots=True)
class Profile:
    """What someone wants to be called. An empty text keeps what there is, an empty login is the e-mail."""

    login: str = ""
    email: str = ""
    name: str = ""
    theme: str = ""


def find_user(db: Connection, account_id: AccountId) -> User:
    """Raises UserNotFound, also for a service account."""
    return rows.find_user(db, account_id)


def find_user_by_login_or_email(db: Connection, name: str) -> User:
    """Return the person whose login or e-mail is exactly this, in this case. Raises UserNotFound."""
    user = rows.get_user_by_name_or_none(db, name)
    if user is None:
        raise UserNotFound
    return user


def own_id(by: Principal) -> AccountId:
    """Return the caller's account. Raises UserNotFound for whoever is no person."""
    if by.kind is not PrincipalKind.USER:
        raise UserNotFound(f"{by.kind}")
    return by.account_id


def list_users(
    db: Connection, seen_by: Grants, page: Page, *, query: str = "", active_at: UnixSeconds | None = None
) -> Listed[User]:
    """Return the people that somebody with these grants may see, by login, then e-mail.

    `query` is a part of login, e-mail or name, in any case; `active_at` asks for those seen in the 30 days
    before.
    """
    ids = visible_ids(seen_by, Action.USERS_READ, "global.users")
    which = PeopleFilter(
        query,
        None if ids is None else frozenset(map(AccountId, ids)),
        None if active_at is None else UnixSeconds(active_at - _ACTIVE_S),
    )
    users = rows.list_users(db, which, offset=page.offset, limit=page.limit)
    return Listed(users, rows.count_users(db, which))


def create_user(
    db: Connection, by: Principal | Actor, new: NewUser, *, org: OrgId | None, rules: JoinRules, clock: Clock
) -> AccountId:
    """Make a person, who joins `org` or what the rules say, and acts there.

    Raises LoginMissing, OrgNotFound, UserExists; OrgNameTaken where each is to have an organization.
    """
    now = clock()
    names = names_of_new_person(new.login, new.email)
    rows.lock_login_names(db)
    home, role = _home_of(db, names, org, rules, now)
    if rows.list_owners_of_names(db, names):
        raise UserExists
    account_id = rows.add_user(
        db,
        names,
        name=new.name,
        password=new.password,
        is_server_admin=False,
        active_org=home,
        at=now,
    )
    rows.add_login_names(db, account_id, names)
    memberships.add_membership(db, home, account_id, role=role, at=now)
    target = Target("user", account_id, names.login)
    changes.record(db, by, "user.create", target, at=now, detail={"org": home, "role": role})
    return account_id


def _home_of(
    db: Connection, names: PersonNames, org: OrgId | None, rules: JoinRules, at: UnixSeconds
) -> tuple[OrgId, Role]:
    wanted = org or (rules.org if rules.auto_assign_org else None)
    if wanted is not None:
        if not orgs.lock_org(db, wanted):
            raise OrgNotFound(f"org={wanted}")
        return wanted, rules.role
    orgs.lock_org_names(db)
    if orgs.is_org_name_taken(db, names.email):
        raise OrgNameTaken
    return orgs.add_org(db, name=names.email, at=at), Role.ADMIN


def update_user(
    db: Connection, by: Principal, account_id: AccountId, profile: Profile, *, clock: Clock
) -> None:
    """Raises UserNotFound, LoginMissing, LoginTaken, PermissionMissing."""
    now = clock()
    rows.lock_login_names(db)
    user = rows.lock_user(db, account_id)
    check_may_change(by, user, Action.USERS_WRITE)
    before = PersonNames(user.login, user.email)
    names = names_of_changed_person(profile.login, profile.email, before=before)
    if any(owner != account_id for owner in rows.list_owners_of_names(db, names)):
        raise LoginTaken(f"account={account_id}")
    rows.delete_login_names(db, account_id)
    rows.add_login_names(db, account_id, names)
    name, theme = profile.name or user.name, profile.theme or user.preferences.theme
    rows.set_profile(db, account_id, names, name=name, theme=theme, at=now)
    target = Target("user", account_id, names.login)
    changes.record(db, by, "user.update", target, at=now, detail={"login_before": user.login})


def set_server_admin(
    db: Connection, by: Principal | Actor, account_id: AccountId, *, is_server_admin: bool, clock: Clock
) -> None:
    """Give or take the rights of a server admin, which ends the person's sessions.

    Raises PermissionMissing unless the caller is one, UserNotFound, LastServerAdmin.
    """
    now = clock()
    if isinstance(by, Principal) and not by.is_server_admin:
        raise PermissionMissing(Action.USERS_PERMISSIONS_WRITE)
    admins = rows.lock_server_admins(db)
    user = rows.lock_user(db, account_id)
    if user.is_server_admin == is_server_admin:
        return
    if not is_server_admin:
        _check_not_last(admins, user)
    rows.set_server_admin(db, account_id, is_server_admin=is_server_admin, at=now)
    sessions.delete_sessions_of(db, account_id)
    detail = {"is_server_admin": is_server_admin}
    changes.record(db, by, "user.server-admin", Target("user", account_id, user.login), at=now, detail=detail)


def disable_user(db: Connection, by: Principal | Actor, account_id: AccountId, *, clock: Clock) -> None:
    """Let a person in no more, and end their sessions. Nothing happens to one who is disabled already.

    Raises UserNotFound, LastServerAdmin, PermissionMissing.
    """
    now = clock()
    admins = rows.lock_server_admins(db)
    user = rows.lock_user(db, account_id)
    check_may_change(by, user, Action.USERS_DISABLE)
    if user.is_disabled:
        return
    _check_not_last(admins, user)
    rows.set_disabled(db, account_id, is_disabled=True, at=now)
    sessions.delete_sessions_of(db, account_id)
    changes.record(db, by, "user.disable", Target("user", account_id, user.login), at=now)


def enable_user(db: Connection, by: Principal | Actor, account_id: AccountId, *, clock: Clock) -> None:
    """Raises UserNotFound, PermissionMissing."""
    now = clock()
    user = rows.lock_user(db, account_id)
    check_may_change(by, user, Action.USERS_ENABLE)
    if not user.is_disabled:
        return
    rows.set_disabled(db, account_id, is_disabled=False, at=now)
    changes.record(db, by, "user.enable", Target("user", account_id, user.login), at=now)


def delete_user(db: Connection, by: Principal | Actor, account_id: AccountId, *, clock: Clock) -> None:
    """Delete a person with what belongs to them alone; what they made stays.

    Raises UserNotFound, LastServerAdmin, PermissionMissing.
    """
    admins = rows.lock_server_admins(db)
    user = rows.lock_user(db, account_id)
    check_may_change(by, user, Action.USERS_DELETE)
    _check_not_last(admins, user)
    throttle.delete_failures(db, subject_of_user(account_id))
    rows.delete_user(db, account_id)
    changes.record(db, by, "user.delete", Target("user", account_id, user.login), at=clock())


def set_active_org(db: Connection, by: Principal, account_id: AccountId, org: OrgId, *, clock: Clock) -> None:
    """Let a person act in another of their organizations; the caller's own id is `by.account_id`.

    Raises OrgNotOwn for what is not theirs, whoever they are; PermissionMissing.
    """
    orgs.lock_org(db, org)
    user = rows.get_user_or_none(db, account_id)
    if user is None or memberships.get_role_or_none(db, org, account_id) is None:
        raise OrgNotOwn(f"account={account_id} {org=}")
    check_may_change(by, user, Action.USERS_WRITE)
    if user.active_org == org:
        return
    rows.set_active_org(db, account_id, org)
    target = Target("user", account_id, user.login)
    changes.record(db, by, "user.active-org", target, at=clock(), org=org)


def get_help_flags(db: Connection, by: Principal) -> int:
    """Return the hints that the caller has closed, as bits; who is no person has closed none."""
    return rows.get_help_flags(db, by.account_id)


def add_help_flags(db: Connection, by: Principal, flags: int) -> int:
    """Note which hints of the pages the caller closed; return all. Raises UserNotFound."""
    return rows.add_help_flags(db, own_id(by), flags)


def clear_help_flags(db: Connection, by: Principal) -> None:
    """Show the caller all hints again. Raises UserNotFound."""
    rows.set_help_flags(db, own_id(by), 0)


def check_may_change(by: Principal | Actor, user: User, action: Action) -> None:
    """Raises PermissionMissing: a server admin is changed by a server admin, or on the host."""
    if user.is_server_admin and isinstance(by, Principal) and not by.is_server_admin:
        raise PermissionMissing(action)


def _check_not_last(admins: frozenset[AccountId], user: User) -> None:
    if admins == {user.id}:
        raise LastServerAdmin(f"account={user.id}")
