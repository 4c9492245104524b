"""The list of roles, and the form that makes or changes one, in words."""

from keystead.core.access.named_roles import HolderCounts, NamedRole
from keystead.core.access.permission import Action as Permitted
from keystead.core.access.principal import Principal
from keystead.usecases.role_assignments import DELEGATE
from keystead.usecases.role_lists import FoundRoles, ListedRole, RoleKind, kind_of
from keystead.web.account_forms import WHOLE
from keystead.web.forms import Form, Refused
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.parts import pager_of
from keystead.web.presenters.permission_rows import permission_rows
from keystead.web.role_forms import RoleSearch, form_of
from keystead.web.views.fields import Field
from keystead.web.views.frame import Choice, Link
from keystead.web.views.roles import RoleFormPage, RoleRow, RolesPage, RolesTable
from keystead.web.wording import counted, plural

TAB = "Roles"
KINDS = {RoleKind.BASIC: "Basic", RoleKind.FIXED: "Fixed", RoleKind.CUSTOM: "Custom"}
_FINE = Refused({})
_ONE_ROW = form_of([], **{"action-0": ""})


def roles_page(viewer: Viewer, by: Principal, found: FoundRoles, search: RoleSearch) -> RolesPage:
    may_add = by.grants.allows(Permitted.ROLES_WRITE, DELEGATE)
    kinds = (("", "All"), *((kind.value, label) for kind, label in KINDS.items()))
    chosen = "" if search.kind is None else search.kind.value
    return RolesPage(
        document=document_of(viewer, TAB, Place.CONFIGURATION),
        frame=frame_of(viewer, Place.CONFIGURATION, TAB),
        action_url=viewer.links.roles(),
        query=search.query,
        kinds=tuple(Choice(value, label, is_chosen=value == chosen) for value, label in kinds),
        add=Link("New role", viewer.links.new_role()) if may_add else None,
        table=roles_table(viewer, found, search),
    )


def roles_table(viewer: Viewer, found: FoundRoles, search: RoleSearch) -> RolesTable:
    links = viewer.links
    return RolesTable(
        rows=tuple(_row(viewer, one) for one in found.roles),
        count=counted(found.count, "role"),
        clear_url=links.roles() if search.query or search.kind else "",
        pager=pager_of(
            lambda after, before: links.roles(search.at(after=after, before=before).pairs),
            found.before,
            found.after,
        ),
    )


def _row(viewer: Viewer, listed: ListedRole) -> RoleRow:
    role = listed.role
    return RoleRow(
        name=role.name,
        url=viewer.links.role(role.uid),
        display_name=role.display_name,
        kind=KINDS[kind_of(role)],
        description=role.description,
        permissions=plural(listed.permissions, "permission"),
        holders=everybody_with(role) or holder_words(listed.holders),
    )


def everybody_with(role: NamedRole) -> str:
    """Return who has a role that comes with the membership; "" for one that is given."""
    if not role.is_basic:
        return ""
    return "Server admins" if role.name == "basic:grafana_admin" else f"Everybody who is {role.display_name}"


def holder_words(counts: HolderCounts) -> str:
    told = (
        (counts.people, "user"),
        (counts.machines, "service account"),
        (counts.teams, "team"),
    )
    return ", ".join(plural(count, noun) for count, noun in told if count) or "Nobody"


def new_role_page(viewer: Viewer, typed: Form = _ONE_ROW, refused: Refused = _FINE) -> RoleFormPage:
    return _form_page(
        viewer,
        typed,
        refused,
        title="New role",
        action_url=viewer.links.new_role(),
        crumbs=(Link(TAB, viewer.links.roles()),),
        button="Create",
    )


def change_role_page(
    viewer: Viewer, role: NamedRole, typed: Form | None = None, refused: Refused = _FINE
) -> RoleFormPage:
    """Return the form with what is stored, or with what was typed; it names the version it began with."""
    links = viewer.links
    stored = form_of(
        role.held,
        name=role.name,
        displayName=role.display_name,
        group=role.group,
        description=role.description,
        version=str(role.version),
    )
    return _form_page(
        viewer,
        stored if typed is None else typed,
        refused,
        title=f"Edit {role.name}",
        action_url=links.role(role.uid, "edit"),
        crumbs=(Link(TAB, links.roles()), Link(role.name, links.role(role.uid))),
        button="Save",
    )


def _form_page(
    viewer: Viewer,
    typed: Form,
    refused: Refused,
    *,
    title: str,
    action_url: str,
    crumbs: tuple[Link, ...],
    button: str,
) -> RoleFormPage:
    messages = refused.messages
    return RoleFormPage(
        document=document_of(viewer, title, TAB, Place.CONFIGURATION, has_errors=bool(messages)),
        frame=frame_of(viewer, Place.CONFIGURATION, TAB),
        csrf=viewer.csrf,
        crumbs=crumbs,
        title=title,
        action_url=action_url,
        cancel_url=crumbs[-1].url,
        summary=messages.get(WHOLE, "The role was not saved. Check the marked fields.") if messages else "",
        version=typed.typed("version"),
        fields=_fields(typed, refused),
        rows=permission_rows(typed, refused),
        button=button,
    )


def _fields(typed: Form, refused: Refused) -> tuple[Field, ...]:
    told = (
        ("name", "Name", "Unique in this organization."),
        ("displayName", "Display name", ""),
        ("group", "Group", "The heading it is listed under."),
        ("description", "Description", ""),
    )
    messages = refused.messages
    focused = next((name for name, _, _ in told if name in messages), "" if messages else "name")
    return tuple(
        Field(
            id=name,
            name=name,
            label=label,
            value=typed.typed(name),
            error=messages.get(name, ""),
            help=help_,
            is_required=name == "name",
            is_focused=name == focused,
        )
        for name, label, help_ in told
    )
