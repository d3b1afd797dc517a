"""The scales that have a name, Live's own 35 first, each with its steps and the plain word that comes nearest."""

from __future__ import annotations

from typing import NamedTuple


class Scale(NamedTuple):
    """`intervals` in semitones from the tonic; `plain` is what most people, and music models, would call it."""

    name: str
    intervals: tuple[int, ...]
    plain: str


SCALES: dict[str, Scale] = {
    scale.name: scale
    for scale in (
        Scale("major", (0, 2, 4, 5, 7, 9, 11), "major"),
        Scale("minor", (0, 2, 3, 5, 7, 8, 10), "minor"),
        Scale("dorian", (0, 2, 3, 5, 7, 9, 10), "dorian"),
        Scale("mixolydian", (0, 2, 4, 5, 7, 9, 10), "mixolydian"),
        Scale("lydian", (0, 2, 4, 6, 7, 9, 11), "lydian"),
        Scale("phrygian", (0, 1, 3, 5, 7, 8, 10), "phrygian"),
        Scale("locrian", (0, 1, 3, 5, 6, 8, 10), "locrian"),
        Scale("whole tone", (0, 2, 4, 6, 8, 10), "whole tone"),
        Scale("half-whole dim.", (0, 1, 3, 4, 6, 7, 9, 10), "diminished"),
        Scale("whole-half dim.", (0, 2, 3, 5, 6, 8, 9, 11), "diminished"),
        Scale("minor blues", (0, 3, 5, 6, 7, 10), "minor"),
        Scale("minor pentatonic", (0, 3, 5, 7, 10), "minor"),
        Scale("major pentatonic", (0, 2, 4, 7, 9), "major"),
        Scale("harmonic minor", (0, 2, 3, 5, 7, 8, 11), "minor"),
        Scale("harmonic major", (0, 2, 4, 5, 7, 8, 11), "major"),
        Scale("dorian #4", (0, 2, 3, 6, 7, 9, 10), "dorian"),
        Scale("phrygian dominant", (0, 1, 4, 5, 7, 8, 10), "phrygian"),
        Scale("melodic minor", (0, 2, 3, 5, 7, 9, 11), "minor"),
        Scale("lydian augmented", (0, 2, 4, 6, 8, 9, 11), "lydian"),
        Scale("lydian dominant", (0, 2, 4, 6, 7, 9, 10), "lydian"),
        Scale("super locrian", (0, 1, 3, 4, 6, 8, 10), "locrian"),
        Scale("8-tone spanish", (0, 1, 3, 4, 5, 6, 8, 10), "phrygian"),
        Scale("bhairav", (0, 1, 4, 5, 7, 8, 11), "major"),
        Scale("hungarian minor", (0, 2, 3, 6, 7, 8, 11), "minor"),
        Scale("hirajoshi", (0, 2, 3, 7, 8), "minor"),
        Scale("in-sen", (0, 1, 5, 7, 10), "minor"),
        Scale("iwato", (0, 1, 5, 6, 10), "locrian"),
        Scale("kumoi", (0, 2, 3, 7, 9), "minor"),
        Scale("pelog selisir", (0, 1, 3, 7, 8), "phrygian"),
        Scale("pelog tembung", (0, 1, 5, 7, 8), "phrygian"),
        Scale("messiaen 3", (0, 2, 3, 4, 6, 7, 8, 10, 11), "major"),
        Scale("messiaen 4", (0, 1, 2, 5, 6, 7, 8, 11), "major"),
        Scale("messiaen 5", (0, 1, 5, 6, 7, 11), "major"),
        Scale("messiaen 6", (0, 2, 4, 5, 6, 8, 10, 11), "major"),
        Scale("messiaen 7", (0, 1, 2, 3, 5, 6, 7, 8, 9, 11), "minor"),
        Scale("chinese", (0, 4, 6, 7, 11), "major"),
        Scale("major blues", (0, 2, 3, 4, 7, 9), "major"),
        Scale("chromatic", tuple(range(12)), "major"),
    )
}

ALIASES: dict[str, str] = {
    "": "major",
    "maj": "major",
    "ionian": "major",
    "m": "minor",
    "min": "minor",
    "mi": "minor",
    "aeolian": "minor",
    "natural minor": "minor",
    "dor": "dorian",
    "phr": "phrygian",
    "lyd": "lydian",
    "mix": "mixolydian",
    "mixo": "mixolydian",
    "loc": "locrian",
    "wholetone": "whole tone",
    "half-whole": "half-whole dim.",
    "half-whole dim": "half-whole dim.",
    "half-whole diminished": "half-whole dim.",
    "whole-half": "whole-half dim.",
    "whole-half dim": "whole-half dim.",
    "whole-half diminished": "whole-half dim.",
    "diminished": "whole-half dim.",
    "blues": "minor blues",
    "pentatonic": "major pentatonic",
    "pentatonic major": "major pentatonic",
    "pentatonic minor": "minor pentatonic",
    "harm minor": "harmonic minor",
    "dorian sharp 4": "dorian #4",
    "ukrainian dorian": "dorian #4",
    "acoustic": "lydian dominant",
    "altered": "super locrian",
    "spanish": "8-tone spanish",
    "double harmonic": "bhairav",
    "double harmonic major": "bhairav",
    "byzantine": "bhairav",
    "insen": "in-sen",
    "pelog": "pelog selisir",
}


def scale_named(label: str) -> Scale | None:
    """Find a scale by any of its names, whatever their case and spacing."""
    name = " ".join(label.replace("_", " ").lower().split())
    return SCALES.get(ALIASES.get(name, name))


def nearest_scale(intervals: tuple[int, ...]) -> Scale:
    """The named scale with the most steps in common; the earlier, more usual one where two are as near."""
    steps = {interval % 12 for interval in intervals} | {0}
    return min(SCALES.values(), key=lambda scale: len(steps ^ set(scale.intervals)))
