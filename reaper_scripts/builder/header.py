"""Reads the header that makes a script a package: tags in the comment that opens it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from reaper_scripts.builder.complaint import PackageError

Part = Literal["main", "nomain"]

_TAG = re.compile(r"-- @(\w+)(?: +(.*))?")
_MORE = re.compile(r"--  +(.*)")
_PROVIDES = re.compile(r"\[ *([^\]]*?) *\] *(.+)")
_NEEDED = ("description", "version", "author", "about", "changelog", "provides")
_ONE_LINE = ("description", "version", "author")
_KNOWN = (*_NEEDED, "link")
_MOST_SEGMENT = 65_535


@dataclass(frozen=True)
class Provided:
    """One line of @provides: files by a pattern, each an action of its own (`main`) or not."""

    part: Part
    pattern: str


@dataclass(frozen=True)
class Header:
    """What a package says of itself."""

    description: str
    version: str
    author: str
    about: str
    changelog: str
    provides: tuple[Provided, ...]
    links: tuple[tuple[str, str], ...]


def read_header(text: str, name: str) -> Header:
    """The header of a script; `name` is for complaints.

    Raises:
        PackageError: a tag is missing, unknown, said twice, or cannot be used.
    """
    tags = read_tags(text, name)
    for tag in tags:
        if tag not in _KNOWN:
            raise PackageError(
                f"{name}: @{tag} is no tag of this package; use {', '.join(f'@{one}' for one in _KNOWN)}."
            )
    for tag in _NEEDED:
        if not tags.get(tag):
            raise PackageError(f"{name}: @{tag} is missing or empty; write it into the comment at the top.")
    for tag in _ONE_LINE:
        if "\n" in tags[tag]:
            raise PackageError(f"{name}: @{tag} goes over more than one line; shorten it to one.")
    return Header(
        description=tags["description"],
        version=_version(tags["version"], name),
        author=tags["author"],
        about=tags["about"],
        changelog=tags["changelog"],
        provides=tuple(_provided(line, name) for line in tags["provides"].splitlines() if line.strip()),
        links=tuple(_link(line, name) for line in tags.get("link", "").splitlines() if line.strip()),
    )


def read_tags(text: str, name: str) -> dict[str, str]:
    """The tags of the comment that opens a file, up to its first line of another kind.

    A value goes on over the lines below its tag that are indented alike; a bare `--` in between is an empty line.

    Raises:
        PackageError: a tag is said twice, or its lines are not indented alike.
    """
    tags: dict[str, str] = {}
    open_tag, indent, empty = "", "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("--"):
            break
        if match := _TAG.fullmatch(line.rstrip()):
            open_tag, indent, empty = match[1].lower(), "", 0
            if open_tag in tags:
                raise PackageError(f"{name}, line {number}: @{open_tag} is said twice; keep one.")
            tags[open_tag] = match[2] or ""
        elif open_tag and line.rstrip() == "--":
            empty += 1
        elif open_tag and _MORE.fullmatch(line):
            more = line.rstrip()[3:]
            indent = indent or more[: len(more) - len(more.lstrip())]
            if not more.startswith(indent):
                raise PackageError(f"{name}, line {number}: indent it as the lines above, which belong to @{open_tag}.")
            breaks = "\n" * (empty + 1) if tags[open_tag] else ""
            tags[open_tag], empty = tags[open_tag] + breaks + more[len(indent) :], 0
        else:
            open_tag = ""
    return tags


def _version(text: str, name: str) -> str:
    if not re.fullmatch(r"\d[0-9A-Za-z.+-]*", text):
        raise PackageError(f"{name}: @version {text} is none that ReaPack reads; begin with a digit, such as 1.0.2.")
    for number in re.findall(r"\d+", text):
        if int(number) > _MOST_SEGMENT:
            raise PackageError(f"{name}: @version {text} has a number over {_MOST_SEGMENT}, which ReaPack cannot hold.")
    return text


def _provided(line: str, name: str) -> Provided:
    match = _PROVIDES.fullmatch(line.strip())
    if not match:
        raise PackageError(f"{name}: @provides {line.strip()} does not begin with [main] or [nomain]; write one first.")
    part, pattern = match.groups()
    if part not in ("main", "nomain"):
        raise PackageError(f"{name}: @provides [{part}] is not used here; write [main] or [nomain].")
    if re.search(r"[\[\]{}\\>]|://|^/|(^|/)\.\.?(/|$)", pattern) and pattern != ".":
        raise PackageError(f"{name}: @provides {pattern} is not plain; name files in the folder, with * and ? at most.")
    return Provided("main" if part == "main" else "nomain", pattern)


def _link(line: str, name: str) -> tuple[str, str]:
    """A label and an address; the address is the label where there is none."""
    label, _, address = line.strip().rpartition(" ")
    if not address.startswith("https://"):
        raise PackageError(f"{name}: @link {line.strip()} does not end in an address that begins with https://.")
    return label.strip() or address, address
