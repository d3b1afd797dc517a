"""Whatever is struck or plucked and left to ring: strings, bars, bells, skins, as sums of decaying partials."""

from __future__ import annotations

import numpy as np

from bridge.sound.instruments.stroke import (
    FULL_LEVEL,
    Stroke,
    Voice,
    cutoff_hz,
    even_gain,
    soften_ends,
    velocity_gain,
)
from bridge.sound.instruments.tones import (
    DECAY_60_DB,
    GOLDEN,
    HEARD_SECONDS,
    Numbers,
    Samples,
    body_gain,
    fall,
    hertz,
    noise,
    ring,
    tremolo,
)

_MOST_PARTIALS = 120
_FAINTEST = 3e-4
_SHORTEST_RING, _LONGEST_RING = 0.15, 24.0


class Struck(Voice, frozen=True, kw_only=True, tag_field="recipe", tag="struck"):
    """A struck or plucked instrument.

    Partials: `ratios` with `amounts` (a bar, a bell), or else a string's harmonics falling by `slope`, thinned by the
    `pluck` position (a share of its length) and stretched by `stiffness`. `strings` are (cents, amount).
    Brightness: partials over `bright_hz` are weak; `touch` and `key_track` move that in octaves, and it sinks by
    `snap` octaves once the blow is over.
    Decay: `decay` seconds to -60 dB on middle C, shorter by `decay_track` octaves an octave; a partial of ratio r
    dies 1 + damping * (r - 1) times as fast, and the share `fast` of it `fast_factor` times faster still.
    """

    ratios: tuple[float, ...] = ()
    amounts: tuple[float, ...] = ()
    strings: tuple[tuple[float, float], ...] = ((0.0, 1.0),)
    slope: float = 1.0
    pluck: float = 0.0
    stiffness: float = 0.0
    bright_hz: float = 1800.0
    touch: float = 4.0
    key_track: float = 0.6
    snap: float = 1.6
    decay: float = 6.0
    decay_track: float = 0.6
    damping: float = 0.35
    fast: float = 0.5
    fast_factor: float = 7.0
    attack: float = 0.0015
    body: tuple[tuple[float, float, float], ...] = ()
    knock_db: float = -90.0
    knock_low_hz: float = 300.0
    knock_high_hz: float = 3000.0
    knock_decay: float = 0.05
    tremolo_hz: float = 0.0
    tremolo_db: float = 0.0


def strike(voice: Struck, stroke: Stroke) -> Samples:
    """Sound one stroke for as long as it rings, at most `stroke.frames`; mono."""
    ratios, blow, after = _partials(voice, stroke)
    ring_seconds = min(_LONGEST_RING, max(_SHORTEST_RING, voice.decay * 2.0 ** (-voice.decay_track * stroke.octaves)))
    frames = min(stroke.frames, round(1.15 * ring_seconds * stroke.rate))
    slow_rates = DECAY_60_DB / ring_seconds * (1.0 + voice.damping * (ratios - 1.0))
    fast_rates = slow_rates * voice.fast_factor
    frequencies = ratios * hertz(stroke.pitch)

    powers = (blow + after) ** 2 * 0.5
    lasting = 0.5 * (blow**2 * _lasting(fast_rates) + after**2 * _lasting(slow_rates)) / powers
    gain = even_gain(frequencies, powers, lasting, voice, stroke)
    gain /= sum(amount for _, amount in voice.strings)

    # A string's many partials would make one sharp pulse in step; the few of a bar or bell make none.
    order = np.arange(len(ratios), dtype=np.float64)
    phases = (order if voice.ratios else order * order) * GOLDEN % 1.0
    sound = np.zeros(frames, np.float32)
    for cents, amount in voice.strings:
        tuned = frequencies * 2.0 ** (cents / 1200.0)
        for rates, amplitudes in ((slow_rates, after), (fast_rates, blow)):
            part = _partials_sound(tuned, phases, rates, amplitudes * (gain * amount), frames, stroke)
            sound[: len(part)] += part
    if voice.tremolo_db > 0.0:
        sound *= tremolo(voice.tremolo_hz, voice.tremolo_db, frames, stroke.rate)
    sound += _knock(voice, stroke, frames)
    soften_ends(sound, voice.attack, stroke)
    return sound


def _partials(voice: Struck, stroke: Stroke) -> tuple[Numbers, Numbers, Numbers]:
    """The ratios of the partials to the fundamental, and how loud they are in the blow and in what rings after it."""
    frequency = hertz(stroke.pitch)
    if voice.ratios:
        ratios = np.asarray(voice.ratios, np.float64)
        amounts = np.asarray(voice.amounts, np.float64)
    else:
        numbers = np.arange(1.0, 1.0 + min(_MOST_PARTIALS, max(1, int(stroke.top_hz / frequency))))
        bend = voice.stiffness * 2.0 ** (1.5 * stroke.octaves)
        ratios = numbers * np.sqrt((1.0 + bend * numbers * numbers) / (1.0 + bend))
        amounts = numbers**-voice.slope
        if voice.pluck > 0.0:
            amounts *= np.maximum(0.03, np.abs(np.sin(np.pi * numbers * voice.pluck)))
    frequencies = ratios * frequency
    amounts = amounts * body_gain(frequencies, voice.body)
    cutoff = cutoff_hz(voice.bright_hz, voice.touch, voice.key_track, stroke)
    fast_share = 1.0 - (1.0 - voice.fast) / np.sqrt(np.maximum(1.0, ratios))
    blow = amounts * fast_share / (1.0 + (frequencies / cutoff) ** 2)
    after = amounts * (1.0 - fast_share) / (1.0 + (frequencies / cutoff * 2.0**voice.snap) ** 2)
    blow, after = blow / blow[ratios == 1.0] * voice.fast, after / after[ratios == 1.0] * (1.0 - voice.fast)
    heard = (frequencies < stroke.top_hz) & ((blow + after > _FAINTEST) | (ratios == 1.0))
    return ratios[heard], blow[heard], after[heard]


def _lasting(rates: Numbers) -> Numbers:
    """The mean power of decaying partials over the first 0.4 s, against undamped ones."""
    twice = 2.0 * rates * HEARD_SECONDS
    share: Numbers = -np.expm1(-twice) / twice
    return share


def _partials_sound(
    frequencies: Numbers, phases: Numbers, rates: Numbers, amplitudes: Numbers, frames: int, stroke: Stroke
) -> Samples:
    """The ring of those partials that can be heard, only as long as the longest of them is."""
    heard = (frequencies < stroke.top_hz) & (amplitudes > _FAINTEST * amplitudes.max())
    if not heard.any():
        return np.zeros(0, np.float32)
    alive = round(1.2 * DECAY_60_DB / float(rates[heard].min()) * stroke.rate)
    return ring(frequencies[heard], rates[heard], amplitudes[heard], phases[heard], min(frames, alive), stroke.rate)


def _knock(voice: Struck, stroke: Stroke, frames: int) -> Samples | float:
    """The noise of the hammer, stick or nail; harder strokes knock more."""
    if voice.knock_db <= -90.0:
        return 0.0
    level = FULL_LEVEL * 10.0 ** ((voice.knock_db + voice.level_db) / 20.0) * velocity_gain(stroke.velocity) ** 1.3
    length = min(frames, round(1.2 * voice.knock_decay * stroke.rate))
    high_hz = cutoff_hz(voice.knock_high_hz, voice.touch / 2, 0.0, stroke)
    knock = np.zeros(frames, np.float32)
    burst = noise(voice.knock_low_hz, high_hz, length, stroke.rate, stroke.random())
    knock[:length] = burst * fall(voice.knock_decay, length, stroke.rate) * np.float32(level)
    return knock
