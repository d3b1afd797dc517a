"""The schema, as the ordered steps that lead to it; each step is recorded in the file once it is done."""

from __future__ import annotations

import sqlite3

from bridge.errors import SetupError

Migration = tuple[str, tuple[str, ...]]
"""A step's name and its statements."""


def migrate(connection: sqlite3.Connection, now: float) -> None:
    """Bring a file of any earlier version to the newest, all in one transaction.

    Raises:
        SetupError: the file was written by a newer version of daw-bridge.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_at REAL NOT NULL)")
        for name, statements in missing_steps(connection):
            for statement in statements:
                connection.execute(statement)
            connection.execute("INSERT INTO migrations VALUES (?, ?)", (name, now))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def missing_steps(connection: sqlite3.Connection) -> list[Migration]:
    """What a file lacks.

    Raises:
        SetupError: the file was written by a newer version of daw-bridge.
    """
    applied = {str(name) for (name,) in connection.execute("SELECT name FROM migrations")}
    unknown = applied - {name for name, _ in MIGRATIONS}
    if unknown:
        raise SetupError(
            f"The job store was written by a newer daw-bridge (it knows {min(unknown)}); "
            "update daw-bridge, or start with another --home."
        )
    return [step for step in MIGRATIONS if step[0] not in applied]


# Triggers lie apart from jobs: an update rewrites its whole row, and a trigger may hold 200,000 notes.
MIGRATIONS: tuple[Migration, ...] = (
    (
        "001_jobs",
        (
            """
            CREATE TABLE jobs (
                number INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                request_id TEXT NOT NULL UNIQUE COLLATE NOCASE,
                digest BLOB NOT NULL,
                door TEXT NOT NULL,
                provider TEXT NOT NULL,
                billable INTEGER NOT NULL,
                billable_requests INTEGER NOT NULL,
                created_at REAL NOT NULL,
                seed INTEGER NOT NULL,
                asked INTEGER NOT NULL,
                reply_tos BLOB NOT NULL,
                state TEXT NOT NULL DEFAULT 'accepted',
                conditioning BLOB,
                error_code TEXT NOT NULL DEFAULT '',
                error_text TEXT NOT NULL DEFAULT '',
                progress REAL NOT NULL DEFAULT 0,
                ended INTEGER NOT NULL DEFAULT 0
            )
            """,
            "CREATE INDEX jobs_by_state ON jobs (state, provider)",
            "CREATE INDEX jobs_open ON jobs (number) WHERE ended = 0",
            "CREATE TABLE triggers (number INTEGER PRIMARY KEY REFERENCES jobs, json BLOB NOT NULL)",
            """
            CREATE TABLE requests (
                number INTEGER PRIMARY KEY,
                job_id TEXT NOT NULL REFERENCES jobs (id),
                take INTEGER NOT NULL,
                section INTEGER NOT NULL,
                provider TEXT NOT NULL,
                state TEXT NOT NULL DEFAULT 'composed',
                request BLOB NOT NULL,
                ticket BLOB,
                result BLOB,
                error_code TEXT NOT NULL DEFAULT '',
                error_text TEXT NOT NULL DEFAULT '',
                error_told INTEGER NOT NULL DEFAULT 0,
                submitted_at REAL,
                UNIQUE (job_id, take, section)
            )
            """,
            "CREATE INDEX requests_by_state ON requests (state, provider)",
            """
            CREATE TABLE takes (
                number INTEGER PRIMARY KEY,
                job_id TEXT NOT NULL REFERENCES jobs (id),
                take INTEGER NOT NULL,
                delivery BLOB NOT NULL,
                json_path TEXT NOT NULL,
                sha256 TEXT NOT NULL,
                imported TEXT,
                undone INTEGER NOT NULL DEFAULT 0,
                told INTEGER NOT NULL DEFAULT 0,
                UNIQUE (job_id, take)
            )
            """,
            "CREATE INDEX takes_by_sha256 ON takes (sha256)",
        ),
    ),
    (
        "002_doors",
        (
            """
            CREATE TABLE clients (
                name TEXT PRIMARY KEY,
                host TEXT NOT NULL,
                port INTEGER NOT NULL,
                heard_at REAL NOT NULL
            )
            """,
            "CREATE INDEX clients_by_host ON clients (host, heard_at)",
            "CREATE TABLE seen (path TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (path, sha256)) WITHOUT ROWID",
        ),
    ),
    (
        "003_submissions",
        (
            """
            CREATE TABLE submissions (
                number INTEGER PRIMARY KEY,
                job_id TEXT NOT NULL REFERENCES jobs (id),
                take INTEGER NOT NULL,
                section INTEGER NOT NULL,
                provider TEXT NOT NULL,
                submitted_at REAL NOT NULL
            )
            """,
            "CREATE INDEX submissions_by_provider ON submissions (provider, submitted_at)",
        ),
    ),
)
