"""DAWproject, the exchange format of Bitwig, Studio One, Cubase and others: a zip with a project.xml."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

from bridge.model import TempoPoint
from bridge.music.tempo import tempo_line
from bridge.projects.curves import (
    LATEST_BEAT,
    STRAIGHT,
    TempoEvent,
    metre_map,
    number,
    tempo_by_beats,
    tempo_by_seconds,
    whole,
)
from bridge.projects.facts import Placement, Project
from bridge.projects.strange import (
    MAX_EVENTS,
    MAX_NAME,
    MAX_PATH,
    MAX_PLACEMENTS,
    MAX_TRACKS,
    MAX_UNPACKED_BYTES,
    Counted,
    StrangeFile,
)
from bridge.projects.xml import Closed, Opened, walk

_PROJECT = "project.xml"
_MAX_LIST_BYTES = 2 * 1024 * 1024
_MAX_PACKED_BYTES = 64 * 1024 * 1024
_MAX_MEMBERS = 20_000
_KINDS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_MAX_FILES = 200
_NO_INSTRUMENTS = {"master", "effect"}
_TIMELINES = {"Lanes", "Clips", "Warps", "ClipSlot", "Notes", "Points", "Audio", "Video", "Markers"}


def read_dawproject(path: Path) -> Project:
    """Read a DAWproject: tempo and metre with their automation, tracks and files. The format has no key and no rate.

    Raises:
        StrangeFile and the others of `STRANGE`: it is none, or is over a limit.
    """
    with path.open("rb") as file:
        budget = _Budget(file)
        with zipfile.ZipFile(budget) as archive:
            members = archive.infolist()
            if len(members) > _MAX_MEMBERS:
                raise StrangeFile("it holds more files than a project can hold")
            sizes = {member.filename: member.file_size for member in members}
            project = next((member for member in members if member.filename == _PROJECT), None)
            if project is None or project.compress_type not in _KINDS:
                raise StrangeFile("there is no project.xml in it")
            budget.left = _MAX_PACKED_BYTES
            found = _DawProject(sizes)
            with archive.open(project) as member:
                walk(Counted(member.read, MAX_UNPACKED_BYTES).read, found.opened(), found.closed())
    return found.project()


class _Budget:
    """A file of which only so many bytes are read: first the list of what a zip holds, then what is wanted of it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.left = _MAX_LIST_BYTES
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self.left + 1 if size < 0 else min(size, self.left + 1))
        self.left -= len(data)
        if self.left < 0:
            raise StrangeFile("it holds more than a project can hold")
        return data


class _Scope(NamedTuple):
    """What a timeline hands down to those inside it."""

    unit: str = "beats"
    track: str = ""


@dataclass
class _Clip:
    depth: int
    at: float
    scope: _Scope
    arranged: bool
    files: list[tuple[str, int | None]] = field(default_factory=list)


@dataclass
class _DawProject:
    """What has been met of a project so far; `sizes` are the bytes of what lies in the zip."""

    sizes: Mapping[str, int]
    is_project: bool = False
    bpm: str | None = None
    metre: tuple[int, int] | None = None
    tempo_unit: str = "beats"
    metre_unit: str = "beats"
    tempi: list[TempoEvent] = field(default_factory=list)
    metres: list[tuple[float, int, int]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    open_tracks: list[str] = field(default_factory=list)
    scopes: list[_Scope] = field(default_factory=lambda: [_Scope()])
    clip: _Clip | None = None
    clips: list[_Clip] = field(default_factory=list)

    def opened(self) -> dict[str, Opened]:
        """What is listened to, by the element's name."""
        return {
            "Project": self._begin,
            "Tempo": self._read_tempo,
            "TimeSignature": self._read_metre,
            "TempoAutomation": self._begin_automation,
            "TimeSignatureAutomation": self._begin_automation,
            "RealPoint": self._read_tempo_point,
            "TimeSignaturePoint": self._read_metre_point,
            "Track": self._begin_track,
            "Channel": self._read_channel,
            "Clip": self._begin_clip,
            "File": self._read_file,
            **dict.fromkeys(_TIMELINES, self._begin_timeline),
        }

    def closed(self) -> dict[str, Closed]:
        """What is listened to at its end."""
        return {
            "Track": self._end_track,
            "Clip": self._end_clip,
            **dict.fromkeys(_TIMELINES, self._end_timeline),
        }

    def project(self) -> Project:
        """What all of it comes to."""
        if not self.is_project:
            raise StrangeFile("its project.xml is none")
        tempo_map = self._tempo_map()
        line = tempo_line(tempo_map).inverse if tempo_map else None

        def beat_of(at: float, unit: str) -> float | None:
            beat = at if unit == "beats" else line(at) if line is not None and abs(at) < LATEST_BEAT else None
            return beat if beat is not None and abs(beat) < LATEST_BEAT else None

        metres = [(beat_of(at, self.metre_unit), above, below) for at, above, below in self.metres]
        placed = [(beat, above, below) for beat, above, below in metres if beat is not None]
        if not self.metres and self.metre is not None:
            placed = [(0.0, *self.metre)]
        return Project(
            daw="other",
            tempo_map=tempo_map,
            metre_map=metre_map(placed) if len(placed) >= len(self.metres) else (),
            tracks=tuple(self.names[key] for key in self.order if key not in self.silent and self.names[key]),
            placements=tuple(
                Placement(
                    self.names.get(clip.scope.track, ""),
                    (file,),
                    beat_of(clip.at, clip.scope.unit) if clip.arranged else None,
                    size,
                )
                for clip in self.clips
                for file, size in clip.files
            ),
        )

    def _begin(self, names: Sequence[str], _: Mapping[str, str]) -> None:
        self.is_project = self.is_project or len(names) == 1

    def _read_tempo(self, names: Sequence[str], attributes: Mapping[str, str]) -> None:
        if names[1:] == ["Transport", "Tempo"]:
            self.bpm = attributes.get("value")

    def _read_metre(self, names: Sequence[str], attributes: Mapping[str, str]) -> None:
        if names[1:] == ["Transport", "TimeSignature"]:
            self.metre = whole(attributes.get("numerator")), whole(attributes.get("denominator"))

    def _begin_automation(self, names: Sequence[str], attributes: Mapping[str, str]) -> None:
        unit = attributes.get("timeUnit", "beats")
        if names[1:] == ["Arrangement", "TempoAutomation"]:
            self.tempo_unit = unit
        elif names[1:] == ["Arrangement", "TimeSignatureAutomation"]:
            self.metre_unit = unit

    def _read_tempo_point(self, names: Sequence[str], attributes: Mapping[str, str]) -> None:
        if names[1:-1] == ["Arrangement", "TempoAutomation"]:
            if len(self.tempi) >= MAX_EVENTS:
                raise StrangeFile("its tempo changes more often than can be followed")
            bend = STRAIGHT if attributes.get("interpolation") == "linear" else None
            self.tempi.append(TempoEvent(number(attributes.get("time")), number(attributes.get("value")), bend))

    def _read_metre_point(self, names: Sequence[str], attributes: Mapping[str, str]) -> None:
        if names[1:-1] == ["Arrangement", "TimeSignatureAutomation"]:
            if len(self.metres) >= MAX_EVENTS:
                raise StrangeFile("its metre changes more often than can be followed")
            above, below = whole(attributes.get("numerator")), whole(attributes.get("denominator"))
            self.metres.append((number(attributes.get("time")), above, below))

    def _begin_track(self, _: Sequence[str], attributes: Mapping[str, str]) -> None:
        if len(self.order) >= MAX_TRACKS:
            raise StrangeFile("it has more tracks than can be followed")
        key = attributes.get("id") or f"track {len(self.order)}"
        self.names[key] = attributes.get("name", "")[:MAX_NAME]
        self.order.append(key)
        self.open_tracks.append(key)

    def _end_track(self, _: Sequence[str]) -> None:
        self.open_tracks.pop()

    def _read_channel(self, names: Sequence[str], attributes: Mapping[str, str]) -> None:
        if self.open_tracks and names[-2] == "Track" and attributes.get("role") in _NO_INSTRUMENTS:
            self.silent.add(self.open_tracks[-1])

    def _begin_timeline(self, _: Sequence[str], attributes: Mapping[str, str]) -> None:
        above = self.scopes[-1]
        self.scopes.append(_Scope(attributes.get("timeUnit", above.unit), attributes.get("track", above.track)))

    def _end_timeline(self, _: Sequence[str]) -> None:
        self.scopes.pop()

    def _begin_clip(self, names: Sequence[str], attributes: Mapping[str, str]) -> None:
        if self.clip is None:
            arranged = names[1:2] == ["Arrangement"]
            self.clip = _Clip(len(names), number(attributes.get("time")), self.scopes[-1], arranged)

    def _end_clip(self, names: Sequence[str]) -> None:
        if self.clip is not None and len(names) == self.clip.depth:
            if self.clip.files and len(self.clips) < MAX_PLACEMENTS:
                self.clips.append(self.clip)
            self.clip = None

    def _read_file(self, names: Sequence[str], attributes: Mapping[str, str]) -> None:
        path = attributes.get("path", "")
        if self.clip is not None and path and names[-2:-1] == ["Audio"] and len(self.clip.files) < _MAX_FILES:
            packed = None if attributes.get("external") == "true" else self.sizes.get(path, -1)
            self.clip.files.append((path[:MAX_PATH], packed))

    def _tempo_map(self) -> tuple[TempoPoint, ...]:
        if not self.tempi:
            return tempo_by_beats([TempoEvent(0.0, number(self.bpm))]) if self.bpm is not None else ()
        return tempo_by_beats(self.tempi) if self.tempo_unit == "beats" else tempo_by_seconds(self.tempi)
