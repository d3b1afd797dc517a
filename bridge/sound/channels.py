"""Plays a MIDI file's events through: pairs the notes' starts and ends, and keeps what the controllers did."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from bridge.sound.smf import MidiEvents, TimedEvent

DRUM_CHANNEL = 9

_LOWEST_GAIN_DB = -96.0


@dataclass(slots=True)
class TakenNote:
    """A note in ticks; `end` is -1 until it is known."""

    start: int
    channel: int
    pitch: int
    velocity: int
    program: int
    pan: float
    end: int = -1


@dataclass(slots=True)
class Curve:
    """What a controller did: `values[i]` holds from `ticks[i]` on."""

    ticks: list[int]
    values: list[float]

    def put(self, tick: int, value: float) -> None:
        """Add a change, if it is one."""
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
class Channel:
    """What a channel is set to, its pressed keys by (track, pitch), and what only its pedal holds, by pitch."""

    program: int = 0
    pan: float = 0.0
    volume: int = 100
    expression: int = 127
    pedal: bool = False
    bend_range: float = 2.0
    parameter: list[int] = field(default_factory=lambda: [127, 127])
    bends: Curve = field(default_factory=lambda: Curve([-1], [0.0]))
    gains: Curve = field(default_factory=lambda: Curve([-1], [0.0]))
    pressed: dict[tuple[int, int], deque[TakenNote]] = field(default_factory=lambda: defaultdict(deque))
    held: dict[int, list[TakenNote]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class Taken:
    """The notes in order of their starts, and the sixteen channels as they were left."""

    notes: list[TakenNote]
    channels: list[Channel]


def take_notes(file: MidiEvents) -> Taken:
    """Play the events through: pair the notes' starts and ends, keep what the controllers did."""
    notes: list[TakenNote] = []
    channels = [Channel() for _ in range(16)]
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
    return Taken(notes, channels)


def _start_note(channel: Channel, event: TimedEvent) -> TakenNote:
    message = event.message
    for ringing in channel.held.pop(message.note, ()):
        ringing.end = event.tick
    note = TakenNote(
        start=event.tick,
        channel=message.channel,
        pitch=message.note,
        velocity=message.velocity,
        program=channel.program,
        pan=channel.pan,
    )
    channel.pressed[event.track, message.note].append(note)
    return note


def _end_note(channel: Channel, event: TimedEvent) -> None:
    """End the oldest note of this pitch, or leave it to the pedal; an end without a start is passed over."""
    waiting = channel.pressed.get((event.track, event.message.note))
    if not waiting:
        return
    note = waiting.popleft()
    if channel.pedal and event.message.channel != DRUM_CHANNEL:
        channel.held[note.pitch].append(note)
    else:
        note.end = event.tick


def _control(channel: Channel, tick: int, control: int, value: int) -> None:
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


def _end_all(notes: Iterable[Iterable[TakenNote]], tick: int) -> None:
    for same_pitch in notes:
        for note in same_pitch:
            note.end = tick


def _gain_db(volume: int, expression: int) -> float:
    """General MIDI's law: 40 log10 of each controller; 0 dB at volume 100 and full expression."""
    share = volume / 100 * expression / 127
    return max(_LOWEST_GAIN_DB, 40 * math.log10(share)) if share > 0 else _LOWEST_GAIN_DB
