"""The protocol's table, the errors and the generated pages agree."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec

from bridge import errors, protocol
from bridge.model import Trigger

ROOT = Path(__file__).parents[1]


def leaves(kind: type[errors.BridgeError]) -> list[type[errors.BridgeError]]:
    below = [leaf for child in kind.__subclasses__() if child.__module__ == "bridge.errors" for leaf in leaves(child)]
    return below or [kind]


def test_every_error_has_a_code_of_the_table_and_every_code_an_error() -> None:
    codes = [leaf.code for leaf in leaves(errors.BridgeError) if leaf is not errors.SetupError]
    assert sorted({*codes, "internal"}) == sorted(protocol.CODES)
    assert len(codes) == len(set(codes))


def test_the_drawn_tree_of_errors_is_the_real_one() -> None:
    drawing = errors.__doc__ or ""
    for leaf in leaves(errors.BridgeError):
        assert leaf.__name__ in drawing
        assert leaf is errors.SetupError or leaf.code in drawing


def test_the_generated_pages_are_fresh() -> None:
    run = subprocess.run([sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_the_full_example_of_the_protocol_is_a_trigger_and_comes_back_equal() -> None:
    text = (ROOT / "tests" / "trigger_example.json").read_bytes()
    trigger = msgspec.json.decode(text, type=Trigger)
    assert trigger.clip.audio is not None
    assert trigger.clip.audio.warp_markers[1].seconds == 9.7
    assert trigger.ask.seed == 1234
    assert msgspec.json.decode(msgspec.json.encode(trigger), type=Trigger) == trigger


def test_the_shipped_schema_names_every_key_of_the_example() -> None:
    schema = json.loads((ROOT / "docs" / "trigger.schema.json").read_text(encoding="utf-8"))
    trigger = schema["$defs"]["Trigger"]
    example = json.loads((ROOT / "tests" / "trigger_example.json").read_text(encoding="utf-8"))
    assert set(example) <= set(trigger["properties"])
    assert sorted(trigger["required"]) == ["clip", "schema"]
    assert trigger["additionalProperties"] is False
