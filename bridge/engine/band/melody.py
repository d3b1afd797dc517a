"""Writing a melody: a motif, its variations over the chords, and cadences, with room to breathe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from bridge.engine.band.brief import Brief
from bridge.engine.band.harmony import ladder
from bridge.engine.band.plan import Bar
from bridge.engine.band.request import PartNote, Voice

_BREATH = 0.72
_LONGEST_BEATS = 2.0
_LEGATO = 0.92
_FLAT_SEVENTH = 10
_VELOCITY = 92.0
_STEPS = ((-1, 42), (1, 42), (2, 4), (-2, 4), (0, 6), (3, 2), (-3, 2))
_UNIT_BEATS = 6.0
_CONTRAST_EVERY = 4


@dataclass(frozen=True)
class Motif:
    """A figure to be stated: (offset, length) in beats from its unit's start, and steps of the scale from its first."""

    rhythm: tuple[tuple[float, float], ...]
    contour: tuple[int, ...]


def write_melody(
    brief: Brief, voice: Voice, bars: Sequence[Bar], motif: Motif | None, first_pitch: int | None
) -> list[PartNote]:
    """A melody over all bars: the motif in each unit of one or two bars, a contrasting one in every fourth."""
    steps = _singable(brief, voice)
    rng = brief.random("melody")
    home = (brief.key.root, (brief.key.root + 7) % 12)
    units = _units(bars)
    stated = motif or write_motif(units[0], brief, rng)
    contrast = write_motif(units[0], brief, rng)
    chance = brief.random("melody", of_section=True)
    centre = first_pitch if first_pitch is not None else (voice.low + voice.high) // 2 + chance.randint(-2, 2)
    notes: list[PartNote] = []
    for number, unit in enumerate(units):
        figure = contrast if (number + 2 * brief.section) % _CONTRAST_EVERY == _CONTRAST_EVERY - 2 else stated
        notes += _state(figure, unit, steps, home, centre, chance, varied=number > 0)
        last = notes[-1].pitch if notes else centre
        centre = (2 * last + voice.low + voice.high) // 4 + chance.randint(-2, 2)
    return notes


def write_motif(unit: Sequence[Bar], brief: Brief, rng: Random) -> Motif:
    """A rhythm that favours the pulses and leaves the unit's end free, and a contour that mostly steps."""
    grid = brief.style.lead.grid
    density = min(brief.style.lead.density * (0.6 + 0.7 * brief.energy), 0.95)
    strong = {round(bar.start - unit[0].start + pulse.start, 3): pulse.strength for bar in unit for pulse in bar.pulses}
    length = unit[-1].end - unit[0].start
    starts = []
    for step in range(int(length * _BREATH / grid)):
        at = round(step * grid, 3)
        likely = density * (0.62 if at not in strong else (1.0, 1.35, 1.7)[strong[at]])
        if rng.random() < likely:
            starts.append(at)
    if len(starts) < 3:
        starts = sorted({0.0, *starts, *(pulse for pulse in strong if pulse < length * _BREATH)})
    ends = [*starts[1:], min(starts[-1] + _LONGEST_BEATS, length * (_BREATH + 0.1))]
    rhythm = tuple((start, min(end - start, _LONGEST_BEATS)) for start, end in zip(starts, ends, strict=True))
    return Motif(rhythm, _contour(len(rhythm), rng))


def motif_of(notes: Sequence[PartNote], bars: Sequence[Bar], steps: Sequence[int]) -> Motif | None:
    """The motif that a melody ends with: what it plays in its last unit of bars."""
    last = notes[-1].start
    unit = next((unit for unit in _units(bars) if unit[0].start <= last < unit[-1].end), None)
    if unit is None:
        return None
    inside = [note for note in notes if unit[0].start <= note.start < unit[-1].end]
    places = [_nearest(steps, note.pitch) for note in inside]
    rhythm = tuple((note.start - unit[0].start, note.beats) for note in inside)
    return Motif(rhythm, tuple(place - places[0] for place in places)) if len(inside) > 1 else None


def _singable(brief: Brief, voice: Voice) -> list[int]:
    """The key's notes in the voice's range; natural minor without its seventh, which leads away from the tonic."""
    steps = ladder(brief, voice.low, voice.high)
    if brief.key.scale != "minor":
        return steps
    return [pitch for pitch in steps if (pitch - brief.key.root) % 12 != _FLAT_SEVENTH]


def _units(bars: Sequence[Bar]) -> list[list[Bar]]:
    """Two bars at a time, or one where bars are long; phrases are not straddled."""
    size = 1 if bars[0].beats >= _UNIT_BEATS else 2
    return [list(bars[at : at + size]) for at in range(0, len(bars), size)]


def _contour(count: int, rng: Random) -> tuple[int, ...]:
    moves, weights = [move for move, _ in _STEPS], [weight for _, weight in _STEPS]
    contour, leap = [0], 0
    while len(contour) < count:
        move = rng.choices(moves, weights)[0]
        if abs(leap) >= 2 and move * leap > 0:
            move = -move // abs(move)
        if not -4 <= contour[-1] + move <= 5:
            move = -move
        contour.append(contour[-1] + move)
        leap = move
    return tuple(contour)


def _state(
    motif: Motif,
    unit: Sequence[Bar],
    steps: Sequence[int],
    home: Sequence[int],
    centre: int,
    chance: Random,
    *,
    varied: bool,
) -> list[PartNote]:
    """State a motif move by move from a chord tone near `centre`.

    Its strong notes settle on the chord, its last one where it can on the key's tonic or fifth.
    """
    length = unit[-1].end - unit[0].start
    moves = [0, *(after - before for before, after in pairwise(motif.contour))]
    inside = [(at, beats, move) for (at, beats), move in zip(motif.rhythm, moves, strict=True) if at < length - 0.1]
    if varied and len(inside) > 3 and chance.random() < 0.5:
        del inside[chance.randrange(1, len(inside) - 1)]
    place = _nearest_of(steps, centre, unit[0].chord.tones)
    notes = []
    for number, (at, beats, move) in enumerate(inside):
        bar = next(bar for bar in reversed(unit) if unit[0].start + at >= bar.start - 1e-6)
        offset = unit[0].start + at - bar.start
        strong = any(abs(pulse.start - offset) < 1e-6 and pulse.strength > 0 for pulse in bar.pulses)
        closing = number == len(inside) - 1
        wanted = _folded(place + move, len(steps))
        if strong or closing:
            resting = [tone for tone in bar.chord.tones if tone in home and closing]
            place = _settled(place, wanted, 2 if closing else 1, steps, resting or bar.chord.tones)
        else:
            place = wanted
        held = min(beats, length - at) * _LEGATO
        arch = 8.0 * (1 - abs(2 * number / max(len(inside) - 1, 1) - 0.9))
        notes.append(PartNote(unit[0].start + at, held, steps[place], _VELOCITY - 6 + arch + (4 if strong else 0)))
    return notes


def _settled(before: int, wanted: int, reach: int, steps: Sequence[int], tones: Sequence[int]) -> int:
    """The place of a chord tone within reach of the wanted one, not the one before where a move was meant."""
    near = range(max(wanted - reach, 0), min(wanted + reach, len(steps) - 1) + 1)
    widest = max(abs(wanted - before), reach)
    fitting = [
        place
        for place in near
        if steps[place] % 12 in tones and abs(place - before) <= widest and (place != before or wanted == before)
    ]
    return min(fitting, key=lambda place: abs(place - wanted) + abs(place - before) / 2, default=wanted)


def _nearest(steps: Sequence[int], pitch: int) -> int:
    return min(range(len(steps)), key=lambda place: abs(steps[place] - pitch))


def _nearest_of(steps: Sequence[int], pitch: int, tones: Sequence[int]) -> int:
    """The place of the step nearest to a pitch among those of a chord."""
    fitting = [place for place, step in enumerate(steps) if step % 12 in tones] or list(range(len(steps)))
    return min(fitting, key=lambda place: (abs(steps[place] - pitch), place))


def _folded(place: int, count: int) -> int:
    """A place outside the range comes back into it as from a mirror."""
    while not 0 <= place < count:
        place = -place if place < 0 else 2 * (count - 1) - place
    return place
