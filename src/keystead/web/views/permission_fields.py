"""Rows of a form that tell permissions."""

from dataclasses import dataclass

from keystead.web.views.fields import Field


@dataclass(frozen=True, slots=True)
class PermissionFields:
    """One row of a form: an action on a scope."""

    number: int  # from 1
    action: Field
    scope: Field
