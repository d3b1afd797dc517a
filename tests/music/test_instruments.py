"""What tracks are called, and the instruments they mean."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import bridge.music.instruments
from bridge.music.instruments import family_of, instrument_of, names_no_instrument, program_of


def table() -> dict[str, Any]:
    path = Path(bridge.music.instruments.__file__).with_name("instruments.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


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


def test_all_128_programs_have_a_family() -> None:
    assert Counter(family_of(program) for program in range(128)).most_common()[-1][1] == 8
    assert family_of(12) == "chromatic percussion"


def test_general_midis_own_names_lead_to_their_programs() -> None:
    names = [row["gm"] for row in table()["programs"]]
    assert (len(set(names)), names[12], names[127]) == (128, "Marimba", "Gunshot")
    for program, name in enumerate(names):
        found = program_of(name)
        assert found is not None
        assert (found.drums, found.family) == (False, family_of(program))
        assert instrument_of(program).program == program


def test_no_word_means_two_instruments_and_more_than_200_are_known() -> None:
    data = table()
    words = [word for row in [*data["programs"], *data["drums"]] for word in row["words"]]
    assert [word for word, count in Counter(words).items() if count > 1] == []
    assert all(program_of(word) is not None for word in words)
    assert len(words) > 200


@pytest.mark.parametrize("device", ["", "Kontakt 7", "Instrument Rack", "Drum Rack", "Operator"])
def test_samplers_and_racks_name_no_instrument(device: str) -> None:
    assert names_no_instrument(device)
    assert not names_no_instrument("Hurdy Gurdy")
