"""Guarded GET: loads a file from a URL that somebody else chose, and only from where that may lie."""

from __future__ import annotations

import http.client
import io
import ipaddress
import os
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import quote, urljoin, urlsplit

from bridge.errors import BadResult, NotAllowed, ProviderUnreachable
from bridge.protocol import DEFAULT_PORTS

MAX_BYTES = 512 * 1024 * 1024
MAX_REDIRECTS = 3
TRIES = 3
CONNECT_SECONDS = 10.0
_CHUNK_BYTES = 64 * 1024
_REDIRECTS = {301, 302, 303, 307, 308}

Lookup = Callable[[str, int], Sequence[tuple[Any, ...]]]


def look_up(host: str, port: int) -> Sequence[tuple[Any, ...]]:
    """A host's addresses, as `socket.getaddrinfo` tells them."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def guarded_get(
    url: str,
    into: Path,
    *,
    private_network: bool,
    max_bytes: int = MAX_BYTES,
    allow_host: str | None = None,
    between: Callable[[], object] = lambda: None,
    stall_seconds: float = 30.0,
    total_seconds: float = 900.0,
    clock: Callable[[], float] = time.monotonic,
    lookup: Lookup = look_up,
) -> None:
    """Load `url` whole into the file `into`; what an earlier try has left of the very same file is not loaded again.

    The connection goes to the address that was checked: a public one, unless `private_network`, or unless host and
    port are `allow_host` ("127.0.0.1:9150"). Redirects are followed, checked alike. A transfer that breaks is taken
    up again twice. `between` is called between pieces and may raise to stop.

    Raises:
        NotAllowed: the address is private, or the scheme neither http nor https.
        BadResult: the answer is no file: an error status, too many bytes or redirects, an unknown encoding.
        ProviderUnreachable: there was no connection, or it broke, stalled or dripped for too long.
        OSError: `into` cannot be written.
    """
    guard = _Guard(private_network, allow_host, max_bytes, stall_seconds, clock() + total_seconds, clock, lookup)
    trouble: _Broken | None = None
    for _ in range(TRIES):
        try:
            _download(url, into, guard, between)
        except _Broken as broken:
            trouble = broken
        else:
            return
    raise ProviderUnreachable(f"{_shown(url)} could not be loaded ({trouble}); check your connection.") from trouble


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, also where an IPv6 address wraps an IPv4 one."""
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if wrapped is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            wrapped = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if wrapped is not None:
            return wrapped.is_global and not wrapped.is_multicast
    return ip.is_global and not ip.is_multicast


class _Broken(Exception):
    """A transfer that failed on its way; worth another try."""


class _Guard(NamedTuple):
    """What may be loaded, and until when."""

    private_network: bool
    allow_host: str | None
    max_bytes: int
    stall_seconds: float
    deadline: float
    clock: Callable[[], float]
    lookup: Lookup


class _Place(NamedTuple):
    """A checked URL, taken apart; `name` is host:port."""

    scheme: str
    host: str
    port: int
    name: str
    header: str
    target: str


class _Partial(NamedTuple):
    """What an earlier try has left, and the validator that says of which file."""

    size: int = 0
    validator: str = ""


def _download(url: str, into: Path, guard: _Guard, between: Callable[[], object]) -> None:
    mark = into.with_name(f"{into.name}.mark")
    partial = _read_partial(into, mark, url)
    answer = _open(url, guard, partial)
    try:
        size = _start(answer, partial, url)
        if size + (answer.length or 0) > guard.max_bytes:
            raise _too_large(url, guard)
        _note_partial(mark, url, answer)
        with into.open("ab" if size else "wb") as file:
            for piece in _pieces(answer, url):
                size += len(piece)
                if size > guard.max_bytes:
                    raise _too_large(url, guard)
                file.write(piece)
                between()
        mark.unlink(missing_ok=True)
    finally:
        answer.close()


def _read_partial(into: Path, mark: Path, url: str) -> _Partial:
    try:
        path, validator = mark.read_text("utf-8").split("\n")
        size = into.stat().st_size
    except (OSError, ValueError):
        return _Partial()
    return _Partial(size, validator) if size and path == urlsplit(url).path else _Partial()


def _open(url: str, guard: _Guard, partial: _Partial) -> http.client.HTTPResponse:
    """The answer that holds the file, or the rest of it, after redirects."""
    here = url
    for _ in range(MAX_REDIRECTS + 1):
        answer = _ask(_place(here), guard, partial)
        if answer.status in {200, 206}:
            return answer
        answer.close()
        if answer.status in _REDIRECTS and answer.headers.get("Location"):
            here = urljoin(here, answer.headers["Location"])
        elif answer.status == 416 and partial.size:
            partial = _Partial()
        else:
            raise BadResult(f"{_shown(here)} answered {answer.status} instead of a file.")
    raise BadResult(f"{_shown(url)} was redirected more than {MAX_REDIRECTS} times.")


def _place(url: str) -> _Place:
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    except (ValueError, UnicodeError) as problem:
        raise BadResult("The link to the result is not a valid URL.") from problem
    if parts.scheme not in DEFAULT_PORTS:
        raise NotAllowed(f"The link to the result is neither http nor https: {_shown(url)}.")
    if not host:
        raise BadResult("The link to the result names no host.")
    bare = f"[{host}]" if ":" in host else host
    query = f"?{quote(parts.query, safe='/%:@!$&()*+,;=~?')}" if parts.query else ""
    return _Place(
        scheme=parts.scheme,
        host=host,
        port=port,
        name=f"{bare}:{port}",
        header=bare if port == DEFAULT_PORTS[parts.scheme] else f"{bare}:{port}",
        target=quote(parts.path or "/", safe="/%:@!$&'()*+,;=~") + query,
    )


def _ask(place: _Place, guard: _Guard, partial: _Partial) -> http.client.HTTPResponse:
    """Send the GET over a connection that we made ourselves, and read the head of its answer."""
    headers = {"Host": place.header, "User-Agent": "daw-bridge", "Accept-Encoding": "identity", "Connection": "close"}
    if partial.size:
        headers |= {"Range": f"bytes={partial.size}-", "If-Range": partial.validator}
    connection = http.client.HTTPConnection(place.host, place.port)
    try:
        connection.sock = _connect(place, guard)
        connection.sock.settimeout(guard.stall_seconds)
        if place.scheme == "https":
            connection.sock = _with_tls(connection.sock, place.host)
        connection.sock = cast("socket.socket", _Watched(connection.sock, place.name, guard))
        connection.request("GET", place.target, headers=headers)
        return connection.getresponse()
    except ProviderUnreachable:
        connection.close()
        raise
    except (OSError, http.client.HTTPException) as problem:
        connection.close()
        raise _Broken(_reason(problem)) from problem


def _connect(place: _Place, guard: _Guard) -> socket.socket:
    """Connect to an address of the host after all of its addresses were checked, so that no name is looked up twice."""
    found = guard.lookup(place.host, place.port)
    if not guard.private_network and place.name != (guard.allow_host or "").lower():
        private = [address for *_, address in found if not is_public(str(address[0]))]
        if private:
            raise NotAllowed(
                f"The result's link leads to {place.name}, a private address; "
                "set private_network = true for this provider in config.toml if that is meant."
            )
    trouble: OSError = ConnectionError(f"{place.host} has no address")
    for family, kind, protocol, _, address in found:
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(CONNECT_SECONDS)
        try:
            connection.connect(address)
        except OSError as problem:
            connection.close()
            trouble = problem
        else:
            return connection
    raise trouble


def _with_tls(plain: socket.socket, host: str) -> ssl.SSLSocket:
    # requests' own certificates (macOS has none for Python), or those of the company whose proxy reads along.
    import certifi

    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or certifi.where()
    return ssl.create_default_context(cafile=bundle).wrap_socket(plain, server_hostname=host)


class _Watched:
    """A socket, as http.client needs one, whose every reading looks at the deadline first."""

    def __init__(self, inner: socket.socket, name: str, guard: _Guard) -> None:
        self._inner, self._name, self._guard = inner, name, guard
        self.sendall, self.close = inner.sendall, inner.close

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_WatchedReader(self._inner.makefile("rb", buffering=0), self._name, self._guard))


class _WatchedReader(io.RawIOBase):
    def __init__(self, inner: io.RawIOBase, name: str, guard: _Guard) -> None:
        self._inner, self._name, self._guard = inner, name, guard

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._guard.clock() > self._guard.deadline:
            raise ProviderUnreachable(f"{self._name} sends too slowly; check your connection, then retry.")
        return self._inner.readinto(buffer)

    def close(self) -> None:
        self._inner.close()
        super().close()


def _start(answer: http.client.HTTPResponse, partial: _Partial, url: str) -> int:
    """The byte of the file at which the answer begins."""
    if answer.status == 200:
        return 0
    if not partial.size or not answer.headers.get("Content-Range", "").startswith(f"bytes {partial.size}-"):
        raise BadResult(f"{_shown(url)} answered with another part of the file than was asked.")
    return partial.size


def _note_partial(mark: Path, url: str, answer: http.client.HTTPResponse) -> None:
    """Remember a strong validator, so that a later try may ask for the rest."""
    validator = answer.headers.get("ETag", "")
    if validator.startswith('"') and validator.isascii() and not answer.headers.get("Content-Encoding"):
        mark.write_text(f"{urlsplit(url).path}\n{validator}", "utf-8")
    else:
        mark.unlink(missing_ok=True)


def _pieces(answer: http.client.HTTPResponse, url: str) -> Iterator[bytes]:
    """The body, unpacked in bounded pieces, to its announced end."""
    unpack = _unpacker(answer, url)
    while True:
        try:
            raw = answer.read1(_CHUNK_BYTES)
        except (OSError, http.client.HTTPException) as problem:
            raise _Broken(_reason(problem)) from problem
        if not raw:
            break
        if unpack is None:
            yield raw
        else:
            yield from _unpacked(unpack, raw, url)
    if answer.length or (unpack and not unpack.eof):
        raise _Broken("it ended before its announced length")


def _unpacker(answer: http.client.HTTPResponse, url: str) -> zlib._Decompress | None:
    encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in {"identity", ""}:
        return None
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise BadResult(f"{_shown(url)} is packed as {encoding[:20]}, which nobody asked for.")
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)


def _unpacked(unpack: zlib._Decompress, raw: bytes, url: str) -> Iterator[bytes]:
    while raw:
        try:
            yield unpack.decompress(raw, _CHUNK_BYTES)
        except zlib.error as problem:
            raise BadResult(f"{_shown(url)} is packed wrongly.") from problem
        raw = unpack.unconsumed_tail


def _too_large(url: str, guard: _Guard) -> BadResult:
    return BadResult(f"{_shown(url)} is larger than {guard.max_bytes / 2**20:.0f} MB, so it was not kept.")


def _reason(problem: Exception) -> str:
    if isinstance(problem, TimeoutError):
        return "no answer in time"
    if isinstance(problem, ssl.SSLError):
        return "its certificate or encryption is not accepted"
    return str(getattr(problem, "strerror", None) or problem or type(problem).__name__)[:200]


def _shown(url: str) -> str:
    """A URL for people: without the query, which may hold a signature, and without a user's name."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:200]
