"""Checks where the wires lead: from all that speaks to the script, and from the script to what it speaks to."""

from __future__ import annotations

import re
from collections.abc import Callable

from max_for_live.builder.bundle import Script
from max_for_live.builder.complaint import BuildError
from max_for_live.builder.description import Box, Patch, Wire
from max_for_live.builder.objects import Objects, ports_of

_SPEAKERS = ("live.thisdevice", "udpreceive", "pattr", "dspstate~")
_OF_SCRIPT = ("udpsend", "udpreceive", "route", "pattr")
_PASS_ON = ("deferlow", "trigger", "prepend", "message", "route", "dspstate~")
_SOUND_IN, _SOUND_OUT = "plugin~", "plugout~"


def check_ways(patch: Patch, objects: Objects, script: Script) -> None:
    """Refuse boxes that nothing reaches or that lead nowhere, words of others, and ways that are not put off."""
    _check_sound(patch, objects)
    _check_outlets_of_script(patch)
    for box in patch.boxes:
        if box.object_name in _SPEAKERS or _is_control(box):
            _check_way_to_script(patch, box)
    _check_ways_of_face(patch)
    for box in patch.boxes:
        _check_ends(patch, box, objects, script)


def _check_sound(patch: Patch, objects: Objects) -> None:
    ends = [[box.name for box in patch.boxes if box.object_name == name] for name in (_SOUND_IN, _SOUND_OUT)]
    if [len(names) for names in ends] != [1, 1]:
        raise BuildError(f"wires: sound goes from one {_SOUND_IN} to one {_SOUND_OUT}")
    for channel in range(len(objects.kinds[_SOUND_IN].outlets)):
        _demand(patch, Wire(ends[0][0], channel, ends[1][0], channel))


def _check_outlets_of_script(patch: Patch) -> None:
    for outlet, wanted in enumerate(_OF_SCRIPT):
        targets = [patch.box(wire.target) for wire in patch.from_port(patch.script, outlet)]
        if [box.object_name for box in targets] != [wanted]:
            raise BuildError(f"{patch.script}: outlet {outlet} leads to the {wanted}; wire it to that")
        if wanted == "route" and targets[0].name != patch.face:
            raise BuildError(f"{patch.script}: outlet {outlet} leads to {patch.face}; wire it to that")


def _check_ends(patch: Patch, box: Box, objects: Objects, script: Script) -> None:
    """What passes words on is fed and leads on from each outlet, but for what the face does not know."""
    if box.object_name in (*_PASS_ON, "udpsend") and not any(wire.target == box.name for wire in patch.wires):
        raise BuildError(f"{box.name}: no wire leads to it")
    if box.object_name not in _PASS_ON or box.object_name == "dspstate~":
        return
    count = len(ports_of(box, objects, script).outlets) - (box.name == patch.face)
    for outlet in range(count):
        if not patch.from_port(box.name, outlet):
            raise BuildError(f"{box.name}: outlet {outlet} leads nowhere")


def _check_way_to_script(patch: Patch, box: Box) -> None:
    says = {wire.source for wire in _way(patch, box.name, _ends_way) if wire.target == patch.script}
    if not says:
        raise BuildError(f"{box.name}: what it says does not reach {patch.script}")
    if _is_control(box):
        own = re.sub(r"(?<=\D)(?=\d$)", " ", box.name)
        for name in sorted(says):
            if " ".join(patch.box(name).words) != own:
                raise BuildError(
                    f"{name}: what {box.name} says must be {own!r}, got {' '.join(patch.box(name).words)!r}"
                )
    is_from_elsewhere = box.object_name == "live.thisdevice" or box.name in patch.pedals
    at_once = _way(patch, box.name, lambda one: _ends_way(one) or one.object_name == "deferlow")
    if is_from_elsewhere and any(wire.target == patch.script for wire in at_once):
        raise BuildError(f"{box.name}: it may speak from a thread of its own; put a deferlow behind it")


def _check_ways_of_face(patch: Patch) -> None:
    face = patch.box(patch.face)
    for outlet, name in enumerate(face.words):
        shown = set()
        for first in patch.from_port(face.name, outlet):
            rest = [] if _ends_way(patch.box(first.target)) else _way(patch, first.target, _ends_way)
            shown |= {wire.target for wire in (first, *rest) if _ends_way(patch.box(wire.target))}
        if shown != {name}:
            raise BuildError(f"{face.name}: what is shown as {name!r} leads to {', '.join(sorted(shown)) or 'nothing'}")


def _way(patch: Patch, start: str, ends: Callable[[Box], bool]) -> list[Wire]:
    """The wires that what a box says goes along, up to the boxes where its way ends."""
    way: list[Wire] = []
    waiting = [start]
    while waiting:
        name = waiting.pop()
        for wire in patch.wires:
            if wire.source == name and wire not in way:
                way.append(wire)
                if not ends(patch.box(wire.target)):
                    waiting.append(wire.target)
    return way


def _ends_way(box: Box) -> bool:
    return box.object_name not in _PASS_ON


def _is_control(box: Box) -> bool:
    """Whether a person can set or press it."""
    return box.rect is not None and box.parameter is not None and box.attributes.get("ignoreclick") != 1


def _demand(patch: Patch, wire: Wire) -> None:
    if wire not in patch.wires:
        raise BuildError(f"{wire}: this wire is missing")
