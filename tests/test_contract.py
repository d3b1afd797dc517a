"""How long tokens last, and the request as it stands on the wire."""

from __future__ import annotations

import json

import pytest

from bridge.contract import MusicGenRequest, frames_for, seconds_for, tokens_for, write_request
from bridge.credentials import ApiKey


@pytest.mark.parametrize(("tokens", "frames"), [(256, 161_920), (512, 325_760), (768, 489_600), (1024, 653_440)])
def test_three_tokens_are_lost_to_the_codebooks_delay(tokens: int, frames: int) -> None:
    assert frames_for(tokens) == frames
    assert seconds_for(tokens) == frames / 32_000


def test_the_tokens_for_a_length_are_enough_and_no_more() -> None:
    for tokens in range(256, 1025):
        assert tokens_for(seconds_for(tokens)) == tokens
        assert tokens_for(seconds_for(tokens) - 0.001) == tokens
        assert tokens_for(seconds_for(tokens) + 0.001) == min(tokens + 1, 1024)


def test_a_request_holds_the_pages_parameters_and_no_other() -> None:
    body = json.loads(write_request(MusicGenRequest(key=ApiKey("k"), prompt="lofi", max_new_token=300)))
    assert list(body.items()) == [
        ("key", "k"),
        ("prompt", "lofi"),
        ("init_audio", None),
        ("sampling_rate", 32_000),
        ("max_new_token", 300),
        ("base64", False),
        ("temp", False),
        ("webhook", None),
        ("track_id", None),
    ]


def test_a_duration_makes_it_the_v6_flavour() -> None:
    body = json.loads(write_request(MusicGenRequest(key="k", prompt="lofi", duration=30, bitrate="320k")))
    assert body["duration"] == 30
    assert (body["output_format"], body["bitrate"]) == ("wav", "320k")
    assert not {"sampling_rate", "max_new_token"} & set(body)


def test_extensions_follow_only_where_they_are_set() -> None:
    body = json.loads(write_request(MusicGenRequest(key="k", prompt="lofi", seed=0, extras=("midi", "stems"))))
    assert list(body.items())[-2:] == [("seed", 0), ("extras", ["midi", "stems"])]
