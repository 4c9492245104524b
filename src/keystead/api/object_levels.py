"""`/api/access-control/<kind>/<id>`: levels on single objects. Source: Grafana v9.3.2 HTTP API."""

from msgspec import UNSET, Struct, UnsetType, field

from keystead.api.shapes import avatar_url, avatar_url_of_name
from keystead.core.access.errors import HolderUnknown, LevelUnknown, ObjectUnknown
from keystead.core.access.given import managed_role_name
from keystead.core.access.holders import AccountHolder, HeldLevel, Holder, RoleHolder, TeamHolder
from keystead.core.access.levels import OBJECT_KINDS, ObjectKind, level_named
from keystead.core.access.permission import Action, Need
from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.accounts.errors import UserIdInvalid
from keystead.core.accounts.model import AccountId
from keystead.core.teams.errors import TeamIdInvalid
from keystead.core.teams.model import TeamId
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.errors import Retold
from keystead.http.render import Message
from keystead.http.site import Site
from keystead.usecases import object_grants
from keystead.usecases.object_grants import WantedLevel

routes = Routes()


class Assignments(Struct, rename="camel"):
    users: bool
    teams: bool
    built_in_roles: bool


class Description(Struct):
    assignments: Assignments
    permissions: list[str]


class ObjectPermission(Struct, rename="camel", kw_only=True):
    """A level on an object, and who has it; what is absent is not so."""

    id: int
    role_name: str
    is_managed: bool
    is_inherited: bool
    user_id: int | UnsetType = UNSET
    user_login: str | UnsetType = UNSET
    user_avatar_url: str | UnsetType = UNSET
    team: str | UnsetType = UNSET
    team_id: int | UnsetType = UNSET
    team_avatar_url: str | UnsetType = UNSET
    built_in_role: str | UnsetType = UNSET
    actions: list[str]
    permission: str


class SetPermission(Struct):
    permission: str = ""  # a level; empty: none any more


class NamedPermission(Struct, rename="camel"):
    """Of several names the user's counts, then the team's."""

    user_id: int = 0
    team_id: int = 0
    built_in_role: str = ""
    permission: str = ""


class SetPermissions(Struct):
    permissions: list[NamedPermission] = field(default_factory=list)


def declare(kind: ObjectKind) -> None:
    """Declare the routes of all objects of one kind; assignments that the kind does not have are no route."""
    root = f"/api/access-control/{kind.name}"
    one, scope = f"{root}/{{object_id}}", kind.scope_of("{object_id}")
    reads, writes = (Action(f"{kind.name}.permissions:{verb}") for verb in ("read", "write"))
    _declare_reading(kind, root, one, need=reads.on(scope), anywhere=reads.anywhere())
    _declare_setting_many(kind, one, writes.on(scope))
    _declare_setting_for_users(kind, one, writes.on(scope))
    if kind.for_teams:
        _declare_setting_for_teams(kind, one, writes.on(scope))


def _declare_reading(kind: ObjectKind, root: str, one: str, *, need: Need, anywhere: Need) -> None:
    @routes.route("GET", f"{root}/description", needs=anywhere, told=Told(answer=Description))
    def describe_levels(_call: Call[Principal]) -> Description:
        """Tell which levels there are on objects of this kind, and who may be given one."""
        who = Assignments(users=True, teams=kind.for_teams, built_in_roles=kind.for_basic_roles)
        return Description(who, [level.name for level in kind.levels])

    @routes.route("GET", one, needs=need, told=Told(answer=list[ObjectPermission]))
    def list_levels(call: Call[Principal]) -> list[ObjectPermission]:
        """List who has a level on the object: users by login, teams by name, basic roles."""
        with call.deps.read() as db:
            held = object_grants.list_levels(db, call.by, kind, call.path["object_id"])
        return [permission_shape(call.deps.site, kind, one) for one in held]


def _declare_setting_many(kind: ObjectKind, one: str, need: Need) -> None:
    told = Told(answer=Message, answers=_failing("failed to set permissions"))

    @routes.route_with_body("POST", one, needs=need, body=SetPermissions, told=told)
    def set_levels(call: Call[Principal], body: SetPermissions) -> Message:
        """Set the levels of those who are named, all or none; the others keep theirs."""
        wanted = [WantedLevel(_named_holder(entry), entry.permission) for entry in body.permissions]
        _set(call, kind, wanted)
        return Message("Permissions updated")


def _declare_setting_for_users(kind: ObjectKind, one: str, need: Need) -> None:
    answers = {**_failing("failed to set user permission"), UserIdInvalid: (400, "userID is invalid")}

    def holder_of(call: Call[Principal]) -> AccountHolder:
        """Raises UserIdInvalid."""
        return AccountHolder(AccountId(call.id("user_id", UserIdInvalid)))

    @routes.route_with_body(
        "POST",
        f"{one}/users/{{user_id}}",
        needs=need,
        body=SetPermission,
        first=holder_of,
        told=Told(answer=Message, answers=answers),
    )
    def set_level_of_user(call: Call[Principal], body: SetPermission) -> Message:
        """Set the level of a user or a service account; an empty one takes it away."""
        return _set_one(call, kind, holder_of(call), body.permission)


def _declare_setting_for_teams(kind: ObjectKind, one: str, need: Need) -> None:
    answers = {**_failing("failed to set team permission"), TeamIdInvalid: (400, "teamID is invalid")}

    def holder_of(call: Call[Principal]) -> TeamHolder:
        """Raises TeamIdInvalid."""
        return TeamHolder(TeamId(call.id("team_id", TeamIdInvalid)))

    @routes.route_with_body(
        "POST",
        f"{one}/teams/{{team_id}}",
        needs=need,
        body=SetPermission,
        first=holder_of,
        told=Told(answer=Message, answers=answers),
    )
    def set_level_of_team(call: Call[Principal], body: SetPermission) -> Message:
        """Set the level of a team; an empty one takes it away."""
        return _set_one(call, kind, holder_of(call), body.permission)


def _set_one(call: Call[Principal], kind: ObjectKind, holder: Holder, level: str) -> Message:
    _set(call, kind, [WantedLevel(holder, level)])
    return Message("Permission updated" if level else "Permission removed")


def _set(call: Call[Principal], kind: ObjectKind, wanted: list[WantedLevel]) -> None:
    with call.deps.write() as db:
        object_grants.set_levels(db, call.by, kind, call.path["object_id"], wanted, clock=call.deps.clock)


def _named_holder(entry: NamedPermission) -> Holder | None:
    if entry.user_id:
        return AccountHolder(AccountId(entry.user_id))
    if entry.team_id:
        return TeamHolder(TeamId(entry.team_id))
    return RoleHolder(Role(entry.built_in_role)) if entry.built_in_role in set(Role) else None


def _failing(message: str) -> Retold:
    return dict.fromkeys((LevelUnknown, ObjectUnknown, HolderUnknown), (400, message))


def permission_shape(site: Site, kind: ObjectKind, held: HeldLevel) -> ObjectPermission:
    shape = ObjectPermission(
        id=held.id,
        role_name="",
        is_managed=True,
        is_inherited=False,
        actions=list(level_named(kind.name, held.level).actions),
        permission=held.level,
    )
    match held.holder:
        case AccountHolder(id_):
            shape.role_name = managed_role_name(id_, None, None)
            shape.user_id, shape.user_login = id_, held.login
            shape.user_avatar_url = avatar_url(site, held.email or held.login)
        case TeamHolder(id_):
            shape.role_name = managed_role_name(0, id_, None)
            shape.team_id, shape.team = id_, held.name
            shape.team_avatar_url = (
                avatar_url(site, held.email) if held.email else avatar_url_of_name(site, held.name)
            )
        case RoleHolder(role):
            shape.role_name = managed_role_name(0, None, role)
            shape.built_in_role = role.value
    return shape


for _name in ("serviceaccounts", "teams"):
    declare(OBJECT_KINDS[_name])
