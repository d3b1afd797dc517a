"""What is told upward of jobs, for which nobody waits: events, and a job's present state as the outbox tells it."""

from __future__ import annotations

from typing import Any, Literal

from bridge.model import Delivery, Position, Value


class Accepted(Value, frozen=True, kw_only=True):
    """The job is on the disk."""

    request_id: str
    job_id: str
    billable_requests: int


class Rejected(Value, frozen=True, kw_only=True):
    """Nothing was stored."""

    request_id: str
    code: str
    text: str


class Progress(Value, frozen=True, kw_only=True):
    """`fraction` runs from 0 to 1 and never falls."""

    request_id: str
    job_id: str
    fraction: float
    stage: str


class Done(Value, frozen=True, kw_only=True):
    """One take is in the project; `json_path` is the result JSON beside it."""

    request_id: str
    job_id: str
    delivery: Delivery
    json_path: str


class Failed(Value, frozen=True, kw_only=True):
    """The job, or one take of it, failed."""

    request_id: str
    job_id: str
    code: str
    text: str


class Ended(Value, frozen=True, kw_only=True):
    """The last word on a job: delivered, partial, failed or cancelled."""

    request_id: str
    job_id: str
    state: str
    delivered: int
    asked: int


class Changed(Value, frozen=True, kw_only=True):
    """A job's view has changed in a way of which no client is told: a take was imported, or undone."""

    request_id: str
    job_id: str


Event = Accepted | Rejected | Progress | Done | Failed | Ended | Changed


class ToldTake(Delivery, frozen=True, kw_only=True, omit_defaults=False):
    """A take as the outbox tells it: `undone` when it lies in the undone folder, `imported` where the DAW put it."""

    undone: bool = False
    imported: str | None = None


class ErrorNote(Value, frozen=True, kw_only=True):
    """A code and its sentence, as the outbox tells them."""

    code: str
    text: str


class JobView(Value, frozen=True, kw_only=True, omit_defaults=False):
    """A job's present state: the outbox file, and what the command line lists."""

    schema: Literal[1] = 1
    request_id: str
    job_id: str
    state: str
    progress: float
    stage: str
    error: ErrorNote | None
    takes: tuple[ToldTake, ...]
    asked: int
    position: Position | None
    source: dict[str, Any]
