"""`/org/serviceaccounts/{id}/tokens`: making, renewing and ending the tokens of one service account."""

from dataclasses import replace

from keystead.core.accounts.errors import ServiceAccountNotFound
from keystead.core.clock import frozen_clock
from keystead.core.credentials.errors import (
    TokenAboveOwn,
    TokenDead,
    TokenNotFound,
    TokenNotReplaced,
    TokenReplaced,
)
from keystead.core.credentials.model import Token, is_usable
from keystead.core.credentials.rotation import RotationAsked
from keystead.core.errors import KeysteadError
from keystead.core.secret import Secret
from keystead.usecases import makers, rotation, tokens
from keystead.web.account_forms import (
    read_rotation,
    read_token,
    rotation_refused_by,
    token_refused_by,
)
from keystead.web.account_visits import (
    ONE,
    READ,
    TOKEN,
    WRITE,
    AccountVisit,
    account_id_of,
    back_url,
    calendar_of,
    check_may_read,
    look_at,
    token_id_of,
)
from keystead.web.flash import FlashCode
from keystead.web.forms import Form, Refused
from keystead.web.pages.serviceaccount import gone
from keystead.web.presenters.account_rights import MORE_RIGHTS
from keystead.web.presenters.account_windows import revoking, rotation_window, token_window
from keystead.web.routes import Answered, Pages
from keystead.web.searches import read_token_search
from keystead.web.visit import GoTo, Visit

pages = Pages()

_UNPROCESSABLE, _FORBIDDEN = 422, 403
_TOLD = {
    TokenNotFound: FlashCode.TOKEN_GONE,
    TokenDead: FlashCode.TOKEN_DEAD,
    TokenReplaced: FlashCode.TOKEN_REPLACED,
    TokenNotReplaced: FlashCode.TOKEN_NOT_REPLACED,
}


@pages.page(ONE + "/tokens/create", needs=READ)
def show_form(visit: Visit) -> Answered:
    """Show the window that makes a token."""
    at = look_at(visit, account_id_of(visit))
    window = token_window(at.viewer, at.account, calendar_of(visit, at.viewer))
    return at.shown(window, reason=at.rights.mint)


@pages.form(ONE + "/tokens/create", needs=WRITE)
def create_token(visit: Visit, form: Form) -> Answered:
    """Make a token and show its secret, in this answer and never again."""
    check_may_read(visit)
    at = look_at(visit, account_id_of(visit))
    calendar = calendar_of(visit, at.viewer)
    read = read_token(form, calendar)
    if not isinstance(read, Refused):
        rules = replace(visit.deps.tokens, clock=frozen_clock(calendar.now))
        try:
            with visit.deps.write() as db:
                issued = tokens.create_token(
                    db, visit.by, at.account.id, name=read.name, lifetime_s=read.lifetime_s, rules=rules
                )
        except KeysteadError as error:
            told = token_refused_by(error)
            if told is None:
                return _not_made(at, error)
            read = told
        else:
            return _made(at, issued.secret)
    window = token_window(at.viewer, at.account, calendar, form, read)
    return at.shown(window, status=_UNPROCESSABLE)


@pages.page(TOKEN + "/rotate", needs=READ)
def show_rotation(visit: Visit) -> Answered:
    """Show the window that puts a successor in a token's place."""
    at = look_at(visit, account_id_of(visit))
    token = _find(at)
    window = rotation_window(at.viewer, token, read_token_search(visit.query))
    dead = "" if is_usable(token, at.viewer.now) else "That token is revoked or expired."
    return at.shown(window, reason=at.rights.mint or dead)


@pages.form(TOKEN + "/rotate", needs=WRITE)
def rotate_token(visit: Visit, form: Form) -> Answered:
    """Put a successor in a token's place and show its secret, in this answer and never again."""
    check_may_read(visit)
    at = look_at(visit, account_id_of(visit))
    read = read_rotation(form)
    if not isinstance(read, Refused):
        asked = RotationAsked(read.name, None, read.grace_s)
        try:
            with visit.deps.write() as db:
                rotated = rotation.rotate_token(
                    db, visit.by, at.account.id, token_id_of(visit), asked, rules=visit.deps.tokens
                )
        except KeysteadError as error:
            told = rotation_refused_by(error, visit.deps.tokens.limit)
            if told is None:
                return _not_made(at, error)
            read = told
        else:
            return _made(at, rotated.successor.secret)
    window = rotation_window(at.viewer, _find(at), read_token_search(visit.query), form, read)
    return at.shown(window, status=_UNPROCESSABLE)


@pages.form(TOKEN + "/finish", needs=WRITE)
def finish_rotation(visit: Visit, _form: Form) -> Answered:
    """End a token that has a successor."""
    deps = visit.deps
    try:
        with deps.write() as db:
            rotation.finish_rotation(db, visit.by, account_id_of(visit), token_id_of(visit), clock=deps.clock)
    except KeysteadError as error:
        return _too_late(visit, error)
    return GoTo(back_url(visit), FlashCode.ROTATION_FINISHED)


@pages.page(TOKEN + "/confirm/revoke", needs=READ)
def confirm_revoke(visit: Visit) -> Answered:
    """Ask once more before a token is revoked."""
    at = look_at(visit, account_id_of(visit))
    token = _find(at)
    with visit.deps.read() as db:
        made = makers.count_made(db, visit.by, token.id)
    window = revoking(at.viewer, token, read_token_search(visit.query), made=made)
    return at.shown(window, reason=at.rights.write)


@pages.form(TOKEN + "/revoke", needs=WRITE)
def revoke_token(visit: Visit, form: Form) -> Answered:
    """Revoke a token: it opens nothing from now on, and its row stays."""
    deps, owner, token = visit.deps, account_id_of(visit), token_id_of(visit)
    try:
        with deps.write() as db:
            tokens.revoke_token(
                db, visit.by, owner, token, cascade=bool(form.text("cascade")), clock=deps.clock
            )
    except KeysteadError as error:
        return _too_late(visit, error)
    return GoTo(back_url(visit), FlashCode.TOKEN_REVOKED)


@pages.form(TOKEN + "/delete", needs=WRITE)
def delete_token(visit: Visit, _form: Form) -> Answered:
    """Delete a token: it opens nothing from now on, and its name is free."""
    deps = visit.deps
    try:
        with deps.write() as db:
            tokens.delete_token(db, visit.by, account_id_of(visit), token_id_of(visit), clock=deps.clock)
    except KeysteadError as error:
        return _too_late(visit, error)
    return GoTo(back_url(visit), FlashCode.TOKEN_DELETED)


def _find(at: AccountVisit) -> Token:
    """Raises TokenNotFound."""
    with at.visit.deps.read() as db:
        return tokens.find_token(db, at.visit.by, at.account.id, token_id_of(at.visit))


def _made(at: AccountVisit, secret: Secret) -> Answered:
    """Show the page as it is now, with the new token."""
    return look_at(at.visit, at.account.id).with_secret(secret)


def _not_made(at: AccountVisit, error: KeysteadError) -> Answered:
    if isinstance(error, TokenAboveOwn):
        return at.shown(status=_FORBIDDEN, reason=MORE_RIGHTS)
    return _too_late(at.visit, error)


def _too_late(visit: Visit, error: KeysteadError) -> GoTo:
    """Lead back to where things are as they became meanwhile; raise again what has another cause."""
    if isinstance(error, ServiceAccountNotFound):
        return gone(visit)
    code = _TOLD.get(type(error))
    if code is None:
        raise error
    return GoTo(back_url(visit), code)
