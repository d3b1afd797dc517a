"""objects.toml agrees with the reference data of Max's own manual, as py2max bundles it."""

from __future__ import annotations

import pytest
from py2max import maxref

from max_for_live.builder.build import SOURCES
from max_for_live.builder.description import load_toml
from max_for_live.builder.objects import ObjectKind, read_objects

OBJECTS = read_objects(SOURCES / "objects.toml")
COMMON = set(load_toml(SOURCES / "objects.toml")["common"]["attributes"])

# The manual gives udpsend no ports at all; those of trigger, route and v8 hang on the words in the box.
WITHOUT_PORTS = {"udpsend", "trigger", "route", "v8"}
# A text that stands in the box is saved with it, and is no attribute in the manual.
SAVED_ALONG = {("live.comment", "text")}


@pytest.fixture(params=sorted(OBJECTS.kinds))
def kind(request: pytest.FixtureRequest) -> ObjectKind:
    return OBJECTS.kinds[request.param]


def test_max_has_the_object(kind: ObjectKind) -> None:
    assert maxref.get_object_info(kind.name) is not None


def test_the_ports_are_those_of_the_manual(kind: ObjectKind) -> None:
    if kind.name not in WITHOUT_PORTS:
        assert kind.inlets == maxref.get_inlet_count(kind.name)
        assert len(kind.outlets) == maxref.get_outlet_count(kind.name)


def test_the_attributes_and_their_values_are_those_of_the_manual(kind: ObjectKind) -> None:
    known = maxref.get_object_info(kind.name)["attributes"]
    own = {name: allowed for name, allowed in kind.attributes.items() if name not in COMMON}

    for name, allowed in own.items():
        if (kind.name, name) in SAVED_ALONG:
            continue
        assert name in known, f"{kind.name} has no attribute {name}"
        listed = known[name].get("enumlist", [])
        if listed:
            assert allowed == list(range(len(listed))), f"{kind.name} {name}: {[one['name'] for one in listed]}"
        assert known[name]["type"] == {"text": "symbol", "float": "float"}.get(str(allowed), "int")


def test_the_colours_are_colours_in_the_manual(kind: ObjectKind) -> None:
    known = maxref.get_object_info(kind.name)["attributes"]

    for name in kind.colours:
        assert (known[name]["type"], known[name]["size"]) == ("float", "4")
