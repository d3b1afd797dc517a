"""What several changes to a job's rows have in common, inside the change's own transaction."""

from __future__ import annotations

import sqlite3

import msgspec

from bridge.events import ErrorNote
from bridge.model import Ticket
from bridge.store.rows import JobState
from bridge.store.states import fraction_done, job_state, waited_share

LOST = ErrorNote(
    code="submission_unknown",
    text="The request was on its way when the bridge stopped, so it may have been made and billed; look at your "
    "account, and retry the job if it was not.",
)

GONE = ErrorNote(
    code="not_supported",
    text="The job's provider is no longer in config.toml; add it again, then retry the job.",
)


def state_of(connection: sqlite3.Connection, job_id: str) -> JobState:
    """A job's state."""
    row = connection.execute("SELECT state FROM jobs WHERE id = ?", (job_id,)).fetchone()
    own: JobState = row[0]
    takes: dict[int, list[JobState]] = {}
    if own == "composed":
        for take, state in connection.execute("SELECT take, state FROM requests WHERE job_id = ?", (job_id,)):
            takes.setdefault(take, []).append(state)
    return job_state(own, takes)


def sections_of(connection: sqlite3.Connection, job_id: str, take: int) -> list[JobState]:
    """The states of a take's requests."""
    rows = connection.execute("SELECT state FROM requests WHERE job_id = ? AND take = ?", (job_id, take))
    return [state for (state,) in rows]


def advance(connection: sqlite3.Connection, job_id: str, now: float | None = None) -> None:
    """Bring the job's progress up to its rows; with a time, also up to how long its requests have waited."""
    (own,) = connection.execute("SELECT state FROM jobs WHERE id = ?", (job_id,)).fetchone()
    requests: list[tuple[JobState, float]] = []
    for state, ticket, since in connection.execute(
        "SELECT state, ticket, submitted_at FROM requests WHERE job_id = ?", (job_id,)
    ):
        waited = 0.0
        if now is not None and state == "submitted" and ticket is not None and since is not None:
            waited = waited_share(now - since, msgspec.json.decode(ticket, type=Ticket).wait_seconds)
        requests.append((state, waited))
    connection.execute(
        "UPDATE jobs SET progress = MAX(progress, ?) WHERE id = ?", (fraction_done(own, requests), job_id)
    )


def fail_the_rest(connection: sqlite3.Connection, job_id: str, take: int) -> None:
    """Nothing more is sent for a take that has failed: what waits of it fails with the same error."""
    failed = connection.execute(
        "SELECT error_code, error_text FROM requests WHERE job_id = ? AND take = ? AND state = 'failed' "
        "ORDER BY section LIMIT 1",
        (job_id, take),
    ).fetchone()
    if failed is not None:
        connection.execute(
            "UPDATE requests SET state = 'failed', error_code = ?, error_text = ? "
            "WHERE job_id = ? AND take = ? AND state = 'composed'",
            (*failed, job_id, take),
        )
