"""The control that chooses roles beside the basic one, in words."""

from itertools import groupby

from keystead.core.access.named_roles import NamedRole
from keystead.core.access.permission import Action
from keystead.core.access.principal import Principal
from keystead.usecases.role_assignments import DELEGATE
from keystead.usecases.serviceaccount_roles import MOST, OfferedRole, OfferedRoles
from keystead.web.presenters.parts import needed
from keystead.web.role_choice_forms import PICK
from keystead.web.views.role_choices import RoleChoice, RoleChoices, RoleGroup
from keystead.web.wording import plural

_TOLD = 3  # actions in a description


def role_choices(
    by: Principal,
    offered: OfferedRoles,
    chosen: frozenset[str],
    *,
    needs: tuple[Action, ...],
    query: str = "",
    is_open: bool = False,
) -> RoleChoices:
    """Return the control; `needs` are the actions without which nothing can be changed."""
    missing = [action for action in needs if not by.grants.allows(action, DELEGATE)]
    reason = needed(missing[0]) if missing else ""

    def choice(one: OfferedRole) -> RoleChoice:
        role = one.role
        return RoleChoice(
            name=f"{PICK}{role.uid}",
            label=role.display_name or role.name,
            description=_description(role),
            is_chosen=role.uid in chosen,
            is_locked=bool(reason) or not one.may_give,
        )

    fixed = sorted(offered.fixed, key=lambda one: (one.role.group, one.role.name))
    return RoleChoices(
        reason=reason,
        groups=tuple(
            RoleGroup(group, tuple(map(choice, ones)))
            for group, ones in groupby(fixed, key=lambda one: one.role.group)
        ),
        custom=tuple(map(choice, offered.custom)),
        more=f"The first {MOST} custom roles. Filter to find others." if offered.has_more else "",
        filter=query,
        chosen=more_roles(len(chosen)),
        is_open=is_open,
    )


def more_roles(count: int) -> str:
    return f"+{plural(count, 'role')}" if count else ""


def locked_in(offered: OfferedRoles, chosen: frozenset[str]) -> frozenset[str]:
    """Return those chosen ones that stay when all are cleared: they are not to be taken away."""
    return frozenset(
        one.role.uid
        for one in (*offered.fixed, *offered.custom)
        if one.role.uid in chosen and not one.may_give
    )


def _description(role: NamedRole) -> str:
    if role.description:
        return role.description
    actions = list(dict.fromkeys(permission.action for permission in role.held))
    more = len(actions) - _TOLD
    return ", ".join(actions[:_TOLD]) + (f" and {more} more" if more > 0 else "")
