"""What a scan finds."""

from typing import NamedTuple


class Finding(NamedTuple):
    line: int  # from 1
    rule: str  # id of a rule
    code: str  # the line as it stands, shortened
    instead: str


class Found(NamedTuple):
    row: int  # of the file, from 0
    rule: str
