"""The list of API keys and the page of one key, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from keystead.core.access.principal import Principal
from keystead.core.access.roles import Role
from keystead.core.credentials.model import ApiKey, CredentialId, has_expired
from keystead.usecases.credentials import FoundKeys
from keystead.usecases.use_counts import Counted
from keystead.web.links import Links
from keystead.web.presenters.charts import spark_of
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.migration_cards import CLOSED, NOT_MIGRATED, KeysState, card_of, migrate_action
from keystead.web.presenters.parts import badge_of, detailed_use, example_request, lag_words, needed, pager_of
from keystead.web.presenters.usage import Used, usage_of
from keystead.web.searches import KeySearch
from keystead.web.times import moment, relative
from keystead.web.use_search import UseSearch
from keystead.web.views.apikeys import (
    ColumnHead,
    CreatedKey,
    KeyForm,
    KeyPage,
    KeyRow,
    KeysBar,
    KeysPage,
    KeysTable,
)
from keystead.web.views.charts import Spark
from keystead.web.views.frame import Link
from keystead.web.views.parts import Action, Deletion, LastUse
from keystead.web.wording import shown_and_hidden

Daily: TypeAlias = Mapping[CredentialId, Sequence[int]]
_DAY_S = 86_400
_NO_USES: Daily = {}
_USUAL_USE = UseSearch()
_COLUMNS = (("name", "Name"), ("role", "Role"), ("expires", "Expires"), ("lastUsed", "Last used"))


@dataclass(frozen=True, slots=True)
class KeyRights:
    creates: bool
    deletes: bool  # any key; for single ones see `deletable`
    deletable: frozenset[int] = frozenset()
    lag_s: int = 11
    role: Role | None = None  # the reader's: keys above it stay

    def may_delete(self, key: ApiKey) -> bool:
        return self.deletes or key.id in self.deletable


def rights_of(by: Principal, keys: tuple[ApiKey, ...], lag_s: int) -> KeyRights:
    grants = by.grants
    deletable = frozenset(key.id for key in keys if grants.allows("apikeys:delete", f"apikeys:id:{key.id}"))
    return KeyRights(
        grants.holds("apikeys:create"), deletes=False, deletable=deletable, lag_s=lag_s, role=by.role
    )


def keys_page(
    viewer: Viewer,
    found: FoundKeys,
    search: KeySearch,
    rights: KeyRights,
    *,
    form: KeyForm | None = None,
    daily: Daily = _NO_USES,
    state: KeysState = NOT_MIGRATED,
) -> KeysPage:
    """`daily` has the requests of the last 30 days, of the keys that had any.

    A form that cannot be used is left out, and the page says why.
    """
    obstacle = _obstacle(rights, state) if form is not None else ""
    form = None if obstacle else form
    has_errors = form is not None and bool(form.summary)
    bar = KeysBar(
        action_url=viewer.links.api_keys(),
        query=search.query,
        sort=search.sort,
        includes_expired=search.includes_expired or found.has_only_expired,
        is_expired_forced=found.has_only_expired,
    )
    return KeysPage(
        document=document_of(viewer, "API Keys", Place.CONFIGURATION, has_errors=has_errors),
        frame=frame_of(viewer, Place.CONFIGURATION, "API Keys"),
        notice=obstacle,
        card=card_of(viewer, state),
        new_key=_new_key(viewer.links, rights, state, is_open=form is not None),
        bar=bar if found.has_any else None,
        form=form,
        table=keys_table(viewer, found, search, rights, daily) if found.has_any else None,
        is_closed=state.flags.is_migrated,
    )


def keys_table(
    viewer: Viewer, found: FoundKeys, search: KeySearch, rights: KeyRights, daily: Daily = _NO_USES
) -> KeysTable:
    links = viewer.links
    has_filter = bool(search.query) or search.includes_expired
    is_all_deletable = all(rights.may_delete(key) for key in found.keys)
    return KeysTable(
        csrf=viewer.csrf,
        heads=tuple(_head(links, search, column, label) for column, label in _COLUMNS),
        rows=tuple(_row(viewer, key, search, rights, spark_of(daily.get(key.id, ()))) for key in found.keys),
        count=shown_and_hidden(found.shown, found.hidden_expired),
        nothing=f'No API keys match "{search.query}".' if search.query else "No API keys to show.",
        clear_url=links.api_keys() if has_filter else "",
        lag=lag_words(rights.lag_s),
        delete_reason="" if is_all_deletable else needed("apikeys:delete"),
        pager=pager_of(
            lambda after, before: links.api_keys(search.at(after=after, before=before).pairs),
            found.before,
            found.after,
        ),
    )


def created_key(links: Links, key: str) -> CreatedKey:
    """`key` is the revealed secret: this view is for one answer only."""
    return CreatedKey(key, example_request(links, key), links.api_keys())


def key_page(
    viewer: Viewer,
    key: ApiKey,
    rights: KeyRights,
    created_by: str,
    *,
    counted: Counted,
    search: UseSearch = _USUAL_USE,
) -> KeyPage:
    now, zone, links = viewer.now, viewer.zone, viewer.links
    used = Used(counted, key.created_at, key.expires_at)
    return KeyPage(
        document=document_of(viewer, key.name, "API Keys", Place.CONFIGURATION),
        frame=frame_of(viewer, Place.CONFIGURATION, "API Keys"),
        back=Link("API Keys", viewer.links.api_keys()),
        name=key.name,
        role=key.role,
        created=moment(key.created_at, now, zone),
        created_by=created_by,
        expires=None if key.expires_at is None else moment(key.expires_at, now, zone),
        badge=badge_of(key, now),
        is_expired=has_expired(key, now),
        last_use=detailed_use(viewer, key.last_use),
        usage=usage_of(
            viewer,
            used,
            search,
            was_used=key.last_use is not None,
            page=lambda pairs: links.api_key(key.id, pairs),
            csv=lambda pairs: links.api_key_usage(key.id, pairs),
        ),
        migrate=migrate_action(viewer, key.id, key.role, rights.role),
        deletion=_deletion(viewer, key, KeySearch(), rights),
    )


def _new_key(links: Links, rights: KeyRights, state: KeysState, *, is_open: bool) -> Action | None:
    if state.flags.is_migrated:
        return None
    reason = _obstacle(rights, state) or ("The form is open." if is_open else "")
    return Action("New API key", links.adding_api_key(), reason)


def _obstacle(rights: KeyRights, state: KeysState) -> str:
    """Return why the reader can create no key; "" if they can."""
    reasons = (
        (state.flags.is_migrated, CLOSED),
        (not rights.creates, needed("apikeys:create")),
        (state.is_running, "A migration is running."),
    )
    return next((reason for stands, reason in reasons if stands), "")


def _head(links: Links, search: KeySearch, column: str, label: str) -> ColumnHead:
    order = ""
    if column == search.column:
        order = "descending" if search.is_descending else "ascending"
    return ColumnHead(label, links.api_keys(search.by(column).pairs), order)


def _row(viewer: Viewer, key: ApiKey, search: KeySearch, rights: KeyRights, spark: Spark) -> KeyRow:
    now, zone = viewer.now, viewer.zone
    badge = badge_of(key, now)
    return KeyRow(
        name=key.name,
        url=viewer.links.api_key(key.id),
        role=key.role,
        expires=None if key.expires_at is None else moment(key.expires_at, now, zone),
        badge=badge,
        is_gone=badge is not None and badge.kind == "bad",
        last_use=LastUse(None if key.last_use is None else moment(key.last_use.at, now, zone), "Never"),
        spark=spark,
        migrate=migrate_action(
            viewer, key.id, key.role, rights.role, back=viewer.links.api_keys(search.pairs), about=key.name
        ),
        deletion=_deletion(viewer, key, search, rights),
    )


def _deletion(viewer: Viewer, key: ApiKey, search: KeySearch, rights: KeyRights) -> Deletion:
    used_at = None if key.last_use is None else key.last_use.at
    is_recent = used_at is not None and 0 <= viewer.now - used_at < _DAY_S
    return Deletion(
        label=f"Delete API key {key.name}",
        url=viewer.links.delete_api_key(key.id, search.at().pairs),
        recent_use=f"Used {relative(used_at, viewer.now)}" if is_recent and used_at is not None else "",
        reason="" if rights.may_delete(key) else needed("apikeys:delete"),
    )
