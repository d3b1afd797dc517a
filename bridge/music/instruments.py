"""Instruments: what a track's name means, and the names of General MIDI's programs (data in instruments.toml)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from bridge.model import Value


class Instrument(Value, frozen=True, kw_only=True):
    """An instrument: its General MIDI program (0 for drums), what a prompt calls it, and its family."""

    program: int
    drums: bool
    name: str
    family: str


def program_of(words: str) -> Instrument | None:
    """The instrument that a track's or preset's name speaks of; the longest known phrase wins, then the last.

    Case, plurals, separators and numbers behind a word do not matter; None when nothing is known.
    """
    table = _table().words
    tokens = _tokens(words)
    for length in range(min(_table().longest, len(tokens)), 0, -1):
        for start in range(len(tokens) - length, -1, -1):
            found = _find(tokens[start : start + length], table)
            if found is not None:
                return found
    return None


def instruments_in(text: str) -> tuple[Instrument, ...]:
    """All instruments that a text speaks of, in its order and each once; a comma parts two names."""
    found: dict[Instrument, None] = {}
    for piece in re.split(r"[,;:/|+&()]+", text):
        tokens = _tokens(piece)
        while tokens:
            lengths = range(min(_table().longest, len(tokens)), 0, -1)
            length, instrument = next(
                ((length, known) for length in lengths if (known := _find(tokens[:length], _table().words))), (1, None)
            )
            if instrument is not None:
                found[instrument] = None
            tokens = tokens[length:]
    return tuple(found)


def family_of(program: int) -> str:
    """The family of a program (0 to 127), such as "reed"."""
    return _table().programs[program].family


def instrument_of(program: int) -> Instrument:
    """The instrument that a program (0 to 127) stands for."""
    return _table().programs[program]


def names_no_instrument(words: str) -> bool:
    """Whether a device's name is only that of a sampler, synthesiser or rack that can sound like anything."""
    tokens = [token for token in _tokens(words) if not token.isdigit()]
    return not tokens or " ".join(tokens) in _table().hosts or " ".join(_tokens(words)) in _table().hosts


class _Table(NamedTuple):
    programs: tuple[Instrument, ...]
    words: Mapping[str, Instrument]
    longest: int
    hosts: frozenset[str]


@cache
def _table() -> _Table:
    data = tomllib.loads(Path(__file__).with_name("instruments.toml").read_text(encoding="utf-8"))
    programs = tuple(
        Instrument(program=number, drums=False, name=row["name"], family=data["families"][number // 8])
        for number, row in enumerate(data["programs"])
    )
    drums = [Instrument(program=0, drums=True, name=row["name"], family="drums") for row in data["drums"]]
    rows = zip([*programs, *drums], [*data["programs"], *data["drums"]], strict=True)
    words = {word: instrument for instrument, row in rows for word in row["words"]}
    gm_names = (" ".join(_tokens(row["gm"])) for row in data["programs"])
    words = dict(zip(gm_names, programs, strict=True)) | words
    return _Table(programs, words, max(len(word.split()) for word in words), frozenset(data["hosts"]))


def _tokens(words: str) -> list[str]:
    """Lower-case words and numbers; "RhodesStage" and "Gtr1" come apart at the seams."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words)
    return re.findall(r"[^\W_]+", apart.lower())


def _find(tokens: list[str], table: Mapping[str, Instrument]) -> Instrument | None:
    phrase = " ".join(tokens)
    bare = re.sub(r"(?<=[^\W\d])\d{1,2}$", "", phrase)
    for form in dict.fromkeys((phrase, bare, *(_singular(word) for word in (phrase, bare)))):
        if form in table:
            return table[form]
    return None


def _singular(phrase: str) -> str:
    return phrase[:-2] if phrase.endswith(("ses", "shes")) else phrase.removesuffix("s")
