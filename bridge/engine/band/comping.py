"""Chords: voiced with little movement and played in the style's figure; pads that hold them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from bridge.engine.band.brief import Brief
from bridge.engine.band.figures import read_figure, varied
from bridge.engine.band.harmony import voicings
from bridge.engine.band.plan import Bar
from bridge.engine.band.request import Part, PartNote, Voice

_VELOCITY, _PAD_VELOCITY = 78.0, 64.0
_GATE = 0.94
_TOP_VOICE = 5.0


def play_chords(brief: Brief, voice: Voice, bars: Sequence[Bar]) -> Part:
    """The style's comping figure over the chords: whole chords, or single voices of them."""
    rng = brief.random("chords")
    rhythm = brief.style.comp
    figure = _own(rng.choice(rhythm.bar), rng)
    cells = {
        kind: _own(rng.choice(figures), rng)
        for kind, figures in (("head", rhythm.head), ("back", rhythm.back), ("other", rhythm.other))
    }
    voiced = voicings([bar.chord for bar in bars], brief.style.harmony.voices, rng, voice.low, voice.high)
    chance = brief.random("chords", of_section=True)
    notes: list[PartNote] = []
    for bar, voicing in zip(bars, voiced, strict=True):
        hits = read_figure(bar, figure, cells)
        for place, hit in enumerate(hits):
            if 0 < place < len(hits) - 1 and hit.accent < 0 and chance.random() < 0.06:
                continue
            pitches = voicing if hit.sign == "x" else [voicing[(int(hit.sign) - 1) % len(voicing)]]
            for pitch in pitches:
                velocity = _VELOCITY + hit.accent + (_TOP_VOICE if pitch == voicing[-1] else 0)
                notes.append(PartNote(hit.start, hit.beats * _GATE, pitch, velocity))
    return Part(voice, tuple(notes))


def _own(figure: str, rng: Random) -> str:
    return varied(figure, rng, 0.45, "1234" if any(sign in figure for sign in "1234") else "")


def play_pad(brief: Brief, voice: Voice, bars: Sequence[Bar]) -> Part:
    """Held chords, a little higher; equal neighbours are one long chord."""
    rng = brief.random(f"pad {voice.program}")
    voiced = voicings([bar.chord for bar in bars], 3, rng, voice.low + 5, voice.high)
    notes: list[PartNote] = []
    start = 0
    for index in range(1, len(bars) + 1):
        if index == len(bars) or bars[index].chord != bars[start].chord or index - start == 2:
            beats = bars[index - 1].end - bars[start].start
            notes += [PartNote(bars[start].start, beats * 0.99, pitch, _PAD_VELOCITY) for pitch in voiced[start]]
            start = index
    return Part(voice, tuple(notes))
