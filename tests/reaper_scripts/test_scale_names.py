"""REAPER's scales go by the daemon's names."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from bridge.music.scales import SCALES
from tests.reaper_scripts.lua import VERSIONS

SCRIPTS = Path(__file__).parents[2] / "reaper_scripts" / "daw-bridge"
WITH_KEY_SNAP = """
function(mask)
  reaper = {
    TakeIsMIDI = function() return true end,
    MIDI_CountEvts = function() return 0, 0, 0, 0 end,
    GetMediaItem_Track = function() return nil end,
    MIDI_GetScale = function() return true, 4, mask, "as REAPER calls it" end,
  }
  return key.find({ { item = "item", take = "take", start_seconds = 0, end_seconds = 1 } }, "")
end
"""
COMMON = ("major", "minor", "dorian", "mixolydian", "lydian", "phrygian", "locrian", "harmonic minor", "melodic minor")


@pytest.fixture(params=list(VERSIONS.values()), ids=list(VERSIONS))
def lua(request: pytest.FixtureRequest) -> Any:
    """A Lua with `key` as the scripts have it."""
    runtime = importlib.import_module(request.param).LuaRuntime(unpack_returned_tuples=True)
    runtime.globals().package.path = f"{SCRIPTS.as_posix()}/?.lua"
    runtime.execute('key = require("lib.read.key")')
    return runtime


def scale_of(lua: Any, intervals: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
    """Name and intervals that are told when key snap is set to these notes."""
    found, source = lua.eval(WITH_KEY_SNAP)(sum(1 << interval for interval in intervals))
    assert (found.root, source) == (4, "key snap")
    return found.scale, tuple(found.intervals.values())


@pytest.mark.parametrize("name", COMMON)
def test_a_common_scale_has_the_daemons_name(lua: Any, name: str) -> None:
    assert scale_of(lua, SCALES[name].intervals) == (name, SCALES[name].intervals)


def test_no_scale_has_a_name_that_means_another_to_the_daemon(lua: Any) -> None:
    for mask in range(1, 0xFFF, 2):
        intervals = tuple(interval for interval in range(12) if mask >> interval & 1)
        if len(intervals) >= 5:
            name, told = scale_of(lua, intervals)
            assert told == intervals
            assert name == "as reaper calls it" or SCALES[name].intervals == intervals
