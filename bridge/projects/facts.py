"""What a project file told, and what of it concerns one clip."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bridge.model import KeyNumbers, MetrePoint, TempoPoint, TimeSignature, Value

_SAME_BEAT = 1e-6


class ProjectFacts(Value, frozen=True, kw_only=True):
    """What the project says of the song at a clip; what it does not say is None or empty.

    `daw` is live, reaper or other. Both maps count from the song's beat 0 and are empty where nothing changes;
    `bpm` and `time_signature` hold where the clip begins, or at beat 0 where that is unknown. `position_beats` is where
    the arrangement's only clip that plays the file begins; `track` is the only track that plays it.
    """

    file: str
    daw: str
    bpm: float | None = None
    tempo_map: tuple[TempoPoint, ...] = ()
    time_signature: TimeSignature | None = None
    metre_map: tuple[MetrePoint, ...] = ()
    key: KeyNumbers | None = None
    sample_rate: int | None = None
    tracks: tuple[str, ...] = ()
    track: str = ""
    position_beats: float | None = None


class Placement(NamedTuple):
    """A clip of the project: its track, the paths its file may have, and where it begins, if in the arrangement.

    `packed_bytes` is the size of a file that lies inside the project file, whose path says no more than its name.
    """

    track: str
    files: tuple[str, ...]
    beat: float | None = None
    packed_bytes: int | None = None


class Project(NamedTuple):
    """All that is kept of a project file; the maps' first points stand at beat 0."""

    daw: str
    tempo_map: tuple[TempoPoint, ...] = ()
    metre_map: tuple[MetrePoint, ...] = ()
    key: KeyNumbers | None = None
    sample_rate: int | None = None
    tracks: tuple[str, ...] = ()
    placements: tuple[Placement, ...] = ()


def facts_of(project: Project, path: Path, near: Path | None) -> ProjectFacts:
    """The facts that concern the clip whose file is `near`."""
    playing = _playing(project.placements, path.parent, near) if near is not None else []
    tracks = {placement.track for placement in playing}
    beats = {placement.beat for placement in playing if placement.beat is not None}
    position = round(beats.pop(), 6) if len(beats) == 1 else None
    reached = (position or 0.0) + _SAME_BEAT
    bpms = [point.bpm for point in project.tempo_map if point.beat <= reached]
    metres = [point.time_signature for point in project.metre_map if point.beat <= reached]
    return ProjectFacts(
        file=str(path),
        daw=project.daw,
        bpm=bpms[-1] if bpms else None,
        tempo_map=project.tempo_map if len(project.tempo_map) > 1 else (),
        time_signature=metres[-1] if metres else None,
        metre_map=project.metre_map if len(project.metre_map) > 1 else (),
        key=project.key,
        sample_rate=project.sample_rate,
        tracks=project.tracks,
        track=tracks.pop() if len(tracks) == 1 else "",
        position_beats=position,
    )


def _playing(placements: Sequence[Placement], folder: Path, near: Path) -> list[Placement]:
    wanted = {_plain(str(near.absolute())), _plain(os.path.realpath(near))}
    names = {os.path.basename(path) for path in wanted}
    folders = [str(folder), os.path.realpath(folder), str(folder.parent)]
    found = []
    for placement in placements:
        files = [file for file in map(_plain, placement.files) if os.path.basename(file) in names]
        if placement.packed_bytes is not None:
            same = bool(files) and placement.packed_bytes == _bytes_of(near)
        else:
            same = any(_plain(os.path.join(place, file)) in wanted for file in files for place in map(_plain, folders))
        found += [placement] if same else []
    return found


def _plain(path: str) -> str:
    """A path as it is compared: one kind of slash, one kind of accents, no case."""
    return os.path.normpath(unicodedata.normalize("NFC", path.replace("\\", "/"))).casefold()


def _bytes_of(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
