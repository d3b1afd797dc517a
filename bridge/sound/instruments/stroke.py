"""What is asked of an instrument: one note as it is struck, bowed or blown, and how hard."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np

from bridge.sound.instruments.tones import Numbers, Samples, heard_power, rise

# A full stroke's level (rms, K weighted, over its first 0.4 s), and how far the softest one lies below.
FULL_LEVEL = 0.08
VELOCITY_SPAN_DB = 28.0
# No note is made more than this much louder than its plain power, however short or deep it is.
MOST_BOOST = 4.2

_LAST_FADE_SECONDS = 0.02


@dataclass(frozen=True)
class Stroke:
    """One note: MIDI pitch (may lie between keys), velocity 1 to 127, `frames` at `rate`; no partial above `top_hz`."""

    pitch: float
    velocity: float
    frames: int
    rate: int
    top_hz: float
    seed: int

    @property
    def octaves(self) -> float:
        """How many octaves the pitch lies above middle C."""
        return (self.pitch - 60.0) / 12.0

    def random(self) -> np.random.Generator:
        """The stroke's own chance: the same for equal strokes with equal seeds."""
        return np.random.default_rng((self.seed, round(self.pitch * 1000), round(self.velocity * 8)))


class Voice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all instruments have: `release` in seconds to -60 dB once the note is let go."""

    release: float = 0.25
    level_db: float = 0.0


def velocity_gain(velocity: float) -> float:
    """The level of a stroke against a full one: so many decibels a step, over 28 dB in all."""
    return float(10.0 ** (VELOCITY_SPAN_DB * (velocity - 127.0) / 126.0 / 20.0))


def cutoff_hz(at_100: float, touch_octaves: float, key_track: float, stroke: Stroke) -> float:
    """Up to where a stroke is bright: higher when it is harder (`touch_octaves` from 1 to 127) and on higher keys."""
    return float(at_100 * 2.0 ** (touch_octaves * (stroke.velocity - 100.0) / 126.0 + key_track * stroke.octaves))


def even_gain(frequencies: Numbers, powers: Numbers, heard: Numbers, voice: Voice, stroke: Stroke) -> float:
    """The factor that makes partials of these powers as loud as the stroke's velocity asks.

    `heard` is the share of each partial's power that lasts over the first 0.4 s.
    """
    weighted = float(np.sum(powers * heard * heard_power(frequencies)))
    plain = float(np.sum(powers))
    if plain <= 0.0:
        return 0.0
    gain = min(weighted**-0.5, MOST_BOOST * plain**-0.5)
    return FULL_LEVEL * float(gain) * float(10.0 ** (voice.level_db / 20.0)) * velocity_gain(stroke.velocity)


def soften_ends(sound: Samples, attack_seconds: float, stroke: Stroke) -> None:
    """Put a rise in place of the first edge, and, where the sound ends before the stroke does, a fall at its end."""
    start = rise(attack_seconds, len(sound), stroke.rate)
    sound[: len(start)] *= start
    if len(sound) < stroke.frames:
        end = rise(_LAST_FADE_SECONDS, len(sound), stroke.rate)
        sound[len(sound) - len(end) :] *= end[::-1]
