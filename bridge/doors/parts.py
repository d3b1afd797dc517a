"""Puts triggers together that arrive in parts: any order, duplicates harmless, everything bounded."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.errors import BadMessage, TooLarge
from bridge.protocol import MAX_PARTS, MAX_TRIGGER_BYTES, PARTS_TIMEOUT_SECONDS

_MAX_OPEN = 64
_MAX_OPEN_BYTES = 2 * MAX_TRIGGER_BYTES
_NAMED_MISSING = 20


@dataclass
class _Open:
    """The parts that came so far of one trigger."""

    request_id: str
    total: int
    host: str
    since: float
    pieces: dict[int, bytes] = field(default_factory=dict)
    size: int = 0


@dataclass(frozen=True)
class Incomplete:
    """A trigger whose parts did not all come in time."""

    request_id: str
    host: str
    text: str


class Parts:
    """The triggers of which parts have come but not yet all."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}
        self._complete: dict[str, tuple[float, int, dict[int, int]]] = {}

    def add(self, request_id: str, index: int, total: int, piece: str, *, host: str, now: float) -> bytes | None:
        """Keep a part; the whole JSON when it was the last one that was missing.

        Raises:
            BadMessage: index or total make no sense, or contradict what came before; the trigger is dropped.
            TooLarge: too many bytes; the trigger is dropped.
        """
        key = request_id.lower()
        if not 1 <= total <= MAX_PARTS:
            self._open.pop(key, None)
            raise BadMessage(f"/bridge/trigger/part: total should be 1 to {MAX_PARTS}, got {total}.")
        if not 0 <= index < total:
            self._open.pop(key, None)
            raise BadMessage(f"/bridge/trigger/part: index should be 0 to {total - 1}, got {index}.")
        parts = self._open.get(key)
        if parts is None:
            if len(self._open) >= _MAX_OPEN:
                raise TooLarge(f"More than {_MAX_OPEN} triggers are arriving in parts at once; send this one again.")
            parts = self._open[key] = _Open(request_id, total, host, now)
        if parts.total != total:
            del self._open[key]
            raise BadMessage(
                f"/bridge/trigger/part: total was {parts.total} before and is {total} now; send all parts again."
            )
        self._keep(key, parts, index, piece.encode())
        if len(parts.pieces) < total:
            return None
        del self._open[key]
        self._complete.pop(key, None)
        self._complete[key] = (now, total, {place: hash(piece) for place, piece in parts.pieces.items()})
        return b"".join(parts.pieces[place] for place in range(total))

    def expire(self, now: float) -> list[Incomplete]:
        """Drop the triggers whose first part came 5 s ago; late duplicates of a complete one are no complaint."""
        late = [key for key, parts in self._open.items() if now - parts.since >= PARTS_TIMEOUT_SECONDS]
        dropped = [(key, self._open.pop(key)) for key in late]
        complaints = [
            Incomplete(parts.request_id, parts.host, _missing(parts))
            for key, parts in dropped
            if not self._is_echo(key, parts)
        ]
        while self._complete:
            oldest = next(iter(self._complete))
            if now - self._complete[oldest][0] < 2 * PARTS_TIMEOUT_SECONDS:
                break
            del self._complete[oldest]
        return complaints

    def next_due(self) -> float | None:
        """When the oldest unfinished trigger will have waited long enough."""
        return min((parts.since + PARTS_TIMEOUT_SECONDS for parts in self._open.values()), default=None)

    def _keep(self, key: str, parts: _Open, index: int, piece: bytes) -> None:
        before = parts.pieces.get(index)
        if before is not None and before != piece:
            del self._open[key]
            raise BadMessage(
                f"/bridge/trigger/part: part {index} came twice with different pieces; send all parts again."
            )
        if before is None:
            parts.pieces[index] = piece
            parts.size += len(piece)
        if parts.size > MAX_TRIGGER_BYTES or sum(one.size for one in self._open.values()) > _MAX_OPEN_BYTES:
            del self._open[key]
            raise TooLarge(
                f"The parts are more than {MAX_TRIGGER_BYTES // 2**20} MB together; "
                "put the clip into a file and send its path."
            )

    def _is_echo(self, key: str, parts: _Open) -> bool:
        _, total, pieces = self._complete.get(key, (0.0, 0, {}))
        return total == parts.total and all(pieces.get(place) == hash(piece) for place, piece in parts.pieces.items())


def _missing(parts: _Open) -> str:
    missing = [str(place) for place in range(parts.total) if place not in parts.pieces]
    more = f" and {len(missing) - _NAMED_MISSING} more" if len(missing) > _NAMED_MISSING else ""
    return (
        f"Of {parts.total} parts, these did not come within {PARTS_TIMEOUT_SECONDS:g} s: "
        f"{', '.join(missing[:_NAMED_MISSING])}{more}; send the trigger again."
    )
