"""Tempo maps: from beats to seconds and back, under a tempo that changes in steps."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from bridge.model import Song, TempoPoint


class Line(NamedTuple):
    """A rising line through two or more points; beyond them it goes on as steep as its end pieces."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]

    def at(self, x: float) -> float:
        """The y of an x."""
        return _read(self.xs, self.ys, x)

    def inverse(self, y: float) -> float:
        """The x of a y."""
        return _read(self.ys, self.xs, y)


def tempo_line(tempo_map: Sequence[TempoPoint]) -> Line:
    """Beats to seconds, 0 at beat 0: the map's integral; its first tempo extends backwards.

    Raises:
        ValueError: the map is empty, so there is no tempo.
    """
    if not tempo_map:
        raise ValueError("a tempo map needs at least one tempo")
    points = list({point.beat: point for point in sorted(tempo_map, key=lambda point: point.beat)}.values())
    xs = (*(point.beat for point in points), points[-1].beat + 1)
    lengths = [(end - start) * 60 / point.bpm for point, (start, end) in zip(points, pairwise(xs), strict=True)]
    line = Line(xs, tuple(accumulate(lengths, initial=0.0)))
    zero = line.at(0.0)
    return Line(xs, tuple(y - zero for y in line.ys))


def seconds_at(tempo_map: Sequence[TempoPoint], beat: float) -> float:
    """Seconds from beat 0 to `beat`, negative before it."""
    return tempo_line(tempo_map).at(beat)


def all_seconds_at(tempo_map: Sequence[TempoPoint], beats: Sequence[float]) -> list[float]:
    """`seconds_at` of many beats at once."""
    line = tempo_line(tempo_map)
    return [line.at(beat) for beat in beats]


def beat_at(tempo_map: Sequence[TempoPoint], seconds: float) -> float:
    """The beat that is reached so many seconds after beat 0: the inverse of `seconds_at`."""
    return tempo_line(tempo_map).inverse(seconds)


def tempo_map_of(song: Song) -> tuple[TempoPoint, ...]:
    """The song's tempo map, made from its tempo where it has none; empty where nobody knows."""
    return song.tempo_map or ((TempoPoint(beat=0.0, bpm=song.bpm),) if song.bpm is not None else ())


def _read(xs: tuple[float, ...], ys: tuple[float, ...], x: float) -> float:
    place = min(max(bisect_right(xs, x), 1), len(xs) - 1)
    x0, x1, y0, y1 = xs[place - 1], xs[place], ys[place - 1], ys[place]
    return y0 + (x - x0) * (y1 - y0) / (x1 - x0)
