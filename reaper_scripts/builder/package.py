"""Reads the package: the header of its main script, held against the files that lie in its folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bridge import __version__
from reaper_scripts.builder.complaint import PackageError
from reaper_scripts.builder.header import Header, Part, read_header, read_tags

FOLDER = Path(__file__).parent.parent / "daw-bridge"
MAIN = "daw-bridge_Watcher.lua"

_BAD_NAME = re.compile(
    r'.*[*\\:<>?/|"\x00-\x1f\x7f].*|[. ].*|.*[. ]|(clock\$|con|prn|aux|nul|com\d|lpt\d)(\..*)?', re.IGNORECASE
)


@dataclass(frozen=True)
class Package:
    """The package as it is offered: `files` by their names below the folder, the main script first."""

    name: str
    header: Header
    files: dict[str, Part]


def read_package(folder: Path = FOLDER, version: str = __version__) -> Package:
    """Read and check the package of a folder.

    Raises:
        PackageError: header and files do not go together; the text says which and what to do.
    """
    texts = {name: _text(folder, name) for name in _names(folder)}
    if MAIN not in texts:
        raise PackageError(f"{MAIN} is not in {folder}; it is the script whose header makes the package.")
    header = read_header(texts[MAIN], MAIN)
    if header.version != version:
        raise PackageError(f"{MAIN}: @version is {header.version}, but daw-bridge is {version}; make them the same.")
    for name in texts:
        for part in name.split("/"):
            if _BAD_NAME.fullmatch(part):
                raise PackageError(f"{name} has a name that not every system can keep; rename {part}.")
    files = _provided(header, list(texts))
    for name, text in texts.items():
        if name not in files:
            raise PackageError(f"{name} is not provided, so nobody would get it; add it to @provides of {MAIN}.")
        if name != MAIN and name.endswith(".lua") and read_tags(text, name).get("noindex") != "":
            raise PackageError(f"{name} would be a package of its own; begin it with a line `-- @noindex`.")
    return Package(folder.name, header, files)


def _names(folder: Path) -> list[str]:
    """Every file of the folder but hidden ones, and the note that an install writes."""
    paths = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    hidden = [path for path in paths if any(part.startswith(".") for part in path.parts)]
    return [path.as_posix() for path in paths if path not in hidden and path.name != "installed.json"]


def _text(folder: Path, name: str) -> str:
    try:
        text = (folder / name).read_bytes().decode()
    except UnicodeDecodeError as problem:
        raise PackageError(f"{name} is not UTF-8 text; save it as UTF-8.") from problem
    if text.startswith("\ufeff"):
        raise PackageError(f"{name} begins with a byte order mark, which Lua does not read; save it without.")
    return text


def _provided(header: Header, names: list[str]) -> dict[str, Part]:
    """What the lines of @provides name; a main script that no line names is provided as it is."""
    files: dict[str, Part] = {}
    for line in header.provides:
        pattern = re.compile(_expression(MAIN if line.pattern == "." else line.pattern))
        found = [name for name in names if pattern.fullmatch(name)]
        if not found:
            raise PackageError(f"{MAIN}: @provides {line.pattern} names no file that is there; correct it.")
        for name in found:
            if name in files:
                raise PackageError(f"{MAIN}: {name} is provided twice; narrow @provides {line.pattern}.")
            files[name] = line.part
    if files.get(MAIN) == "nomain":
        raise PackageError(f"{MAIN}: it is the package itself and must be [main] in its own @provides.")
    return {MAIN: "main", **files}


def _expression(pattern: str) -> str:
    """A pattern as a regular expression: `*` and `?` stay within a folder, `**/` goes through any folders below."""
    words = {"**/": "(?:[^/]+/)*", "*": "[^/]*", "?": "[^/]"}
    return "".join(words.get(word) or re.escape(word) for word in re.split(r"(\*\*/|\*|\?)", pattern))
