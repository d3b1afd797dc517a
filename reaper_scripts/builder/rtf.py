"""Writes the text about a package as ReaPack shows it: a little Markdown becomes Rich Text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_HEAD = r"{\rtf1\ansi\deff0{\fonttbl{\f0 \fswiss Helvetica;}}"
_HEADING = re.compile(r"(#{1,6}) +(.*)")
_BULLET = re.compile(r"[*-] +(.*)")
_SIZES = {1: 36, 2: 32, 3: 28}
_NORMAL = 24


def rich_text(markdown: str) -> str:
    """Headings, bullets and paragraphs; of what stands within a line the marks are left out, and links named."""
    paragraphs = (rf"{{\pard \ql \f0 \sa180 {style} {_escaped(words)}\par}}" for style, words in _blocks(markdown))
    return "\n".join((_HEAD, *paragraphs, "}"))


def _blocks(markdown: str) -> Iterator[tuple[str, str]]:
    """Style and words of each block; lines of one paragraph or bullet are joined."""
    style, words = "", ""
    for line in (*markdown.splitlines(), ""):
        heading, bullet = _HEADING.fullmatch(line.strip()), _BULLET.fullmatch(line.strip())
        if words and (heading or bullet or not line.strip()):
            yield style, words
            words = ""
        if heading:
            yield rf"\li0 \fi0 \b \fs{_SIZES.get(len(heading[1]), _NORMAL)}", heading[2]
        elif bullet:
            style, words = rf"\li360 \fi-360 \fs{_NORMAL}", f"- {bullet[1]}"
        elif line.strip():
            style = style if words else rf"\li0 \fi0 \fs{_NORMAL}"
            words = f"{words} {line.strip()}".strip()


def _escaped(text: str) -> str:
    plain = re.sub(r"\[([^\]]+)\]\(([^)]+)\)", r"\1 (\2)", text)
    plain = re.sub(r"(\*\*|`)(.+?)\1", r"\2", plain)
    return "".join(map(_character, plain))


def _character(character: str) -> str:
    if character in "\\{}":
        return f"\\{character}"
    if character.isascii():
        return character
    units = character.encode("utf-16-le")
    signed = (int.from_bytes(units[at : at + 2], "little", signed=True) for at in range(0, len(units), 2))
    return "".join(rf"\u{unit}?" for unit in signed)
