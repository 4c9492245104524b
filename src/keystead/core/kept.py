"""What is worth remembering, as long as there is room."""

from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """A memory of bounded size: when it is full, all is forgotten, which costs one fresh answer for each."""

    def __init__(self, room: int) -> None:
        """`room` is the sum of all weights that are kept at once."""
        self._room = room
        self._used = 0
        self._kept: dict[Key, Value] = {}

    def get_or_none(self, key: Key) -> Value | None:
        return self._kept.get(key)

    def keep(self, key: Key, value: Value, weight: int = 1) -> None:
        """Remember it, unless it alone is heavier than all that may be kept."""
        if self._used + weight > self._room:
            self.forget()
        if weight <= self._room:
            self._kept[key] = value
            self._used += weight

    def forget(self) -> None:
        self._kept.clear()
        self._used = 0

    def __len__(self) -> int:
        return len(self._kept)
