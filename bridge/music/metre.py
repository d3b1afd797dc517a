"""Metre: how many quarter beats a bar holds, where bar lines lie, also where the metre changes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from bridge.model import MetrePoint, Song, TimeSignature

_FORGIVEN_BEATS = 1e-6


def bar_beats(time_signature: TimeSignature) -> float:
    """Quarter beats in one bar: 7/8 holds 3.5."""
    numerator, denominator = time_signature
    return numerator * 4 / denominator


def bar_lines(metre_map: Sequence[MetrePoint], beats: float) -> tuple[float, ...]:
    """Bar lines from beat 0 to `beats`, in beats; the end is among them only when it is a bar line.

    A change of metre begins a new bar; no map means 4/4.
    """
    lines = []
    for line in _lines(metre_map):
        if line > beats + _FORGIVEN_BEATS:
            break
        lines.append(beats if abs(line - beats) <= _FORGIVEN_BEATS else line)
    return tuple(lines)


def beats_of_bars(bars: int, metre_map: Sequence[MetrePoint]) -> float:
    """Quarter beats of the first so many bars."""
    lines = _lines(metre_map)
    for _ in range(bars):
        next(lines)
    return next(lines)


def bars_for(beats: float, metre_map: Sequence[MetrePoint]) -> int:
    """The number of whole bars that hold so many beats from beat 0, rounded up."""
    for bars, line in enumerate(_lines(metre_map)):
        if line >= beats - _FORGIVEN_BEATS:
            return bars
    raise AssertionError("bar lines never end")


def metre_map_of(song: Song) -> tuple[MetrePoint, ...]:
    """The song's metre map, made from its time signature where it has none."""
    return song.metre_map or (MetrePoint(beat=0.0, time_signature=song.time_signature),)


def _lines(metre_map: Sequence[MetrePoint]) -> Iterator[float]:
    """All bar lines from beat 0, without end."""
    for (start, time_signature), (end, _) in itertools.pairwise([*_metres(metre_map), (math.inf, (4, 4))]):
        length = bar_beats(time_signature)
        bar = 0
        while start + bar * length < end - _FORGIVEN_BEATS:
            yield start + bar * length
            bar += 1


def _metres(metre_map: Sequence[MetrePoint]) -> list[tuple[float, TimeSignature]]:
    """Each metre from the beat where it begins; the first one, or 4/4, from beat 0."""
    ordered = sorted(metre_map, key=lambda point: point.beat)
    at_zero = [point for point in ordered if point.beat <= _FORGIVEN_BEATS][-1:] or ordered[:1]
    first = at_zero[0].time_signature if at_zero else (4, 4)
    later = [(point.beat, point.time_signature) for point in ordered if point.beat > _FORGIVEN_BEATS]
    return [(0.0, first), *later]
