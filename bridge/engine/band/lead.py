"""The lead: the source's melody in a new sound, around it, on from its end, or one of the band's own."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from bridge.engine.band.brief import Brief
from bridge.engine.band.harmony import ladder
from bridge.engine.band.melody import motif_of, write_melody
from bridge.engine.band.plan import Bar
from bridge.engine.band.request import Part, PartNote, Voice

_FEWEST_NOTES = 3
_GRACE_BEATS = 0.125
_LONG_NOTE = 1.5
_LEAST_REST = 0.75
_VELOCITY, _ANSWER_VELOCITY = 94.0, 76.0
_GLIDE_BEATS = 0.22
_GLIDE_STEPS = 12
_DOUBLED_BEATS = 0.15


def play_lead(brief: Brief, voice: Voice, bars: Sequence[Bar]) -> Part:
    """Play the lead as the mode asks."""
    rng = brief.random("lead", of_section=True)
    source = brief.melody
    if len(source) < _FEWEST_NOTES:
        return Part(voice, _with_glides(write_melody(brief, voice, bars, None, None), brief, rng))
    if brief.mode == "variation":
        followed = _ornamented(
            _transposed(source, voice, brief.random("lead octave")),
            ladder(brief, voice.low - 6, voice.high + 6),
            brief,
            rng,
        )
        return Part(voice, _with_glides(followed, brief, rng), own_timing=True)
    if brief.mode == "continue":
        moved = _transposed(source, voice, brief.random("lead octave"))
        motif = motif_of(moved, bars, ladder(brief, voice.low, voice.high))
        return Part(voice, _with_glides(write_melody(brief, voice, bars, motif, moved[-1].pitch), brief, rng))
    return Part(voice, _with_glides(answer(brief, voice, bars, source, rng), brief, rng))


def play_counter(brief: Brief, voice: Voice, bars: Sequence[Bar], lead: Part | None, number: int) -> Part:
    """A second melody: thirds under the lead where the style has them, and answers where it rests."""
    rng = brief.random(f"counter {number}", of_section=True)
    followed = brief.melody if brief.mode == "accompany" and brief.melody else lead.notes if lead else ()
    if brief.style.lead.thirds and lead is not None and brief.mode != "accompany" and number == 0:
        doubled = tuple(bar for bar in bars if (bar.place + number) % 4 != 1)
        return Part(voice, _thirds(brief, voice, doubled, lead), own_timing=lead.own_timing)
    return Part(voice, tuple(answer(brief, voice, bars, followed, rng)))


def answer(brief: Brief, voice: Voice, bars: Sequence[Bar], melody: Sequence[PartNote], rng: Random) -> list[PartNote]:
    """Short phrases where a melody rests, and a soft guide tone under it in every other bar where it does not."""
    steps = ladder(brief, voice.low, voice.high)
    notes: list[PartNote] = []
    near = (voice.low + voice.high) // 2
    for bar in bars:
        rests = _rests(melody, bar)
        if rests:
            start, end = max(rests, key=lambda rest: rest[1] - rest[0])
            phrase = _phrase(start, end, bar, steps, near, rng)
        elif bar.index % 2 == 0:
            taken = {note.pitch % 12 for note in melody if abs(note.start - bar.start) < 0.3}
            tones = [tone for tone in bar.chord.tones[1:] if tone not in taken] or list(bar.chord.tones)
            pitches = [pitch for pitch in steps if pitch % 12 in tones] or steps
            pitch = min(pitches, key=lambda step: abs(step - near))
            offset = bar.pulses[min(1, len(bar.pulses) - 1)].start
            phrase = [PartNote(bar.start + offset, (bar.beats - offset) * 0.95, pitch, _ANSWER_VELOCITY - 8)]
        else:
            phrase = []
        notes += phrase
        near = notes[-1].pitch if notes else near
        near += (near < voice.low + 5) * 3 - (near > voice.high - 5) * 3
    return notes


def _transposed(notes: Sequence[PartNote], voice: Voice, rng: Random) -> tuple[PartNote, ...]:
    """The whole line by octaves into the voice's range; the seed chooses where more than one fits."""
    lowest, highest = min(note.pitch for note in notes), max(note.pitch for note in notes)
    pitches = sorted(note.pitch for note in notes)
    off = (voice.low + voice.high) / 2 - pitches[len(pitches) // 2]
    fitting = [
        12 * octaves
        for octaves in range(-9, 10)
        if lowest + 12 * octaves >= voice.low - 2 and highest + 12 * octaves <= voice.high + 4
    ]
    shift = rng.choice(fitting) if fitting else 12 * round(off / 12)
    return tuple(PartNote(note.start, note.beats, note.pitch + shift, _leading(note.velocity)) for note in notes)


def _leading(velocity: float) -> float:
    """The source's dynamics, a little evened, at the strength of a lead."""
    return _VELOCITY + 0.4 * (velocity - 90)


def _ornamented(notes: Sequence[PartNote], steps: Sequence[int], brief: Brief, rng: Random) -> list[PartNote]:
    """The same notes with a grace before some and a turn in some long ones."""
    played: list[PartNote] = []
    for note in notes:
        above = next((step for step in steps if step > note.pitch), note.pitch + 2)
        chance = rng.random()
        free = note.start - (played[-1].start if played else -1.0) > 2 * _GRACE_BEATS and note.start > _GRACE_BEATS
        if note.beats >= _LONG_NOTE and chance < 2 * brief.style.lead.ornaments:
            half = note.beats / 2
            played += [
                PartNote(note.start, half, note.pitch, note.velocity),
                PartNote(note.start + half, 2 * _GRACE_BEATS, above, note.velocity - 14),
                PartNote(note.start + half + 2 * _GRACE_BEATS, half - 2 * _GRACE_BEATS, note.pitch, note.velocity - 8),
            ]
        elif free and note.beats >= 2 * _GRACE_BEATS and chance < brief.style.lead.ornaments:
            if played and played[-1].end > note.start - _GRACE_BEATS:
                last = played.pop()
                played.append(PartNote(last.start, note.start - _GRACE_BEATS - last.start, last.pitch, last.velocity))
            played.append(PartNote(note.start - _GRACE_BEATS, _GRACE_BEATS, above, note.velocity - 20))
            played.append(note)
        else:
            played.append(note)
    return played


def _with_glides(notes: Sequence[PartNote], brief: Brief, rng: Random) -> tuple[PartNote, ...]:
    """Some notes slide in from the one before, where the style has it."""
    glide = brief.style.lead.glide
    played = list(notes)
    for place in range(1, len(played)):
        note, before = played[place], played[place - 1]
        away = before.pitch - note.pitch
        if 1 <= abs(away) <= 5 and note.beats >= 2 * _GLIDE_BEATS and rng.random() < 2 * glide:
            bends = tuple(
                (_GLIDE_BEATS * step / _GLIDE_STEPS, away * (1 - (step / _GLIDE_STEPS) ** 2))
                for step in range(_GLIDE_STEPS + 1)
            )
            played[place] = PartNote(note.start, note.beats, note.pitch, note.velocity, bends)
    return tuple(played)


def _thirds(brief: Brief, voice: Voice, bars: Sequence[Bar], lead: Part) -> tuple[PartNote, ...]:
    """The lead's notes in these bars, two steps of the scale lower."""
    steps = ladder(brief, voice.low - 12, max(voice.high, lead.voice.high) + 12)
    notes = []
    for note in lead.notes:
        if any(bar.start <= note.start < bar.end for bar in bars):
            under = [step for step in steps if step < note.pitch]
            if len(under) > 1:
                notes.append(PartNote(note.start, note.beats, under[-2], note.velocity - 8))
    return tuple(notes)


def _rests(melody: Sequence[PartNote], bar: Bar) -> list[tuple[float, float]]:
    """Where a melody is silent for a while within a bar."""
    at, rests = bar.start, []
    for note in melody:
        if note.end <= at or note.start >= bar.end:
            continue
        if note.start - at >= _LEAST_REST:
            rests.append((at, note.start))
        at = max(at, note.end)
    return [*rests, (at, bar.end)] if bar.end - at >= _LEAST_REST else rests


def _phrase(start: float, end: float, bar: Bar, steps: Sequence[int], near: int, rng: Random) -> list[PartNote]:
    """Two to five notes on the eighths of a rest, beginning and ending on the chord, stepping between."""
    first = -(-start // 0.5) * 0.5
    slots = [first + 0.5 * place for place in range(int((end - first) / 0.5))] or [start]
    count = min(len(slots), rng.randint(2, 5))
    chosen = sorted(rng.sample(slots, count))
    places = [place for place, step in enumerate(steps) if step % 12 in bar.chord.tones] or [len(steps) // 2]
    place = min(places, key=lambda one: abs(steps[one] - near))
    notes = []
    for number, at in enumerate(chosen):
        if number == count - 1:
            place = min(places, key=lambda one: (abs(one - place), steps[one]))
        until = chosen[number + 1] if number + 1 < count else min(end, at + 1.5)
        notes.append(PartNote(at, (until - at) * 0.9, steps[place], _ANSWER_VELOCITY + 2 * number))
        place = min(max(place + rng.choice((-1, 1, 1, -1, 2, -2)), 0), len(steps) - 1)
    return notes


def without_doubling(part: Part, melody: Sequence[PartNote]) -> Part:
    """The part without the notes that would double a melody's onset at its pitch."""
    free = tuple(
        note
        for note in part.notes
        if not any(abs(note.start - one.start) < _DOUBLED_BEATS and note.pitch == one.pitch for one in melody)
    )
    return Part(part.voice, free, part.own_timing)
