"""The jobs in SQLite: what is saved at each step, and what is to be done next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from bridge.events import ErrorNote
from bridge.model import Delivery, Trigger
from bridge.store.changes import advance, state_of
from bridge.store.database import Database
from bridge.store.rows import (
    JOB,
    REQUEST,
    TAKE,
    Job,
    JobState,
    Known,
    NewJob,
    Origin,
    Request,
    RequestKey,
    Take,
    read_job,
    read_request,
    read_take,
)
from bridge.store.wishes import cancel, retry

DAY_SECONDS = 86_400.0


class Store:
    """Jobs, their requests and takes. Every method that writes has its rows on the disk when it returns."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    # Accepting

    def add_jobs(self, jobs: Sequence[NewJob]) -> None:
        """Keep these jobs, all in one commit."""
        with self._database.writing() as connection:
            for job in jobs:
                number = connection.execute(
                    "INSERT INTO jobs (id, request_id, digest, door, provider, billable, billable_requests, "
                    "created_at, seed, asked, reply_tos) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        job.id,
                        job.request_id,
                        job.digest,
                        job.door,
                        job.provider,
                        job.billable,
                        job.billable_requests,
                        job.created_at,
                        job.seed,
                        job.asked,
                        msgspec.json.encode(job.reply_tos),
                    ),
                ).lastrowid
                connection.execute("INSERT INTO triggers VALUES (?, ?)", (number, job.trigger))

    def known(self, request_ids: Sequence[str]) -> dict[str, Known]:
        """The jobs that these request ids already have, by the id in small letters; its case does not matter."""
        rows = self._all(
            "SELECT request_id, id, digest, billable_requests FROM jobs "
            "WHERE request_id IN (SELECT value FROM json_each(?))",
            msgspec.json.encode(request_ids).decode(),
        )
        return {row[0].lower(): Known(id=row[1], digest=row[2], billable_requests=row[3]) for row in rows}

    def knows_job(self, job_id: str) -> bool:
        """Whether a job goes by this id."""
        return self._one("SELECT 1 FROM jobs WHERE id = ?", job_id) is not None

    def count_open(self) -> int:
        """How many jobs have not ended."""
        return self._count("SELECT COUNT(*) FROM jobs WHERE ended = 0")

    def count_billable(self, provider: str) -> int:
        """Billable requests of the last 24 hours, and those that open jobs will still make."""
        since = self._clock() - DAY_SECONDS
        return self._count(
            "SELECT (SELECT COALESCE(SUM(billable_requests), 0) FROM jobs WHERE ended = 0 AND provider = ?) + "
            "(SELECT COUNT(*) FROM submissions s JOIN jobs j ON j.id = s.job_id "
            "WHERE s.provider = ? AND s.submitted_at > ? AND j.ended = 1)",
            provider,
            provider,
            since,
        )

    def add_reply_to(self, job_id: str, reply_to: str) -> None:
        """Tell one more listener about a job from now on."""
        listeners = self.reply_tos(job_id)
        if reply_to and reply_to not in listeners:
            with self._database.writing() as connection:
                encoded = msgspec.json.encode((*listeners, reply_to))
                connection.execute("UPDATE jobs SET reply_tos = ? WHERE id = ?", (encoded, job_id))

    # Looking

    def job(self, job_id: str) -> Job | None:
        """A job's row."""
        row = self._one(JOB + " WHERE id = ?", job_id)
        return None if row is None else read_job(row)

    def trigger(self, job_id: str) -> Trigger:
        """What was asked."""
        return msgspec.json.decode(self._trigger(job_id), type=Trigger)

    def origin(self, job_id: str) -> Origin:
        """What of the trigger is told back, without reading its notes."""
        return msgspec.json.decode(self._trigger(job_id), type=Origin)

    def requests(self, job_id: str) -> list[Request]:
        """A job's requests, by take and section."""
        return [read_request(row) for row in self._all(REQUEST + " WHERE job_id = ? ORDER BY take, section", job_id)]

    def request(self, key: RequestKey) -> Request | None:
        """One request."""
        row = self._one(REQUEST + " WHERE job_id = ? AND take = ? AND section = ?", *key)
        return None if row is None else read_request(row)

    def takes(self, job_id: str) -> list[Take]:
        """A job's delivered takes."""
        return [read_take(row) for row in self._all(TAKE + " WHERE job_id = ? ORDER BY take", job_id)]

    def state(self, job_id: str) -> JobState:
        """A job's state, derived from its rows."""
        with self._database.reading() as connection:
            return state_of(connection, job_id)

    def reply_tos(self, job_id: str) -> tuple[str, ...]:
        """Who is told about a job, in the doors' own words."""
        row = self._one("SELECT reply_tos FROM jobs WHERE id = ?", job_id)
        return () if row is None else msgspec.json.decode(row[0], type=tuple[str, ...])

    def last_delivered(self) -> str | None:
        """The job whose take came last and was not undone."""
        row = self._one("SELECT job_id FROM takes WHERE undone = 0 ORDER BY number DESC LIMIT 1")
        return None if row is None else str(row[0])

    def job_of_take(self, sha256: str) -> str | None:
        """The id of the job that delivered a file with this content, if it is a take of ours."""
        row = self._one("SELECT job_id FROM takes WHERE sha256 = ?", sha256)
        return None if row is None else str(row[0])

    def newest(self, limit: int) -> list[str]:
        """The ids of the newest jobs, newest first."""
        return [str(row[0]) for row in self._all("SELECT id FROM jobs ORDER BY number DESC LIMIT ?", limit)]

    # The queue

    def next_job(self, state: JobState, provider: str) -> str | None:
        """The oldest job of a provider whose own row holds this much."""
        row = self._one("SELECT id FROM jobs WHERE state = ? AND provider = ? ORDER BY number LIMIT 1", state, provider)
        return None if row is None else str(row[0])

    def count_composed(self, provider: str) -> int:
        """How many of a provider's jobs wait to be submitted."""
        return self._count(
            "SELECT COUNT(DISTINCT job_id) FROM requests WHERE state = 'composed' AND provider = ?", provider
        )

    def next_requests(self, state: JobState, provider: str, limit: int) -> list[RequestKey]:
        """A provider's oldest requests that hold this much."""
        rows = self._all(
            "SELECT job_id, take, section FROM requests WHERE state = ? AND provider = ? ORDER BY number LIMIT ?",
            state,
            provider,
            limit,
        )
        return [RequestKey(*row) for row in rows]

    def next_take(self) -> tuple[str, int] | None:
        """The oldest take whose sections are all here."""
        row = self._one(
            "SELECT job_id, take FROM requests r WHERE state = 'generated' AND NOT EXISTS (SELECT 1 FROM requests s "
            "WHERE s.job_id = r.job_id AND s.take = r.take AND s.state <> 'generated') ORDER BY number LIMIT 1"
        )
        return None if row is None else (str(row[0]), int(row[1]))

    # The user's word

    def cancel(self, job_id: str) -> bool:
        """Cancel what has not ended of a job; False when it had ended. Tickets and results are kept."""
        with self._database.writing() as connection:
            return cancel(connection, job_id)

    def retry(self, job_id: str) -> bool:
        """Put what failed or was cancelled back to where it can go on from; False when nothing was."""
        with self._database.writing() as connection:
            return retry(connection, job_id)

    def mark_imported(self, job_id: str, take: int, where: str) -> bool:
        """Note where the DAW has put a take; False when there is no such take."""
        with self._database.writing() as connection:
            return (
                connection.execute(
                    "UPDATE takes SET imported = ? WHERE job_id = ? AND take = ?", (where, job_id, take)
                ).rowcount
                == 1
            )

    def mark_undone(self, job_id: str, take: int, delivery: Delivery, json_path: str) -> None:
        """Note that a take was taken out of the project, and where it lies now."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE takes SET undone = 1, delivery = ?, json_path = ? WHERE job_id = ? AND take = ?",
                (msgspec.json.encode(delivery), json_path, job_id, take),
            )

    # Telling, and starting again

    def progress(self, job_ids: Iterable[str]) -> list[tuple[str, str, float, JobState]]:
        """Save how far these jobs are by now, and say it: job id, request id, fraction (it never falls), state."""
        now = self._clock()
        told: list[tuple[str, str, float, JobState]] = []
        with self._database.writing() as connection:
            for job_id in job_ids:
                advance(connection, job_id, now)
                row = connection.execute("SELECT request_id, progress FROM jobs WHERE id = ?", (job_id,)).fetchone()
                told.append((job_id, row[0], row[1], state_of(connection, job_id)))
        return told

    def untold_failures(self, job_id: str) -> list[tuple[int, ErrorNote]]:
        """The takes that failed and whose failure was not told yet, each with its first error."""
        rows = self._all(
            "SELECT take, error_code, error_text, error_told FROM requests WHERE job_id = ? AND state = 'failed' "
            "ORDER BY take, section",
            job_id,
        )
        told = {take for take, _, _, was_told in rows if was_told}
        first: dict[int, ErrorNote] = {}
        for take, code, text, _ in rows:
            first.setdefault(take, ErrorNote(code=code, text=text))
        return [(take, note) for take, note in first.items() if take not in told]

    def mark_told(self, job_id: str, *, takes: Sequence[int], failures: Sequence[int], ended: bool) -> None:
        """Note what was told of a job."""
        with self._database.writing() as connection:
            connection.executemany(
                "UPDATE takes SET told = 1 WHERE job_id = ? AND take = ?", [(job_id, take) for take in takes]
            )
            connection.executemany(
                "UPDATE requests SET error_told = 1 WHERE job_id = ? AND take = ?",
                [(job_id, take) for take in failures],
            )
            if ended:
                connection.execute("UPDATE jobs SET ended = 1 WHERE id = ?", (job_id,))

    def begun(self) -> list[str]:
        """The open jobs that have come further than `accepted`: there may be something to tell of them."""
        rows = self._all("SELECT id FROM jobs WHERE ended = 0 AND state <> 'accepted' ORDER BY number")
        return [str(row[0]) for row in rows]

    def stranded(self, providers: Iterable[str]) -> list[str]:
        """The open jobs of providers other than these."""
        known = set(providers)
        rows = self._all("SELECT id, provider FROM jobs WHERE ended = 0")
        return [str(job_id) for job_id, provider in rows if provider not in known]

    def _trigger(self, job_id: str) -> bytes:
        row = self._one("SELECT json FROM triggers WHERE number = (SELECT number FROM jobs WHERE id = ?)", job_id)
        return bytes(row[0]) if row else b""

    def _one(self, sql: str, *values: Any) -> Any:
        with self._database.reading() as connection:
            return connection.execute(sql, values).fetchone()

    def _all(self, sql: str, *values: Any) -> list[Any]:
        with self._database.reading() as connection:
            return connection.execute(sql, values).fetchall()

    def _count(self, sql: str, *values: Any) -> int:
        return int(self._one(sql, *values)[0])
