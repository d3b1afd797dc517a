"""Ableton Live's sets: XML in gzip, of Live 11 and 12."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from bridge.model import KeyNumbers
from bridge.music.scales import SCALES, scale_named
from bridge.projects.curves import LATEST_BEAT, Bend, TempoEvent, metre_map, number, tempo_by_beats, whole
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

_MAX_FILE_BYTES = 128 * 1024 * 1024
_GZIP = b"\x1f\x8b"
_TRACKS = {"AudioTrack", "MidiTrack", "GroupTrack"}
_MAINS = {"MainTrack", "MasterTrack"}
_FIRST_WITH_SCALE_MODE = 12

# Live 12 writes a scale as its place in the chooser; further down, accounts of the order differ.
_SCALES = tuple(SCALES)[:21]

# Metres are one number: 99 to each doubling of the denominator, from 1/1.
_NUMERATORS = 99

_TEMPO = ("DeviceChain", "Mixer", "Tempo")
_METRE = ("DeviceChain", "Mixer", "TimeSignature")
_ENVELOPES = ("AutomationEnvelopes", "Envelopes", "AutomationEnvelope")
_ARRANGEMENT = ("DeviceChain", "MainSequencer", "Sample", "ArrangerAutomation", "Events")
_CURVE = ("CurveControl1X", "CurveControl1Y", "CurveControl2X", "CurveControl2Y")


def read_als(path: Path) -> Project:
    """Read a Live set.

    Tempo and metre are the main track's with its automation. A key is told only where the set's scale is switched on,
    which Live 12 began with. Live keeps no sample rate in its sets.

    Raises:
        StrangeFile and the others of `STRANGE`: it is none, or is over a limit.
    """
    if path.stat().st_size > _MAX_FILE_BYTES:
        raise StrangeFile("it is larger than a set can be")
    live = _Set()
    with path.open("rb") as file:
        source: BinaryIO | gzip.GzipFile = gzip.GzipFile(fileobj=file) if file.peek(2)[:2] == _GZIP else file
        walk(Counted(source.read, MAX_UNPACKED_BYTES).read, live.opened(), live.closed())
    return live.project()


@dataclass
class _Envelope:
    target: str = ""
    events: list[tuple[float, float, Bend]] = field(default_factory=list)


@dataclass
class _Clip:
    depth: int
    beat: float | None
    files: list[str] = field(default_factory=list)


@dataclass
class _Set:
    """What has been met of a set so far; `names` are the elements from `Ableton` down to the one that is told."""

    version: int = 0
    manual: dict[str, float] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)
    envelopes: list[_Envelope] = field(default_factory=list)
    events: int = 0
    root: int = -1
    scale: str = ""
    in_key: bool = False
    track: str = ""
    tracks: list[str] = field(default_factory=list)
    clip: _Clip | None = None
    placements: list[Placement] = field(default_factory=list)

    def opened(self) -> dict[str, Opened]:
        """What is listened to, by the element's name."""
        return {
            "Ableton": self._begin,
            "EffectiveName": self._name_track,
            "Manual": self._read_manual,
            "AutomationTarget": self._read_target,
            "AutomationEnvelope": self._begin_envelope,
            "PointeeId": self._point_envelope,
            "FloatEvent": self._read_event,
            "EnumEvent": self._read_event,
            "Root": self._read_scale,
            "RootNote": self._read_scale,
            "Name": self._read_scale,
            "InKey": self._read_in_key,
            "AudioClip": self._begin_clip,
            "Path": self._read_file,
            "RelativePath": self._read_file,
        }

    def closed(self) -> dict[str, Closed]:
        """What is listened to at its end."""
        return {"AudioClip": self._end_clip}

    def project(self) -> Project:
        """What all of it comes to."""
        if not self.version:
            raise StrangeFile("it is no Live set")
        return Project(
            daw="live",
            tempo_map=tempo_by_beats(self._tempo_events()),
            metre_map=metre_map(self._metre_events()),
            key=self._key(),
            tracks=tuple(self.tracks),
            placements=tuple(self.placements),
        )

    def _begin(self, names: Sequence[str], attributes: Mapping[str, str]) -> None:
        if len(names) == 1:
            version = re.match(r"\d{1,3}", attributes.get("MinorVersion", ""))
            self.version = int(version.group()) if version else 0

    def _name_track(self, names: Sequence[str], attributes: Mapping[str, str]) -> None:
        if len(names) == 6 and names[2] == "Tracks" and names[3] in _TRACKS and names[4] == "Name":
            self.track = attributes.get("Value", "")[:MAX_NAME]
            self.tracks += [self.track] if self.track and len(self.tracks) < MAX_TRACKS else []

    def _read_manual(self, names: Sequence[str], attributes: Mapping[str, str]) -> None:
        if _in_main(names) and names[3:-1] in (list(_TEMPO), list(_METRE)):
            self.manual[names[-2]] = number(attributes.get("Value"))

    def _read_target(self, names: Sequence[str], attributes: Mapping[str, str]) -> None:
        if _in_main(names) and names[3:-1] in (list(_TEMPO), list(_METRE)):
            self.targets[names[-2]] = attributes.get("Id", "")

    def _begin_envelope(self, names: Sequence[str], _: Mapping[str, str]) -> None:
        if _in_main(names) and names[3:] == list(_ENVELOPES):
            self.envelopes.append(_Envelope())

    def _point_envelope(self, names: Sequence[str], attributes: Mapping[str, str]) -> None:
        if self.envelopes and _in_main(names) and names[3:6] == list(_ENVELOPES):
            self.envelopes[-1].target = attributes.get("Value", "")

    def _read_event(self, names: Sequence[str], attributes: Mapping[str, str]) -> None:
        if not self.envelopes or not _in_main(names) or names[3:6] != list(_ENVELOPES):
            return
        self.events += 1
        if self.events > 10 * MAX_EVENTS:
            raise StrangeFile("its main track holds more automation than can be followed")
        bend = [number(attributes.get(part), 0.5) for part in _CURVE]
        curve = Bend(*(min(max(part, 0.0), 1.0) for part in bend))
        self.envelopes[-1].events.append((number(attributes.get("Time")), number(attributes.get("Value")), curve))

    def _read_scale(self, names: Sequence[str], attributes: Mapping[str, str]) -> None:
        if len(names) == 4 and names[2] == "ScaleInformation":
            if names[3] == "Name":
                self.scale = attributes.get("Value", "")[:MAX_NAME]
            else:
                self.root = whole(attributes.get("Value"))

    def _read_in_key(self, names: Sequence[str], attributes: Mapping[str, str]) -> None:
        if len(names) == 3:
            self.in_key = attributes.get("Value") == "true"

    def _begin_clip(self, names: Sequence[str], attributes: Mapping[str, str]) -> None:
        if self.clip is None and len(names) > 4 and names[2] == "Tracks" and names[3] in _TRACKS:
            beat = number(attributes.get("Time"))
            placed = tuple(names[4:-1]) == _ARRANGEMENT and abs(beat) < LATEST_BEAT
            self.clip = _Clip(len(names), beat if placed else None)

    def _read_file(self, names: Sequence[str], attributes: Mapping[str, str]) -> None:
        if self.clip is not None and names[self.clip.depth : -1] == ["SampleRef", "FileRef"]:
            self.clip.files.append(attributes.get("Value", "")[:MAX_PATH])

    def _end_clip(self, names: Sequence[str]) -> None:
        if self.clip is None or len(names) != self.clip.depth:
            return
        files = tuple(file for file in self.clip.files if file)
        if files and len(self.placements) < MAX_PLACEMENTS:
            self.placements.append(Placement(self.track, files, self.clip.beat))
        self.clip = None

    def _tempo_events(self) -> list[TempoEvent]:
        """The tempo's automation where there is any; a single event is only what the tempo field says."""
        events = self._automation("Tempo")
        if len(events) > 1:
            return [TempoEvent(beat, bpm, bend) for beat, bpm, bend in events]
        return [TempoEvent(0.0, self.manual["Tempo"])] if "Tempo" in self.manual else []

    def _metre_events(self) -> list[tuple[float, int, int]]:
        events = self._automation("TimeSignature")
        changes = [(beat, code) for beat, code, _ in events] if len(events) > 1 else []
        if not changes and "TimeSignature" in self.manual:
            changes = [(0.0, self.manual["TimeSignature"])]
        return [(beat, *_metre_of(code)) for beat, code in changes]

    def _automation(self, parameter: str) -> list[tuple[float, float, Bend]]:
        target = self.targets.get(parameter)
        return next((envelope.events for envelope in self.envelopes if target and envelope.target == target), [])

    def _key(self) -> KeyNumbers | None:
        if not self.in_key or self.version < _FIRST_WITH_SCALE_MODE or not 0 <= self.root < 12:
            return None
        place = whole(self.scale)
        known = _SCALES[place] if 0 <= place < len(_SCALES) else None
        scale = scale_named(self.scale) if self.scale and place < 0 else SCALES[known] if known else None
        return KeyNumbers(root=self.root, scale=scale.name, intervals=scale.intervals) if scale else None


def _in_main(names: Sequence[str]) -> bool:
    return len(names) > 3 and names[1] == "LiveSet" and names[2] in _MAINS


def _metre_of(code: float) -> tuple[int, int]:
    """Numerator and denominator of a metre's number; 0/0 for what is none."""
    if not 0 <= code < 7 * _NUMERATORS or code != int(code):
        return 0, 0
    return int(code) % _NUMERATORS + 1, 2 ** (int(code) // _NUMERATORS)
