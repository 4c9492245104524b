"""Words that depend on a number, and letters that stand for a name."""

_COUNTED_UP_TO = 10_000


def thousands(count: int) -> str:
    return f"{count:,}"


def plural(count: int, singular: str) -> str:
    """Return the number with its noun: `1 day`, `1,200 API keys`."""
    return f"{thousands(count)} {singular}" if count == 1 else f"{thousands(count)} {singular}s"


def counted(count: int, singular: str) -> str:
    """Return a count as lists tell it: exact to 10,000, since no query counts further."""
    return f"more than 10,000 {singular}s" if count > _COUNTED_UP_TO else plural(count, singular)


def shown_and_hidden(shown: int, hidden_expired: int) -> str:
    """Return the line below the list of API keys."""
    line = counted(shown, "API key")
    if not hidden_expired:
        return line
    hidden = "more than 10,000" if hidden_expired > _COUNTED_UP_TO else thousands(hidden_expired)
    return f"{line}. {hidden} expired not shown"


def days_left(seconds: int) -> int:
    """Return whole days, rounded up: under 24 hours is one day."""
    return -(-seconds // 86_400)


def initials(name: str, login: str) -> str:
    """Return up to two letters: of the first and the last word of the name, else of the login."""
    words = next(filter(None, (_words(text) for text in (name, login))), [])
    letters = [word[0] for word in (words[:1] + words[1:][-1:])]
    return "".join(letters).upper()[:2] or "?"


def _words(text: str) -> list[str]:
    return [word for word in text.split() if word[0].isalnum()]
