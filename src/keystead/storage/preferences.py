"""Statements about preferences: an account's stand in its row, an organization's and a team's beside it."""

from sqlalchemy import Connection, delete, insert, or_, select, update

from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.core.orgs.model import OrgId
from keystead.core.preferences.model import NO_PREFERENCES, Preferences, layered
from keystead.core.teams.model import TeamId
from keystead.storage.schema import account
from keystead.storage.schema_access import preference, team_member

_a = account.c
_c = preference.c
_WHOLE_ORG = TeamId(0)  # no team
_OWN = (_a.theme, _a.timezone, _a.week_start, _a.locale)
_SHARED = (_c.theme, _c.timezone, _c.week_start, _c.locale)


def get_own(db: Connection, account_id: AccountId) -> Preferences:
    row = db.execute(select(*_OWN).where(_a.id == account_id)).one_or_none()
    return NO_PREFERENCES if row is None else Preferences(*(wish or "" for wish in row))


def set_own(db: Connection, account_id: AccountId, wanted: Preferences) -> None:
    db.execute(
        update(account)
        .where(_a.id == account_id)
        .values(
            theme=wanted.theme,
            timezone=wanted.timezone,
            week_start=wanted.week_start,
            locale=wanted.locale,
        )
    )


def get_shared(db: Connection, org: OrgId, team_id: TeamId = _WHOLE_ORG) -> Preferences:
    """Return a team's preferences, or without one the organization's."""
    row = db.execute(select(*_SHARED).where(_c.org_id == org, _c.team_id == team_id)).one_or_none()
    return NO_PREFERENCES if row is None else Preferences(*row)


def get_defaults_of(db: Connection, org: OrgId, account_id: AccountId) -> Preferences:
    """Return what an account's teams want over what the organization wants; of teams the newest counts."""
    teams = select(team_member.c.team_id).where(
        team_member.c.account_id == account_id, team_member.c.org_id == org
    )
    which = or_(_c.team_id == _WHOLE_ORG, _c.team_id.in_(teams))
    query = select(*_SHARED).where(_c.org_id == org, which).order_by(_c.team_id)
    return layered(Preferences(*row) for row in db.execute(query))


def add_shared(
    db: Connection, org: OrgId, wanted: Preferences, *, team_id: TeamId = _WHOLE_ORG, at: UnixSeconds
) -> None:
    values = {
        "org_id": org,
        "team_id": team_id,
        "theme": wanted.theme,
        "timezone": wanted.timezone,
        "week_start": wanted.week_start,
        "locale": wanted.locale,
        "updated_at": at,
    }
    db.execute(insert(preference).values(values))


def delete_shared(db: Connection, org: OrgId, team_id: TeamId = _WHOLE_ORG) -> None:
    db.execute(delete(preference).where(_c.org_id == org, _c.team_id == team_id))
