"""Clients and seen files in memory, as the doors are handed them."""

from __future__ import annotations


class FakeClients:
    """The reply ports that clients have named."""

    def __init__(self) -> None:
        self.named: dict[str, tuple[str, int]] = {}

    def remember_client(self, name: str, host: str, port: int) -> None:
        self.named.pop(name, None)
        self.named[name] = (host, port)

    def client(self, name: str) -> tuple[str, int] | None:
        return self.named.get(name)

    def last_of_host(self, host: str) -> int | None:
        return next((port for known, port in reversed(self.named.values()) if known == host), None)

    def all_clients(self) -> list[tuple[str, int]]:
        return list(dict.fromkeys(self.named.values()))


class FakeSeen:
    """The files of watched folders that were seen."""

    def __init__(self) -> None:
        self.rows: set[tuple[str, str]] = set()

    def is_seen(self, path: str, sha256: str) -> bool:
        return (path, sha256) in self.rows

    def remember_seen(self, path: str, sha256: str) -> None:
        self.rows.add((path, sha256))
