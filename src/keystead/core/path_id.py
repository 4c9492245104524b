"""The number that a path member spells: one reading for the permission check and for the handler."""

MAX_INT64 = 2**63 - 1
_MAX_DIGITS = 19


def parse_path_id(text: str) -> int | None:
    """Return the number: an optional sign, then ASCII digits, inside int64. None: it is no such number."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()):
        return None
    magnitude = digits.lstrip("0")
    if len(magnitude) > _MAX_DIGITS:
        return None
    number = int(magnitude or "0") * (-1 if text[0] == "-" else 1)
    return number if -MAX_INT64 - 1 <= number <= MAX_INT64 else None
