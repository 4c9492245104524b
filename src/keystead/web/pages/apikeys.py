"""`/org/apikeys`: the list of API keys, the form that makes one, and the page of one key."""

from dataclasses import replace

from keystead.core.access.permission import Action
from keystead.core.credentials.errors import ApiKeyNotFound, ApiKeysClosed
from keystead.core.credentials.model import CredentialId
from keystead.core.errors import Denied, KeysteadError
from keystead.core.path_id import parse_path_id
from keystead.core.usage.by_token import UsedBy
from keystead.http.path import RouteUnknown
from keystead.usecases import credentials, migrated, migration, use_counts
from keystead.web.flash import FlashCode
from keystead.web.forms import Form, Refused, read_new_key, refused_by
from keystead.web.presenters.apikeys import created_key, key_page, keys_page, rights_of
from keystead.web.presenters.frame import Viewer
from keystead.web.presenters.key_form import key_form
from keystead.web.presenters.migration_cards import CLOSED, KeysState
from keystead.web.presenters.parts import LAG_S
from keystead.web.presenters.usage import usage_file
from keystead.web.routes import Answered, Pages
from keystead.web.searches import KeySearch, read_key_search
from keystead.web.use_search import read_use_search
from keystead.web.views.apikeys import KeyForm, KeysPage
from keystead.web.visit import GoTo, Shown, Visit, links_of, opens_service_accounts, viewer_of

pages = Pages()

_PATH = "/org/apikeys"
_ONE = "/org/apikeys/{key_id}"
_UNPROCESSABLE, _FORBIDDEN = 422, 403


@pages.page(_PATH, needs=Action.API_KEYS_READ.anywhere())
def list_keys(visit: Visit) -> Answered:
    """Show the keys, and the form when it is asked for."""
    viewer = viewer_of(visit)
    away = elsewhere_or_none(visit, viewer)
    if away is not None:
        return away
    is_adding = visit.query.flag("adding")
    form = key_form(viewer, visit.by.role, visit.deps.keys.limit) if is_adding else None
    page = listed(visit, viewer, read_key_search(visit.query), form)
    return shown(page)


@pages.form(_PATH, needs=Action.API_KEYS_CREATE.anywhere())
def create_key(visit: Visit, form: Form) -> Answered:
    """Make a key and show its secret, in this answer and never again."""
    deps = visit.deps
    read = read_new_key(form, deps.keys.limit)
    if isinstance(read, Refused):
        return again(visit, form, read, _UNPROCESSABLE)
    try:
        with deps.write() as db:
            issued = credentials.create_key(
                db, visit.by, name=read.name, role=read.role, lifetime_s=read.lifetime_s, rules=deps.keys
            )
    except ApiKeysClosed:
        page = listed(visit, viewer_of(visit), KeySearch(), None)
        return shown(replace(page, notice=CLOSED), _FORBIDDEN)
    except KeysteadError as error:
        told = refused_by(error)
        if told is None:
            raise
        return again(visit, form, told, _FORBIDDEN if isinstance(error, Denied) else _UNPROCESSABLE)
    page = listed(visit, viewer_of(visit), KeySearch(), None)
    created = created_key(links_of(deps.site), issued.secret.reveal())
    return Shown(replace(page, dialog=created), has_secret=True)


@pages.page(_ONE, needs=Action.API_KEYS_READ.on("apikeys:id:{key_id}"))
def show_key(visit: Visit) -> Answered:
    """Show one key, and how it is used."""
    deps, key_id, search = visit.deps, key_id_of(visit), read_use_search(visit.query)
    deps.uses.flush()
    with deps.read() as db:
        try:
            key = credentials.find_key(db, visit.by, key_id)
        except ApiKeyNotFound:
            owner = migrated.list_owners(db, visit.by, [key_id]).get(key_id)
            if owner is None:
                raise
            return GoTo(links_of(deps.site).service_account(owner))
        maker = credentials.get_maker_name_or_none(db, visit.by, key_id)
        span = search.span(deps.clock())
        counted = use_counts.count_use(db, visit.by, UsedBy(key_id), span, history=deps.history)
    rights = rights_of(visit.by, (key,), LAG_S)
    page = key_page(viewer_of(visit), key, rights, maker or "", counted=counted, search=search)
    return Shown(page)


@pages.page(_ONE + "/usage/csv", needs=Action.API_KEYS_READ.on("apikeys:id:{key_id}"))
def download_usage(visit: Visit) -> Answered:
    """Send the counts of a key as a file."""
    deps, key_id, search = visit.deps, key_id_of(visit), read_use_search(visit.query)
    span = search.span(deps.clock())
    with deps.read() as db:
        found = use_counts.find_key_usage(db, visit.by, key_id, span, history=deps.history)
    return usage_file(found.buckets, search, span, name=f"usage-key-{key_id}")


@pages.form(_ONE + "/delete", needs=Action.API_KEYS_DELETE.on("apikeys:id:{key_id}"))
def delete_key(visit: Visit, _form: Form) -> Answered:
    """Delete a key, and go back to where the list was."""
    deps = visit.deps
    back = links_of(deps.site).api_keys(read_key_search(visit.query).pairs)
    try:
        with deps.write() as db:
            credentials.delete_key(db, visit.by, key_id_of(visit), clock=deps.clock)
    except ApiKeyNotFound:
        return GoTo(back, FlashCode.API_KEY_GONE)
    return GoTo(back, FlashCode.API_KEY_DELETED)


def key_id_of(visit: Visit) -> CredentialId:
    """Raises RouteUnknown for what is no number."""
    number = parse_path_id(visit.path["key_id"])
    if number is None:
        raise RouteUnknown
    return CredentialId(number)


def elsewhere_or_none(visit: Visit, viewer: Viewer) -> GoTo | None:
    """Return where one is led when the page is hidden, and there is no key that could need it."""
    if not viewer.hides_api_keys:
        return None
    with visit.deps.read() as db:
        if migration.get_flags(db, visit.by).has_keys:
            return None
    links, is_open = links_of(visit.deps.site), opens_service_accounts(visit.by.grants)
    meant = (("orgId", visit.query.text("orgId")),)  # maybe another organization, where it is not hidden
    url = links.service_accounts(meant) if is_open else links.to("/", meant)
    return GoTo(url, FlashCode.API_KEYS_PAGE_HIDDEN)


def listed(visit: Visit, viewer: Viewer, search: KeySearch, form: KeyForm | None) -> KeysPage:
    deps = visit.deps
    deps.uses.flush()
    with deps.read() as db:
        flags, job = migration.get_standing(db, visit.by)
        state = KeysState(flags, job, migrated.reaches_all(db, visit.by))
        found = credentials.list_key_page(db, visit.by, search.asked, clock=deps.clock)
        daily = use_counts.list_daily(db, visit.by, (key.id for key in found.keys), now=viewer.now)
    rights = rights_of(visit.by, found.keys, LAG_S)
    return keys_page(viewer, found, search, rights, form=form, daily=daily, state=state)


def again(visit: Visit, form: Form, refused: Refused, status: int) -> Answered:
    viewer = viewer_of(visit)
    filled = key_form(viewer, visit.by.role, visit.deps.keys.limit, form, refused)
    page = listed(visit, viewer, KeySearch(), filled)
    return shown(page, _FORBIDDEN if page.is_closed else status)


def shown(page: KeysPage, status: int = 200) -> Shown:
    return Shown(page, {} if page.table is None else {"keys": page.table}, status)
