"""Songs for the band's tests: melodies as notes, hints, and a plain sound of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from bridge.contract import Hints
from bridge.engine.band import BandRequest
from bridge.model import Note
from bridge.music.keys import read_key
from bridge.sound.files import Sound

RATE = 32_000
# (pitch, start, duration) of four bars in G# minor, and of four in a far-off rhythm and mode of it.
MELODY = (
    (68, 0.0, 1.0), (71, 1.0, 0.5), (75, 1.5, 1.5), (73, 3.0, 1.0),
    (71, 4.0, 1.0), (70, 5.0, 0.5), (68, 5.5, 1.5),
    (64, 8.0, 1.0), (68, 9.0, 0.5), (71, 9.5, 1.5), (73, 11.0, 1.0),
    (70, 12.0, 1.5), (66, 13.5, 0.5), (68, 14.0, 1.5),
)  # fmt: skip
OTHER = (
    (76, 0.5, 0.5), (78, 1.0, 1.0), (66, 2.0, 2.0), (66, 4.0, 0.5), (64, 4.5, 0.5), (76, 5.0, 2.5),
    (70, 8.0, 2.0), (78, 10.0, 2.0), (73, 12.0, 1.0), (66, 13.0, 1.0), (75, 14.0, 2.0),
)  # fmt: skip


def notes_of(melody: tuple[tuple[int, float, float], ...] = MELODY, turns: int = 2) -> tuple[Note, ...]:
    return tuple(
        Note(pitch=pitch, start=start + 16 * turn, duration=duration)
        for turn in range(turns)
        for pitch, start, duration in melody
    )


def hints_of(**changes: Any) -> Hints:
    values: dict[str, Any] = {
        "bpm": 100.0,
        "beats": 32.0,
        "key": read_key("G# minor"),
        "loops": True,
        "notes": notes_of(),
    }
    return Hints(**(values | changes))


def ask(prompt: str, *, seed: int = 1, tokens: int = 1024, heard: Sound | None = None, **hints: Any) -> BandRequest:
    """A request of so many tokens; with any hint given, the hints of the usual melody come along."""
    chunk = hints_of(**hints) if hints else None
    return BandRequest(prompt=prompt, frames=640 * (tokens - 3), seed=seed, heard=heard, hints=chunk)


def plain_sound(notes: tuple[Note, ...], bpm: float, seconds: float) -> Sound:
    """The notes as plain plucked tones with three partials."""
    mono = np.zeros(round(seconds * RATE), np.float32)
    for note in notes:
        start = round(note.start * 60 / bpm * RATE)
        time = np.arange(min(round(note.duration * 60 / bpm * RATE), max(mono.size - start, 0))) / RATE
        hertz = 440 * 2 ** ((note.pitch - 69) / 12)
        tone = sum(np.sin(2 * np.pi * hertz * partial * time) / partial**2 for partial in (1, 2, 3))
        mono[start : start + time.size] += 0.2 * tone * np.exp(-2 * time) * np.minimum(time / 0.004, 1)
    return Sound(np.stack([mono, mono], axis=1), RATE)
