"""Beats and seconds under tempo maps."""

from __future__ import annotations

import pytest

from bridge.model import Song, TempoPoint
from bridge.music.tempo import all_seconds_at, beat_at, seconds_at, tempo_map_of


def tempos(*points: tuple[float, float]) -> tuple[TempoPoint, ...]:
    return tuple(TempoPoint(beat=beat, bpm=bpm) for beat, bpm in points)


def test_one_tempo_is_a_rule_of_three() -> None:
    assert seconds_at(tempos((0, 96)), 16) == 10.0
    assert beat_at(tempos((0, 96)), 10.0) == 16.0


def test_seconds_are_the_integral_of_the_map() -> None:
    assert seconds_at(tempos((0, 120), (8, 60), (10, 240)), 14) == pytest.approx(4 + 2 + 1)


def test_before_beat_0_the_tempo_that_holds_there_extends_backwards() -> None:
    assert seconds_at(tempos((4, 120), (8, 60)), -4) == -2.0
    assert seconds_at(tempos((-8, 30), (-4, 120)), -2) == -1.0
    assert seconds_at(tempos((-8, 30), (-4, 120)), -6) == -6.0
    assert beat_at(tempos((4, 120)), -2.0) == -4.0


def test_a_map_that_begins_later_holds_its_first_tempo_from_the_start() -> None:
    assert seconds_at(tempos((4, 120), (8, 60)), 8) == 4.0


def test_the_last_of_two_tempos_on_one_beat_holds() -> None:
    assert seconds_at(tempos((0, 60), (4, 60), (4, 120)), 8) == 6.0


@pytest.mark.parametrize("beat", [-3.0, 0.0, 0.25, 7.999, 8.0, 9.5, 10.0, 1000.0])
def test_there_and_back_again_is_the_same_beat(beat: float) -> None:
    changing = tempos((0, 96.3), (8, 141.7), (10, 33))
    assert beat_at(changing, seconds_at(changing, beat)) == pytest.approx(beat, abs=1e-9)


def test_many_beats_at_once_are_as_one_by_one() -> None:
    changing = tempos((0, 100), (3, 50))
    assert all_seconds_at(changing, [-1, 0, 2, 3, 5]) == [seconds_at(changing, beat) for beat in (-1, 0, 2, 3, 5)]


def test_a_map_of_a_thousand_ramps_is_integrated_in_order() -> None:
    ramp = tempos(*((beat, 60 + beat / 10) for beat in range(1000)))
    assert seconds_at(ramp, 1000) == pytest.approx(sum(60 / (60 + beat / 10) for beat in range(1000)))


def test_no_tempo_is_no_answer() -> None:
    with pytest.raises(ValueError, match="at least one tempo"):
        seconds_at((), 4)


def test_a_song_without_a_map_has_its_tempo_throughout_or_none() -> None:
    assert tempo_map_of(Song(seconds=1, bpm=96)) == tempos((0, 96))
    assert tempo_map_of(Song(seconds=1)) == ()
    assert tempo_map_of(Song(seconds=1, bpm=96, tempo_map=tempos((0, 97)))) == tempos((0, 97))
