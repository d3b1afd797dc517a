"""Tempo, key and metre in the names of files and clips, and what must not be taken for them."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

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
        ("120_Cmin", 120.0, "C minor", ""),
        ("CymaticsLoop 140 BPM F# Minor", 140.0, "F# minor", "CymaticsLoop"),
        ("Am_90", 90.0, "A minor", ""),
        ("90bpm_A#m", 90.0, "A# minor", ""),
        ("150bpmD#m", 150.0, "D# minor", ""),
        ("[120] Cm Keys", 120.0, "C minor", "Keys"),
        ("SO_MX_120_synth_loop_Dm", 120.0, "D minor", "SO MX synth loop"),
        ("Dmaj_Pluck_110", 110.0, "D major", "Pluck"),
        ("keys_cmin_120bpm", 120.0, "C minor", "keys"),
        ("piano_d_minor_80bpm", 80.0, "D minor", "piano"),
        ("Strings_Bbmin_75", 75.0, "Bb minor", "Strings"),
        ("ebmaj pad 100 bpm", 100.0, "Eb major", "pad"),
        ("Fsharpmin_90", 90.0, "F# minor", ""),
        ("E-flat major 90bpm", 90.0, "Eb major", ""),
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
        "Gm7 chord",
        "808 F#",
        "amin story",
        "a minor problem",
        "e minded",
        "bpm",
        "Cm120",
        "demo major",
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


@pytest.mark.parametrize(
    ("name", "metre", "title"),
    [
        ("Loop 7-8 140bpm", (7, 8), "Loop"),
        ("120BPM 12-8", (12, 8), ""),
        ("loop_6_8_90bpm", (6, 8), "loop"),
        ("BalkanBrass 7-8 time", (7, 8), "BalkanBrass"),
        ("3-4 time waltz", (3, 4), "waltz"),
        ("Kolo 7/8", (7, 8), "Kolo"),
        ("Ruchenitsa (7/8)", (7, 8), "Ruchenitsa"),
    ],
)
def test_a_metre_is_read_where_it_is_meant(name: str, metre: tuple[int, int], title: str) -> None:
    facts = facts_in_name(name)
    assert (facts.time_signature, facts.title) == (metre, title)


@pytest.mark.parametrize(
    "name",
    [
        "Take 3/4",
        "Part 2-4",
        "Bars 5-8 120bpm",
        "2024-7-8 jam 120bpm",
        "jam 7-8-24 120bpm",
        "07/08 jam",
        "1/4 delay",
        "Loop 3-4",
        "5-3 chords 120bpm",
        "v2/4 120 bpm",
        "24/48 kHz",
    ],
)
def test_counts_dates_and_note_lengths_are_no_metre(name: str) -> None:
    assert facts_in_name(name).time_signature is None


@pytest.mark.parametrize("name", ["Synth_106_pad_Am", "SH_101_bass_Dm", "Drums 120 loop Dm", "Set_90_part_110_pad_Em"])
def test_a_number_apart_from_the_key_is_a_tempo_only_where_it_can_be_nothing_else(name: str) -> None:
    facts = facts_in_name(name)
    assert facts.bpm is None
    assert facts.key is not None


WORDS = """a am I the em be bad cab dab fab Gem Dim Em-dash Amen bass drum emo feed F G minor major mind min max add
    Ad Be Go Do Me man maj dominant flat sharp sharpen Abba Bb Eb2 C4 A4 major7 Cmaj7 Dm7"""
LETTER_AND_SCALE = re.compile(r"\b[A-Ga-g](?:b| flat| sharp)? (?:minor|major|min|maj)\b|\b(?:Am|Em)\b")
TITLES = st.sampled_from(["Riff", "Dark Pad", "BalkanBrass", "vox chop", "Rhodes 2", "Größe", "FX"])
TONICS = st.sampled_from([letter + sign for letter in "CDEFGAB" for sign in ("", "#", "b")])
SCALES = st.sampled_from([("m", "minor"), ("min", "minor"), ("maj", "major"), (" minor", "minor"), (" Major", "major")])
TEMPI = st.integers(600, 1999).map(lambda tenths: tenths / 10)


@given(
    title=TITLES,
    tonic=TONICS,
    scale=SCALES,
    bpm=TEMPI,
    word=st.sampled_from(["bpm", " BPM", "_Bpm", "-bpm"]),
    gap=st.sampled_from([" ", "_", "-", " - ", ", "]),
    order=st.permutations(["title", "bpm", "key"]),
)
def test_what_is_written_in_the_usual_ways_is_read_back(
    title: str, tonic: str, scale: tuple[str, str], bpm: float, word: str, gap: str, order: list[str]
) -> None:
    beside = abs(order.index("key") - order.index("bpm")) == 1
    assume(beside or (tonic + scale[0]).lower() not in {"am", "em", "a minor", "a major"})
    parts = {"title": title, "bpm": f"{bpm:g}{word}", "key": tonic + scale[0]}
    facts = facts_in_name(gap.join(parts[part] for part in order))
    assert (facts.bpm, key_text(facts.key)) == (bpm, f"{tonic} {scale[1]}")


@given(words=st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=6))
def test_only_a_letter_with_a_scale_is_ever_a_key(words: list[str]) -> None:
    facts = facts_in_name(" ".join(words))
    if facts.key is not None:
        assert LETTER_AND_SCALE.search(" ".join(words).replace("-", " "))
    assert (facts.bpm, facts.time_signature) == (None, None)


@given(st.text(max_size=60))
def test_any_text_is_read_without_complaint(name: str) -> None:
    facts = facts_in_name(name)
    assert facts.bpm is None or 20 <= facts.bpm <= 999


def test_a_title_without_facts_stays_as_it_is() -> None:
    assert facts_in_name("Glass - Marimba (final)").title == "Glass - Marimba (final)"
