"""Drums, cymbals, percussion and sound effects: sweeping tones, ringing metal and bursts of noise."""

from __future__ import annotations

import msgspec
import numpy as np

from bridge.sound.instruments.stroke import Stroke, Voice, soften_ends, velocity_gain
from bridge.sound.instruments.tones import DECAY_60_DB, Numbers, Samples, fall, noise, ring, rise

# The peak of a full stroke at level_db 0.
FULL_PEAK = 0.42

_SWEEP_SHARE = 4.6
_FIRST_RISE_SECONDS = 0.0003


class Tone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tone that falls by `sweep` octaves to `hz` within `sweep_seconds`; `decay` in seconds to -60 dB."""

    hz: float
    sweep: float = 0.0
    sweep_seconds: float = 0.05
    decay: float = 0.3
    attack: float = 0.001
    warble_hz: float = 0.0
    warble: float = 0.0
    db: float = 0.0


class Hiss(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Noise in a band; `bursts` of it `gap` seconds apart, the last one dying in `decay`, or `pulse_hz` beats a second.

    A harder stroke is brighter: `high_hz` moves by `touch` octaves from velocity 1 to 127.
    """

    low_hz: float
    high_hz: float
    decay: float = 0.2
    attack: float = 0.001
    bursts: int = 1
    gap: float = 0.012
    pulse_hz: float = 0.0
    touch: float = 1.0
    db: float = 0.0


class Metal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Many inharmonic partials between two frequencies, the high ones dying sooner."""

    partials: int
    low_hz: float
    high_hz: float
    decay: float = 1.0
    attack: float = 0.001
    db: float = 0.0


class Hit(Voice, frozen=True, kw_only=True, tag_field="recipe", tag="hit"):
    """A drum or an effect. A stroke ends whatever of its `choke` group still sounds; `pan` is its place in the kit.

    `track` is how many octaves it moves for an octave of pitch: 0 for the drums of a kit.
    """

    tones: tuple[Tone, ...] = ()
    metal: tuple[Metal, ...] = ()
    noise: tuple[Hiss, ...] = ()
    choke: int = 0
    pan: float = 0.0
    track: float = 0.0


def hit(voice: Hit, stroke: Stroke) -> Samples:
    """Sound one stroke for as long as it rings, at most `stroke.frames`; mono."""
    parts: tuple[Tone | Metal | Hiss, ...] = (*voice.tones, *voice.metal, *voice.noise)
    longest = max(part.decay + part.attack for part in parts)
    bursts = max((part.bursts * part.gap for part in voice.noise), default=0.0)
    frames = min(stroke.frames, round((1.1 * longest + bursts) * stroke.rate))
    random = stroke.random()
    factor = 2.0 ** (voice.track * stroke.octaves)
    sound = np.zeros(frames, np.float32)
    for tone in voice.tones:
        _add(sound, _tone(tone, factor, frames, stroke), tone.db)
    for metal in voice.metal:
        _add(sound, _metal(metal, factor, frames, stroke), metal.db)
    for hiss in voice.noise:
        _add(sound, _hiss(hiss, factor, frames, stroke, random), hiss.db)
    peak = float(np.max(np.abs(sound), initial=1e-9))
    soften_ends(sound, _FIRST_RISE_SECONDS, stroke)
    sound *= np.float32(FULL_PEAK * 10.0 ** (voice.level_db / 20.0) * velocity_gain(stroke.velocity) / peak)
    return sound


def _add(sound: Samples, part: Samples, level_db: float) -> None:
    part *= np.float32(10.0 ** (level_db / 20.0))
    sound[: len(part)] += part


def _tone(tone: Tone, factor: float, frames: int, stroke: Stroke) -> Samples:
    if tone.hz * factor * 2.0**tone.sweep > stroke.top_hz:
        return np.zeros(0, np.float32)
    length = min(frames, round(1.1 * (tone.decay + tone.attack) * stroke.rate))
    seconds = np.arange(length, dtype=np.float64) / stroke.rate
    swept = tone.sweep_seconds / _SWEEP_SHARE
    turns = seconds + (2.0**tone.sweep - 1.0) * swept * -np.expm1(-seconds / swept)
    if tone.warble > 0.0:
        turns += tone.warble / (2 * np.pi * tone.warble_hz) * np.sin(2 * np.pi * tone.warble_hz * seconds)
    turns *= tone.hz * factor
    turns -= np.rint(turns)
    sound: Samples = np.sin((turns * (2 * np.pi)).astype(np.float32))
    return _shaped(sound, tone.attack, tone.decay, stroke)


def _metal(metal: Metal, factor: float, frames: int, stroke: Stroke) -> Samples:
    chance = np.random.default_rng(metal.partials)
    places = (np.arange(metal.partials) + chance.random(metal.partials)) / metal.partials
    frequencies: Numbers = metal.low_hz * factor * (metal.high_hz / metal.low_hz) ** places
    decays = metal.decay * (metal.low_hz * factor / frequencies) ** 0.35 * (0.6 + 0.4 * chance.random(metal.partials))
    amplitudes = (0.3 + chance.random(metal.partials)) / np.sqrt(metal.partials)
    amplitudes *= (frequencies / frequencies[0]) ** (0.5 * (stroke.velocity - 100.0) / 126.0)
    phases = chance.random(metal.partials)
    heard = frequencies < stroke.top_hz
    length = min(frames, round(1.1 * (metal.decay + metal.attack) * stroke.rate))
    sound = ring(frequencies[heard], DECAY_60_DB / decays[heard], amplitudes[heard], phases[heard], length, stroke.rate)
    start = rise(metal.attack, length, stroke.rate)
    sound[: len(start)] *= start
    return sound


def _hiss(hiss: Hiss, factor: float, frames: int, stroke: Stroke, random: np.random.Generator) -> Samples:
    high_hz = hiss.high_hz * factor * 2.0 ** (hiss.touch * (stroke.velocity - 100.0) / 126.0)
    length = min(frames, round((1.1 * (hiss.decay + hiss.attack) + hiss.bursts * hiss.gap) * stroke.rate))
    sound = noise(hiss.low_hz * factor, max(high_hz, 1.5 * hiss.low_hz * factor), length, stroke.rate, random) * 0.4
    if hiss.bursts > 1:
        gap = round(hiss.gap * stroke.rate)
        claps = np.zeros(length, np.float32)
        for burst in range(hiss.bursts):
            last = burst == hiss.bursts - 1
            rest = length - burst * gap
            claps[burst * gap :] = fall(hiss.decay if last else 4.0 * hiss.gap, rest, stroke.rate)
        sound *= claps
        return sound
    if hiss.pulse_hz > 0.0:
        turns = np.arange(length, dtype=np.float32) * np.float32(2 * np.pi * hiss.pulse_hz / stroke.rate)
        sound *= (0.5 - 0.5 * np.cos(turns)) ** 3
    return _shaped(sound, hiss.attack, hiss.decay, stroke)


def _shaped(sound: Samples, attack: float, decay: float, stroke: Stroke) -> Samples:
    sound *= fall(decay, len(sound), stroke.rate)
    start = rise(attack, len(sound), stroke.rate)
    sound[: len(start)] *= start
    return sound
