"""Turns a MIDI file, or a trigger's notes, into a score: notes in beats with everything applied that shapes them."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, get_args

from bridge.errors import EmptyClip, TooLarge
from bridge.model import MetrePoint, Note, TempoPoint, TimeSignature, Value
from bridge.sound.smf import MidiEvents, TimedEvent, read_events

DRUM_CHANNEL = 9
MAX_BEATS = 1e6

_MAX_MAP = 20_000
_MAX_BENDS_OF_A_NOTE = 256
_MAX_BENDS = 1_000_000
_DENOMINATORS = frozenset(get_args(get_args(TimeSignature)[1]))
_SLOWEST_BPM, _FASTEST_BPM = 20.0, 999.0
_LOWEST_GAIN_DB = -96.0

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
    name: str = ""


def read_midi(path: Path) -> Score:
    """Read a MIDI file.

    Raises:
        MissingFile, UnreadableMidi: it is not there, or cannot be read.
        EmptyClip: it holds no notes.
        TooLarge: over 8 MB, 200,000 notes, a million beats or 20,000 changes of tempo or metre.
    """
    file = read_events(path)
    taken = _take_notes(file)
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
        name=_name_of(file.events, taken),
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


@dataclass(slots=True)
class _TakenNote:
    start: int
    track: int
    channel: int
    pitch: int
    velocity: int
    program: int
    pan: float
    end: int = -1


@dataclass(slots=True)
class _Curve:
    """What a controller did: `values[i]` holds from `ticks[i]` on."""

    ticks: list[int]
    values: list[float]

    def put(self, tick: int, value: float) -> None:
        if value != self.values[-1]:
            self.ticks.append(tick)
            self.values.append(value)

    def between(self, start: int, end: int, most: int) -> list[tuple[int, float]]:
        """The value at `start` and the changes before `end`, thinned evenly to about `most`."""
        first = bisect_right(self.ticks, start) - 1
        last = max(first + 1, bisect_left(self.ticks, end))
        step = max(1, (last - first) // most)
        return [(max(start, self.ticks[at]), self.values[at]) for at in range(first, last, step)]


@dataclass(slots=True)
class _Channel:
    program: int = 0
    pan: float = 0.0
    volume: int = 100
    expression: int = 127
    pedal: bool = False
    bend_range: float = 2.0
    parameter: list[int] = field(default_factory=lambda: [127, 127])
    bends: _Curve = field(default_factory=lambda: _Curve([-1], [0.0]))
    gains: _Curve = field(default_factory=lambda: _Curve([-1], [0.0]))
    pressed: dict[tuple[int, int], deque[_TakenNote]] = field(default_factory=lambda: defaultdict(deque))
    held: dict[int, list[_TakenNote]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class _Taken:
    notes: list[_TakenNote]
    channels: list[_Channel]


def _take_notes(file: MidiEvents) -> _Taken:
    """Play the events through: pair the notes' starts and ends, keep what the controllers did."""
    notes: list[_TakenNote] = []
    channels = [_Channel() for _ in range(16)]
    for event in file.events:
        message = event.message
        kind = message.type
        if kind == "note_on" and message.velocity > 0:
            notes.append(_start_note(channels[message.channel], event))
        elif kind in ("note_on", "note_off"):
            _end_note(channels[message.channel], event)
        elif kind == "control_change":
            _control(channels[message.channel], event.tick, message.control, message.value)
        elif kind == "pitchwheel":
            channel = channels[message.channel]
            channel.bends.put(event.tick, message.pitch / 8192 * channel.bend_range)
        elif kind == "program_change":
            channels[message.channel].program = message.program
    for note in notes:
        if note.end < 0:
            note.end = file.end_tick
    return _Taken(notes, channels)


def _start_note(channel: _Channel, event: TimedEvent) -> _TakenNote:
    message = event.message
    for ringing in channel.held.pop(message.note, ()):
        ringing.end = event.tick
    note = _TakenNote(
        start=event.tick,
        track=event.track,
        channel=message.channel,
        pitch=message.note,
        velocity=message.velocity,
        program=channel.program,
        pan=channel.pan,
    )
    channel.pressed[event.track, message.note].append(note)
    return note


def _end_note(channel: _Channel, event: TimedEvent) -> None:
    """End the oldest note of this pitch, or leave it to the pedal; an end without a start is passed over."""
    waiting = channel.pressed.get((event.track, event.message.note))
    if not waiting:
        return
    note = waiting.popleft()
    if channel.pedal and event.message.channel != DRUM_CHANNEL:
        channel.held[note.pitch].append(note)
    else:
        note.end = event.tick


def _control(channel: _Channel, tick: int, control: int, value: int) -> None:
    match control:
        case 7:
            channel.volume = value
        case 11:
            channel.expression = value
        case 10:
            channel.pan = max(-1.0, (value - 64) / 63)
        case 64:
            channel.pedal = value >= 64
            if not channel.pedal:
                _end_all(channel.held.values(), tick)
                channel.held.clear()
        case 100 | 101:
            channel.parameter[control - 100] = value
        case 6 if channel.parameter == [0, 0]:
            channel.bend_range = value + channel.bend_range % 1
        case 38 if channel.parameter == [0, 0]:
            channel.bend_range = int(channel.bend_range) + min(value, 99) / 100
        case 120 | 123:
            _end_all([*channel.held.values(), *channel.pressed.values()], tick)
            channel.held.clear()
            channel.pressed.clear()
        case 121:
            channel.expression = 127
            channel.bends.put(tick, 0.0)
            _control(channel, tick, 64, 0)
    if control in (7, 11, 121):
        channel.gains.put(tick, _gain_db(channel.volume, channel.expression))


def _end_all(notes: Any, tick: int) -> None:
    for same_pitch in notes:
        for note in same_pitch:
            note.end = tick


def _gain_db(volume: int, expression: int) -> float:
    """General MIDI's law: 40 log10 of each controller; 0 dB at volume 100 and full expression."""
    share = volume / 100 * expression / 127
    return max(_LOWEST_GAIN_DB, 40 * math.log10(share)) if share > 0 else _LOWEST_GAIN_DB


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
    return min(_FASTEST_BPM, max(_SLOWEST_BPM, bpm))


def _finished(taken: _Taken, ticks_per_beat: float) -> tuple[ScoreNote, ...]:
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


def _bends_of(note: _TakenNote, curve: _Curve, most: int, ticks_per_beat: float) -> tuple[tuple[float, float], ...]:
    if note.channel == DRUM_CHANNEL or len(curve.ticks) == 1:
        return ()
    points = curve.between(note.start, note.end, most)
    return tuple((tick / ticks_per_beat, bend) for tick, bend in points) if any(bend for _, bend in points) else ()


def _name_of(events: Sequence[TimedEvent], taken: _Taken) -> str:
    """The name of the track with the most notes, else the first name in the file."""
    names: dict[int, str] = {}
    for event in events:
        if event.message.type == "track_name" and event.message.name.strip():
            names.setdefault(event.track, _text(event.message.name))
    counts: dict[int, int] = defaultdict(int)
    for note in taken.notes:
        counts[note.track] += 1
    busiest = max(counts, key=lambda track: counts[track])
    return names.get(busiest) or next(iter(names.values()), "")


def _text(latin: str) -> str:
    """UTF-8 where the bytes are that, else the Latin-1 of the standard."""
    try:
        return latin.encode("latin-1").decode("utf-8").strip()
    except UnicodeError:
        return latin.strip()
