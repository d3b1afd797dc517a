"""The protocol's table, the errors and the generated pages agree."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import msgspec

from bridge import errors, protocol
from bridge.model import Trigger

ROOT = Path(__file__).parents[1]


CODES = """
    bad_message bad_trigger missing_file unreadable_audio unreadable_midi empty_clip not_allowed not_supported too_large
    unknown_job queue_full bad_key no_credit rate_limited provider_failed provider_unreachable timed_out
    submission_unknown bad_result disk_full not_writable budget_reached already_imported internal
"""


def test_the_codes_that_clients_know_are_all_there_each_with_its_meaning() -> None:
    assert sorted(protocol.CODES) == sorted(CODES.split())
    assert all(re.fullmatch(r"[A-Z][^\n`]+\.", meaning) for meaning in protocol.CODES.values())


def test_every_error_has_a_code_of_its_own_and_stands_in_the_drawn_tree() -> None:
    drawn = re.findall(r"[├└]── (\w+) +(\w+)", errors.__doc__ or "")
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.BridgeError)]
    leaves = [kind for kind in kinds if not kind.__subclasses__() and kind is not errors.SetupError]
    assert len({leaf.code for leaf in leaves}) == len(leaves)
    assert {(leaf.__name__, leaf.code) for leaf in leaves} <= set(drawn)
    assert {kind.__name__ for kind in kinds} - {"BridgeError"} == {name for name, _ in drawn}


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
