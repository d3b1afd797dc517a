"""Plays notes with FluidSynth and a SoundFont, where both are on this machine."""

from __future__ import annotations

import contextlib
import importlib
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from bridge.errors import MissingFile, NotSupported
from bridge.sound.files import Sound
from bridge.sound.player import PlayedNote

_FOLDERS = (
    "/usr/share/sounds/sf2",
    "/usr/share/sounds/sf3",
    "/usr/share/soundfonts",
    "/usr/local/share/soundfonts",
    "/opt/homebrew/share/soundfonts",
    "~/.local/share/soundfonts",
    "~/.local/share/sounds/sf2",
    "~/Library/Audio/Sounds/Banks",
    "/Library/Audio/Sounds/Banks",
    "~/Documents/SoundFonts",
    "C:/soundfonts",
)
# A font found by itself must say that it holds the whole of General MIDI: others hold one piano.
_GENERAL_NAMES = ("gm", "general", "default")

# FluidSynth takes events up between blocks of this many frames.
_BLOCK = 64
_CHANNELS = 256
_DRUM_BANK = 128
_BEND_RANGE = 48
_NOTE_HEADROOM_DB = 8.0
_SYNTH_GAIN = 0.4
_SETTINGS = {
    "synth.dynamic-sample-loading": 1,
    "synth.reverb.active": 0,
    "synth.chorus.active": 0,
    "synth.polyphony": 512,
}

_Event = tuple[int, int, Callable[[], None]]


def find_soundfont(config_path: str, folders: Sequence[str] = _FOLDERS) -> Path | None:
    """The configured SoundFont, else a General MIDI one in the usual folders, else None.

    Raises:
        MissingFile: the configured one is not there.
    """
    if config_path:
        path = Path(config_path)
        if not path.is_file():
            raise MissingFile(
                f"sound.soundfont names {path}, which is not there; correct that line of config.toml or remove it."
            )
        return path
    for folder in folders:
        found = _general_fonts(Path(folder).expanduser())
        if found:
            return found[0]
    return None


def play(notes: Sequence[PlayedNote], seconds: float, rate: int, font: Path) -> Sound | None:
    """Play the notes: stereo, exactly round(seconds * rate) frames; None where FluidSynth is not installed.

    Notes begin on FluidSynth's blocks, at most 32 frames off. Reverb and chorus are off.

    Raises:
        NotSupported: FluidSynth cannot load the font.
    """
    fluidsynth = _fluidsynth()
    if fluidsynth is None:
        return None
    gain = _SYNTH_GAIN * 10.0 ** (_NOTE_HEADROOM_DB / 20.0)
    synth = fluidsynth.Synth(gain=gain, samplerate=float(rate), channels=_CHANNELS, **_SETTINGS)
    try:
        font_id = synth.sfload(str(font))
        if font_id < 0:
            raise NotSupported(f"FluidSynth cannot load the SoundFont {font}; name another one in sound.soundfont.")
        return Sound(_rendered(synth, _events(synth, font_id, notes, rate), max(0, round(seconds * rate))), rate)
    finally:
        synth.delete()


def _general_fonts(folder: Path) -> list[Path]:
    """The fonts of a folder that say they are General MIDI, the system's default first."""
    try:
        names = [path for path in folder.iterdir() if path.suffix.lower() in (".sf2", ".sf3")]
    except OSError:
        return []
    fonts = [path for path in names if any(word in path.stem.lower() for word in _GENERAL_NAMES) and path.is_file()]
    return sorted(fonts, key=lambda path: ("default" not in path.stem.lower(), path.name))


@cache
def _fluidsynth() -> Any:
    """The binding, or None: it looks for the library when it is imported, which is slow when that is missing."""
    try:
        # It prints where it found the library.
        with contextlib.redirect_stdout(io.StringIO()):
            return importlib.import_module("fluidsynth")
    except (ImportError, OSError, AttributeError):
        return None


def _events(synth: Any, font_id: int, notes: Iterable[PlayedNote], rate: int) -> list[_Event]:
    """What to tell the synthesiser, each with its block; at the same block ends come before starts."""
    events: list[_Event] = []
    channels: dict[object, int] = {}
    sounding: dict[tuple[int, int], int] = defaultdict(int)
    prepared: dict[int, object] = {}

    def block(at_seconds: float) -> int:
        return max(0, round(at_seconds * rate / _BLOCK))

    def start(note: PlayedNote, channel: int, kind: object, key: int, bend: float) -> None:
        if prepared.get(channel) != kind:
            prepared[channel] = kind
            _prepare(synth, font_id, channel, note)
        if bend or note.bends:
            _bend(synth, channel, bend)
        sounding[channel, key] += 1
        synth.noteon(channel, key, min(127, max(1, round(note.velocity))))

    def stop(channel: int, key: int) -> None:
        sounding[channel, key] -= 1
        if sounding[channel, key] == 0:
            synth.noteoff(channel, key)

    for number, note in enumerate(notes):
        if note.velocity <= 0 or note.start_seconds + note.seconds < 0:
            continue
        key = min(127, max(0, round(note.pitch)))
        rest = note.pitch - round(note.pitch)
        bent = number if note.bends or rest else None
        kind = (note.drums, note.program, round(note.gain_db, 1), round(note.pan, 2), bent)
        channel = channels.setdefault(kind, _channel(len(channels)))
        first = block(note.start_seconds)
        last = max(first + 1, block(note.start_seconds + note.seconds))
        events.append((first, 1, partial(start, note, channel, kind, key, rest)))
        for at, semitones in note.bends:
            when = min(last, block(note.start_seconds + at))
            events.append((when, 2, partial(_bend, synth, channel, rest + semitones)))
        events.append((last, 0, partial(stop, channel, key)))
    return sorted(events, key=lambda event: event[:2])


def _channel(number: int) -> int:
    """The channels in turn, without those that FluidSynth keeps for drums."""
    melodic = [channel for channel in range(_CHANNELS) if channel % 16 != 9]
    return melodic[number % len(melodic)]


def _prepare(synth: Any, font_id: int, channel: int, note: PlayedNote) -> None:
    if note.drums:
        synth.program_select(channel, font_id, _DRUM_BANK, 0)
    else:
        synth.program_select(channel, font_id, 0, min(127, max(0, note.program)))
    loudness = 10.0 ** (min(0.0, note.gain_db - _NOTE_HEADROOM_DB) / 40.0)
    for control, value in (
        (7, 127),
        (11, round(127 * loudness)),
        (10, round(64 + 63 * min(1.0, max(-1.0, note.pan)))),
        (101, 0),
        (100, 0),
        (6, _BEND_RANGE),
    ):
        synth.cc(channel, control, value)
    synth.pitch_bend(channel, 0)


def _bend(synth: Any, channel: int, semitones: float) -> None:
    synth.pitch_bend(channel, min(8191, max(-8192, round(semitones / _BEND_RANGE * 8192))))


def _rendered(synth: Any, events: Iterable[_Event], frames: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    blocks = -(-frames // _BLOCK)
    parts: list[Any] = []
    done = 0
    for at, _, tell in events:
        if at >= blocks:
            break
        if at > done:
            parts.append(synth.get_samples((at - done) * _BLOCK))
            done = at
        tell()
    if blocks > done:
        parts.append(synth.get_samples((blocks - done) * _BLOCK))
    whole = np.concatenate(parts) if parts else np.zeros(0, np.int16)
    return (whole.astype(np.float32) / np.float32(32_768)).reshape(-1, 2)[:frames]
