"""Turns the patch and its script into the JSON that Max reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from max_for_live.builder.bundle import Script
from max_for_live.builder.container import FIXED_TIME, KINDS
from max_for_live.builder.description import FACE_HEIGHT, Box, Parameter, Patch
from max_for_live.builder.objects import ObjectKind, Objects, ports_of

BANK_SIZE = 8
PARAMETER_TYPES = {"float": 0, "int": 1, "enum": 2, "button": 2, "blob": 3}
VISIBILITIES = {"automated": 0, "stored": 1, "hidden": 2}
BUTTON_ITEMS = ("off", "on")

_UNIT_STYLES = {"int": 0, "float": 1}
_GRID = 8.0
_WIDEST_BOX = 104.0
_BOX_HEIGHT = 22.0
_LETTER_WIDTH = 6.0


def device_json(patch: Patch, objects: Objects, script: Script) -> str:
    """The device's JSON, tab-indented as Max saves it."""
    return json.dumps({"patcher": _patcher(patch, objects, script)}, indent="\t", ensure_ascii=False) + "\n"


def _patcher(patch: Patch, objects: Objects, script: Script) -> dict[str, Any]:
    ids = {box.name: f"obj-{number}" for number, box in enumerate(patch.boxes, start=1)}
    return {
        "fileversion": 1,
        "appversion": {"major": 9, "minor": 0, "revision": 10, "architecture": "x64", "modernui": 1},
        "classnamespace": "box",
        "rect": [64.0, 96.0, 1280.0, 720.0],
        "openrect": [0.0, 0.0, float(patch.width), float(FACE_HEIGHT)],
        "openinpresentation": 1,
        "default_fontsize": 10.0,
        "default_fontname": "Ableton Sans Medium",
        "gridsize": [_GRID, _GRID],
        "boxanimatetime": 500,
        "boxes": [{"box": _box(box, ids, patch, objects, script)} for box in patch.boxes],
        "lines": [
            {"patchline": {"source": [ids[w.source], w.outlet], "destination": [ids[w.target], w.inlet]}}
            for w in patch.wires
        ],
        "parameters": _registry(patch, ids),
        "dependency_cache": [{"name": script.name, "bootpath": ".", "type": "TEXT", "implicit": 1}],
        "latency": 0,
        "is_mpe": 0,
        "external_mpe_tuning_enabled": 0,
        "minimum_live_version": patch.minimum_live,
        "minimum_max_version": patch.minimum_max,
        "platform_compatibility": 0,
        "project": _project(patch),
        "autosave": 0,
        "saved_attribute_attributes": {"default_plcolor": {"expression": ""}},
    }


def _box(box: Box, ids: Mapping[str, str], patch: Patch, objects: Objects, script: Script) -> dict[str, Any]:
    kind = objects.kind(box)
    ports = ports_of(box, objects, script)
    entry: dict[str, Any] = {
        "id": ids[box.name],
        "maxclass": kind.name if kind.is_own_class else "newobj",
        "numinlets": ports.inlets,
        "numoutlets": len(ports.outlets),
    }
    if ports.outlets:
        entry["outlettype"] = list(ports.outlets)
    entry |= box.attributes
    entry |= _text(box, kind, script)
    if box.name == patch.script:
        entry |= _script_keys(script)
    entry["patching_rect"] = _patching_rect(box, str(entry.get("text", "")))
    if box.rect is not None:
        entry |= {"presentation": 1, "presentation_rect": [float(value) for value in box.rect]}
        if box.title:
            entry |= {"annotation": box.info, "annotation_name": box.title}
    entry |= _parameter_keys(box, kind)
    entry["varname"] = box.name
    return entry


def _text(box: Box, kind: ObjectKind, script: Script) -> dict[str, str]:
    """What stands in a box that is typed; boxes with a class of their own keep their text as an attribute."""
    if kind.is_own_class:
        return {"text": " ".join(box.words)} if box.words else {}
    words = [script.name] if kind.ports == "script" else list(box.words)
    pairs = [f"@{key} {value}" for key, value in box.word_attributes.items()]
    return {"text": " ".join([kind.name, *words, *pairs])}


def _script_keys(script: Script) -> dict[str, Any]:
    return {
        "filename": script.name,
        "saved_object_attributes": {"parameter_enable": 0},
        "textfile": {"filename": script.name, "flags": 0, "embed": 0, "autowatch": 1},
    }


def _patching_rect(box: Box, text: str) -> list[float]:
    if box.rect is None:
        return [*map(float, box.at), max(40.0, _LETTER_WIDTH * len(text) + 2 * _GRID), _BOX_HEIGHT]
    return [*map(float, box.at), min(float(box.rect[2]), _WIDEST_BOX), float(box.rect[3])]


def _parameter_keys(box: Box, kind: ObjectKind) -> dict[str, Any]:
    """The parameter and the dynamic colours of a box, where Max saves them."""
    colours = {name: {"expression": f"themecolor.{value}"} for name, value in box.theme.items()}
    colours |= {name: {"expression": ""} for name in box.colours}
    saved: dict[str, Any] = dict(sorted(colours.items()))
    keys: dict[str, Any] = {name: list(value) for name, value in box.colours.items()}
    if box.parameter is not None:
        saved["valueof"] = _value_of(box, box.parameter)
        if kind.is_own_class:
            keys["parameter_enable"] = 1
        else:
            keys["saved_object_attributes"] = {"parameter_enable": 1, "parameter_mappable": 0}
    if saved:
        keys["saved_attribute_attributes"] = saved
    return keys


def _value_of(box: Box, parameter: Parameter) -> dict[str, Any]:
    items = BUTTON_ITEMS if parameter.kind == "button" else parameter.items
    value: dict[str, Any] = {
        "parameter_annotation_name": box.title,
        "parameter_info": box.info,
        "parameter_invisible": VISIBILITIES[parameter.visibility],
        "parameter_longname": parameter.long_name,
        "parameter_modmode": 0,
        "parameter_shortname": parameter.short_name,
        "parameter_type": PARAMETER_TYPES[parameter.kind],
    }
    if items:
        value |= {"parameter_enum": list(items), "parameter_mmax": len(items) - 1}
    if parameter.range is not None:
        low, high = parameter.range
        value |= {"parameter_mmin": low, "parameter_mmax": high, "parameter_unitstyle": _UNIT_STYLES[parameter.kind]}
    if parameter.initial is not None:
        value |= {"parameter_initial": [parameter.initial], "parameter_initial_enable": 1}
    return dict(sorted(value.items()))


def _registry(patch: Patch, ids: Mapping[str, str]) -> dict[str, Any]:
    """All parameters by box, and the bank that Push shows."""
    registry: dict[str, Any] = {
        ids[box.name]: [box.parameter.long_name, box.parameter.short_name, 0]
        for box in patch.boxes
        if box.parameter is not None
    }
    bank = {
        "index": 0,
        "name": patch.name,
        "parameters": [*patch.bank, *["-"] * (BANK_SIZE - len(patch.bank))],
        "buttons": ["-"] * BANK_SIZE,
    }
    return {**registry, "parameterbanks": {"0": bank}, "inherited_shortname": 1}


def _project(patch: Patch) -> dict[str, Any]:
    """The block without which Max refuses a device."""
    return {
        "version": 1,
        "creationdate": FIXED_TIME,
        "modificationdate": FIXED_TIME,
        "viewrect": [24.0, 104.0, 304.0, 504.0],
        "autoorganize": 1,
        "hideprojectwindow": 1,
        "showdependencies": 1,
        "autolocalize": 0,
        "contents": {"patchers": {}, "media": {}, "code": {}, "other": {}},
        "layout": {},
        "searchpath": {},
        "detailsvisible": 0,
        "amxdtype": int.from_bytes(KINDS[patch.kind], "big"),
        "readonly": 0,
        "devpathtype": 0,
        "devpath": ".",
        "sortmode": 0,
        "viewmode": 0,
        "includepackages": 0,
    }
