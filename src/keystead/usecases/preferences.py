"""How pages look: what somebody wants, what teams and organizations want, and what counts."""

from dataclasses import dataclass

from sqlalchemy import Connection

from keystead.core.access.principal import Principal, PrincipalKind
from keystead.core.accounts.errors import UserNotFound
from keystead.core.accounts.model import AccountId
from keystead.core.clock import Clock
from keystead.core.orgs.errors import OrgNotFound
from keystead.core.orgs.model import OrgId
from keystead.core.preferences.errors import HomeDashboardNotFound
from keystead.core.preferences.model import NO_PREFERENCES, Preferences, parse_theme
from keystead.core.teams.errors import TeamNotFound
from keystead.core.teams.model import TeamId
from keystead.storage import orgs, teams
from keystead.storage import preferences as rows
from keystead.usecases import changes
from keystead.usecases.changes import Detail, Target


@dataclass(frozen=True, slots=True)
class ChangedPreferences:
    """What is to be different; None leaves a wish as it is, "" takes it back."""

    theme: str | None = None
    timezone: str | None = None
    week_start: str | None = None
    locale: str | None = None
    home_dashboard_id: int = 0  # 0: none, and nothing else until there are dashboards
    home_dashboard_uid: str = ""

    def over(self, before: Preferences) -> Preferences:
        return Preferences(
            theme=before.theme if self.theme is None else self.theme,
            timezone=before.timezone if self.timezone is None else self.timezone,
            week_start=before.week_start if self.week_start is None else self.week_start,
            locale=before.locale if self.locale is None else self.locale,
        )


def find_own_preferences(db: Connection, by: Principal) -> Preferences:
    """Return what the caller wants; an API key is nobody, and has what its organization wants."""
    if by.kind is PrincipalKind.API_KEY:
        return rows.get_shared(db, by.org_here)
    return rows.get_own(db, by.account_id)


def change_own_preferences(db: Connection, by: Principal, wanted: ChangedPreferences) -> None:
    """Raises UserNotFound for an API key, ThemeInvalid, HomeDashboardNotFound."""
    if by.kind is PrincipalKind.API_KEY:
        raise UserNotFound
    check(wanted)
    rows.set_own(db, by.account_id, wanted.over(rows.get_own(db, by.account_id)))


def find_org_preferences(db: Connection, by: Principal) -> Preferences:
    """Raises PermissionMissing."""
    return rows.get_shared(db, by.org_here)


def change_org_preferences(
    db: Connection, by: Principal, wanted: ChangedPreferences, *, clock: Clock
) -> None:
    """Raises PermissionMissing, ThemeInvalid, HomeDashboardNotFound, OrgNotFound."""
    org, now = by.org_here, clock()
    check(wanted)
    if not orgs.lock_org(db, org):
        raise OrgNotFound(f"{org=}")
    after = wanted.over(rows.get_shared(db, org))
    rows.delete_shared(db, org)
    rows.add_shared(db, org, after, at=now)
    changes.record(db, by, "org.preferences", Target("org", org), at=now, detail=told(after))


def find_team_preferences(db: Connection, by: Principal, team_id: TeamId) -> Preferences:
    """Return a team's wishes; of a team that is not there none. Raises PermissionMissing."""
    try:
        team = teams.find_team(db, by.org_here, team_id)
    except TeamNotFound:
        return NO_PREFERENCES
    return rows.get_shared(db, team.org, team.id)


def change_team_preferences(
    db: Connection, by: Principal, team_id: TeamId, wanted: ChangedPreferences, *, clock: Clock
) -> None:
    """Raises PermissionMissing, ThemeInvalid, HomeDashboardNotFound, TeamNotFound."""
    org, now = by.org_here, clock()
    check(wanted)
    orgs.lock_org(db, org)
    team = teams.find_team(db, org, team_id)
    after = wanted.over(rows.get_shared(db, org, team_id))
    rows.delete_shared(db, org, team_id)
    rows.add_shared(db, org, after, team_id=team_id, at=now)
    target = Target("team", team_id, team.name)
    changes.record(db, by, "team.preferences", target, at=now, detail=told(after))


def find_defaults(db: Connection, org: OrgId | None, account_id: AccountId) -> Preferences:
    """Return what counts where somebody has no wish: their teams', then the organization's."""
    return NO_PREFERENCES if org is None else rows.get_defaults_of(db, org, account_id)


def check(wanted: ChangedPreferences) -> None:
    """Raises ThemeInvalid, HomeDashboardNotFound."""
    parse_theme(wanted.theme or "")
    if wanted.home_dashboard_id or wanted.home_dashboard_uid:
        raise HomeDashboardNotFound


def told(wanted: Preferences) -> Detail:
    """Return the detail of a change."""
    return {
        "theme": wanted.theme,
        "timezone": wanted.timezone,
        "week_start": wanted.week_start,
        "locale": wanted.locale,
    }
