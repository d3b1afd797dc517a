"""What a job's rows say together: its state, how far it is, and where a retry takes it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from bridge.store.rows import JobState, Request

_ORDER: tuple[JobState, ...] = ("composed", "submitting", "submitted", "generated")
_RENDERED = 0.05
_COMPOSED = 0.1
_SHARES: dict[JobState, float] = {
    "composed": 0.0,
    "submitting": 0.05,
    "submitted": 0.1,
    "generated": 0.9,
    "delivered": 1.0,
}
_USUAL_WAIT_SECONDS = 5.0


def job_state(own: JobState, takes: Mapping[int, Sequence[JobState]]) -> JobState:
    """A job's state: its own until it has requests, then what they say, given by take.

    While a take is under way it is the furthest that any unfinished take has come.
    """
    if own != "composed" or not takes:
        return own
    states = [take_state(sections) for sections in takes.values()]
    going = [state for state in states if state in _ORDER]
    if going:
        return max(going, key=_ORDER.index)
    if "cancelled" in states:
        return "cancelled"
    if all(state == "delivered" for state in states):
        return "delivered"
    return "partial" if "delivered" in states else "failed"


def take_state(sections: Sequence[JobState]) -> JobState:
    """A take's state: failed or cancelled as soon as one section is, else the one furthest behind.

    A take whose section failed waits for those already paid for: it is still `submitted` until they are in.
    """
    if any(state in ("submitting", "submitted") for state in sections):
        return max((state for state in sections if state in ("submitting", "submitted")), key=_ORDER.index)
    for final in ("cancelled", "failed"):
        if final in sections:
            return "cancelled" if final == "cancelled" else "failed"
    unfinished = [state for state in sections if state in _ORDER]
    return min(unfinished, key=_ORDER.index) if unfinished else "delivered"


def fraction_done(own: JobState, requests: Sequence[tuple[JobState, float]]) -> float:
    """How far a job is, 0 to 1; each request is given as its state and how much of its wait is over, 0 to 1."""
    if own in ("accepted", "failed", "cancelled"):
        return 0.0
    if own == "rendered" or not requests:
        return _RENDERED
    shares = [_share(state, waited) for state, waited in requests]
    return _COMPOSED + (1 - _COMPOSED) * sum(shares) / len(shares)


def waited_share(seconds: float, expected_seconds: float) -> float:
    """How much of a wait seems to be over: fast at first, never the whole."""
    return 1.0 - math.exp(-max(seconds, 0.0) / max(expected_seconds, _USUAL_WAIT_SECONDS))


def after_retry(request: Request, *, billable: bool, result_there: bool) -> JobState:
    """Where the user's wish to try again takes a failed or cancelled request.

    What is here is used; what has a ticket is fetched; it is submitted anew, and so perhaps paid for again, only
    when the provider said that it failed, when nothing was sent, or when the user was told that nobody knows. A
    submission that was cancelled before its answer came ends as `failed`: the user must hear of it first.
    """
    code = request.error.code if request.error else ""
    if request.result is not None and result_there:
        return "generated"
    if request.ticket is not None and code != "provider_failed":
        return "submitted"
    if request.state == "cancelled" and request.submitted_at is not None and request.ticket is None and billable:
        return "failed"
    return "composed"


def _share(state: JobState, waited: float) -> float:
    share = _SHARES.get(state, 0.0)
    return share + (_SHARES["generated"] - share) * waited if state == "submitted" else share
