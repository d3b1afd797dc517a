"""One POST that carries the API key: never repeated, never redirected, and exact about whether anything was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import requests
import urllib3

from bridge.config import is_loopback
from bridge.providers.replies import Answer

CONNECT_SECONDS = 10.0
MAX_ANSWER_SECONDS = 300.0
MAX_ANSWER_BYTES = 96 * 1024 * 1024
_PIECE_BYTES = 64 * 1024


class NotSent(Exception):
    """No byte of the body has left: nothing can have been billed."""


class AnswerLost(Exception):
    """The body was sent, or a part of it; whether it arrived is unknown."""


def post(url: str, body: bytes, read_seconds: float, clock: Callable[[], float]) -> Answer:
    """POST a JSON body once over a connection of its own and read the answer, which begins within `read_seconds`.

    An idle connection is not used again: a server may just be closing it, and then nobody knows what has arrived.

    Raises:
        NotSent, AnswerLost: as they say.
    """
    sending = _Body(body)
    try:
        with (
            requests.Session() as session,
            session.post(
                url,
                data=sending,
                headers={"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"},
                timeout=(CONNECT_SECONDS, read_seconds),
                proxies=_without_proxy(url),
                allow_redirects=False,
                stream=True,
            ) as response,
        ):
            return Answer(
                status=response.status_code,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=_bounded(response, clock),
            )
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as problem:
        reason = _reason(problem)
        raise (AnswerLost(reason) if sending.began else NotSent(reason)) from problem


class _Body:
    """A request's body that knows whether its sending has begun.

    It leaves in pieces, for a socket's time-out holds for the whole of what is handed over at once.
    """

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.began = False

    def __len__(self) -> int:
        return len(self._body)

    def __iter__(self) -> Iterator[bytes]:
        self.began = True
        for start in range(0, len(self._body), _PIECE_BYTES):
            yield self._body[start : start + _PIECE_BYTES]


def _without_proxy(url: str) -> dict[str, str]:
    """A proxy of the environment cannot see our own machine, so it is not asked about it."""
    host = urlsplit(url).hostname or ""
    return {"no_proxy": host} if is_loopback(host) else {}


def _bounded(response: requests.Response, clock: Callable[[], float]) -> bytes:
    deadline = clock() + MAX_ANSWER_SECONDS
    pieces: list[bytes] = []
    size = 0
    # read1 gives what has come; any other way of reading waits for a whole piece, however slowly it drips.
    while piece := response.raw.read1(_PIECE_BYTES, decode_content=True):
        size += len(piece)
        if size > MAX_ANSWER_BYTES:
            raise ValueError("the answer is endless")
        if clock() > deadline:
            raise ValueError("the answer comes too slowly")
        pieces.append(piece)
    return b"".join(pieces)


def _reason(problem: Exception) -> str:
    """What went wrong in few words; the libraries' own name objects and addresses in memory."""
    if isinstance(problem, requests.exceptions.SSLError):
        return "its certificate or encryption is not accepted"
    if isinstance(problem, requests.exceptions.ConnectTimeout):
        return "no connection in time"
    if isinstance(problem, requests.Timeout | urllib3.exceptions.TimeoutError):
        return "no answer in time"
    if isinstance(problem, requests.exceptions.ProxyError):
        return "the proxy does not answer"
    if isinstance(problem, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return "its address is not a valid URL"
    if "NameResolution" in repr(problem):
        return "its name was not found"
    if "refused" in str(problem).lower():
        return "the connection was refused"
    broken = isinstance(problem, requests.ConnectionError | urllib3.exceptions.HTTPError | OSError)
    return "the connection broke" if broken else str(problem)[:100]
