"""Where answers go: to the port that a request id's client named, else to its host's last hello, else to 9131."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from bridge.doors import Clients, Clock

_REREAD_SECONDS = 60.0
_MOST_KEPT = 10_000

HostPort = tuple[str, int]
Kept = TypeVar("Kept")


class ReplyTo(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored with a job: where the asker listened, and the name under which it may have moved since."""

    host: str
    port: int
    client: str = ""


class Addresses:
    """Reply addresses by client and by host, read from the store and kept at hand for a minute."""

    def __init__(self, clients: Clients, reply_port: int, clock: Clock) -> None:
        self._clients = clients
        self._reply_port = reply_port
        self._clock = clock
        self._of_client: dict[str, tuple[float, HostPort | None]] = {}
        self._of_host: dict[str, tuple[float, int]] = {}
        self._texts: dict[str, ReplyTo] = {}

    def hello(self, client: str, host: str, port: int) -> None:
        """Remember what a client said of itself."""
        self._clients.remember_client(client.lower(), host, port)
        _keep(self._of_client, client.lower(), (self._clock(), (host, port)))
        _keep(self._of_host, host, (self._clock(), port))

    def reply_to(self, request_id: str, host: str) -> ReplyTo:
        """Where the answers to this request id, asked from this host, are to go."""
        names = list(_names_in(request_id))
        for name in names:
            if found := self._client(name):
                return ReplyTo(host=found[0], port=found[1], client=name)
        return ReplyTo(host=host, port=self.port_of(host), client=names[0] if names else "")

    def port_of(self, host: str) -> int:
        """The port that this host's last hello named, else the default one."""
        kept = self._of_host.get(host)
        if kept is None or not 0 <= self._clock() - kept[0] < _REREAD_SECONDS:
            kept = (self._clock(), self._clients.last_of_host(host) or self._reply_port)
            _keep(self._of_host, host, kept)
        return kept[1]

    def now(self, text: str) -> HostPort | None:
        """Where a stored reply address is today; None for a text that is none of ours."""
        stored = self._texts.get(text)
        if stored is None:
            try:
                stored = msgspec.json.decode(text, type=ReplyTo)
            except msgspec.MsgspecError:
                return None
            _keep(self._texts, text, stored)
        for name in (stored.client, *_names_in(stored.client)):
            if name and (found := self._client(name)):
                return found
        return stored.host, stored.port

    def all(self) -> list[HostPort]:
        """Every address that is known."""
        return self._clients.all_clients()

    def _client(self, name: str) -> HostPort | None:
        kept = self._of_client.get(name)
        if kept is None or not 0 <= self._clock() - kept[0] < _REREAD_SECONDS:
            kept = (self._clock(), self._clients.client(name))
            _keep(self._of_client, name, kept)
        return kept[1]


def same_host(first: str, second: str) -> bool:
    """Whether two numeric addresses are one, however they are written."""
    try:
        return _plain(first) == _plain(second)
    except ValueError:
        return first == second


def _plain(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    address = ipaddress.ip_address(host.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _names_in(request_id: str) -> Iterator[str]:
    """The names that may be a request id's client, longest first: of `a.b.1` these are `a.b` and `a`."""
    name = request_id.lower()
    while (dot := name.rfind(".")) > 0:
        name = name[:dot]
        yield name


def _keep(cache: dict[str, Kept], key: str, value: Kept) -> None:
    if len(cache) >= _MOST_KEPT:
        cache.clear()
    cache[key] = value
