"""A music_gen service over real HTTP that plays a script and keeps all that it was asked."""

from __future__ import annotations

import array
import hashlib
import io
import json
import math
import socket
import struct
import threading
import wave
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

from bridge.contract import MODEL_RATE, seconds_for

PAGE = b"<!DOCTYPE html><html><body>Object not found</body></html>"


@dataclass(frozen=True)
class Asked:
    """One request as it came in; its body is empty where the script did not read it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        table = json.loads(self.body)
        assert isinstance(table, dict)
        return table


@dataclass(frozen=True)
class Say:
    """Answer this: a table as JSON, bytes or text as they are; {url} and {link} are filled in.

    With `cut` the answer announces its whole length and ends after so many bytes. Without `length` nothing is
    announced. `repeat` sends the body so many times.
    """

    body: object = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    length: bool = True
    repeat: int = 1


@dataclass(frozen=True)
class Drop:
    """Break the connection: before the body was read, or after."""

    when: Literal["before_body", "after_body"]


@dataclass(frozen=True)
class Stall:
    """Read the request and never answer."""


Step = Say | Drop | Stall


class FakeMusicGen:
    """Without a script it behaves as documented: success at once, or after `processing` fetches, and a WAV."""

    def __init__(self, *, processing: int = 0, eta: float = 5, port: int = 0) -> None:
        self.asked: list[Asked] = []
        self._processing = processing
        self._eta = eta
        self._scripts: dict[str, deque[Step]] = {name: deque() for name in ("submit", "fetch", "download")}
        self._jobs: dict[str, _Job] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.fake = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def on_submit(self, *steps: Step) -> None:
        """What the next submissions meet; after the last step they are answered as documented."""
        self._scripts["submit"].extend(steps)

    def on_fetch(self, *steps: Step) -> None:
        """The same for fetches."""
        self._scripts["fetch"].extend(steps)

    def on_download(self, *steps: Step) -> None:
        """The same for downloads, whatever their path."""
        self._scripts["download"].extend(steps)

    @property
    def submissions(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.method == "POST" and asked.path.endswith("/music_gen")]

    @property
    def fetches(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.method == "POST" and "/fetch/" in asked.path]

    @property
    def downloads(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.method == "GET"]

    def answer(self, handler: _Handler, kind: str, body: bytes | None) -> None:
        """Play the next step of the script, or behave as documented."""
        with self._lock:
            step = self._scripts[kind].popleft() if self._scripts[kind] else None
        if body is None and not (isinstance(step, Drop) and step.when == "before_body"):
            body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        with self._lock:
            self.asked.append(Asked(handler.command, handler.path, dict(handler.headers), body or b""))
            step = step or self._documented(kind, handler, body or b"")
        if isinstance(step, Drop):
            handler.drop()
        elif isinstance(step, Stall):
            self._closing.wait(60)
            handler.drop()
        else:
            handler.say(step, self._bytes_of(step.body))

    def _bytes_of(self, body: object) -> bytes:
        if isinstance(body, bytes):
            return body
        text = body if isinstance(body, str) else json.dumps(body)
        link = f"{self.url}{_Job.path_of(310815 + len(self._jobs) - 1)}"
        return text.replace("{url}", self.url).replace("{link}", link).encode()

    def _documented(self, kind: str, handler: _Handler, body: bytes) -> Step:
        if kind == "submit":
            return self._submitted(json.loads(body))
        if kind == "fetch":
            return self._fetched(handler.path.rpartition("/")[2])
        job = next((job for job in self._jobs.values() if job.path == handler.path.partition("?")[0]), None)
        if job is None or job.left:
            return Say(PAGE, 404, {"Content-Type": "text/html"})
        return _file(job.wav, handler.headers.get("Range"), handler.headers.get("If-Range"))

    def _submitted(self, asked: dict[str, Any]) -> Step:
        number = 310815 + len(self._jobs)
        seconds = float(asked.get("duration") or seconds_for(asked.get("max_new_token") or 256))
        job = _Job(number, sine_wav(seconds), self._processing)
        self._jobs[str(number)] = job
        link = f"{self.url}{job.path}"
        meta = {
            "base64": "yes" if asked.get("base64") else "no",
            "conditioning_melody": None,
            "filename": job.path.rpartition("/")[2],
            "input_text": asked["prompt"],
            "max_new_token": asked.get("max_new_token"),
            "sampling_rate": asked.get("sampling_rate"),
            "temp": "no",
        }
        if job.left:
            return Say(
                {
                    "status": "processing",
                    "tip": "Your music generation is processing in background",
                    "eta": self._eta,
                    "message": "Try to fetch request after seconds estimated",
                    "fetch_result": f"{self.url}/api/v6/voice/fetch/{number}",
                    "id": number,
                    "output": [],
                    "future_links": [link],
                    "meta": meta,
                }
            )
        return Say(
            {
                "status": "success",
                "generationTime": 4.88,
                "id": number,
                "output": [link],
                "proxy_links": [f"{link}?proxy"],
                "meta": meta,
            }
        )

    def _fetched(self, number: str) -> Step:
        job = self._jobs.get(number)
        if job is None:
            return Say({"status": "failed", "id": "", "message": "Request not found", "output": "", "tip": ""})
        job.left = max(job.left - 1, 0)
        if job.left:
            return Say({"status": "processing", "id": job.number, "message": "audio is processing", "output": []})
        return Say({"status": "success", "id": job.number, "output": [f"{self.url}{job.path}"]})


def sine_wav(seconds: float, rate: int = MODEL_RATE) -> bytes:
    """A mono 16-bit WAV of a steady 400 Hz tone."""
    period = array.array("h", (round(8000 * math.sin(2 * math.pi * 400 * n / rate)) for n in range(rate // 400)))
    frames = round(seconds * rate)
    tone = period.tobytes() * (frames // len(period) + 1)
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(tone[: frames * 2])
    return kept.getvalue()


@dataclass
class _Job:
    number: int
    wav: bytes
    left: int

    @property
    def path(self) -> str:
        return self.path_of(self.number)

    @staticmethod
    def path_of(number: int) -> str:
        return f"/generations/30ea5aee-fba8-4b65-bf71-{number:012d}.wav"


def _file(data: bytes, wanted: str | None, validator: str | None) -> Say:
    tag = f'"{hashlib.md5(data).hexdigest()}"'
    headers = {"Content-Type": "audio/wav", "ETag": tag, "Accept-Ranges": "bytes"}
    if not wanted or validator not in {None, tag}:
        return Say(data, 200, headers)
    start = int(wanted.removeprefix("bytes=").partition("-")[0])
    if start >= len(data):
        return Say(b"", 416, headers)
    return Say(data[start:], 206, headers | {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    fake: FakeMusicGen

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the play."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        self.server.fake.answer(self, "fetch" if "/fetch/" in self.path else "submit", None)

    def do_GET(self) -> None:
        self.server.fake.answer(self, "download", b"")

    def drop(self) -> None:
        """Reset the connection."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def say(self, step: Say, body: bytes) -> None:
        self.send_response(step.status)
        defaults = {"Content-Type": "application/json"} if not isinstance(step.body, bytes) else {}
        for name, value in (defaults | step.headers).items():
            self.send_header(name, value.replace("{url}", self.server.fake.url))
        if step.length:
            self.send_header("Content-Length", str(len(body) * step.repeat))
        self.send_header("Connection", "close")
        self.end_headers()
        for _ in range(step.repeat):
            self.wfile.write(body[: step.cut])
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """The play is silent."""
