"""Keys: every usual spelling read, written with the fewest accidentals, and found in notes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from bridge.errors import BadTrigger
from bridge.model import Key, KeyNumbers, Note
from bridge.music.scales import SCALES, Scale, nearest_scale, scale_named

# Temperley's profiles from the Kostka-Payne corpus (Music and Probability, 2007), from the tonic up.
PROFILES: dict[str, tuple[float, ...]] = {
    "major": (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400),
    "minor": (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330),
}

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_FIFTHS = ("Fb", "Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#")
_HOME_OF_FIFTHS = _FIFTHS.index("C")

# How many sharps a mode has more than the major scale on the same tonic.
_MODE_SHARPS = {"major": 0, "minor": -3, "dorian": -2, "mixolydian": -1, "lydian": 1, "phrygian": -4, "locrian": -5}

_KEY_TEXT = (
    re.compile(r"(?P<letter>[A-G])[\s-]*(?P<sign>[#♯b♭]|(?:sharp|flat)(?![a-z]))[\s_-]*(?P<scale>.*)", re.I | re.S),
    re.compile(r"(?P<letter>[A-G])(?P<sign>)[\s_-]*(?P<scale>.*)", re.I | re.S),
)
_SIGNS = {"": "", "#": "#", "♯": "#", "sharp": "#", "b": "b", "♭": "b", "flat": "b"}
_WHEEL_TEXT = re.compile(r"(?P<hour>[1-9]|1[0-2])(?P<side>[ABab])")

_LONGEST_NOTE_BEATS = 4.0
_SHORTEST_NOTE_BEATS = 0.05
_LEAST_PITCH_CLASSES = 3
_LEAST_CORRELATION = 0.6
_LEAST_GAP = 0.08
_SURE_GAP = 0.35
_LAST_BASS_BONUS = 0.12
_FIRST_BASS_BONUS = 0.03
_LAST_TOP_BONUS = 0.10


def read_key(value: KeyNumbers | str) -> Key:
    """Read a key as a DAW counts it or as people write it; the tonic's spelling stays.

    Without a scale the key is major; `M` is major and `m` minor; `8A` is read as the DJs' wheel of keys.

    Raises:
        BadTrigger: it is no key; the text names music.key.
    """
    if isinstance(value, KeyNumbers):
        return _key_of_numbers(value)
    text = value.strip()
    wheel = _WHEEL_TEXT.fullmatch(text)
    if wheel is not None:
        return _key_on_wheel(int(wheel["hour"]), wheel["side"].upper())
    for pattern in _KEY_TEXT:
        found = pattern.fullmatch(text)
        scale = _scale_labelled(found["scale"]) if found else None
        if found is not None and scale is not None:
            tonic = found["letter"].upper() + _SIGNS[found["sign"].lower()]
            return Key(tonic=tonic, root=_root_of(tonic), scale=scale.name, intervals=scale.intervals)
    raise BadTrigger(f'music.key "{value[:80]}" is no key that can be read; write it like "G# minor" or "D dorian".')


def key_text(key: Key | None) -> str | None:
    """Write a key as it is told back: tonic, space, scale in lower case; None when unknown."""
    return None if key is None else f"{key.tonic} {key.scale.lower()}"


def plain_key_text(key: Key) -> str:
    """Write a key in words that everybody knows: an exotic scale by the common one that comes nearest."""
    return f"{key.tonic} {nearest_scale(key.intervals).plain}"


def spell_root(root: int, scale: str) -> str:
    """Name the tonic (0 is C) so that the scale's signature has the fewest accidentals; of two the more usual."""
    known = scale_named(scale) or SCALES["major"]
    sharps = _MODE_SHARPS[_mode_of(known.plain)]
    candidates = [place for place, tonic in enumerate(_FIFTHS) if _root_of(tonic) == root % 12]

    def cost(place: int) -> tuple[int, int, int]:
        of_tonic = place - _HOME_OF_FIFTHS
        return abs(of_tonic + sharps), abs(of_tonic), -of_tonic

    return _FIFTHS[min(candidates, key=cost)]


def key_of_root(root: int, scale: str) -> Key:
    """The key on a root (0 is C) of a scale known by name, spelled with the fewest accidentals."""
    tonic = spell_root(root, scale)
    return Key(tonic=tonic, root=root % 12, scale=scale, intervals=SCALES[scale].intervals)


def key_in_notes(notes: Sequence[Note]) -> tuple[Key, float] | None:
    """Find the key of pitched notes, and how sure that is (0 to 1); None when unsure. Leave drums out beforehand.

    The weight of each pitch class (duration, velocity a little) is correlated with the 24 major and minor
    profiles; the bass at both ends and the last note add to their tonics, which decides between relatives.
    """
    heard = [note for note in notes if not note.muted]
    weights = _pitch_class_weights(heard)
    if sum(weight > 0 for weight in weights) < _LEAST_PITCH_CLASSES:
        return None
    bonus = _tonic_bonus(heard)
    ranking = sorted(
        (
            (_correlation(weights, _rotated(profile, root)) + bonus[root], root, scale)
            for scale, profile in PROFILES.items()
            for root in range(12)
        ),
        reverse=True,
    )
    (best, root, scale), (second, _, _) = ranking[:2]
    gap = best - second
    if best - bonus[root] < _LEAST_CORRELATION or gap < _LEAST_GAP:
        return None
    return key_of_root(root, scale), min(gap / _SURE_GAP, 1.0)


def _key_of_numbers(numbers: KeyNumbers) -> Key:
    named = scale_named(numbers.scale)
    if numbers.intervals:
        if named is None or set(named.intervals) != set(numbers.intervals):
            named = nearest_scale(numbers.intervals)
        intervals = tuple(sorted({*numbers.intervals, 0}))
    elif named is not None:
        intervals = named.intervals
    else:
        raise BadTrigger(
            f'music.key has the scale "{numbers.scale[:80]}", which is not known; '
            "send its intervals too, or leave the key out."
        )
    return Key(tonic=spell_root(numbers.root, named.name), root=numbers.root, scale=named.name, intervals=intervals)


def _scale_labelled(label: str) -> Scale | None:
    text = label.strip()
    return SCALES["major"] if text == "M" else scale_named(text)


def _key_on_wheel(hour: int, side: str) -> Key:
    major_root = 7 * (hour - 8) % 12
    return key_of_root(major_root, "major") if side == "B" else key_of_root(major_root - 3, "minor")


def _root_of(tonic: str) -> int:
    return (_LETTERS[tonic[0]] + {"#": 1, "b": -1, "": 0}[tonic[1:]]) % 12


def _mode_of(plain: str) -> str:
    return plain if plain in _MODE_SHARPS else "minor" if plain == "diminished" else "major"


def _pitch_class_weights(notes: Sequence[Note]) -> list[float]:
    weights = [0.0] * 12
    for note in notes:
        length = min(max(note.duration, _SHORTEST_NOTE_BEATS), _LONGEST_NOTE_BEATS)
        weights[note.pitch % 12] += length * (0.75 + 0.25 * note.velocity / 127)
    return weights


def _tonic_bonus(notes: Sequence[Note]) -> list[float]:
    """What the first bass note, the last one and the last note on top say for each pitch class as tonic."""
    bonus = [0.0] * 12
    first, last = (edge(note.start for note in notes) for edge in (min, max))
    bonus[min(note.pitch for note in notes if note.start == first) % 12] += _FIRST_BASS_BONUS
    at_end = [note.pitch for note in notes if note.start == last or note.start + note.duration > last + 1e-6]
    bonus[min(at_end) % 12] += _LAST_BASS_BONUS
    bonus[max(at_end) % 12] += _LAST_TOP_BONUS
    return bonus


def _rotated(profile: Sequence[float], root: int) -> list[float]:
    return [profile[(pitch_class - root) % 12] for pitch_class in range(12)]


def _correlation(left: Sequence[float], right: Sequence[float]) -> float:
    left_mean, right_mean = sum(left) / len(left), sum(right) / len(right)
    product = sum((a - left_mean) * (b - right_mean) for a, b in zip(left, right, strict=True))
    power = sum((a - left_mean) ** 2 for a in left) * sum((b - right_mean) ** 2 for b in right)
    return product / math.sqrt(power) if power > 0 else 0.0
