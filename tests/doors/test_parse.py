"""The parser: what a trigger means, and one sentence that names the key when it means nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.doors.parse import is_cut_short, parse_command, parse_trigger, trigger_beside, trigger_of_file
from bridge.errors import BadMessage, BadTrigger, BridgeError, NotSupported, TooLarge
from bridge.model import Trigger
from bridge.protocol import MAX_TRIGGER_BYTES

EXAMPLE = Path(__file__).parents[1] / "trigger_example.json"
MIDI = {"midi": {"path": "/abs/riff.mid"}}


def trigger(**fields: Any) -> bytes:
    return json.dumps({"schema": 1, "clip": MIDI, **fields}).encode()


def read_or_complaint(data: bytes) -> Trigger | str:
    try:
        return parse_trigger(data)
    except BridgeError as problem:
        return problem.text


def complaint(data: bytes) -> str:
    with pytest.raises(BadTrigger) as caught:
        parse_trigger(data)
    return caught.value.text


def test_the_example_of_the_protocol_is_read_once_its_clip_is_one() -> None:
    fields = json.loads(EXAMPLE.read_bytes())
    for kind in ("midi", "notes"):
        fields["clip"].pop(kind, None)
    read = parse_trigger(json.dumps(fields).encode())
    assert read.clip.audio is not None
    assert read.music.time_signature == (7, 8)
    assert read.source == fields["source"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"music": {"bpm": 5000}}, "music.bpm: expected a number between 20 and 999, got 5000."),
        ({"music": {"bpm": "96"}}, 'music.bpm: expected a number between 20 and 999, got "96".'),
        ({"music": {"bmp": 96}}, "unknown key music.bmp; did you mean music.bpm?"),
        ({"music": {"key": {"root": 12}}}, "music.key.root: expected a whole number between 0 and 11, got 12."),
        ({"music": {"key": {"rot": 4, "root": 1}}}, "unknown key music.key.rot; did you mean music.key.root?"),
        ({"music": {"key": 5}}, "music.key: expected an object or text of at most 4000 characters, got 5."),
        ({"music": {"time_signature": [7, 3]}}, "music.time_signature[1]: expected 1 or 2 or 4 or 8 or 16 or 32 or 64"),
        ({"music": {"time_signature": [7]}}, "music.time_signature: expected a list of 2, got a list of 1."),
        ({"ask": {"mode": "polka"}}, 'ask.mode: expected accompany or continue or variation, got "polka".'),
        ({"ask": {"takes": 1.5}}, "ask.takes: expected a whole number between 1 and 10, got 1.5."),
        ({"track": {"drums": "no"}}, 'track.drums: expected true or false, got "no".'),
        ({"clip": {"notes": [{"pitch": 200, "start": 0, "duration": 1}]}}, "clip.notes[0].pitch: expected a whole"),
        ({"clip": {"notes": [{"pitch": 1, "start": 0}]}}, "clip.notes[0].duration is missing."),
        ({"clip": {"audio": {"path": ""}}}, "clip.audio.path is missing."),
        ({"request_id": "a b"}, "request_id: expected 1 to 64 characters of A-Z a-z 0-9 . _ -"),
        ({"request_id": "line\n"}, "request_id: expected 1 to 64 characters of A-Z a-z 0-9 . _ -"),
        ({"schema": 2}, "schema: expected 1, got 2."),
        ({"source": {"much": "x" * 17_000}}, "source: expected at most 16384 bytes"),
        ({"source": 5}, "source: expected an object, got 5."),
    ],
)
def test_a_wrong_key_is_named_with_what_it_should_be(fields: dict[str, Any], sentence: str) -> None:
    assert sentence in complaint(trigger(**fields))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no valid JSON"),
        (b"[]", "no object"),
        (b'{"schema": 1, ', "no valid JSON"),
        (b'{"schema": 1}', "clip is missing"),
        (b'{"clip": {"midi": {"path": "/a.mid"}}}', "schema is missing"),
        (b"\xff\xfe{\x00", "not UTF-8"),
        (trigger(music={"bpm": float("nan")}), "no valid JSON"),
        (b'{"schema":1,"clip":{"midi":{"path":"/a.mid"}},"music":{"bpm":1e999}}', "out of range"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
        (b'{"schema":1,"clip":{"midi":{"path":"/a.mid"}},"source":{"a":' + b"[" * 100 + b"]" * 100 + b"}}", "source: "),
    ],
)
def test_what_is_no_trigger_at_all_is_told_in_a_sentence(data: bytes, words: str) -> None:
    assert words in complaint(data)


def test_more_than_the_limit_is_too_large() -> None:
    with pytest.raises(TooLarge):
        parse_trigger(b" " * (MAX_TRIGGER_BYTES + 1))


def test_empty_strings_and_null_are_absent_but_not_inside_source() -> None:
    read = parse_trigger(
        trigger(
            request_id="",
            track=None,
            project={"path": "", "daw": "", "sample_rate": None},
            music={"bpm": "", "key": "", "swing": None},
            ask={"mode": "", "prompt": ""},
            source={"a": "", "b": None, "c": 1.0},
        )
    )
    assert read == parse_trigger(trigger(source={"a": "", "b": None, "c": 1.0}))
    assert read.source == {"a": "", "b": None, "c": 1.0}
    assert isinstance(read.source["c"], float)


def test_whole_floats_are_whole_numbers_and_a_byte_order_mark_is_no_matter() -> None:
    read = parse_trigger(b"\xef\xbb\xbf" + trigger(schema=1.0, ask={"takes": 2.0, "bars": 4.0}))
    assert (read.ask.takes, read.ask.bars) == (2, 4)


def test_a_length_in_beats_may_be_asked_for_but_not_in_bars_as_well() -> None:
    assert parse_trigger(trigger(ask={"beats": 3.5})).ask.beats == 3.5
    with pytest.raises(BadTrigger, match="as bars or as beats, not both"):
        parse_trigger(trigger(ask={"beats": 3.5, "bars": 1}))


def test_the_doors_id_beats_the_jsons_and_the_jsons_beats_the_files() -> None:
    named = trigger(request_id="json")
    assert parse_trigger(named, request_id="door", fallback_id="file").request_id == "door"
    assert parse_trigger(named, fallback_id="file").request_id == "json"
    assert parse_trigger(trigger(), fallback_id="file").request_id == "file"
    assert parse_trigger(trigger(), fallback_id="no id at all").request_id == ""
    with pytest.raises(BadMessage):
        parse_trigger(named, request_id="not an id")


def test_a_bare_file_is_a_clip_by_its_suffix_or_its_first_bytes(tmp_path: Path) -> None:
    assert trigger_of_file("/a/Riff 96bpm.MID", prompt="brass").clip.midi is not None
    assert trigger_of_file("/a/take.Flac").clip.audio is not None
    nameless = tmp_path / "clip"
    nameless.write_bytes(b"MThd\0\0\0\6")
    assert trigger_of_file(str(nameless)).clip.midi is not None
    other = tmp_path / "notes.txt"
    other.write_text("hello")
    with pytest.raises(NotSupported, match=r"notes\.txt"):
        trigger_of_file(str(other))
    with pytest.raises(BadMessage, match="absolute"):
        trigger_of_file("riff.mid")


def test_a_sidecar_gets_the_clip_that_lies_beside_it() -> None:
    read = trigger_beside(b'{"schema": 1, "music": {"bpm": 96.0}}', "/in/riff.wav", fallback_id="riff")
    assert read.clip.audio is not None
    assert (read.clip.audio.path, read.music.bpm, read.request_id) == ("/in/riff.wav", 96, "riff")


def test_a_command_is_read_and_its_mistakes_are_named() -> None:
    assert parse_command(b'{"schema":1,"command":"undo","job_id":"x"}', fallback_id="u1").request_id == "u1"
    with pytest.raises(BadTrigger, match=r"did you mean job_id\?"):
        parse_command(b'{"schema":1,"command":"undo","jobid":"x"}')
    with pytest.raises(BadTrigger, match="command: expected"):
        parse_command(b'{"schema":1,"command":"dance"}')
    with pytest.raises(BadTrigger, match="take"):
        parse_command(b'{"schema":1,"command":"imported","job_id":"x"}')


@pytest.mark.parametrize(
    ("data", "cut"),
    [(b"", True), (b'{"a": [1, 2', True), (b'{"a": "b', True), (b'{"a": 1}', False), (b'{"a": oops}', False)],
)
def test_a_json_that_ends_early_is_told_from_one_that_is_wrong(data: bytes, cut: bool) -> None:
    assert is_cut_short(data) is cut


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_an_error_of_ours(data: bytes) -> None:
    for attempt in (data, b'{"schema":1,"clip":' + data + b"}"):
        read = read_or_complaint(attempt)
        assert isinstance(read, Trigger) or len(read) > 10


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([field.name for field in msgspec.structs.fields(Trigger)]), _JSON)
def test_any_value_of_any_key_is_read_or_refused_by_name(key: str, value: Any) -> None:
    read = read_or_complaint(trigger(**{key: value}))
    if isinstance(read, Trigger):
        assert parse_trigger(msgspec.json.encode(read)) == read
    else:
        assert key in read or "JSON" in read
