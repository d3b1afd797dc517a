"""Tempo curves and metres as project files keep them, made into maps of steps that start at beat 0."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple, cast

from bridge.model import FASTEST_BPM, SLOWEST_BPM, MetrePoint, TempoPoint, TimeSignature
from bridge.projects.strange import MAX_EVENTS, StrangeFile

_STEPS_A_BEAT = 4
_MAX_POINTS = 20_000
LATEST_BEAT = 1e6
_DENOMINATORS = frozenset({1, 2, 4, 8, 16, 32, 64})
_MAX_NUMERATOR = 99
_HALVINGS = 40
_BEAT_PLACES = 6


class Bend(NamedTuple):
    """The two inner points of a cubic Bézier from (0, 0) to (1, 1): across in time, up in value."""

    x1: float
    y1: float
    x2: float
    y2: float


STRAIGHT = Bend(0.5, 0.5, 0.5, 0.5)


class TempoEvent(NamedTuple):
    """A tempo that is reached at a place (in beats, or in seconds), and how it goes on to the next: None holds it."""

    at: float
    bpm: float
    bend: Bend | None = None


class _Piece(NamedTuple):
    """Beats over which the tempo goes from one value to another; `bpm` tells it at a part of the way from 0 to 1."""

    start: float
    beats: float
    bpm: Callable[[float], float]
    mean: Callable[[float, float], float]


def tempo_by_beats(events: Sequence[TempoEvent]) -> tuple[TempoPoint, ...]:
    """The map of events that lie in beats; empty where one of them can be no tempo. Ramps become steps of ¼ beat.

    The integral of the steps is the ramp's own at the end of each.
    """
    points = _from_zero(events)
    return _stepped([_piece_over_beats(left, right) for left, right in pairwise(points)], points)


def tempo_by_seconds(events: Sequence[TempoEvent]) -> tuple[TempoPoint, ...]:
    """The map of events that lie in seconds, where a ramp is straight over time; empty where one can be no tempo."""
    points = _from_zero(events)
    pieces: list[_Piece] = []
    beat = 0.0
    placed = points[:1]
    for left, right in pairwise(points):
        end = right.bpm if left.bend is not None else left.bpm
        beats = (right.at - left.at) * (left.bpm + end) / 120
        pieces.append(_Piece(beat, beats, _straight_over_time(left.bpm, end), _middle))
        beat += beats
        placed.append(right._replace(at=beat))
    return _stepped(pieces, placed)


def metre_map(events: Iterable[tuple[float, int, int]]) -> tuple[MetrePoint, ...]:
    """The map of beat, numerator and denominator; empty where one of them can be no metre."""
    ordered = sorted(events, key=lambda event: event[0])
    if not ordered or not all(math.isfinite(beat) and is_metre(above, below) for beat, above, below in ordered):
        return ()
    found: dict[float, TimeSignature] = {}
    for beat, above, below in ordered:
        found[max(round(beat, _BEAT_PLACES), 0.0)] = _signature(above, below)
    first = ordered[0]
    found.setdefault(0.0, _signature(first[1], first[2]))
    points = sorted(found.items())[:MAX_EVENTS]
    changes = [points[0], *(right for left, right in pairwise(points) if left[1] != right[1])]
    return tuple(MetrePoint(beat=beat, time_signature=signature) for beat, signature in changes)


def is_tempo(bpm: float) -> bool:
    """Whether that can be meant as a tempo."""
    return math.isfinite(bpm) and SLOWEST_BPM <= bpm <= FASTEST_BPM


def is_metre(numerator: int, denominator: int) -> bool:
    """Whether that can be meant as a metre."""
    return 1 <= numerator <= _MAX_NUMERATOR and denominator in _DENOMINATORS


def number(text: str | None, default: float = math.nan) -> float:
    """A number as it is written in a file; `default` where it is none."""
    try:
        return float(text) if text is not None and len(text) < 64 else default
    except ValueError:
        return default


def whole(text: str | None, default: int = -1) -> int:
    """A whole number as it is written in a file; `default` where it is none."""
    found = number(text)
    return int(found) if math.isfinite(found) and found == int(found) else default


def _from_zero(events: Sequence[TempoEvent]) -> list[TempoEvent]:
    """The events from 0 on, one of them at 0; none where the tempo cannot be known."""
    if len(events) > MAX_EVENTS:
        raise StrangeFile("its tempo changes more often than can be followed")
    ordered = sorted(events, key=lambda event: event.at)
    if not all(is_tempo(event.bpm) and event.at <= LATEST_BEAT for event in ordered):
        return []
    later = [event for event in ordered if event.at >= 0] or [event._replace(at=0.0) for event in ordered[-1:]]
    if later and later[0].at != 0:
        later.insert(0, TempoEvent(0.0, later[0].bpm))
    return later


def _piece_over_beats(left: TempoEvent, right: TempoEvent) -> _Piece:
    beats = right.at - left.at
    if left.bend is None:
        return _Piece(left.at, beats, lambda _: left.bpm, _middle)
    bend, rise = left.bend, right.bpm - left.bpm
    return _Piece(left.at, beats, lambda part: left.bpm + rise * _height(bend, part), _logarithmic_mean)


def _straight_over_time(start: float, end: float) -> Callable[[float], float]:
    # Straight over time is straight in the square of the tempo over beats.
    return lambda part: math.sqrt(start**2 + (end**2 - start**2) * part)


def _stepped(pieces: Sequence[_Piece], points: Sequence[TempoEvent]) -> tuple[TempoPoint, ...]:
    """The steps of all pieces, then the last tempo; steps are longer where there would be too many."""
    if not points:
        return ()
    ramps = [piece.bpm(0) != piece.bpm(1) or piece.bpm(0.5) != piece.bpm(0) for piece in pieces]
    ramped = sum(piece.beats for piece, ramp in zip(pieces, ramps, strict=True) if ramp)
    density = min(_STEPS_A_BEAT, (_MAX_POINTS - 2 * len(points)) / ramped) if ramped else 0.0
    found: list[tuple[float, float]] = []
    for piece, ramp in zip(pieces, ramps, strict=True):
        if piece.beats <= 0:
            continue
        steps = max(math.ceil(piece.beats * density), 1) if ramp else 1
        values = [piece.bpm(step / steps) for step in range(steps + 1)]
        found += [
            (piece.start + piece.beats * step / steps, piece.mean(*values[step : step + 2])) for step in range(steps)
        ]
    found.append((points[-1].at, points[-1].bpm))
    kept = [found[0], *(right for left, right in pairwise(found) if left[1] != right[1])]
    return tuple(TempoPoint(beat=beat, bpm=min(max(bpm, SLOWEST_BPM), FASTEST_BPM)) for beat, bpm in kept)


def _middle(start: float, end: float) -> float:
    return (start + end) / 2


def _logarithmic_mean(start: float, end: float) -> float:
    """The steady tempo that takes as long as a ramp which is straight over beats."""
    return (end - start) / math.log(end / start) if abs(end - start) > 1e-6 else _middle(start, end)


def _height(bend: Bend, part: float) -> float:
    """How high the Bézier is after that part of its way across."""
    if bend == STRAIGHT:
        return part
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _bezier(bend.x1, bend.x2, middle) < part else (low, middle)
    return min(max(_bezier(bend.y1, bend.y2, low), 0.0), 1.0)


def _bezier(first: float, second: float, along: float) -> float:
    left = 1 - along
    return 3 * left * left * along * first + 3 * left * along * along * second + along**3


def _signature(numerator: int, denominator: int) -> TimeSignature:
    return cast("TimeSignature", (numerator, denominator))
