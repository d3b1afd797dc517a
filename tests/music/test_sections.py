"""A take cut into sections that one request each can make."""

from __future__ import annotations

import itertools

import pytest

from bridge.model import MetrePoint, Section, Song, TempoPoint, TimeSignature
from bridge.music.metre import bar_lines
from bridge.music.sections import plan_sections
from bridge.music.tempo import seconds_at

ENTERPRISE_SECONDS = 20.42


def song(
    beats: float, *tempos: tuple[float, float], metres: tuple[tuple[float, TimeSignature], ...] = ((0, (4, 4)),)
) -> Song:
    tempo_map = tuple(TempoPoint(beat=beat, bpm=bpm) for beat, bpm in tempos)
    metre_map = tuple(MetrePoint(beat=beat, time_signature=signature) for beat, signature in metres)
    return Song(
        bpm=tempos[0][1], tempo_map=tempo_map, metre_map=metre_map, beats=beats, seconds=seconds_at(tempo_map, beats)
    )


def bars_of(sections: tuple[Section, ...]) -> list[float]:
    return [(section.beats or 0) / 4 for section in sections]


def assert_they_tile(sections: tuple[Section, ...], whole: Song, limit: float) -> None:
    assert sections[0].start_seconds == 0
    for left, right in itertools.pairwise(sections):
        assert right.start_seconds == pytest.approx(left.start_seconds + left.seconds)
    assert sections[-1].start_seconds + sections[-1].seconds == pytest.approx(whole.seconds)
    assert max(section.seconds for section in sections) <= limit + 1e-6


@pytest.mark.parametrize(("bpm", "requests"), [(93.9, 2), (94.05, 1), (96, 1), (174, 1)])
def test_eight_bars_take_one_request_only_from_94_bpm_up(bpm: float, requests: int) -> None:
    assert len(plan_sections(song(32, (0, bpm)), ENTERPRISE_SECONDS)) == requests


@pytest.mark.parametrize(
    ("bars", "cut"),
    [(16, [8, 8]), (9, [4, 5]), (17, [6, 5, 6]), (20, [7, 6, 7])],
)
def test_sections_are_whole_bars_as_few_and_as_even_as_can_be(bars: int, cut: list[float]) -> None:
    whole = song(4 * bars, (0, 96))
    sections = plan_sections(whole, ENTERPRISE_SECONDS)
    assert bars_of(sections) == cut
    assert_they_tile(sections, whole, ENTERPRISE_SECONDS)


def test_each_section_leaves_room_for_its_tail() -> None:
    whole = song(64, (0, 96))
    assert len(plan_sections(whole, ENTERPRISE_SECONDS, tail_seconds=1.0)) == 3
    assert_they_tile(plan_sections(whole, ENTERPRISE_SECONDS, tail_seconds=1.0), whole, ENTERPRISE_SECONDS - 1)


def test_cuts_follow_bar_lines_through_odd_metres_and_tempo_changes() -> None:
    whole = song(70.5, (0, 96), (20, 60), (44, 140), metres=((0, (7, 8)), (14, (4, 4)), (42, (5, 8))))
    sections = plan_sections(whole, ENTERPRISE_SECONDS)
    assert_they_tile(sections, whole, ENTERPRISE_SECONDS)
    starts = {section.start_beats for section in sections}
    assert starts <= set(bar_lines(whole.metre_map, 70.5))
    assert len(sections) > 1


def test_when_the_evenest_cuts_are_too_long_the_fewest_sections_still_do() -> None:
    # Bar lines at 0, 14, 16, 27.5, 31 and 44 s: those nearest to the thirds, 14 and 31, would make a section of 17 s.
    metres: tuple[tuple[float, TimeSignature], ...]
    metres = ((0, (7, 4)), (7, (1, 4)), (8, (23, 16)), (13.75, (7, 16)), (15.5, (13, 8)))
    sections = plan_sections(song(22, (0, 30), metres=metres), 16.0)
    assert [section.seconds for section in sections] == [16.0, 15.0, 13.0]


def test_a_bar_that_is_too_long_is_cut_at_its_beats() -> None:
    whole = song(24, (0, 30), metres=((0, (12, 4)),))
    sections = plan_sections(whole, 7.0)
    assert_they_tile(sections, whole, 7.0)
    assert all((section.start_beats or 0) % 1 == 0 for section in sections)


def test_a_beat_that_is_too_long_is_cut_too() -> None:
    whole = song(8, (0, 20))
    assert_they_tile(plan_sections(whole, 1.0), whole, 1.0)


def test_a_last_bar_that_is_not_whole_belongs_to_the_last_section() -> None:
    sections = plan_sections(song(34.5, (0, 96)), ENTERPRISE_SECONDS)
    assert sum(section.beats or 0 for section in sections) == 34.5


def test_without_a_tempo_the_seconds_are_cut_evenly() -> None:
    sections = plan_sections(Song(seconds=50), ENTERPRISE_SECONDS)
    assert [section.seconds for section in sections] == [pytest.approx(50 / 3)] * 3
    assert {section.beats for section in sections} == {None}


def test_a_short_take_is_one_section() -> None:
    assert plan_sections(song(16, (0, 96)), ENTERPRISE_SECONDS) == (
        Section(start_beats=0, beats=16, start_seconds=0, seconds=10),
    )


def test_a_tail_as_long_as_a_request_is_refused() -> None:
    with pytest.raises(ValueError, match="tail"):
        plan_sections(Song(seconds=10), 5.0, tail_seconds=5.0)
