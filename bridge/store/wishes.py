"""What the user says to a job, as changes to its rows inside one transaction: cancel, and try again."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from bridge.store.changes import LOST, advance, fail_the_rest, state_of
from bridge.store.rows import REQUEST, JobState, Request, read_request
from bridge.store.states import after_retry


def cancel(connection: sqlite3.Connection, job_id: str) -> bool:
    """Cancel what has not ended of a job; False when it had ended. Tickets and results are kept."""
    changed = connection.execute(
        "UPDATE jobs SET state = 'cancelled' WHERE id = ? AND state IN ('accepted', 'rendered')", (job_id,)
    ).rowcount
    if state_of(connection, job_id) in ("composed", "submitting", "submitted", "generated"):
        changed += connection.execute(
            "UPDATE requests SET state = 'cancelled' WHERE job_id = ? "
            "AND state IN ('composed', 'submitting', 'submitted', 'generated')",
            (job_id,),
        ).rowcount
    advance(connection, job_id)
    return changed > 0


def retry(connection: sqlite3.Connection, job_id: str) -> bool:
    """Put what failed or was cancelled back to where it can go on from; False when nothing was."""
    own, billable = connection.execute("SELECT state, billable FROM jobs WHERE id = ?", (job_id,)).fetchone()
    rows = connection.execute(REQUEST + " WHERE job_id = ? AND state IN ('failed', 'cancelled')", (job_id,)).fetchall()
    requests = [read_request(row) for row in rows]
    if own in ("failed", "cancelled"):
        connection.execute(
            "UPDATE jobs SET state = 'accepted', error_code = '', error_text = '' WHERE id = ?", (job_id,)
        )
    elif not requests:
        return False
    for request in requests:
        there = request.result is not None and Path(request.result.file.path).exists()
        _put_back(connection, request, after_retry(request, billable=bool(billable), result_there=there))
    for take in {request.key.take for request in requests}:
        fail_the_rest(connection, job_id, take)
    connection.execute("UPDATE jobs SET ended = 0 WHERE id = ?", (job_id,))
    return True


def _put_back(connection: sqlite3.Connection, request: Request, state: JobState) -> None:
    """A request in its new state; one that is submitted anew has no ticket, one that may have been billed says so."""
    connection.execute(
        "UPDATE requests SET state = ?, error_code = ?, error_text = ?, error_told = 0, "
        "submitted_at = CASE ? WHEN 'submitted' THEN submitted_at END WHERE job_id = ? AND take = ? AND section = ?",
        (state, *((LOST.code, LOST.text) if state == "failed" else ("", "")), state, *request.key),
    )
    if state == "composed":
        connection.execute(
            "UPDATE requests SET ticket = NULL, result = NULL WHERE job_id = ? AND take = ? AND section = ?",
            request.key,
        )
