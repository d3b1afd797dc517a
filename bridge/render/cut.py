"""Where a clip is cut, and which of its beats sound at which beats of the take."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bridge.model import Clip, MetrePoint
from bridge.music.metre import bars_for, beats_of_bars

# A loop shorter than a 64th note is a slip of the mouse; repeating it would make thousands of passages.
_SHORTEST_LOOP_BEATS = 1 / 16


class Cut(NamedTuple):
    """The part of a clip that is used, in the clip's own beats; `loop` lies inside of it."""

    start: float
    end: float
    pickup: float
    loop: tuple[float, float] | None

    @property
    def downbeat(self) -> float:
        """The clip's beat that is the take's beat 0: its start, behind an upbeat."""
        return self.start + self.pickup


class Passage(NamedTuple):
    """The clip's beats from `start` to `end`, sounding from beat `at` of the take on."""

    at: float
    start: float
    end: float


def cut_clip(clip: Clip, first_beat: float, last_beat: float) -> Cut:
    """Cut a clip whose material runs from `first_beat` to `last_beat` where nothing is said."""
    start = first_beat if clip.start_beats is None else clip.start_beats
    loop_end = clip.loop.end_beats if clip.loop is not None else last_beat
    end = max(last_beat, loop_end) if clip.end_beats is None else clip.end_beats
    loop = None
    if clip.loop is not None:
        inside = max(clip.loop.start_beats, start), min(clip.loop.end_beats, end)
        loop = inside if inside[1] - inside[0] >= _SHORTEST_LOOP_BEATS else None
    return Cut(start, end, clip.pickup_beats, loop)


def passages(cut: Cut, metre_map: Sequence[MetrePoint], begin: float, end: float, *, repeat: bool) -> Iterator[Passage]:
    """What sounds between two beats of the take, in order.

    A loop repeats; without one the clip repeats in whole bars of `metre_map` when `repeat` says so, and
    its upbeat then sounds before the bar line that it leads to, where the clip leaves that room.
    """
    body = cut.end - cut.downbeat
    if cut.loop is not None and cut.downbeat < cut.loop[1]:
        to_loop_end = cut.loop[1] - cut.downbeat
        first, period, content = to_loop_end, cut.loop[1] - cut.loop[0], [Passage(0.0, *cut.loop)]
        opening = [Passage(0.0, cut.downbeat, cut.loop[1])]
    elif repeat and body > 0:
        first = period = beats_of_bars(bars_for(body, metre_map), metre_map)
        opening = content = [Passage(0.0, cut.downbeat, cut.end), *_upbeat(cut, period)]
    else:
        first = period = math.inf
        opening = content = [Passage(0.0, cut.downbeat, cut.end)]
    yield from _within(opening, 0.0, begin, end)
    start = first if begin <= first else first + (begin - first) // period * period
    while start < end:
        yield from _within(content, start, begin, end)
        start += period


def _upbeat(cut: Cut, period: float) -> list[Passage]:
    room = period - (cut.end - cut.downbeat)
    length = min(cut.pickup, room)
    return [Passage(period - length, cut.downbeat - length, cut.downbeat)] if length > 0 else []


def _within(pieces: Sequence[Passage], offset: float, begin: float, end: float) -> Iterator[Passage]:
    """The pieces moved by `offset`, cut to what lies between two beats."""
    for piece in pieces:
        at = offset + piece.at
        early, late = max(begin - at, 0.0), max(at + piece.end - piece.start - end, 0.0)
        if early + late < piece.end - piece.start:
            yield Passage(at + early, piece.start + early, piece.end - late)
