"""Reads the table of Max objects that the patch may use (objects.toml), and says what ports a box has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from max_for_live.builder.bundle import Script
from max_for_live.builder.complaint import BuildError
from max_for_live.builder.description import Box, load_toml

_TRIGGER_TYPES = {"b": "bang", "bang": "bang", "i": "int", "int": "int", "f": "float", "float": "float"}
_TRIGGER_TYPES |= {"l": "", "list": "", "s": "", "symbol": ""}


@dataclass(frozen=True)
class ObjectKind:
    """One row of the table; `ports` is trigger, route or script where a box's words decide on its ports."""

    name: str
    is_own_class: bool
    inlets: int
    outlets: tuple[str, ...]
    ports: str
    words: tuple[int, int]
    parameters: tuple[str, ...]
    attributes: Mapping[str, object]
    colours: tuple[str, ...]

    @property
    def takes_signals(self) -> bool:
        """Whether its inlets are for sound alone."""
        return bool(self.outlets) and all(outlet == "signal" for outlet in self.outlets)


@dataclass(frozen=True)
class Objects:
    """The whole table, with the names of Live's theme colours."""

    kinds: Mapping[str, ObjectKind]
    theme_colours: tuple[str, ...]

    def kind(self, box: Box) -> ObjectKind:
        """The row of a box's object.

        Raises:
            BuildError: the table has no such object.
        """
        if box.object_name not in self.kinds:
            raise BuildError(f"{box.name}: there is no object {box.object_name!r} in objects.toml")
        return self.kinds[box.object_name]


@dataclass(frozen=True)
class Ports:
    """How many inlets a box has, and what each of its outlets sends ("" for any message)."""

    inlets: int
    outlets: tuple[str, ...]


def read_objects(path: Path) -> Objects:
    """Read objects.toml."""
    data = load_toml(path)
    common = data["common"]
    kinds = {
        name: ObjectKind(
            name=name,
            is_own_class=row.get("box", False),
            inlets=row.get("inlets", 0),
            outlets=tuple(row.get("outlets", ())),
            ports=row.get("ports", ""),
            words=tuple(row.get("words", (0, 0))),
            parameters=tuple(row.get("parameters", ())),
            attributes={**common["attributes"], **row.get("attributes", {})},
            colours=tuple(row.get("colours", ())),
        )
        for name, row in data["object"].items()
    }
    return Objects(kinds, tuple(common["theme_colours"]))


def ports_of(box: Box, objects: Objects, script: Script) -> Ports:
    """The ports of a box, counted as Max does."""
    kind = objects.kind(box)
    if kind.ports == "trigger":
        unknown = [word for word in box.words if word not in _TRIGGER_TYPES]
        if unknown:
            raise BuildError(f"{box.name}: trigger has no output {unknown[0]!r}")
        return Ports(1, tuple(_TRIGGER_TYPES[word] for word in box.words))
    if kind.ports == "route":
        return Ports(len(box.words) + 1, ("",) * (len(box.words) + 1))
    if kind.ports == "script":
        return Ports(script.inlets, ("",) * script.outlets)
    return Ports(kind.inlets, kind.outlets)
