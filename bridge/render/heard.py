"""What only listening tells of an audio clip: that it sounds at all, its tempo, its key."""

from __future__ import annotations

from pathlib import Path

from bridge.errors import EmptyClip
from bridge.model import FASTEST_BPM, SLOWEST_BPM, AudioClip, Key
from bridge.render.playing import Playing
from bridge.render.written import Tempo, constant, transposed
from bridge.sound.files import Sound, find_sound, read_part
from bridge.sound.listen import find_key, find_tempo

_SILENT_DBFS = -80.0
_LISTENED_SECONDS = 60.0
_SUREST_TEMPO = 0.5
_NEAR_A_WHOLE_BPM = 0.03
_NEAR_A_WHOLE_LENGTH = 0.003


def find_part(audio: AudioClip, playing: Playing) -> tuple[float, float]:
    """The seconds of the file that the clip plays.

    Raises:
        EmptyClip: none of them, or they are silent.
        UnreadableAudio: the file.
    """
    start, end = (playing.line.at(beat) for beat in (playing.cut.start, playing.cut.end))
    low, high = max(start, playing.low), min(end, playing.high)
    low, high = (-high, -low) if audio.reversed else (low, high)
    if low >= high or find_sound(Path(audio.path), low, high, _SILENT_DBFS) is None:
        raise EmptyClip(
            f"{audio.path} is silent (below {_SILENT_DBFS:g} dBFS) from second {low:.6g} to {high:.6g}; "
            "select a part with sound."
        )
    return low, high


def hear(audio: AudioClip, low: float, high: float) -> Sound:
    """The first minute of a part of the clip's file."""
    return read_part(Path(audio.path), low, min(high, low + _LISTENED_SECONDS))


def heard_tempo(audio: AudioClip, sound: Sound) -> Tempo:
    """The tempo of the clip as it is played; empty when unsure."""
    found = find_tempo(sound)
    if found is None or found.confidence < _SUREST_TEMPO:
        return Tempo()
    bpm = _settled(found.bpm, sound.seconds) * audio.play_rate
    return constant(bpm, "heard") if SLOWEST_BPM <= bpm <= FASTEST_BPM else Tempo()


def _settled(bpm: float, seconds: float) -> float:
    """A heard tempo made exact: by the length of a file of whole bars of 4/4, else as a whole number close to it."""
    beats = round(seconds * bpm / 240) * 4
    exact = beats * 60 / seconds
    if beats and abs(exact / bpm - 1) < _NEAR_A_WHOLE_LENGTH:
        bpm = exact
    return float(round(bpm)) if abs(bpm - round(bpm)) < _NEAR_A_WHOLE_BPM else round(bpm, 3)


def heard_key(audio: AudioClip, sound: Sound) -> tuple[Key | None, str, float | None]:
    """The key of the clip as it is played, its source and how sure it is; no key when unsure."""
    found = find_key(sound)
    key = transposed(found[0], audio) if found is not None else None
    return (key, "heard", found[1]) if key is not None and found is not None else (None, "", None)
