from hypothesis import given
from hypothesis import strategies as st

from keystead.core.changes.chain import GENESIS, first_break, hash_of
from keystead.core.changes.change import Change
from tests.core.makers import a_change

DETAILS = st.dictionaries(
    st.text(max_size=5), st.none() | st.booleans() | st.integers() | st.text(max_size=5), max_size=3
)
LOGS = st.lists(
    st.builds(a_change, st.integers(1, 9), target_name=st.text(max_size=5), detail=DETAILS), min_size=1
)


def chained(changes: list[Change]) -> list[tuple[Change, bytes]]:
    rows: list[tuple[Change, bytes]] = []
    previous = GENESIS
    for change in changes:
        previous = hash_of(previous, change)
        rows.append((change, previous))
    return rows


@given(LOGS)
def test_an_untouched_chain_holds(changes: list[Change]) -> None:
    assert first_break(chained(changes)) is None


@given(LOGS, st.data())
def test_a_chain_breaks_at_the_first_hash_that_was_altered(
    changes: list[Change], data: st.DataObject
) -> None:
    rows = chained(changes)
    place = data.draw(st.integers(0, len(rows) - 1))
    rows[place] = (rows[place][0], bytes(32))
    assert first_break(rows) == rows[place][0].id
