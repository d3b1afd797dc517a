"""What is asked of a provider: the words, the seconds, the seeds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bridge.config import Config, ProviderConfig
from bridge.model import Ask, Clip, Conditioning, Section, Song, SoundFile, TimeSignature, Track, Trigger
from bridge.music.keys import read_key
from bridge.prompt import compose, write_prompt
from bridge.providers import facts_of
from bridge.rooms import the_rooms


def prompt_of(
    words: str = "",
    *,
    track: dict[str, Any] | None = None,
    clip: str = "",
    key: str = "",
    bpm: float | None = None,
    metre: TimeSignature = (4, 4),
    template: str = "",
) -> str:
    trigger = Trigger(schema=1, clip=Clip(name=clip, notes=()), track=Track(**(track or {})), ask=Ask(prompt=words))
    song = Song(seconds=10, bpm=bpm, key=read_key(key) if key else None, time_signature=metre)
    return write_prompt(trigger, song, template)


MARIMBA = {"name": "Marimba", "instrument": "Marimba", "program": 12}


def test_the_users_words_come_first_then_the_track_the_key_and_the_tempo() -> None:
    asked = prompt_of("tropical house, melodic riff", track=MARIMBA, key="G# minor", bpm=96)
    assert asked == "tropical house, melodic riff, marimba, G# minor, 96 bpm"


def test_without_words_the_track_and_the_song_speak() -> None:
    assert prompt_of(track=MARIMBA, key="Abm", bpm=96.5, metre=(7, 8)) == "marimba, Ab minor, 96.5 bpm, 7/8"


def test_spaces_and_empty_phrases_are_tidied_and_nothing_is_said_twice() -> None:
    asked = prompt_of("  Warm   marimbas ,, Tropical House\n tropical  houses,", track=MARIMBA)
    assert asked == "Warm marimbas, Tropical House"


@pytest.mark.parametrize(
    ("words", "bpm", "metre"),
    [
        ("techno in f# minor, 130 bpm, 5/4", 96, (7, 8)),
        ("F# dorian techno, 130BPM, waltz", 96, (7, 8)),
        ("techno, F#m, tempo 130, 12/8", 96, (7, 8)),
    ],
)
def test_key_tempo_and_metre_of_the_users_words_win(words: str, bpm: float, metre: TimeSignature) -> None:
    assert prompt_of(words, key="G# minor", bpm=bpm, metre=metre) == words


@pytest.mark.parametrize("words", ["a minor change", "in 7 days", "EBM", "24/7 radio", "I am here"])
def test_words_that_only_look_like_music_do_not_silence_the_song(words: str) -> None:
    assert prompt_of(words, key="G# minor", bpm=96, metre=(3, 4)) == f"{words}, G# minor, 96 bpm, 3/4"


@pytest.mark.parametrize("words", ["no drums, ambient", "ambient without percussion", "drumless jazz", "beatless"])
def test_drums_that_the_user_does_not_want_are_not_added(words: str) -> None:
    assert prompt_of(words, track={"name": "BD", "drums": True}) == words


@pytest.mark.parametrize("words", ["solo piano", "a cappella", "strings instead of marimba", "no marimba"])
def test_an_instrument_that_would_contradict_the_words_is_not_added(words: str) -> None:
    assert prompt_of(words, track=MARIMBA) == words


@pytest.mark.parametrize(
    ("track", "said"),
    [
        ({"name": "Vln 1", "instrument": "Kontakt 7"}, "violin"),
        ({"name": "Track 3", "program": 73}, "flute"),
        ({"name": "Beat", "drums": True}, "drums"),
        ({"name": "Kicks", "drums": True}, "kick drum"),
        ({"name": "Bass", "drums": True}, "drums"),
        ({"instrument": "Hurdy Gurdy"}, "Hurdy Gurdy"),
        ({"name": "4-Audio"}, "instrumental music"),
    ],
)
def test_what_the_track_is_comes_from_its_device_its_name_or_its_program(track: dict[str, Any], said: str) -> None:
    assert prompt_of(track=track) == said


def test_a_clips_name_tells_the_instrument_where_the_track_does_not() -> None:
    assert prompt_of(clip="Rhodes loop 82bpm Ebm", bpm=82) == "rhodes electric piano, 82 bpm"


def test_an_instrument_that_the_words_name_otherwise_is_not_repeated() -> None:
    asked = prompt_of("lofi hip hop, dusty drums, rhodes, 82 bpm", track={"instrument": "Electric Piano"}, bpm=82)
    assert asked == "lofi hip hop, dusty drums, rhodes, 82 bpm"


def test_an_exotic_scale_is_told_by_the_nearest_common_word() -> None:
    assert prompt_of("dark", key="C Phrygian Dominant") == "dark, C phrygian"


def test_a_tempo_is_told_with_at_most_two_decimals() -> None:
    assert prompt_of("x", bpm=100.333333) == "x, 100.33 bpm"


@pytest.mark.parametrize("words", ["word " * 900, ", ".join(f"phrase {number}" for number in range(400)), "x" * 4000])
def test_a_prompt_is_at_most_1000_characters_and_keeps_what_is_known(words: str) -> None:
    asked = prompt_of(words, track=MARIMBA, key="G# minor", bpm=96)
    assert len(asked) <= 1000
    assert asked.startswith(words[:6])
    assert asked.endswith("marimba, G# minor, 96 bpm")


def test_with_nothing_known_there_are_still_words_to_send() -> None:
    assert prompt_of() == "instrumental music"


def test_a_template_takes_the_place_of_the_usual_order_and_empty_fields_take_their_commas() -> None:
    template = "{tempo}, {key}, {metre}, {words}, played on {track}"
    assert prompt_of("dark", track=MARIMBA, bpm=96, template=template) == "96 bpm, dark, played on marimba"


def test_braces_in_the_users_words_are_only_words() -> None:
    assert prompt_of("{key} {mood}", bpm=96) == "{key} {mood}, 96 bpm"


SECTIONS = (
    Section(start_beats=0, beats=32, start_seconds=0, seconds=20),
    Section(start_beats=32, beats=16, start_seconds=20, seconds=10),
)
WAV = SoundFile(path="/clip.wav", sha256="0" * 64, seconds=20)
CONDITIONING = Conditioning(
    song=Song(seconds=30, bpm=96, beats=48), sections=SECTIONS, files=(WAV, None), sha256="1" * 64
)


def requests_of(takes: int = 3, extensions: bool = True, seed: int = 1234) -> list[dict[str, Any]]:
    trigger = Trigger(
        schema=1, clip=Clip(notes=()), ask=Ask(prompt="dub", takes=takes, mode="accompany", extras=("midi",))
    )
    made = compose(trigger, CONDITIONING, job_id="job", provider="local", extensions=extensions, template="", seed=seed)
    return [{"seed": None, **msgspec.structs.asdict(request)} for request in made]


def test_there_is_a_request_for_each_section_of_each_take_in_their_order() -> None:
    made = requests_of()
    assert [(request["take"], request["section"]) for request in made] == [(t, s) for t in (1, 2, 3) for s in (0, 1)]
    assert [request["conditioning"] for request in made[:2]] == [WAV, None]
    assert {request["prompt"] for request in made} == {"dub, 96 bpm"}
    assert {request["mode"] for request in made} == {"accompany"}


def test_each_request_lasts_its_section_and_the_provider_alone_adds_a_tail(tmp_path: Path) -> None:
    facts = facts_of("cloud", ProviderConfig())
    assert facts.tail_seconds > 0
    trigger = Trigger(schema=1, clip=Clip(notes=()))
    made = the_rooms(Config(), tmp_path, time.time).compose(trigger, CONDITIONING, facts, "job", 1)
    assert [request.seconds for request in made] == [20, 10]


def test_the_first_take_has_the_jobs_seed_the_others_their_own_and_sections_share_it() -> None:
    seeds = [request["seed"] for request in requests_of(takes=10)]
    assert seeds[0::2] == seeds[1::2]
    assert seeds[0] == 1234
    assert len(set(seeds)) == 10
    assert seeds == [request["seed"] for request in requests_of(takes=10)]
    assert not set(seeds) & {request["seed"] for request in requests_of(takes=10, seed=1235)}


def test_seed_and_extras_reach_only_providers_with_extensions() -> None:
    assert {(request["seed"], request["extras"]) for request in requests_of(extensions=False)} == {(None, ())}
    assert {request["extras"] for request in requests_of()} == {("midi",)}
