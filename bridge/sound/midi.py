"""Turns a MIDI file, or a trigger's notes, into a score: notes in beats with everything applied that shapes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar, get_args

from bridge.errors import EmptyClip, TooLarge
from bridge.model import FASTEST_BPM, SLOWEST_BPM, MetrePoint, Note, TempoPoint, TimeSignature, Value
from bridge.sound.channels import DRUM_CHANNEL, Curve, Taken, TakenNote, take_notes
from bridge.sound.smf import TimedEvent, read_events

MAX_BEATS = 1e6

_MAX_MAP = 20_000
_MAX_BENDS_OF_A_NOTE = 256
_MAX_BENDS = 1_000_000
_DENOMINATORS = frozenset(get_args(get_args(TimeSignature)[1]))

_Point = TypeVar("_Point")


class ScoreNote(Value, frozen=True, kw_only=True):
    """One note: `start` and `duration` in beats, the sustain pedal already in `duration`.

    `bends` are (beat of the score, semitones), each holding until the next; `gain_db` is the channel's
    volume and expression against General MIDI's defaults, `pan` runs from -1 (left) to 1.
    """

    start: float
    duration: float
    pitch: int
    velocity: float
    channel: int = 0
    program: int = 0
    drums: bool = False
    bends: tuple[tuple[float, float], ...] = ()
    gain_db: float = 0.0
    pan: float = 0.0


class Score(Value, frozen=True, kw_only=True):
    """Notes sorted by start, and what the file says of tempo, metre and key; both maps are empty where it says nothing.

    `beats` is the end: of the file (its last event) or of the last note, whichever is later.
    """

    notes: tuple[ScoreNote, ...]
    beats: float
    tempo_map: tuple[TempoPoint, ...] = ()
    metre_map: tuple[MetrePoint, ...] = ()
    key: str = ""


def read_midi(path: Path) -> Score:
    """Read a MIDI file.

    Raises:
        MissingFile, UnreadableMidi: it is not there, or cannot be read.
        EmptyClip: it holds no notes.
        TooLarge: over 8 MB, 200,000 notes, a million beats or 20,000 changes of tempo or metre.
    """
    file = read_events(path)
    taken = take_notes(file)
    if not taken.notes:
        raise EmptyClip(f"{path} holds no notes.")
    tempi, metres, keys = _song_facts(file.events)
    if max(len(tempi), len(metres)) > _MAX_MAP:
        raise TooLarge(f"{path} changes its tempo or metre more than {_MAX_MAP:,} times.")
    ticks_per_beat = float(file.ticks_per_beat)
    if file.ticks_per_second:
        first_bpm = next(iter(tempi.values()), 120.0)
        tempi = {0: first_bpm}
        ticks_per_beat = file.ticks_per_second * 60 / first_bpm
    last = max(note.end for note in taken.notes) / ticks_per_beat
    if last > MAX_BEATS:
        raise TooLarge(f"{path} is {last:.3g} beats long; a million is the limit.")
    end = file.end_tick / ticks_per_beat
    return Score(
        notes=_finished(taken, ticks_per_beat),
        beats=max(last, end) if end <= MAX_BEATS else last,
        tempo_map=tuple(TempoPoint(beat=tick / ticks_per_beat, bpm=bpm) for tick, bpm in tempi.items()),
        metre_map=tuple(MetrePoint(beat=tick / ticks_per_beat, time_signature=sign) for tick, sign in metres.items()),
        key=keys[0] if keys else "",
    )


def score_of(notes: Sequence[Note], program: int, drums: bool) -> Score:
    """Make a score of a trigger's notes; muted and silent ones are left out.

    Raises:
        EmptyClip: none is left.
    """
    heard = sorted(
        (note for note in notes if not note.muted and note.velocity > 0), key=lambda note: (note.start, note.pitch)
    )
    if not heard:
        raise EmptyClip("The clip holds no notes, or all of them are muted.")
    return Score(
        notes=tuple(
            ScoreNote(
                start=note.start,
                duration=note.duration,
                pitch=note.pitch,
                velocity=note.velocity,
                channel=DRUM_CHANNEL if drums else 0,
                program=program,
                drums=drums,
            )
            for note in heard
        ),
        beats=max(note.start + note.duration for note in heard),
    )


def _song_facts(events: Sequence[TimedEvent]) -> tuple[dict[int, float], dict[int, TimeSignature], list[str]]:
    """Tempi and time signatures by tick (both from tick 0 on, where there are any), and the key signatures."""
    tempi: dict[int, float] = {}
    metres: dict[int, TimeSignature] = {}
    keys: list[str] = []
    for event in events:
        message = event.message
        if message.type == "set_tempo":
            tempi[event.tick] = _bpm(message.tempo)
        elif message.type == "time_signature":
            if 1 <= message.numerator <= 99 and message.denominator in _DENOMINATORS:
                metres[event.tick] = (message.numerator, message.denominator)
        elif message.type == "key_signature":
            keys.append(f"{message.key[:-1]} minor" if message.key.endswith("m") else f"{message.key} major")
    return _from_the_start(tempi, 120.0), _from_the_start(metres, (4, 4)), keys


def _from_the_start(points: dict[int, _Point], default: _Point) -> dict[int, _Point]:
    return points if not points or 0 in points else {0: default} | points


def _bpm(microseconds_per_beat: int) -> float:
    """Beats a minute: the round number that a DAW meant where it gives these microseconds, else the exact one."""
    bpm = 60e6 / max(1, microseconds_per_beat)
    meant = round(bpm, 2)
    if round(60e6 / max(0.01, meant)) == microseconds_per_beat:
        bpm = meant
    return min(FASTEST_BPM, max(SLOWEST_BPM, bpm))


def _finished(taken: Taken, ticks_per_beat: float) -> tuple[ScoreNote, ...]:
    most = max(2, min(_MAX_BENDS_OF_A_NOTE, _MAX_BENDS // len(taken.notes)))
    return tuple(
        ScoreNote(
            start=note.start / ticks_per_beat,
            duration=max(0, note.end - note.start) / ticks_per_beat,
            pitch=note.pitch,
            velocity=note.velocity,
            channel=note.channel,
            program=note.program,
            drums=note.channel == DRUM_CHANNEL,
            bends=_bends_of(note, taken.channels[note.channel].bends, most, ticks_per_beat),
            gain_db=max(gain for _, gain in taken.channels[note.channel].gains.between(note.start, note.end, most)),
            pan=note.pan,
        )
        for note in taken.notes
    )


def _bends_of(note: TakenNote, curve: Curve, most: int, ticks_per_beat: float) -> tuple[tuple[float, float], ...]:
    if note.channel == DRUM_CHANNEL or len(curve.ticks) == 1:
        return ()
    points = curve.between(note.start, note.end, most)
    return tuple((tick / ticks_per_beat, bend) for tick, bend in points) if any(bend for _, bend in points) else ()
