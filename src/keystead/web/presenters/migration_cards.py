"""What API Keys says of the migration, and the windows that ask once more before it."""

from dataclasses import dataclass

from keystead.core.access.roles import Role, reaches
from keystead.core.migration.model import KeyFlags, KeyTotals, Migration
from keystead.core.migration.revert import Obstacle
from keystead.web.presenters.frame import Viewer
from keystead.web.views.frame import Link
from keystead.web.views.migration import Card, MigrationWindow
from keystead.web.views.parts import Action
from keystead.web.views.serviceaccount import Confirmation
from keystead.web.wording import counted, thousands

START = "Migrate to service accounts now"
HIDE = "Hide API keys page forever"
CLOSED = "API keys can no longer be created in this organization. Create a service account token instead."
ALL_ABOVE = "Some keys have a role above yours."
ONE_ABOVE = "This key has a role above yours."
_PREVIEW = "Preview the migration"
_OBSTACLES = {
    Obstacle.NO_TOKEN: "The account has no token.",
    Obstacle.SEVERAL_TOKENS: "The account has more than one token.",
    Obstacle.DISABLED: "Enable the account first.",
    Obstacle.NO_ROLE: "The account has no role.",
    Obstacle.ABOVE_OWN: "This account has a role above yours.",
    Obstacle.CLOSED: CLOSED,
}


@dataclass(frozen=True, slots=True)
class KeysState:
    """What the migration makes of the list of API keys."""

    flags: KeyFlags
    job: Migration | None = None  # the last one
    is_within_reach: bool = True  # the reader's role reaches that of every key

    @property
    def is_running(self) -> bool:
        return self.job is not None and self.job.is_running


NOT_MIGRATED = KeysState(KeyFlags(is_migrated=False, is_hidden=False, has_keys=False))


def card_of(viewer: Viewer, state: KeysState) -> Card | None:
    flags = state.flags
    if state.job is not None and state.job.is_running:
        return card_running(viewer, state.job)
    if flags.is_migrated:
        return card_after(viewer, may_hide=viewer.opens_migration and not flags.is_hidden)
    if flags.has_keys and viewer.opens_migration:
        return card_before(viewer, is_within_reach=state.is_within_reach)
    return None


def migrate_action(
    viewer: Viewer,
    key_id: int,
    role: Role | None,
    own: Role | None,
    *,
    label: str = "Migrate to service account",
    back: str = "",
    about: str = "",
) -> Action | None:
    """Return what migrates one key at once; None: hidden. Without `back` it leads to the account."""
    if not viewer.opens_migration:
        return None
    url = viewer.links.migrate_api_key(key_id, (("back", back),))
    reason = "" if role is not None and reaches(own, role) else ONE_ABOVE
    return Action(label, url, reason, name=f"{label}: {about}" if about else "")


def card_before(viewer: Viewer, *, is_within_reach: bool) -> Card:
    url = viewer.links.about_api_keys("confirm/migrate")
    return Card(
        title="Switch from API keys to service accounts",
        text=(
            "Every API key becomes a service account of its own, with the same role. "
            "The key turns into a token of that account and keeps working."
        ),
        action=Action(START, url, "" if is_within_reach else ALL_ABOVE),
        link=Link(_PREVIEW, viewer.links.migration()),
    )


def card_running(viewer: Viewer, job: Migration) -> Card:
    done = thousands(job.done + job.failed)
    return Card(
        title="Switch from API keys to service accounts",
        text=f"A migration is running: {done} of {thousands(job.total)}.",
        action=None,
        link=Link("Show the progress", viewer.links.migration()) if viewer.opens_migration else None,
    )


def card_after(viewer: Viewer, *, may_hide: bool) -> Card:
    return Card(
        title="All API keys have been migrated",
        text=(
            "Every key works as before. You find it as the token of its service account. "
            "If you like, hide this page for good."
        ),
        action=Action(HIDE, viewer.links.about_api_keys("confirm/hide")) if may_hide else None,
        link=Link("View service accounts page", viewer.links.service_accounts())
        if viewer.opens_service_accounts
        else None,
    )


def migration_window(viewer: Viewer, totals: KeyTotals, cancel_url: str) -> MigrationWindow:
    links = viewer.links
    verb = "is" if totals.active == 1 else "are"
    return MigrationWindow(
        csrf=viewer.csrf,
        keys=counted(totals.all, "API key"),
        org_name=viewer.org_name,
        states=f"{thousands(totals.active)} {verb} active, {thousands(totals.expired)} expired.",
        preview_url=links.migration(),
        help_url=links.help_topic("migrate"),
        action_url=links.about_api_keys("migrate"),
        cancel_url=cancel_url,
    )


def hide_window(viewer: Viewer, cancel_url: str) -> Confirmation:
    return Confirmation(
        csrf=viewer.csrf,
        title=HIDE,
        verb="Hide this page and its menu entry for everyone in",
        name=viewer.org_name,
        what_happens=(
            "? It cannot be brought back from the pages of Keystead. "
            "Tokens and service accounts are not touched."
        ),
        action_url=viewer.links.about_api_keys("hide"),
        button="Yes, hide API keys page",
        cancel_url=cancel_url,
    )


def obstacle_words(obstacle: Obstacle | None) -> str:
    """Return why a token cannot be an API key again; "" if it can."""
    return "" if obstacle is None else _OBSTACLES[obstacle]
