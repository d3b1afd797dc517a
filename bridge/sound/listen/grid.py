"""Where the beats of a result lie, measured against the grid that it was asked to keep."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.music.tempo import Line


@dataclass(frozen=True)
class Grid:
    """The beats that were heard in a sound.

    `line` leads from beats to seconds of the sound; its beat 0 is a bar line of the music, the one nearest to where it
    was expected. `bpm` is the median tempo, `drift` the last tempo over the first, less 1. Both confidences run from 0
    to 1: of tempo and beats, and of which beat begins a bar.
    """

    line: Line
    bpm: float
    drift: float
    confidence: float
    downbeat_confidence: float
