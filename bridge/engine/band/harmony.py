"""Harmony: the chords of a song, bar by bar, from the key, the style and the melody; and how they are voiced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from random import Random
from typing import TYPE_CHECKING

from bridge.engine.band.request import PartNote

if TYPE_CHECKING:
    from bridge.engine.band.brief import Brief

_SEVEN = 7
_DOMINANT = 5
_PARENTS = (
    (0, 2, 4, 5, 7, 9, 11),
    (0, 2, 3, 5, 7, 8, 10),
    (0, 2, 3, 5, 7, 9, 10),
    (0, 2, 4, 5, 7, 9, 10),
    (0, 1, 3, 5, 7, 8, 10),
)
_CHORD_TONE, _COLOUR, _STRANGER, _CLASH = 1.0, 0.35, -0.35, -1.0
_MELODY_WEIGHT, _HABIT, _HOME, _AGAIN, _CHANCE = 3.0, 0.9, 0.6, 0.35, 1.0


@dataclass(frozen=True)
class Chord:
    """A chord: its degree in the scale (1 is the tonic), root and tones as pitch classes, the root first."""

    degree: int
    tones: tuple[int, ...]

    @property
    def root(self) -> int:
        """The root's pitch class."""
        return self.tones[0]


def scale_classes(brief: Brief) -> tuple[int, ...]:
    """The pitch classes that the band may use, from the tonic up: the key's own."""
    return tuple((brief.key.root + interval) % 12 for interval in brief.key.intervals)


def ladder(brief: Brief, low: int, high: int) -> list[int]:
    """All pitches of the key from `low` to `high`."""
    classes = set(scale_classes(brief))
    return [pitch for pitch in range(low, high + 1) if pitch % 12 in classes]


def choose_chords(brief: Brief, spans: Sequence[tuple[float, float]]) -> list[Chord]:
    """One chord a bar: the style's progression, bent to the melody's notes; the drone where the style has one."""
    if brief.style.harmony.drone or len(brief.key.intervals) < 5:
        return [_drone(brief)] * len(spans)
    usable = _usable_chords(brief)
    rng = brief.random("harmony")
    home = min(usable)
    habit = [degree if degree in usable else home for degree in rng.choice(_progressions(brief))]
    chance = [{degree: rng.random() for degree in usable} for _ in range(len(habit) * 2)]
    melody = (*brief.melody, *brief.bass_line)
    chosen: list[Chord] = []
    for index, (start, end) in enumerate(spans):
        weights = _weights(melody, start, end)
        last = chosen[-1].degree if chosen else 0

        def worth(degree: int, index: int = index, weights: Sequence[float] = weights, last: int = last) -> float:
            return (
                _MELODY_WEIGHT * _agreement(usable[degree], weights)
                + _HABIT * (degree == habit[index % len(habit)])
                + _HOME * (degree == 1)
                - _AGAIN * (degree == last)
                + _CHANCE * chance[index % len(chance)][degree]
            )

        free = not any(weights)
        degree = habit[index % len(habit)] if free else max(sorted(usable), key=worth)
        if brief.bass_line and not free:
            degree = max(sorted(usable), key=lambda one: (weights[usable[one].root], one == last))
        chosen.append(usable[degree])
    return chosen


def voicings(chords: Sequence[Chord], voices: int, rng: Random, low: int, high: int) -> list[list[int]]:
    """Voice each chord between `low` and `high`, moving as little as can be from one to the next."""
    centre = (low + high) / 2 + rng.uniform(-6, 6)
    found: list[list[int]] = []
    for index, chord in enumerate(chords):
        if index and chord == chords[index - 1]:
            found.append(found[-1])
            continue
        before = found[-1] if found else None

        def cost(voicing: list[int], before: list[int] | None = before) -> float:
            off_centre = abs(sum(voicing) / len(voicing) - centre)
            if before is None:
                return off_centre
            moved = sum(min(abs(pitch - old) for old in before) for pitch in voicing)
            return moved + 0.35 * off_centre + abs(voicing[-1] - before[-1]) * 0.3

        found.append(min(_possible(chord, voices, low, high), key=cost))
    return found


def _possible(chord: Chord, voices: int, low: int, high: int) -> list[list[int]]:
    """Voicings without close clusters below, every tone once, the root again where voices are left."""
    tones = list(chord.tones)
    if len(tones) > voices:
        tones = [tone for place, tone in enumerate(tones) if place != 2][:voices] if voices > 3 else tones[:voices]
    tones += [chord.root] * (voices - len(tones))
    choices = [[pitch for pitch in range(low, high + 1) if pitch % 12 == tone] for tone in tones]
    fair = []
    for pick in product(*choices):
        voicing = sorted(set(pick))
        gaps = [upper - lower for lower, upper in pairwise(voicing)]
        spread = voicing[-1] - voicing[0]
        if len(voicing) == len(tones) and spread <= 19 and all(gap <= 9 for gap in gaps) and min(gaps, default=9) > 1:
            fair.append(voicing)
    return fair or [sorted({choice[len(choice) // 2] for choice in choices if choice})]


def _progressions(brief: Brief) -> tuple[tuple[int, ...], ...]:
    minor = 3 in brief.key.intervals and 4 not in brief.key.intervals
    return brief.style.harmony.minor if minor else brief.style.harmony.major


def _harmonic_scale(brief: Brief) -> tuple[int, ...]:
    """The seven-note scale from which chords are stacked: the key's own, or the usual one that holds its notes."""
    own = brief.key.intervals
    if len(own) == _SEVEN:
        return own
    return max(_PARENTS, key=lambda parent: len(set(parent) & set(own)))


def _usable_chords(brief: Brief) -> dict[int, Chord]:
    """By degree, the chords on the key's own notes that stand firm; where a scale has none, the fullest it has."""
    own = scale_classes(brief)
    stacked = {degree: _chord(brief, degree) for degree in range(1, len(_harmonic_scale(brief)) + 1)}
    rooted = {degree: chord for degree, chord in stacked.items() if chord.root in own}
    fullest = max(len(chord.tones) for chord in rooted.values())
    firm = {degree: chord for degree, chord in rooted.items() if _is_firm(chord)}
    return firm or {degree: chord for degree, chord in rooted.items() if len(chord.tones) == fullest}


def _chord(brief: Brief, degree: int) -> Chord:
    """Thirds stacked on a degree; a dominant that would be minor has the fourth, which leads home, for its third."""
    scale = _harmonic_scale(brief)
    steps = [(degree - 1 + 2 * third) % len(scale) for third in range(brief.style.harmony.size)]
    if degree == _DOMINANT and (scale[steps[1]] - scale[steps[0]]) % 12 == 3:
        steps[1] = (steps[1] + 1) % len(scale)
    tones = tuple((brief.key.root + scale[step]) % 12 for step in steps)
    own = set(scale_classes(brief))
    kept = tuple(tone for place, tone in enumerate(tones) if place == 0 or tone in own)
    return Chord(degree, kept)


def _drone(brief: Brief) -> Chord:
    """The tonic and its fifth; the fourth, or what lies nearest, where the scale has no fifth."""
    own = brief.key.intervals
    second = next((interval for interval in (7, 5, 6, 8) if interval in own), own[-1])
    return Chord(1, (brief.key.root, (brief.key.root + second) % 12))


def _is_firm(chord: Chord) -> bool:
    """Whether a chord can stand alone: at least three tones and a pure fifth."""
    return len(chord.tones) >= 3 and (chord.root + 7) % 12 in chord.tones


def _weights(melody: Sequence[PartNote], start: float, end: float) -> list[float]:
    """How long each pitch class of the melody sounds in a span; what begins on its first beat counts twice."""
    weights = [0.0] * 12
    for note in melody:
        length = min(note.end, end) - max(note.start, start)
        if length > 0:
            weights[note.pitch % 12] += length * (2.0 if abs(note.start - start) < 0.1 else 1.0)
    return weights


def _agreement(chord: Chord, weights: Sequence[float]) -> float:
    """How well a chord carries the melody's notes, from -1 to 1."""
    triad, colours = chord.tones[:3], chord.tones[3:]
    total = sum(weights) or 1.0
    worth = 0.0
    for tone, weight in enumerate(weights):
        if tone in triad:
            worth += _CHORD_TONE * weight
        elif tone in colours:
            worth += _COLOUR * weight
        else:
            worth += (_CLASH if (tone - 1) % 12 in chord.tones else _STRANGER) * weight
    return worth / total
