"""What can go wrong when the log of changes is read."""

from keystead.core.errors import Invalid


class CursorUnknown(Invalid):
    message = "after must be the next of an earlier answer to the same question"
    message_id = "audit.cursor-unknown"


class MomentInvalid(Invalid):
    message = "from and to must be dates such as 2026-11-22T20:30:00Z"
    message_id = "audit.moment-invalid"
