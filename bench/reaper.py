"""What REAPER's scripts take of its ticks: time where it is theirs alone, else Lua's instructions and ticks."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import mido

from bench.measure import Figure, timed
from tests.reaper_scripts.lua import LuaTests

_SCRIPT = Path(__file__).with_name("reaper.lua")
_VERSION = "Lua 5.4"
_NOTES = 10_000
_MOST_MIDI_SECONDS = 0.5
_MOST_INSTRUCTIONS_MILLIONS = 2.0
# REAPER calls a script about 30 times a second, and draws in between.
_LONGEST_SLICE_MS = 16.0


def figures(scratch: Path) -> Iterator[Figure]:
    """Notes written, a long item read, many results brought in."""
    told: defaultdict[str, list[float]] = defaultdict(list)
    tests = LuaTests(
        _SCRIPT, _VERSION, {"clock": time.perf_counter, "tell": lambda name, value: told[name].append(float(value))}
    )
    for number, sentence in enumerate(tests.sentences):
        folder = scratch / str(number)
        folder.mkdir()
        tests.run(sentence, folder)
    floor = timed(lambda: _write_notes(scratch / "floor.mid"), 5)
    yield Figure("20,000 events to a .mid; floor: mido", "s", told["midi"], floor, _MOST_MIDI_SECONDS)
    for name in ("copied", "mixed"):
        yield Figure(f"10 minutes of samples {name}", "s", told[name])
        yield Figure(
            f"10 minutes of samples {name}, longest slice", "ms", told[f"{name}_slice"], goal=_LONGEST_SLICE_MS
        )
    for name, words in (("read", "an item of 10 minutes"), ("results", "200 waiting results")):
        yield Figure(f"{words}", "ticks", told[f"{name}_ticks"])
        instructions = told[f"{name}_instructions"]
        yield Figure(f"{words}, most in a tick", "million instructions", instructions, goal=_MOST_INSTRUCTIONS_MILLIONS)


def _write_notes(path: Path) -> None:
    """The same number of events, written by mido."""
    track = mido.MidiTrack()
    for number in range(_NOTES):
        track.append(mido.Message("note_on", note=36 + number % 60, velocity=1 + number % 127, time=24))
        track.append(mido.Message("note_off", note=36 + number % 60, time=96))
    mido.MidiFile(tracks=[track], ticks_per_beat=960).save(path)
