"""XML from strangers, told element by element: flat memory, bounded depth, no document types and no entities."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn
from xml.parsers import expat

from bridge.projects.strange import StrangeFile

Opened = Callable[[Sequence[str], Mapping[str, str]], None]
Closed = Callable[[Sequence[str]], None]

_CHUNK_BYTES = 64 * 1024
_MAX_DEPTH = 500
_MAX_TAGS = 8_000_000
_MAX_TAG_BYTES = 4 * 1024 * 1024
_MAX_KINDS = 50_000


def walk(read: Callable[[int], bytes], opened: Mapping[str, Opened], closed: Mapping[str, Closed]) -> None:
    """Call what is `opened` by an element's name with the names from the root to it and its attributes, then `closed`.

    Raises:
        StrangeFile: it has a document type or entities, or is over a limit.
        ExpatError, ValueError, LookupError: it is no XML, or in an encoding that nobody knows.
    """
    names: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        names.append(name)
        if name in opened:
            opened[name](names, attributes)
        if len(names) > _MAX_DEPTH:
            raise StrangeFile("its elements lie too deep in each other")

    def end(name: str) -> None:
        if name in closed:
            closed[name](names)
        names.pop()

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    fed = tags = 0
    while chunk := read(_CHUNK_BYTES):
        parser.Parse(chunk, False)
        fed += len(chunk)
        tags += chunk.count(b"<")
        # expat holds a tag until it is whole, and every kind of element until the end.
        if tags > _MAX_TAGS or fed - parser.CurrentByteIndex > _MAX_TAG_BYTES or len(parser.intern) > _MAX_KINDS:
            raise StrangeFile("it holds more than a project can hold")
    parser.Parse(b"", True)


def _refuse(*_: object) -> NoReturn:
    raise StrangeFile("it has a document type, which no project has")
