"""Figures: the written rhythms of the styles, laid over a bar's pulses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from bridge.engine.band.plan import Bar

STEP_BEATS = 0.25
_STEPS_A_BAR = 16
_REST, _HELD = ".", "-"
_ACCENTS = {2: 8.0, 1: 4.0, 0: 1.0}


@dataclass(frozen=True)
class Hit:
    """One stroke of a figure: its sign, when it begins in the song and how long it is held, and its accent."""

    sign: str
    start: float
    beats: float
    accent: float


def read_figure(bar: Bar, figure: str, cells: Mapping[str, str]) -> list[Hit]:
    """Lay a figure over a bar: the whole one where the bar is of four quarters, else a cell for each pulse."""
    signs = _square_signs(bar, figure) if bar.square and figure else _cell_signs(bar, cells)
    accents = {round(pulse.start / STEP_BEATS): _ACCENTS[pulse.strength] for pulse in bar.pulses}
    hits: list[Hit] = []
    for step, sign in enumerate(signs):
        start = bar.start + step * STEP_BEATS
        length = min(STEP_BEATS, bar.end - start)
        if length <= 0 or sign == _REST:
            continue
        if sign != _HELD:
            hits.append(Hit(sign, start, length, accents.get(step, -3.0)))
        elif hits and abs(hits[-1].start + hits[-1].beats - start) < 1e-6:
            last = hits.pop()
            hits.append(Hit(last.sign, last.start, last.beats + length, last.accent))
    return hits


def varied(figure: str, rng: Random, amount: float, signs: str) -> str:
    """The seed's own version of a figure: strokes moved, left out, or given another sign of `signs`.

    What opens the figure or a bar of it, and what is accented (`X`), stays; `amount` is the share that changes.
    """
    written = figure.replace(" ", "")
    strokes = {step: sign for step, sign in enumerate(written) if sign not in (_REST, _HELD)}
    free = [step for step, sign in strokes.items() if sign != "X" and step % _STEPS_A_BAR]
    for step in free:
        if rng.random() >= amount:
            continue
        sign = strokes.pop(step)
        target = step + rng.choice((-2, -1, 1, 2))
        if signs and rng.random() < 0.5:
            strokes[step] = rng.choice(signs)
        elif 0 < target < len(written) and target not in strokes:
            strokes[target] = sign
        elif len(strokes) < 2:
            strokes[step] = sign
    held = written.count(_HELD) >= len(written) / 4
    shown = [strokes.get(step, _REST) for step in range(len(written))]
    for step in range(1, len(shown)):
        lasting = held and (written[step] == _HELD or written[step - 1] == _HELD)
        if shown[step] == _REST and shown[step - 1] != _REST and lasting:
            shown[step] = _HELD
    return "".join(shown)


def _square_signs(bar: Bar, figure: str) -> str:
    written = figure.replace(" ", "")
    written += _REST * (-len(written) % _STEPS_A_BAR)
    offset = bar.place * _STEPS_A_BAR % len(written)
    return (written + written)[offset : offset + _STEPS_A_BAR]


def _cell_signs(bar: Bar, cells: Mapping[str, str]) -> str:
    signs = ""
    for pulse in bar.pulses:
        length = round((pulse.start + pulse.beats) / STEP_BEATS) - len(signs)
        cell = cells.get(pulse.kind, "").replace(" ", "")
        signs += cell[:length].ljust(length, _HELD if cell.endswith(_HELD) else _REST)
    return signs
