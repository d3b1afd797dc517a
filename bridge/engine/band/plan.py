"""The plan: bar after bar with its pulses and its chord."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from bridge.engine.band.brief import Brief
from bridge.engine.band.harmony import Chord, choose_chords
from bridge.model import MetrePoint, TimeSignature
from bridge.music.metre import bar_lines

PHRASE_BARS = 4
_PULSES_OF_NUMERATOR = {1: (1,), 2: (2,), 3: (3,), 4: (2, 2), 5: (3, 2), 6: (3, 3), 7: (4, 3)}
_SHORTEST_BAR = 0.01


@dataclass(frozen=True)
class Pulse:
    """One felt beat of a bar: where it begins in the bar, how long it is, and its place in its group."""

    start: float
    beats: float
    kind: Literal["head", "back", "other"]
    strength: int


@dataclass(frozen=True)
class Bar:
    """One bar: `index` from 0, its place in the phrase of four, pulses, and the chord that sounds."""

    index: int
    start: float
    beats: float
    pulses: tuple[Pulse, ...]
    square: bool
    chord: Chord
    next_chord: Chord
    closes_phrase: bool

    @property
    def end(self) -> float:
        """Where the next bar begins."""
        return self.start + self.beats

    @property
    def place(self) -> int:
        """The bar's place in its phrase, from 0."""
        return self.index % PHRASE_BARS


def plan_bars(brief: Brief) -> tuple[Bar, ...]:
    """Lay out all bars of the brief; a last bar that is cut keeps only what there is of it."""
    lines = list(bar_lines(brief.metre_map, brief.beats))
    if brief.beats - lines[-1] > _SHORTEST_BAR or len(lines) == 1:
        lines.append(brief.beats)
    spans = list(pairwise(lines))
    chords = choose_chords(brief, spans)
    end_of_loop = len(spans) - 1 if brief.loop_beats is not None and len(spans) > 1 else None
    bars = []
    for index, (start, end) in enumerate(spans):
        metre = _metre_at(brief.metre_map, start)
        grouping = brief.grouping if sum(brief.grouping) == metre[0] else ()
        bars.append(
            Bar(
                index=index,
                start=start,
                beats=end - start,
                pulses=_pulses(metre, grouping, end - start),
                square=metre in ((4, 4), (2, 2)) and not grouping_is_uneven(grouping),
                chord=chords[index],
                next_chord=chords[(index + 1) % len(chords)],
                closes_phrase=index % PHRASE_BARS == PHRASE_BARS - 1 or index == end_of_loop,
            )
        )
    return tuple(bars)


def grouping_is_uneven(grouping: Sequence[int]) -> bool:
    """Whether the groups of a bar differ in length."""
    return len(set(grouping)) > 1


def _metre_at(metre_map: Sequence[MetrePoint], beat: float) -> TimeSignature:
    return metre_map[max(bisect_right(metre_map, beat + 1e-6, key=lambda point: point.beat) - 1, 0)].time_signature


def _pulses(metre: TimeSignature, grouping: Sequence[int], beats: float) -> tuple[Pulse, ...]:
    """The felt beats of a bar: each quarter (or half) in simple metres, each group in those of eighths and shorter."""
    numerator, denominator = metre
    unit = 4 / denominator
    compound = denominator >= 8 and numerator > 1
    if compound:
        lengths = [size * unit for size in grouping or _split(numerator)]
        groups = [len(lengths)] if len(lengths) <= 4 else [3, *_split_pulses(len(lengths) - 3)]
    else:
        step = min(unit, 1.0)
        lengths = [step] * round(numerator * unit / step)
        sizes = [round(size * unit / step) for size in grouping] or _split_pulses(len(lengths))
        groups = list(sizes)
    pulses: list[Pulse] = []
    at, place = 0.0, 0
    for size in groups:
        for inside in range(size):
            length = lengths[place]
            if at < beats - _SHORTEST_BAR:
                strength = 2 if place == 0 else 1 if inside == 0 or compound else 0
                pulses.append(Pulse(at, min(length, beats - at), _kind(inside, size), strength))
            at, place = at + length, place + 1
    return tuple(pulses)


def _split(numerator: int) -> list[int]:
    """Groups of a metre in short notes: threes where they fit, else twos with one three at the end."""
    if numerator % 3 == 0:
        return [3] * (numerator // 3)
    if numerator % 2 == 0:
        return [2] * (numerator // 2)
    return [2] * ((numerator - 3) // 2) + [3] if numerator >= 3 else [numerator]


def _split_pulses(count: int) -> list[int]:
    """Groups of pulses: pairs and threes as they are usually felt."""
    sizes: list[int] = []
    while count > max(_PULSES_OF_NUMERATOR):
        sizes.append(4)
        count -= 4
    return [*sizes, *_PULSES_OF_NUMERATOR[count]] if count > 0 else sizes


def _kind(inside: int, size: int) -> Literal["head", "back", "other"]:
    if inside == 0 or (size == 4 and inside == 2):
        return "head"
    return "back" if inside == size - 1 or (size == 4 and inside == 1) else "other"
