"""Text as it is compared: without regard to case, and in a form that every database takes."""

import unicodedata

MAX_NAME_LENGTH = 190  # characters of what people name: keys, tokens, accounts, organizations
_NO_CHARACTER = "\ufdd0"  # Unicode keeps both of these free of any meaning; SQLite takes U+FFFE and U+FFFF
_BETWEEN = "\ufdd1"  # for one and the same, so it is not those


def folded(text: str) -> str:
    """Return what is equal for texts that differ in case or composition only (full Unicode case folding)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def storable(text: str) -> str:
    """Return a text that can be compared with stored ones: nothing stored has a NUL, nor what replaces it."""
    return text.replace("\0", _NO_CHARACTER)


def search_key(*texts: str) -> str:
    """Return one text in which a folded part of any of these is found, and nothing that spans two of them."""
    return _BETWEEN.join(folded(text) for text in texts)


def search_part(query: str) -> str:
    """Return what to look for in a search key; every character stands for itself."""
    return folded(storable(query)).replace(_BETWEEN, _NO_CHARACTER)
