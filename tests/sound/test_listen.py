from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from bridge.sound.files import Sound
from bridge.sound.listen import HeardNote, find_key, find_melody, find_tempo

RATE = 32_000
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
Floats = npt.NDArray[np.float64]


def seconds_of(length: float) -> Floats:
    return np.arange(round(length * RATE)) / RATE


def mixed(strokes: Sequence[tuple[float, Floats]], length: float) -> Sound:
    """Strokes, each at its second, as one channel."""
    whole = np.zeros(round(length * RATE))
    for start, stroke in strokes:
        first = round(start * RATE)
        part = stroke[: len(whole) - first]
        whole[first : first + len(part)] += part
    return Sound((0.7 * whole / max(np.abs(whole).max(), 1e-9)).astype(np.float32)[:, None], RATE)


def click() -> Floats:
    times = seconds_of(0.03)
    return np.sin(2 * np.pi * 1500 * times) * np.exp(-150 * times)


def clicks(bpm: float, first: float, length: float = 20.0) -> Sound:
    return mixed([(beat, click()) for beat in np.arange(first, length, 60 / bpm)], length)


def drums(bpm: float, first: float, length: float = 20.0) -> Sound:
    rng = np.random.default_rng(1)
    times = seconds_of(0.25)
    kick = 0.8 * np.sin(2 * np.pi * (50 * times + 2.5 * (1 - np.exp(-40 * times)))) * np.exp(-15 * times)
    snare = 0.5 * rng.standard_normal(len(times)) * np.exp(-25 * times)
    hat = 0.2 * rng.standard_normal(len(times)) * np.exp(-80 * times)
    bar = [(0.0, kick), (2.0, kick), (2.5, kick), (1.0, snare), (3.0, snare), *((half / 2, hat) for half in range(8))]
    beat = 60 / bpm
    strokes = [
        (first + (4 * number + place) * beat, stroke)
        for number in range(int(length / beat / 4) + 1)
        for place, stroke in bar
        if first + (4 * number + place) * beat < length
    ]
    return mixed(strokes, length)


@functools.cache
def tone(pitch: int, length: float, timbre: str) -> Floats:
    times = seconds_of(length)
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    partials = range(1, 2 if timbre == "sine" else 1 + min(12, int(RATE / 2 / hertz)))
    decay = 0.0 if timbre == "sine" else 1.0
    wave = sum(np.sin(2 * np.pi * k * hertz * times) / k * np.exp(-decay * (1.5 + 0.8 * k) * times) for k in partials)
    return np.asarray(wave * np.minimum(1, times / 0.004) * np.minimum(1, (length - times) / 0.02))


def chords(
    root: int, scale: Sequence[int], degrees: Sequence[int], *, timbre: str = "plucked", cents: float = 0
) -> Sound:
    """A loop of triads over their roots, with the scale's notes sprinkled on top."""
    rng = np.random.default_rng(root)
    strokes = []
    for number, degree in enumerate(degrees):
        start = 2.0 * number
        strokes.append((start, tone(36 + root + scale[degree], 2.0, timbre)))
        for third in (degree, degree + 2, degree + 4):
            strokes.append((start, 0.5 * tone(48 + root + scale[third % 7] + 12 * (third // 7), 1.9, timbre)))
        for eighth in range(8):
            step = int(rng.choice([degree, degree + 2, degree + 4, int(rng.integers(7))])) % 7
            strokes.append((start + eighth / 4, 0.5 * tone(72 + root + scale[step], 0.25, timbre)))
    sound = mixed(strokes, 2.0 * len(degrees))
    return Sound(sound.samples, RATE) if not cents else Sound(detuned(sound.samples, cents), RATE)


def detuned(samples: npt.NDArray[np.float32], cents: float) -> npt.NDArray[np.float32]:
    places = np.arange(0, len(samples) - 1, 2 ** (cents / 1200))
    return np.interp(places, np.arange(len(samples)), samples[:, 0]).astype(np.float32)[:, None]


def melody(pitches: Sequence[int], step: float, timbre: str) -> Sound:
    strokes = [(0.1 + step * number, tone(pitch, 0.95 * step, timbre)) for number, pitch in enumerate(pitches)]
    return mixed(strokes, 0.2 + step * len(pitches))


def noise(seed: int = 0, length: float = 10.0) -> Sound:
    return Sound(
        (0.3 * np.random.default_rng(seed).standard_normal((round(length * RATE), 2))).astype(np.float32), RATE
    )


def silence() -> Sound:
    return Sound(np.zeros((8 * RATE, 2), np.float32), RATE)


def random_clicks(seed: int) -> Sound:
    return mixed([(start, click()) for start in np.random.default_rng(seed).uniform(0, 14.9, 40)], 15.0)


def far_from_beat(first_beat: float, truth: float, bpm: float) -> float:
    period = 60 / bpm
    return abs((first_beat - truth + period / 2) % period - period / 2)


@pytest.mark.parametrize("bpm", [68, 72, 84.5, 96.3, 110, 120, 128, 140, 174])
def test_the_tempo_of_clicks_is_found_to_a_hundredth(bpm: float) -> None:
    found = find_tempo(clicks(bpm, first=0.137))
    assert found is not None
    assert found.bpm == pytest.approx(bpm, abs=0.02)
    assert found.first_beat_seconds == pytest.approx(0.137, abs=0.004)
    assert found.confidence > 0.8


@pytest.mark.parametrize("bpm", [68, 84.5, 100, 120, 150, 174])
def test_an_expected_tempo_decides_between_half_and_double_time(bpm: float) -> None:
    found = find_tempo(drums(bpm, first=0.2), near_bpm=bpm * 1.04)
    assert found is not None
    assert found.bpm == pytest.approx(bpm, abs=0.03)
    assert far_from_beat(found.first_beat_seconds, 0.2, bpm) < 0.005


@pytest.mark.parametrize("bpm", [90, 100, 128, 140])
def test_drums_at_usual_tempi_need_no_hint(bpm: float) -> None:
    found = find_tempo(drums(bpm, first=0.0))
    assert found is not None
    assert found.bpm == pytest.approx(bpm, abs=0.03)


def test_a_wrong_expectation_does_not_bend_what_is_heard() -> None:
    found = find_tempo(clicks(100, first=0.0), near_bpm=120)
    assert found is not None
    assert found.bpm == pytest.approx(100, abs=0.02)


def test_a_sound_cut_on_the_beat_begins_with_it() -> None:
    found = find_tempo(clicks(100, first=0.0))
    assert found is not None
    assert found.first_beat_seconds < 0.004


@pytest.mark.parametrize("rate", [11_025, 48_000, 96_000])
def test_tempo_is_heard_at_any_rate(rate: int) -> None:
    sound = clicks(112, first=0.25, length=10)
    places = np.arange(0, 10 * RATE - 1, RATE / rate)
    other = np.interp(places, np.arange(10 * RATE), sound.samples[:, 0]).astype(np.float32)
    found = find_tempo(Sound(np.stack([other, other], axis=1), rate))
    assert found is not None
    assert found.bpm == pytest.approx(112, abs=0.05)
    assert found.first_beat_seconds == pytest.approx(0.25, abs=0.005)


@pytest.mark.parametrize(
    "sound",
    [
        silence(),
        noise(0),
        noise(1, 30.0),
        random_clicks(0),
        random_clicks(1),
        melody([60], 8.0, "plucked"),
        melody([60], 8.0, "sine"),
        mixed([(1.0, click())], 8.0),
        Sound(np.zeros((0, 1), np.float32), RATE),
        Sound(np.full((RATE * 5, 1), np.nan, np.float32), RATE),
    ],
    ids=["silence", "noise", "long noise", "random", "random too", "pluck", "sine", "one click", "empty", "NaN"],
)
def test_no_tempo_is_claimed_where_nothing_beats(sound: Sound) -> None:
    assert find_tempo(sound) is None


@pytest.mark.parametrize("root", range(12))
@pytest.mark.parametrize(
    ("scale", "degrees"),
    [("major", (0, 4, 5, 3)), ("major", (1, 4, 0, 0)), ("minor", (0, 5, 2, 6)), ("minor", (0, 3, 6, 0))],
)
def test_the_key_of_a_chord_loop_is_right_or_absent(root: int, scale: str, degrees: tuple[int, ...]) -> None:
    found = find_key(chords(root, MAJOR if scale == "major" else MINOR, degrees))
    assert found is None or (found[0].root, found[0].scale) == (root, scale)


def test_the_key_of_chord_loops_is_mostly_found() -> None:
    loops = [
        (root, scale, degrees)
        for root in (1, 4, 8, 11)
        for scale, degrees in ((MAJOR, (0, 4, 5, 3)), (MINOR, (0, 5, 2, 6)), (MINOR, (0, 3, 6, 0)))
    ]
    assert sum(find_key(chords(*loop)) is not None for loop in loops) >= 0.8 * len(loops)


def test_a_key_is_spelled_with_the_fewest_accidentals_and_says_how_sure_it_is() -> None:
    found = find_key(chords(8, MINOR, (0, 5, 2, 6)))
    assert found is not None
    key, confidence = found
    assert (key.tonic, key.scale) == ("G#", "minor")
    assert 0 < confidence <= 1


def test_a_loop_that_is_out_of_tune_has_its_key_all_the_same() -> None:
    found = find_key(chords(9, MINOR, (0, 3, 6, 0), cents=30))
    assert found is not None
    assert (found[0].root, found[0].scale) == (9, "minor")


@pytest.mark.parametrize(
    "sound",
    [
        silence(),
        noise(0),
        noise(1),
        drums(100, 0.0),
        melody([40], 8.0, "plucked"),
        melody([60], 8.0, "plucked"),
        melody([28], 8.0, "plucked"),
        mixed([(0.0, tone(pitch, 8.0, "plucked")) for pitch in (48, 52, 55)], 8.0),
        mixed([(0.0, tone(pitch, 8.0, "sine")) for pitch in (48, 52, 55, 59)], 8.0),
        Sound(np.zeros((10, 1), np.float32), RATE),
    ],
    ids=["silence", "noise", "noise too", "drums", "E2", "C4", "E1", "triad", "held seventh", "short"],
)
def test_no_key_is_claimed_where_none_can_be_told(sound: Sound) -> None:
    assert find_key(sound) is None


LINE = (60, 62, 64, 65, 67, 65, 64, 64, 60, 72, 71, 67)


@pytest.mark.parametrize("timbre", ["sine", "plucked"])
@pytest.mark.parametrize("octave", [-2, -1, 0, 1])
def test_every_note_of_a_line_is_heard_at_its_pitch_and_time(timbre: str, octave: int) -> None:
    pitches = [pitch + 12 * octave for pitch in LINE]
    notes = find_melody(melody(pitches, 0.4, timbre))
    assert [note.pitch for note in notes] == pitches
    starts = [note.start_seconds for note in notes]
    assert starts == pytest.approx([0.1 + 0.4 * number for number in range(len(pitches))], abs=0.015)
    assert all(0.3 < note.seconds <= 0.45 for note in notes)


def test_louder_notes_have_higher_velocities() -> None:
    levels = (1.0, 0.25, 0.5)
    strokes = [(0.1 + 0.5 * place, level * tone(64, 0.45, "plucked")) for place, level in enumerate(levels)]
    loud, soft, middle = (note.velocity for note in find_melody(mixed(strokes, 1.8)))
    assert 127 >= loud > middle > soft >= 1


def test_a_held_note_with_vibrato_is_one_note() -> None:
    times = seconds_of(3.0)
    phase = 2 * np.pi * 440 * times + 440 * 0.012 / 5.5 * np.sin(2 * np.pi * 5.5 * times)
    (note,) = find_melody(mixed([(0.2, np.sin(phase) * np.minimum(1, times / 0.05))], 3.2))
    assert (note.pitch, note.start_seconds) == (69, pytest.approx(0.2, abs=0.06))
    assert note.seconds > 2.8


def test_a_rest_is_not_filled() -> None:
    notes = find_melody(mixed([(0.2, tone(64, 0.4, "sine")), (1.6, tone(64, 0.4, "sine"))], 2.4))
    assert [note.start_seconds for note in notes] == pytest.approx([0.2, 1.6], abs=0.02)
    assert notes[0].seconds < 0.5


@pytest.mark.parametrize(
    "sound",
    [silence(), noise(0, 5.0), drums(120, 0.0, 6.0), Sound(np.zeros((3, 1), np.float32), RATE)],
    ids=["silence", "noise", "drums", "short"],
)
def test_no_melody_is_made_up(sound: Sound) -> None:
    heard: tuple[HeardNote, ...] = find_melody(sound)
    assert heard == ()


def test_what_is_heard_is_the_same_each_time() -> None:
    sound = chords(2, MAJOR, (0, 4, 5, 3))
    assert (find_tempo(sound), find_key(sound), find_melody(sound)) == (
        find_tempo(sound),
        find_key(sound),
        find_melody(sound),
    )
