"""Lines of straight pieces between a clip's beats and the seconds of its file."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.model import WarpMarker
from bridge.music.tempo import Line


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
