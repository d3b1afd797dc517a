from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.engine.requests import Refusal, frames_of, read_request


def body(**fields: Any) -> bytes:
    return json.dumps({"key": "k", "prompt": "rock", **fields}).encode()


def faults(data: bytes, api: Any = "enterprise") -> dict[str, list[str]]:
    with pytest.raises(Refusal) as refused:
        read_request(data, api)
    message = refused.value.reply.message
    assert isinstance(message, dict)
    return message


def test_what_is_left_out_or_empty_has_its_default() -> None:
    bare = read_request(body(), "enterprise")
    spelled = read_request(
        body(init_audio="", sampling_rate="", max_new_token=None, base64="", temp=None, webhook="", track_id=""),
        "enterprise",
    )
    assert bare == spelled
    assert (bare.init_audio, bare.webhook, bare.track_id, bare.seed) == (None, None, None, None)
    assert (bare.sampling_rate, bare.max_new_token, bare.base64, bare.temp) == (32_000, 256, False, False)


@pytest.mark.parametrize("raw", [True, 1, 1.0, "1", "true", "TRUE", "yes"])
def test_true_is_read_in_every_spelling(raw: object) -> None:
    assert read_request(body(base64=raw), "enterprise").base64 is True


@pytest.mark.parametrize("raw", [False, 0, 0.0, "0", "false", "no", "NO"])
def test_false_is_read_in_every_spelling(raw: object) -> None:
    assert read_request(body(temp=raw), "enterprise").temp is False


@pytest.mark.parametrize("raw", [512, "512", " 512 ", 512.0])
def test_numbers_are_read_from_text_too(raw: object) -> None:
    assert read_request(body(max_new_token=raw), "enterprise").max_new_token == 512


@pytest.mark.parametrize(("raw", "text"), [(7, "7"), (1.5, "1.5"), (True, "true"), ("a-7", "a-7")])
def test_a_track_id_may_be_any_single_value(raw: object, text: str) -> None:
    assert read_request(body(track_id=raw), "enterprise").track_id == text


@pytest.mark.parametrize(
    ("field", "raw", "sentence"),
    [
        ("key", "", "The key field is required."),
        ("prompt", "  ", "The prompt field is required."),
        ("prompt", ["rock"], "The prompt field must be a string."),
        ("max_new_token", 255, "The max new token field must be between 256 and 1024."),
        ("max_new_token", 1025, "The max new token field must be between 256 and 1024."),
        ("max_new_token", "many", "The max new token field must be an integer."),
        ("max_new_token", True, "The max new token field must be an integer."),
        ("sampling_rate", 9999, "The sampling rate field must be at least 10000."),
        ("sampling_rate", 32000.5, "The sampling rate field must be an integer."),
        ("sampling_rate", 10**12, "The sampling rate field is too large for the memory of this machine."),
        ("base64", "perhaps", "The base64 field must be true or false."),
        ("init_audio", 5, "The init audio field must be a string."),
        ("webhook", "nowhere", "The webhook field must be a valid URL."),
        ("track_id", {}, "The track id field must be a string or a number."),
        ("seed", -1, "The seed field must be between 0 and 9007199254740992."),
        ("output_format", "mp3", "The output format field must be wav."),
    ],
)
def test_a_wrong_field_is_named_with_what_it_must_be(field: str, raw: object, sentence: str) -> None:
    assert faults(body(**{field: raw})) == {field: [sentence]}


def test_all_wrong_fields_are_named_together() -> None:
    assert set(faults(json.dumps({"sampling_rate": 1, "base64": 2}).encode())) == {
        "key",
        "prompt",
        "sampling_rate",
        "base64",
    }


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b'{"key": "\xff"}', b"[" * 100_000]
)
def test_a_body_that_is_no_json_object_is_refused_with_a_tip(data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read_request(data, "enterprise")
    assert refused.value.status == 400
    assert refused.value.reply.tip is not None


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(), st.lists))
def test_any_value_in_any_field_is_read_or_refused(raw: object) -> None:
    for field in ("key", "prompt", "init_audio", "sampling_rate", "base64", "webhook", "track_id", "seed", "extras"):
        with contextlib.suppress(Refusal):
            assert read_request(body(**{field: raw}), "enterprise").prompt


def test_a_missing_key_is_a_401() -> None:
    with pytest.raises(Refusal) as refused:
        read_request(b'{"prompt": "rock"}', "enterprise")
    assert refused.value.status == 401


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [({"duration": 45}, 45.0), ({"duration": "30"}, 30.0), ({}, 30.0), ({"max_new_token": 1024}, 20.42)],
)
def test_v6_takes_a_duration_and_the_older_tokens(fields: dict[str, object], seconds: float) -> None:
    assert frames_of(read_request(body(**fields), "v6")) == round(seconds * 32_000)


@pytest.mark.parametrize("seconds", [29, 481])
def test_v6_holds_a_duration_to_its_range(seconds: int) -> None:
    assert faults(body(duration=seconds), "v6") == {"duration": ["The duration field must be between 30 and 480."]}
