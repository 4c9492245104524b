from keystead.core.access.given import NO_ACCOUNT, Subject
from keystead.core.access.holders import RoleHolder
from keystead.core.access.named_roles import SERVER_ROLES, uid_of
from keystead.core.access.roles import Role
from keystead.storage import changes as log
from keystead.storage.engine import Database
from keystead.usecases import role_assignments, roles
from keystead.usecases.grants import grants_of
from tests.makers import NOON, a_principal, an_installation, an_org


def test_a_role_may_be_given_to_a_basic_role(database: Database) -> None:
    creator = SERVER_ROLES[uid_of("fixed:teams:creator")]
    with database.write() as db:
        an_installation(db)
        home = an_org(db)
        by = a_principal(home)
        role_assignments.give(db, by, creator, RoleHolder(Role.VIEWER), org=home, at=NOON)
        assert grants_of(db, Subject(NO_ACCOUNT, home, Role.VIEWER)).holds("teams:create")
        [(change, _hash)] = log.list_changes(db)
        assert change.detail == {"basic_role": "Viewer"}
        role_assignments.take(db, by, creator, RoleHolder(Role.VIEWER), org=home, at=NOON)
        assert not grants_of(db, Subject(NO_ACCOUNT, home, Role.VIEWER)).holds("teams:create")
        assert roles.find_role(db, by, "fixed:teams:creator") == creator
