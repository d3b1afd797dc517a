"""Bars and bar lines, also where the metre changes."""

from __future__ import annotations

import pytest

from bridge.model import MetrePoint, Song, TimeSignature
from bridge.music.metre import bar_beats, bar_lines, bars_for, beats_of_bars, metre_map_of


def metres(*points: tuple[float, TimeSignature]) -> tuple[MetrePoint, ...]:
    return tuple(MetrePoint(beat=beat, time_signature=signature) for beat, signature in points)


@pytest.mark.parametrize(
    ("signature", "beats"),
    [((4, 4), 4.0), ((7, 8), 3.5), ((3, 2), 6.0), ((6, 8), 3.0), ((5, 16), 1.25), ((1, 64), 1 / 16)],
)
def test_a_bar_holds_so_many_quarter_beats(signature: TimeSignature, beats: float) -> None:
    assert bar_beats(signature) == beats


def test_bar_lines_hold_the_end_only_when_it_is_one() -> None:
    sevens = metres((0, (7, 8)))
    assert bar_lines(sevens, 7.0) == (0.0, 3.5, 7.0)
    assert bar_lines(sevens, 8.0) == (0.0, 3.5, 7.0)


def test_without_a_map_bars_are_of_four() -> None:
    assert bar_lines((), 8.0) == (0.0, 4.0, 8.0)


def test_a_change_of_metre_begins_a_new_bar_where_it_stands() -> None:
    assert bar_lines(metres((0, (4, 4)), (8, (3, 4)), (12.5, (7, 8))), 16.0) == (0.0, 4.0, 8.0, 11.0, 12.5, 16.0)


def test_the_metre_that_holds_at_the_clips_zero_counts_whatever_came_before() -> None:
    assert bar_lines(metres((-16, (3, 4)), (-4, (5, 4))), 10.0) == (0.0, 5.0, 10.0)
    assert bar_lines(metres((6, (3, 4))), 9.0) == (0.0, 3.0, 6.0, 9.0)


def test_the_order_of_the_map_does_not_matter() -> None:
    assert bar_lines(metres((8, (3, 4)), (0, (4, 4))), 11.0) == (0.0, 4.0, 8.0, 11.0)


def test_bars_are_counted_through_changes_of_metre() -> None:
    changing = metres((0, (4, 4)), (4, (7, 8)))
    assert beats_of_bars(3, changing) == 11.0
    assert beats_of_bars(0, changing) == 0.0


@pytest.mark.parametrize(("beats", "bars"), [(0.0, 0), (0.1, 1), (3.5, 1), (3.5 + 1e-7, 1), (3.6, 2), (14.0, 4)])
def test_whole_bars_hold_the_beats(beats: float, bars: int) -> None:
    assert bars_for(beats, metres((0, (7, 8)))) == bars


def test_thousands_of_triplet_beats_gather_no_error() -> None:
    lines = bar_lines(metres((0, (1, 32))), 5000.0)
    assert lines[-1] == 5000.0
    assert len(lines) == 40_001


def test_a_song_without_a_map_has_its_time_signature_throughout() -> None:
    assert metre_map_of(Song(seconds=1, time_signature=(7, 8))) == metres((0, (7, 8)))
    assert metre_map_of(Song(seconds=1, metre_map=metres((0, (3, 4))))) == metres((0, (3, 4)))
