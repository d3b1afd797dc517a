"""Whatever sounds as long as it is held: bowed, blown, sung, organs and synthesisers, read from wave tables."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from bridge.sound.instruments.stroke import FULL_LEVEL, Stroke, Voice, cutoff_hz, even_gain, velocity_gain
from bridge.sound.instruments.tones import (
    DECAY_60_DB,
    HEARD_SECONDS,
    Numbers,
    Samples,
    body_gain,
    fall,
    hertz,
    moving_phase,
    noise,
    read_tables,
    rise,
    steady_phase,
    tremolo,
    wave_table,
)

_MOST_HARMONICS = 400
_NOISE_TOUCH = 1.6
# Players a little above and below the pitch begin as mirror images of each other, so that their sum stays in tune.
_LAYERS_APART = 0.21
_WEAKEST_ATTACK, _STRONGEST_ATTACK = 1.15, 0.9


class Sustained(Voice, frozen=True, kw_only=True, tag_field="recipe", tag="sustained"):
    """An instrument that is held.

    Harmonics: `drawbars` (their amplitudes), or else falling by `slope`, the even ones times `even`; shaped by the
    `body`'s formants and weak above `bright_hz` by `steepness`; `touch` and `key_track` move that in octaves.
    Two tables are kept, the darker one `dark` octaves lower; the sound opens within `swell` seconds to the bright one
    and goes back to the share `open` of it within `settle`. `layers` are (cents, amount) of players.
    Loudness: a rise of `attack` seconds, then within `decay` (to -60 dB) down to the share `sustain`.
    Noise: `breath_db` all along, `chiff_db` at the start, in their band.
    """

    drawbars: tuple[float, ...] = ()
    slope: float = 1.0
    even: float = 1.0
    body: tuple[tuple[float, float, float], ...] = ()
    bright_hz: float = 2500.0
    steepness: float = 2.5
    touch: float = 3.0
    key_track: float = 0.5
    dark: float = 1.0
    swell: float = 0.05
    settle: float = 0.5
    open: float = 1.0
    layers: tuple[tuple[float, float], ...] = ((0.0, 1.0),)
    attack: float = 0.05
    decay: float = 1.0
    sustain: float = 1.0
    vibrato_hz: float = 0.0
    vibrato_cents: float = 0.0
    vibrato_delay: float = 0.25
    tremolo_hz: float = 0.0
    tremolo_db: float = 0.0
    breath_db: float = -90.0
    chiff_db: float = -90.0
    noise_low_hz: float = 500.0
    noise_high_hz: float = 5000.0


def hold(voice: Sustained, stroke: Stroke) -> Samples:
    """Sound one note held for `stroke.frames`; mono."""
    frames, rate = stroke.frames, stroke.rate
    random = stroke.random()
    frequency = hertz(stroke.pitch)
    top = max(cents for cents, _ in voice.layers) + voice.vibrato_cents
    reach = max(1, int(stroke.top_hz / (frequency * 2.0 ** (max(0.0, top) / 1200.0))))
    harmonics = frequency * np.arange(1.0, 1.0 + min(_MOST_HARMONICS, reach))
    bright = _amplitudes(voice, stroke, harmonics, 0.0)
    dark = _amplitudes(voice, stroke, harmonics, voice.dark)
    steady = voice.open * bright + (1.0 - voice.open) * dark
    power = sum(amount * amount for _, amount in voice.layers)
    gain = even_gain(harmonics, steady * steady * (0.5 * power), np.ones_like(harmonics), voice, stroke)
    gain /= voice.sustain + (1.0 - voice.sustain) * math.exp(-DECAY_60_DB * 0.5 * HEARD_SECONDS / voice.decay)
    tables = [wave_table(dark * gain), wave_table((bright - dark) * gain)]

    opening = _opening(voice, frames, rate)
    sound = np.zeros(frames, np.float32)
    wobble = _wobble(voice, frames, rate, random)
    for cents, amount in voice.layers:
        start = math.copysign(_LAYERS_APART, cents) if cents else 0.0
        phase = _phase(frequency * 2.0 ** (cents / 1200.0), wobble, frames, rate, start)
        layer, brighter = read_tables(phase, tables)
        brighter *= opening
        layer += brighter
        layer *= np.float32(amount)
        sound += layer
    sound += _noises(voice, stroke, random)
    sound *= _loudness(voice, stroke)
    return sound


def _amplitudes(voice: Sustained, stroke: Stroke, harmonics: Numbers, darker_octaves: float) -> Numbers:
    numbers = np.arange(1.0, len(harmonics) + 1.0)
    if voice.drawbars:
        amounts = np.zeros(len(harmonics))
        bars = np.asarray(voice.drawbars, np.float64)[: len(harmonics)]
        amounts[: len(bars)] = bars
    else:
        amounts = numbers**-voice.slope
        amounts[1::2] *= voice.even
    cutoff = cutoff_hz(voice.bright_hz, voice.touch, voice.key_track, stroke) * 2.0**-darker_octaves
    cutoff = max(cutoff, 0.5 * float(harmonics[0]))
    shaped: Numbers = amounts * body_gain(harmonics, voice.body) / (1.0 + (harmonics / cutoff) ** voice.steepness)
    return shaped / max(1e-9, float(shaped[0]))


def _opening(voice: Sustained, frames: int, rate: int) -> Samples | np.float32:
    """The share of the bright table over time."""
    if voice.dark <= 0.0:
        return np.float32(0.0)
    curve = np.full(frames, voice.open, np.float32)
    if voice.open < 1.0:
        curve += np.float32(1.0 - voice.open) * fall(voice.settle, frames, rate)
    start = rise(voice.swell, frames, rate)
    curve[: len(start)] *= start
    return curve


def _wobble(voice: Sustained, frames: int, rate: int, random: np.random.Generator) -> Numbers | None:
    """The vibrato as a factor of the frequency, or None where it does not begin within these frames."""
    begin = round(voice.vibrato_delay * rate)
    if voice.vibrato_cents <= 0.0 or frames <= begin:
        return None
    speed = voice.vibrato_hz * (1.0 + 0.06 * (float(random.random()) - 0.5))
    turns = np.arange(frames - begin, dtype=np.float32) * np.float32(2 * np.pi * speed / rate)
    depth = np.minimum(1.0, np.arange(frames - begin, dtype=np.float32) * np.float32(3.0 / rate))
    factor = np.ones(frames)
    factor[begin:] = np.exp2(np.sin(turns) * depth * np.float32(voice.vibrato_cents / 1200.0))
    return factor


def _phase(frequency: float, wobble: Numbers | None, frames: int, rate: int, start: float) -> npt.NDArray[np.uint32]:
    if wobble is None:
        return steady_phase(frequency, frames, rate, start)
    return moving_phase(frequency * wobble, rate, start)


def _noises(voice: Sustained, stroke: Stroke, random: np.random.Generator) -> Samples | float:
    if max(voice.breath_db, voice.chiff_db) <= -90.0:
        return 0.0
    frames, rate = stroke.frames, stroke.rate
    air = noise(voice.noise_low_hz, voice.noise_high_hz, frames, rate, random)
    shape = np.full(frames, 10.0 ** (voice.breath_db / 20.0), np.float32)
    if voice.chiff_db > -90.0:
        shape += np.float32(10.0 ** (voice.chiff_db / 20.0)) * fall(0.12, frames, rate)
    level = FULL_LEVEL * 10.0 ** (voice.level_db / 20.0) * velocity_gain(stroke.velocity) ** _NOISE_TOUCH
    return air * (shape * np.float32(level))


def _loudness(voice: Sustained, stroke: Stroke) -> Samples:
    frames, rate = stroke.frames, stroke.rate
    curve = np.full(frames, voice.sustain, np.float32)
    if voice.sustain < 1.0:
        curve += np.float32(1.0 - voice.sustain) * fall(voice.decay, frames, rate)
    hardness = stroke.velocity / 127.0
    attack = voice.attack * (_WEAKEST_ATTACK + (_STRONGEST_ATTACK - _WEAKEST_ATTACK) * hardness)
    start = rise(attack, frames, rate)
    curve[: len(start)] *= start
    if voice.tremolo_db > 0.0:
        curve *= tremolo(voice.tremolo_hz, voice.tremolo_db, frames, rate)
    return curve
