"""What the bridge knows of a section, for our own engine: the private chunk of a conditioning WAV."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, takewhile
from typing import Any

import msgspec

from bridge.contract import HINTS_CHUNK, MAX_HINTS_BYTES, Hints
from bridge.model import MetrePoint, Note, Section, Song, TempoPoint, Trigger
from bridge.render.part import Part


def hints_chunks(
    trigger: Trigger, song: Song, sections: Sequence[Section], number: int, notes: Sequence[Note], part: Part
) -> tuple[tuple[bytes, bytes], ...]:
    """The chunk of a section, as JSON of at most 4 MB: notes that go beyond are left out; none without a tempo."""
    section = sections[number]
    if song.bpm is None or section.start_beats is None or section.beats is None:
        return ()
    start, end = section.start_beats, section.start_beats + section.beats
    tempi = [point for point in song.tempo_map if point.beat <= start][-1:]
    metres = [point for point in song.metre_map if point.beat <= start][-1:]
    tempi += [point for point in song.tempo_map if start < point.beat < end]
    metres += [point for point in song.metre_map if start < point.beat < end]
    hints = Hints(
        bpm=tempi[0].bpm if tempi else song.bpm,
        beats=section.beats,
        tempo_map=tuple(TempoPoint(beat=max(point.beat - start, 0.0), bpm=point.bpm) for point in tempi),
        time_signature=metres[0].time_signature if metres else song.time_signature,
        metre_map=tuple(
            MetrePoint(beat=max(point.beat - start, 0.0), time_signature=point.time_signature) for point in metres
        ),
        grouping=song.grouping,
        swing=song.swing,
        key=song.key,
        mode=trigger.ask.mode,
        loops=song.loops,
        drums=part.drums,
        section=number,
        sections=len(sections),
        track=_words(trigger, part),
    )
    return ((HINTS_CHUNK, _encoded(hints, notes)),)


def _words(trigger: Trigger, part: Part) -> dict[str, Any]:
    words = {
        "name": trigger.track.name,
        "instrument": trigger.track.instrument,
        "clip": trigger.clip.name,
        "program": part.program,
    }
    return {name: word for name, word in words.items() if word not in ("", None)}


def _encoded(hints: Hints, notes: Sequence[Note]) -> bytes:
    encoder = msgspec.json.Encoder()
    whole = encoder.encode(msgspec.structs.replace(hints, notes=tuple(notes)))
    if len(whole) <= MAX_HINTS_BYTES:
        return whole
    room = MAX_HINTS_BYTES - len(encoder.encode(hints)) - len(b',"notes":[]')
    sizes = accumulate(len(encoder.encode(note)) + 1 for note in notes)
    fitting = sum(1 for _ in takewhile(lambda size: size <= room, sizes))
    return encoder.encode(msgspec.structs.replace(hints, notes=tuple(notes[:fitting])))
