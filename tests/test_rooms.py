"""What a job will cost is told before it is spent, also where only listening can tell its length."""

from __future__ import annotations

from pathlib import Path

from bridge.config import ProviderConfig
from bridge.music.sections import plan_sections
from bridge.providers import facts_of
from bridge.render.survey import forecast, survey
from bridge.rooms import count_requests
from tests.render.makers import clicks, notes_of, trigger_of, wav

CLOUD = facts_of("cloud", ProviderConfig())


def test_requests_are_takes_times_sections() -> None:
    trigger = trigger_of({"notes": notes_of((60, 0, 64))}, music={"bpm": 96}, ask={"takes": 3})
    assert count_requests(trigger, CLOUD) == 6


def test_a_clip_without_a_tempo_is_heard_before_its_price_is_told(tmp_path: Path) -> None:
    path = wav(tmp_path / "beat.wav", clicks([n * 0.6 for n in range(32)], 19.4))
    trigger = trigger_of({"audio": {"path": path}}, ask={"bars": 16})
    assert forecast(trigger).bpm is None
    song = survey(trigger)
    assert song.bpm_source == "heard"
    asked = len(plan_sections(song, CLOUD.max_seconds, CLOUD.tail_seconds))
    assert asked > 1
    assert count_requests(trigger, CLOUD) == asked
