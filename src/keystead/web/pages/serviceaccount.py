"""`/org/serviceaccounts/{id}`: one service account, and what is done with it."""

from keystead.core.accounts.errors import ServiceAccountNotFound
from keystead.usecases import serviceaccounts
from keystead.usecases.serviceaccounts import ChangedServiceAccount
from keystead.web.account_forms import read_name
from keystead.web.account_visits import (
    DELETE,
    ONE,
    READ,
    WRITE,
    account_id_of,
    back_pairs,
    back_url,
    check_may_read,
    look_at,
)
from keystead.web.flash import FlashCode
from keystead.web.forms import Form, Refused
from keystead.web.presenters.account_windows import deleting, disabling, name_form
from keystead.web.routes import Answered, Pages
from keystead.web.searches import read_account_search
from keystead.web.visit import GoTo, Visit, links_of

pages = Pages()

_UNPROCESSABLE = 422


@pages.page(ONE, needs=READ)
def show_account(visit: Visit) -> Answered:
    """Show one service account and its tokens."""
    return look_at(visit, account_id_of(visit)).shown()


@pages.page(ONE + "/name", needs=READ)
def edit_name(visit: Visit) -> Answered:
    """Show the field that changes the name."""
    at = look_at(visit, account_id_of(visit))
    return at.shown(name_form=name_form(at.viewer, at.account), reason=at.rights.write)


@pages.form(ONE + "/name", needs=WRITE)
def change_name(visit: Visit, form: Form) -> Answered:
    """Change the name; the ID stays."""
    check_may_read(visit)
    read = read_name(form)
    if isinstance(read, Refused):
        at = look_at(visit, account_id_of(visit))
        return at.shown(name_form=name_form(at.viewer, at.account, form, read), status=_UNPROCESSABLE)
    return _changed(visit, ChangedServiceAccount(name=read))


@pages.page(ONE + "/confirm/disable", needs=READ)
def confirm_disable(visit: Visit) -> Answered:
    """Ask once more before an account is disabled."""
    at = look_at(visit, account_id_of(visit))
    window = disabling(at.viewer, at.account, back_pairs(visit), back_url(visit))
    return at.shown(window, reason=at.rights.write)


@pages.form(ONE + "/disable", needs=WRITE)
def disable_account(visit: Visit, _form: Form) -> Answered:
    """Disable an account: its tokens are refused from now on."""
    return _changed(visit, ChangedServiceAccount(is_disabled=True))


@pages.form(ONE + "/enable", needs=WRITE)
def enable_account(visit: Visit, _form: Form) -> Answered:
    """Enable an account: its tokens work again."""
    return _changed(visit, ChangedServiceAccount(is_disabled=False))


@pages.page(ONE + "/confirm/delete", needs=READ)
def confirm_delete(visit: Visit) -> Answered:
    """Ask once more before an account is deleted."""
    at = look_at(visit, account_id_of(visit))
    window = deleting(at.viewer, at.known.listed, back_pairs(visit), back_url(visit))
    return at.shown(window, reason=at.rights.delete)


@pages.form(ONE + "/delete", needs=DELETE)
def delete_account(visit: Visit, _form: Form) -> Answered:
    """Delete an account with its tokens, and go back to the list."""
    deps = visit.deps
    try:
        with deps.write() as db:
            serviceaccounts.delete_service_account(db, visit.by, account_id_of(visit), clock=deps.clock)
    except ServiceAccountNotFound:
        return gone(visit)
    return GoTo(_list_url(visit), FlashCode.SERVICE_ACCOUNT_DELETED)


def gone(visit: Visit) -> GoTo:
    return GoTo(_list_url(visit), FlashCode.SERVICE_ACCOUNT_GONE)


def _changed(visit: Visit, wanted: ChangedServiceAccount) -> GoTo:
    """Raises PermissionMissing."""
    deps = visit.deps
    try:
        with deps.write() as db:
            serviceaccounts.change_service_account(
                db, visit.by, account_id_of(visit), wanted, clock=deps.clock
            )
    except ServiceAccountNotFound:
        return gone(visit)
    return GoTo(back_url(visit), FlashCode.SERVICE_ACCOUNT_UPDATED)


def _list_url(visit: Visit) -> str:
    """Return the list, as it was if that is where one came from."""
    pairs = read_account_search(visit.query).pairs if visit.query.flag("list") else ()
    return links_of(visit.deps.site).service_accounts(pairs)
