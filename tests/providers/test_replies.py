"""Every shape of reply that was seen on the wire, and shapes that nobody should send."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import ProviderError
from bridge.providers.replies import Answer, Reply, read_reply, refusal_in

LINK = "https://pub-3626123a908346a7a8be8d9295f44e26.r2.dev/generations/30ea5aee.wav"
PROXY = "https://cdn2.stablediffusionapi.com/generations/30ea5aee.wav"


def read(table: object) -> Reply:
    reply = read_reply(json.dumps(table).encode())
    assert reply is not None
    return reply


@pytest.mark.parametrize(
    ("output", "links"),
    [
        ([LINK], (LINK, PROXY)),
        (LINK, (LINK, PROXY)),
        ([{"url": LINK}], (LINK, PROXY)),
        ([{"file_url": LINK}, None, 5, ""], (LINK, PROXY)),
        ([LINK, LINK, PROXY], (LINK, PROXY)),
        ("", (PROXY,)),
        (None, (PROXY,)),
    ],
)
def test_a_success_gives_its_links_in_the_order_to_try_them(output: object, links: tuple[str, ...]) -> None:
    reply = read({"status": "success", "id": 310815, "output": output, "proxy_links": [PROXY]})
    assert (reply.state, reply.id, reply.links) == ("done", "310815", links)


@pytest.mark.parametrize("output", [[], "", None, [""], [{}], 5])
def test_a_success_without_output_is_empty(output: object) -> None:
    reply = read({"status": "success", "id": 310815, "output": output, "future_links": [LINK]})
    assert (reply.state, reply.links) == ("empty", ())


@pytest.mark.parametrize("status", ["processing", "queueing", "starting", "PROCESSING ", "anything new"])
def test_whatever_is_neither_done_nor_failed_is_being_worked_on(status: str) -> None:
    reply = read({"status": status, "id": 1, "eta": 5, "output": [], "future_links": [LINK], "proxy_links": [PROXY]})
    assert (reply.state, reply.links, reply.promised) == ("working", (), False)


def test_the_queued_shape_promises_its_links() -> None:
    reply = read({"status": "queued", "taskId": "a352-8a", "eta": 5, "links": [LINK], "proxy_links": [PROXY]})
    assert (reply.id, set(reply.links), reply.promised) == ("a352-8a", {LINK, PROXY}, True)


@pytest.mark.parametrize(
    ("names", "identity"),
    [
        ({"id": 4011115}, "4011115"),
        ({"id": "4011115"}, "4011115"),
        ({"id": 4011115.0}, "4011115"),
        ({"id": "", "request_id": "abc-1"}, "abc-1"),
        ({"id": None, "taskId": "a3525188-a894"}, "a3525188-a894"),
        ({"fetch_result": "https://modelslab.com/api/v6/voice/fetch/310815?x=1"}, "310815"),
        ({"id": "../../admin"}, ""),
        ({"id": ".."}, ""),
        ({"id": True}, ""),
        ({"id": [1]}, ""),
        ({"id": 10**400}, ""),
        ({}, ""),
    ],
)
def test_an_id_is_read_in_every_spelling_and_is_safe_in_a_path(names: dict[str, Any], identity: str) -> None:
    assert read({"status": "processing"} | names).id == identity


@pytest.mark.parametrize(
    ("eta", "seconds"),
    [(5, 5.0), (416.94, 416.94), ("13.06", 13.06), (-3, 0.0), ("soon", 0.0), (None, 0.0), (1e30, 3600.0), (True, 0.0)],
)
def test_an_eta_is_a_bounded_number(eta: object, seconds: float) -> None:
    assert read({"status": "processing", "eta": eta}).eta_seconds == seconds


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ({"message": "prompt is required"}, "prompt is required"),
        ({"messege": "prompt is required"}, "prompt is required"),
        ({"message": {"init_audio": ["is not a file.", "is long."]}}, "init_audio: is not a file., is long."),
        ({"error": {"message": "no"}}, "no"),
        ({"error": "no"}, "no"),
        ({"message": "", "tip": "a tip"}, "a tip"),
        ({"message": "two\nlines\x1b[31m"}, "two lines [31m"),
        ({"message": None}, ""),
        ({}, ""),
    ],
)
def test_the_services_words_are_found_wherever_they_stand(table: dict[str, Any], text: str) -> None:
    reply = read({"status": "error"} | table)
    assert (reply.state, reply.text) == ("failed", text)


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"5", b"<html>", b"\xff\xfe", b"{}", b'{"output": []}', b"[" * 9999]
)
def test_what_says_nothing_is_no_reply(body: bytes) -> None:
    assert read_reply(body) is None


@pytest.mark.parametrize("envelope", [lambda table: [table], lambda table: {"data": table}])
def test_a_reply_may_come_in_an_envelope(envelope: Any) -> None:
    assert read(envelope({"status": "success", "id": 7, "output": [LINK]})).links == (LINK,)


def test_a_rate_limit_may_name_a_date_or_a_moment() -> None:
    sent = "Sat, 22 Nov 2025 13:00:00 GMT"
    for header in ({"retry-after": "Sat, 22 Nov 2025 13:00:40 GMT"}, {"x-ratelimit-reset": "1763816440"}):
        refusal = refusal_in(Answer(status=429, headers={"date": sent} | header, body=b""), None, "cloud", "")
        assert getattr(refusal, "retry_after_seconds", None) == 40


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_names = ("status", "id", "output", "proxy_links", "links", "message", "messege", "error", "eta", "retry_after", "data")
_tables = st.fixed_dictionaries({}, optional=dict.fromkeys(_names, _json) | {"taskId": _json, "fetch_result": _json})
_statuses = st.sampled_from(["success", "processing", "queued", "failed", "error", "", None])


@settings(max_examples=300, deadline=None)
@given(_tables, _statuses, st.integers(100, 599), st.dictionaries(st.sampled_from(["retry-after", "date"]), st.text()))
def test_no_reply_whatsoever_breaks_the_reader(
    table: dict[str, Any], status: str | None, code: int, headers: dict[str, str]
) -> None:
    body = json.dumps({"status": status} | table).encode()
    reply = read_reply(body)
    refusal = refusal_in(Answer(status=code, headers=headers, body=body), reply, "cloud", "secret-key")
    assert refusal is None or isinstance(refusal, ProviderError)
    if code >= 300:
        assert refusal is not None
