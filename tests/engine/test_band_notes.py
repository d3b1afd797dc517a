"""What the band writes, measured on its notes."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import pytest

from bridge.engine.band import Arrangement, compose_parts
from bridge.engine.band.request import Part
from bridge.model import Key, MetrePoint, Note, TempoPoint
from bridge.music.keys import read_key
from tests.engine.band_songs import MELODY, ask, notes_of

EXAMPLES = (
    "sitar, tabla, flute, Indian classical, fusion, meditative, G# minor, 96 bpm",
    "lofi hip hop, dusty drums, rhodes, 82 bpm",
    "7/8 balkan brass",
    "marimba, percussion, bass, tropical house, melodic riff, G# minor, 96 bpm",
    "rock music from the 90s",
    "techno 130bpm F#m",
    "slow jazz trio, saxophone, D dorian",
    "ambient, cello, warm pad",
    "folk 6/8, acoustic guitar, violin",
    "",
)


def part_of(song: Arrangement, role: str) -> Part:
    return next(part for part in song.parts if part.voice.role == role)


def pitched(song: Arrangement) -> list[Part]:
    return [part for part in song.parts if not part.voice.drums]


def source_onsets_doubled(song: Arrangement, source: tuple[Note, ...]) -> float:
    played = [(note.start, note.pitch) for part in pitched(song) for note in part.notes]
    doubled = [
        any(abs(start - note.start) < 0.12 and pitch == note.pitch for start, pitch in played) for note in source
    ]
    return sum(doubled) / len(doubled)


@pytest.mark.parametrize("prompt", EXAMPLES)
def test_the_notes_stay_in_the_scale(prompt: str) -> None:
    for seed in range(3):
        song = compose_parts(ask(prompt, seed=seed))
        scale = {(song.brief.key.root + interval) % 12 for interval in song.brief.key.intervals}
        lengths = Counter[bool]()
        for part in pitched(song):
            for note in part.notes:
                lengths[note.pitch % 12 in scale] += note.beats
        assert lengths[True] >= 0.95 * lengths.total()


@pytest.mark.parametrize("prompt", EXAMPLES)
def test_the_roles_keep_to_their_registers(prompt: str) -> None:
    song = compose_parts(ask(prompt, seed=2))
    for part in pitched(song):
        pitches = [note.pitch for note in part.notes]
        if part.voice.role == "bass":
            assert max(pitches) < 48
        if part.voice.role == "chords":
            assert min(pitches) >= 48
            assert max(pitches) <= 72
        if part.voice.role == "lead":
            assert 4 <= max(pitches) - min(pitches) <= 24


@pytest.mark.parametrize("prompt", ["rock, E minor", "tropical house in C major", "techno", "folk", "jazz in F major"])
def test_the_bass_has_the_root_where_the_bar_begins(prompt: str) -> None:
    song = compose_parts(ask(prompt, seed=3))
    bass = {round(note.start, 3): note.pitch for note in part_of(song, "bass").notes}
    firsts = [(bar, bass[round(bar.start, 3)]) for bar in song.bars if round(bar.start, 3) in bass]
    for bar, pitch in firsts:
        assert pitch % 12 == bar.chord.root


def test_chords_move_little_from_bar_to_bar() -> None:
    song = compose_parts(ask("ambient pad, C major", seed=4))
    chords = part_of(song, "chords")
    voicings = [sorted({note.pitch for note in chords.notes if bar.start <= note.start < bar.end}) for bar in song.bars]
    moves = [
        sum(min(abs(pitch - before) for before in first) for pitch in second) / len(second)
        for first, second in itertools.pairwise(voicings)
        if first and second
    ]
    assert sum(moves) / len(moves) < 3


def test_the_chords_fit_the_melody_that_was_given() -> None:
    song = compose_parts(ask("pop", bpm=100.0))
    fitting = total = 0.0
    for note in notes_of():
        bar = next(bar for bar in song.bars if bar.start <= note.start < bar.end)
        total += note.duration
        fitting += note.duration * (note.pitch % 12 in bar.chord.tones)
    assert fitting / total > 0.6


def test_a_melody_around_its_tonic_is_heard_in_its_key() -> None:
    at_home = turns = 0
    for prompt, root in itertools.product(("pop", "rock", "tropical house", "jazz"), range(12)):
        notes = tuple(
            Note(pitch=note.pitch - 8 + root, start=note.start, duration=note.duration) for note in notes_of()
        )
        key = read_key(f"{('C', 'C#', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'G#', 'A', 'Bb', 'B')[root]} minor")
        song = compose_parts(ask(prompt, seed=root, notes=notes, key=key))
        at_home += sum(bar.chord.degree == 1 for bar in song.bars)
        turns += len(song.bars)
    assert at_home >= 0.3 * turns


def test_an_indian_style_rests_on_a_drone() -> None:
    song = compose_parts(ask("sitar, tabla, flute, Indian classical fusion, meditative, G# minor, 96 bpm"))
    assert {bar.chord.tones for bar in song.bars} == {(8, 3)}
    assert not any(part.voice.role == "drums" for part in song.parts)
    sounding = sum(note.beats for note in part_of(song, "chords").notes)
    assert sounding >= 0.7 * song.brief.beats


@pytest.mark.parametrize("grouping", [(3, 2, 2), (2, 2, 3), (2, 3, 2)])
def test_seven_eighths_are_accented_as_they_are_grouped(grouping: tuple[int, ...]) -> None:
    metre = {"time_signature": (7, 8), "grouping": grouping, "beats": 28.0, "notes": ()}
    song = compose_parts(ask("balkan brass", **metre))
    heads = [sum(grouping[:place]) / 2 for place in range(3)]
    assert [bar.beats for bar in song.bars] == [3.5] * 8
    starts = [(bar.start, note.start - bar.start) for bar in song.bars for note in part_of(song, "bass").notes]
    struck = {(bar, round(offset, 3)) for bar, offset in starts}
    wanted = [(bar.start, head) for bar in song.bars for head in heads]
    assert sum(one in struck for one in wanted) >= 0.85 * len(wanted)


@pytest.mark.parametrize(
    ("prompt", "bar_beats"), [("5/4 jazz", 5.0), ("3/4 folk", 3.0), ("6/8 rock", 3.0), ("11/8", 5.5)]
)
def test_any_metre_gives_bars_of_its_length_that_are_played_through(prompt: str, bar_beats: float) -> None:
    song = compose_parts(ask(prompt, seed=1))
    assert {bar.beats for bar in song.bars} == {bar_beats}
    kicks = {round(note.start, 3) for note in part_of(song, "drums").notes}
    assert all(round(bar.start, 3) in kicks for bar in song.bars)


def test_a_change_of_metre_is_followed() -> None:
    points = (MetrePoint(beat=0, time_signature=(4, 4)), MetrePoint(beat=8, time_signature=(3, 4)))
    song = compose_parts(ask("pop", metre_map=points, beats=17.0, notes=()))
    assert [(bar.start, bar.beats) for bar in song.bars] == [(0, 4), (4, 4), (8, 3), (11, 3), (14, 3)]


@pytest.mark.parametrize("prompt", ["pop without drums", "rock, no drums", "drumless techno"])
def test_no_drums_means_no_drums(prompt: str) -> None:
    song = compose_parts(ask(prompt))
    assert song.parts
    assert not any(part.voice.drums for part in song.parts)


def test_drums_are_played_where_the_style_has_none_but_the_prompt_asks_for_them() -> None:
    for prompt in ("ambient, drums", "sitar, Indian classical, drum kit"):
        assert len(part_of(compose_parts(ask(prompt)), "drums").notes) > 20


@pytest.mark.parametrize(
    ("prompt", "programs", "percussion"),
    [
        ("sitar, tabla, flute, Indian classical fusion", {104, 73}, True),
        ("marimba, percussion, bass, tropical house", {12, 33}, True),
        ("lofi hip hop, dusty drums, rhodes, vibraphone", {4, 11}, False),
        ("violin, cello and piano", {40, 42, 0}, False),
        ("trumpet, trombone, tuba, accordion", {56, 57, 58, 21}, False),
        ("organ, piano, strings", {16, 0, 48}, False),
    ],
)
def test_every_named_instrument_plays_in_half_of_the_phrases(prompt: str, programs: set[int], percussion: bool) -> None:
    song = compose_parts(ask(prompt, bpm=120.0, beats=32.0))
    phrases = {bar.index // 4 for bar in song.bars}
    for program in programs:
        starts = [note.start for part in pitched(song) if part.voice.program == program for note in part.notes]
        sounding = {bar.index // 4 for bar in song.bars for start in starts if bar.start <= start < bar.end}
        assert len(sounding) >= len(phrases) / 2, program
    assert any(part.voice.role == "percussion" for part in song.parts) or not percussion


def test_who_leaves_out_everybody_is_not_left_without_music() -> None:
    assert compose_parts(ask("ambient, no drums, no bass, no chords, no pads, no melody")).parts


def test_solo_leaves_the_named_instrument_alone() -> None:
    song = compose_parts(ask("solo piano in C"))
    assert {(part.voice.program, part.voice.drums) for part in song.parts} == {(0, False)}


@pytest.mark.parametrize("prompt", EXAMPLES)
def test_another_seed_plays_other_music(prompt: str) -> None:
    songs = [compose_parts(ask(prompt, seed=seed, bpm=96.0, notes=())) for seed in range(6)]
    bags = [
        Counter((part.voice.drums, note.pitch, round(note.start * 8)) for part in song.parts for note in part.notes)
        for song in songs
    ]
    shared = sorted((one & two).total() / min(one.total(), two.total()) for one, two in itertools.combinations(bags, 2))
    assert shared[len(shared) // 2] <= 0.6
    assert sum(share <= 0.66 for share in shared) >= 0.9 * len(shared)


def test_the_same_request_writes_the_same_notes() -> None:
    assert compose_parts(ask("jazz", seed=9)) == compose_parts(ask("jazz", seed=9))


def test_a_variation_plays_the_melody_in_its_order() -> None:
    song = compose_parts(ask("pop, flute", mode="variation"))
    lead = {(round(note.start, 2), note.pitch % 12) for note in part_of(song, "lead").notes}
    found = [(round(note.start, 2), note.pitch % 12) in lead for note in notes_of()]
    assert sum(found) >= 0.9 * len(found)


@pytest.mark.parametrize("prompt", ["pop", "jazz, saxophone", "sitar, tabla, Indian classical fusion", "folk"])
def test_an_accompaniment_leaves_the_melody_free(prompt: str) -> None:
    song = compose_parts(ask(prompt, mode="accompany"))
    assert source_onsets_doubled(song, notes_of()) < 0.3
    assert any(part.voice.role == "lead" for part in song.parts)


def test_a_continuation_takes_up_the_rhythm_of_the_end() -> None:
    song = compose_parts(ask("pop", mode="continue"))
    end = {round(start - 8, 2) for _, start, _ in MELODY if start >= 8}
    opening = {round(note.start, 2) for note in part_of(song, "lead").notes if note.start < 8}
    assert len(opening & end) >= 0.7 * len(opening)
    assert source_onsets_doubled(song, notes_of()) < 0.5


def test_a_drum_clip_lends_its_groove() -> None:
    groove = tuple(
        Note(pitch=pitch, start=4.0 * bar + start, duration=0.25)
        for bar in range(8)
        for pitch, start in ((36, 0.0), (38, 1.0), (36, 1.75), (36, 2.5), (38, 3.0))
    )
    song = compose_parts(ask("funk", notes=groove, drums=True, key=None))
    kicks = {note.start for note in groove if note.pitch == 36}
    assert {note.start for note in part_of(song, "bass").notes} <= kicks
    drums = {(note.pitch, note.start) for note in part_of(song, "drums").notes}
    assert drums >= {(note.pitch, note.start) for note in groove}
    around = compose_parts(ask("funk", notes=groove, drums=True, key=None, mode="accompany"))
    assert not any(part.voice.role == "drums" for part in around.parts)


def test_a_drum_clip_may_have_bars_without_a_kick() -> None:
    groove = tuple(Note(pitch=36 if bar % 2 == 0 else 38, start=4.0 * bar, duration=0.25) for bar in range(8))
    song = compose_parts(ask("funk", notes=groove, drums=True, key=None))
    assert {note.start for note in part_of(song, "bass").notes} == {0.0, 8.0, 16.0, 24.0}


def test_a_bass_clip_keeps_its_line_and_gets_a_lead_of_its_own() -> None:
    line = tuple(Note(pitch=pitch, start=2.0 * place, duration=1.5) for place, pitch in enumerate((32, 32, 40, 40) * 4))
    song = compose_parts(ask("pop", notes=line))
    bass = [(note.start, note.pitch) for note in part_of(song, "bass").notes]
    assert bass == [(note.start, note.pitch) for note in line]
    assert len(part_of(song, "lead").notes) > 8


def test_the_end_of_a_phrase_has_more_drums() -> None:
    for prompt in ("rock", "pop", "folk, drums"):
        song = compose_parts(ask(prompt, bpm=120.0, beats=32.0, notes=()))
        drums = part_of(song, "drums").notes
        counts = [sum(bar.start <= note.start < bar.end for note in drums) for bar in song.bars]
        closing = [count for bar, count in zip(song.bars, counts, strict=True) if bar.closes_phrase]
        others = [count for bar, count in zip(song.bars, counts, strict=True) if not bar.closes_phrase]
        assert sum(closing) / len(closing) > 1.1 * sum(others) / len(others)


def test_a_lead_of_its_own_sings() -> None:
    rests, ranges, stepping = [], [], []
    for seed in range(6):
        lead = part_of(compose_parts(ask("pop, C major", seed=seed, bpm=100.0, notes=())), "lead").notes
        pitches = [note.pitch for note in lead]
        steps = [abs(one - two) for one, two in itertools.pairwise(pitches)]
        stepping.append(sum(step <= 2 for step in steps) / len(steps))
        ranges.append(max(pitches) - min(pitches))
        rests.append(1 - sum(note.beats for note in lead) / 32)
    assert sum(stepping) / len(stepping) >= 0.55
    assert 7 <= sum(ranges) / len(ranges) <= 19
    assert 0.15 <= sum(rests) / len(rests) <= 0.4


def test_sections_of_one_piece_share_key_players_and_progression() -> None:
    songs = [
        compose_parts(ask("pop", section=number, sections=2, loops=False, key=None, notes=())) for number in (0, 1)
    ]
    assert songs[0].brief.key == songs[1].brief.key
    assert songs[0].brief.voices == songs[1].brief.voices
    assert [bar.chord for bar in songs[0].bars] == [bar.chord for bar in songs[1].bars]
    assert part_of(songs[0], "lead").notes != part_of(songs[1], "lead").notes


def test_hints_win_over_the_prompt() -> None:
    song = compose_parts(ask("pop, 140 bpm, C major, 3/4", bpm=100.0, key=read_key("F dorian")))
    assert song.brief.tempo_map == (TempoPoint(beat=0, bpm=100.0),)
    assert (song.brief.key.tonic, song.brief.key.scale) == ("F", "dorian")
    assert {bar.beats for bar in song.bars} == {4.0}


@pytest.mark.parametrize("scale", ["minor pentatonic", "bhairav", "whole tone", "hirajoshi", "chromatic", "locrian"])
def test_scales_of_all_kinds_can_be_played(scale: str) -> None:
    key = read_key(f"E {scale}")
    song = compose_parts(ask("pop, piano", key=key, notes=()))
    allowed = {(key.root + interval) % 12 for interval in key.intervals}
    heard = Counter(note.pitch % 12 in allowed for part in pitched(song) for note in part.notes)
    assert heard[True] >= 0.95 * heard.total()
    assert heard.total() > 50


def test_strange_words_harm_nothing() -> None:
    for prompt in ("🎺🎺 %%% \x00 {} [[[", "a " * 2000, "0/0 000 bpm H# minor", "no no no without"):
        assert compose_parts(ask(prompt)).parts


@pytest.mark.parametrize(
    "hints",
    [
        {"beats": 1e6},
        {"beats": 0.0},
        {"beats": 1e-9},
        {"bpm": 0.0},
        {"bpm": float("nan")},
        {"key": Key(tonic="C", root=0, scale="", intervals=())},
        {"key": Key(tonic="C", root=0, scale="one", intervals=(0,))},
        {"time_signature": (99, 64), "notes": ()},
        {"time_signature": (1, 64), "bpm": 999.0, "beats": 340.0},
        {"metre_map": tuple(MetrePoint(beat=40 - place / 500, time_signature=(1, 64)) for place in range(20_000))},
        {"notes": tuple(Note(pitch=place % 128, start=place / 2000, duration=4.0) for place in range(60_000))},
        {"notes": tuple(Note(pitch=place % 128, start=place / 2000, duration=0) for place in range(60_000))},
        {"notes": tuple(Note(pitch=place % 40, start=place / 2000, duration=1.0) for place in range(60_000))},
        {
            "notes": tuple(Note(pitch=place % 128, start=place / 2000, duration=1.0) for place in range(60_000)),
            "drums": True,
        },
        {"time_signature": (1, 1), "grouping": (2, -1)},
        {"notes": tuple(Note(pitch=127, start=0.0, duration=1e6) for _ in range(500))},
        {"notes": tuple(Note(pitch=place % 128, start=place / 400, duration=0.001) for place in range(9000))},
    ],
)
def test_strange_hints_harm_nothing(hints: dict[str, Any]) -> None:
    for mode in ("variation", "accompany", "continue"):
        song = compose_parts(ask("pop, 120 bpm", **({"bpm": 100.0, "mode": mode} | hints)))
        assert song.parts
        assert len(song.bars) < 500
        assert all(len(part.notes) < 5000 for part in song.parts)
