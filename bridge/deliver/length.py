"""Lengths: what came back made to last exactly its section, with whole bars of its own where it is too short."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bridge.deliver.seam import begin_cleanly, blend, end_softly
from bridge.sound.files import Samples
from bridge.sound.resample import with_frames

_NEGLIGIBLE_SECONDS = 0.02


@dataclass(frozen=True, eq=False)
class Piece:
    """A section's music: `body` of exactly its length, and what was played on past its end."""

    body: Samples
    played_on: Samples
    report: dict[str, Any]


def to_length(samples: Samples, frames: int, bars: Sequence[int], rate: int) -> Piece:
    """Cut a section's samples (frames, channels) to `frames`, or draw them out by repeating whole bars of their own.

    `bars` are the first frames of its bars, 0 among them; empty without a tempo: silence then fills the rest.
    """
    missing = frames - len(samples)
    if missing <= 0:
        played_on = samples[frames:]
        return Piece(samples[:frames].copy(), played_on, {"played_on_seconds": round(len(played_on) / rate, 4)})
    lines = [*bars, frames]
    whole = sum(end <= len(samples) for end in lines[1:]) if bars else 0
    if missing <= _NEGLIGIBLE_SECONDS * rate or whole == 0:
        return _with_silence(samples, len(samples), frames, rate, 0)
    return _with_repeats(samples, lines, whole, rate)


def _with_silence(samples: Samples, heard: int, frames: int, rate: int, repeated: int) -> Piece:
    body = with_frames(samples[:heard], frames)
    end_softly(body, heard, rate)
    report = {"repeated_bars": repeated, "silence_seconds": round((frames - heard) / rate, 4)}
    return Piece(body, samples[:0], report)


def _with_repeats(samples: Samples, lines: Sequence[int], whole: int, rate: int) -> Piece:
    """From the last whole bar's end on, play bars of the same length again, in their order."""
    lengths = [end - start for start, end in itertools.pairwise(lines)]
    body = with_frames(samples[: lines[whole]], lines[-1])
    played_on = samples[lines[whole] :]
    for bar in range(whole, len(lengths)):
        alike = [source for source in range(whole) if lengths[source] >= lengths[bar] - 1]
        if not alike:
            return _with_silence(body, lines[bar], lines[-1], rate, bar - whole)
        wanted = (bar - whole) % whole
        source = wanted if wanted in alike else alike[0]
        end_of_source = lines[source] + lengths[bar]
        body[lines[bar] : lines[bar + 1]] = with_frames(samples[lines[source] : end_of_source], lengths[bar])
        join(body, lines[bar], played_on, rate)
        played_on = samples[end_of_source:]
    return Piece(body, played_on, {"repeated_bars": len(lengths) - whole, "silence_seconds": 0.0})


def join(samples: Samples, line: int, played_on: Samples, rate: int) -> dict[str, Any]:
    """Join two pieces that meet at frame `line`, in place: blended where alike, else ended softly just before it."""
    report = blend(samples, line, played_on, rate)
    if report["crossfade_seconds"] == 0.0:
        end_softly(samples, line, rate)
        begin_cleanly(samples, line, rate)
    return report
