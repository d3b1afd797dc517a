"""The bank of instruments, measured: pitch, purity, attack, brightness, level."""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt
import pytest

from bridge.sound.instruments import AnyVoice, Stroke, drum_of, sound_stroke, voice_of
from bridge.sound.instruments.fm import Fm
from bridge.sound.instruments.struck import Struck
from bridge.sound.instruments.sustained import Sustained

Wave = npt.NDArray[np.float64]

RATE = 32_000
PITCHED = range(119)
ORCHESTRA_HIT = 55
STRUCK = [program for program in PITCHED if isinstance(voice_of(program), Struck | Fm) and program != ORCHESTRA_HIT]
BLOWN = [*range(56, 62), *range(64, 80), 109, 111]
BOWED = [40, 41, 42, 43, 110]
FLUTES = range(72, 80)


def hertz(pitch: float) -> float:
    return float(440 * 2 ** ((pitch - 69) / 12))


def sounded(voice: AnyVoice, pitch: float, *, velocity: float = 100, seconds: float = 1.0, rate: int = RATE) -> Wave:
    frames = round(seconds * rate)
    stroke = Stroke(pitch=pitch, velocity=velocity, frames=frames, rate=rate, top_hz=0.47 * RATE, seed=1)
    sound = sound_stroke(voice, stroke)
    return np.concatenate((sound.astype(np.float64), np.zeros(frames - len(sound))))


def still(voice: AnyVoice) -> AnyVoice:
    """The voice without its noise and vibrato."""
    match voice:
        case Struck():
            return msgspec.structs.replace(voice, knock_db=-90.0)
        case Sustained():
            return msgspec.structs.replace(voice, breath_db=-90.0, chiff_db=-90.0, vibrato_cents=0.0)
        case _:
            return voice


def cents_off(sound: Wave, frequency: float) -> float:
    """How far the strongest frequency within 60 cents lies from `frequency`: a fine Fourier transform around it."""
    fading = sound * np.hanning(2 * len(sound))[len(sound) :]
    near = fading * np.exp(-2j * np.pi * frequency / RATE * np.arange(len(sound)))
    slow = near.reshape(-1, 50).sum(axis=1)
    size = 1 << 17
    spectrum = np.abs(np.fft.fftshift(np.fft.fft(slow, size)))
    offsets = np.fft.fftshift(np.fft.fftfreq(size, 50 / RATE))
    inside = np.abs(offsets) < frequency * (2 ** (60 / 1200) - 1)
    found = frequency + offsets[inside][int(np.argmax(spectrum[inside]))]
    return float(1200 * np.log2(found / frequency))


def centroid(sound: Wave, window: Wave) -> float:
    spectrum = np.abs(np.fft.rfft(sound * window))
    return float((spectrum * np.fft.rfftfreq(len(sound), 1 / RATE)).sum() / spectrum.sum())


def rise_ms(sound: Wave, frequency: float) -> float:
    """From 10 to 90 % of the highest level of the first half second; levels are peaks over a period."""
    window = max(int(RATE / frequency), RATE // 1000)
    levels = np.lib.stride_tricks.sliding_window_view(np.concatenate((np.zeros(window - 1), np.abs(sound))), window)
    level = levels.max(axis=1)[: RATE // 2]
    return float(np.argmax(level >= 0.9 * level.max()) - np.argmax(level >= 0.1 * level.max())) / RATE * 1000


def k_weighted_db(sound: Wave) -> float:
    """The loudest 0.4 s by the two filters of ITU-R BS.1770, applied as spectra of their published coefficients."""
    z = np.exp(-2j * np.pi * np.arange(len(sound) // 2 + 1) / len(sound))
    rate_ratio = 48_000 / RATE
    z48 = np.exp(np.log(z) / rate_ratio)
    shelf = (1.53512485958697 - 2.69169618940638 * z48 + 1.19839281085285 * z48**2) / (
        1 - 1.69065929318241 * z48 + 0.73248077421585 * z48**2
    )
    high_pass = (1 - 2 * z48 + z48**2) / (1 - 1.99004745483398 * z48 + 0.99007225036621 * z48**2)
    power = np.fft.irfft(np.fft.rfft(sound) * shelf * high_pass, len(sound)) ** 2
    total = np.concatenate(([0.0], np.cumsum(power)))
    window = round(0.4 * RATE)
    return float(-0.691 + 10 * np.log10((total[window:] - total[:-window]).max() / window))


@pytest.mark.parametrize("program", PITCHED)
def test_every_program_is_in_tune_from_midi_24_to_96(program: int) -> None:
    voice = still(voice_of(program))
    off = {pitch: cents_off(sounded(voice, pitch, seconds=2.0), hertz(pitch)) for pitch in range(24, 97, 12)}
    assert max(map(abs, off.values())) < 3, off


@pytest.mark.parametrize("program", [40, 56, 73])
def test_vibrato_swings_around_the_note(program: int) -> None:
    sound = sounded(voice_of(program), 72, seconds=3.0)
    spectrum = np.fft.fft(sound)
    frequencies = np.fft.fftfreq(len(sound), 1 / RATE)
    alone = np.fft.ifft(spectrum * np.exp(-0.5 * ((frequencies - hertz(72)) / 40) ** 2))
    speed = np.angle(alone[1:] * np.conj(alone[:-1])) * RATE / (2 * np.pi)
    steady = speed[RATE : 2 * RATE + RATE // 2]
    swing = 1200 * np.log2(np.max(steady) / np.min(steady))
    assert 8 < swing < 70
    assert abs(1200 * np.log2(np.mean(steady) / hertz(72))) < 3


@pytest.mark.parametrize("program", PITCHED)
def test_nothing_folds_back_at_c7(program: int) -> None:
    """What is heard at 32 kHz and not at 128 kHz, where there is room for all, is aliasing."""
    voice = still(voice_of(program))
    low, high = (
        np.abs(np.fft.rfft(sound * np.hanning(len(sound))))[:15_000] / len(sound)
        for sound in (sounded(voice, 96), sounded(voice, 96, rate=4 * RATE))
    )
    spread = np.lib.stride_tricks.sliding_window_view(np.pad(high, 30), 61).max(axis=1)
    folded = low[spread < 1e-4 * high.max()]
    assert 10 * np.log10((folded**2).sum() / (low**2).sum() + 1e-20) < -60


@pytest.mark.parametrize("program", STRUCK)
def test_struck_and_plucked_notes_start_within_5_ms(program: int) -> None:
    for pitch, velocity in ((60, 100), (72, 30), (72, 127)):
        assert rise_ms(sounded(voice_of(program), pitch, velocity=velocity), hertz(pitch)) < 5


@pytest.mark.parametrize("program", FLUTES)
def test_flutes_start_within_30_to_80_ms(program: int) -> None:
    for velocity in (30, 120):
        assert 30 <= rise_ms(sounded(still(voice_of(program)), 72, velocity=velocity), hertz(72)) <= 80


@pytest.mark.parametrize("program", BOWED)
def test_bowed_strings_start_within_40_to_120_ms(program: int) -> None:
    for velocity in (30, 120):
        assert 40 <= rise_ms(sounded(still(voice_of(program)), 60, velocity=velocity), hertz(60)) <= 120


@pytest.mark.parametrize("program", STRUCK)
def test_struck_and_plucked_notes_are_brightest_at_the_blow(program: int) -> None:
    sound = sounded(voice_of(program), 60)
    window = np.hanning(640)
    assert centroid(sound[:640], window) > 1.5 * centroid(sound[6080:6720], window)


@pytest.mark.parametrize("program", [*STRUCK, *BLOWN])
def test_a_harder_note_is_brighter(program: int) -> None:
    soft, hard = (sounded(voice_of(program), 60, velocity=velocity, seconds=0.7) for velocity in (30, 120))
    if program in BLOWN:
        soft, hard, window = soft[6400:], hard[6400:], np.hanning(len(soft) - 6400)
    else:
        soft, hard, window = soft[:9600], hard[:9600], np.hanning(19_200)[9600:]
    assert centroid(hard, window) > 1.5 * centroid(soft, window)


@pytest.mark.parametrize("program", PITCHED)
def test_level_follows_velocity_over_20_to_30_db(program: int) -> None:
    levels = [
        10 * np.log10(np.mean(sounded(still(voice_of(program)), 60, velocity=velocity) ** 2))
        for velocity in (1, 16, 32, 48, 64, 80, 96, 112, 127)
    ]
    assert all(np.diff(levels) > 0)
    assert 20 <= levels[-1] - levels[0] <= 30


@pytest.mark.parametrize("program", [0, 4, 24, 33, 40, 46, 56, 65, 71, 73])
def test_an_instrument_is_equally_loud_over_its_range(program: int) -> None:
    levels = [k_weighted_db(sounded(voice_of(program), pitch)) for pitch in range(36, 97, 12)]
    assert max(levels) - min(levels) < 3, levels


def test_programs_are_roughly_equally_loud() -> None:
    levels = {program: k_weighted_db(sounded(voice_of(program), 60)) for program in PITCHED}
    middle = np.median(list(levels.values()))
    assert all(abs(level - middle) < 7 for level in levels.values()), levels
    assert np.std(list(levels.values())) < 2.5


@pytest.mark.parametrize("program", [0, 11, 24, 33, 46])
def test_higher_notes_ring_shorter_and_their_high_partials_shorter_still(program: int) -> None:
    def seconds_to_30_db(sound: Wave) -> float:
        level = np.sqrt(np.convolve(sound**2, np.ones(1600) / 1600, "same"))
        return float(np.nonzero(level > level.max() / 31.6)[0][-1]) / RATE

    low, high = (seconds_to_30_db(sounded(voice_of(program), pitch, seconds=8.0)) for pitch in (48, 84))
    assert high < 0.8 * low


def test_the_tenth_partial_dies_at_least_twice_as_fast_as_the_first() -> None:
    sound = sounded(still(voice_of(24)), 45, velocity=120, seconds=3.0)
    window = np.hanning(8000)

    def partial_db(number: int, at: float) -> float:
        part = sound[round(at * RATE) :][:8000] * window
        return float(
            20 * np.log10(abs(np.dot(part, np.exp(-2j * np.pi * number * hertz(45) / RATE * np.arange(8000)))))
        )

    first, tenth = (partial_db(number, 0.1) - partial_db(number, 0.6) for number in (1, 10))
    assert tenth > 2 * first


@pytest.mark.parametrize("program", range(128))
def test_every_program_sounds_at_every_key_and_velocity_and_stays_in_range(program: int) -> None:
    for pitch, velocity in ((0, 1), (21, 127), (60, 64), (108, 127), (127, 127)):
        sound = sounded(voice_of(program), pitch, velocity=velocity, seconds=0.5)
        assert np.isfinite(sound).all()
        assert 1e-5 < np.abs(sound).max() < 0.95


@pytest.mark.parametrize("program", [0, 4, 16, 40, 73, 96, 122])
def test_equal_strokes_are_equal_to_the_byte(program: int) -> None:
    stroke = Stroke(pitch=61, velocity=77, frames=9000, rate=RATE, top_hz=15_000, seed=5)
    assert sound_stroke(voice_of(program), stroke).tobytes() == sound_stroke(voice_of(program), stroke).tobytes()


@pytest.mark.parametrize("note", range(35, 82))
def test_every_drum_of_the_kit_sounds_and_gets_louder(note: int) -> None:
    peaks = [np.abs(sounded(drum_of(note), 60, velocity=velocity, seconds=0.5)).max() for velocity in (1, 40, 80, 127)]
    assert all(np.diff(peaks) > 0)
    assert 20 <= 20 * np.log10(peaks[-1] / peaks[0]) <= 30
    assert peaks[-1] < 0.95


def test_notes_outside_the_kit_play_a_near_drum() -> None:
    assert drum_of(20) == drum_of(35)
    assert drum_of(31) == drum_of(37)
    assert drum_of(100) == drum_of(81)


@pytest.mark.parametrize("note", [35, 36])
def test_a_kick_falls_an_octave_within_60_ms(note: int) -> None:
    sound = sounded(drum_of(note), 60, seconds=0.3)
    smooth = np.convolve(sound, np.hanning(48) / np.hanning(48).sum(), "same")
    crossings = np.nonzero((smooth[:-1] < 0) & (smooth[1:] >= 0))[0] / RATE
    speeds = 1 / np.diff(crossings)
    at_60_ms = speeds[np.argmax(crossings[1:] > 0.06)]
    assert speeds[0] > 2 * at_60_ms


@pytest.mark.parametrize("note", [49, 57])
def test_a_crash_rings_over_a_second_and_a_half(note: int) -> None:
    sound = sounded(drum_of(note), 60, seconds=3.0)
    levels = [np.sqrt(np.mean(part**2)) for part in (sound[:3200], sound[48_000:51_200])]
    assert 20 * np.log10(levels[1] / levels[0]) > -40


def test_a_closed_hat_is_short_and_an_open_one_is_not() -> None:
    closed, opened = (sounded(drum_of(note), 60, seconds=0.6) for note in (42, 46))
    late = slice(6400, 9600)
    assert np.abs(closed[late]).max() < 0.02 * np.abs(closed).max()
    assert np.abs(opened[late]).max() > 0.1 * np.abs(opened).max()
