"""The file itself: made, brought up to date, refused, set aside."""

from __future__ import annotations

import sqlite3

import pytest

from bridge.errors import DiskFull, NotWritable, SetupError
from bridge.store.database import open_database, open_to_read
from bridge.store.doorbook import Doorbook
from bridge.store.migrations import MIGRATIONS, migrate
from bridge.store.store import Store
from tests.fakes.clock import FakeClock
from tests.store.test_store import new_job


def schema(path):
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()
    connection.close()
    return rows


def test_the_first_version_with_a_job_in_it_becomes_the_newest_and_keeps_the_job(tmp_path):
    old, new = tmp_path / "old.sqlite", tmp_path / "new.sqlite"
    name, statements = MIGRATIONS[0]
    connection = sqlite3.connect(old, isolation_level=None)
    connection.execute("CREATE TABLE migrations (name TEXT PRIMARY KEY, applied_at REAL NOT NULL)")
    for statement in statements:
        connection.execute(statement)
    connection.execute("INSERT INTO migrations VALUES (?, 0)", (name,))
    connection.execute(
        "INSERT INTO jobs (id, request_id, digest, door, provider, billable, billable_requests, created_at, seed, "
        "asked, reply_tos) VALUES ('aaaa', 'r', x'00', 'osc', 'local', 0, 0, 0, 1, 1, '[]')"
    )
    connection.close()
    database = open_database(old, FakeClock())
    assert Store(database, FakeClock()).knows_job("aaaa")
    Doorbook(database, FakeClock()).remember_seen("/a", "b")
    database.close()
    open_database(new, FakeClock()).close()
    assert [row[0] for row in schema(old)] == [row[0] for row in schema(new)]


def test_each_step_is_recorded_and_done_once(tmp_path):
    path = tmp_path / "jobs.sqlite"
    open_database(path, FakeClock(1.0)).close()
    open_database(path, FakeClock(2.0)).close()
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, applied_at FROM migrations ORDER BY name").fetchall()
    connection.close()
    assert rows == [(name, 1.0) for name, _ in MIGRATIONS]


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path):
    connection = sqlite3.connect(tmp_path / "jobs.sqlite", isolation_level=None)
    connection.execute("CREATE TABLE seen (path TEXT)")
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        migrate(connection, 0.0)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    connection.close()
    assert names == ["seen"]


def test_a_file_of_a_newer_version_is_refused(tmp_path):
    path = tmp_path / "jobs.sqlite"
    open_database(path, FakeClock()).close()
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO migrations VALUES ('999_future', 0)")
    connection.commit()
    connection.close()
    with pytest.raises(SetupError, match="newer daw-bridge"):
        open_database(path, FakeClock())


def test_a_damaged_file_is_set_aside_and_said(tmp_path, caplog):
    path = tmp_path / "jobs.sqlite"
    path.write_bytes(b"this is no database, " * 1000)
    database = open_database(path, FakeClock())
    store = Store(database, FakeClock())
    store.add_jobs([new_job("aaaa")])
    database.close()
    assert (tmp_path / "jobs.sqlite.damaged-1").read_bytes().startswith(b"this is no database")
    assert "damaged-1" in caplog.text


def test_a_file_damaged_in_its_middle_is_set_aside_too(tmp_path):
    path = tmp_path / "jobs.sqlite"
    database = open_database(path, FakeClock())
    Store(database, FakeClock()).add_jobs([new_job(f"job{number}") for number in range(500)])
    database.close()
    content = bytearray(path.read_bytes())
    for page in range(4096, len(content), 4096):
        content[page : page + 512] = b"\xff" * 512
    path.write_bytes(content)
    database = open_database(path, FakeClock())
    assert Store(database, FakeClock()).count_open() == 0
    database.close()
    assert (tmp_path / "jobs.sqlite.damaged-1").exists()


def test_a_step_that_meets_what_it_did_not_expect_sets_nothing_aside(tmp_path):
    path = tmp_path / "jobs.sqlite"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE migrations (name TEXT PRIMARY KEY, applied_at TEXT CHECK (applied_at > 'x'))")
    connection.close()
    with pytest.raises(SetupError, match="cannot be opened"):
        open_database(path, FakeClock())
    assert sorted(entry.name for entry in tmp_path.iterdir() if "damaged" in entry.name) == []


def test_who_only_reads_sees_what_a_running_daemon_stores_and_changes_nothing(tmp_path):
    path = tmp_path / "jobs.sqlite"
    database = open_database(path, FakeClock())
    store = Store(database, FakeClock())
    reading = open_to_read(path)
    store.add_jobs([new_job("aaaa")])
    look = Store(reading, FakeClock())
    assert look.knows_job("aaaa")
    with pytest.raises(NotWritable):
        look.cancel("aaaa")
    reading.close()
    database.close()


def test_who_only_reads_needs_no_daemon(tmp_path):
    path = tmp_path / "jobs.sqlite"
    database = open_database(path, FakeClock())
    Store(database, FakeClock()).add_jobs([new_job("aaaa")])
    database.close()
    reading = open_to_read(path)
    assert Store(reading, FakeClock()).knows_job("aaaa")
    reading.close()


@pytest.mark.parametrize("content", [b"this is no database, " * 1000, b"", None])
def test_who_only_reads_never_sets_a_file_aside(tmp_path, content):
    path = tmp_path / "jobs.sqlite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SetupError, match=r"jobs\.sqlite"):
        open_to_read(path)
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == (
        [] if content is None else [(path.name, content)]
    )


def test_who_only_reads_leaves_other_versions_files_to_the_daemon(tmp_path):
    path = tmp_path / "jobs.sqlite"
    open_database(path, FakeClock()).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DELETE FROM migrations WHERE name = ?", (MIGRATIONS[-1][0],))
    with pytest.raises(SetupError, match="daw-bridge run"):
        open_to_read(path)
    connection.execute("INSERT INTO migrations VALUES ('999_future', 0)")
    with pytest.raises(SetupError, match="newer daw-bridge"):
        open_to_read(path)
    connection.close()


def test_what_cannot_be_read_is_told_as_such(tmp_path):
    database = open_database(tmp_path / "jobs.sqlite", FakeClock())
    with database.writing() as connection:
        connection.execute("ALTER TABLE jobs RENAME TO elsewhere")
    with pytest.raises(NotWritable, match="job store"):
        Store(database, FakeClock()).count_open()
    database.close()


def test_a_folder_that_is_not_there_is_a_matter_of_setup(tmp_path):
    with pytest.raises(SetupError, match="cannot be opened"):
        open_database(tmp_path / "nowhere" / "jobs.sqlite", FakeClock())


def test_a_full_disk_is_told_as_such_and_nothing_is_half_stored(tmp_path):
    database = open_database(tmp_path / "jobs.sqlite", FakeClock())
    store = Store(database, FakeClock())
    with database.writing() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(DiskFull, match="no room"):
        store.add_jobs([new_job(f"job{number}") for number in range(500)])
    assert store.count_open() == 0
    store.add_jobs([new_job("small")])
    database.close()
