"""Feel: written beats become played seconds, with swing, accents and the small freedoms of people."""

from __future__ import annotations

import math
from random import Random

from bridge.engine.band.brief import Brief
from bridge.engine.band.request import Part, PartNote
from bridge.music.tempo import all_seconds_at
from bridge.sound.player import PlayedNote

_SPREAD_MS = {"drums": 4.5, "percussion": 6.0, "bass": 5.5, "chords": 6.5, "pad": 8.0, "lead": 6.5, "counter": 7.5}
_FOLLOWING_MS = 4.0
_WIDEST = 2.0
_FIRST_WITHIN_SECONDS = 0.004
_VELOCITY_SPREAD = 4.0
_SHORTEST_SECONDS = 0.03
_SPARE_BEATS = 1e-6
_SNARES = frozenset({37, 38, 39, 40})
_PANS = {"drums": 0.0, "percussion": 0.0, "bass": 0.0, "chords": -0.22, "pad": 0.12, "lead": 0.04, "counter": 0.3}
_CHORD_WIDTH = 0.012


def perform(brief: Brief, part: Part) -> tuple[PlayedNote, ...]:
    """Play a part in time: never before the first frame, the first downbeat within 4 ms, the tempo exact."""
    rng = brief.random(f"feel {part.voice.role} {part.voice.program}", of_section=True)
    swing = 0.5 if part.own_timing else brief.swing
    starts = [swung(note.start, swing, brief.style.swing_grid) for note in part.notes]
    ends = [
        max(swung(note.end, swing, brief.style.swing_grid), start)
        for note, start in zip(part.notes, starts, strict=True)
    ]
    begun = all_seconds_at(brief.tempo_map, starts)
    ended = all_seconds_at(brief.tempo_map, ends)
    return tuple(
        _played(brief, part, note, seconds, until, rng)
        for note, seconds, until in zip(part.notes, begun, ended, strict=True)
    )


def swung(beat: float, swing: float, grid: float) -> float:
    """A beat moved by the swing (long / (long + short)) of its pair of grid steps."""
    pair = math.floor(beat / (2 * grid) + 1e-9)
    inside = beat / (2 * grid) - pair
    moved = inside * 2 * swing if inside <= 0.5 else swing + (inside - 0.5) * 2 * (1 - swing)
    return (pair + moved) * 2 * grid


def _played(brief: Brief, part: Part, note: PartNote, begun: float, ended: float, rng: Random) -> PlayedNote:
    role = part.voice.role
    spread = min(_SPREAD_MS[role], _FOLLOWING_MS if part.own_timing else math.inf) / 1000
    drift = min(max(rng.gauss(0, spread), -_WIDEST * spread), _WIDEST * spread)
    late = brief.style.late_ms.get("snare" if role == "drums" and note.pitch in _SNARES else role, 0.0) / 1000
    at = max(begun + drift + late, 0.0) if note.start > _SPARE_BEATS else min(abs(drift), _FIRST_WITHIN_SECONDS)
    velocity = note.velocity + rng.gauss(0, _VELOCITY_SPREAD)
    seconds = max(ended - begun, _SHORTEST_SECONDS)
    return PlayedNote(
        start_seconds=at,
        seconds=seconds,
        pitch=float(note.pitch),
        velocity=min(max(velocity, 8.0), 127.0),
        program=part.voice.program,
        drums=part.voice.drums,
        pan=_pan(part, note),
        bends=tuple((seconds * beats / note.beats, semitones) for beats, semitones in note.bends),
    )


def _pan(part: Part, note: PartNote) -> float:
    if part.voice.role in ("chords", "pad"):
        return _PANS[part.voice.role] + _CHORD_WIDTH * (note.pitch - 60)
    return _PANS[part.voice.role]
