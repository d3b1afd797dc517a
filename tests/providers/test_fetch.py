"""How a result is waited for and loaded: patiently, politely, and from wherever it may lie."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile

from bridge.config import ProviderConfig
from bridge.errors import (
    BadKey,
    BadResult,
    BridgeError,
    NotAllowed,
    ProviderFailed,
    TimedOut,
)
from bridge.files import sha256_of
from bridge.model import GenerationRequest, GenerationResult, Ticket
from bridge.providers import Interrupted
from bridge.providers.music_gen import MusicGenProvider
from tests.fakes.clock import FakeClock
from tests.fakes.music_gen_server import PAGE, Drop, FakeMusicGen, Say, Step, sine_wav

KEY = "sk-7Q/xyz+secret-0123456789"
REQUEST = GenerationRequest(job_id="k3f9", take=2, section=1, provider="cloud", prompt="x", seconds=6.0, seed=7)
WAV = sine_wav(1.0)
WORKING = Say({"status": "processing", "message": "Try Again", "output": "", "tip": ""})
POLLED = Ticket(provider_id="310815", wait_seconds=5.0)


@pytest.fixture
def server() -> Iterator[FakeMusicGen]:
    with FakeMusicGen() as running:
        yield running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def provider_at(url: str, clock: FakeClock, **config: Any) -> MusicGenProvider:
    settings = ProviderConfig(url=url, **config)
    return MusicGenProvider("cloud", settings, lambda: settings.url, lambda: KEY, clock)


def fetched(server: FakeMusicGen, clock: FakeClock, folder: Path, ticket: Ticket, **config: Any) -> GenerationResult:
    return provider_at(server.url, clock, **config).fetch(ticket, REQUEST, folder, clock.wait)


def test_a_finished_result_is_loaded_at_once_and_described(
    server: FakeMusicGen, clock: FakeClock, tmp_path: Path
) -> None:
    provider = provider_at(server.url, clock)
    result = provider.fetch(provider.submit(REQUEST), REQUEST, tmp_path, clock.wait)
    assert result.file.path == str(tmp_path / "2-1.wav")
    assert soundfile.info(result.file.path).frames == 640 * 313  # 6.25 s asked, in whole tokens
    assert result.file.seconds == pytest.approx(6.26)
    assert result.file.sha256 == sha256_of(tmp_path / "2-1.wav")
    assert (result.provider_id, result.seed) == ("310815", None)
    assert [path.name for path in tmp_path.iterdir()] == ["2-1.wav"]
    assert clock.waits == []
    assert server.fetches == []


def test_a_hosted_service_is_asked_patiently(clock: FakeClock, tmp_path: Path) -> None:
    with FakeMusicGen(processing=12) as server:
        provider = provider_at(server.url, clock)
        provider.fetch(provider.submit(REQUEST), REQUEST, tmp_path, clock.wait)
        assert [asked.path for asked in server.fetches] == ["/api/v1/enterprise/voice/fetch/310815"] * 12
        assert all(asked.json == {"key": KEY} for asked in server.fetches)
        assert clock.waits == [3, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10]
        assert len(server.submissions) == 1


def test_a_free_engine_is_asked_briskly(clock: FakeClock, tmp_path: Path) -> None:
    with FakeMusicGen(processing=3, eta=20) as server:
        provider = provider_at(server.url, clock, billable=False)
        provider.fetch(provider.submit(REQUEST), REQUEST, tmp_path, clock.wait)
        assert sum(clock.waits) < 0.5


def test_the_seed_is_told_only_by_a_provider_that_takes_it(
    server: FakeMusicGen, clock: FakeClock, tmp_path: Path
) -> None:
    provider = provider_at(server.url, clock, extensions=True)
    assert provider.fetch(provider.submit(REQUEST), REQUEST, tmp_path, clock.wait).seed == 7


@pytest.mark.parametrize(
    "trouble",
    [
        Drop("before_body"),
        Drop("after_body"),
        Say(PAGE, 502),
        Say(PAGE, 403),
        Say({"status": "error", "message": "Internal server error."}, 500),
        Say({"status": "error", "message": "Rate limit exceeded", "retry_after": 30}, 429),
        Say({"status": "error", "message": "rate limit"}),
        Say({"status": "success", "id": 310815, "output": []}),
        Say({"status": "success", "id": 310815}),
        Say({"status": "dreaming", "eta": "soon"}),
        Say("not json"),
        Say(b"", 307, {"Location": "{url}/elsewhere"}),
    ],
)
def test_troubles_while_polling_are_waited_out(
    server: FakeMusicGen, clock: FakeClock, tmp_path: Path, trouble: Step
) -> None:
    provider = provider_at(server.url, clock)
    ticket = provider.submit(REQUEST)
    server.on_fetch(trouble, trouble, WORKING)
    result = provider.fetch(Ticket(provider_id=ticket.provider_id), REQUEST, tmp_path, clock.wait)
    assert result.file.seconds > 6
    assert len(server.fetches) == 4
    assert {asked.path for asked in server.asked if asked.method == "POST"} == {
        "/api/v1/enterprise/voice/music_gen",
        "/api/v1/enterprise/voice/fetch/310815",
    }


def test_a_rate_limit_while_polling_is_kept(server: FakeMusicGen, clock: FakeClock, tmp_path: Path) -> None:
    provider = provider_at(server.url, clock)
    ticket = provider.submit(REQUEST)
    server.on_fetch(Say({"status": "error", "message": "Rate limit exceeded", "retry_after": 30}, 429))
    provider.fetch(Ticket(provider_id=ticket.provider_id), REQUEST, tmp_path, clock.wait)
    assert clock.waits == [2.0, 30.0]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Say({"status": "failed", "id": "", "message": "Request not found", "output": ""}), ProviderFailed),
        (Say({"status": "failed", "message": "out of memory"}, 404), ProviderFailed),
        (Say({"status": "error", "message": "Error message"}), ProviderFailed),
        (Say({"status": "error", "message": "Invalid API key"}, 401), BadKey),
    ],
)
def test_a_generation_that_failed_is_not_waited_for(
    server: FakeMusicGen, clock: FakeClock, tmp_path: Path, said: Say, kind: type[BridgeError]
) -> None:
    server.on_fetch(said)
    with pytest.raises(kind):
        fetched(server, clock, tmp_path, POLLED)
    assert len(server.fetches) == 1


def test_a_result_that_never_comes_times_out_and_says_that_it_can_be_fetched_later(
    server: FakeMusicGen, clock: FakeClock, tmp_path: Path
) -> None:
    server.on_fetch(*[WORKING] * 200)
    with pytest.raises(TimedOut, match="without paying"):
        fetched(server, clock, tmp_path, POLLED, timeout_seconds=120)
    assert sum(clock.waits) == pytest.approx(120)


def test_patience_counts_from_submit_over_a_restart_and_a_retry_gets_it_anew(
    server: FakeMusicGen, clock: FakeClock, tmp_path: Path
) -> None:
    ticket = provider_at(server.url, clock).submit(REQUEST)
    assert ticket.submitted_at == clock.now
    poll = Ticket(provider_id=ticket.provider_id, submitted_at=ticket.submitted_at)
    server.on_fetch(*[WORKING] * 400)
    clock.advance(100)
    with pytest.raises(TimedOut):
        fetched(server, clock, tmp_path, poll, timeout_seconds=120)
    assert sum(clock.waits) == pytest.approx(20)
    with pytest.raises(TimedOut):
        fetched(server, clock, tmp_path, poll, timeout_seconds=120)
    assert sum(clock.waits) == pytest.approx(140)


def test_a_success_that_stays_empty_is_given_up_after_a_few_looks(
    server: FakeMusicGen, clock: FakeClock, tmp_path: Path
) -> None:
    server.on_fetch(*[Say({"status": "success", "id": 310815, "output": ""})] * 50)
    with pytest.raises(BadResult, match="no link"):
        fetched(server, clock, tmp_path, POLLED)
    assert len(server.fetches) == 8


def test_waiting_can_be_interrupted_at_once(server: FakeMusicGen, tmp_path: Path) -> None:
    def stop(_: float) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        provider_at(server.url, FakeClock()).fetch(POLLED, REQUEST, tmp_path, stop)
    assert server.asked == []


def test_the_proxy_link_is_taken_when_the_first_one_fails(
    server: FakeMusicGen, clock: FakeClock, tmp_path: Path
) -> None:
    provider = provider_at(server.url, clock)
    ticket = provider.submit(REQUEST)
    server.on_download(Say(PAGE, 404, {"Content-Type": "text/html"}))
    provider.fetch(ticket, REQUEST, tmp_path, clock.wait)
    assert [asked.path.partition("?")[2] for asked in server.downloads] == ["", "proxy"]


def test_links_that_hold_a_page_are_looked_at_again(server: FakeMusicGen, clock: FakeClock, tmp_path: Path) -> None:
    server.on_download(Say(PAGE, 404), Say(PAGE, 200, {"Content-Type": "audio/wav"}), Say(WAV))
    result = fetched(server, clock, tmp_path, Ticket(provider_id="", links=("/a.wav",)))
    assert result.file.seconds == pytest.approx(1.0)
    assert clock.waits == [2, 3]
    assert server.fetches == []


def test_links_that_stay_wrong_are_given_up(server: FakeMusicGen, clock: FakeClock, tmp_path: Path) -> None:
    server.on_download(*[Say(PAGE, 404)] * 50)
    with pytest.raises(BadResult):
        fetched(server, clock, tmp_path, Ticket(provider_id="", links=("/a.wav",)))
    assert len(server.downloads) == 8
    assert list(tmp_path.iterdir()) == []


def test_the_queued_shape_is_fetched_from_its_promised_links(
    server: FakeMusicGen, clock: FakeClock, tmp_path: Path
) -> None:
    provider = provider_at(server.url, clock)
    server.on_submit(
        Say(
            {
                "status": "queued",
                "taskId": "a3525188-a894-47ea-9946-1e5a8f2c4abb",
                "eta": 5,
                "links": ["{url}/generations/x.wav"],
                "proxy_links": ["{url}/proxy/x.wav"],
                "message": "Request has been queued",
            }
        )
    )
    server.on_download(*[Say(PAGE, 404)] * 30, Say(WAV))
    result = provider.fetch(provider.submit(REQUEST), REQUEST, tmp_path, clock.wait)
    assert result.file.seconds == pytest.approx(1.0)
    assert server.fetches[0].path.endswith("/fetch/a3525188-a894-47ea-9946-1e5a8f2c4abb")


def test_future_links_are_no_results(server: FakeMusicGen, clock: FakeClock, tmp_path: Path) -> None:
    with FakeMusicGen(processing=4) as server:
        provider = provider_at(server.url, clock)
        provider.fetch(provider.submit(REQUEST), REQUEST, tmp_path, clock.wait)
        assert len(server.downloads) == 1


@pytest.mark.parametrize(
    "body",
    [
        base64.b64encode(WAV),
        base64.encodebytes(WAV),
        base64.urlsafe_b64encode(WAV).rstrip(b"="),
        b"data:audio/wav;base64, " + base64.b64encode(WAV),
        b'"' + base64.b64encode(WAV) + b'"\n',
    ],
)
def test_audio_that_comes_as_text_is_unpacked(
    server: FakeMusicGen, clock: FakeClock, tmp_path: Path, body: bytes
) -> None:
    server.on_download(Say(body, 200, {"Content-Type": "text/plain"}))
    fetched(server, clock, tmp_path, Ticket(provider_id="", links=("/x.base64",)))
    assert (tmp_path / "2-1.wav").read_bytes() == WAV


@pytest.mark.parametrize("prefix", ["", "data:audio/wav;base64,"])
def test_audio_within_the_reply_is_kept(server: FakeMusicGen, clock: FakeClock, tmp_path: Path, prefix: str) -> None:
    provider = provider_at(server.url, clock)
    server.on_submit(Say({"status": "success", "id": 1, "output": [prefix + base64.b64encode(WAV).decode()]}))
    provider.fetch(provider.submit(REQUEST), REQUEST, tmp_path, clock.wait)
    assert (tmp_path / "2-1.wav").read_bytes() == WAV


def test_the_bytes_decide_over_name_and_content_type(server: FakeMusicGen, clock: FakeClock, tmp_path: Path) -> None:
    flac = tmp_path / "made.flac"
    soundfile.write(flac, [0.0, 0.5] * 4000, 32_000)
    server.on_download(Say(flac.read_bytes(), 200, {"Content-Type": "audio/wav"}))
    result = fetched(server, clock, tmp_path / "job", Ticket(provider_id="", links=("/x.wav",)))
    assert result.file.path.endswith("2-1.flac")


@pytest.mark.parametrize(
    "step",
    [
        Say(b"RIFF" + WAV[4:8] + b"WAVEjunk and no more"),
        Say(WAV[:-1000]),
        Say(WAV, cut=1000),
        Say(b"\xff\xfe<\x00h\x00t\x00m\x00l\x00"),
        Say(b"\x00" * 5000),
        Say({"status": "error"}),
        Say(b"just some words, and no audio"),
        Say(b""),
        Say(gzip.compress(WAV)[:-20], 200, {"Content-Encoding": "gzip"}),
        Say(WAV, 200, {"Content-Encoding": "br"}),
    ],
)
def test_what_is_no_whole_audio_is_never_kept(
    server: FakeMusicGen, clock: FakeClock, tmp_path: Path, step: Say
) -> None:
    server.on_download(*[step] * 3, Say(WAV))
    server.on_download(*[step] * 3, Say(WAV))
    fetched(server, clock, tmp_path, Ticket(provider_id="", links=("/x.wav",)))
    assert (tmp_path / "2-1.wav").read_bytes() == WAV
    assert [path.name for path in tmp_path.iterdir()] == ["2-1.wav"]


def test_the_key_never_leaves_for_another_host(server: FakeMusicGen, clock: FakeClock, tmp_path: Path) -> None:
    with FakeMusicGen() as stranger:
        provider = provider_at(server.url, clock, private_network=True)
        server.on_submit(
            Say(
                {
                    "status": "processing",
                    "id": 9,
                    "eta": 1,
                    "fetch_result": f"{stranger.url}/api/v6/voice/fetch/9",
                    "output": [],
                }
            )
        )
        server.on_fetch(
            Say(b"", 302, {"Location": f"{stranger.url}/x"}),
            Say({"status": "success", "id": 9, "output": [f"{stranger.url}/x.wav"]}),
        )
        stranger.on_download(Say(WAV))
        provider.fetch(provider.submit(REQUEST), REQUEST, tmp_path, clock.wait)
        (loaded,) = stranger.asked
        assert loaded.method == "GET"
        assert KEY not in repr(loaded)


def test_a_private_address_of_another_host_is_refused(server: FakeMusicGen, clock: FakeClock, tmp_path: Path) -> None:
    with FakeMusicGen() as stranger:
        with pytest.raises(NotAllowed, match="private_network"):
            fetched(server, clock, tmp_path, Ticket(provider_id="", links=(f"{stranger.url}/x.wav",)))
        assert stranger.asked == []


def test_an_engine_that_comes_back_on_another_port_still_delivers(clock: FakeClock, tmp_path: Path) -> None:
    with FakeMusicGen() as first, FakeMusicGen() as second:
        where = [first.url]
        provider = MusicGenProvider("local", ProviderConfig(billable=False), lambda: where[0], lambda: "none", clock)
        ticket = provider.submit(REQUEST)
        where[0] = second.url
        second.on_download(Say(WAV))
        provider.fetch(ticket, REQUEST, tmp_path, clock.wait)
        assert (len(first.downloads), len(second.downloads)) == (0, 1)


def test_fetching_twice_gives_the_same_file_and_pays_nothing(
    server: FakeMusicGen, clock: FakeClock, tmp_path: Path
) -> None:
    provider = provider_at(server.url, clock)
    ticket = provider.submit(REQUEST)
    first = provider.fetch(ticket, REQUEST, tmp_path, clock.wait)
    assert provider.fetch(ticket, REQUEST, tmp_path, clock.wait) == first
    assert len(server.submissions) == 1


@pytest.mark.parametrize("link", ["ftp://x.test/a.wav", "http://[bad/x.wav", "file:///etc/passwd", "http:///x.wav"])
def test_links_of_other_kinds_are_refused(server: FakeMusicGen, clock: FakeClock, tmp_path: Path, link: str) -> None:
    server.on_submit(Say({"status": "success", "id": "", "output": [link]}))
    provider = provider_at(server.url, clock)
    with pytest.raises((NotAllowed, BadResult)):
        provider.fetch(provider.submit(REQUEST), REQUEST, tmp_path, clock.wait)
    assert list(tmp_path.iterdir()) == []
