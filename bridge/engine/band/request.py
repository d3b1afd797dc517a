"""What the band is asked for, and the values that flow between its rooms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bridge.contract import Hints

if TYPE_CHECKING:
    from bridge.sound.files import Sound

RATE = 32_000

Role = Literal["drums", "percussion", "bass", "chords", "pad", "lead", "counter"]


@dataclass(frozen=True)
class BandRequest:
    """One piece to play: `frames` at 32 kHz; `heard` is the conditioning sound, `hints` its private chunk."""

    prompt: str
    frames: int
    seed: int
    heard: Sound | None = None
    hints: Hints | None = None


@dataclass(frozen=True)
class PartNote:
    """One note as written: times in beats from the first downbeat.

    Bends are (beats from its start, semitones), each holding until the next.
    """

    start: float
    beats: float
    pitch: int
    velocity: float
    bends: tuple[tuple[float, float], ...] = ()

    @property
    def end(self) -> float:
        """Where it stops, in beats."""
        return self.start + self.beats


@dataclass(frozen=True)
class Voice:
    """Who plays: a role, a General MIDI program (meaningless for drums), and the range that suits it."""

    role: Role
    program: int
    drums: bool = False
    low: int = 36
    high: int = 84
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """What one voice plays; a part with the source's own timing is not swung again."""

    voice: Voice
    notes: tuple[PartNote, ...]
    own_timing: bool = False
