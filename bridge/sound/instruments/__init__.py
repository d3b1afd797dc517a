"""The bank: our own synthesised instruments for all General MIDI programs and a drum kit, as data and five recipes."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from bridge.sound.instruments.fm import Fm, modulate
from bridge.sound.instruments.hit import Hit, hit
from bridge.sound.instruments.stroke import Stroke, Voice
from bridge.sound.instruments.struck import Struck, strike
from bridge.sound.instruments.sustained import Sustained, hold
from bridge.sound.instruments.tones import Samples

AnyVoice = Struck | Sustained | Fm | Hit

__all__ = ["AnyVoice", "Stroke", "Voice", "drum_of", "sound_stroke", "voice_of"]

_LOWEST_DRUM, _HIGHEST_DRUM = 35, 81


def voice_of(program: int) -> AnyVoice:
    """The instrument of a General MIDI program, 0 to 127 (others count as the nearest)."""
    return _programs()[min(127, max(0, program))]


def drum_of(note: int) -> Hit:
    """The drum of a note of the General MIDI kit, or the nearest to it."""
    kit, others = _kit()
    return kit[min(_HIGHEST_DRUM, max(_LOWEST_DRUM, others.get(note, note)))]


def sound_stroke(voice: AnyVoice, stroke: Stroke) -> Samples:
    """Sound one stroke as if it were never let go: mono, at most `stroke.frames`, fewer where it dies by itself."""
    match voice:
        case Struck():
            return strike(voice, stroke)
        case Sustained():
            return hold(voice, stroke)
        case Fm():
            return modulate(voice, stroke)
        case Hit():
            return hit(voice, stroke)


@cache
def _programs() -> tuple[AnyVoice, ...]:
    """Each row of bank.toml names a voice of its [voices] and what differs in it."""
    table = _read("bank.toml")
    rows = [
        {key: value for key, value in (table["voices"][row["voice"]] | row).items() if key not in ("name", "voice")}
        for row in table["programs"]
    ]
    return msgspec.convert(rows, tuple[AnyVoice, ...])


@cache
def _kit() -> tuple[dict[int, Hit], dict[int, int]]:
    table = _read("drums.toml")
    drums = {
        int(note): msgspec.convert({key: value for key, value in row.items() if key != "name"} | {"recipe": "hit"}, Hit)
        for note, row in table["drums"].items()
    }
    return drums, {int(note): nearest for note, nearest in table["others"].items()}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("bridge.sound.instruments").joinpath(name).read_text("utf-8"))
