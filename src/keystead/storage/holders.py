"""Who is given something, as columns: an account, a team or a basic role, and nothing in the other two."""

from keystead.core.access.holders import AccountHolder, Holder, RoleHolder, TeamHolder


def column_of(holder: Holder) -> tuple[str, int | str]:
    """Return the column that names the holder, and its value."""
    match holder:
        case AccountHolder(id_):
            return "account_id", id_
        case TeamHolder(id_):
            return "team_id", id_
        case RoleHolder(role):
            return "basic_role", role.value
