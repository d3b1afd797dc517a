"""Reads an index as ReaPack's own reader does, and refuses what that one would refuse or pass over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from reaper_scripts.builder.complaint import PackageError

_SECTIONS = {"main", "midi_editor", "midi_inlineeditor", "midi_eventlisteditor", "mediaexplorer", "crossfade_editor"}
_RELATIONS = {"website", "donation", "screenshot"}
_KNOWN: dict[str, tuple[set[str], set[str]]] = {
    # element: its attributes, its children
    "index": ({"version", "name", "commit"}, {"category", "metadata"}),
    "category": ({"name"}, {"reapack"}),
    "reapack": ({"name", "type", "desc"}, {"version", "metadata"}),
    "version": ({"name", "author", "time"}, {"changelog", "source"}),
    "metadata": (set(), {"description", "link"}),
    "source": ({"main", "file"}, set()),
    "link": ({"rel", "href"}, set()),
    "changelog": (set(), set()),
    "description": (set(), set()),
}


@dataclass(frozen=True)
class Listed:
    """A file that ReaPack would install: where below the resource path, from where, and whether it is an action."""

    target: str
    url: str
    is_action: bool


def read_index(xml: bytes) -> tuple[Listed, ...]:
    """What ReaPack makes of an index of scripts.

    Raises:
        PackageError: it would be refused, in whole or in part; the text says where.
    """
    # Only the first piece of a text is one that ReaPack sees.
    if re.search(rb"\]\]>(?!</)|[^>]<!\[CDATA\[", xml):
        raise PackageError("A text of the index is cut in two, and ReaPack would read its first part only.")
    try:
        root = ElementTree.fromstring(xml)  # noqa: S314 -- it is the one that we have just written
    except ElementTree.ParseError as problem:
        raise PackageError(f"The index is no XML: {problem}.") from problem
    if root.tag != "index" or root.get("version") != "1":
        raise PackageError('The index does not begin with <index version="1">.')
    _check_known(root)
    name = root.get("name", "")
    if not _is_repository_name(name):
        raise PackageError(f"The index has the name {name!r}, which ReaPack takes for no repository's.")
    listed = tuple(
        one for category in _some(root, "category") for package in _some(category, "reapack")
        for one in _package(name, category, package)
    )  # fmt: skip
    targets = [one.target.lower() for one in listed]
    for target in targets:
        if targets.count(target) > 1:
            raise PackageError(f"{target} would be installed twice, and on some systems one over the other.")
    return listed


def _package(repository: str, category: Element, package: Element) -> list[Listed]:
    name = package.get("name", "")
    if not name or "/" in name or "\\" in name:
        raise PackageError(f"A package has the name {name!r}, which ReaPack refuses.")
    if package.get("type") != "script":
        raise PackageError(f"{name} is of type {package.get('type')!r}; these are scripts.")
    if not category.get("name"):
        raise PackageError(f"{name} is in a category without a name, which ReaPack refuses.")
    for link in package.findall("metadata/link"):
        if link.get("rel") not in _RELATIONS or not link.get("href", "").startswith("http") or not link.text:
            raise PackageError(f"{name} has a link that ReaPack would not show.")
    description = package.findtext("metadata/description", "")
    if description and not (description.startswith("{\\rtf1") and description.endswith("}")):
        raise PackageError(f"The text about {name} is not Rich Text.")
    names = [version.get("name", "") for version in _some(package, "version")]
    if len({tuple(map(_segment, re.findall(r"\d+|[A-Za-z]+", one))) for one in names}) != len(names):
        raise PackageError(f"{name} has a version twice.")
    return [
        one for version in package.findall("version")
        for one in _version(f"Scripts/{repository}/{category.get('name')}", name, version)
    ]  # fmt: skip


def _version(folder: str, package: str, version: Element) -> list[Listed]:
    name = version.get("name", "")
    segments = re.findall(r"\d+|[A-Za-z]+", name)
    if not segments or not segments[0].isdigit() or any(one.isdigit() and int(one) > 65_535 for one in segments):
        raise PackageError(f"{package} has the version {name!r}, which ReaPack refuses.")
    if (time := version.get("time")) is not None:
        try:
            # More after the seconds is needed: ReaPack leaves out a time that its reader reads to the very end.
            datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007 -- only its form is looked at
        except ValueError as problem:
            raise PackageError(f"{package} {name} has the time {time!r}, which ReaPack does not read.") from problem
    found = [_source(folder, package, source) for source in _some(version, "source")]
    if not found[0].is_action or found[0].target != f"{folder}/{package}":
        raise PackageError(f"{package} {name} does not begin with the package's own file as an action.")
    return found


def _source(folder: str, package: str, source: Element) -> Listed:
    file, url, main = source.get("file", package), source.text or "", source.get("main", "")
    parts = file.split("/")
    if "\\" in file or any(part in {"", ".", ".."} for part in parts):
        raise PackageError(f"{file} would be installed outside its folder, or under another name.")
    address = urlsplit(url)
    if address.scheme != "https" or not address.hostname or not url.isascii() or url != url.strip() or " " in url:
        raise PackageError(f"{file} is to come from {url!r}, which is no https address.")
    if re.search(r"%(?![0-9A-Fa-f]{2})", url) or not unquote(address.path).endswith(f"/{file}"):
        raise PackageError(f"{file} is to come from {url}, which is not the address of that file.")
    if set(main.split()) - _SECTIONS:
        raise PackageError(f"{file} is to be an action of {main!r}, which is no list of REAPER's.")
    return Listed(f"{folder}/{file}", url, bool(main))


def _check_known(element: Element) -> None:
    if element.tag not in _KNOWN:
        raise PackageError(f"<{element.tag}> is no element of an index.")
    attributes, children = _KNOWN[element.tag]
    for attribute in set(element.keys()) - attributes:
        raise PackageError(f"<{element.tag}> has no attribute {attribute}.")
    for child in element:
        if child.tag not in children:
            raise PackageError(f"<{child.tag}> cannot stand in <{element.tag}>.")
        _check_known(child)


def _some(parent: Element, tag: str) -> list[Element]:
    """Its children of a kind. ReaPack passes over a parent without any, in silence."""
    found = parent.findall(tag)
    if not found:
        raise PackageError(f"<{parent.tag}> holds no <{tag}>, so that ReaPack would pass over it.")
    return found


def _is_repository_name(name: str) -> bool:
    usual = re.fullmatch(r'[^*\\:<>?/|"\x00-\x1f\x7f]+', name)
    return bool(usual) and not re.fullmatch(r"[. ].*|.+[. ]|clock\$|com\d|lpt\d", name, re.IGNORECASE)


def _segment(text: str) -> int | str:
    return int(text) if text.isdigit() else text
