"""The forms of teams: to typed bodies, or to a message for each field."""

from dataclasses import dataclass

from keystead.core.accounts.model import AccountId
from keystead.core.errors import KeysteadError
from keystead.core.path_id import parse_path_id
from keystead.core.teams.errors import TeamMemberExists, TeamMemberForeign, TeamNameTaken
from keystead.core.teams.model import TeamLevel
from keystead.web.forms import Form, Refused, plain_text_message, text_message


@dataclass(frozen=True, slots=True)
class TeamAsked:
    name: str
    email: str  # "": none


@dataclass(frozen=True, slots=True)
class MemberAsked:
    account: AccountId
    level: TeamLevel


def read_team(form: Form) -> TeamAsked | Refused:
    """That the name is free is the use case's to tell."""
    messages = {
        "name": text_message("Team name", form.typed("name")),
        "email": plain_text_message("Email", form.typed("email")),
    }
    told = {name: message for name, message in messages.items() if message}
    return Refused(told) if told else TeamAsked(form.text("name"), form.text("email"))


def team_refused_by(error: KeysteadError) -> Refused | None:
    """Return the message at its field; None: it belongs to none."""
    return Refused({"name": error.message}) if isinstance(error, TeamNameTaken) else None


def read_member(form: Form) -> MemberAsked | Refused:
    account, level = parse_path_id(form.typed("person")), read_level(form)
    if account is None:
        return Refused({"person": "Choose a person"})
    return Refused({"person": "Choose a level"}) if level is None else MemberAsked(AccountId(account), level)


def read_level(form: Form) -> TeamLevel | None:
    level = form.typed("level")
    return TeamLevel(level) if level in set(TeamLevel) else None


def member_refused_by(error: KeysteadError) -> Refused | None:
    """Return the message at its field; None: it belongs to none."""
    if isinstance(error, TeamMemberExists):
        return Refused({"person": error.message})
    if isinstance(error, TeamMemberForeign):
        return Refused({"person": "That person no longer belongs to this organization."})
    return None
