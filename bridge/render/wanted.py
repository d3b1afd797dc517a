"""How long the answer is to be, in bars, beats and seconds, and the maps that it is counted in."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from msgspec.structs import replace

from bridge.errors import TooLarge
from bridge.model import MetrePoint, Song, TempoPoint, TimeSignature, Trigger
from bridge.music.metre import bar_beats, bars_for, beats_of_bars
from bridge.music.tempo import seconds_at
from bridge.render.cut import Cut
from bridge.render.held import Held
from bridge.render.written import Tempo

# What a MIDI file without a tempo is played at, by its standard; nobody claims it as the song's.
PLAIN_BPM = 120.0

_COMMON_TIME: TimeSignature = (4, 4)
_LEAST_BARS_OF_A_LOOP = 4
_LONGEST_SECONDS = 3600.0
# Decoders' padding and a release over the bar line do not make another bar.
_OVERHANG_SECONDS = 0.05
_OVERHANG_BEATS = 0.125
_MISSING_BEATS = 1.0
_ONE_SHOT = re.compile(
    r"\b(one[- ]?shot|riser|uplifter|downlifter|impact|(?:orchestral?|brass|cinematic|final) hit|ending|outro)\b",
    re.IGNORECASE,
)


def with_length(song: Song, trigger: Trigger, clip: Held, cut: Cut, tempo: Tempo) -> Song:
    """Add the maps, counted from the take's beginning, and the length that is wanted.

    Raises:
        TooLarge: that is over an hour.
    """
    metres = _metre_map(trigger, clip)
    if not tempo.points:
        seconds = cut.end - cut.start if clip.score is None else (cut.end - cut.start) * 60 / PLAIN_BPM
        return _within_limit(
            replace(song, time_signature=_metres_from(metres, cut.start)[0].time_signature, seconds=seconds)
        )
    # What goes on after the clip is played where the song has got to by then.
    start = cut.end if trigger.ask.mode == "continue" else cut.downbeat
    tempi, metres = _tempi_from(tempo.points, start), _metres_from(metres, start)
    overhang = _overhang(trigger, clip, tempi[0].bpm)
    bars = trigger.ask.bars or _wanted_bars(trigger, cut, metres, overhang)
    beats = beats_of_bars(bars, metres)
    if trigger.ask.beats is not None:
        beats = trigger.ask.beats
        bars = bars_for(beats, metres)
    known = replace(
        song,
        bpm=tempi[0].bpm,
        bpm_source=tempo.source,
        tempo_map=tuple(point for point in tempi if point.beat < beats),
        time_signature=metres[0].time_signature,
        metre_map=tuple(point for point in metres if point.beat < beats),
        bars=bars,
        beats=beats,
        seconds=seconds_at(tempi, beats),
        loops=_loops(trigger, cut, metres, overhang, short=_MISSING_BEATS if clip.score is not None else overhang),
        pickup_beats=cut.pickup,
    )
    return _within_limit(known)


def _within_limit(song: Song) -> Song:
    if song.seconds > _LONGEST_SECONDS:
        raise TooLarge(
            f"The clip asks for {song.seconds / 60:.0f} minutes of music; {_LONGEST_SECONDS / 60:.0f} are the limit; "
            "select a shorter part, or say how many bars with ask.bars."
        )
    return song


def _metre_map(trigger: Trigger, clip: Held) -> Sequence[MetrePoint]:
    music = trigger.music
    if music.metre_map:
        points = sorted(music.metre_map, key=lambda point: point.beat)
        if music.time_signature is not None and points[0].beat > 0:
            points.insert(0, MetrePoint(beat=0.0, time_signature=music.time_signature))
        return points
    if music.time_signature is not None:
        # It has no beginning: the clip's zero need not be a bar line of the song.
        return (MetrePoint(beat=-math.inf, time_signature=music.time_signature),)
    return clip.score.metre_map if clip.score is not None else ()


def _tempi_from(points: Sequence[TempoPoint], start: float) -> tuple[TempoPoint, ...]:
    before = [point for point in points if point.beat <= start] or points[:1]
    later = (TempoPoint(beat=point.beat - start, bpm=point.bpm) for point in points if point.beat > start)
    return (TempoPoint(beat=0.0, bpm=before[-1].bpm), *later)


def _metres_from(points: Sequence[MetrePoint], start: float) -> tuple[MetrePoint, ...]:
    before = [point for point in points if point.beat <= start] or points[:1]
    first = before[-1].time_signature if before else _COMMON_TIME
    later = (MetrePoint(beat=p.beat - start, time_signature=p.time_signature) for p in points if p.beat > start)
    return (MetrePoint(beat=0.0, time_signature=first), *later)


def _overhang(trigger: Trigger, clip: Held, bpm: float) -> float:
    """The beats by which a clip may reach over a bar line and still end on it; none where its end was said."""
    if trigger.clip.end_beats is not None:
        return 0.0
    return _OVERHANG_SECONDS * bpm / 60 if clip.score is None else _OVERHANG_BEATS


def _wanted_bars(trigger: Trigger, cut: Cut, metres: Sequence[MetrePoint], overhang: float) -> int:
    beats = cut.end - cut.downbeat
    if cut.loop is not None:
        loop = cut.loop[1] - cut.loop[0]
        least = beats_of_bars(_LEAST_BARS_OF_A_LOOP, metres)
        if loop < least - 1e-6:
            return bars_for(math.ceil(least / loop - 1e-6) * loop, metres)
        beats = loop if trigger.clip.end_beats is None else beats
    return max(bars_for(max(beats - overhang, 0.0), metres), 1)


def _loops(trigger: Trigger, cut: Cut, metres: Sequence[MetrePoint], overhang: float, *, short: float) -> bool:
    """Whether the take is to join its own beginning.

    It is when the clip loops in the DAW, or fills whole bars as only something made to be repeated does (notes
    end a little before their bar line). A continuation, and what the user calls a hit or an ending, rings out.
    """
    if trigger.ask.mode == "continue" or _ONE_SHOT.search(trigger.ask.prompt):
        return False
    if cut.loop is not None:
        return True
    body = cut.end - cut.downbeat
    missing = beats_of_bars(max(bars_for(max(body - overhang, 0.0), metres), 1), metres) - body
    return missing <= min(short, bar_beats(metres[-1].time_signature) / 2) + 1e-6
