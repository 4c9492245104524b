"""What can be wrong with a question about the use of credentials."""

from keystead.core.errors import Invalid


class UsageSpanInvalid(Invalid):
    message = (
        "from and to must be times such as 2026-11-22T00:00:00Z, from before to, "
        "and at most 2400 hours or days apart; step must be hour or day"
    )
    message_id = "usage.span-invalid"
