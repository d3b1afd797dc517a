"""What a clip holds, opened once: its notes, or the length and tags of its audio file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bridge.errors import MissingFile, UnreadableAudio
from bridge.model import Trigger
from bridge.render.part import part_of
from bridge.sound.riff import wav_seconds
from bridge.sound.tags import Tags, read_tags

if TYPE_CHECKING:
    from bridge.sound.midi import Score


class Held(NamedTuple):
    """What the clip holds: a score, or so many seconds of a file with its tags."""

    score: Score | None
    file_seconds: float
    tags: Tags
    drums: bool


def open_clip(trigger: Trigger) -> Held:
    """Open a clip that has passed the door; of a WAV only its header and tags are read.

    Raises:
        ClipError: its file has gone, cannot be read, or holds nothing.
    """
    audio = trigger.clip.audio
    if audio is not None:
        path = Path(audio.path)
        seconds = _file_seconds(path)
        return Held(None, seconds, read_tags(path), part_of(trigger).drums)
    # mido takes 50 ms to import, and the daemon has better things to do when it starts.
    from bridge.sound.midi import read_midi, score_of

    if trigger.clip.midi is not None:
        score = read_midi(Path(trigger.clip.midi.path))
    else:
        score = score_of(trigger.clip.notes or (), 0, trigger.track.drums)
    drums = part_of(trigger, [note.program for note in score.notes], drum_notes=all(n.drums for n in score.notes)).drums
    return Held(score, 0.0, Tags(), drums)


def _file_seconds(path: Path) -> float:
    try:
        seconds = wav_seconds(path)
    except FileNotFoundError as problem:
        raise MissingFile(f"{path} is no longer there; put it back, or save the clip again.") from problem
    except OSError as problem:
        raise UnreadableAudio(f"{path} cannot be opened ({problem.strerror}); check its permissions.") from problem
    if seconds:
        return seconds
    # numpy and soundfile are heavy; a plain WAV is measured without them.
    from bridge.sound.files import probe

    return probe(path).seconds
