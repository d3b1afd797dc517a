"""How a provider is asked: within limits, with patience, and so that no answer that was paid for is lost."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from bridge.errors import BridgeError, DiskError, ProviderError, RateLimited, SubmissionUnknown
from bridge.model import GenerationRequest, GenerationResult, Ticket
from bridge.providers import Interrupted, Provider, Wait

log = logging.getLogger(__name__)

_KEEP_AGAIN_SECONDS = 1.0
_RATE_LIMITED_SECONDS = 2.0
_Paid = TypeVar("_Paid", Ticket, GenerationResult)


@dataclass(frozen=True)
class Limits:
    """What one provider may take: requests, and seconds of our patience."""

    max_requests_per_job: int = 20
    max_requests_per_day: int = 100
    rate_limited_seconds: float = 600.0
    unreachable_seconds: float = 30.0


class Patience:
    """How long one request is tried: the pauses between, each longer than the last, and their sum bounded."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._spent_seconds = 0.0
        self._next_seconds = 0.25

    def pause(self, problem: ProviderError) -> float:
        """Seconds until the next try; raises the problem when there is to be none."""
        limit = self._limits.unreachable_seconds
        seconds = self._next_seconds
        if isinstance(problem, RateLimited):
            limit = self._limits.rate_limited_seconds
            asked = problem.retry_after_seconds
            seconds = max(seconds, _RATE_LIMITED_SECONDS if asked is None else asked)
        if self._spent_seconds + seconds > limit:
            raise problem
        self._spent_seconds += seconds
        self._next_seconds = min(2 * self._next_seconds, 30.0)
        return seconds


def send(provider: Provider, request: GenerationRequest, wait: Wait) -> Ticket:
    """Submit; a defect on the way leaves it unknown whether the request arrived."""
    try:
        return provider.submit(request, wait)
    except (BridgeError, Interrupted):
        raise
    except Exception as problem:
        log.exception("A request may have been sent when the bridge met a defect")
        raise SubmissionUnknown(
            "The bridge met a defect of its own while it sent the request, so that may have been made and billed; "
            "look at your account, and retry the job if it was not."
        ) from problem


def keep(save: Callable[[_Paid], object], paid: _Paid, wait: Wait) -> None:
    """Save what may have been paid for, again and again while the disk refuses; Interrupted leaves it unsaved."""
    try:
        save(paid)
        return
    except DiskError as problem:
        log.error("The provider's answer %s cannot be stored yet: %s", paid.provider_id, problem.text)
    while True:
        wait(_KEEP_AGAIN_SECONDS)
        with suppress(DiskError):
            save(paid)
            return
