"""`/api/org` and `/api/orgs`: the organizations themselves."""

from typing import Annotated

from msgspec import Meta, Struct

from keystead.api.shapes import Name, page_size
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.core.orgs.errors import OrgIdInvalid, OrgIsCurrent, OrgNameTaken, OrgNotFound
from keystead.core.orgs.model import Address, Org, OrgId
from keystead.http.endpoint import Call, Routes, Told
from keystead.http.errors import Retold
from keystead.http.render import Message
from keystead.usecases import orgs
from keystead.usecases.paging import Page

routes = Routes()

MAX_PART_LENGTH = 190
_Part = Annotated[str, Meta(max_length=MAX_PART_LENGTH)]
_NAME_TAKEN: Retold = {OrgNameTaken: (400, OrgNameTaken.message)}


class OrgName(Struct, kw_only=True):
    name: Name


class AddressShape(Struct, rename="camel", kw_only=True):
    """An empty part keeps what was there before, as in Grafana 9.3."""

    address1: _Part = ""
    address2: _Part = ""
    city: _Part = ""
    zip_code: _Part = ""
    state: _Part = ""
    country: _Part = ""


class OrgShape(Struct):
    id: int
    name: str
    address: AddressShape


class OrgInList(Struct):
    id: int
    name: str


class OrgCreated(Struct, rename="camel"):
    message: str
    org_id: int


@routes.route(
    "GET",
    "/api/org",
    needs=Action.ORGS_READ.anywhere(),
    told=Told(answer=OrgShape, errors=(OrgNotFound,)),
)
def find_current_org(call: Call[Principal]) -> OrgShape:
    """Show the organization of the request."""
    return shown(call, here(call))


@routes.route_with_body(
    "PUT",
    "/api/org",
    needs=Action.ORGS_WRITE.anywhere(),
    body=OrgName,
    told=Told(answer=Message, answers=_NAME_TAKEN, errors=(OrgNotFound,)),
)
def rename_current_org(call: Call[Principal], body: OrgName) -> Message:
    """Rename the organization of the request."""
    return rename(call, here(call), body)


@routes.route_with_body(
    "PUT",
    "/api/org/address",
    needs=Action.ORGS_WRITE.anywhere(),
    body=AddressShape,
    told=Told(answer=Message, errors=(OrgNotFound,)),
)
def set_current_address(call: Call[Principal], body: AddressShape) -> Message:
    """Change the parts of the address that are named."""
    return set_address(call, here(call), body)


@routes.route(
    "GET",
    "/api/orgs",
    needs=Action.ORGS_READ.anywhere().globally(),
    told=Told(answer=list[OrgInList], query={"query": str, "name": str, "page": int, "perpage": int}),
)
def list_orgs(call: Call[Principal]) -> list[OrgInList]:
    """List organizations by name; pages are counted from 0."""
    page = Page(max(0, call.query.number("page")), page_size(call.query))
    with call.deps.read() as db:
        found = orgs.list_orgs(db, page, prefix=call.query.text("query"), name=call.query.text("name"))
    return [OrgInList(org.id, org.name) for org in found]


@routes.route_with_body(
    "POST",
    "/api/orgs",
    needs=Action.ORGS_CREATE.anywhere().globally(),
    body=OrgName,
    told=Told(answer=OrgCreated, errors=(OrgNameTaken,)),
)
def create_org(call: Call[Principal], body: OrgName) -> OrgCreated:
    """Create an organization; a person who does so becomes its Admin."""
    with call.deps.write() as db:
        org = orgs.create_org(db, call.by, name=body.name, clock=call.deps.clock)
    return OrgCreated("Organization created", org)


@routes.route(
    "GET",
    "/api/orgs/name/{name}",
    needs=Action.ORGS_READ.anywhere().globally(),
    told=Told(answer=OrgShape, errors=(OrgNotFound,)),
)
def find_org_by_name(call: Call[Principal]) -> OrgShape:
    """Show the organization of exactly this name."""
    with call.deps.read() as db:
        return to_shape(orgs.find_org_by_name(db, call.path["name"]))


@routes.route(
    "GET",
    "/api/orgs/{org_id}",
    needs=Action.ORGS_READ.anywhere().there("org_id"),
    told=Told(answer=OrgShape, errors=(OrgNotFound,)),
)
def find_org(call: Call[Principal]) -> OrgShape:
    """Show an organization."""
    return shown(call, there(call))


@routes.route_with_body(
    "PUT",
    "/api/orgs/{org_id}",
    needs=Action.ORGS_WRITE.anywhere().there("org_id"),
    body=OrgName,
    told=Told(
        answer=Message,
        answers={**_NAME_TAKEN, OrgNotFound: (404, "Failed to update organization")},
    ),
)
def rename_org(call: Call[Principal], body: OrgName) -> Message:
    """Rename an organization."""
    return rename(call, there(call), body)


@routes.route_with_body(
    "PUT",
    "/api/orgs/{org_id}/address",
    needs=Action.ORGS_WRITE.anywhere().there("org_id"),
    body=AddressShape,
    told=Told(answer=Message, answers={OrgNotFound: (404, "Failed to update org address")}),
)
def set_org_address(call: Call[Principal], body: AddressShape) -> Message:
    """Change the parts of the address that are named."""
    return set_address(call, there(call), body)


@routes.route(
    "DELETE",
    "/api/orgs/{org_id}",
    needs=Action.ORGS_DELETE.anywhere().there("org_id"),
    told=Told(
        answer=Message,
        errors=(OrgIsCurrent,),
        answers={OrgNotFound: (404, "Failed to delete organization. ID not found")},
    ),
)
def delete_org(call: Call[Principal]) -> Message:
    """Delete an organization with everything in it; its people stay."""
    with call.deps.write() as db:
        orgs.delete_org(db, call.by, there(call), clock=call.deps.clock)
    return Message("Organization deleted")


def here(call: Call[Principal]) -> OrgId:
    """Return the organization of the request. Raises OrgNotFound when there is none."""
    if call.by.org is None:
        raise OrgNotFound
    return call.by.org


def there(call: Call[Principal]) -> OrgId:
    """Return the organization that the path names."""
    return OrgId(call.id("org_id", OrgIdInvalid))


def shown(call: Call[Principal], org: OrgId) -> OrgShape:
    with call.deps.read() as db:
        return to_shape(orgs.find_org(db, org))


def rename(call: Call[Principal], org: OrgId, body: OrgName) -> Message:
    with call.deps.write() as db:
        orgs.rename_org(db, call.by, org, name=body.name, clock=call.deps.clock)
    return Message("Organization updated")


def set_address(call: Call[Principal], org: OrgId, body: AddressShape) -> Message:
    address = Address(body.address1, body.address2, body.city, body.zip_code, body.state, body.country)
    with call.deps.write() as db:
        orgs.change_address(db, call.by, org, address, clock=call.deps.clock)
    return Message("Address updated")


def to_shape(org: Org) -> OrgShape:
    at = org.address
    address = AddressShape(
        address1=at.address1,
        address2=at.address2,
        city=at.city,
        zip_code=at.zip_code,
        state=at.state,
        country=at.country,
    )
    return OrgShape(org.id, org.name, address)
