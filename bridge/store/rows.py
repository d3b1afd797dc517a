"""What the store hands out: jobs, requests and takes as they lie in their rows."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import msgspec

from bridge.events import ErrorNote
from bridge.model import Conditioning, Delivery, GenerationRequest, GenerationResult, Position, Ticket, Value

JobState = Literal[
    "accepted",
    "rendered",
    "composed",
    "submitting",
    "submitted",
    "generated",
    "delivered",
    "partial",
    "failed",
    "cancelled",
]


class RequestKey(NamedTuple):
    """Which request: `take` counts from 1, `section` from 0."""

    job_id: str
    take: int
    section: int


class NewJob(Value, frozen=True, kw_only=True):
    """A job as it is accepted; `trigger` is its JSON, `digest` that of what was asked."""

    id: str
    request_id: str
    digest: bytes
    trigger: bytes
    door: str
    provider: str
    billable: bool
    billable_requests: int
    created_at: float
    seed: int
    asked: int
    reply_tos: tuple[str, ...]


class Origin(Value, frozen=True, kw_only=True):
    """What of a trigger is told back unchanged."""

    position: Position | None = None
    source: dict[str, Any] = msgspec.field(default_factory=dict)


class Job(Value, frozen=True, kw_only=True):
    """A job; `state` is its own row's: accepted, rendered, composed (its requests say more), failed or cancelled."""

    id: str
    request_id: str
    provider: str
    billable: bool
    billable_requests: int
    seed: int
    asked: int
    state: JobState
    conditioning: Conditioning | None
    error: ErrorNote | None
    progress: float
    ended: bool


class Request(Value, frozen=True, kw_only=True):
    """One call of the provider, and what it has gained so far."""

    key: RequestKey
    provider: str
    state: JobState
    request: GenerationRequest
    ticket: Ticket | None
    result: GenerationResult | None
    error: ErrorNote | None
    submitted_at: float | None


class Take(Value, frozen=True, kw_only=True):
    """A take in the project; `imported` says where the DAW has put it, None while it has not."""

    job_id: str
    take: int
    delivery: Delivery
    json_path: str
    imported: str | None
    undone: bool
    told: bool


class Known(Value, frozen=True, kw_only=True):
    """What is needed to answer a request id that was used before."""

    id: str
    digest: bytes
    billable_requests: int


JOB = (
    "SELECT id, request_id, provider, billable, billable_requests, seed, asked, state, conditioning, error_code, "
    "error_text, progress, ended FROM jobs"
)


def read_job(row: Any) -> Job:
    """A job from a row of the query JOB."""
    job_id, request_id, provider, billable, requests, seed, asked, state, conditioning, code, text, progress, ended = (
        row
    )
    return Job(
        id=job_id,
        request_id=request_id,
        provider=provider,
        billable=bool(billable),
        billable_requests=requests,
        seed=seed,
        asked=asked,
        state=state,
        conditioning=None if conditioning is None else msgspec.json.decode(conditioning, type=Conditioning),
        error=ErrorNote(code=code, text=text) if code else None,
        progress=progress,
        ended=bool(ended),
    )


REQUEST = (
    "SELECT job_id, take, section, provider, state, request, ticket, result, error_code, error_text, submitted_at "
    "FROM requests"
)


def read_request(row: Any) -> Request:
    """A request from a row of the query REQUEST."""
    job_id, take, section, provider, state, request, ticket, result, code, text, submitted_at = row
    return Request(
        key=RequestKey(job_id, take, section),
        provider=provider,
        state=state,
        request=msgspec.json.decode(request, type=GenerationRequest),
        ticket=None if ticket is None else msgspec.json.decode(ticket, type=Ticket),
        result=None if result is None else msgspec.json.decode(result, type=GenerationResult),
        error=ErrorNote(code=code, text=text) if code else None,
        submitted_at=submitted_at,
    )


TAKE = "SELECT job_id, take, delivery, json_path, imported, undone, told FROM takes"


def read_take(row: Any) -> Take:
    """A take from a row of the query TAKE."""
    job_id, take, delivery, json_path, imported, undone, told = row
    return Take(
        job_id=job_id,
        take=take,
        delivery=msgspec.json.decode(delivery, type=Delivery),
        json_path=json_path,
        imported=imported,
        undone=bool(undone),
        told=bool(told),
    )
