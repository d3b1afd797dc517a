"""Frequency modulation: electric pianos and bells whose brightness dies before they do."""

from __future__ import annotations

import msgspec
import numpy as np

from bridge.sound.instruments.stroke import Stroke, Voice, even_gain, soften_ends
from bridge.sound.instruments.tones import DECAY_60_DB, HEARD_SECONDS, Samples, fall, hertz, tremolo

# With this many sidebands of room below the highest frequency, an index up to that much keeps what spills over
# under -60 dB (the Bessel function of the first order that does not fit).
_ROOM = (0.99, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 12.0, 20.0)
_INDEX = (0.0, 0.08, 0.33, 0.7, 1.15, 1.65, 2.2, 3.3, 6.0, 12.0)
_SHORTEST_RING, _LONGEST_RING = 0.3, 20.0


class Operators(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A carrier and its modulator: ratios to the note, the index at velocity 100, and decays in seconds to -60 dB."""

    carrier: float = 1.0
    modulator: float = 1.0
    amount: float = 1.0
    index: float = 1.0
    index_decay: float = 1.0
    index_floor: float = 0.2
    decay: float = 6.0
    cents: float = 0.0


class Fm(Voice, frozen=True, kw_only=True, tag_field="recipe", tag="fm"):
    """An instrument of pairs of operators; `touch` octaves lie between the indices at velocity 1 and 127."""

    pairs: tuple[Operators, ...]
    touch: float = 4.0
    decay_track: float = 0.5
    attack: float = 0.002
    tremolo_hz: float = 0.0
    tremolo_db: float = 0.0


def modulate(voice: Fm, stroke: Stroke) -> Samples:
    """Sound one note for as long as it rings, at most `stroke.frames`; mono."""
    frequency = hertz(stroke.pitch)
    shorter = 2.0 ** (-voice.decay_track * stroke.octaves)
    decays = [min(_LONGEST_RING, max(_SHORTEST_RING, pair.decay * shorter)) for pair in voice.pairs]
    frames = min(stroke.frames, round(1.15 * max(decays) * stroke.rate))
    powers = np.array([pair.amount**2 * 0.5 for pair in voice.pairs])
    twice = 2.0 * DECAY_60_DB / np.array(decays) * HEARD_SECONDS
    middles = np.array([frequency * (pair.carrier + 0.5 * pair.index * pair.modulator) for pair in voice.pairs])
    gain = even_gain(middles, powers, -np.expm1(-twice) / twice, voice, stroke)

    sound = np.zeros(frames, np.float32)
    for pair, decay in zip(voice.pairs, decays, strict=True):
        if pair.carrier * frequency < stroke.top_hz:
            sound += _pair(pair, gain * pair.amount, decay, shorter, frames, voice, stroke)
    if voice.tremolo_db > 0.0:
        sound *= tremolo(voice.tremolo_hz, voice.tremolo_db, frames, stroke.rate)
    soften_ends(sound, voice.attack, stroke)
    return sound


def _pair(
    pair: Operators, amplitude: float, decay: float, shorter: float, frames: int, voice: Fm, stroke: Stroke
) -> Samples:
    frequency = hertz(stroke.pitch) * 2.0 ** (pair.cents / 1200.0)
    carrier, modulator = frequency * pair.carrier, frequency * pair.modulator
    harder = 2.0 ** (voice.touch * (stroke.velocity - 100.0) / 126.0)
    index = min(pair.index * harder, float(np.interp((stroke.top_hz - carrier) / modulator, _ROOM, _INDEX)))
    depth = fall(max(0.02, pair.index_decay * shorter), frames, stroke.rate)
    depth *= np.float32(index * (1.0 - pair.index_floor))
    depth += np.float32(index * pair.index_floor)
    depth *= np.sin(_angle(modulator, frames, stroke.rate))
    depth += _angle(carrier, frames, stroke.rate)
    sound: Samples = np.sin(depth, out=depth)
    sound *= fall(decay, frames, stroke.rate) * np.float32(amplitude)
    return sound


def _angle(frequency: float, frames: int, rate: int) -> Samples:
    """The angle of a steady oscillator, within one turn, so that single precision keeps it in tune."""
    turns = np.arange(frames, dtype=np.float64) * (frequency / rate)
    turns -= np.rint(turns)
    return (turns * (2 * np.pi)).astype(np.float32)
