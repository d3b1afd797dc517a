"""The styles as data: what styles.toml and words.toml hold, read once, as values."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from bridge.engine.band.request import Role
from bridge.model import TimeSignature

Figures = tuple[str, ...]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of the tables in the files: an unknown key is a mistake in them."""


class Harmony(Table, frozen=True, kw_only=True):
    """Chord progressions in degrees of the scale, of `size` stacked thirds in `voices` voices; or a drone."""

    minor: tuple[tuple[int, ...], ...] = ((1, 6, 3, 7),)
    major: tuple[tuple[int, ...], ...] = ((1, 5, 6, 4),)
    size: int = 3
    voices: int = 4
    drone: bool = False


class Rhythm(Table, frozen=True, kw_only=True):
    """Figures of bass or chords: for a bar of four quarters, and for the pulses of any other bar."""

    bar: Figures
    head: Figures
    back: Figures
    other: Figures


class BassRhythm(Rhythm, frozen=True, kw_only=True):
    """The bass where a style says nothing."""

    bar: Figures = ("1--- ---- 1--- ----",)
    head: Figures = ("1--...", "1-----", "1-.1..")
    back: Figures = ("5-....", "5---..", "1-..a.")
    other: Figures = ("1-....", "..1-..", "......")


class CompRhythm(Rhythm, frozen=True, kw_only=True):
    """The chords where a style says nothing."""

    bar: Figures = ("x--- ---- x--- ----",)
    head: Figures = ("x-----", "x---..", "1-2-3-")
    back: Figures = ("..x-x-", "x-..x-", "4-3-2-")
    other: Figures = ("..x-..", "x-..x.", "2-3-4-")


class Cells(Table, frozen=True, kw_only=True):
    """Drum figures by line for the pulses of bars that are not four quarters."""

    head: dict[str, Figures] = {}
    back: dict[str, Figures] = {}
    other: dict[str, Figures] = {}


class LeadManner(Table, frozen=True, kw_only=True):
    """How a melody is written: notes for each grid step (0 to 1), grid in beats, and its graces."""

    density: float = 0.5
    grid: float = 0.5
    glide: float = 0.0
    ornaments: float = 0.08
    thirds: bool = False


class Style(Table, frozen=True, kw_only=True):
    """One manner of playing."""

    words: tuple[str, ...]
    tempo: tuple[float, float]
    scales: tuple[str, ...]
    energy: float = 0.6
    swing: float = 0.5
    swing_grid: float = 0.25
    metre: TimeSignature = (4, 4)
    groupings: tuple[tuple[int, ...], ...] = ()
    kit: bool = True
    lineup: dict[Role, tuple[int, ...]]
    harmony: Harmony = Harmony()
    drums: dict[str, Figures] = {}
    cells: Cells = Cells()
    percussion: dict[str, Figures] = {}
    bass: BassRhythm = BassRhythm()
    comp: CompRhythm = CompRhythm()
    lead: LeadManner = LeadManner()
    late_ms: dict[str, float] = {}
    levels: dict[Role, float] = {}


class Mood(Table, frozen=True, kw_only=True):
    """What a word of mood does: a scale, shares added to the energy and to the place in the tempo range, a swing."""

    scale: str = ""
    energy: float = 0.0
    tempo: float = 0.0
    swing: float | None = None


class Words(Table, frozen=True, kw_only=True):
    """Moods and percussion by word, and figures of drums and percussion where the style has none."""

    moods: dict[str, Mood]
    percussion: dict[str, tuple[str, ...]]
    figures: dict[str, Figures]
    cells: Cells


DEFAULT_STYLE = "pop"


@cache
def styles() -> dict[str, Style]:
    """All styles by name."""
    return msgspec.convert(_toml("styles.toml"), dict[str, Style])


@cache
def words() -> Words:
    """The words of mood and percussion."""
    return msgspec.convert(_toml("words.toml"), Words)


def _toml(name: str) -> dict[str, object]:
    return tomllib.loads(files("bridge.engine.band").joinpath(name).read_text(encoding="utf-8"))
