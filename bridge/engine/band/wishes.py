"""Reading the prompt like a session player: style, instruments, tempo, key, metre, mood, and what to leave out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bridge.engine.band.request import Role
from bridge.engine.band.styles import DEFAULT_STYLE, Mood, styles, words
from bridge.errors import BadTrigger
from bridge.model import Key, TimeSignature
from bridge.music.instruments import Instrument, instruments_in
from bridge.music.keys import read_key

_MODES = r"major|minor|maj|min|dorian|phrygian|lydian|mixolydian|locrian|aeolian|ionian"
_KINDS = rf"(?:(?:harmonic|melodic|natural)\s+minor|(?:{_MODES})(?:\s+(?:pentatonic|blues))?|blues|pentatonic)"
_ACCIDENTAL = r"(?:\s?[#♯♭]|b|[\s-]?(?:sharp|flat))?"
_KEYS = (
    re.compile(rf"(?<![A-Za-z0-9#])([A-Ga-g]{_ACCIDENTAL})[\s-]+({_KINDS})\b", re.IGNORECASE),
    re.compile(r"(?<![A-Za-z0-9#])([A-G][#♯♭b]?)(m|min|maj)(?![A-Za-z0-9])"),
    re.compile(rf"\b(?:in|key(?:\s+of)?:?)\s+([A-G]{_ACCIDENTAL})()(?![A-Za-z0-9#'])"),
    re.compile(r"(?<![A-Za-z0-9#])([A-G][#♯♭b])()(?![A-Za-z0-9#])"),
)
_TEMPI = re.compile(
    r"(?<![\d.])(\d{2,3}(?:\.\d+)?)\s*-?\s*(?:bpm|beats per minute)\b|\b(?:bpm|tempo)\s*[:=]?\s*(\d{2,3}(?:\.\d+)?)",
    re.IGNORECASE,
)
_METRE = re.compile(r"(?<![\d/])(\d{1,2})\s?/\s?(2|4|8|16)(?![\d/])")
_GROUPING = re.compile(r"(?<![\d+])(\d(?:\s?\+\s?\d)+)(?![\d+])")
_WITHOUT = re.compile(
    r"\b(?:no|without|minus)\s+(?:any\s+)?([a-z' -]+?)(?=\s+(?:and|or|but|with)\b|[,.;!]|$)", re.IGNORECASE
)
_DRUMLESS = re.compile(r"\b(?:drumless|beatless)\b", re.IGNORECASE)
_SOLO = re.compile(r"\b(?:solo|unaccompanied|a cappella)\b", re.IGNORECASE)
_SLOWEST_BPM, _FASTEST_BPM = 30.0, 300.0
_MAX_NUMERATOR = 32
_DENOMINATORS: dict[int, Literal[2, 4, 8, 16]] = {2: 2, 4: 4, 8: 8, 16: 16}
_LEFT_OUT: dict[str, tuple[Role, ...]] = {
    "drums": ("drums", "percussion"),
    "drum": ("drums", "percussion"),
    "beat": ("drums", "percussion"),
    "beats": ("drums", "percussion"),
    "kit": ("drums",),
    "percussion": ("percussion", "drums"),
    "bass": ("bass",),
    "chords": ("chords", "pad"),
    "pads": ("pad",),
    "lead": ("lead", "counter"),
    "melody": ("lead", "counter"),
}


@dataclass(frozen=True)
class Wishes:
    """What the prompt says; None and empty where it says nothing."""

    style: str
    instruments: tuple[Instrument, ...]
    percussion: tuple[str, ...]
    drums: bool
    bpm: float | None
    key: Key | None
    metre: TimeSignature | None
    grouping: tuple[int, ...]
    moods: tuple[Mood, ...]
    left_out: frozenset[Role]
    solo: bool


def read_prompt(prompt: str) -> Wishes:
    """Take from the prompt all that a player understands; the rest of its words harm nothing."""
    text, key = _take_key(" ".join(prompt.split()))
    left_out, text = _take_left_out(text)
    lowered = " " + re.sub(r"[^\w&+#/-]+", " ", text.lower()) + " "
    style, phrase = _find_style(lowered)
    table = words()
    percussion = [line for word, lines in table.percussion.items() if f" {word} " in lowered for line in lines]
    named = re.sub(rf"\b{re.escape(phrase)}\b", ",", text, flags=re.IGNORECASE) if " " in phrase else text
    found = instruments_in(named)
    metre, grouping = _find_metre(text)
    return Wishes(
        style=style,
        instruments=tuple(instrument for instrument in found if not instrument.drums),
        percussion=tuple(dict.fromkeys(percussion)),
        drums=any(instrument.drums and instrument.name != "percussion" for instrument in found),
        bpm=_find_bpm(text),
        key=key,
        metre=metre,
        grouping=grouping,
        moods=tuple(mood for word, mood in table.moods.items() if f" {word} " in lowered),
        left_out=left_out,
        solo=bool(_SOLO.search(text)),
    )


def _take_key(text: str) -> tuple[str, Key | None]:
    """The key, the fullest spelling first and of equals the last, and the text without it."""
    for pattern in _KEYS:
        for found in reversed(list(pattern.finditer(text))):
            if found[1] == "a" and found[2].lower() not in ("minor", "major", "dorian"):
                continue
            try:
                key = read_key(" ".join(f"{found[1]} {found[2]}".replace("-", " ").split()))
            except BadTrigger:
                continue
            return f"{text[: found.start()]}, {text[found.end() :]}", key
    return text, None


def _take_left_out(text: str) -> tuple[frozenset[Role], str]:
    """The roles that should be silent, and the text without the words that say so."""
    phrases = [found[1].lower() for found in _WITHOUT.finditer(text)]
    roles = {role for phrase in phrases for word in phrase.split() for role in _LEFT_OUT.get(word, ())}
    if _DRUMLESS.search(text):
        roles |= {"drums", "percussion"}
    return frozenset(roles), _DRUMLESS.sub(",", _WITHOUT.sub(",", text))


def _find_style(lowered: str) -> tuple[str, str]:
    """The style whose phrase has the most words; of equals the one named last."""
    plain = lowered.replace("-", " ")
    best = (0, -1, DEFAULT_STYLE, "")
    for name, style in styles().items():
        for phrase in style.words:
            at = max(lowered.rfind(f" {phrase} "), plain.rfind(f" {phrase} "))
            if at >= 0:
                best = max(best, (len(phrase.split()), at, name, phrase))
    return best[2], best[3]


def _find_bpm(text: str) -> float | None:
    bpms = [float(found[1] or found[2]) for found in _TEMPI.finditer(text)]
    usable = [bpm for bpm in bpms if _SLOWEST_BPM <= bpm <= _FASTEST_BPM]
    return usable[-1] if usable else None


def _find_metre(text: str) -> tuple[TimeSignature | None, tuple[int, ...]]:
    """Time signature and grouping; a grouping without a metre is counted in eighths."""
    metres = [(int(found[1]), int(found[2])) for found in _METRE.finditer(text)]
    metre = next((metre for metre in reversed(metres) if 1 <= metre[0] <= _MAX_NUMERATOR), None)
    if metre is None and re.search(r"\bwaltz\b", text, re.IGNORECASE):
        metre = (3, 4)
    grouping: tuple[int, ...] = ()
    for found in _GROUPING.finditer(text):
        grouping = tuple(int(number) for number in re.findall(r"\d", found[1]) if number != "0")
    if metre is None and grouping:
        metre = (sum(grouping), 8)
    if metre is None:
        return None, ()
    return (metre[0], _DENOMINATORS[metre[1]]), grouping if sum(grouping) == metre[0] else ()
