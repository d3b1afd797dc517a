"""The built device, read back byte by byte and box by box as Max would read it."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from max_for_live.builder.build import SOURCES, Device, assemble, build_device, write_device
from max_for_live.builder.description import read_patch
from max_for_live.builder.objects import read_objects

SECONDS_1904_TO_1970 = 2_082_844_800


@dataclass(frozen=True)
class Packed:
    """One file in a frozen device, as its list says."""

    type_code: str
    name: str
    size: int
    offset: int
    flag: int
    modified: int


@pytest.fixture(scope="module")
def device() -> Device:
    return build_device()


@pytest.fixture(scope="module")
def patcher(device: Device) -> dict[str, Any]:
    return json.loads(chunks(device.unfrozen)["ptch"].rstrip(b"\0"))["patcher"]


def chunks(data: bytes) -> dict[str, bytes]:
    """Tag, length in little-endian, data; to the end of the file."""
    found, at = {}, 0
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at + 4)
        found[data[at : at + 4].decode()] = data[at + 8 : at + 8 + length]
        at += 8 + length
    assert at == len(data)
    return found


def inner_chunks(data: bytes) -> list[tuple[str, bytes]]:
    """Tag, length in big-endian with its own 8 bytes, data."""
    found, at = [], 0
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at + 4)
        found.append((data[at : at + 4].decode(), data[at + 8 : at + length]))
        at += length
    assert at == len(data)
    return found


def packed_files(patcher_chunk: bytes) -> list[Packed]:
    magic, header, footer = struct.unpack_from(">4sIQ", patcher_chunk)
    assert (magic, header) == (b"mx@c", 16)
    ((tag, listed),) = inner_chunks(patcher_chunk[footer:])
    assert tag == "dlst"
    files = []
    for entry_tag, entry in inner_chunks(listed):
        assert entry_tag == "dire"
        fields = dict(inner_chunks(entry))
        assert list(fields) == ["type", "fnam", "sz32", "of32", "vers", "flag", "mdat"]
        assert len(fields["fnam"]) % 4 == 0
        assert fields["fnam"].endswith(b"\0")
        numbers = {key: struct.unpack(">I", fields[key])[0] for key in ("sz32", "of32", "vers", "flag", "mdat")}
        assert numbers["vers"] == 0
        name = fields["fnam"].rstrip(b"\0").decode()
        files.append(
            Packed(fields["type"].decode(), name, numbers["sz32"], numbers["of32"], numbers["flag"], numbers["mdat"])
        )
    return files


def boxes(patcher: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {entry["box"]["varname"]: entry["box"] for entry in patcher["boxes"]}


def test_an_unfrozen_device_is_an_audio_effect_whose_json_ends_as_max_ends_it(device: Device) -> None:
    parts = chunks(device.unfrozen)

    assert list(parts) == ["ampf", "meta", "ptch"]
    assert parts["ampf"] == b"aaaa"
    assert parts["meta"] == struct.pack("<I", 1)
    assert parts["ptch"].startswith(b'{\n\t"patcher"')
    assert parts["ptch"].endswith(b"}\n\0")


def test_a_frozen_device_holds_the_device_first_and_then_its_script(device: Device) -> None:
    parts = chunks(device.frozen)
    body = parts["ptch"]
    own, script = packed_files(body)

    assert (parts["ampf"], parts["meta"]) == (b"aaaa", struct.pack("<I", 7))
    assert (own.type_code, own.name, own.offset, own.flag) == ("JSON", "daw-bridge.amxd", 16, 0x11)
    assert (script.type_code, script.name, script.flag) == ("TEXT", device.script.name, 0)
    assert script.offset == own.offset + own.size
    assert body[own.offset : own.offset + own.size] == chunks(device.unfrozen)["ptch"]
    assert body[script.offset : script.offset + script.size].decode() == device.script.text
    assert own.modified == script.modified > SECONDS_1904_TO_1970


def test_the_same_sources_give_the_same_bytes(device: Device) -> None:
    assert build_device() == device


def test_the_patch_names_exactly_the_script_that_lies_beside_it(device: Device, patcher: dict[str, Any]) -> None:
    script = boxes(patcher)["script"]

    assert script["text"] == f"v8 {device.script.name}"
    assert script["filename"] == script["textfile"]["filename"] == device.script.name
    assert [entry["name"] for entry in patcher["dependency_cache"]] == [device.script.name]
    assert (script["numinlets"], script["numoutlets"]) == (1, 4)


def test_scripts_of_earlier_builds_are_removed(device: Device, tmp_path: Path) -> None:
    write_device(device, tmp_path)
    newer = replace(device.script, name="daw-bridge-ba9876543210.js")
    write_device(assemble(read_patch(SOURCES / "patch.toml"), read_objects(SOURCES / "objects.toml"), newer), tmp_path)

    assert sorted(path.name for path in (tmp_path / "unfrozen").iterdir()) == [
        "daw-bridge-ba9876543210.js",
        "daw-bridge.amxd",
    ]
    assert [path.name for path in tmp_path.glob("*.amxd")] == ["daw-bridge.amxd"]


def test_the_device_asks_for_live_12_2_and_opens_as_its_face_at_its_own_width(patcher: dict[str, Any]) -> None:
    assert (patcher["minimum_live_version"], patcher["minimum_max_version"]) == ("12.2", "9")
    assert patcher["openinpresentation"] == 1
    assert patcher["openrect"][2:] == [408.0, 169.0]
    assert patcher["project"]["amxdtype"] == int.from_bytes(b"aaaa", "big")


def test_every_parameter_is_in_the_registry_under_its_own_names(patcher: dict[str, Any]) -> None:
    def is_parameter(box: dict[str, Any]) -> bool:
        return bool(box.get("parameter_enable") or box.get("saved_object_attributes", {}).get("parameter_enable"))

    enabled = {
        box["id"]: box["saved_attribute_attributes"]["valueof"] for box in boxes(patcher).values() if is_parameter(box)
    }
    registry = {key: value for key, value in patcher["parameters"].items() if key.startswith("obj-")}

    assert {
        key: [value["parameter_longname"], value["parameter_shortname"], 0] for key, value in enabled.items()
    } == registry
    assert len(registry) == 20
    bank = patcher["parameters"]["parameterbanks"]["0"]
    assert bank["parameters"] == ["Mode", "Bars", "Takes", "Launch", "-", "-", "-", "-"]
    assert bank["buttons"] == ["-"] * 8


def test_info_texts_reach_live_both_as_annotation_and_as_parameter_info(patcher: dict[str, Any]) -> None:
    for box in boxes(patcher).values():
        if box.get("parameter_enable"):
            value = box["saved_attribute_attributes"]["valueof"]
            assert box["annotation_name"] == value["parameter_annotation_name"] != ""
            assert box["annotation"] == value["parameter_info"] != ""


def test_the_buttons_for_a_pedal_can_be_mapped_and_nothing_the_script_drives_is_undone(patcher: dict[str, Any]) -> None:
    def seen(name: str) -> int:
        return int(boxes(patcher)[name]["saved_attribute_attributes"]["valueof"]["parameter_invisible"])

    assert {name: seen(name) for name in ("generate", "again", "cancel", "retry")} == dict.fromkeys(
        ("generate", "again", "cancel", "retry"), 0
    )
    assert {seen(name) for name in ("prompt", "key", "tempo", "mode", "bars", "takes", "launch", "state")} == {1}
    assert {seen(name) for name in ("light", "progress", "into", "source", "result1", "result4")} == {2}


def test_a_parameter_has_the_values_that_max_saves_for_its_type(patcher: dict[str, Any]) -> None:
    def value(name: str) -> dict[str, Any]:
        return dict(boxes(patcher)[name]["saved_attribute_attributes"]["valueof"])

    assert (value("bars")["parameter_type"], value("bars")["parameter_mmax"]) == (2, 12)
    assert value("bars")["parameter_initial"] == [0]
    assert (value("takes")["parameter_type"], value("takes")["parameter_mmin"], value("takes")["parameter_mmax"]) == (
        1,
        1,
        10,
    )
    assert (value("takes")["parameter_initial"], value("takes")["parameter_initial_enable"]) == ([1], 1)
    assert (value("generate")["parameter_type"], value("generate")["parameter_enum"]) == (2, ["off", "on"])
    assert value("prompt")["parameter_type"] == value("state")["parameter_type"] == 3
    assert boxes(patcher)["state"]["text"].startswith("pattr state")


def test_typed_boxes_follow_the_theme(patcher: dict[str, Any]) -> None:
    for name in ("prompt", "key", "tempo"):
        saved = boxes(patcher)[name]["saved_attribute_attributes"]
        assert saved["bgcolor"] == {"expression": "themecolor.live_control_bg"}
        assert saved["textcolor"] == {"expression": "themecolor.live_control_fg"}


def test_sound_goes_through_both_channels_untouched(patcher: dict[str, Any]) -> None:
    ids = {box["id"]: name for name, box in boxes(patcher).items()}
    ends = [(line["patchline"]["source"], line["patchline"]["destination"]) for line in patcher["lines"]]
    sound = [
        (ids[source], outlet, ids[target], inlet)
        for (source, outlet), (target, inlet) in ends
        if "sound" in ids[source] or "sound" in ids[target]
    ]

    assert sound == [("sound-in", 0, "sound-out", 0), ("sound-in", 1, "sound-out", 1)]
    assert boxes(patcher)["sound-in"]["text"] == "plugin~"
    assert boxes(patcher)["sound-out"]["text"] == "plugout~"


def test_what_was_typed_is_told_before_the_button_is(patcher: dict[str, Any]) -> None:
    order = boxes(patcher)["order-generate"]
    ids = {box["id"]: name for name, box in boxes(patcher).items()}
    targets = {
        line["patchline"]["source"][1]: ids[line["patchline"]["destination"][0]]
        for line in patcher["lines"]
        if line["patchline"]["source"][0] == order["id"]
    }

    assert order["outlettype"] == ["bang"] * 4
    assert [targets[outlet] for outlet in (3, 2, 1, 0)] == ["tempo", "key", "prompt", "say-generate"]
