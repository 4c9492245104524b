"""Rows of a form that tell permissions, in words."""

from collections.abc import Mapping

from keystead.core.access.permission import MAX_ACTION_LENGTH, MAX_SCOPE_LENGTH
from keystead.web.forms import Form, Refused
from keystead.web.role_forms import rows_in
from keystead.web.views.fields import Field
from keystead.web.views.permission_fields import PermissionFields


def permission_rows(typed: Form, refused: Refused) -> tuple[PermissionFields, ...]:
    """Return the rows of a form, at least one; the first marked one has the focus, if no field before has."""
    messages = refused.messages
    marked = next(iter(messages), "")
    return tuple(
        PermissionFields(
            n + 1,
            _permission_field(f"action-{n}", f"Action {n + 1}", action, messages, marked),
            _permission_field(f"scope-{n}", f"Scope {n + 1}", scope, messages, marked),
        )
        for n, (action, scope) in enumerate(rows_in(typed) or [("", "")])
    )


def _permission_field(id_: str, label: str, value: str, messages: Mapping[str, str], marked: str) -> Field:
    is_scope = id_.startswith("scope")
    return Field(
        id=id_,
        name=id_,
        label=label,
        value=value,
        error=messages.get(id_, ""),
        placeholder="teams:*" if is_scope else "teams:read",
        max_length=MAX_SCOPE_LENGTH if is_scope else MAX_ACTION_LENGTH,
        is_required=False,
        is_focused=id_ == marked,
    )
