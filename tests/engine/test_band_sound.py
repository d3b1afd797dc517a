"""What the band sounds like, measured on its sound by independent means."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from bridge.engine.band import BandRequest, play
from bridge.model import Note, TempoPoint
from bridge.music.keys import read_key
from bridge.sound.files import Sound
from bridge.sound.listen import find_tempo
from bridge.sound.loudness import loudness_lufs
from tests.engine.band_songs import OTHER, RATE, ask, hints_of, notes_of, plain_sound

Floats = npt.NDArray[np.floating[Any]]

# Krumhansl and Kessler's probe-tone ratings (1982), from the tonic up.
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)

PROMPTS = (
    "sitar, tabla, flute, Indian classical, fusion, meditative, G# minor, 96 bpm",
    "lofi hip hop, dusty drums, rhodes, 82 bpm",
    "7/8 balkan brass",
    "marimba, percussion, bass, tropical house, melodic riff, G# minor, 96 bpm",
    "rock music from the 90s",
    "techno 130 bpm, F# minor",
    "piano, no drums, ballad in Eb major",
    "",
)


def onset_times(sound: Sound) -> Floats:
    """Seconds at which the high-passed energy jumps, in steps of a millisecond."""
    mono = np.diff(sound.samples.mean(axis=1), prepend=0.0)
    energy = np.square(mono[: mono.size // 32 * 32]).reshape(-1, 32).mean(axis=1)
    level = np.log10(energy + 1e-7 * energy.max() + 1e-12)
    rise = np.maximum(level[4:] - level[:-4], 0)
    peaks = [
        place
        for place in range(len(rise))
        if rise[place] > 0.45 and rise[place] == rise[max(place - 40, 0) : place + 41].max()
    ]
    return (np.array(peaks) + 2) * 32 / RATE


def tempo_of(sound: Sound, near_bpm: float) -> float:
    """The tempo by regression of the onsets over their sixteenths, each counted on from the ones before."""
    times = onset_times(sound)
    step = 15 / near_bpm
    counts = np.round((times - times[0]) / step)
    for _ in range(3):
        close = np.abs(times - np.polyval(np.polyfit(counts, times, 1), counts)) < 0.3 * step
        slope, start = np.polyfit(counts[close], times[close], 1)
        counts = np.round((times - start) / slope)
    return 15 / float(slope)


def chroma(sound: Sound, lowest_hz: float = 60.0, highest_hz: float = 2000.0) -> Floats:
    """Energy by pitch class (rows: frames of a quarter of a second)."""
    size, hop = 16_384, 8_000
    mono = sound.samples.mean(axis=1)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(mono, (0, size)), size)[::hop]
    spectra = np.abs(np.fft.rfft(frames * np.hanning(size), axis=1))
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    heard = (hertz > lowest_hz) & (hertz < highest_hz)
    classes = np.round(12 * np.log2(hertz[heard] / 440) + 69).astype(int) % 12
    return np.stack([spectra[:, heard][:, classes == one].sum(axis=1) for one in range(12)], axis=1)


def key_of(sound: Sound) -> tuple[int, str]:
    weights = chroma(sound).sum(axis=0)
    ranking = [
        (float(np.corrcoef(np.roll(profile, root), weights)[0, 1]), root, name)
        for name, profile in (("major", MAJOR), ("minor", MINOR))
        for root in range(12)
    ]
    _, root, name = max(ranking)
    return root, name


def likeness(one: Sound, other: Sound) -> float:
    """Mean cosine of the two sounds' chroma, frame by frame, in the register of melodies."""
    left, right = chroma(one, 250, 1400), chroma(other, 250, 1400)
    rows = min(len(left), len(right))
    dots = (left[:rows] * right[:rows]).sum(axis=1)
    sizes = np.linalg.norm(left[:rows], axis=1) * np.linalg.norm(right[:rows], axis=1)
    return float((dots[sizes > 0] / sizes[sizes > 0]).mean())


@pytest.fixture(scope="module")
def songs() -> dict[str, Sound]:
    return {prompt: play(ask(prompt, seed=3, tokens=1024)) for prompt in PROMPTS}


@pytest.mark.parametrize("tokens", [256, 512, 1024])
def test_the_length_is_exact_to_the_frame(tokens: int) -> None:
    sound = play(ask("pop", tokens=tokens))
    assert sound.samples.shape == (640 * (tokens - 3), 2)
    assert sound.samples.dtype == np.float32
    assert sound.rate == RATE


def test_the_same_request_gives_the_same_bytes_and_another_seed_does_not() -> None:
    one, again, other = (play(ask("jazz, no bass", seed=seed, tokens=256)).samples.tobytes() for seed in (4, 4, 5))
    assert one == again
    assert one != other


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_level_is_gentle_and_nothing_clips(songs: dict[str, Sound], prompt: str) -> None:
    samples = songs[prompt].samples
    loudness = loudness_lufs(songs[prompt])
    assert loudness is not None
    assert -20 <= loudness <= -16
    peak = 20 * np.log10(np.abs(samples).max())
    crest = peak - 10 * np.log10(np.square(samples).mean())
    assert peak < -1
    assert 9 <= crest <= 18.5
    assert np.abs(samples.mean(axis=0)).max() < 1e-4


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_mix_is_stereo_above_and_mono_in_the_depths(songs: dict[str, Sound], prompt: str) -> None:
    left, right = songs[prompt].samples.T
    hertz = np.fft.rfftfreq(left.size, 1 / RATE)
    middle, side = (np.square(np.abs(np.fft.rfft(signal))) for signal in (left + right, left - right))
    depths, heights = (hertz > 30) & (hertz < 90), hertz > 400
    assert side[depths].sum() < 0.01 * middle[depths].sum()
    assert side[heights].sum() > 0.002 * middle[heights].sum()
    mono = np.square((left + right) / 2).mean()
    assert 10 * np.log10(mono / np.square(songs[prompt].samples).mean()) > -2


@pytest.mark.parametrize("bpm", [82.0, 96.0, 128.0, 143.7])
def test_the_tempo_is_exact_and_begins_on_the_first_frame(bpm: float) -> None:
    sound = play(ask(f"techno, {bpm} bpm", seed=2))
    assert tempo_of(sound, bpm) == pytest.approx(bpm, rel=0.002)
    assert onset_times(sound)[0] <= 0.010
    first = np.abs(sound.samples[:320]).max()
    assert first > 0.02


@pytest.mark.parametrize(
    ("prompt", "bpm", "seed"), [("jazz trio, saxophone, 82 bpm", 82.0, 0), ("lofi, 96 bpm", 96.0, 1)]
)
def test_its_own_tempo_is_heard_in_swinging_music(prompt: str, bpm: float, seed: int) -> None:
    heard = find_tempo(play(BandRequest(prompt, 640 * 1021, seed)), bpm)
    assert heard is not None
    assert heard.bpm == pytest.approx(bpm, rel=0.003)


def test_a_tempo_map_is_followed() -> None:
    points = (TempoPoint(beat=0, bpm=90), TempoPoint(beat=16, bpm=120))
    sound = play(ask("techno", tempo_map=points, notes=(), loops=False))
    change = 16 * 60 / 90
    before = Sound(sound.samples[: int(change * RATE)], RATE)
    after = Sound(sound.samples[int(change * RATE) :], RATE)
    assert tempo_of(before, 90) == pytest.approx(90, rel=0.004)
    assert tempo_of(after, 120) == pytest.approx(120, rel=0.004)


@pytest.mark.parametrize("name", ["G# minor", "C major", "F# major", "D minor", "Bb major", "E minor"])
def test_the_key_is_heard(name: str) -> None:
    sound = play(ask(f"tropical house, marimba, {name}", seed=6))
    key = read_key(name)
    root, scale = key_of(sound)
    relative = (root + (3 if scale == "minor" else 9)) % 12, "major" if scale == "minor" else "minor"
    assert (key.root, key.scale) in ((root, scale), relative)


def test_a_variation_is_like_the_melody_that_was_heard() -> None:
    bpm = 100.0
    melody = plain_sound(notes_of(), bpm, 19.2)
    stranger = plain_sound(notes_of(OTHER), bpm, 19.2)
    take = play(ask("flute, soft piano, ambient", bpm=bpm, mode="variation"))
    assert likeness(take, melody) > likeness(take, stranger) + 0.1


def test_without_hints_the_sound_that_was_heard_is_followed() -> None:
    melody = plain_sound(notes_of(), 110.0, 17.4)
    stranger = plain_sound(notes_of(OTHER), 110.0, 17.4)
    take = play(ask("marimba, techno", heard=melody))
    assert tempo_of(take, 110.0) == pytest.approx(110.0, rel=0.004)
    assert likeness(take, melody) > likeness(take, stranger) + 0.08


def test_a_loop_goes_on_into_its_first_bar() -> None:
    sound = play(ask("pop", bpm=100.0))
    length = round(32 * 0.6 * RATE)
    rest = sound.samples[length:]
    assert len(rest) > RATE
    again = sound.samples[: len(rest)]
    alike = [np.corrcoef(one, other)[0, 1] for one, other in zip(rest.T, again.T, strict=True)]
    assert min(alike) > 0.9


def test_a_short_loop_fills_the_whole_length() -> None:
    sound = play(ask("pop", tokens=512, beats=4.0, notes=notes_of()[:4]))
    bar = round(2.4 * RATE)
    energies = [float(np.square(sound.samples[at : at + bar]).mean()) for at in range(0, 3 * bar, bar)]
    assert max(energies) < 2 * min(energies)


def test_a_drum_loop_without_notes_lends_its_groove() -> None:
    rng = np.random.default_rng(5)
    mono = np.zeros(20 * RATE, np.float32)
    time = np.arange(RATE // 8) / RATE
    for beat in range(32):
        start = round(beat * 0.6 * RATE)
        kick = np.sin(2 * np.pi * 55 * time) * np.exp(-25 * time)
        snare = rng.standard_normal(time.size) * np.exp(-40 * time)
        mono[start : start + time.size] += kick if beat % 2 == 0 else 0.5 * snare
    loop = Sound(np.stack([mono, mono], axis=1) * 0.5, RATE)
    request = BandRequest("rock", 640 * 1021, 1, loop, hints_of(notes=(), drums=True, key=None))
    assert tempo_of(play(request), 100.0) == pytest.approx(100.0, rel=0.002)


@pytest.mark.parametrize("frames", [1, 500, 32_000])
def test_very_short_requests_are_played_too(frames: int) -> None:
    assert play(BandRequest("rock", frames, 1)).samples.shape == (frames, 2)


def test_where_nobody_is_left_to_play_the_length_is_exact_too() -> None:
    groove = (Note(pitch=36, start=0.0, duration=1.0),)
    request = ask("solo drums, no melody", tokens=256, drums=True, notes=groove, mode="accompany", key=None)
    assert play(request).samples.shape == (request.frames, 2)


def test_silence_and_nonsense_in_the_sound_harm_nothing() -> None:
    silence = Sound(np.zeros((RATE * 3, 2), np.float32), RATE)
    noise = Sound(np.random.default_rng(1).standard_normal((RATE * 3, 2)).astype(np.float32) * 0.2, RATE)
    for heard in (silence, noise):
        assert np.isfinite(play(BandRequest("pop", 640 * 253, 1, heard)).samples).all()


def test_a_melody_of_one_note_is_enough() -> None:
    request = ask("pop", tokens=256, notes=(Note(pitch=60, start=0, duration=1),), key=None)
    assert np.abs(play(request).samples).max() > 0.05
