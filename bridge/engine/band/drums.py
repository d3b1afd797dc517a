"""Drums and percussion: the style's figures by line, fills at the end of a phrase, or the groove that was heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from bridge.engine.band.brief import Brief
from bridge.engine.band.figures import STEP_BEATS, read_figure, varied
from bridge.engine.band.plan import Bar
from bridge.engine.band.request import Part, PartNote, Voice
from bridge.engine.band.styles import DEFAULT_STYLE, Figures, styles, words

KEYS = {
    "kick": 36,
    "rim": 37,
    "snare": 38,
    "clap": 39,
    "hat": 42,
    "pedal_hat": 44,
    "open_hat": 46,
    "tom_low": 45,
    "tom_mid": 47,
    "tom_high": 50,
    "crash": 49,
    "ride": 51,
    "tambourine": 54,
    "cowbell": 56,
    "bongo_high": 60,
    "bongo_low": 61,
    "conga_high": 63,
    "conga_low": 64,
    "tabla_high": 60,
    "tabla_low": 64,
    "timbale": 65,
    "shaker": 70,
    "claves": 75,
    "woodblock": 76,
    "triangle": 81,
}
_VELOCITIES = {"X": 108.0, "x": 88.0, "o": 46.0}
_SOFT = {"hat": -14.0, "shaker": -22.0, "tambourine": -18.0, "ride": -10.0, "triangle": -20.0, "open_hat": -12.0}
_FILL_LINES = (
    ("snare", "snare", "tom_high", "tom_high", "tom_mid", "tom_mid", "tom_low", "tom_low"),
    ("snare", "tom_high", "snare", "tom_mid", "snare", "tom_low", "snare", "kick"),
    ("snare",) * 8,
    ("tom_high", "kick", "tom_mid", "kick", "tom_low", "kick", "snare", "snare"),
)
_HAND_LINES = frozenset({"conga_high", "conga_low", "bongo_high", "bongo_low", "tabla_high", "tabla_low", "timbale"})
_THROUGH_FILLS = frozenset({"kick", "hat", "ride", "shaker", "clap"})
_CRASHING_ENERGY = 0.55
_FILLING_ENERGY = 0.45


def play_kit(brief: Brief, voice: Voice, bars: Sequence[Bar]) -> Part:
    """The drum kit over all bars: one figure a line for the piece, with ghosts, fills and a crash after them."""
    if brief.groove:
        return Part(voice, _fills_only(brief, bars, brief.groove), own_timing=True)
    rng = brief.random("drums")
    written_for = brief.style.drums or styles()[DEFAULT_STYLE].drums
    lines = {line: _own(rng.choice(figures), line, rng) for line, figures in sorted(written_for.items())}
    cells = {kind: _cells(brief, kind, rng) for kind in ("head", "back", "other")}
    every = sorted({*lines, *(line for cell in cells.values() for line in cell)})
    chance = brief.random("drums", of_section=True)
    fill = rng.choice(_FILL_LINES)
    notes: list[PartNote] = []
    for bar in bars:
        fill_from = _fill_start(brief, bar)
        for line in every:
            if line in lines or not bar.square:
                written = {kind: cell.get(line, "") for kind, cell in cells.items()}
                for note in _line_notes(bar, line, lines.get(line, ""), written):
                    if note.start < fill_from or line in _THROUGH_FILLS:
                        notes.append(note)
        notes += _fill(bar, fill_from, fill, chance)
        if bar.place == 0 and bar.index > 0 and brief.energy >= _CRASHING_ENERGY:
            notes.append(PartNote(bar.start, 1.0, KEYS["crash"], 84))
        notes += _ghosts(brief, bar, chance, "snare" if "snare" in every else "rim")
    return Part(voice, _tidy(notes))


def play_percussion(brief: Brief, voice: Voice, bars: Sequence[Bar]) -> Part:
    """The hand drums and shakers; they too play more at the end of a phrase."""
    rng = brief.random("percussion")
    chance = brief.random("percussion", of_section=True)
    own, spare = brief.style.percussion, words().figures
    figures = {line: _own(rng.choice(own.get(line) or spare[line]), line, rng) for line in voice.lines}
    notes: list[PartNote] = []
    for bar in bars:
        for line, figure in figures.items():
            cut = figure.replace(" ", "").ljust(8, ".")
            cells = {"head": cut[:6], "other": cut[2:8], "back": cut[4:].ljust(6, ".")[:6]}
            notes += _line_notes(bar, line, figure, cells)
            if bar.closes_phrase and line in _HAND_LINES:
                notes += _roll(bar, line, chance)
    return Part(voice, _tidy(notes))


def kick_starts(notes: Sequence[PartNote]) -> tuple[float, ...]:
    """When the kick is struck."""
    return tuple(note.start for note in notes if note.pitch in (35, 36))


def _cells(brief: Brief, kind: str, rng: Random) -> dict[str, str]:
    own: Mapping[str, Figures] = getattr(brief.style.cells, kind) or getattr(words().cells, kind)
    return {line: _own(rng.choice(figures), line, rng) for line, figures in sorted(own.items())}


def _own(figure: str, line: str, rng: Random) -> str:
    """The seed's version of a line's figure; the kick is changed least."""
    return varied(figure, rng, 0.3 if line == "kick" else 0.45, "xo" if line != "kick" else "")


def _line_notes(bar: Bar, line: str, figure: str, cells: Mapping[str, str]) -> list[PartNote]:
    key, soft = KEYS[line], _SOFT.get(line, 0.0)
    return [
        PartNote(hit.start, hit.beats, key, _VELOCITIES[hit.sign] + soft + hit.accent)
        for hit in read_figure(bar, figure, cells)
        if hit.sign in _VELOCITIES
    ]


def _fill_start(brief: Brief, bar: Bar) -> float:
    """Where the fill of a closing bar begins: half a bar when there is much energy, else its last beat."""
    if not bar.closes_phrase:
        return bar.end
    span = min(2.0 if brief.energy >= _FILLING_ENERGY else 1.0, bar.beats / 2)
    return bar.end - round(span / STEP_BEATS) * STEP_BEATS


def _fill(bar: Bar, start: float, lines: Sequence[str], chance: Random) -> list[PartNote]:
    steps = round((bar.end - start) / STEP_BEATS)
    notes = []
    for step in range(steps):
        if step % 2 == 0 or chance.random() < 0.85:
            line = lines[min(step * len(lines) // max(steps, 1), len(lines) - 1)]
            velocity = 66 + 34 * (step + 1) / steps
            notes.append(PartNote(start + step * STEP_BEATS, STEP_BEATS, KEYS[line], velocity))
    return notes


def _roll(bar: Bar, line: str, chance: Random) -> list[PartNote]:
    start = bar.end - min(1.0, bar.beats / 2)
    steps = [start + step * STEP_BEATS for step in range(round((bar.end - start) / STEP_BEATS))]
    return [
        PartNote(step, STEP_BEATS, KEYS[line], 70 + 6 * place)
        for place, step in enumerate(steps)
        if chance.random() < 0.75
    ]


def _ghosts(brief: Brief, bar: Bar, chance: Random, line: str) -> list[PartNote]:
    """Now and then a very soft stroke off the beat, so that no two bars are the same."""
    steps = range(1, round(bar.beats / STEP_BEATS), 2)
    likely = 0.08 * brief.energy + 0.02
    return [
        PartNote(bar.start + step * STEP_BEATS, STEP_BEATS, KEYS[line], 32 + 8 * chance.random())
        for step in steps
        if chance.random() < likely
    ]


def _fills_only(brief: Brief, bars: Sequence[Bar], groove: Sequence[PartNote]) -> tuple[PartNote, ...]:
    """The groove that was heard, its own drums, with a fill where a phrase ends."""
    chance = brief.random("drums", of_section=True)
    lines = chance.choice(_FILL_LINES)
    notes = list(groove)
    for bar in bars:
        if bar.closes_phrase:
            notes += _fill(bar, _fill_start(brief, bar), lines, chance)
    return _tidy(notes)


def _tidy(notes: Sequence[PartNote]) -> tuple[PartNote, ...]:
    """In order, and of two strokes on one drum at one time only the louder."""
    loudest: dict[tuple[int, int], PartNote] = {}
    for note in notes:
        place = (round(note.start * 24), note.pitch)
        if place not in loudest or loudest[place].velocity < note.velocity:
            loudest[place] = note
    return tuple(sorted(loudest.values(), key=lambda note: (note.start, note.pitch)))
