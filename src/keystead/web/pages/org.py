"""`/org`: what the organization is called, and how it wants pages to look."""

from keystead.core.access.permission import Action, AnyOf
from keystead.core.orgs.errors import OrgNameTaken
from keystead.core.preferences.model import NO_PREFERENCES
from keystead.usecases import orgs, preferences
from keystead.usecases.preferences import ChangedPreferences
from keystead.web.flash import FlashCode
from keystead.web.forms import Form, Refused, text_message
from keystead.web.preference_forms import read_preferences
from keystead.web.presenters.preferences import (
    KnownOrg,
    OrgRights,
    org_page,
    org_rights_of,
    preferences_confirmation,
)
from keystead.web.routes import Answered, Pages
from keystead.web.visit import GoTo, Shown, Visit, links_of, viewer_of

pages = Pages()

_PATH = "/org"
_WRITE_PREFERENCES = Action.ORGS_PREFERENCES_WRITE.anywhere()
_UNPROCESSABLE = 422
_NOTHING = Refused({})


@pages.page(_PATH, needs=AnyOf((Action.ORGS_READ.anywhere(), Action.ORGS_PREFERENCES_READ.anywhere())))
def show_org(visit: Visit) -> Answered:
    """Show the organization's name and preferences."""
    return _shown(visit)


@pages.form(_PATH, needs=Action.ORGS_WRITE.anywhere())
def rename_org(visit: Visit, form: Form) -> Answered:
    """Change what the organization is called."""
    deps = visit.deps
    message = text_message("Organization name", form.typed("name"))
    if not message:
        try:
            with deps.write() as db:
                orgs.rename_org(db, visit.by, visit.by.org_here, name=form.text("name"), clock=deps.clock)
        except OrgNameTaken as error:
            message = error.message
    if message:
        return _shown(visit, form, Refused({"name": message}))
    return GoTo(links_of(deps.site).org(), FlashCode.ORG_UPDATED)


@pages.page(_PATH + "/confirm/preferences", needs=_WRITE_PREFERENCES)
def confirm_preferences(visit: Visit) -> Answered:
    """Ask once more before pages look different to everybody."""
    chosen = {name: visit.query.text(name) for name in ("theme", "timezone", "weekStart")}
    read = read_preferences(Form(chosen))
    return GoTo(links_of(visit.deps.site).org()) if isinstance(read, Refused) else _shown(visit, asking=read)


@pages.form(_PATH + "/preferences", needs=_WRITE_PREFERENCES)
def change_preferences(visit: Visit, form: Form) -> Answered:
    """Choose how pages look to everybody who wants nothing else."""
    deps = visit.deps
    read = read_preferences(form)
    if isinstance(read, Refused):
        return _shown(visit, form, read)
    with deps.write() as db:
        preferences.change_org_preferences(db, visit.by, read, clock=deps.clock)
    return GoTo(links_of(deps.site).org(), FlashCode.PREFERENCES_UPDATED)


def _shown(
    visit: Visit,
    typed: Form | None = None,
    refused: Refused = _NOTHING,
    *,
    asking: ChangedPreferences | None = None,
) -> Answered:
    viewer, rights = viewer_of(visit), org_rights_of(visit.by)
    dialog = None if asking is None else preferences_confirmation(viewer, asking)
    known = known_org(visit, rights)
    page = org_page(viewer, known, rights, typed=typed, refused=refused, dialog=dialog)
    fragments = {} if dialog is None else {"dialog": dialog}
    return Shown(page, fragments, _UNPROCESSABLE if refused.messages else 200)


def known_org(visit: Visit, rights: OrgRights) -> KnownOrg:
    with visit.deps.read() as db:
        name = orgs.find_org(db, visit.by.org_here).name if rights.reads_name else ""
        wanted = NO_PREFERENCES
        if rights.reads_preferences:
            wanted = preferences.find_org_preferences(db, visit.by)
    return KnownOrg(name, wanted)
