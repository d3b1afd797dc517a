"""What is sent to a music_gen endpoint, and what each of its answers becomes."""

from __future__ import annotations

import base64
import itertools
import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.config import ProviderConfig
from bridge.credentials import ApiKey
from bridge.errors import (
    BadKey,
    BridgeError,
    NoCredit,
    ProviderFailed,
    ProviderUnreachable,
    RateLimited,
    SubmissionUnknown,
)
from bridge.model import GenerationRequest, SoundFile
from bridge.providers.music_gen import MusicGenProvider
from tests.fakes.clock import FakeClock
from tests.fakes.music_gen_server import PAGE, Drop, FakeMusicGen, Say, Stall, sine_wav

KEY = "sk-7Q/xyz+secret-0123456789"
REQUEST = GenerationRequest(
    job_id="k3f9", take=2, section=1, provider="cloud", prompt="marimba, G# minor, 96 bpm", seconds=10.0, seed=7
)


@pytest.fixture
def server() -> Iterator[FakeMusicGen]:
    with FakeMusicGen() as running:
        yield running


def provider_at(url: str, **config: Any) -> MusicGenProvider:
    settings = ProviderConfig(url=url, **config)
    return MusicGenProvider("cloud", settings, lambda: settings.url, lambda: ApiKey(KEY), FakeClock())


def refusal_of(server: FakeMusicGen, *steps: Say) -> BridgeError:
    server.on_submit(*steps)
    with pytest.raises(BridgeError) as caught:
        provider_at(server.url).submit(REQUEST)
    return caught.value


def test_every_parameter_of_the_page_is_sent_and_the_key_comes_first(server: FakeMusicGen, tmp_path: Path) -> None:
    clip = tmp_path / "clip.wav"
    clip.write_bytes(sine_wav(1.0))
    sound = SoundFile(path=str(clip), sha256="", seconds=1.0)

    provider_at(server.url).submit(
        GenerationRequest(
            job_id="k3f9", take=2, section=1, provider="cloud", prompt="lofi", seconds=10.0, conditioning=sound, seed=7
        )
    )

    (asked,) = server.submissions
    assert asked.path == "/api/v1/enterprise/voice/music_gen"
    assert asked.headers["Content-Type"] == "application/json"
    assert list(asked.json) == [
        *("key", "prompt", "init_audio", "sampling_rate", "max_new_token", "base64", "temp", "webhook", "track_id")
    ]
    assert asked.json["key"] == KEY
    assert base64.b64decode(asked.json["init_audio"], validate=True) == clip.read_bytes()
    assert asked.json["sampling_rate"] == 32_000
    assert asked.json["max_new_token"] == 516  # 10.25 s: 513 frames of 20 ms, and 3 lost
    assert (asked.json["base64"], asked.json["temp"], asked.json["webhook"]) == (True, False, None)
    assert asked.json["track_id"] == "k3f9-2-1"


@pytest.mark.parametrize(("seconds", "tokens"), [(0.5, 256), (4.8, 256), (20.2, 1024), (20.42, 1024)])
def test_tokens_stay_between_256_and_1024(server: FakeMusicGen, seconds: float, tokens: int) -> None:
    provider_at(server.url).submit(
        GenerationRequest(job_id="a", take=1, section=0, provider="cloud", prompt="x", seconds=seconds)
    )
    assert server.submissions[0].json["max_new_token"] == tokens
    assert server.submissions[0].json["init_audio"] is None
    assert server.submissions[0].json["base64"] is False


@pytest.mark.parametrize(("seconds", "duration"), [(12.0, 30), (40.1, 41), (479.99, 480)])
def test_the_v6_flavour_asks_for_a_duration_instead_of_tokens(
    server: FakeMusicGen, seconds: float, duration: int
) -> None:
    provider_at(server.url, api="v6").submit(
        GenerationRequest(job_id="a", take=1, section=0, provider="cloud", prompt="x", seconds=seconds)
    )
    (asked,) = server.submissions
    assert asked.path == "/api/v6/voice/music_gen"
    assert asked.json["duration"] == duration
    assert "max_new_token" not in asked.json


def test_seed_and_extras_reach_only_a_provider_with_extensions(server: FakeMusicGen) -> None:
    wish = GenerationRequest(
        job_id="a", take=1, section=0, provider="cloud", prompt="x", seconds=9, seed=7, extras=("stems",)
    )
    provider_at(server.url).submit(wish)
    provider_at(server.url, extensions=True).submit(wish)
    plain, extended = server.submissions
    assert not {"seed", "extras"} & set(plain.json)
    assert (extended.json["seed"], extended.json["extras"]) == (7, ["stems"])


def test_a_link_on_the_own_host_is_kept_as_a_path_and_others_whole(server: FakeMusicGen) -> None:
    server.on_submit(
        Say({"status": "success", "id": 7, "output": ["{url}/generations/a.wav"], "proxy_links": ["https://x.test/a"]})
    )
    ticket = provider_at(server.url).submit(REQUEST)
    assert ticket.provider_id == "7"
    assert ticket.links == ("/generations/a.wav", "https://x.test/a")


def test_a_reply_that_is_processing_gives_a_ticket_without_links(server: FakeMusicGen) -> None:
    server.on_submit(
        Say({"status": "processing", "id": 7, "eta": 13.06, "output": "", "future_links": ["{url}/generations/a.wav"]})
    )
    ticket = provider_at(server.url).submit(REQUEST)
    assert (ticket.provider_id, ticket.links, ticket.wait_seconds) == ("7", (), 13.06)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"status": "error", "message": "Invalid API key"}, BadKey),
        (403, {"status": "error", "message": "This feature requires a premium subscription"}, BadKey),
        (401, PAGE, BadKey),
        (402, {"status": "error", "message": "Insufficient credits."}, NoCredit),
        (429, {"status": "error", "message": "Maximum 5 queued requests allowed.", "retry_after": 30}, RateLimited),
        (200, {"status": "error", "message": "Rate limit exceeded."}, RateLimited),
        (200, {"status": "error", "message": "Invalid API key"}, BadKey),
        (200, {"status": "error", "message": "Insufficient credits. Please add more credits."}, NoCredit),
        (200, {"status": "error", "message": "The prompt field is required."}, ProviderFailed),
        (200, {"status": "error", "code": "provider_error", "message": "The provider refused."}, ProviderFailed),
        (200, {"status": "failed", "id": "", "messege": "out of memory", "output": ""}, ProviderFailed),
        (400, {"status": "error", "message": "prompt is required"}, ProviderFailed),
        (500, {"status": "error", "message": "Internal server error."}, ProviderFailed),
        (503, {"status": "error", "message": "Service temporarily unavailable."}, ProviderFailed),
        (404, PAGE, ProviderFailed),
        (502, PAGE, SubmissionUnknown),
        (524, PAGE, SubmissionUnknown),
        (200, PAGE, SubmissionUnknown),
        (200, {"status": "success", "output": []}, SubmissionUnknown),
        (200, b"", SubmissionUnknown),
    ],
)
def test_each_refusal_becomes_its_own_error_and_is_not_repeated(
    server: FakeMusicGen, status: int, body: object, kind: type[BridgeError]
) -> None:
    refusal = refusal_of(server, Say(body, status))
    assert type(refusal) is kind
    assert len(server.submissions) == 1


def test_the_services_own_words_are_told_bounded_and_by_field(server: FakeMusicGen) -> None:
    assert "prompt: The prompt field is required." in str(
        refusal_of(server, Say({"status": "error", "message": {"prompt": ["The prompt field is required."]}}))
    )
    assert len(str(refusal_of(server, Say({"status": "error", "message": "long\n" * 5000})))) < 600


@pytest.mark.parametrize(
    ("step", "seconds"),
    [
        (Say({"status": "error", "message": "Rate limit", "retry_after": 30}, 429), 30.0),
        (Say({"status": "error", "message": "Rate limit"}, 429, {"Retry-After": "12"}), 12.0),
        (Say({"status": "error", "message": "rate limit reached"}), None),
        (Say(PAGE, 429), None),
    ],
)
def test_a_rate_limit_says_how_long_to_wait_where_the_service_does(
    server: FakeMusicGen, step: Say, seconds: float | None
) -> None:
    refusal = refusal_of(server, step)
    assert isinstance(refusal, RateLimited)
    assert refusal.retry_after_seconds == seconds


def test_a_redirect_is_refused_by_name_and_the_key_is_not_sent_on(server: FakeMusicGen) -> None:
    with FakeMusicGen() as elsewhere:
        refusal = refusal_of(server, Say(b"", 307, {"Location": f"{elsewhere.url}/api/v1/enterprise/voice/music_gen"}))
        assert isinstance(refusal, ProviderFailed)
        assert elsewhere.url in str(refusal)
        assert elsewhere.asked == []


def test_a_key_that_the_service_repeats_is_taken_out_of_its_words(server: FakeMusicGen) -> None:
    encoded = base64.b64encode(KEY.encode()).decode()
    refusal = refusal_of(server, Say({"status": "error", "message": f"Invalid key {KEY} or {encoded}"}))
    assert "Invalid key [key] or" in str(refusal)
    assert KEY not in str(refusal)
    assert encoded[:12] not in str(refusal)


@pytest.mark.parametrize("step", [Drop("after_body"), Say({"status": "success"}, cut=4), Stall()])
def test_a_lost_answer_is_unknown_and_never_sent_again(server: FakeMusicGen, step: Any) -> None:
    server.on_submit(step)
    with pytest.raises(SubmissionUnknown):
        provider_at(server.url, timeout_seconds=0.3).submit(REQUEST, FakeClock().wait)
    assert len(server.submissions) == 1


def test_an_answer_that_drips_is_lost_in_the_end(server: FakeMusicGen) -> None:
    ticks = itertools.count(step=20.0)
    settings = ProviderConfig(url=server.url)
    server.on_submit(Say(b" " * 1000, length=False, repeat=100_000))
    provider = MusicGenProvider(
        "cloud", settings, lambda: settings.url, lambda: ApiKey(KEY), lambda: float(next(ticks))
    )
    with pytest.raises(SubmissionUnknown, match="slowly"):
        provider.submit(REQUEST, FakeClock().wait)
    assert next(ticks) < 20 * 100


def test_a_connection_that_breaks_under_a_large_body_is_unknown(server: FakeMusicGen, tmp_path: Path) -> None:
    clip = tmp_path / "clip.wav"
    clip.write_bytes(bytes(8_000_000))
    wish = GenerationRequest(
        job_id="a",
        take=1,
        section=0,
        provider="cloud",
        prompt="x",
        seconds=9,
        conditioning=SoundFile(path=str(clip), sha256="", seconds=1),
    )
    server.on_submit(Drop("before_body"))
    with pytest.raises(SubmissionUnknown):
        provider_at(server.url).submit(wish, FakeClock().wait)
    assert len(server.submissions) == 1


def test_a_refused_connection_is_tried_again_patiently_and_then_said() -> None:
    clock = FakeClock()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ProviderUnreachable, match="refused"):
        provider_at(f"http://127.0.0.1:{port}").submit(REQUEST, clock.wait)
    assert clock.waits == [0.2, 0.5, 1.0, 2.0, 4.0]


def test_a_service_that_comes_up_meanwhile_is_asked_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    late: list[FakeMusicGen] = []

    def start_it(_: float) -> None:
        late.append(FakeMusicGen(port=port).__enter__())

    try:
        ticket = provider_at(f"http://127.0.0.1:{port}").submit(REQUEST, start_it)
        assert ticket.provider_id == "310815"
        assert len(late[0].submissions) == 1
    finally:
        for server in late:
            server.__exit__()


def test_our_own_machine_is_not_asked_through_a_proxy(server: FakeMusicGen, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert provider_at(server.url).submit(REQUEST).provider_id == "310815"
    assert provider_at(server.url.replace("127.0.0.1", "localhost")).submit(REQUEST).provider_id == "310816"


@pytest.mark.parametrize("url", ["http://no-such-host.invalid", "https://127.0.0.1:{port}", "no url at all"])
def test_a_name_or_certificate_that_fails_means_that_nothing_was_sent(server: FakeMusicGen, url: str) -> None:
    with pytest.raises(ProviderUnreachable):
        provider_at(url.replace("{port}", str(server.port))).submit(REQUEST)
    assert server.asked == []


def test_audio_refused_as_plain_base64_is_sent_once_more_as_a_data_uri(server: FakeMusicGen, tmp_path: Path) -> None:
    clip = tmp_path / "clip.wav"
    clip.write_bytes(sine_wav(0.1))
    sound = SoundFile(path=str(clip), sha256="", seconds=0.1)
    wish = GenerationRequest(job_id="a", take=1, section=0, provider="cloud", prompt="x", seconds=9, conditioning=sound)
    refusal = Say({"status": "error", "message": {"init_audio": ["The init audio field is invalid."]}})

    server.on_submit(refusal)
    provider_at(server.url).submit(wish)
    assert [asked.json["init_audio"][:5] for asked in server.submissions] == ["UklGR", "data:"]

    server.on_submit(refusal, refusal)
    with pytest.raises(ProviderFailed):
        provider_at(server.url).submit(wish)
    assert len(server.submissions) == 4


def test_nothing_that_is_logged_holds_the_key(server: FakeMusicGen, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    refusal = refusal_of(server, Say({"status": "error", "message": KEY}, 401))
    provider_at(server.url).submit(REQUEST)
    told = caplog.text + repr(refusal) + json.dumps(refusal.args) + repr(provider_at(server.url)._api_key())
    assert server.submissions[0].json["key"] == KEY
    assert "sk-7Q" not in told
