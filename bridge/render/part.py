"""Which part a clip plays: its instrument, and whether it is drums."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from bridge.model import Trigger, Value
from bridge.music.instruments import program_of


class Part(Value, frozen=True, kw_only=True):
    """A General MIDI program, None where nothing tells; drums have none."""

    program: int | None = None
    drums: bool = False


def part_of(trigger: Trigger, programs: Sequence[int] = (), *, drum_notes: bool = False) -> Part:
    """The part by what the track says, else by the MIDI file's `programs`, else by the names around the clip.

    A file whose programs are all 0 has said nothing: most exporters write that for any instrument.
    `drum_notes`: all its notes lie on the drum channel.
    """
    track = trigger.track
    if track.drums or drum_notes:
        return Part(drums=True)
    if track.program is not None:
        return Part(program=track.program)
    if any(programs):
        return Part(program=max(set(programs), key=programs.count))
    for words in (track.instrument, track.name, trigger.clip.name, _stem(trigger)):
        instrument = program_of(words)
        if instrument is not None:
            return Part(drums=True) if instrument.drums else Part(program=instrument.program)
    return Part()


def _stem(trigger: Trigger) -> str:
    clip = trigger.clip
    file = clip.audio or clip.midi
    return PurePath(file.path).stem if file is not None else ""
