"""Organizations: create, find, change, delete."""

from sqlalchemy import Connection

from keystead.core.access.principal import Principal, PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.clock import Clock
from keystead.core.orgs.errors import OrgIsCurrent, OrgNameTaken, OrgNotFound
from keystead.core.orgs.model import Address, Org, OrgId
from keystead.storage import accounts, memberships
from keystead.storage import orgs as rows
from keystead.usecases import changes
from keystead.usecases.changes import Target
from keystead.usecases.paging import Page


def create_org(db: Connection, by: Principal, *, name: str, clock: Clock) -> OrgId:
    """Make an organization; a person who does so becomes its Admin. Raises OrgNameTaken, UserNotFound."""
    now = clock()
    rows.lock_org_names(db)
    if rows.is_org_name_taken(db, name):
        raise OrgNameTaken
    org = rows.add_org(db, name=name, at=now)
    if by.kind is PrincipalKind.USER:
        creator = accounts.lock_user(db, by.account_id)
        memberships.add_membership(db, org, creator.id, role=Role.ADMIN, at=now)
        if creator.active_org is None:
            accounts.set_active_org(db, creator.id, org)
    changes.record(db, by, "org.create", Target("org", org, name), at=now, org=org)
    return org


def find_org(db: Connection, org: OrgId) -> Org:
    """Raises OrgNotFound."""
    return rows.find_org(db, org)


def find_org_by_name(db: Connection, name: str) -> Org:
    """Return the organization of exactly this name. Raises OrgNotFound."""
    return rows.find_org_by_name(db, name)


def list_orgs(db: Connection, page: Page, *, prefix: str = "", name: str = "") -> list[Org]:
    """Return organizations by name: those that begin with `prefix` in any case, those of exactly `name`."""
    return rows.list_orgs(db, prefix=prefix, name=name, offset=page.offset, limit=page.limit)


def rename_org(db: Connection, by: Principal, org: OrgId, *, name: str, clock: Clock) -> None:
    """Raises OrgNotFound, OrgNameTaken."""
    now = clock()
    rows.lock_org_names(db)
    if not rows.lock_org(db, org):
        raise OrgNotFound(f"{org=}")
    if rows.is_org_name_taken(db, name, but=org):
        raise OrgNameTaken(f"{org=}")
    rows.set_name(db, org, name=name, at=now)
    changes.record(db, by, "org.rename", Target("org", org, name), at=now, org=org)


def change_address(db: Connection, by: Principal, org: OrgId, address: Address, *, clock: Clock) -> None:
    """Take over what is filled in; an empty part keeps what was there, as in Grafana 9.3.2.

    Raises OrgNotFound.
    """
    now = clock()
    if not rows.lock_org(db, org):
        raise OrgNotFound(f"{org=}")
    before = rows.find_org(db, org)
    after = Address(
        address1=address.address1 or before.address.address1,
        address2=address.address2 or before.address.address2,
        city=address.city or before.address.city,
        zip_code=address.zip_code or before.address.zip_code,
        state=address.state or before.address.state,
        country=address.country or before.address.country,
    )
    rows.set_address(db, org, after, at=now)
    changes.record(db, by, "org.address", Target("org", org, before.name), at=now, org=org)


def delete_org(db: Connection, by: Principal, org: OrgId, *, clock: Clock) -> None:
    """Delete an organization with all that lies in it; its people act in another of theirs, or in none.

    Raises OrgIsCurrent for the organization of the request, OrgNotFound.
    """
    if org == by.org:
        raise OrgIsCurrent(f"{org=}")
    if not rows.lock_org(db, org):
        raise OrgNotFound(f"{org=}")
    name = rows.find_org(db, org).name
    accounts.set_other_active_org(db, org)
    memberships.delete_service_accounts(db, org)
    rows.delete_org(db, org)
    changes.record(db, by, "org.delete", Target("org", org, name), at=clock(), org=org)
