"""A clip of audio as the DAW plays it: cut, warped, looped, transposed, at the model's rate."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bridge.contract import MODEL_RATE
from bridge.errors import TooLarge
from bridge.model import Song, Trigger
from bridge.music.tempo import Line, tempo_line
from bridge.render.cut import Passage, passages
from bridge.render.lines import straightened
from bridge.render.playing import SECONDS_AS_BEATS, Playing, clip_tempo, play_file
from bridge.sound.files import Samples, Sound, probe, read_part
from bridge.sound.resample import resample, with_frames
from bridge.sound.stretch import stretch

# How far a straight piece may pass a warp marker by, and how much a piece may be off before it is stretched.
_SLACK_SECONDS = 0.0005
# What is read on both sides of a piece, so that filters and stretch have something to begin with.
_CONTEXT_SECONDS = 0.1
_CROSSFADE_FRAMES = 160
_MOST_SECONDS_OF_FILE = 600.0
_DIAGONAL = float(np.sqrt(0.5))


class Piece(NamedTuple):
    """Frames `start` to `end` of the span sound heard seconds `low` to `high`; `joined` goes on from the one before."""

    start: int
    end: int
    low: float
    high: float
    joined: bool


def render_span(trigger: Trigger, song: Song, start_seconds: float, seconds: float) -> Sound:
    """What sounds of an audio clip between two times of the take, at 32 kHz, in mono or stereo, gain included.

    Only what is needed of the file is read. Stretched is only what warp markers or tempo changes ask for.

    Raises:
        MissingFile, UnreadableAudio, EmptyClip: the file.
        TooLarge: it is played so fast that more than ten minutes of it would be needed.
    """
    audio = trigger.clip.audio
    assert audio is not None
    path = Path(audio.path)
    facts = probe(path)
    playing = play_file(trigger.clip, clip_tempo(trigger, song), facts.seconds)
    take = tempo_line(song.tempo_map or SECONDS_AS_BEATS)
    pieces = _pieces(trigger, song, playing, take, start_seconds, seconds)
    if sum(piece.high - piece.low for piece in pieces) > _MOST_SECONDS_OF_FILE:
        raise TooLarge(f"{path} is played too fast to be followed; check clip.audio.play_rate and its warp markers.")
    out = np.zeros((round(seconds * MODEL_RATE), min(facts.channels, 2)), np.float32)
    made: dict[tuple[float, float, int, int], Samples] = {}
    for piece in pieces:
        lead = _CROSSFADE_FRAMES if piece.joined else 0
        key = piece.low, piece.high, piece.end - piece.start, lead
        if key not in made:
            made[key] = _made(path, piece, lead, playing, audio.pitch_semitones, backwards=audio.reversed)
        _lay(out, made[key], piece.start, lead)
    return Sound(out * np.float32(10 ** (audio.gain_db / 20)), MODEL_RATE)


def _pieces(
    trigger: Trigger, song: Song, playing: Playing, take: Line, start_seconds: float, seconds: float
) -> list[Piece]:
    """The straight pieces of the time between, in order."""
    has_tempo = song.bpm is not None
    repeat = has_tempo and trigger.ask.mode != "continue"
    cut = playing.cut if repeat else playing.cut._replace(loop=None)
    begin, end = take.inverse(start_seconds), take.inverse(start_seconds + seconds)
    found: list[Piece] = []
    for passage in passages(cut, song.metre_map, begin, end, repeat=repeat):
        points = _points(passage, playing.line, take, start_seconds)
        for (start, low), (stop, high) in pairwise(points):
            first, last = round(start * MODEL_RATE), min(round(stop * MODEL_RATE), round(seconds * MODEL_RATE))
            if last > first:
                found.append(Piece(first, last, low, high, joined=(start, low) != points[0]))
    return found


def _points(passage: Passage, line: Line, take: Line, start_seconds: float) -> list[tuple[float, float]]:
    """A passage as a line of straight pieces: (seconds of the span, heard seconds)."""
    shift = passage.start - passage.at
    until = passage.at + passage.end - passage.start
    corners = {x for xs in (take.xs, (x - shift for x in line.xs)) for x in xs if passage.at < x < until}
    beats = [passage.at]
    for beat in [*sorted(corners), until]:
        if beat - beats[-1] > 1e-7:
            beats.append(beat)
    beats[-1] = until
    points = [(take.at(beat) - start_seconds, line.at(beat + shift)) for beat in beats]
    return straightened(points, _SLACK_SECONDS) if len(points) > 1 else []


def _made(path: Path, piece: Piece, lead: int, playing: Playing, semitones: float, *, backwards: bool) -> Samples:
    """A piece's samples, with `lead` frames before it; silence where the file does not reach."""
    frames, length = piece.end - piece.start, piece.high - piece.low
    drift = abs(length - frames / MODEL_RATE)
    plain = semitones == 0 and drift <= max(_SLACK_SECONDS, 1 / MODEL_RATE)
    ratio = 1.0 if plain else frames / (length * MODEL_RATE)
    context = min(_CONTEXT_SECONDS, _CONTEXT_SECONDS / ratio)
    low, high = max(piece.low - context, playing.low), min(piece.high + context, playing.high)
    if high - low < 1 / MODEL_RATE:
        return np.zeros((frames + lead, 1), np.float32)
    sound = _read(path, low, high, backwards=backwards)
    if not plain:
        sound = stretch(sound, max(round(sound.frames * ratio), 1), semitones)
    before = round((piece.low - low) * MODEL_RATE * ratio) - lead
    samples = sound.samples[max(before, 0) :]
    if before < 0:
        samples = np.concatenate([np.zeros((-before, samples.shape[1]), np.float32), samples])
    return with_frames(samples, frames + lead)


def _read(path: Path, low: float, high: float, *, backwards: bool) -> Sound:
    part = read_part(path, -high, -low) if backwards else read_part(path, low, high)
    samples = _folded(part.samples)
    return resample(Sound(samples[::-1] if backwards else samples, part.rate), MODEL_RATE)


def _folded(samples: Samples) -> Samples:
    """More than two channels as two: the first two left and right, the others in the middle, 3 dB down."""
    if samples.shape[1] <= 2:
        return samples
    middle = samples[:, 2:].sum(axis=1, keepdims=True) * np.float32(_DIAGONAL)
    return np.asarray(samples[:, :2] + middle, dtype=np.float32)


def _lay(out: Samples, samples: Samples, start: int, lead: int) -> None:
    """Put samples into `out`, faded over from what is there during the `lead` frames before `start`."""
    lead_in = min(lead, start)
    if lead_in:
        rise = np.linspace(0, 1, lead_in + 2, dtype=np.float32)[1:-1, None]
        place = out[start - lead_in : start]
        place += (samples[lead - lead_in : lead] - place) * rise
    body = samples[lead:]
    out[start : start + body.shape[0]] = body
