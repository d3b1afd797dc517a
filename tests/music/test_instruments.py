"""What tracks are called, and the instruments they mean."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

import bridge.music.instruments
from bridge.music.instruments import family_of, gm_name, instrument_of, names_no_instrument, program_of


@pytest.mark.parametrize(
    ("words", "program", "drums"),
    [
        ("Marimba", 12, False),
        ("Rhodes 2", 4, False),
        ("rhodes", 4, False),
        ("BD", 0, True),
        ("Vox", 53, False),
        ("Lead Gtr", 29, False),
        ("Gtr1", 27, False),
        ("Strings", 48, False),
        ("Bass Drum", 0, True),
        ("Slap Bass", 36, False),
        ("Bass", 33, False),
        ("Steel Drums", 114, False),
        ("DX7", 5, False),
        ("Hi-Hats", 0, True),
        ("Drum Rack", 0, True),
        ("ElectricPiano", 4, False),
        ("Acoustic Guitar (nylon)", 24, False),
        ("Lead 1 (square)", 80, False),
        ("Piano_final_v3", 0, False),
        ("FLÜTE flutes", 73, False),
    ],
)
def test_studio_words_mean_an_instrument(words: str, program: int, drums: bool) -> None:
    found = program_of(words)
    assert found is not None
    assert (found.program, found.drums) == (program, drums)


@pytest.mark.parametrize("words", ["", "4-MIDI", "Track 1", "Verse", "Take 2", "Break", "🎹", "x" * 10_000])
def test_other_words_mean_none(words: str) -> None:
    assert program_of(words) is None


def test_all_128_programs_have_a_name_and_a_family() -> None:
    assert len({gm_name(program) for program in range(128)}) == 128
    assert Counter(family_of(program) for program in range(128)).most_common()[-1][1] == 8
    assert (gm_name(12), family_of(12), gm_name(127)) == ("Marimba", "chromatic percussion", "Gunshot")


@pytest.mark.parametrize("program", range(128))
def test_general_midis_own_names_lead_back_to_their_programs(program: int) -> None:
    found = program_of(gm_name(program))
    assert found is not None
    assert (found.drums, found.family) == (False, family_of(program))
    assert instrument_of(program).program == program


def test_no_word_means_two_instruments_and_more_than_200_are_known() -> None:
    path = Path(bridge.music.instruments.__file__).with_name("instruments.toml")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    words = [word for row in [*data["programs"], *data["drums"]] for word in row["words"]]
    assert [word for word, count in Counter(words).items() if count > 1] == []
    assert all(program_of(word) is not None for word in words)
    assert len(words) > 200


@pytest.mark.parametrize("device", ["", "Kontakt 7", "Instrument Rack", "Drum Rack", "Operator"])
def test_samplers_and_racks_name_no_instrument(device: str) -> None:
    assert names_no_instrument(device)
    assert not names_no_instrument("Hurdy Gurdy")
