from types import MappingProxyType

import pytest

from keystead.core.changes.chain import GENESIS, Link, canonical, first_break, follows, hash_of
from keystead.core.changes.change import Change
from tests.core.makers import a_change


def chained(changes: list[Change]) -> list[tuple[Change, bytes]]:
    rows: list[tuple[Change, bytes]] = []
    for change in changes:
        rows.append((change, hash_of(rows[-1][1] if rows else GENESIS, change)))
    return rows


@pytest.fixture
def log() -> list[tuple[Change, bytes]]:
    return chained([a_change(id_) for id_ in (1, 2, 3, 4)])


class TestAnEntry:
    def test_has_one_canonical_text(self) -> None:
        detail = MappingProxyType({"role": "Viewer", "expires": None, "é": True, "a": 1})
        assert canonical(a_change(target_name="é", detail=detail)) == (
            b'{"action":"token.issue","actor":{"credential_id":null,"id":1,"kind":"user","login":"admin"},'
            b'"address":"127.0.0.1","at":1700000000,"detail":{"a":1,"expires":null,"role":"Viewer",'
            b'"\\u00e9":true},"id":1,"org":1,"request_id":"r1","result":"success",'
            b'"target":{"id":"7","kind":"token","name":"\\u00e9"}}'
        )


class TestTheChain:
    def test_holds_when_nothing_was_touched(self, log: list[tuple[Change, bytes]]) -> None:
        assert first_break(log) is None
        assert first_break([]) is None

    def test_holds_from_the_middle_with_the_hash_before(self, log: list[tuple[Change, bytes]]) -> None:
        assert first_break(log[2:], previous=log[1][1]) is None

    def test_breaks_where_an_entry_was_altered(self, log: list[tuple[Change, bytes]]) -> None:
        log[1] = (a_change(2, target_name="other"), log[1][1])
        assert first_break(log) == 2

    def test_breaks_after_an_entry_that_was_rewritten_with_its_hash(
        self, log: list[tuple[Change, bytes]]
    ) -> None:
        altered = a_change(2, target_name="other")
        log[1] = (altered, hash_of(log[0][1], altered))
        assert first_break(log) == 3

    def test_breaks_where_an_entry_was_taken_out(self, log: list[tuple[Change, bytes]]) -> None:
        del log[1]
        assert first_break(log) == 3

    def test_breaks_where_two_were_swapped(self, log: list[tuple[Change, bytes]]) -> None:
        log[1], log[2] = log[2], log[1]
        assert first_break(log) == 3


class TestALink:
    def test_follows_from_the_one_before(self, log: list[tuple[Change, bytes]]) -> None:
        (first, hash_), (second, next_) = log[:2]
        assert follows(Link(first.id, first, hash_), GENESIS)
        assert follows(Link(second.id, second, next_), hash_)
        assert not follows(Link(second.id, second, next_), GENESIS)

    def test_that_cannot_be_read_follows_from_nothing(self, log: list[tuple[Change, bytes]]) -> None:
        assert not follows(Link(log[0][0].id, None, log[0][1]), GENESIS)
