"""Names: the tempo and key that people write into the names of files and clips."""

from __future__ import annotations

import re

from bridge.model import FASTEST_BPM, SLOWEST_BPM, Key, Value
from bridge.music.keys import read_key


class NameFacts(Value, frozen=True, kw_only=True):
    """What a name says; `title` is what is left of it."""

    bpm: float | None = None
    key: Key | None = None
    title: str = ""


_MIN_BARE_BPM, _MAX_BARE_BPM = 60.0, 200.0

_START = r"(?<![^\s_\-.,()\[\]{}+&])"
_END = r"(?![^\s_\-.,()\[\]{}+&])"
_GAP = r"[\s_\-]*"
_BPM = re.compile(
    rf"(?<![\d.])(?P<before>\d{{2,3}}(?:[.,]\d{{1,3}})?){_GAP}bpm{_END}"
    rf"|{_START}bpm[\s_\-=:]*(?P<after>\d{{2,3}}(?:[.,]\d{{1,3}})?)(?!\d)",
    re.IGNORECASE,
)
_MODES = "dorian|phrygian|lydian|mixolydian|locrian|(?:harmonic|melodic|natural)[ _]minor"
_WORDS = rf"[Mm]in|[Mm]aj|[Mm]inor|[Mm]ajor|MINOR|MAJOR|(?i:{_MODES})"
_KEY = re.compile(
    rf"{_START}(?:"
    r"[A-G][#♯♭b]?(?:m|[Mm]in|MIN|[Mm]aj|MAJ|[Mm]inor|[Mm]ajor)"
    r"|[a-g][#♯](?:m|min|maj|minor|major)"
    rf"|[A-G](?:[#♯♭b]|[ _\-]?[Ss]harp|[ _\-]?[Ff]lat)?[ _\-](?:{_WORDS})"
    rf"){_END}"
)
_BARE_BEFORE = re.compile(rf"{_START}(?P<bpm>\d{{2,3}}(?:\.\d{{1,2}})?)[\s_\-]+$")
_BARE_AFTER = re.compile(rf"^[\s_\-]+(?P<bpm>\d{{2,3}}(?:\.\d{{1,2}})?){_END}")
_WORD_AFTER = re.compile(r"^[\s_\-]+[^\W\d_]")
_ENGLISH = frozenset({"am", "em", "amin", "a minor", "a major"})


def facts_in_name(stem: str) -> NameFacts:
    """Read tempo and key from a name without its suffix, such as `Riff 96bpm G#m` or `loop_120_Am`.

    A number counts as a tempo only with the word bpm, or from 60 to 200 right beside a key.
    """
    left, bpm = _take_bpm(stem)
    for found in _KEY.finditer(left):
        before, after = left[: found.start()], left[found.end() :]
        bare_bpm, before, after = _take_bare_bpm(before, after) if bpm is None else (None, before, after)
        if _is_english(found.group(), before, after, beside_tempo=_beside_mark(before, after) or bare_bpm is not None):
            continue
        text = found.group().replace("_", " ")
        return NameFacts(bpm=bpm or bare_bpm, key=read_key(text), title=_title(f"{before} {_MARK} {after}"))
    return NameFacts(bpm=bpm, title=_title(left))


# Stands where a tempo was taken out, so that a key beside it is known for one.
_MARK = "\x00"


def _take_bpm(text: str) -> tuple[str, float | None]:
    for found in _BPM.finditer(text):
        bpm = float((found["before"] or found["after"]).replace(",", "."))
        if SLOWEST_BPM <= bpm <= FASTEST_BPM:
            return f"{text[: found.start()]} {_MARK} {text[found.end() :]}", bpm
    return text, None


def _take_bare_bpm(before: str, after: str) -> tuple[float | None, str, str]:
    left, right = _BARE_BEFORE.search(before), _BARE_AFTER.search(after)
    if left is not None and _MIN_BARE_BPM <= float(left["bpm"]) <= _MAX_BARE_BPM:
        return float(left["bpm"]), before[: left.start()], after
    if right is not None and _MIN_BARE_BPM <= float(right["bpm"]) <= _MAX_BARE_BPM:
        return float(right["bpm"]), before, after[right.end() :]
    return None, before, after


def _beside_mark(before: str, after: str) -> bool:
    return before.rstrip(" _-").endswith(_MARK) or after.lstrip(" _-").startswith(_MARK)


def _is_english(token: str, before: str, after: str, *, beside_tempo: bool) -> bool:
    """Whether `Am` or `A minor` is more likely words of a title than a key."""
    if token.replace("_", " ").lower() not in _ENGLISH:
        return False
    if re.search(r"(?:^|\W)I\s+$", before) or re.match(r"\s+I\b", after):
        return True
    told = bool(re.search(r"[(\[]\s*$|\b(?:in|key)[\s_:=-]*$", before, re.IGNORECASE))
    return not (beside_tempo or told) and _WORD_AFTER.match(after) is not None


def _title(text: str) -> str:
    """What is left around the marks of what was taken out, with spaces for underscores."""
    unbracketed = re.sub(rf"[(\[{{][\s{_MARK}]*[)\]}}]", _MARK, text)
    without = re.sub(rf"[\s_\-,.]*{_MARK}[\s_\-,.{_MARK}]*", " ", unbracketed)
    return " ".join(without.replace("_", " ").split()).strip(" -,.")
