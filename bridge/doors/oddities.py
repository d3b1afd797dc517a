"""Counts what is odd and logs it at a limited rate, so that nobody can fill the log from outside."""

from __future__ import annotations

import logging
from collections import Counter

from bridge.doors import Clock

_INTERVAL_SECONDS = 10.0


class Oddities:
    """How often what came in that could not be used, by kind; each kind is logged at most each 10 s."""

    def __init__(self, log: logging.Logger, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._logged_at: dict[str, float] = {}
        self.counts: Counter[str] = Counter()

    def note(self, kind: str, text: str) -> None:
        """Count one of this kind; `text` describes it to whoever reads the log."""
        self.counts[kind] += 1
        now = self._clock()
        last = self._logged_at.get(kind)
        if last is None or not 0 <= now - last < _INTERVAL_SECONDS:
            self._logged_at[kind] = now
            self._log.warning("%s: %s (%d so far)", kind, text[:300], self.counts[kind])
