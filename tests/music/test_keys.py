"""Keys as people write them, as DAWs count them, and as notes imply them."""

from __future__ import annotations

import pytest

from bridge.errors import BadTrigger
from bridge.model import KeyNumbers, Note
from bridge.music.keys import PROFILES, key_in_notes, key_text, plain_key_text, read_key, spell_root
from bridge.music.scales import SCALES

LIVE_SCALES = (
    """
    Major, Minor, Dorian, Mixolydian, Lydian, Phrygian, Locrian, Whole Tone, Half-whole Dim., Whole-half Dim.,
    Minor Blues, Minor Pentatonic, Major Pentatonic, Harmonic Minor, Harmonic Major, Dorian #4, Phrygian Dominant,
    Melodic Minor, Lydian Augmented, Lydian Dominant, Super Locrian, 8-Tone Spanish, Bhairav, Hungarian Minor,
    Hirajoshi, In-Sen, Iwato, Kumoi, Pelog Selisir, Pelog Tembung, Messiaen 3, Messiaen 4, Messiaen 5, Messiaen 6,
    Messiaen 7
""".replace("\n    ", " ")
    .strip()
    .split(", ")
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("G# minor", "G# minor"),
        ("Abm", "Ab minor"),
        ("A flat major", "Ab major"),
        ("A-flat minor", "Ab minor"),
        ("F sharp min", "F# minor"),
        ("D dorian", "D dorian"),
        ("Cmaj", "C major"),
        ("c", "C major"),
        ("B♭ minor", "Bb minor"),
        ("F♯", "F# major"),
        ("G#m", "G# minor"),
        ("bb minor", "Bb minor"),
        ("bm", "B minor"),
        ("Bbmin", "Bb minor"),
        ("b", "B major"),
        ("B blues", "B minor blues"),
        ("C Bhairav", "C bhairav"),
        ("AM", "A major"),
        ("Am", "A minor"),
        ("  g#-Minor ", "G# minor"),
        ("Eb Half-whole Dim.", "Eb half-whole dim."),
        ("8A", "A minor"),
        ("1A", "G# minor"),
        ("4B", "Ab major"),
    ],
)
def test_every_usual_spelling_of_a_key_is_read_and_the_tonic_stays_as_spelled(text: str, told: str) -> None:
    assert key_text(read_key(text)) == told


@pytest.mark.parametrize("text", ["", "H minor", "G# wobbly", "Bbb", "major", "13A", "C" * 5000, "no key"])
def test_what_is_no_key_is_refused_with_a_sentence_that_names_the_field(text: str) -> None:
    with pytest.raises(BadTrigger, match=r"music\.key") as refusal:
        read_key(text)
    assert len(refusal.value.text) < 300


def test_an_unknown_key_is_told_as_nothing() -> None:
    assert key_text(None) is None


@pytest.mark.parametrize("name", LIVE_SCALES)
def test_lives_scales_are_known_by_name_and_by_their_steps(name: str) -> None:
    by_name = read_key(KeyNumbers(root=2, scale=name))
    by_steps = read_key(KeyNumbers(root=2, scale="", intervals=by_name.intervals))
    assert by_name.scale == name.lower()
    assert set(by_steps.intervals) == set(by_name.intervals)


def test_live_names_35_scales_each_with_its_own_steps() -> None:
    steps = {SCALES[name.lower()].intervals for name in LIVE_SCALES}
    assert len(LIVE_SCALES) == len(steps) == 35


def test_steps_decide_over_a_label_that_says_otherwise() -> None:
    key = read_key(KeyNumbers(root=8, scale="Major", intervals=(0, 2, 3, 5, 7, 8, 10)))
    assert key_text(key) == "G# minor"


def test_steps_that_nobody_named_keep_their_notes_and_take_the_nearest_name() -> None:
    key = read_key(KeyNumbers(root=0, scale="My Scale", intervals=(0, 2, 3, 5, 7, 8)))
    assert (key.scale, key.intervals) == ("minor", (0, 2, 3, 5, 7, 8))


def test_an_unknown_label_without_steps_is_refused() -> None:
    with pytest.raises(BadTrigger, match=r"music\.key.*My Scale"):
        read_key(KeyNumbers(root=0, scale="My Scale"))


@pytest.mark.parametrize(
    ("scale", "tonics"),
    [
        ("major", "C Db D Eb E F F# G Ab A Bb B"),
        ("minor", "C C# D Eb E F F# G G# A Bb B"),
        ("dorian", "C C# D Eb E F F# G Ab A Bb B"),
        ("lydian", "C Db D Eb E F Gb G Ab A Bb B"),
    ],
)
def test_a_root_is_spelled_with_the_fewest_accidentals(scale: str, tonics: str) -> None:
    assert " ".join(spell_root(root, scale) for root in range(12)) == tonics


@pytest.mark.parametrize(
    ("key", "plain"),
    [
        ("C phrygian dominant", "C phrygian"),
        ("A minor pentatonic", "A minor"),
        ("F# melodic minor", "F# minor"),
        ("D dorian", "D dorian"),
        ("Eb major", "Eb major"),
    ],
)
def test_an_exotic_scale_has_a_plain_word_that_comes_nearest(key: str, plain: str) -> None:
    assert plain_key_text(read_key(key)) == plain


def notes(*pitches: int, beats: float = 1.0) -> list[Note]:
    return [Note(pitch=pitch, start=beats * place, duration=beats) for place, pitch in enumerate(pitches)]


ODE_TO_JOY = (66, 66, 67, 69, 69, 67, 66, 64, 62, 62, 64, 66, 66, 64, 64)


def test_the_key_of_a_melody_is_found_in_every_transposition() -> None:
    found = [key_in_notes(notes(*(pitch + shift for pitch in ODE_TO_JOY), 62 + shift)) for shift in range(12)]
    keys = [finding[0] for finding in found if finding is not None]
    assert [key.root for key in keys] == [(2 + shift) % 12 for shift in range(12)]
    assert {key.scale for key in keys} == {"major"}


def test_bass_and_last_note_decide_between_relatives() -> None:
    shared = (72, 76, 79, 76, 69, 72, 76, 72)
    in_a = key_in_notes([*notes(*shared), Note(pitch=45, start=0, duration=4), Note(pitch=45, start=7, duration=1)])
    in_c = key_in_notes([*notes(*shared), Note(pitch=48, start=0, duration=4), Note(pitch=48, start=7, duration=1)])
    assert in_a is not None
    assert in_c is not None
    assert (key_text(in_a[0]), key_text(in_c[0])) == ("A minor", "C major")


def test_long_notes_weigh_more_than_short_ones() -> None:
    passing = [Note(pitch=pitch, start=place / 8, duration=0.1) for place, pitch in enumerate(range(60, 72))]
    chords = [Note(pitch=pitch, start=2 + 2 * bar, duration=2) for bar in range(3) for pitch in (56, 59, 63)]
    found = key_in_notes([*passing, *chords])
    assert found is not None
    assert key_text(found[0]) == "G# minor"


def test_muted_notes_are_not_heard() -> None:
    muted = [Note(pitch=pitch, start=0, duration=64, muted=True) for pitch in (61, 65, 68)]
    found = key_in_notes([*notes(*ODE_TO_JOY, 62), *muted])
    assert found is not None
    assert key_text(found[0]) == "D major"


@pytest.mark.parametrize(
    "pitches", [(), (60, 60, 60), (60, 67, 60), tuple(range(60, 72)), (60, 64, 68, 60, 64, 68, 72)]
)
def test_where_notes_leave_the_key_open_none_is_claimed(pitches: tuple[int, ...]) -> None:
    assert key_in_notes(notes(*pitches)) is None


def test_confidence_lies_between_0_and_1_and_falls_when_a_foreign_key_comes_in() -> None:
    clear = key_in_notes(notes(*ODE_TO_JOY, 62))
    clouded = key_in_notes(notes(*ODE_TO_JOY, *(pitch + 7 for pitch in ODE_TO_JOY), 62))
    assert clear is not None
    assert clouded is not None
    assert 0 < clouded[1] < clear[1] <= 1


def test_the_profiles_have_a_weight_for_each_pitch_class_and_peak_at_the_tonic_triad() -> None:
    assert {len(profile) for profile in PROFILES.values()} == {12}
    top = {scale: sorted(range(12), key=lambda step: -profile[step])[:3] for scale, profile in PROFILES.items()}
    assert {scale: set(steps) for scale, steps in top.items()} == {"major": {0, 4, 7}, "minor": {0, 3, 7}}
