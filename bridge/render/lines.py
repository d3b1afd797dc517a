"""Time as a line of straight pieces: beats against seconds, under a tempo map or warp markers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from bridge.model import TempoPoint, WarpMarker


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
    """Beats to seconds, 0 at beat 0; the map needs at least one tempo, which extends backwards."""
    points = list({point.beat: point for point in sorted(tempo_map, key=lambda point: point.beat)}.values())
    xs = (*(point.beat for point in points), points[-1].beat + 1)
    lengths = [(end - start) * 60 / point.bpm for point, (start, end) in zip(points, pairwise(xs), strict=True)]
    line = Line(xs, tuple(accumulate(lengths, initial=0.0)))
    zero = line.at(0.0)
    return Line(xs, tuple(y - zero for y in line.ys))


def marker_line(markers: Sequence[WarpMarker], bpm: float) -> Line:
    """Beats to seconds of the file; a single marker goes on at `bpm` on both sides."""
    xs = tuple(marker.beat for marker in markers)
    ys = tuple(marker.seconds for marker in markers)
    return Line(xs, ys) if len(xs) > 1 else Line((xs[0], xs[0] + 1), (ys[0], ys[0] + 60 / bpm))


def straightened(points: Sequence[tuple[float, float]], slack: float) -> list[tuple[float, float]]:
    """Leave out the points that a straight piece passes within `slack` of, in y."""
    kept = [points[0]]
    last, low, high = points[0], float("-inf"), float("inf")
    for point in points[1:]:
        run, rise = point[0] - kept[-1][0], point[1] - kept[-1][1]
        if not low <= rise / run <= high:
            kept.append(last)
            low, high = float("-inf"), float("inf")
            run, rise = point[0] - last[0], point[1] - last[1]
        low, high = max(low, (rise - slack) / run), min(high, (rise + slack) / run)
        last = point
    return [*kept, last] if len(points) > 1 else kept


def _read(xs: tuple[float, ...], ys: tuple[float, ...], x: float) -> float:
    place = min(max(bisect_right(xs, x), 1), len(xs) - 1)
    x0, x1, y0, y1 = xs[place - 1], xs[place], ys[place - 1], ys[place]
    return y0 + (x - x0) * (y1 - y0) / (x1 - x0)
