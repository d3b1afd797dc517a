"""Tempo maps: from beats to seconds and back, under a tempo that changes in steps."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Sequence

from bridge.model import Song, TempoPoint


def seconds_at(tempo_map: Sequence[TempoPoint], beat: float) -> float:
    """Seconds from beat 0 to `beat` (negative before it): the map's integral; its first tempo extends backwards.

    Raises:
        ValueError: the map is empty, so there is no tempo.
    """
    return all_seconds_at(tempo_map, [beat])[0]


def all_seconds_at(tempo_map: Sequence[TempoPoint], beats: Sequence[float]) -> list[float]:
    """`seconds_at` of many beats at once."""
    stretches = _stretches(tempo_map)
    lengths = [(end - start) * 60 / bpm for start, end, bpm in stretches]
    begins = [0.0, *itertools.accumulate(lengths)]
    places = [max(bisect.bisect_right(stretches, beat, key=lambda stretch: stretch[0]) - 1, 0) for beat in beats]
    return [
        begins[place] + (beat - stretches[place][0]) * 60 / stretches[place][2]
        for place, beat in zip(places, beats, strict=True)
    ]


def beat_at(tempo_map: Sequence[TempoPoint], seconds: float) -> float:
    """The beat that is reached so many seconds after beat 0: the inverse of `seconds_at`."""
    stretches = _stretches(tempo_map)
    if seconds < 0:
        return seconds * stretches[0][2] / 60
    left = seconds
    for start, end, bpm in stretches:
        length = (end - start) * 60 / bpm
        if left <= length:
            return start + left * bpm / 60
        left -= length
    raise AssertionError("the last tempo never ends")


def tempo_map_of(song: Song) -> tuple[TempoPoint, ...]:
    """The song's tempo map, made from its tempo where it has none; empty where nobody knows."""
    return song.tempo_map or ((TempoPoint(beat=0.0, bpm=song.bpm),) if song.bpm is not None else ())


def _stretches(tempo_map: Sequence[TempoPoint]) -> list[tuple[float, float, float]]:
    """Stretches of one tempo from beat 0 to infinity: (start beat, end beat, bpm)."""
    if not tempo_map:
        raise ValueError("a tempo map needs at least one tempo")
    ordered = sorted(tempo_map, key=lambda point: point.beat)
    at_zero = [point for point in ordered if point.beat <= 0] or ordered
    starts = {0.0: at_zero[-1].bpm if ordered[0].beat <= 0 else ordered[0].bpm}
    starts.update((point.beat, point.bpm) for point in ordered if point.beat > 0)
    edges = [*starts, math.inf]
    return [(start, end, starts[start]) for start, end in itertools.pairwise(edges)]
