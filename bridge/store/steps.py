"""What the pipeline saves: each step of a job, its failures, and what a restart makes of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

import msgspec

from bridge.errors import BudgetReached
from bridge.events import ErrorNote
from bridge.model import Conditioning, Delivery, GenerationRequest, GenerationResult, Ticket
from bridge.store.changes import LOST, advance, fail_the_rest, sections_of
from bridge.store.database import Database
from bridge.store.rows import JobState, RequestKey
from bridge.store.states import take_state
from bridge.store.store import DAY_SECONDS


class Steps:
    """Each method takes a job one step on, or fails it; what it saves is on the disk when it returns."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def save_conditioning(self, job_id: str, conditioning: Conditioning) -> bool:
        """From accepted to rendered; False when the job was cancelled meanwhile."""
        with self._database.writing() as connection:
            saved = connection.execute(
                "UPDATE jobs SET state = 'rendered', conditioning = ? WHERE id = ? AND state = 'accepted'",
                (msgspec.json.encode(conditioning), job_id),
            ).rowcount
            advance(connection, job_id)
            return saved == 1

    def save_requests(self, job_id: str, requests: Sequence[GenerationRequest]) -> bool:
        """From rendered to composed; False when the job was cancelled meanwhile."""
        with self._database.writing() as connection:
            saved = connection.execute(
                "UPDATE jobs SET state = 'composed', billable_requests = billable * ? "
                "WHERE id = ? AND state = 'rendered'",
                (len(requests), job_id),
            ).rowcount
            if saved:
                connection.executemany(
                    "INSERT INTO requests (job_id, take, section, provider, request) "
                    "SELECT id, ?, ?, provider, ? FROM jobs WHERE id = ?",
                    [(r.take, r.section, msgspec.json.encode(r), job_id) for r in requests],
                )
            advance(connection, job_id)
            return saved == 1

    def save_intent(self, key: RequestKey, *, billable: bool, max_per_day: int = 0) -> bool:
        """From composed to submitting, before anything is sent; False when the request was cancelled meanwhile.

        Raises:
            BudgetReached: so many billable requests were made in the last 24 hours.
        """
        now = self._clock()
        with self._database.writing() as connection:
            saved = connection.execute(
                "UPDATE requests SET state = 'submitting', submitted_at = ? WHERE job_id = ? AND take = ? "
                "AND section = ? AND state = 'composed'",
                (now, *key),
            ).rowcount
            if saved and billable:
                (made,) = connection.execute(
                    "SELECT COUNT(*) FROM submissions WHERE submitted_at > ? AND provider = "
                    "(SELECT provider FROM requests WHERE job_id = ? AND take = ? AND section = ?)",
                    (now - DAY_SECONDS, *key),
                ).fetchone()
                if made >= max_per_day:
                    raise BudgetReached(
                        f"{made} billable requests were made in the last 24 hours, which is max_requests_per_day; "
                        "retry the job later, or raise the limit in config.toml."
                    )
                connection.execute(
                    "INSERT INTO submissions (job_id, take, section, provider, submitted_at) "
                    "SELECT job_id, take, section, provider, submitted_at FROM requests WHERE job_id = ? "
                    "AND take = ? AND section = ?",
                    key,
                )
            advance(connection, key.job_id)
            return saved == 1

    def withdraw_intent(self, key: RequestKey) -> None:
        """From submitting to composed: it is known that nothing was taken, so nothing was billed."""
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM submissions WHERE number = (SELECT MAX(number) FROM submissions WHERE "
                "job_id = ? AND take = ? AND section = ? AND submitted_at = (SELECT submitted_at "
                "FROM requests WHERE job_id = ? AND take = ? AND section = ?))",
                (*key, *key),
            )
            connection.execute(
                "UPDATE requests SET submitted_at = NULL WHERE job_id = ? AND take = ? AND section = ?", key
            )
            connection.execute(
                "UPDATE requests SET state = 'composed' WHERE job_id = ? AND take = ? AND section = ? "
                "AND state = 'submitting'",
                key,
            )
            fail_the_rest(connection, key.job_id, key.take)

    def save_ticket(self, key: RequestKey, ticket: Ticket) -> bool:
        """From submitting to submitted; the ticket is kept even when the request was cancelled meanwhile (False)."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE requests SET ticket = ? WHERE job_id = ? AND take = ? AND section = ?",
                (msgspec.json.encode(ticket), *key),
            )
            return self._step(connection, key, "submitting", "submitted")

    def save_result(self, key: RequestKey, result: GenerationResult) -> bool:
        """From submitted to generated; the result is kept even when the request was cancelled meanwhile (False)."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE requests SET result = ? WHERE job_id = ? AND take = ? AND section = ?",
                (msgspec.json.encode(result), *key),
            )
            return self._step(connection, key, "submitted", "generated")

    def drop_ticket(self, key: RequestKey) -> None:
        """From submitted to composed: the provider no longer knows it, and it costs nothing to ask again."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE requests SET ticket = NULL, submitted_at = NULL WHERE job_id = ? AND take = ? AND section = ?",
                key,
            )
            self._step(connection, key, "submitted", "composed")

    def save_take(self, delivery: Delivery, json_path: str) -> bool:
        """From generated to delivered for all sections of a take; False when it was cancelled meanwhile."""
        job_id, take = delivery.job_id, delivery.take
        with self._database.writing() as connection:
            if take_state(sections_of(connection, job_id, take)) != "generated":
                return False
            connection.execute("UPDATE requests SET state = 'delivered' WHERE job_id = ? AND take = ?", (job_id, take))
            connection.execute(
                "INSERT INTO takes (job_id, take, delivery, json_path, sha256) VALUES (?, ?, ?, ?, ?)",
                (job_id, take, msgspec.json.encode(delivery), json_path, delivery.sha256),
            )
            advance(connection, job_id)
            return True

    def fail_job(self, job_id: str, note: ErrorNote) -> None:
        """Fail what has not ended of a job."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE jobs SET state = 'failed', error_code = ?, error_text = ? "
                "WHERE id = ? AND state IN ('accepted', 'rendered')",
                (note.code, note.text, job_id),
            )
            connection.execute(
                "UPDATE requests SET state = 'failed', error_code = ?, error_text = ? "
                "WHERE job_id = ? AND state IN ('composed', 'submitting', 'submitted', 'generated')",
                (note.code, note.text, job_id),
            )
            advance(connection, job_id)

    def fail_request(self, key: RequestKey, note: ErrorNote) -> None:
        """Fail a request, and with it those of its take that were not sent.

        One that was cancelled stays so; that its answer came is noted.
        """
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE requests SET submitted_at = NULL WHERE job_id = ? AND take = ? AND section = ? "
                "AND state = 'cancelled' AND ? <> ?",
                (*key, note.code, "submission_unknown"),
            )
            connection.execute(
                "UPDATE requests SET state = 'failed', error_code = ?, error_text = ? WHERE job_id = ? "
                "AND take = ? AND section = ? "
                "AND state IN ('composed', 'submitting', 'submitted')",
                (note.code, note.text, *key),
            )
            fail_the_rest(connection, key.job_id, key.take)
            advance(connection, key.job_id)

    def fail_take(self, job_id: str, take: int, note: ErrorNote) -> None:
        """Fail a take that could not be delivered; its results are kept."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE requests SET state = 'failed', error_code = ?, error_text = ? "
                "WHERE job_id = ? AND take = ? AND state = 'generated'",
                (note.code, note.text, job_id, take),
            )
            advance(connection, job_id)

    def recover(self) -> int:
        """Settle requests that were being submitted when the last daemon ended; how many there were.

        A billable one may have been paid for, so it fails and waits for the user's word; a free one is sent again.
        """
        with self._database.writing() as connection:
            rows = connection.execute(
                "SELECT r.job_id, r.take, r.section, j.billable FROM requests r JOIN jobs j ON j.id = r.job_id "
                "WHERE r.state = 'submitting'"
            ).fetchall()
            for job_id, take, section, billable in rows:
                if billable:
                    connection.execute(
                        "UPDATE requests SET state = 'failed', error_code = ?, error_text = ? "
                        "WHERE job_id = ? AND take = ? AND section = ?",
                        (LOST.code, LOST.text, job_id, take, section),
                    )
                else:
                    connection.execute(
                        "UPDATE requests SET state = 'composed', submitted_at = NULL WHERE job_id = ? "
                        "AND take = ? AND section = ?",
                        (job_id, take, section),
                    )
                fail_the_rest(connection, job_id, take)
            return len(rows)

    def _step(self, connection: sqlite3.Connection, key: RequestKey, before: JobState, after: JobState) -> bool:
        saved = connection.execute(
            "UPDATE requests SET state = ? WHERE job_id = ? AND take = ? AND section = ? AND state = ?",
            (after, *key, before),
        ).rowcount
        advance(connection, key.job_id)
        return saved == 1
