from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from keystead.core.access.principal import Origin
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.usage.buffer import UseBuffer
from keystead.core.usage.model import Outcome, hour_of

EVENTS = st.lists(
    st.tuples(
        st.integers(1, 5).map(CredentialId), st.sampled_from(Outcome), st.integers(0, 20_000).map(UnixSeconds)
    )
)


@given(EVENTS, st.integers(1, 4), st.integers(1, 3), st.integers(0, 3))
def test_every_use_is_counted_once_or_dropped_and_told(
    events: list[tuple[CredentialId, Outcome, UnixSeconds]], room: int, batch_size: int, put_back: int
) -> None:
    buffer = UseBuffer(room)
    for credential, outcome, at in events:
        buffer.count_use(credential, outcome, at, Origin())
    buffer.put_back(buffer.take(put_back))
    counted: Counter[tuple[CredentialId, UnixSeconds, Outcome]] = Counter()
    while batch := buffer.take(batch_size):
        for credential, uses in batch.items():
            counted.update({(credential, *hour): count for hour, count in uses.hours.items()})
            assert uses.last is not None
            assert uses.last.at == max(at for who, _, at in events if who == credential)
    expected = Counter((credential, hour_of(at), outcome) for credential, outcome, at in events)
    assert counted <= expected
    assert counted.total() + buffer.dropped == len(events)
