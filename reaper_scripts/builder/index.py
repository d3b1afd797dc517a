"""Writes the index of the package in ReaPack's format, the same to the byte for the same sources."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from string import Formatter
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape, quoteattr

from reaper_scripts.builder.complaint import PackageError
from reaper_scripts.builder.package import MAIN, Package
from reaper_scripts.builder.rtf import rich_text

REPOSITORY = "daw-bridge"
_IN_THE_REPOSITORY = "reaper_scripts"
_FIELDS = ("commit", "path")
_COMMIT = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")
_ADDRESS = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")


def index_xml(package: Package, url: str, commit: str, time: str = "") -> bytes:
    """The index of one version; `url` says where a file is, with {commit} and {path}; `time` is ISO 8601 or empty.

    Raises:
        PackageError: an address could not be made of these.
    """
    check_address(url, commit)
    header = package.header
    version = f'<version name="{header.version}" author={_attribute(header.author)}{_time(time)}>'
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<index version="1" name="{REPOSITORY}" commit="{commit}">',
        f"  <category name={_attribute(package.name)}>",
        f'    <reapack name="{MAIN}" type="script" desc={_attribute(header.description)}>',
        "      <metadata>",
        f"        <description>{_block(rich_text(header.about))}</description>",
        *(f'        <link rel="website" href={_attribute(to)}>{escape(words)}</link>' for words, to in header.links),
        "      </metadata>",
        f"      {version}",
        f"        <changelog>{_block(header.changelog)}</changelog>",
        *(f"        {_source(package, name, url, commit)}" for name in package.files),
        "      </version>",
        "    </reapack>",
        "  </category>",
        "</index>",
    ]
    return "\n".join((*lines, "")).encode()


def check_address(url: str, commit: str) -> None:
    """See that addresses of files can be made.

    Raises:
        PackageError: the template or the commit cannot be used.
    """
    try:
        fields = {name for _, name, _, _ in Formatter().parse(url) if name is not None}
    except ValueError as problem:
        raise PackageError(f"--url {url} has a brace too many; it takes {{commit}} and {{path}}.") from problem
    if fields != set(_FIELDS):
        raise PackageError(f"--url {url} must hold {{commit}} and {{path}}, and no other field in braces.")
    if not _COMMIT.fullmatch(commit):
        raise PackageError(f"--commit {commit} is no commit and no tag; give the one whose files shall be fetched.")
    address = url.format(commit=commit, path="path")
    if urlsplit(address).scheme != "https" or not urlsplit(address).hostname or not _ADDRESS.fullmatch(address):
        raise PackageError(f"--url {url} is no address that begins with https://; ReaPack would not fetch it safely.")


def _source(package: Package, name: str, url: str, commit: str) -> str:
    path = "/".join((_IN_THE_REPOSITORY, package.name, name))
    address = escape(url.format(commit=commit, path=quote(path)))
    main = ' main="main"' if package.files[name] == "main" else ""
    file = "" if name == MAIN else f" file={_attribute(name)}"
    return f"<source{main}{file}>{address}</source>"


def _time(text: str) -> str:
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise PackageError(f"--time {text} is no time; write it as 2026-03-01T12:00:00Z.") from problem
    if moment.tzinfo is None:
        raise PackageError(f"--time {text} does not say its zone; write it as 2026-03-01T12:00:00Z.")
    return f' time="{moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}"'


def _attribute(text: str) -> str:
    return quoteattr(_plain(text))


def _block(text: str) -> str:
    """A text as it is. ReaPack reads its first piece only, so that it must not be cut."""
    if "]]>" in text:
        raise PackageError("]]> cannot stand in @about or @changelog; write it another way.")
    return f"<![CDATA[{_plain(text)}]]>"


def _plain(text: str) -> str:
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]", text):
        raise PackageError(f"There is a control character in {text!r}; take it out.")
    return text
