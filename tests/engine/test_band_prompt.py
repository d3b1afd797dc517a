"""The band reads a prompt like a session player."""

from __future__ import annotations

import pytest

from bridge.engine.band.styles import styles, words
from bridge.engine.band.wishes import read_prompt


@pytest.mark.parametrize(
    ("prompt", "tonic", "scale"),
    [
        ("G# minor", "G#", "minor"),
        ("marimba, melodic riff, G# minor, 96 bpm", "G#", "minor"),
        ("piano in Abm", "Ab", "minor"),
        ("A flat major, piano", "Ab", "major"),
        ("a-flat major waltz", "Ab", "major"),
        ("dreamy, D dorian", "D", "dorian"),
        ("F sharp min groove", "F#", "minor"),
        ("rock in F#", "F#", "major"),
        ("B♭ major", "Bb", "major"),
        ("in the key of Eb", "Eb", "major"),
        ("A harmonic minor, oud", "A", "harmonic minor"),
        ("first C major, no: E minor", "E", "minor"),
        ("Cmaj", "C", "major"),
    ],
)
def test_a_key_is_read_in_every_usual_spelling(prompt: str, tonic: str, scale: str) -> None:
    key = read_prompt(prompt).key
    assert key is not None
    assert (key.tonic, key.scale) == (tonic, scale)


@pytest.mark.parametrize(
    "prompt", ["", "I am happy", "rock music from the 90s", "Be a hero", "a big band", "vitamin C", "add some bass"]
)
def test_words_that_are_no_key_are_not_taken_for_one(prompt: str) -> None:
    assert read_prompt(prompt).key is None


@pytest.mark.parametrize(
    ("prompt", "bpm"),
    [
        ("96 bpm", 96.0),
        ("techno 130bpm", 130.0),
        ("at 87.5 BPM please", 87.5),
        ("tempo: 140", 140.0),
        ("120 beats per minute", 120.0),
        ("rock music from the 90s", None),
        ("808 bass", None),
        ("5 bpm", None),
    ],
)
def test_a_tempo_is_read(prompt: str, bpm: float | None) -> None:
    assert read_prompt(prompt).bpm == bpm


@pytest.mark.parametrize(
    ("prompt", "metre", "grouping"),
    [
        ("7/8 balkan brass", (7, 8), ()),
        ("5/4 jazz, 3+2", (5, 4), (3, 2)),
        ("a waltz", (3, 4), ()),
        ("dance in 3+2+2", (7, 8), (3, 2, 2)),
        ("6/8 ballad", (6, 8), ()),
        ("rock", None, ()),
        ("the year 24/7", None, ()),
    ],
)
def test_a_metre_is_read(prompt: str, metre: tuple[int, int] | None, grouping: tuple[int, ...]) -> None:
    wishes = read_prompt(prompt)
    assert (wishes.metre, wishes.grouping) == (metre, grouping)


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        ("sitar, tabla, flute, Indian classical, fusion, meditative", "indian_fusion"),
        ("lofi hip hop, dusty drums, rhodes", "lofi"),
        ("lo-fi beats", "lofi"),
        ("7/8 balkan brass", "balkan_brass"),
        ("marimba, percussion, bass, tropical house, melodic riff", "tropical_house"),
        ("rock music from the 90s", "rock"),
        ("smooth jazz with saxophone", "jazz"),
        ("dark techno", "techno"),
        ("acoustic folk guitar", "folk"),
        ("ambient soundscape", "ambient"),
        ("qwertz uiop", "pop"),
        ("", "pop"),
    ],
)
def test_a_style_is_chosen_by_its_words(prompt: str, style: str) -> None:
    assert read_prompt(prompt).style == style


def test_the_instruments_are_found_in_their_order() -> None:
    wishes = read_prompt("dreamy violin and cello, tabla, upright bass, G# minor, 90 bpm")
    assert [instrument.name for instrument in wishes.instruments] == ["violin", "cello", "upright bass"]
    assert wishes.percussion == ("tabla_low", "tabla_high")


def test_what_is_not_wanted_is_left_out() -> None:
    wishes = read_prompt("piano ballad with no drums, without bass")
    assert wishes.left_out == {"drums", "percussion", "bass"}
    assert [instrument.name for instrument in wishes.instruments] == ["piano"]


def test_every_style_has_players_and_progressions_that_can_be_played() -> None:
    for name, style in styles().items():
        assert style.lineup.get("lead"), name
        assert style.lineup.get("chords"), name
        assert style.tempo[0] < style.tempo[1], name
        for progression in (*style.harmony.minor, *style.harmony.major):
            assert all(1 <= degree <= 7 for degree in progression), name


def test_every_figure_is_written_in_known_signs() -> None:
    for name, style in styles().items():
        drums = [*style.drums.values(), *style.percussion.values(), *words().figures.values()]
        for cell in (style.cells.head, style.cells.back, style.cells.other):
            drums += cell.values()
        assert {sign for figures in drums for figure in figures for sign in figure} <= set("xXo. "), name
        for rhythm, signs in ((style.bass, "1358a-. "), (style.comp, "x1234-. ")):
            figures = [*rhythm.bar, *rhythm.head, *rhythm.back, *rhythm.other]
            assert {sign for figure in figures for sign in figure} <= set(signs), name
