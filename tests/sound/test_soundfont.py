"""SoundFonts found, and played by FluidSynth where it is installed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bridge.errors import MissingFile, NotSupported
from bridge.sound.player import PlayedNote
from bridge.sound.soundfont import find_soundfont, play

RATE = 32_000
NOTE = PlayedNote(start_seconds=0.5, seconds=0.5, pitch=69.0, velocity=100.0, program=73, drums=False)


def installed_font() -> Path:
    font = find_soundfont("")
    assert font is not None, "install fluid-soundfont-gm or fluidr3mono-gm-soundfont"
    return font


def played(*notes: PlayedNote, seconds: float = 1.5) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    sound = play(notes, seconds, RATE, installed_font())
    assert sound is not None, "install libfluidsynth"
    return sound.samples


def strongest_hertz(samples: np.ndarray[tuple[int], np.dtype[np.float32]]) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 18))
    return float(np.argmax(spectrum)) * RATE / (1 << 18)


def test_the_configured_font_comes_first(tmp_path: Path) -> None:
    font = tmp_path / "my piano.sf2"
    font.touch()
    assert find_soundfont(str(font)) == font


def test_a_configured_font_that_is_missing_is_named_with_its_key(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"sound\.soundfont.*gone\.sf2"):
        find_soundfont(str(tmp_path / "gone.sf2"))


def test_only_fonts_of_general_midi_are_found_the_default_first(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    for name in ("Big Piano.sf2", "readme gm.txt"):
        (one / name).touch()
    for name in ("FluidR3_GM.sf2", "default-GM.sf3"):
        (other / name).touch()
    assert find_soundfont("", (str(tmp_path / "none"), str(one), str(other))) == other / "default-GM.sf3"
    assert find_soundfont("", (str(one),)) is None


@pytest.mark.fluidsynth
def test_a_font_plays_exact_frames_at_the_right_place_and_pitch() -> None:
    left = played(NOTE)[:, 0]
    assert len(left) == 48_000
    first = int(np.nonzero(np.abs(left) > 0.001)[0][0])
    assert 16_000 - 64 <= first <= 16_000 + 1600
    assert strongest_hertz(left[19_200:30_400]) == pytest.approx(440, rel=0.01)


@pytest.mark.fluidsynth
def test_an_onset_lies_within_a_block_of_its_time() -> None:
    for start in (0.1, 0.25, 0.70003):
        left = played(replace(NOTE, program=115, start_seconds=start))[:, 0]
        first = int(np.nonzero(np.abs(left) > 1e-4)[0][0])
        assert abs(first - start * RATE) < 96


@pytest.mark.fluidsynth
def test_notes_of_a_font_bend_each_for_itself() -> None:
    steady = replace(NOTE, start_seconds=0.0, seconds=1.5, pan=-1.0)
    bent = replace(steady, pan=1.0, bends=((0.0, 0.0), (0.5, 12.0)))
    left, right = played(steady, bent).T
    assert strongest_hertz(left[22_400:44_800]) == pytest.approx(440, rel=0.01)
    assert strongest_hertz(right[22_400:44_800]) == pytest.approx(880, rel=0.01)


@pytest.mark.fluidsynth
def test_gain_and_drums_reach_the_font() -> None:
    loud, quiet = (np.abs(played(replace(NOTE, gain_db=gain))).max() for gain in (0.0, -12.0))
    assert 20 * np.log10(loud / quiet) == pytest.approx(12, abs=1)
    assert not np.array_equal(played(replace(NOTE, pitch=38.0)), played(replace(NOTE, pitch=38.0, drums=True)))


@pytest.mark.fluidsynth
def test_a_file_that_is_no_font_is_refused_by_name(tmp_path: Path) -> None:
    font = tmp_path / "noise.sf2"
    font.write_bytes(b"not a font" * 100)
    with pytest.raises(NotSupported, match=r"noise\.sf2"):
        play([NOTE], 1.0, RATE, font)
