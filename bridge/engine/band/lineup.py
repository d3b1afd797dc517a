"""Who plays: the style's players, and every instrument that the prompt names, each in the role that suits it."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from bridge.engine.band.request import Role, Voice
from bridge.engine.band.styles import Style
from bridge.engine.band.wishes import Wishes
from bridge.music.instruments import Instrument


class _Family(NamedTuple):
    role: Role | None
    low: int
    high: int


# General MIDI's sixteen families: the role each likes best, and where its melodies sound well.
_FAMILIES = (
    _Family("chords", 60, 88),
    _Family("lead", 64, 90),
    _Family("chords", 60, 86),
    _Family("chords", 57, 83),
    _Family("bass", 28, 50),
    _Family("lead", 60, 86),
    _Family("pad", 60, 84),
    _Family("lead", 58, 80),
    _Family("lead", 57, 81),
    _Family("lead", 65, 91),
    _Family("lead", 60, 84),
    _Family("pad", 60, 84),
    _Family(None, 60, 84),
    _Family("lead", 57, 81),
    _Family("percussion", 60, 84),
    _Family(None, 60, 84),
)
# Programs that are not like their family.
_SINGLE = {
    29: _Family("lead", 55, 81),
    30: _Family("chords", 55, 79),
    41: _Family("lead", 55, 79),
    42: _Family("lead", 48, 74),
    43: _Family("bass", 28, 50),
    46: _Family("chords", 60, 88),
    47: _Family("bass", 36, 55),
    53: _Family("lead", 58, 79),
    54: _Family("lead", 58, 79),
    55: _Family("chords", 60, 80),
    57: _Family("lead", 48, 72),
    58: _Family("bass", 28, 50),
    61: _Family("chords", 55, 77),
    62: _Family("chords", 55, 77),
    63: _Family("chords", 55, 77),
    66: _Family("lead", 52, 76),
    67: _Family("lead", 45, 69),
    70: _Family("lead", 45, 69),
    90: _Family("chords", 60, 84),
    112: _Family("lead", 72, 96),
    113: _Family("lead", 67, 89),
    114: _Family("lead", 60, 82),
}
_PERCUSSION_PROGRAMS = {115: "woodblock", 116: "tom_low", 117: "tom_low", 118: "tom_low"}
_FULL_ENERGY = 0.6


def choose_players(wishes: Wishes, style: Style, energy: float, rng: Random) -> tuple[Voice, ...]:
    """Seat the band: named instruments first, then whom the style misses, without those the prompt leaves out.

    A second melody instrument answers the lead; a second chord instrument holds pads, or plays the lead where
    nobody else is named for it. `solo` seats only whom the prompt names. A prompt that leaves out all leaves out none.
    """
    seats = _seat_named(wishes.instruments, alone=wishes.solo)
    if not wishes.solo or not seats:
        for role in ("bass", "chords", "lead", "counter", "pad"):
            programs = style.lineup.get(role, ())
            wanted = role != "pad" or (energy >= _FULL_ENERGY and rng.random() < 0.6)
            if programs and wanted and not any(seat.role == role for seat in seats):
                taken = {seat.program for seat in seats}
                fresh = [program for program in programs if program not in taken] or list(programs)
                seats.append(_voice(role, rng.choice(fresh)))
        seats += _drummers(wishes, style, energy, rng)
    elif wishes.drums or wishes.percussion:
        seats += _drummers(wishes, style, energy, rng)
    return tuple(seat for seat in seats if seat.role not in wishes.left_out) or tuple(seats)


def _seat_named(instruments: Sequence[Instrument], *, alone: bool) -> list[Voice]:
    seats: list[Voice] = []
    tuned = [one for one in instruments if _family(one.program).role not in (None, "percussion")]
    liked = [_family(one.program).role for one in tuned]
    for place, one in enumerate(tuned):
        role = liked[place] or "lead"
        taken = {seat.role for seat in seats}
        if role == "pad" and "chords" not in taken and "chords" not in liked:
            role = "chords"
        elif role == "chords" and "chords" in taken:
            role = "pad" if "lead" in taken or "lead" in liked else "lead"
        elif role == "lead" and "lead" in taken:
            role = "counter"
        elif role == "bass" and "bass" in taken:
            continue
        seats.append(_voice(role, one.program))
    if alone and seats and not any(seat.role == "lead" for seat in seats):
        seats.append(_voice("lead", seats[0].program))
    if alone and len(seats) == 1 and liked[0] == "chords":
        seats.append(_voice("chords", seats[0].program))
    return seats


def _drummers(wishes: Wishes, style: Style, energy: float, rng: Random) -> list[Voice]:
    """The kit, and percussion: all that is named, else one or two lines of the style's by the seed."""
    programs = [_PERCUSSION_PROGRAMS.get(one.program) for one in wishes.instruments]
    named = tuple(dict.fromkeys([*wishes.percussion, *(line for line in programs if line)]))
    seats = []
    if wishes.drums or (style.kit and style.drums):
        seats.append(Voice("drums", 0, drums=True))
    own = sorted(style.percussion)
    if named:
        lines = named
    elif style.kit:
        lines = tuple(rng.sample(own, min(len(own), 1 + (energy >= _FULL_ENERGY and rng.random() < 0.5))))
    else:
        lines = tuple(own)
    if lines:
        seats.append(Voice("percussion", 0, drums=True, lines=lines))
    return seats


def _family(program: int) -> _Family:
    return _SINGLE.get(program, _FAMILIES[program // 8])


def _voice(role: Role, program: int) -> Voice:
    family = _family(program)
    if role == "bass":
        return Voice(role, program, low=28, high=47)
    if role in ("chords", "pad"):
        return Voice(role, program, low=48, high=72 if role == "chords" else 79)
    low, high = (family.low, family.high) if family.role != "bass" else (48, 72)
    return Voice(role, program, low=low, high=high)
