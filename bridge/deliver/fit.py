"""Fit: the results of a take's sections made into one sound of exactly the song's length, at its rate and level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bridge.deliver.length import Piece, join, to_length
from bridge.deliver.level import to_level
from bridge.deliver.seam import begin_cleanly, blend, end_softly
from bridge.model import Section, Song
from bridge.music.metre import bar_lines, metre_map_of
from bridge.music.tempo import all_seconds_at, tempo_map_of
from bridge.sound.files import Samples, Sound
from bridge.sound.resample import resample

_MONO_DIFFERENCE = 2.0**-15


def fit(
    sounds: Sequence[Sound],
    song: Song,
    sections: Sequence[Section],
    rate: int,
    source_lufs: float | None = None,
    *,
    loops: bool,
    source_channels: int = 2,
) -> tuple[Sound, dict[str, Any]]:
    """Join the sections' sounds at their bar lines into `round(song.seconds × rate)` frames.

    The report says what was measured and done. The tempo of the results is not measured: they are taken to be
    in the song's, from its downbeat on. Where they are mono, the take of a mono source is mono; that of another
    has two equal channels, so that its loudness means the same as its source's.
    """
    channels = 1 if all(_is_mono(sound) for sound in sounds) else 2
    edges = [*(round(section.start_seconds * rate) for section in sections), round(song.seconds * rate)]
    bars = bar_frames(song, rate)
    pieces = [
        to_length(_at_rate(sound, channels, rate), end - start, _bars_within(bars, start, end), rate)
        for sound, start, end in zip(sounds, edges[:-1], edges[1:], strict=True)
    ]
    samples, joins = _joined(pieces, edges, rate)
    seam = _finished(samples, pieces[-1].played_on, loops=loops, rate=rate)
    sound, level = to_level(Sound(samples, rate), source_lufs, max(source_channels, channels))
    return sound, {
        "measured": None,
        "did": _told([piece.report for piece in pieces], joins, seam, level),
        "sections": [piece.report for piece in pieces],
        "joins": joins,
        "seam": seam,
        "level": level,
    }


def _told(
    sections: Sequence[dict[str, Any]], joins: Sequence[dict[str, Any]], seam: dict[str, Any], level: dict[str, Any]
) -> list[str]:
    """The report in a musician's words."""
    repeated = sum(section.get("repeated_bars", 0) for section in sections)
    silence = sum(section.get("silence_seconds", 0.0) for section in sections)
    crossfaded = sum(join["crossfade_seconds"] > 0 for join in joins)
    closed = seam["crossfade_seconds"]
    told = [
        "taken to be in the song's tempo, from its downbeat on",
        "cut to length" if repeated + silence == 0 else "",
        f"{repeated} bars of its own repeated, for it was too short" if repeated else "",
        f"{silence:g} s of silence put in, for it was too short" if silence else "",
        f"{len(joins)} joins at bar lines, {crossfaded} of them crossfaded" if joins else "",
        f"loop closed by a crossfade of {closed:g} s" if closed else "faded out at the end",
        f"gain {level['gain_db']:+.1f} dB" + (", held back by its peak" if level["held_back_by_peak"] else ""),
    ]
    return [sentence for sentence in told if sentence]


def bar_frames(song: Song, rate: int) -> tuple[int, ...]:
    """The first frame of each bar of a take; none without a tempo."""
    tempo_map, beats = tempo_map_of(song), song.beats
    if beats is None or not tempo_map:
        return ()
    lines = [line for line in bar_lines(metre_map_of(song), beats) if line < beats]
    return tuple(round(seconds * rate) for seconds in all_seconds_at(tempo_map, lines))


def _is_mono(sound: Sound) -> bool:
    return sound.channels == 1 or (float(np.abs(sound.samples[:, 0] - sound.samples[:, 1]).max()) <= _MONO_DIFFERENCE)


def _at_rate(sound: Sound, channels: int, rate: int) -> Samples:
    """The first one or two channels at the rate; a mono sound is doubled where another section is stereo."""
    samples = resample(Sound(sound.samples[:, :channels], sound.rate), rate).samples
    return samples if samples.shape[1] == channels else np.repeat(samples, channels, axis=1)


def _bars_within(bars: Sequence[int], start: int, end: int) -> list[int]:
    within = [bar - start for bar in bars if start <= bar < end]
    return within if within[:1] == [0] else []


def _joined(pieces: Sequence[Piece], edges: Sequence[int], rate: int) -> tuple[Samples, list[dict[str, Any]]]:
    samples = np.concatenate([piece.body for piece in pieces])
    joins = [
        {"frame": line, **join(samples, line, before.played_on, rate)}
        for before, line in zip(pieces[:-1], edges[1:-1], strict=True)
    ]
    return samples, joins


def _finished(samples: Samples, played_on: Samples, *, loops: bool, rate: int) -> dict[str, Any]:
    """Close a loop with what was played past its end where that is like its beginning; else end softly."""
    report = blend(samples, 0, played_on if loops else played_on[:0], rate)
    if report["crossfade_seconds"] > 0:
        return {"loop": True, **report, "fade_in_seconds": 0.0}
    end_softly(samples, len(samples), rate)
    return {"loop": loops, **report, "fade_in_seconds": begin_cleanly(samples, 0, rate)}
