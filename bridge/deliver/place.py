"""Place: where a take goes, what it is called, and how it appears there whole and only once."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bridge.files import add_whole, safe_name, sha256_of
from bridge.model import Clip, Delivery, Project, Song, Track
from bridge.music.keys import key_text
from bridge.music.names import facts_in_name
from bridge.sound.riff import read_chunk

_MAX_NAME_BYTES = 120
_ROOM_FOR_COUNT = len("-99")
_LEAST_TITLE = 8
_MAX_JSON_BYTES = 1024 * 1024
_MAX_BEXT_BYTES = 64 * 1024
_BEXT_REFERENCE = slice(288, 320)


def take_folder(project: Project, results_folder: Path) -> Path:
    """The folder that takes go to: `out` as it is, else inside the project, else the daemon's results."""
    if project.out:
        return Path(project.out)
    if not project.path:
        return results_folder
    return Path(project.path, "Samples", "Generated") if project.daw == "live" else Path(project.path, "Generated")


def take_title(clip: Clip, track: Track) -> str:
    """What a take is called: the clip's name without tempo and key, else the track's, else its file's."""
    source = clip.audio or clip.midi
    names = (clip.name, track.name, Path(source.path).stem if source else "")
    return next((title for title in (facts_in_name(name).title for name in names) if title), "")


def take_stem(title: str, song: Song, job_id: str, take: int) -> str:
    """`<title> <bpm>bpm <key> <job id>-<take>`, ASCII, short enough for 120 bytes with its suffix and a count.

    What nobody knows is left out; where room is short the title shrinks, then key and tempo go, never the id.
    """
    ending = f"{job_id}-{take}"
    room = _MAX_NAME_BYTES - len(".json") - _ROOM_FOR_COUNT - len(ending)
    facts = [f"{round(song.bpm, 2):g}bpm" if song.bpm is not None else None, key_text(song.key)]
    words = [safe_name(fact) for fact in facts if fact is not None]
    while words and len(" ".join(words)) + _LEAST_TITLE + 2 > room:
        words.pop()
    left = room - sum(len(word) + 1 for word in words) - 1
    name = [safe_name(title, left)] if title and left >= _LEAST_TITLE else []
    return safe_name(" ".join([*name, *words, ending]), _MAX_NAME_BYTES)


def find_delivered(folder: Path, job_id: str, take: int) -> tuple[Delivery, Path] | None:
    """Find the take where an earlier attempt has placed it already, WAV and JSON, and both are as they were."""
    for path in sorted(folder.glob(f"*{glob.escape(job_id)}-{take}*.json")):
        delivery = _read_delivery(path)
        if delivery is None or (delivery.job_id, delivery.take) != (job_id, take):
            continue
        wav = Path(delivery.file)
        if wav.is_file() and sha256_of(wav) == delivery.sha256:
            return delivery, path
    return None


def find_unnoted(folder: Path, stem: str, reference: str) -> Path | None:
    """Find the take's WAV where an earlier attempt was stopped before it could write the JSON beside it."""
    for wav in sorted(folder.glob(f"{glob.escape(stem)}*.wav")):
        bext = None if wav.with_suffix(".json").exists() else read_chunk(wav, b"bext", _MAX_BEXT_BYTES)
        if bext is not None and bext[_BEXT_REFERENCE].rstrip(b"\0") == reference.encode():
            return wav
    return None


def place_wav(wav: bytes, folder: Path, stem: str) -> tuple[Path, str]:
    """Put a WAV into the folder, whole, under the first free name; tells its path and SHA-256.

    Raises:
        DiskFull, NotWritable: it could not be written; nothing is left behind.
    """
    free = next(
        name for name in _names(stem) if not any((folder / f"{name}{end}").exists() for end in (".wav", ".json"))
    )
    return add_whole(wav, folder, f"{free}.wav"), hashlib.sha256(wav).hexdigest()


def place_json(delivery: Delivery, wav: Path) -> Path:
    """Put the note beside the take's WAV, under the same stem.

    Raises:
        DiskFull, NotWritable: it could not be written.
    """
    text = msgspec.json.format(msgspec.json.encode(delivery), indent=2)
    return add_whole(text + b"\n", wav.parent, f"{wav.stem}.json")


def _read_delivery(path: Path) -> Delivery | None:
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_MAX_JSON_BYTES), type=Delivery)
    except (OSError, UnicodeDecodeError, RecursionError, msgspec.DecodeError):
        return None


def _names(stem: str) -> Iterator[str]:
    yield stem
    count = 2
    while True:
        yield f"{stem}-{count}"
        count += 1
