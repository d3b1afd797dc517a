"""The bass: the style's figure on the chords' roots, under C3, or the source's own line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bridge.engine.band.brief import Brief
from bridge.engine.band.figures import read_figure, varied
from bridge.engine.band.harmony import Chord, ladder
from bridge.engine.band.plan import Bar
from bridge.engine.band.request import Part, PartNote, Voice

_VELOCITY = 92.0
_GATE = 0.92
_LONGEST_KICK_NOTE = 1.0


def play_bass(brief: Brief, voice: Voice, bars: Sequence[Bar], kicks: Sequence[float]) -> Part:
    """A bass line that knows the root and the groove; with a drum clip it plays where the kick falls."""
    if brief.bass_line and brief.mode == "variation":
        return Part(voice, tuple(_in_range(note, voice) for note in brief.bass_line), own_timing=True)
    rng = brief.random("bass")
    rhythm = brief.style.bass
    figure = varied(rng.choice(rhythm.bar), rng, 0.4, "1358")
    cells = {
        kind: varied(rng.choice(figures), rng, 0.4, "135")
        for kind, figures in (("head", rhythm.head), ("back", rhythm.back), ("other", rhythm.other))
    }
    steps = ladder(brief, voice.low - 5, voice.high)
    home = rng.choice((33, 36, 38))
    notes: list[PartNote] = []
    for bar in bars:
        root = _root(bar.chord, voice, notes[-1].pitch if notes else home, home)
        if brief.groove and kicks:
            notes += _on_kicks(bar, root, kicks)
            continue
        for hit in read_figure(bar, figure, cells):
            pitch = _pitch(hit.sign, root, bar, voice, steps, home)
            notes.append(PartNote(hit.start, hit.beats * _GATE, pitch, _VELOCITY + hit.accent))
    return Part(voice, tuple(notes))


def _root(chord: Chord, voice: Voice, last: int, home: int) -> int:
    roots = [pitch for pitch in range(voice.low, voice.high - 4) if pitch % 12 == chord.root]
    return min(roots, key=lambda pitch: abs(pitch - last) + abs(pitch - home))


def _pitch(sign: str, root: int, bar: Bar, voice: Voice, steps: Sequence[int], home: int) -> int:
    """The pitch of a figure's sign; a step leads into the next bar's root from the side where the line is."""
    if sign == "8":
        return root + 12 if root + 12 <= voice.high else root
    if sign in "35":
        tones = bar.chord.tones
        wanted = (root + 7) % 12 if sign == "5" and (root + 7) % 12 in tones else tones[1 if len(tones) > 2 else -1]
        above = root + (wanted - root) % 12
        return above if above <= voice.high else above - 12
    if sign == "a":
        target = _root(bar.next_chord, voice, root, home)
        below = [pitch for pitch in steps if pitch < target]
        above_target = [pitch for pitch in steps if pitch > target]
        if above_target and (root > target or not below):
            return above_target[0]
        return below[-1] if below else root
    return root


def _on_kicks(bar: Bar, root: int, kicks: Sequence[float]) -> list[PartNote]:
    starts = [start for start in kicks if bar.start - 0.05 <= start < bar.end - 0.05]
    return [
        PartNote(start, min(end - start, _LONGEST_KICK_NOTE) * _GATE, root, _VELOCITY)
        for start, end in pairwise([*starts, bar.end])
        if end - start > 0.1
    ]


def _in_range(note: PartNote, voice: Voice) -> PartNote:
    pitch = note.pitch
    while pitch < voice.low:
        pitch += 12
    while pitch > voice.high:
        pitch -= 12
    return PartNote(note.start, note.beats, pitch, note.velocity)
