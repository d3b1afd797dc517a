"""The engine's routes: the music_gen contract over HTTP, for this machine only unless told otherwise."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bridge.contract import ErrorReply
from bridge.engine.desk import Desk
from bridge.engine.queue import Order, Outcome, Queue
from bridge.engine.requests import Api, Refusal, bad_form, read_key
from bridge.engine.storage import Storage
from bridge.errors import BridgeError

if TYPE_CHECKING:
    from bridge.engine.making import Play

MAX_BODY_BYTES = 64 * 1024 * 1024
SYNC_SECONDS = 25.0
MAX_WAITING = 32

_ENTERPRISE = "/api/v1/enterprise/voice"
_V6 = "/api/v6/voice"
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
_NOT_READY = "<!DOCTYPE html><title>Not found</title><p>There is no such file, or it is not ready yet.</p>"


def build_app(
    play: Play,
    folder: Path,
    *,
    hosts: frozenset[str] = LOOPBACK_NAMES,
    any_address: bool = False,
    allow_private: bool = False,
    sync_seconds: float = SYNC_SECONDS,
    max_waiting: int = MAX_WAITING,
    clock: Callable[[], float] = time.time,
) -> Starlette:
    """The endpoint, with `play` making its music and `folder` keeping its files.

    Requests are answered only under the names in `hosts`, or under any IP address with `any_address`. A request is
    answered at once when its music is there within `sync_seconds`, else it is `processing`. With `allow_private`,
    `init_audio` may be a URL on a private network.
    """
    storage = Storage(folder, clock)

    def make(order: Order) -> None:
        from bridge.engine import making  # numpy and the band, only once there is something to play

        making.make(order, storage, play)

    queue = Queue(make, time.perf_counter, max_waiting)
    routes = _Routes(Desk(storage, queue, clock, allow_private), queue, storage, sync_seconds)
    return Starlette(
        routes=[
            Route(f"{_ENTERPRISE}/music_gen", routes.music_gen("enterprise"), methods=["POST"]),
            Route(f"{_V6}/music_gen", routes.music_gen("v6"), methods=["POST"]),
            Route(f"{_ENTERPRISE}/fetch/{{id}}", _answer(routes.fetch), methods=["POST"]),
            Route(f"{_V6}/fetch/{{id}}", _answer(routes.fetch), methods=["POST"]),
            Route(f"{_ENTERPRISE}/system_details", _answer(routes.system_details), methods=["POST"]),
            Route(f"{_ENTERPRISE}/clear_queue", _answer(routes.clear_queue), methods=["POST"]),
            Route(f"{_ENTERPRISE}/clear_cache", _answer(routes.clear_cache), methods=["POST"]),
            Route("/generations/{name}", routes.generation, methods=["GET"]),
            Route("/proxy/generations/{name}", routes.generation, methods=["GET"]),
        ],
        middleware=[Middleware(_LocalOnly, hosts=hosts, any_address=any_address)],
    )


class _Routes:
    """What each route does."""

    def __init__(self, desk: Desk, queue: Queue, storage: Storage, sync_seconds: float) -> None:
        self._desk = desk
        self._queue = queue
        self._storage = storage
        self._sync_seconds = sync_seconds

    def music_gen(self, api: Api) -> Callable[[Request], Awaitable[Response]]:
        async def generate(request: Request, body: bytes) -> Any:
            order, future = await run_in_threadpool(self._desk.take, body, api)
            outcome = await _outcome_within(future, self._sync_seconds)
            if outcome is None:
                return self._desk.processing(order, _base(request), api)
            if outcome.error is not None:
                raise Refusal(outcome.error, outcome.status)
            return self._desk.success(order, outcome.seconds, _base(request))

        return _answer(generate)

    async def fetch(self, request: Request, body: bytes) -> Any:
        read_key(body)
        return self._desk.fetch(request.path_params["id"], _base(request))

    async def system_details(self, _: Request, body: bytes) -> Any:
        read_key(body)
        return {"model_count": 1, "queue_time": self._queue.waiting, "status": "ok"}

    async def clear_queue(self, _: Request, body: bytes) -> Any:
        read_key(body)
        self._queue.clear()
        return {"status": "success", "message": "The queue is cleared."}

    async def clear_cache(self, _: Request, body: bytes) -> Any:
        read_key(body)
        await run_in_threadpool(self._storage.sweep)
        return {"status": "success", "message": "The cache is cleared."}

    async def generation(self, request: Request) -> Response:
        path = await run_in_threadpool(self._storage.find, request.path_params["name"])
        if path is None:
            return HTMLResponse(_NOT_READY, status_code=404)
        return FileResponse(path, media_type="audio/wav", headers={"X-Content-Type-Options": "nosniff"})


def _answer(route: Callable[[Request, bytes], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
    """A route that is given its whole body, and whose errors are replies."""

    async def answer(request: Request) -> Response:
        try:
            return _reply(await route(request, await _body(request)))
        except Refusal as refusal:
            return _reply(refusal.reply, refusal.status)
        except BridgeError as problem:
            return _reply(ErrorReply(message=problem.text), 500)
        except ClientDisconnect:
            return _reply(ErrorReply(message="The request broke off; send it again."), 400)
        except asyncio.CancelledError:
            # The process is ending; the last thing this task can do for its client is to say so.
            return _reply(ErrorReply(message="The engine is stopping; send the request again."), 503)

    return answer


async def _body(request: Request) -> bytes:
    """The body of a JSON request, as long as it is no larger than it may be."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise bad_form()
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise Refusal(ErrorReply(message="The request is larger than 64 MB; send a shorter clip."), 413)
    return bytes(body)


async def _outcome_within(future: Future[Outcome], seconds: float) -> Outcome | None:
    done, _ = await asyncio.wait([asyncio.wrap_future(future)], timeout=seconds)
    return done.pop().result() if done else None


def _reply(value: Any, status: int = 200) -> Response:
    headers = {"Cache-Control": "no-cache, private", "X-Content-Type-Options": "nosniff"}
    if isinstance(value, ErrorReply) and value.retry_after is not None:
        headers["Retry-After"] = str(value.retry_after)
    return Response(msgspec.json.encode(value), status, headers, "application/json")


def _base(request: Request) -> str:
    """Where links point: to the host that the client itself spoke to."""
    return f"http://{request.headers['host']}"


class _LocalOnly:
    """Refuses what a web page of somebody else could send here: foreign host names, foreign origins."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str], any_address: bool) -> None:
        self._app = app
        self._hosts = hosts
        self._any_address = any_address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", []))
        host = headers.get(b"host", b"").decode("latin-1")
        origin = headers.get(b"origin", b"").decode("latin-1")
        if not self._knows(host) or (origin and origin != f"http://{host}"):
            refusal = ErrorReply(message="This engine answers only programs on this machine.")
            await _reply(refusal, 403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _knows(self, host: str) -> bool:
        try:
            parts = urlsplit(f"//{host}")
            name, _ = parts.hostname or "", parts.port
        except ValueError:
            return False
        plain = parts.netloc == host and "@" not in host
        return plain and (name in self._hosts or (self._any_address and _is_address(name)))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
