"""What the doors remember: which DAW listens where, and which watched files were seen."""

from __future__ import annotations

from collections.abc import Callable

from bridge.protocol import CLIENT_FORGOTTEN_DAYS
from bridge.store.database import Database
from bridge.store.store import DAY_SECONDS


class Doorbook:
    """Clients that named themselves, forgotten after seven silent days, and files that were taken or passed over."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def remember_client(self, name: str, host: str, port: int) -> None:
        """Note a client's hello, and forget those that have been silent too long."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM clients WHERE heard_at <= ?", (self._oldest(),))
            connection.execute("INSERT OR REPLACE INTO clients VALUES (?, ?, ?, ?)", (name, host, port, self._clock()))

    def client(self, name: str) -> tuple[str, int] | None:
        """Where a client listens: host and port."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT host, port FROM clients WHERE name = ? AND heard_at > ?", (name, self._oldest())
            ).fetchone()
        return None if row is None else (row[0], row[1])

    def last_of_host(self, host: str) -> int | None:
        """The port that this host's last hello named."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT port FROM clients WHERE host = ? AND heard_at > ? ORDER BY heard_at DESC, rowid DESC LIMIT 1",
                (host, self._oldest()),
            ).fetchone()
        return None if row is None else int(row[0])

    def all_clients(self) -> list[tuple[str, int]]:
        """Every host and port that was heard lately, each once."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT DISTINCT host, port FROM clients WHERE heard_at > ? ORDER BY host, port", (self._oldest(),)
            ).fetchall()
        return [(host, port) for host, port in rows]

    def is_seen(self, path: str, sha256: str) -> bool:
        """Whether this content was seen at this path."""
        with self._database.reading() as connection:
            query = "SELECT 1 FROM seen WHERE path = ? AND sha256 = ?"
            return connection.execute(query, (path, sha256)).fetchone() is not None

    def remember_seen(self, path: str, sha256: str) -> None:
        """Note that this content was seen at this path."""
        with self._database.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (path, sha256))

    def _oldest(self) -> float:
        return self._clock() - CLIENT_FORGOTTEN_DAYS * DAY_SECONDS
