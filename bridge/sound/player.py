"""Plays notes with our own instruments and mixes them to stereo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import numpy as np

from bridge.sound.files import Samples, Sound
from bridge.sound.instruments import AnyVoice, Stroke, drum_of, sound_stroke, voice_of
from bridge.sound.instruments.hit import Hit
from bridge.sound.instruments.tones import DECAY_60_DB

# No partial above this share of the rate: what is left is the resamplers' and the filters' own.
_TOP_SHARE = 0.47
_CHOKE_SECONDS = 0.012
_CROWD_SECONDS, _LARGEST_CROWD = 0.1, 64
_SHORTEST_HOLD_SECONDS = 0.03
_BEND_STEP = 64
_BEND_SMOOTHING = 5
_WIDEST_BEND = 48.0
_QUIETEST_GAIN_DB, _LOUDEST_GAIN_DB = -96.0, 24.0
# The mix is left alone below this; above it bends softly and never reaches full scale.
_SAFE = 0.7
_CEILING = 0.98


@dataclass(frozen=True)
class PlayedNote:
    """One note in seconds; velocity 0 to 127, pan -1 (left) to 1 (right).

    `pitch` may lie between keys. `bends` are (seconds from the start, semitones) in order, each until the next.
    """

    start_seconds: float
    seconds: float
    pitch: float
    velocity: float
    program: int
    drums: bool
    pan: float = 0.0
    gain_db: float = 0.0
    bends: tuple[tuple[float, float], ...] = ()


class _Placed(NamedTuple):
    """A note in frames, where it ends and by what it is ended."""

    note: PlayedNote
    voice: AnyVoice
    start: int
    end: int
    fade: int


def play(notes: Sequence[PlayedNote], seconds: float, rate: int = 32_000, seed: int = 0) -> Sound:
    """Play the notes: stereo, exactly round(seconds * rate) frames, tails cut only by that end.

    The same notes, rate and seed give the same bytes. A note's level depends on nothing but itself; where many
    together come near full scale they are bent softly under it. Equal strokes are computed once. Of more than 64
    notes that begin in one tenth of a second the loudest are played.
    """
    frames = max(0, round(seconds * rate))
    mix = np.zeros((2, frames), np.float32)
    for group in _groups(_placed(notes, frames, rate)):
        longest = max(placed.end + placed.fade - placed.start for placed in group)
        body = _body(group[0], min(longest, frames - min(placed.start for placed in group)), rate, seed)
        for placed in group:
            _mix_in(mix, _let_go(body, placed, frames), placed)
    _bend_softly(mix)
    return Sound(np.ascontiguousarray(mix.T), rate)


def _placed(notes: Iterable[PlayedNote], frames: int, rate: int) -> list[_Placed]:
    """The notes that sound within these frames, in order of start; drums end the others of their choke group."""
    placed: list[_Placed] = []
    sounding: dict[int, int] = {}
    for note in _heard(notes):
        voice = drum_of(round(note.pitch)) if note.drums else voice_of(note.program)
        start = round(note.start_seconds * rate)
        if start >= frames or note.velocity <= 0:
            continue
        if note.drums:
            end, fade = frames, 0
        else:
            end = start + round(max(note.seconds, _SHORTEST_HOLD_SECONDS) * rate)
            fade = round(voice.release * rate)
        if isinstance(voice, Hit) and voice.choke:
            last = sounding.get(voice.choke)
            if last is not None:
                placed[last] = placed[last]._replace(end=start, fade=round(_CHOKE_SECONDS * rate))
            sounding[voice.choke] = len(placed)
        if end + fade > 0:
            placed.append(_Placed(note, voice, start, min(end, frames), fade))
    return placed


def _heard(notes: Iterable[PlayedNote]) -> Iterable[PlayedNote]:
    """The notes in order of start, without those that are drowned by too many others."""
    in_order = sorted(notes, key=lambda note: note.start_seconds)
    for _, crowd in groupby(in_order, key=lambda note: note.start_seconds // _CROWD_SECONDS):
        together = list(crowd)
        if len(together) > _LARGEST_CROWD:
            loudest = sorted(together, key=lambda note: -note.velocity)[:_LARGEST_CROWD]
            together = sorted(loudest, key=lambda note: note.start_seconds)
        yield from together


def _groups(placed: Iterable[_Placed]) -> Iterable[list[_Placed]]:
    """Notes whose strokes are equal but for how long they are held."""
    groups: dict[tuple[object, ...], list[_Placed]] = {}
    for one in placed:
        note = one.note
        program = -1 if note.drums else note.program
        groups.setdefault((program, note.pitch, round(note.velocity), note.bends), []).append(one)
    return groups.values()


def _body(placed: _Placed, frames: int, rate: int, seed: int) -> Samples:
    """The note as if it were never let go, bent where it is."""
    note = placed.note
    program = 128 if note.drums else note.program
    velocity = float(min(127, max(1, round(note.velocity))))
    stroke = Stroke(
        pitch=60.0 if note.drums else min(127.0, max(0.0, note.pitch)),
        velocity=velocity,
        frames=frames,
        rate=rate,
        top_hz=_TOP_SHARE * rate,
        seed=seed * 1000 + program,
    )
    if not note.bends or note.drums:
        return sound_stroke(placed.voice, stroke)
    at = _bent_times(note.bends, frames, rate)
    steepest = float(np.max(np.diff(at), initial=1.0))
    straight = Stroke(
        pitch=stroke.pitch,
        velocity=velocity,
        frames=2 * int(at[-1] + 4),
        rate=2 * rate,
        top_hz=_TOP_SHARE * rate / steepest,
        seed=stroke.seed,
    )
    return _read_between(sound_stroke(placed.voice, straight), 2.0 * at)


def _bent_times(
    bends: Sequence[tuple[float, float]], frames: int, rate: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """For each frame, which frame of the straight note is heard: the sum of the bent note's speed."""
    steps = np.arange(0, frames + 2 * _BEND_STEP, _BEND_STEP) / rate
    times = np.array([seconds for seconds, _ in bends])
    values = np.array([0.0, *(semitones for _, semitones in bends)])
    semitones = np.clip(values[np.searchsorted(times, steps, side="right")], -_WIDEST_BEND, _WIDEST_BEND)
    edge = _BEND_SMOOTHING // 2
    smooth = np.convolve(np.pad(semitones, edge, mode="edge"), np.full(_BEND_SMOOTHING, 1 / _BEND_SMOOTHING), "valid")
    speed = np.interp(np.arange(frames), np.arange(len(smooth)) * _BEND_STEP, 2.0 ** (smooth / 12.0))
    return np.concatenate(([0.0], np.cumsum(speed)[:-1]))


def _read_between(sound: Samples, at: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Samples:
    """Read a sound between its frames, by cubics through four of them (Catmull-Rom); silence after its end."""
    padded = np.concatenate((np.zeros(1, np.float32), sound, np.zeros(4, np.float32)))
    whole = np.minimum(at.astype(np.intp), len(sound))
    part = (at - whole).clip(0.0, 1.0).astype(np.float32)
    before, here, after, later = (padded.take(whole + step) for step in range(4))
    bent: Samples = here + 0.5 * part * (
        after
        - before
        + part * (2.0 * before - 5.0 * here + 4.0 * after - later + part * (3.0 * (here - after) + later - before))
    )
    return bent.astype(np.float32)


def _let_go(body: Samples, placed: _Placed, frames: int) -> Samples:
    """The part of the body that this note holds, and its release after that."""
    held = placed.end - placed.start
    if held >= len(body):
        return body[: frames - placed.start]
    sound = body[: held + placed.fade].copy()
    sound[held:] *= _release(placed.fade)[: len(sound) - held]
    return sound[: frames - placed.start]


@lru_cache(maxsize=64)
def _release(frames: int) -> Samples:
    """A fall by 60 dB whose very end reaches zero."""
    place = np.arange(frames, dtype=np.float32) / np.float32(max(frames, 1))
    curve: Samples = np.exp(-DECAY_60_DB * place) * (1.0 - place**4)
    curve.flags.writeable = False
    return curve


def _mix_in(mix: Samples, sound: Samples, placed: _Placed) -> None:
    note = placed.note
    place = note.pan + (placed.voice.pan if isinstance(placed.voice, Hit) else 0.0)
    angle = (min(1.0, max(-1.0, place)) + 1.0) * np.pi / 4
    gain = 10.0 ** (min(_LOUDEST_GAIN_DB, max(_QUIETEST_GAIN_DB, note.gain_db)) / 20.0)
    sound = sound[max(0, -placed.start) :]
    start = max(0, placed.start)
    for side, share in zip(mix, (np.cos(angle), np.sin(angle)), strict=True):
        side[start : start + len(sound)] += sound * np.float32(share * gain * np.sqrt(2.0))


def _bend_softly(mix: Samples) -> None:
    if max(float(mix.max(initial=0.0)), -float(mix.min(initial=0.0))) <= _SAFE:
        return
    over = np.abs(mix) > _SAFE
    loud = mix[over]
    room = _CEILING - _SAFE
    mix[over] = np.sign(loud) * (_SAFE + room * np.tanh((np.abs(loud) - _SAFE) / room))
