"""The arrangement: from the brief to the written parts of all players."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bridge.engine.band.bass import play_bass
from bridge.engine.band.brief import Brief, read_brief
from bridge.engine.band.comping import play_chords, play_pad
from bridge.engine.band.drums import kick_starts, play_kit, play_percussion
from bridge.engine.band.lead import play_counter, play_lead, without_doubling
from bridge.engine.band.plan import Bar, plan_bars
from bridge.engine.band.request import BandRequest, Part, PartNote, Role, Voice

_SPARE_BEATS = 1e-6


@dataclass(frozen=True)
class Arrangement:
    """The whole piece as written: the brief, its bars, and a part for each player."""

    brief: Brief
    bars: tuple[Bar, ...]
    parts: tuple[Part, ...]


def compose_parts(ask: BandRequest) -> Arrangement:
    """Read the request, plan the song and write every part; times in beats from the first downbeat."""
    brief = read_brief(ask)
    bars = plan_bars(brief)
    voices = _seated(brief)
    drums = next((play_kit(brief, voice, bars) for voice in _of(voices, "drums")), None)
    kicks = kick_starts(brief.groove or (drums.notes if drums else ()))
    leads = [play_lead(brief, voice, bars) for voice in _of(voices, "lead")]
    lead = leads[0] if leads else None
    parts = [
        *([drums] if drums else []),
        *(play_percussion(brief, voice, bars) for voice in _of(voices, "percussion")),
        *(play_bass(brief, voice, bars, kicks) for voice in _of(voices, "bass")),
        *(play_chords(brief, voice, bars) for voice in _of(voices, "chords")),
        *(play_pad(brief, voice, bars) for voice in _of(voices, "pad")),
        *leads,
        *(play_counter(brief, voice, bars, lead, number) for number, voice in enumerate(_of(voices, "counter"))),
    ]
    if brief.mode == "accompany" and brief.melody:
        parts = [part if part.voice.drums else without_doubling(part, brief.melody) for part in parts]
    written = tuple(_cut(part, brief.beats) for part in parts)
    return Arrangement(brief, bars, tuple(part for part in written if part.notes))


def _seated(brief: Brief) -> list[Voice]:
    """The players, without those whose part the source plays itself in the song."""
    silent: set[Role] = set()
    if brief.mode == "accompany":
        silent |= {"drums"} if brief.groove else set()
        silent |= {"bass"} if brief.bass_line else set()
    return [voice for voice in brief.voices if voice.role not in silent]


def _of(voices: Iterable[Voice], role: Role) -> list[Voice]:
    return [voice for voice in voices if voice.role == role]


def _cut(part: Part, beats: float) -> Part:
    """Only what begins within the piece; where a pitch is struck again, its first note stops before."""
    inside = sorted((note for note in part.notes if note.start < beats - _SPARE_BEATS), key=lambda note: note.start)
    if part.voice.drums:
        return Part(part.voice, tuple(inside), part.own_timing)
    next_start: dict[int, float] = {}
    kept: list[PartNote] = []
    for note in reversed(inside):
        until = next_start.get(note.pitch, note.end)
        length = min(note.beats, until - note.start - 0.01)
        if length > 0:
            kept.append(PartNote(note.start, length, note.pitch, note.velocity, note.bends))
            next_start[note.pitch] = note.start
    return Part(part.voice, tuple(reversed(kept)), part.own_timing)
