"""Any window of a take holds what the whole take holds there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge.model import MetrePoint
from bridge.render.cut import Cut, passages

METRES = (MetrePoint(beat=0.0, time_signature=(7, 8)), MetrePoint(beat=7.0, time_signature=(4, 4)))
QUARTERS = st.integers(0, 64).map(lambda quarter: quarter / 4)


def beats_heard(cut: Cut, begin: float, end: float, repeat: bool) -> dict[float, float]:
    """For each sixteenth of the take the beat of the clip that sounds there."""
    return {
        passage.at + i / 4: passage.start + i / 4
        for passage in passages(cut, METRES, begin, end, repeat=repeat)
        for i in range(round((passage.end - passage.start) * 4))
    }


@given(
    start=QUARTERS,
    length=st.integers(2, 40).map(lambda quarter: quarter / 4),
    pickup=st.integers(0, 3).map(lambda quarter: quarter / 4),
    loop=st.none() | st.tuples(QUARTERS, st.integers(1, 16).map(lambda quarter: quarter / 4)),
    window=st.tuples(QUARTERS, QUARTERS),
    repeat=st.booleans(),
)
def test_a_window_is_a_piece_of_the_whole(
    start: float,
    length: float,
    pickup: float,
    loop: tuple[float, float] | None,
    window: tuple[float, float],
    repeat: bool,
) -> None:
    end = start + length
    inside = (start + loop[0] % length, min(start + loop[0] % length + loop[1], end)) if loop is not None else None
    cut = Cut(start, end, min(pickup, length - 0.25), inside)
    whole = beats_heard(cut, 0.0, 40.0, repeat)
    begin, stop = sorted(window)
    assert beats_heard(cut, begin, stop, repeat) == {at: beat for at, beat in whole.items() if begin <= at < stop}
    assert all(cut.start <= beat < cut.end for beat in whole.values())
