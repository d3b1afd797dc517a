"""How much faster than real time our own instruments play a song of six tracks."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench.clips import BPM, write_band
from bench.measure import Figure, timed
from bridge.sound.midi import read_midi
from bridge.sound.player import PlayedNote, play
from bridge.sound.soundfont import find_soundfont

_BARS = 16
_RATE = 32_000
_RUNS = 5
_PAIRS = 3
_LONGER = 4
_GOAL_TIMES = 40.0


def figures(scratch: Path) -> Iterator[Figure]:
    """From the file to the samples, the file read anew each time."""
    path = write_band(scratch / "band.mid", _BARS)
    seconds = _song_seconds(_BARS)
    taken = timed(lambda: play_file(path, seconds), _RUNS)
    notes = len(read_midi(path).notes)
    bare, note = _fluidsynth(scratch)
    yield Figure(
        f"MIDI playing, {_BARS} bars, 6 tracks, {notes} notes",
        "times",
        [seconds / one for one in taken],
        bare,
        _GOAL_TIMES,
        more_is_better=True,
        note=note,
    )


def play_file(path: Path, seconds: float) -> None:
    """Read a MIDI file of one tempo and play it."""
    beat = 60 / BPM
    played = [
        PlayedNote(
            start_seconds=note.start * beat,
            seconds=note.duration * beat,
            pitch=note.pitch,
            velocity=note.velocity,
            program=note.program,
            drums=note.drums,
        )
        for note in read_midi(path).notes
    ]
    play(played, seconds, _RATE)


def _fluidsynth(scratch: Path) -> tuple[list[float], str]:
    """How many times faster than real time fluidsynth plays, by a long song less a short one: without its start."""
    program, font = shutil.which("fluidsynth"), find_soundfont("")
    if program is None or font is None:
        return [], "fluidsynth, or a SoundFont for it, is not installed"

    def run(midi: Path) -> None:
        command = [program, "-ni", "-q", "-r", str(_RATE), "-F", str(scratch / "fluid.wav"), str(font), str(midi)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    short, long = (write_band(scratch / f"{bars}.mid", bars) for bars in (_BARS, _LONGER * _BARS))
    pairs = [(timed(lambda: run(short), 1)[0], timed(lambda: run(long), 1)[0]) for _ in range(_PAIRS)]
    more_seconds = (_LONGER - 1) * _song_seconds(_BARS)
    note = (
        f"fluidsynth -F with {font.name}, without its start; with it {min(one for one, _ in pairs):.2f} s for the song"
    )
    return [more_seconds / max(whole - part, 1e-3) for part, whole in pairs], note


def _song_seconds(bars: int) -> float:
    return bars * 4 * 60 / BPM
