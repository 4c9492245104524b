"""What the forms of the section Permissions say: who, and which level."""

from dataclasses import dataclass

from keystead.core.access.holders import AccountHolder, Holder, RoleHolder, TeamHolder
from keystead.core.accounts.model import AccountId
from keystead.core.path_id import parse_path_id
from keystead.core.teams.model import TeamId
from keystead.http.query import Query
from keystead.web.links import Pairs

USER, TEAM = "user", "team"
LOWEST = "Edit"
MOST = 20  # that a search offers


@dataclass(frozen=True, slots=True)
class HolderSearch:
    """Whom the panel looks for, and the level that was chosen before it came back."""

    kind: str = USER
    query: str = ""
    level: str = LOWEST

    @property
    def pairs(self) -> Pairs:
        return (("for", "" if self.kind == USER else self.kind), ("query", self.query))


def read_holder_search(query: Query, level: str = LOWEST) -> HolderSearch:
    kind = TEAM if query.text("for") == TEAM else USER
    return HolderSearch(kind, query.text("query").strip()[:190], level)


def spelled(holder: Holder) -> str:
    """Return a holder as addresses and forms spell it."""
    match holder:
        case AccountHolder(id_):
            return f"{USER}-{id_}"
        case TeamHolder(id_):
            return f"{TEAM}-{id_}"
        case RoleHolder(role):
            return f"role-{role}"


def get_holder_or_none(text: str) -> Holder | None:
    """Return the account or team that is spelled so."""
    kind, _, id_ = text.partition("-")
    number = parse_path_id(id_)
    if number is None or kind not in {USER, TEAM}:
        return None
    return AccountHolder(AccountId(number)) if kind == USER else TeamHolder(TeamId(number))
