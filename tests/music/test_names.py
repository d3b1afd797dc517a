"""Tempo and key in the names of files and clips, and what must not be taken for them."""

from __future__ import annotations

import pytest

from bridge.music.keys import key_text
from bridge.music.names import facts_in_name


@pytest.mark.parametrize(
    ("name", "bpm", "key", "title"),
    [
        ("Marimba riff 96bpm G#m", 96.0, "G# minor", "Marimba riff"),
        ("Riff 96bpm G#m", 96.0, "G# minor", "Riff"),
        ("loop_120_Am", 120.0, "A minor", "loop"),
        ("128 BPM", 128.0, None, ""),
        ("Fmin", None, "F minor", ""),
        ("Lead F# minor 140", 140.0, "F# minor", "Lead"),
        ("Riff 96.5 bpm Abmin", 96.5, "Ab minor", "Riff"),
        ("bpm120 C#maj pluck", 120.0, "C# major", "pluck"),
        ("KSHMR_Bass_128_F#m", 128.0, "F# minor", "KSHMR Bass"),
        ("Pad (Em) [90 bpm]", 90.0, "E minor", "Pad"),
        ("Bass in A minor", None, "A minor", "Bass in"),
        ("Strings D dorian 72bpm", 72.0, "D dorian", "Strings"),
        ("A flat minor 100bpm", 100.0, "Ab minor", ""),
        ("Riff 96bpm G# minor 01JABC-2", 96.0, "G# minor", "Riff 01JABC-2"),
        ("90,5 bpm Groove", 90.5, None, "Groove"),
    ],
)
def test_a_name_tells_tempo_key_and_what_is_left(name: str, bpm: float | None, key: str | None, title: str) -> None:
    facts = facts_in_name(name)
    assert (facts.bpm, key_text(facts.key), facts.title) == (bpm, key, title)


@pytest.mark.parametrize(
    "name",
    [
        "Take 2",
        "A day",
        "Am I",
        "Am I 120",
        "Here I Am",
        "I Am 100",
        "A minor thing",
        "A Minor Inconvenience",
        "Am Ende",
        "v1.2 Song",
        "Song v2 128",
        "Mix 128",
        "Kick 909",
        "90s Synth",
        "FM bass",
        "Gmaj7 chord",
        "EBM loop",
        "ebm loop",
        "5bpm thing",
        "2000bpm",
        "Cmyk",
        "Damaged",
        "2024-05-12",
        "",
        "🎹",
    ],
)
def test_words_and_numbers_that_only_look_like_music_say_nothing(name: str) -> None:
    facts = facts_in_name(name)
    assert (facts.bpm, facts.key) == (None, None)


def test_a_number_out_of_range_beside_a_key_is_no_tempo() -> None:
    facts = facts_in_name("song 2024 Dm")
    assert (facts.bpm, key_text(facts.key)) == (None, "D minor")


def test_a_title_without_facts_stays_as_it_is() -> None:
    assert facts_in_name("Glass - Marimba (final)").title == "Glass - Marimba (final)"
