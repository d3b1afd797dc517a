from __future__ import annotations

import asyncio
import base64
import io
import json
import socket
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import numpy as np
import pytest
import requests
from pytest_httpserver import HTTPServer

from bridge.contract import HINTS_CHUNK, Hints
from bridge.engine.app import build_app
from bridge.model import Note
from bridge.sound.files import Sound, wav_bytes
from tests.engine.running import MUSIC_GEN, Client, Player, running_engine

META_KEYS = ["base64", "conditioning_melody", "filename", "input_text", "max_new_token", "sampling_rate", "temp"]


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Player]]:
    player = Player()
    with running_engine(player, tmp_path_factory.mktemp("engine")) as client:
        yield client, player


@pytest.fixture
def engine(standing: tuple[Client, Player]) -> Client:
    return standing[0]


@pytest.fixture
def player(standing: tuple[Client, Player]) -> Player:
    standing[1].reset()
    return standing[1]


@pytest.fixture
def slow_engine(player: Player, tmp_path: Path) -> Iterator[Client]:
    player.may_play.clear()
    with running_engine(player, tmp_path, sync_seconds=0.0, max_waiting=2) as client:
        yield client
        player.may_play.set()


def sine(seconds: float = 1.0, rate: int = 22_050) -> Sound:
    times = np.arange(round(seconds * rate)) / rate
    return Sound(0.5 * np.sin(2 * np.pi * 440 * times).astype(np.float32)[:, None], rate)


def spelled(data: bytes) -> str:
    return base64.b64encode(data).decode()


def downloaded(link: str) -> wave.Wave_read:
    reply = requests.get(link, timeout=10)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "audio/wav")
    return wave.open(io.BytesIO(reply.content))


def test_a_success_has_the_keys_of_the_contract_in_their_order(engine: Client) -> None:
    reply = engine.generate(prompt="rock music from the 90s", sampling_rate=10_000)
    answer = reply.json()
    assert reply.status_code == 200
    assert list(answer) == ["status", "generationTime", "id", "output", "proxy_links", "meta"]
    assert list(answer["meta"]) == META_KEYS
    assert answer["status"] == "success"
    assert isinstance(answer["id"], int)
    assert answer["meta"] | {"filename": ""} == {
        "base64": "no",
        "conditioning_melody": None,
        "filename": "",
        "input_text": "rock music from the 90s",
        "max_new_token": 256,
        "sampling_rate": 10_000,
        "temp": "no",
    }
    names = {urlsplit(link).path.rsplit("/", 1)[1] for link in answer["output"] + answer["proxy_links"]}
    assert names == {answer["meta"]["filename"]}


@pytest.mark.parametrize(
    ("tokens", "rate", "frames"),
    [
        (256, 32_000, 161_920),
        (1024, 32_000, 653_440),
        (256, 10_000, 50_600),
        (257, 44_101, 224_033),
        (256, 96_000, 485_760),
    ],
)
def test_the_answer_lasts_exactly_as_long_as_its_tokens(engine: Client, tokens: int, rate: int, frames: int) -> None:
    answer = engine.generate(max_new_token=tokens, sampling_rate=rate).json()
    for link in answer["output"] + answer["proxy_links"]:
        file = downloaded(link)
        assert (file.getframerate(), file.getnframes()) == (rate, frames)
        assert (file.getnchannels(), file.getsampwidth()) == (2, 2)


def test_the_same_request_gives_the_same_bytes_and_another_seed_gives_others(engine: Client) -> None:
    fields: list[dict[str, Any]] = [{}, {}, {"seed": 5}, {"seed": 5}, {"seed": 6}, {"prompt": "flute"}]
    first, same, fifth, fifth_again, sixth, other = (
        requests.get(engine.generate(**each).json()["output"][0], timeout=10).content for each in fields
    )
    assert first == same
    assert fifth == fifth_again
    assert len({first, fifth, sixth, other}) == 4


def test_a_part_of_a_file_can_be_asked_for_and_its_head(engine: Client) -> None:
    link = engine.generate().json()["output"][0]
    whole = requests.get(link, timeout=10).content
    part = requests.get(link, headers={"Range": "bytes=100-199"}, timeout=10)
    assert (part.status_code, part.content) == (206, whole[100:200])
    head = requests.head(link, timeout=10)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(whole)))


def test_what_takes_longer_is_processing_and_then_fetched(slow_engine: Client, player: Player) -> None:
    answer = slow_engine.generate().json()
    assert list(answer) == [
        "status",
        "tip",
        "eta",
        "message",
        "fetch_result",
        "id",
        "output",
        "future_links",
        "proxy_links",
        "meta",
    ]
    assert (answer["status"], answer["output"], list(answer["meta"])) == ("processing", [], META_KEYS)
    waiting = slow_engine.fetch(answer["id"])
    assert list(waiting) == ["status", "id", "message", "output", "tip"]
    assert (waiting["status"], waiting["output"]) == ("processing", [])
    early = requests.get(answer["future_links"][0], timeout=10)
    assert early.status_code == 404
    assert early.headers["content-type"].startswith("text/html")
    player.may_play.set()
    done = slow_engine.until(answer["id"], lambda reply: reply["status"] != "processing")
    assert list(done) == ["status", "id", "output", "proxy_links"]
    assert (done["status"], done["id"], done["output"]) == ("success", answer["id"], answer["future_links"])
    assert downloaded(done["output"][0]).getnframes() == 161_920
    assert requests.post(answer["fetch_result"], json={"key": "any"}, timeout=10).json() == done


@pytest.mark.parametrize("order_id", ["1", "0", "-3", "none", "99999999999999999999999", "%F0%9F%8E%B5", "٣"])
def test_an_unknown_id_has_failed(engine: Client, order_id: str) -> None:
    answer = engine.fetch(order_id)
    assert list(answer) == ["status", "id", "message", "output", "tip"]
    assert (answer["status"], answer["id"], answer["output"]) == ("failed", "", "")


def test_a_full_queue_asks_to_come_again(slow_engine: Client, player: Player) -> None:
    assert slow_engine.generate().json()["status"] == "processing"
    player.begun.acquire()
    assert [slow_engine.generate().json()["status"] for _ in range(2)] == ["processing", "processing"]
    full = slow_engine.generate()
    assert (full.status_code, full.json()["status"], full.json()["retry_after"]) == (429, "error", 5)
    assert full.headers["retry-after"] == "5"


def test_orders_are_played_first_in_first_out(slow_engine: Client, player: Player) -> None:
    slow_engine.generate(prompt="first")
    player.begun.acquire()
    slow_engine.generate(prompt="second")
    third = slow_engine.generate(prompt="third").json()["id"]
    player.may_play.set()
    slow_engine.until(third, lambda reply: reply["status"] == "success")
    assert [ask.prompt for ask in player.asked] == ["first", "second", "third"]


def test_a_cleared_queue_fails_what_had_not_begun(slow_engine: Client, player: Player) -> None:
    first = slow_engine.generate().json()["id"]
    player.begun.acquire()
    second = slow_engine.generate(init_audio=spelled(wav_bytes(sine()))).json()["id"]
    details = slow_engine.post("/api/v1/enterprise/voice/system_details", {"key": "any"}).json()
    assert details == {"model_count": 1, "queue_time": 1, "status": "ok"}
    assert slow_engine.post("/api/v1/enterprise/voice/clear_queue", {"key": "any"}).json()["status"] == "success"
    assert slow_engine.fetch(second)["status"] == "failed"
    player.may_play.set()
    assert slow_engine.until(first, lambda reply: reply["status"] != "processing")["status"] == "success"


def test_a_failing_player_fails_its_request_only(engine: Client, player: Player) -> None:
    player.fails = True
    reply = engine.generate()
    assert (reply.status_code, reply.json()["status"]) == (500, "error")
    player.fails = False
    assert engine.generate().json()["status"] == "success"


def test_who_still_waits_when_the_engine_ends_is_told(player: Player, tmp_path: Path) -> None:
    player.may_play.clear()
    with ThreadPoolExecutor(1) as pool:
        with running_engine(player, tmp_path) as client:
            waiting = pool.submit(client.generate)
            player.begun.acquire()
        reply = waiting.result()
        player.may_play.set()
    assert (reply.status_code, reply.json()["status"]) == (503, "error")


def test_an_answer_survives_a_restart(player: Player, tmp_path: Path) -> None:
    with running_engine(player, tmp_path) as before:
        order_id = before.generate().json()["id"]
    with running_engine(player, tmp_path) as after:
        answer = after.fetch(order_id)
        assert downloaded(answer["output"][0]).getnframes() == 161_920
        assert after.generate().json()["id"] != order_id


CLIP = wav_bytes(sine(), bits=16)
URL_SAFE = base64.urlsafe_b64encode(CLIP).decode()
assert set(URL_SAFE) & set("-_")


@pytest.mark.parametrize("flag", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        spelled(CLIP),
        spelled(CLIP).rstrip("="),
        URL_SAFE,
        base64.encodebytes(CLIP).decode().replace("\n", "\r\n"),
        f"data:audio/wav;base64,{spelled(CLIP)}",
        f" data:audio/wav;base64, {spelled(CLIP)}",
    ],
    ids=["raw", "no padding", "url-safe", "lines", "data URI", "data URI with spaces"],
)
def test_a_clip_in_base64_is_heard_in_every_spelling(engine: Client, player: Player, text: str, flag: bool) -> None:
    answer = engine.generate(init_audio=text, base64=flag).json()
    assert answer["status"] == "success"
    assert answer["meta"]["base64"] == ("yes" if flag else "no")
    heard = player.asked[0].heard
    assert heard is not None
    assert (heard.frames, heard.rate) == (22_050, 22_050)
    assert np.abs(heard.samples - sine().samples).max() < 1e-4


def test_at_most_30_seconds_of_a_clip_are_heard(engine: Client, player: Player) -> None:
    engine.generate(init_audio=spelled(wav_bytes(sine(seconds=31.5, rate=8000))))
    heard = player.asked[0].heard
    assert heard is not None
    assert heard.seconds == 30.0


def test_the_private_chunk_tells_the_band_what_the_bridge_knows(engine: Client, player: Player) -> None:
    hints = Hints(bpm=96.0, beats=16.0, mode="accompany", notes=(Note(pitch=68, start=0.0, duration=1.0),))
    clip = wav_bytes(sine(), chunks=[(HINTS_CHUNK, msgspec.json.encode(hints))])
    engine.generate(init_audio=spelled(clip))
    assert player.asked[0].hints == hints


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"bpm": 96}',
        b'{"bpm": -5, "beats": 16}',
        b'{"bpm": 96, "beats": 1e300}',
        b'{"version": 2, "bpm": 96, "beats": 16}',
        b'{"bpm": 96, "beats": 16, "notes": [{"pitch": 300, "start": 0, "duration": 1}]}',
        b'{"bpm": 96, "beats": 16}' + b" " * (5 * 1024 * 1024),
    ],
)
def test_a_malformed_private_chunk_is_ignored(engine: Client, player: Player, content: bytes) -> None:
    answer = engine.generate(init_audio=spelled(wav_bytes(sine(), chunks=[(HINTS_CHUNK, content)]))).json()
    assert answer["status"] == "success"
    assert player.asked[0].hints is None
    assert player.asked[0].heard is not None


@pytest.mark.parametrize(
    "text",
    ["hello there", "====", "aGVsbG8gdGhlcmU=", "data:audio/wav,abc", "file:///etc/passwd", "/etc/passwd", "ä" * 9],
)
def test_a_clip_that_is_no_audio_is_refused_by_its_field(engine: Client, player: Player, text: str) -> None:
    reply = engine.generate(init_audio=text)
    assert reply.status_code == 400
    assert list(reply.json()["message"]) == ["init_audio"]
    assert player.asked == []


def test_an_empty_wav_is_refused_by_its_field(engine: Client) -> None:
    empty = wav_bytes(Sound(np.zeros((0, 1), np.float32), 8000))
    assert list(engine.generate(init_audio=spelled(empty)).json()["message"]) == ["init_audio"]


def test_a_clip_by_url_is_loaded_where_private_addresses_are_allowed(
    player: Player, tmp_path: Path, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/riff.wav").respond_with_data(CLIP, content_type="audio/wav")
    url = httpserver.url_for("/riff.wav")
    with running_engine(player, tmp_path, allow_private=True) as client:
        answer = client.generate(init_audio=url, base64=True).json()
    assert answer["meta"]["conditioning_melody"] == url
    heard = player.asked[0].heard
    assert heard is not None
    assert heard.frames == 22_050


def test_a_clip_on_a_private_address_is_not_loaded_otherwise(engine: Client, httpserver: HTTPServer) -> None:
    reply = engine.generate(init_audio=httpserver.url_for("/riff.wav"))
    assert reply.json()["message"] == {"init_audio": ["The init audio field must be a URL on the public internet."]}
    assert httpserver.log == []


def test_nothing_of_a_clip_stays_behind(player: Player, tmp_path: Path) -> None:
    with running_engine(player, tmp_path) as client:
        for text in (spelled(CLIP), spelled(b"no audio"), "%%%"):
            client.generate(init_audio=text)
    assert list((tmp_path / "clips").iterdir()) == []


def test_a_bad_form_is_an_error_with_a_tip(engine: Client) -> None:
    url = engine.url + MUSIC_GEN
    form = requests.post(url, data={"key": "any", "prompt": "rock"}, timeout=10)
    broken = requests.post(url, data=b"{", headers={"Content-Type": "application/json"}, timeout=10)
    for reply in (form, broken):
        assert reply.status_code == 400
        assert list(reply.json()) == ["status", "message", "tip"]
        assert reply.json()["status"] == "error"


def test_a_client_that_goes_away_amid_its_request_breaks_nothing(player: Player, tmp_path: Path) -> None:
    pieces = iter(({"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}))
    sent: list[Any] = []

    async def receive() -> Any:
        return next(pieces)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": MUSIC_GEN, "headers": [(b"host", b"127.0.0.1")]}
    asyncio.run(build_app(player, tmp_path)(scope, receive, send))
    assert sent[0]["status"] == 400


def test_every_post_needs_a_key(engine: Client) -> None:
    for path in ("music_gen", "fetch/1", "system_details", "clear_queue", "clear_cache"):
        reply = engine.post(f"/api/v1/enterprise/voice/{path}", {"key": "", "prompt": "rock"})
        assert reply.status_code == 401
        assert reply.json() == {"status": "error", "message": {"key": ["The key field is required."]}}


def test_a_body_over_64_mb_is_refused(engine: Client) -> None:
    address = urlsplit(engine.url)
    head = f"POST {MUSIC_GEN} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n1\r\n{{\r\n".encode())
        for _ in range(64):
            connection.sendall(b"100000\r\n%s\r\n" % (b" " * 0x100000))
        assert connection.recv(4096).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "localhost@evil.example", "192.168.1.5:80"]
)
def test_a_foreign_host_name_is_refused(engine: Client, player: Player, host: str) -> None:
    reply = engine.post(MUSIC_GEN, {"key": "any", "prompt": "rock"}, headers={"Host": host})
    assert reply.status_code == 403
    assert player.asked == []


def test_links_lead_to_the_name_under_which_the_engine_was_called(engine: Client) -> None:
    port = urlsplit(engine.url).port
    answer = engine.post(MUSIC_GEN, {"key": "any", "prompt": "rock"}, headers={"Host": f"localhost:{port}"}).json()
    assert answer["output"][0].startswith(f"http://localhost:{port}/generations/")


def test_a_foreign_origin_is_refused_and_no_origin_is_invited(engine: Client, player: Player) -> None:
    for origin in ("https://evil.example", "null", "http://localhost"):
        assert engine.post(MUSIC_GEN, {"key": "any", "prompt": "x"}, headers={"Origin": origin}).status_code == 403
    assert player.asked == []
    reply = engine.post(MUSIC_GEN, {"key": "any", "prompt": "x"}, headers={"Origin": engine.url})
    assert reply.status_code == 200
    assert not [name for name in reply.headers if name.lower().startswith("access-control")]


def test_v6_answers_at_its_own_address(engine: Client) -> None:
    reply = engine.post("/api/v6/voice/music_gen", {"key": "any", "prompt": "rock", "duration": 30})
    answer = reply.json()
    assert downloaded(answer["output"][0]).getnframes() == 30 * 32_000
    fetched = engine.post(f"/api/v6/voice/fetch/{answer['id']}", {"key": "any"}).json()
    assert fetched["output"] == answer["output"]


def test_text_in_any_script_comes_back_as_it_was(engine: Client) -> None:
    prompt = "Ćwiartka, 三味線 – \U0001f3b6 \u0000 end"
    answer = json.loads(engine.generate(prompt=prompt).content)
    assert answer["meta"]["input_text"] == prompt
