"""Checks each box by itself: its object, its words and its attributes. Max would ignore what is wrong with them."""

from __future__ import annotations

from max_for_live.builder.bundle import Script
from max_for_live.builder.complaint import BuildError
from max_for_live.builder.description import Box, Patch
from max_for_live.builder.objects import ObjectKind, Objects, ports_of


def check_boxes(patch: Patch, objects: Objects, script: Script) -> None:
    """Refuse unknown objects, attributes and colours, and boxes with too few or too many words."""
    for box in patch.boxes:
        kind = objects.kind(box)
        _check_words(box, kind)
        _check_attributes(box, kind)
        _check_colours(box, kind, objects)
        ports_of(box, objects, script)
    running = [box.name for box in patch.boxes if objects.kind(box).ports == "script"]
    if running != [patch.script]:
        raise BuildError(f"{patch.script}: one box runs the script, and here are {', '.join(running) or 'none'}")


def _check_words(box: Box, kind: ObjectKind) -> None:
    fewest, most = kind.words
    if not fewest <= len(box.words) <= most:
        raise BuildError(f"{box.name}: {kind.name} takes {fewest} to {most} words, got {len(box.words)}")


def _check_attributes(box: Box, kind: ObjectKind) -> None:
    given = {**box.attributes, **{name: _read(text) for name, text in box.word_attributes.items()}}
    for name, value in given.items():
        if name not in kind.attributes:
            raise BuildError(f"{box.name}: {kind.name} has no attribute {name!r} in objects.toml")
        allowed = kind.attributes[name]
        if not _fits(value, allowed):
            raise BuildError(f"{box.name}: {name} must be {_wanted(allowed)}, got {value!r}")


def _check_colours(box: Box, kind: ObjectKind, objects: Objects) -> None:
    for name in (*box.theme, *box.colours):
        if name not in kind.colours:
            raise BuildError(f"{box.name}: {kind.name} has no colour {name!r} in objects.toml")
    for name, value in box.theme.items():
        if value not in objects.theme_colours:
            raise BuildError(f"{box.name}: {name}: Live's themes have no colour {value!r} in objects.toml")
    for name, parts in box.colours.items():
        if not all(0 <= part <= 1 for part in parts):
            raise BuildError(f"{box.name}: {name} must be red, green, blue and opacity from 0 to 1, got {parts}")


def _read(word: str) -> object:
    """A word of a box as Max reads it: a whole number where it looks like one."""
    return int(word) if word.lstrip("-").isdigit() else word


def _fits(value: object, allowed: object) -> bool:
    if isinstance(allowed, list):
        return not isinstance(value, bool) and value in allowed
    kinds = {"int": int, "float": float, "text": str}
    return isinstance(value, kinds[str(allowed)]) and not isinstance(value, bool)


def _wanted(allowed: object) -> str:
    return f"one of {', '.join(map(str, allowed))}" if isinstance(allowed, list) else f"of kind {allowed}"
