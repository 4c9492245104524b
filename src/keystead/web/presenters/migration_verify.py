"""Whether a migration worked, in words: which tokens are used, and who still calls the old routes."""

from collections.abc import Sequence
from dataclasses import replace

from keystead.core.access.principal import Principal, PrincipalKind
from keystead.core.migration.migrated import MigratedKey
from keystead.core.migration.revert import obstacle_of
from keystead.core.usage.old_api import Caller, Calls
from keystead.usecases.migrated import FoundMigrated
from keystead.web.migration_search import MigrationSearch, Step
from keystead.web.presenters.frame import Viewer
from keystead.web.presenters.migration_cards import obstacle_words
from keystead.web.presenters.parts import LAG_S, lag_words, pager_of
from keystead.web.times import moment
from keystead.web.views.frame import Link
from keystead.web.views.migration import CallerRow, Callers, Migrated, MigratedRow
from keystead.web.views.parts import Action, Badge
from keystead.web.wording import counted, thousands

CALLERS_SHOWN = 50
_REVERT = "Revert to API key"
_KINDS = {PrincipalKind.API_KEY: "API key", PrincipalKind.SERVICE_ACCOUNT: "Service account"}


def migrated_of(viewer: Viewer, by: Principal, found: FoundMigrated, search: MigrationSearch) -> Migrated:
    links = viewer.links
    asked = replace(search, step=Step.VERIFY)
    unseen = f". {thousands(found.counts.unseen)} not seen yet" if found.counts.unseen else ""
    return Migrated(
        rows=tuple(_row(viewer, by, one) for one in found.cut.rows),
        count=f"{counted(found.counts.all, 'migrated API key')}{unseen}",
        nothing=f'No API keys match "{search.query}".' if search.query else "No API key has been migrated.",
        clear_url=links.migration(MigrationSearch(Step.VERIFY).pairs) if search.query else "",
        lag=lag_words(LAG_S),
        pager=pager_of(
            lambda after, before: links.migration(asked.at(after=after, before=before).pairs),
            found.cut.before,
            found.cut.after,
        ),
    )


def callers_of(viewer: Viewer, found: Sequence[tuple[Caller, Calls]]) -> Callers:
    """Return who still calls the routes of API keys; one more than are shown tells that there are more."""
    is_more = len(found) > CALLERS_SHOWN
    return Callers(
        rows=tuple(_caller(viewer, caller, calls) for caller, calls in found[:CALLERS_SHOWN]),
        more=f"The last {CALLERS_SHOWN}; there are more." if is_more else "",
        lag=lag_words(LAG_S),
    )


def _row(viewer: Viewer, by: Principal, one: MigratedKey) -> MigratedRow:
    candidate, links = one.candidate, viewer.links
    account = candidate.account
    back = links.migration((("step", Step.VERIFY),))
    window = links.token(account.id, one.key, "confirm/revert", (("back", back),))
    reason = obstacle_words(obstacle_of(candidate, by.role))
    may_delete = by.grants.allows("serviceaccounts:delete", f"serviceaccounts:id:{account.id}")
    return MigratedRow(
        name=one.name,
        account=Link(account.name, links.service_account(account.id)),
        role=account.role or "",
        checks=_checks(viewer, one),
        revert=Action(_REVERT, window, reason, name=f"{_REVERT}: {one.name}") if may_delete else None,
    )


def _checks(viewer: Viewer, one: MigratedKey) -> tuple[Badge, ...]:
    """The secret is the same by the way a key is migrated: its row only changes its owner."""
    was, used_at = one.candidate.stored_role, one.last_used_at
    is_seen = one.was_used_since and used_at is not None
    return (
        Badge("ok", "Role equal") if one.is_role_equal else Badge("warn", f"Role was {was}"),
        Badge("ok", "Same secret"),
        Badge("ok", "Used since", moment(used_at, viewer.now, viewer.zone))
        if is_seen and used_at is not None
        else Badge("warn", "Not seen yet"),
    )


def _caller(viewer: Viewer, caller: Caller, calls: Calls) -> CallerRow:
    return CallerRow(
        name=calls.name,
        kind=_KINDS.get(caller.kind, "User"),
        request=f"{caller.method} {caller.route}",
        count=thousands(calls.count),
        last=moment(calls.last_at, viewer.now, viewer.zone),
        place=", ".join(part for part in (calls.last_from, calls.last_agent) if part),
    )
