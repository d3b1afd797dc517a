"""Names: the tempo, key and metre that people write into the names of files and clips."""

from __future__ import annotations

import re
from typing import cast

from bridge.model import FASTEST_BPM, SLOWEST_BPM, Key, TimeSignature, Value
from bridge.music.keys import read_key


class NameFacts(Value, frozen=True, kw_only=True):
    """What a name says; `title` is what is left of it."""

    bpm: float | None = None
    key: Key | None = None
    time_signature: TimeSignature | None = None
    title: str = ""


_MIN_BARE_BPM, _MAX_BARE_BPM = 60.0, 200.0

_START = r"(?<![^\s_\-.,()\[\]{}+&])"
_END = r"(?![^\s_\-.,()\[\]{}+&])"
_GAP = r"[\s_\-]*"
_BPM = re.compile(
    rf"(?<![\d.])(?P<before>\d{{2,3}}(?:[.,]\d{{1,3}})?){_GAP}bpm(?:{_END}|(?-i:(?=[A-G][#♯♭b]?[mM])))"
    rf"|{_START}bpm[\s_\-=:]*(?P<after>\d{{2,3}}(?:[.,]\d{{1,3}})?)(?!\d)",
    re.IGNORECASE,
)
_MODES = "dorian|phrygian|lydian|mixolydian|locrian|(?:harmonic|melodic|natural)[ _]minor"
_WORDS = rf"[Mm]in|[Mm]aj|[Mm]inor|[Mm]ajor|MINOR|MAJOR|(?i:{_MODES})"
_SMALL = "min|maj|minor|major"
_KEY = re.compile(
    rf"{_START}(?:"
    r"[A-G](?:[#♯♭b]|[Ss]harp|[Ff]lat)?(?:m|[Mm]in|MIN|[Mm]aj|MAJ|[Mm]inor|[Mm]ajor)"
    r"|[a-g][#♯](?:m|min|maj|minor|major)"
    rf"|[a-g][#♯b♭][ _\-]?(?:{_SMALL})|[b-g](?:{_SMALL})|[c-g][ _\-](?:{_SMALL})"
    rf"|[A-G](?:[#♯♭b]|[ _\-]?[Ss]harp|[ _\-]?[Ff]lat)?[ _\-](?:{_WORDS})"
    rf"){_END}"
)
_BARE_BEFORE = re.compile(rf"{_START}[(\[]?(?P<bpm>\d{{2,3}}(?:\.\d{{1,2}})?)[\s_\-)\]]+$")
_BARE_AFTER = re.compile(rf"^[\s_\-(\[]+(?P<bpm>\d{{2,3}}(?:\.\d{{1,2}})?){_END}[)\]]?")
_SIGN_WORD = re.compile(r"(sharp|flat)(?=[a-z])", re.IGNORECASE)
_PACK_BPM = re.compile(r"(?:^|_)(?P<bpm>\d{2,3})(?=_|$)")
_GEAR = frozenset({"101", "106", "150", "160", "200"})
_METRE = re.compile(
    rf"{_START}(?<!\d[/_\-.])(?P<above>[2-9]|1[0-9])(?P<between>[/_\-])(?P<below>2|4|8|16)(?![/_\-.]\d){_END}"
    r"(?P<word>[\s_\-]*(?:time(?:[\s_\-]sig(?:nature)?)?|met(?:re|er))(?![^\W\d_]))?",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?:^|[\W_])(?:take|part|pt|vol|no|disc|cd|track|side|version|ver|v|bars?|beats?|steps?|page|day|scene|act|ep)"
    r"[\s_\-.]*$",
    re.IGNORECASE,
)
_IN = re.compile(r"(?:^|[\W_])in[\s_\-]+$", re.IGNORECASE)
_WORD_AFTER = re.compile(r"^[\s_\-]+[^\W\d_]")
_ENGLISH = frozenset({"am", "em", "amin", "a minor", "a major"})


def facts_in_name(stem: str) -> NameFacts:
    """Read tempo, key and metre from a name without its suffix: `Riff 96bpm G#m`, `loop_120_Am`, `Kolo 7-8 140bpm`.

    A number counts as a tempo only with the word bpm, or from 60 to 200 beside a key: right beside it, or, where
    underscores part the name as in sample packs, as the only such number. `7-8` is a metre beside a tempo, after "in"
    or before "time"; `7/8` wherever it does not count takes or parts.
    """
    left, bpm = _take_bpm(stem)
    left, metre = _take_metre(left)
    for found in _KEY.finditer(left):
        before, after = left[: found.start()], left[found.end() :]
        bare_bpm, before, after = _take_bare_bpm(before, after) if bpm is None else (None, before, after)
        if _is_english(found.group(), before, after, beside_tempo=_beside_mark(before, after) or bare_bpm is not None):
            continue
        if bpm is None and bare_bpm is None:
            bare_bpm, before, after = _take_pack_bpm(before, after)
        return NameFacts(
            bpm=bpm or bare_bpm,
            key=read_key(_SIGN_WORD.sub(r"\1 ", found.group().replace("_", " "))),
            time_signature=metre,
            title=_title(f"{before} {_MARK} {after}"),
        )
    return NameFacts(bpm=bpm, time_signature=metre, title=_title(left))


# Stands where a tempo was taken out, so that a key beside it is known for one.
_MARK = "\x00"


def _take_bpm(text: str) -> tuple[str, float | None]:
    for found in _BPM.finditer(text):
        bpm = float((found["before"] or found["after"]).replace(",", "."))
        if SLOWEST_BPM <= bpm <= FASTEST_BPM:
            return f"{text[: found.start()]} {_MARK} {text[found.end() :]}", bpm
    return text, None


def _take_metre(text: str) -> tuple[str, TimeSignature | None]:
    for found in _METRE.finditer(text):
        before, after = text[: found.start()], text[found.end() :]
        told = found["between"] == "/" or found["word"] or _IN.search(before) or _beside_mark(before, after)
        if told and not _COUNTED.search(before):
            return f"{before} {_MARK} {after}", cast("TimeSignature", (int(found["above"]), int(found["below"])))
    return text, None


def _take_bare_bpm(before: str, after: str) -> tuple[float | None, str, str]:
    left, right = _BARE_BEFORE.search(before), _BARE_AFTER.search(after)
    if left is not None and _MIN_BARE_BPM <= float(left["bpm"]) <= _MAX_BARE_BPM:
        return float(left["bpm"]), before[: left.start()], after
    if right is not None and _MIN_BARE_BPM <= float(right["bpm"]) <= _MAX_BARE_BPM:
        return float(right["bpm"]), before, after[right.end() :]
    return None, before, after


def _take_pack_bpm(before: str, after: str) -> tuple[float | None, str, str]:
    """The tempo in a name such as `SO_MX_120_synth_Dm`: its only number that can be one and is no instrument's name."""
    left = [found for found in _PACK_BPM.finditer(before) if _MIN_BARE_BPM <= float(found["bpm"]) <= _MAX_BARE_BPM]
    right = [found for found in _PACK_BPM.finditer(after) if _MIN_BARE_BPM <= float(found["bpm"]) <= _MAX_BARE_BPM]
    if " " in before.strip() + after.strip() or len(left) + len(right) != 1 or (left or right)[0]["bpm"] in _GEAR:
        return None, before, after
    found = (left or right)[0]
    rest = (before if left else after)[: found.start()] + "_" + (before if left else after)[found.end() :]
    return float(found["bpm"]), rest if left else before, after if left else rest


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
