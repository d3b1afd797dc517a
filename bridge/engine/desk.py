"""The engine's desk: takes requests in, knows how far they are, and writes the replies."""

from __future__ import annotations

import hashlib
import logging
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future

import msgspec

from bridge.contract import Fetched, Meta, MusicGenRequest, NotFound, Processing, StillProcessing, Success
from bridge.engine.hearing import clip_url, save_clip
from bridge.engine.queue import Order, Outcome, Queue
from bridge.engine.requests import Api, frames_of, read_request
from bridge.engine.storage import Storage
from bridge.files import disk_errors, sha256_of

log = logging.getLogger(__name__)

_REMEMBERED = 1000
_SECONDS_EACH = 2.0
_FETCH_PATHS: dict[Api, str] = {"enterprise": "/api/v1/enterprise/voice/fetch", "v6": "/api/v6/voice/fetch"}


class Desk:
    """Every order that came in, by id, until its file on the disk speaks for it."""

    def __init__(self, storage: Storage, queue: Queue, clock: Callable[[], float], allow_private: bool) -> None:
        self._storage = storage
        self._queue = queue
        self._clock = clock
        self._allow_private = allow_private
        self._lock = threading.Lock()
        self._orders: dict[int, Future[Outcome]] = {}
        self._last_id = 0

    def take(self, body: bytes, api: Api) -> tuple[Order, Future[Outcome]]:
        """Read a request, bring its clip in, and put it into the queue.

        Raises:
            Refusal: it is not taken; nothing was kept.
            DiskFull, NotWritable: its clip cannot be kept.
        """
        request = read_request(body, api)
        if request.webhook or request.extras:
            log.warning("webhook and extras are not served yet; ask with fetch for the music itself")
        order = self._order(request)
        try:
            future = self._queue.submit(order)
        except Exception:
            if order.clip is not None:
                order.clip.unlink(missing_ok=True)
            raise
        with self._lock:
            self._orders[order.id] = future
        return order, future

    def fetch(self, id_text: str, base: str) -> Fetched | StillProcessing | NotFound:
        """What fetch answers for an id."""
        order_id = int(id_text) if id_text.isascii() and id_text.isdigit() and len(id_text) < 20 else -1
        future = self._orders.get(order_id)
        if future is not None and not future.done():
            tip = "Your music is being made; fetch it again in a few seconds."
            return StillProcessing(id=order_id, message="audio is processing", output=[], tip=tip)
        outcome = None if future is None else future.result()
        if outcome is not None and outcome.error is not None:
            return NotFound(message=_one_text(outcome.error.message))
        name = self._storage.name_of(order_id)
        if name is None:
            return NotFound(tip="Results are kept for 24 hours; send the request again.")
        return Fetched(id=order_id, output=[_link(base, name)], proxy_links=[_proxy_link(base, name)])

    def success(self, order: Order, seconds: float, base: str) -> Success:
        """The reply when the music is there at once."""
        return Success(
            generationTime=seconds,
            id=order.id,
            output=[_link(base, order.name)],
            proxy_links=[_proxy_link(base, order.name)],
            meta=_meta(order),
        )

    def processing(self, order: Order, base: str, api: Api) -> Processing:
        """The reply when it takes longer than a client should be kept waiting."""
        return Processing(
            tip="Your music is being made in the background; get it with the fetch API.",
            eta=_SECONDS_EACH * (self._queue.waiting + 1),
            message="Try to fetch the request after the estimated seconds",
            fetch_result=f"{base}{_FETCH_PATHS[api]}/{order.id}",
            id=order.id,
            output=[],
            future_links=[_link(base, order.name)],
            proxy_links=[_proxy_link(base, order.name)],
            meta=_meta(order),
        )

    def _order(self, request: MusicGenRequest) -> Order:
        order_id = self._next_id()
        if request.init_audio is None:
            return Order(id=order_id, name=_new_name(), request=request, seed=_seed(request, ""))
        clip = self._storage.clip_path(order_id)
        try:
            with disk_errors(clip):
                save_clip(request.init_audio, clip, self._allow_private)
        except Exception:
            clip.unlink(missing_ok=True)
            raise
        return Order(
            id=order_id,
            name=_new_name(),
            request=msgspec.structs.replace(request, init_audio=None),
            seed=_seed(request, sha256_of(clip)),
            clip=clip,
            clip_url=clip_url(request.init_audio),
        )

    def _next_id(self) -> int:
        """A number that no request has, nor any file of an earlier run."""
        with self._lock:
            self._last_id = max(self._last_id + 1, int(self._clock()))
            while self._storage.name_of(self._last_id) is not None:
                self._last_id += 1
            done = [number for number, future in self._orders.items() if future.done()]
            for number in done[: max(len(self._orders) - _REMEMBERED, 0)]:
                del self._orders[number]
            return self._last_id


def _new_name() -> str:
    return f"{uuid.uuid4()}.wav"


def _seed(request: MusicGenRequest, clip_sha256: str) -> int:
    """The request's seed, or one that the same request always gets."""
    if request.seed is not None:
        return request.seed
    told = f"{request.prompt}\0{frames_of(request)}\0{clip_sha256}"
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:4], "big")


def _meta(order: Order) -> Meta:
    request = order.request
    return Meta(
        base64="yes" if request.base64 else "no",
        conditioning_melody=order.clip_url,
        filename=order.name,
        input_text=request.prompt,
        max_new_token=request.max_new_token,
        sampling_rate=request.sampling_rate,
        temp="yes" if request.temp else "no",
    )


def _link(base: str, name: str) -> str:
    return f"{base}/generations/{name}"


def _proxy_link(base: str, name: str) -> str:
    return f"{base}/proxy/generations/{name}"


def _one_text(message: str | dict[str, list[str]]) -> str:
    return message if isinstance(message, str) else " ".join(text for texts in message.values() for text in texts)
