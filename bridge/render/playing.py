"""How a DAW plays an audio file: which of its seconds sound at which of the clip's beats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from bridge.errors import EmptyClip
from bridge.model import Clip, Song, TempoPoint, Trigger
from bridge.music.tempo import Line, tempo_line
from bridge.render.cut import Cut, cut_clip
from bridge.render.lines import marker_line

# Without a tempo a clip is laid out in seconds, which are beats at this tempo.
SECONDS_AS_BEATS = (TempoPoint(beat=0.0, bpm=60.0),)


class Playing(NamedTuple):
    """The cut in beats, and `line` from the clip's beats to heard seconds, of which `low` to `high` exist.

    Heard seconds are those of the file; of a reversed one their negatives, so that they always rise.
    """

    cut: Cut
    line: Line
    low: float
    high: float


def clip_tempo(trigger: Trigger, song: Song) -> tuple[TempoPoint, ...]:
    """The tempo map in the clip's own beats; empty when there is no tempo."""
    if song.bpm is None:
        return ()
    return trigger.music.tempo_map or (TempoPoint(beat=0.0, bpm=song.bpm),)


def play_file(clip: Clip, tempo_map: Sequence[TempoPoint], file_seconds: float) -> Playing:
    """Lay out an audio clip under the clip's tempo map; with an empty one its beats are seconds, and only seconds cut.

    Beat 0 lies at `start_seconds`, unless warp markers say where; they also decide against `play_rate`.
    The seconds bound the file, the beats cut within what is left.

    Raises:
        EmptyClip: nothing of the file is left.
    """
    audio = clip.audio
    assert audio is not None
    end = file_seconds if audio.end_seconds is None else audio.end_seconds
    first, last = audio.start_seconds, min(end, file_seconds)
    if last <= first:
        raise EmptyClip(f"{audio.path} is {file_seconds:.3g} s long, and clip.audio.start_seconds is {first:g}.")
    if not tempo_map:
        clip = replace(clip, start_beats=None, end_beats=None, loop=None, pickup_beats=0.0)
    if audio.warp_markers and tempo_map:
        line = marker_line(audio.warp_markers, tempo_map[0].bpm)
        cut = cut_clip(clip, max(round(line.inverse(first), 6), 0.0), round(line.inverse(last), 6))
        line = _mirrored(line, cut) if audio.reversed else line
    else:
        beats = tempo_line(tempo_map or SECONDS_AS_BEATS)
        begin = -last if audio.reversed else first
        line = Line(beats.xs, tuple(begin + seconds * audio.play_rate for seconds in beats.ys))
        cut = cut_clip(clip, 0.0, round(beats.inverse((last - first) / audio.play_rate), 9))
    if cut.end <= cut.start:
        raise EmptyClip(f"Nothing of {audio.path} is left between clip.start_beats and its end; check the cut.")
    return Playing(cut, line, *((-last, -first) if audio.reversed else (first, last)))


def _mirrored(line: Line, cut: Cut) -> Line:
    """The line of a clip that is played backwards within its cut."""
    return Line(
        tuple(cut.start + cut.end - x for x in reversed(line.xs)), tuple(-second for second in reversed(line.ys))
    )
