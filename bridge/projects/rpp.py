"""REAPER's projects: lines of words in blocks that open with `<` and close with `>`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from bridge.music.tempo import tempo_line
from bridge.projects.curves import (
    LATEST_BEAT,
    STRAIGHT,
    TempoEvent,
    metre_map,
    number,
    tempo_by_seconds,
    whole,
)
from bridge.projects.facts import Placement, Project
from bridge.projects.strange import MAX_EVENTS, MAX_NAME, MAX_PATH, MAX_PLACEMENTS, MAX_TRACKS, StrangeFile

_MAX_FILE_BYTES = 64 * 1024 * 1024
_MAX_LINE_BYTES = 16 * 1024
_MAX_DEPTH = 100
_HEAD = b"<REAPER_PROJECT"

_WORD = re.compile(r"\"([^\"]*)\"|'([^']*)'|`([^`]*)`|(\S+)")
_HEARD = (b"TEMPO ", b"SAMPLERATE ", b"PT ", b"NAME ", b"POSITION ", b"FILE ")

_RAMP = 0
_NO_TEMPO = 2
_SIGNATURE_STEP = 65536
_MAX_TAKES = 200
_RATES = range(8000, 384_001)


def read_rpp(path: Path) -> Project:
    """Read a REAPER project: tempo and metre with their markers, the sample rate where it is set, tracks and files.

    REAPER's projects have no key. Tempi count quarter notes; a ramp is straight over time.

    Raises:
        StrangeFile, OSError: it is none, or is over a limit.
    """
    if path.stat().st_size > _MAX_FILE_BYTES:
        raise StrangeFile("it is larger than a project can be")
    reaper = _Rpp()
    with path.open("rb") as file:
        for line in _lines(file):
            reaper.read(line)
    return reaper.project()


@dataclass
class _Marker:
    seconds: float
    bpm: float
    ramp: bool
    signature: int
    sets_tempo: bool


@dataclass
class _Item:
    track: str
    seconds: float
    files: list[str] = field(default_factory=list)


@dataclass
class _Rpp:
    """What has been met of a project so far; `blocks` are the names of those that are open."""

    blocks: list[bytes] = field(default_factory=list)
    tempo: tuple[float, int, int] | None = None
    markers: list[_Marker] = field(default_factory=list)
    sample_rate: int | None = None
    track: str = ""
    tracks: list[str] = field(default_factory=list)
    item: _Item = field(default_factory=lambda: _Item("", float("nan")))
    items: list[_Item] = field(default_factory=list)

    def read(self, line: bytes) -> None:
        """Take in one line."""
        if line.startswith(b"<"):
            self._open(line)
        elif line.startswith(b">") and line.strip() == b">":
            if self.blocks:
                self.blocks.pop()
        elif line.startswith(_HEARD) and self.blocks:
            self._hear(_words(line))

    def project(self) -> Project:
        """What all of it comes to."""
        if self.tempo is None and not self.markers and not self.tracks:
            raise StrangeFile("it is no REAPER project")
        tempo_map = tempo_by_seconds(self._tempo_events())
        line = tempo_line(tempo_map).inverse if tempo_map else None
        signed = [marker for marker in self.markers if marker.signature]
        metres = [(0.0, *self.tempo[1:])] if self.tempo is not None and (line is not None or not signed) else []
        if line is not None:
            metres += [(line(marker.seconds), *_metre_of(marker.signature)) for marker in signed]
        placements = tuple(
            Placement(item.track, tuple(item.files), line(item.seconds) if line and _is_place(item.seconds) else None)
            for item in self.items
            if item.files
        )
        return Project(
            daw="reaper",
            tempo_map=tempo_map,
            metre_map=metre_map(metres),
            sample_rate=self.sample_rate,
            tracks=tuple(self.tracks),
            placements=placements,
        )

    def _open(self, line: bytes) -> None:
        if not self.blocks and not line.startswith(_HEAD):
            raise StrangeFile("it is no REAPER project")
        if len(self.blocks) >= _MAX_DEPTH:
            raise StrangeFile("its blocks lie too deep in each other")
        self.blocks.append(line[1:].split(None, 1)[0] if line[1:].strip() else b"")
        if self.blocks[1:] == [b"TRACK"]:
            self.track = ""
        elif self.blocks[1:] == [b"TRACK", b"ITEM"]:
            self.item = _Item(self.track, float("nan"))
            self.items += [self.item] if len(self.items) < MAX_PLACEMENTS else []
        elif self._in_source():
            words = _words(line)
            if "FILE" in words[:-1]:
                self._add_file(words[words.index("FILE") + 1])

    def _hear(self, words: list[str]) -> None:
        inside, name = self.blocks[1:], words[0]
        if not inside and name == "TEMPO" and self.tempo is None and len(words) >= 4:
            self.tempo = number(words[1]), whole(words[2]), whole(words[3])
        elif not inside and name == "SAMPLERATE" and len(words) >= 3 and words[2] == "1":
            rate = whole(words[1])
            self.sample_rate = rate if rate in _RATES else None
        elif inside == [b"TEMPOENVEX"] and name == "PT" and len(words) >= 4:
            self._add_marker(words)
        elif inside == [b"TRACK"] and name == "NAME" and len(words) >= 2:
            self._name_track(words[1])
        elif inside == [b"TRACK", b"ITEM"] and name == "POSITION" and len(words) >= 2:
            self.item.seconds = number(words[1])
        elif name == "FILE" and len(words) >= 2 and self._in_source():
            self._add_file(words[1])

    def _in_source(self) -> bool:
        return self.blocks[1:4] == [b"TRACK", b"ITEM", b"SOURCE"] and set(self.blocks[4:]) <= {b"SOURCE"}

    def _add_file(self, file: str) -> None:
        if len(self.item.files) < _MAX_TAKES:
            self.item.files.append(file[:MAX_PATH])

    def _add_marker(self, words: list[str]) -> None:
        if len(self.markers) >= MAX_EVENTS:
            raise StrangeFile("its tempo changes more often than can be followed")
        rest = [whole(word, 0) for word in words[3:7]] + [0] * 4
        shape, signature, _, flags = rest[:4]
        self.markers.append(
            _Marker(number(words[1]), number(words[2]), shape == _RAMP, max(signature, 0), not flags & _NO_TEMPO)
        )

    def _name_track(self, name: str) -> None:
        self.track = name[:MAX_NAME]
        self.tracks += [self.track] if self.track and len(self.tracks) < MAX_TRACKS else []

    def _tempo_events(self) -> list[TempoEvent]:
        events = [
            TempoEvent(marker.seconds, marker.bpm, STRAIGHT if marker.ramp else None)
            for marker in self.markers
            if marker.sets_tempo
        ]
        if self.tempo is not None and (not events or events[0].at > 0):
            events.insert(0, TempoEvent(0.0, self.tempo[0]))
        return events


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines without what indents them; of one that is longer than any we need, its beginning."""
    while line := file.readline(_MAX_LINE_BYTES):
        yield line.lstrip()
        while not line.endswith(b"\n") and len(line) == _MAX_LINE_BYTES:
            line = file.readline(_MAX_LINE_BYTES)


def _words(line: bytes) -> list[str]:
    """The words of a line; one that holds spaces stands in quotes of one of three kinds."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = line.decode("cp1252", errors="replace")
    return [next((part for part in found.groups() if part is not None), "") for found in _WORD.finditer(text)]


def _metre_of(signature: int) -> tuple[int, int]:
    return signature % _SIGNATURE_STEP, signature // _SIGNATURE_STEP


def _is_place(seconds: float) -> bool:
    return abs(seconds) <= LATEST_BEAT
