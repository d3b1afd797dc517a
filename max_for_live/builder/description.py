"""Reads the description of the patch (patch.toml) into values, refusing whatever it does not know."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from max_for_live.builder.complaint import BuildError

FACE_HEIGHT = 169

_DEVICE_KEYS = {"name", "kind", "width", "minimum_live", "minimum_max", "script", "face", "pedals", "bank"}
_BOX_KEYS = {"object", "at", "rect", "title", "info", "parameter", "attributes", "theme", "colours", "example"}
_PARAMETER_KEYS = {"long", "short", "type", "items", "range", "initial", "visibility"}
_COLOUR_PARTS = 4
_WIRE = re.compile(r"([\w-]+)(?::(\d+))? -> ([\w-]+)(?::(\d+))?")


@dataclass(frozen=True)
class Parameter:
    """What Live knows of a control: `kind` is button, enum, int, float or blob."""

    long_name: str
    short_name: str
    kind: str
    visibility: str
    items: tuple[str, ...] = ()
    range: tuple[float, float] | None = None
    initial: float | None = None


@dataclass(frozen=True)
class Box:
    """One box of the patch.

    `rect` is its place on the face (x, y, width, height in pixels), where it has one; `example` is what a drawing
    shows in it, where that is not its own text.
    """

    name: str
    object_name: str
    words: tuple[str, ...]
    word_attributes: Mapping[str, str]
    at: tuple[float, float]
    rect: tuple[float, float, float, float] | None = None
    title: str = ""
    info: str = ""
    parameter: Parameter | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)
    theme: Mapping[str, str] = field(default_factory=dict)
    colours: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    example: str = ""

    @property
    def is_label(self) -> bool:
        """Whether it only stands there: a word beside a control."""
        return self.object_name == "live.comment" and not self.title


@dataclass(frozen=True)
class Wire:
    """A cord from an outlet to an inlet, both counted from 0."""

    source: str
    outlet: int
    target: str
    inlet: int

    def __str__(self) -> str:
        return f"{self.source}:{self.outlet} -> {self.target}:{self.inlet}"


@dataclass(frozen=True)
class Patch:
    """The whole patch.

    `script` and `face` name the box that runs the script and the one that spreads what it shows; `pedals` the buttons
    that can be mapped; `bank` the parameters on Push; `verbs` what the script may say to a box of the face.
    """

    name: str
    kind: str
    width: int
    minimum_live: str
    minimum_max: str
    script: str
    face: str
    pedals: tuple[str, ...]
    bank: tuple[str, ...]
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    verbs: Mapping[str, tuple[str, ...]]

    def box(self, name: str) -> Box:
        """The box of this name.

        Raises:
            BuildError: there is none.
        """
        for box in self.boxes:
            if box.name == name:
                return box
        raise BuildError(f"there is no box {name!r}, and something speaks of it")

    def from_port(self, source: str, outlet: int) -> tuple[Wire, ...]:
        """The wires that leave an outlet."""
        return tuple(wire for wire in self.wires if (wire.source, wire.outlet) == (source, outlet))


def read_patch(path: Path) -> Patch:
    """Read patch.toml.

    Raises:
        BuildError: the file cannot be read, or holds an unknown or missing key or a value of the wrong kind.
    """
    return parse_patch(load_toml(path))


def parse_patch(data: Mapping[str, Any]) -> Patch:
    """Make the patch of what patch.toml holds."""
    _known("patch.toml", data, {"device", "plumbing", "face", "verbs", "wires"})
    device, plumbing, face, verbs, wires = (
        _table("patch.toml", data, key) for key in ("device", "plumbing", "face", "verbs", "wires")
    )
    _known("device", device, _DEVICE_KEYS)
    if twice := sorted(set(plumbing) & set(face)):
        raise BuildError(f"{twice[0]}: there are two boxes of this name")
    boxes = [_box(name, _table("plumbing", plumbing, name), on_face=False) for name in plumbing]
    boxes += [_box(name, _table("face", face, name), on_face=True) for name in face]
    names = {box.name for box in boxes}
    return Patch(
        name=_text("device", device, "name"),
        kind=_text("device", device, "kind"),
        width=_whole("device", device, "width"),
        minimum_live=_text("device", device, "minimum_live"),
        minimum_max=_text("device", device, "minimum_max"),
        script=_one_of("device", device, "script", names),
        face=_one_of("device", device, "face", names),
        pedals=_texts("device", device, "pedals"),
        bank=_texts("device", device, "bank"),
        boxes=tuple(boxes),
        wires=tuple(_wire(text) for group in wires for text in _texts("wires", wires, group)),
        verbs={name: _texts("verbs", verbs, name) for name in verbs},
    )


def load_toml(path: Path) -> dict[str, Any]:
    """What a TOML file holds."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise BuildError(f"{path}: {problem.strerror}") from problem
    except tomllib.TOMLDecodeError as problem:
        raise BuildError(f"{path.name}: {problem}") from problem


def _box(name: str, row: Mapping[str, Any], *, on_face: bool) -> Box:
    _known(name, row, _BOX_KEYS)
    if on_face != ("rect" in row):
        raise BuildError(f"{name}: boxes of the face have a rect, and no others do")
    object_name, *words = _text(name, row, "object").split(" ")
    plain, word_attributes = _split_words(name, words)
    theme, colours = (_table(name, row, key, default={}) for key in ("theme", "colours"))
    return Box(
        name=name,
        object_name=object_name,
        words=plain,
        word_attributes=word_attributes,
        at=(_numbers(name, row, "at", 2)[0], _numbers(name, row, "at", 2)[1]),
        rect=_rect(name, row) if on_face else None,
        title=_text(name, row, "title", default=""),
        info=_text(name, row, "info", default=""),
        parameter=_parameter(name, _table(name, row, "parameter")) if "parameter" in row else None,
        attributes=_table(name, row, "attributes", default={}),
        theme={key: _text(f"{name}: theme", theme, key) for key in theme},
        colours={key: _numbers(f"{name}: colours", colours, key, _COLOUR_PARTS) for key in colours},
        example=_text(name, row, "example", default=""),
    )


def _split_words(name: str, words: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """The words of a box before its `@attribute value` pairs, and those pairs."""
    first = next((index for index, word in enumerate(words) if word.startswith("@")), len(words))
    pairs = words[first:]
    if len(pairs) % 2 or any(not word.startswith("@") for word in pairs[::2]):
        raise BuildError(f"{name}: write attributes as `@name value`, got {' '.join(pairs)!r}")
    return tuple(words[:first]), {key[1:]: value for key, value in zip(pairs[::2], pairs[1::2], strict=True)}


def _parameter(name: str, row: Mapping[str, Any]) -> Parameter:
    where = f"{name}: parameter"
    _known(where, row, _PARAMETER_KEYS)
    span = _numbers(where, row, "range", 2) if "range" in row else None
    return Parameter(
        long_name=_text(where, row, "long"),
        short_name=_text(where, row, "short"),
        kind=_text(where, row, "type"),
        visibility=_text(where, row, "visibility"),
        items=_texts(where, row, "items") if "items" in row else (),
        range=(span[0], span[1]) if span else None,
        initial=_number(where, row, "initial") if "initial" in row else None,
    )


def _rect(name: str, row: Mapping[str, Any]) -> tuple[float, float, float, float]:
    x, y, width, height = _numbers(name, row, "rect", 4)
    return x, y, width, height


def _wire(text: str) -> Wire:
    match = _WIRE.fullmatch(text)
    if match is None:
        raise BuildError(f'wires: write "box:outlet -> box:inlet", got {text!r}')
    source, outlet, target, inlet = match.groups()
    return Wire(source, int(outlet or 0), target, int(inlet or 0))


def _known(where: str, row: Mapping[str, Any], keys: set[str]) -> None:
    if unknown := sorted(set(row) - keys):
        raise BuildError(f"{where}: there is no key {unknown[0]!r}; known are {', '.join(sorted(keys))}")


def _table(where: str, row: Mapping[str, Any], key: str, default: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    value = row.get(key, default)
    if not isinstance(value, Mapping):
        raise _wrong(where, row, key, "a table")
    return value


def _text(where: str, row: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = row.get(key, default)
    if not isinstance(value, str):
        raise _wrong(where, row, key, "a text")
    return value


def _texts(where: str, row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = row.get(key)
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise _wrong(where, row, key, "a list of texts")
    return tuple(value)


def _one_of(where: str, row: Mapping[str, Any], key: str, names: Set[str]) -> str:
    value = _text(where, row, key)
    if value not in names:
        raise _wrong(where, row, key, "the name of a box")
    return value


def _whole(where: str, row: Mapping[str, Any], key: str) -> int:
    value = _number(where, row, key)
    if not isinstance(value, int):
        raise _wrong(where, row, key, "a whole number")
    return value


def _number(where: str, row: Mapping[str, Any], key: str) -> float:
    value = row.get(key)
    if not _is_number(value):
        raise _wrong(where, row, key, "a number")
    assert isinstance(value, int | float)
    return value


def _numbers(where: str, row: Mapping[str, Any], key: str, count: int) -> tuple[float, ...]:
    value = row.get(key)
    if not isinstance(value, list) or len(value) != count or not all(map(_is_number, value)):
        raise _wrong(where, row, key, f"{count} numbers")
    return tuple(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _wrong(where: str, row: Mapping[str, Any], key: str, wanted: str) -> BuildError:
    return BuildError(
        f"{where}: {key} must be {wanted}, got {row[key]!r}" if key in row else f"{where}: {key} is missing"
    )
