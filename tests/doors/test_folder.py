"""The folder door on real folders: what is dropped is taken, refused or waited for, and the outbox tells."""

from __future__ import annotations

import json
import os
import shutil
import struct
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bridge.config import WatchConfig
from bridge.doors.folder import FolderDoor
from bridge.errors import BridgeError, MissingFile, NotAllowed, QueueFull, UnreadableAudio
from bridge.files import sha256_of
from tests.doors.conftest import ShiftedClock
from tests.fakes.fake_clients import FakeSeen
from tests.fakes.fake_jobs import FakeJobs

MIDI_CLIP = {"schema": 1, "clip": {"midi": {"path": "/abs/riff.mid"}}}


def wait_until(found: Callable[[], Any], what: str = "it", timeout: float = 15.0) -> Any:
    """Look at the file system until something is there."""
    end = time.monotonic() + timeout
    pause = threading.Event()
    while not (value := found()):
        assert time.monotonic() < end, f"{what} did not come"
        pause.wait(0.01)
    return value


class Home:
    """A daemon's folder with a door on it."""

    def __init__(self, path: Path, jobs: FakeJobs, clock: ShiftedClock) -> None:
        self.path = path
        self.jobs = jobs
        self.clock = clock
        self.seen = FakeSeen()
        self.doors: list[FolderDoor] = []
        self.watches: list[WatchConfig] = []
        path.mkdir(exist_ok=True)

    def open(self) -> FolderDoor:
        door = FolderDoor(
            self.path,
            self.watches,
            self.jobs,
            self.seen,
            knows_job=self.jobs.knows_job,
            version="0.1.0",
            osc_port=9130,
            clock=self.clock,
        )
        self.jobs.subscribe(door.tell)
        door.start()
        self.doors.append(door)
        return door

    def close(self) -> None:
        for door in self.doors:
            door.stop()
        self.doors.clear()

    def drop(self, name: str, content: bytes | dict[str, Any]) -> Path:
        """Put a whole file into the inbox, as a careful client does."""
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        part = self.path / "inbox" / f"{name}.part"
        part.write_bytes(data)
        target = part.with_name(name)
        part.rename(target)
        return target

    def outbox(self, request_id: str, state: str = "") -> dict[str, Any]:
        """The outbox file of a request id, once it says this state."""
        path = self.path / "outbox" / f"{request_id}.json"

        def read() -> dict[str, Any] | None:
            if not path.exists():
                return None
            view: dict[str, Any] = json.loads(path.read_bytes())
            return view if view["state"] == state or not state else None

        found: dict[str, Any] = wait_until(read, f"{path.name} {state}")
        return found

    def refusal(self, name: str) -> dict[str, Any]:
        """What is said beside a refused file."""
        path = self.path / "refused" / f"{name}.error.json"
        wait_until((self.path / "refused" / name).exists, name)
        said: dict[str, Any] = json.loads(path.read_bytes())
        return said

    def everything(self) -> list[str]:
        """The names of all files that were dropped, wherever they lie now."""
        folders = (self.path / name for name in ("inbox", "taken", "refused"))
        return sorted(path.name for folder in folders for path in folder.rglob("*") if path.is_file())


class AfterAKill(NamedTuple):
    """A home that is what a kill would leave of another one at the moment when `keep` is called."""

    home: Home
    keep: Callable[..., None]


@pytest.fixture
def home(tmp_path: Path, jobs: FakeJobs, clock: ShiftedClock) -> Iterator[Home]:
    made = Home(tmp_path / "home", jobs, clock)
    yield made
    made.close()


def wav(frames: int = 100, seed: int = 0, originator: bytes = b"") -> bytes:
    data = bytes((seed + n) % 256 for n in range(2 * frames))
    bext = struct.pack("<4sI256s32s314x", b"bext", 602, b"description", originator) if originator else b""
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + len(data) + len(bext),
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        8000,
        16000,
        2,
        16,
        b"data",
        len(data),
    )
    return head + data + bext


# Triggers


def test_a_trigger_is_taken_and_the_outbox_says_how_it_goes(home: Home, jobs: FakeJobs) -> None:
    home.open()
    home.drop("whatever.json", {**MIDI_CLIP, "request_id": "reaper-1.7", "source": {"item": "{GUID}"}})
    view = home.outbox("reaper-1.7", "accepted")
    assert set(view) == {
        "schema", "request_id", "job_id", "state", "progress", "stage", "error", "takes", "asked", "position", "source"
    }  # fmt: skip
    job_id = view["job_id"]
    assert (home.path / "taken" / job_id / "whatever.json").exists()
    jobs.progress(job_id, 0.5, "submitted")
    assert home.outbox("reaper-1.7", "submitted")["progress"] == 0.5
    jobs.deliver(job_id)
    jobs.end(job_id)
    view = home.outbox("reaper-1.7", "delivered")
    assert view["takes"][0]["key"] == "G# minor"
    assert view["source"] == {"item": "{GUID}"}


def test_the_outbox_tells_of_jobs_of_every_door_and_goes_when_every_take_is_imported(
    home: Home, jobs: FakeJobs
) -> None:
    door = home.open()
    home.drop("first.json", {**MIDI_CLIP, "ask": {"takes": 2}})
    job_id = home.outbox("first")["job_id"]
    again = jobs.again(job_id, request_id="osc-7", prompt="", door="osc", reply_to="")
    home.outbox("osc-7", "accepted")
    for _ in range(2):
        jobs.deliver(again.job_id)
    jobs.end(again.job_id)
    home.outbox("osc-7", "delivered")
    jobs.imported(again.job_id, 1, "track 1")
    wait_until(lambda: home.outbox("osc-7")["takes"][0]["imported"] == "track 1")
    jobs.imported(again.job_id, 2, "track 2")
    wait_until(lambda: not (home.path / "outbox" / "osc-7.json").exists(), "the removal")
    assert door is home.doors[0]


@pytest.mark.parametrize("request_id", ["con", "NUL", "com1.7"])
def test_an_id_that_windows_takes_for_a_device_gets_another_file_name(
    home: Home, jobs: FakeJobs, request_id: str
) -> None:
    home.open()
    home.drop("a.json", {**MIDI_CLIP, "request_id": request_id})
    home.drop("b.json", {**MIDI_CLIP, "request_id": f"_{request_id}"})
    told = wait_until(lambda: list((home.path / "outbox").glob("=*.json")), "the outbox file")[0]
    assert json.loads(told.read_bytes())["request_id"] == request_id
    assert home.outbox(f"_{request_id}")["request_id"] == f"_{request_id}"
    assert not (home.path / "outbox" / f"{request_id}.json").exists()


def test_an_id_in_the_json_beats_the_stem_and_a_stem_that_is_none_leaves_the_jobs_id(
    home: Home, jobs: FakeJobs
) -> None:
    home.open()
    home.drop("stem-1.json", MIDI_CLIP)
    home.outbox("stem-1")
    home.drop("two words.json", MIDI_CLIP)
    job = jobs.wait_for_jobs(2)[-1]
    assert job.trigger.request_id == job.id
    home.outbox(job.id)


def test_a_bare_file_is_moved_into_its_jobs_folder_and_read_there(home: Home, jobs: FakeJobs) -> None:
    home.open()
    home.drop("Riff 96bpm G#m.WAV", wav())
    job = jobs.wait_for_jobs(1)[0]
    assert job.trigger.clip.audio is not None
    path = Path(job.trigger.clip.audio.path)
    assert path == home.path / "taken" / job.id / "Riff 96bpm G#m.WAV"
    assert path.read_bytes() == wav()
    assert job.trigger.request_id == job.id


def test_a_file_without_a_partial_name_is_taken_once_it_rests(home: Home, jobs: FakeJobs) -> None:
    home.open()
    (home.path / "inbox" / "riff.mid").write_bytes(b"MThd" + struct.pack(">IHHH", 6, 0, 0, 96))
    assert jobs.wait_for_jobs(1)[0].trigger.clip.midi is not None


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("riff.wav", wav()),
        ("riff.mid", b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96) + b"MTrk" + struct.pack(">I", 20) + b"\0" * 20),
        ("riff.json", json.dumps(MIDI_CLIP).encode()),
        ("riff.aiff", b"FORM" + struct.pack(">I", 60) + b"AIFF" + b"\0" * 56),
    ],
    ids=["wav", "midi", "json", "aiff"],
)
def test_a_half_written_file_is_left_alone_until_it_is_whole(
    home: Home, jobs: FakeJobs, clock: ShiftedClock, name: str, whole: bytes
) -> None:
    home.open()
    path = home.path / "inbox" / name
    path.write_bytes(whole[: len(whole) - 7])
    home.drop("marker.json", MIDI_CLIP)
    home.outbox("marker")
    clock.ahead += 2
    home.drop("marker-2.json", {**MIDI_CLIP, "source": {"n": 2}})
    home.outbox("marker-2")
    assert path.exists()
    path.write_bytes(whole)
    jobs.wait_for_jobs(3)
    assert not path.exists()


def test_a_file_that_stays_cut_short_is_refused_in_the_end(home: Home, clock: ShiftedClock) -> None:
    home.open()
    (home.path / "inbox" / "cut.json").write_text('{"schema": 1, "clip": ')
    home.drop("marker.json", MIDI_CLIP)
    home.outbox("marker")
    clock.ahead += 6
    assert home.refusal("cut.json")["code"] == "bad_trigger"
    assert home.outbox("cut", "rejected")["error"]["code"] == "bad_trigger"


def test_hidden_temporary_and_daw_made_files_and_folders_are_let_lie(home: Home) -> None:
    home.open()
    inbox = home.path / "inbox"
    names = [".hidden.wav", "take.wav.part", "take.tmp", "take.wav.asd", "take.wav.reapeaks", ".DS_Store"]
    for name in names:
        (inbox / name).write_bytes(b"x")
    (inbox / "folder.wav").mkdir()
    home.drop("marker.json", MIDI_CLIP)
    home.outbox("marker")
    assert sorted(path.name for path in inbox.iterdir()) == sorted([*names, "folder.wav"])


def test_many_files_at_once_are_all_taken(home: Home, jobs: FakeJobs) -> None:
    home.open()
    for number in range(300):
        (home.path / "inbox" / f"riff-{number}.json").write_text(json.dumps(MIDI_CLIP))
    jobs.wait_for_jobs(300)
    assert sum(jobs.batches) == 300
    wait_until(lambda: len(list((home.path / "outbox").glob("riff-*.json"))) == 300, "300 outbox files")


# Refusals


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("bad.json", b'{"schema": 1, "clip": {}, "bogus": 1}', "bad_trigger", "bogus"),
        ("bad.json", b"\xff\xfe", "bad_trigger", "UTF-8"),
        ("bad.json", b"{oops}", "bad_trigger", "JSON"),
        ("bad.txt", b"hello", "not_supported", "bad.txt"),
        ("bad", b"hello", "not_supported", "bad"),
        ("bad.json", b'{"schema": 1, "command": "dance"}', "bad_trigger", "command"),
        ("bad.json", b'{"schema": 1, "command": "cancel", "job_id": "none"}', "unknown_job", "none"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_a_sentence(
    home: Home, name: str, content: bytes, code: str, words: str
) -> None:
    home.open()
    home.drop(name, content)
    said = home.refusal(name)
    assert said["code"] == code
    assert words in said["text"]
    assert (home.path / "refused" / name).read_bytes() == content
    if name.endswith(".json"):
        assert home.outbox("bad", "rejected")["error"] == said


def test_what_the_jobs_refuse_is_refused_and_never_over_another_file(home: Home, jobs: FakeJobs) -> None:
    home.open()
    jobs.refuse = lambda offer: MissingFile("/abs/riff.mid is not there.")
    home.drop("a.json", {**MIDI_CLIP, "request_id": "r1", "source": {"n": 1}})
    assert home.refusal("a.json") == {"code": "missing_file", "text": "/abs/riff.mid is not there."}
    assert home.outbox("r1", "rejected")["source"] == {"n": 1}
    home.drop("a.json", {**MIDI_CLIP, "request_id": "r2"})
    home.refusal("a-2.json")
    wait_until(lambda: not any((home.path / "taken").iterdir()), "the clearing")
    wait_until(
        lambda: home.everything() == ["a-2.json", "a-2.json.error.json", "a.json", "a.json.error.json"],
        "these files alone",
    )


def test_a_refused_file_is_never_seen_without_what_was_wrong_with_it(home: Home) -> None:
    home.open()
    note = home.path / "refused" / "bad.txt.error.json"
    note.mkdir()
    home.drop("bad.txt", b"hello")
    home.drop("marker.json", MIDI_CLIP)
    home.outbox("marker")
    assert (home.path / "inbox" / "bad.txt").exists()
    note.rmdir()
    assert home.refusal("bad.txt")["code"] == "not_supported"


def test_a_full_queue_refuses_and_keeps_the_file(home: Home, jobs: FakeJobs) -> None:
    home.open()
    jobs.refuse = lambda offer: QueueFull("20000 jobs are waiting.")
    home.drop("riff.wav", wav())
    assert home.refusal("riff.wav")["code"] == "queue_full"


def test_other_content_under_a_used_id_is_refused_and_the_outbox_stays_the_jobs(home: Home) -> None:
    home.open()
    home.drop("a.json", {**MIDI_CLIP, "request_id": "r1"})
    job_id = home.outbox("r1", "accepted")["job_id"]
    home.drop("b.json", {**MIDI_CLIP, "request_id": "R1", "ask": {"bars": 8}})
    assert home.refusal("b.json")["code"] == "bad_message"
    assert home.outbox("r1")["job_id"] == job_id


def test_the_same_id_and_content_again_is_the_same_job(home: Home, jobs: FakeJobs) -> None:
    home.open()
    home.drop("a.json", {**MIDI_CLIP, "request_id": "r1"})
    job_id = home.outbox("r1")["job_id"]
    (home.path / "outbox" / "r1.json").unlink()
    home.drop("a.json", {**MIDI_CLIP, "request_id": "r1"})
    assert home.outbox("r1")["job_id"] == job_id
    assert len(jobs.jobs) == 1
    wait_until(lambda: home.everything() == ["a-2.json", "a.json"], "these files alone")
    assert [path.name for path in (home.path / "taken").iterdir()] == [job_id]


# Sidecars


def test_a_sidecar_and_its_media_are_one_trigger(home: Home, jobs: FakeJobs) -> None:
    home.open()
    home.drop("riff.json", {"schema": 1, "music": {"bpm": 96}})
    home.drop("riff.wav", wav())
    view = home.outbox("riff")
    job = jobs.job(view["job_id"])
    assert job.trigger.music.bpm == 96
    assert job.trigger.clip.audio is not None
    assert job.trigger.clip.audio.path == str(home.path / "taken" / job.id / "riff.wav")
    wait_until(lambda: home.everything() == ["riff.json", "riff.wav"], "these files alone")


def test_a_sidecar_and_its_media_dropped_again_are_the_same_job(home: Home, jobs: FakeJobs) -> None:
    home.open()
    for _ in range(2):
        home.drop("riff.json", {"schema": 1, "music": {"bpm": 96}})
        home.drop("riff.wav", wav())
        wait_until(lambda: not any((home.path / "inbox").iterdir()), "the taking")
    home.outbox("riff", "accepted")
    assert len(jobs.jobs) == 1
    assert not list((home.path / "refused").iterdir())


def test_a_sidecar_waits_ten_seconds_for_its_media(home: Home, clock: ShiftedClock) -> None:
    home.open()
    home.drop("riff.json", {"schema": 1, "request_id": "r1"})
    home.drop("marker.json", MIDI_CLIP)
    home.outbox("marker")
    clock.ahead += 9
    home.drop("marker-2.json", {**MIDI_CLIP, "source": {"n": 2}})
    home.outbox("marker-2")
    assert (home.path / "inbox" / "riff.json").exists()
    clock.ahead += 2
    assert home.refusal("riff.json")["code"] == "missing_file"
    home.outbox("r1", "rejected")


def test_a_broken_sidecar_takes_its_media_with_it(home: Home, jobs: FakeJobs) -> None:
    home.open()
    (home.path / "inbox" / "riff.wav").write_bytes(wav())
    home.drop("riff.json", b"{oops}")
    home.refusal("riff.json")
    home.refusal("riff.wav")
    assert not jobs.jobs


# Commands


def test_commands_do_what_they_say_and_answer_under_their_own_id(home: Home, jobs: FakeJobs) -> None:
    home.open()
    home.drop("a.json", {**MIDI_CLIP, "request_id": "r1"})
    job_id = home.outbox("r1")["job_id"]
    home.drop("c.json", {"schema": 1, "command": "cancel", "request_id": "c1", "job_id": job_id})
    assert home.outbox("c1")["job_id"] == job_id
    home.outbox("r1", "cancelled")
    home.drop("d.json", {"schema": 1, "command": "retry", "request_id": "r1"})
    home.outbox("r1", "accepted")
    jobs.deliver(job_id)
    jobs.end(job_id)
    home.drop("e.json", {"schema": 1, "command": "again", "request_id": "r2", "prompt": "brass"})
    again = home.outbox("r2")["job_id"]
    assert jobs.job(again).trigger.ask.prompt == "brass"
    home.drop("f.json", {"schema": 1, "command": "imported", "job_id": job_id, "take": 1, "where": "track 1"})
    jobs.wait_for_call("imported", job_id, "1", "track 1")
    wait_until(lambda: not (home.path / "outbox" / "r1.json").exists(), "the removal")
    home.drop("g.json", {"schema": 1, "command": "undo", "request_id": "u1", "job_id": job_id})
    assert home.refusal("g.json")["code"] == "already_imported"
    home.outbox("u1", "rejected")
    home.drop("i.json", {"schema": 1, "command": "cancel", "request_id": "c9", "job_id": job_id})
    assert home.outbox("c9")["takes"][0]["imported"] == "track 1"
    home.drop("h.json", {"schema": 1, "command": "undo", "request_id": "u2", "job_id": job_id, "force": True})
    assert home.outbox("u2")["takes"][0]["undone"] is True
    assert sorted(path.name for path in (home.path / "taken" / job_id).iterdir()) == [
        "a.json", "c.json", "d.json", "f.json", "h.json", "i.json"
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["again.json", "once more.json"])
def test_a_command_that_cannot_be_moved_away_is_done_once(home: Home, jobs: FakeJobs, name: str) -> None:
    home.open()
    home.drop("a.json", {**MIDI_CLIP, "request_id": "r1"})
    job_id = home.outbox("r1")["job_id"]
    jobs.deliver(job_id)
    jobs.end(job_id)
    in_the_way = home.path / "taken" / "job00002"
    in_the_way.touch()
    home.drop(name, {"schema": 1, "command": "again", "job_id": job_id})
    jobs.wait_for_jobs(2)
    for marker in ("one.txt", "two.txt"):
        home.drop(marker, b"")
        home.refusal(marker)
        home.close()
        home.open()
    in_the_way.unlink()
    wait_until(lambda: not any((home.path / "inbox").iterdir()), "the taking")
    assert len(jobs.jobs) == 2
    assert [path.name for path in in_the_way.iterdir()] == [name]


def test_a_retry_that_cannot_be_moved_away_is_done_once(home: Home, jobs: FakeJobs) -> None:
    home.open()
    home.drop("a.json", {**MIDI_CLIP, "request_id": "r1"})
    job_id = home.outbox("r1", "accepted")["job_id"]
    shutil.rmtree(home.path / "taken" / job_id)
    (home.path / "taken" / job_id).touch()
    home.drop("retry.json", {"schema": 1, "command": "retry", "job_id": job_id})
    jobs.wait_for_call("retry", job_id)
    home.drop("marker.txt", b"")
    home.refusal("marker.txt")
    (home.path / "taken" / job_id).unlink()
    wait_until(lambda: not any((home.path / "inbox").iterdir()), "the taking")
    assert jobs.calls == [("retry", job_id)]


# Life


def test_daemon_json_says_that_the_daemon_lives_and_goes_with_it(home: Home, clock: ShiftedClock) -> None:
    home.open()
    path = home.path / "daemon.json"
    said = json.loads(path.read_bytes())
    assert said["pid"] == os.getpid()
    assert (said["version"], said["protocol"], said["osc_port"]) == ("0.1.0", 1, 9130)
    clock.ahead += 60
    wait_until(lambda: json.loads(path.read_bytes())["alive_at"] >= said["alive_at"] + 60, "a new alive_at")
    home.close()
    assert not path.exists()


def test_an_inbox_that_was_removed_and_made_anew_is_noticed(home: Home, jobs: FakeJobs) -> None:
    home.open()
    home.drop("a.json", MIDI_CLIP)
    jobs.wait_for_jobs(1)
    inbox = home.path / "inbox"
    shutil.rmtree(inbox)
    inbox.mkdir()
    home.drop("b.json", {**MIDI_CLIP, "source": {"n": 2}})
    jobs.wait_for_jobs(2)


def test_what_was_dropped_before_the_start_is_taken(home: Home, jobs: FakeJobs) -> None:
    (home.path / "inbox").mkdir()
    home.drop("early.json", MIDI_CLIP)
    home.open()
    home.outbox("early", "accepted")


@pytest.fixture
def after_a_kill(home: Home, clock: ShiftedClock, tmp_path: Path) -> Iterator[AfterAKill]:
    """Keeps the home as it lies on the disk at a moment, and starts anew on what was kept."""
    kept = Home(tmp_path / "kept", FakeJobs(), clock)

    def keep(*_: object) -> None:
        for name in ("inbox", "taken"):
            shutil.copytree(home.path / name, kept.path / name, dirs_exist_ok=True)
        kept.seen.rows = set(home.seen.rows)
        kept.watches = home.watches

    yield AfterAKill(kept, keep)
    kept.close()


def test_files_that_a_kill_left_without_a_job_go_back_to_the_inbox(
    home: Home, jobs: FakeJobs, after_a_kill: AfterAKill
) -> None:
    home.open()
    jobs.refuse = after_a_kill.keep
    home.drop("riff.json", {"schema": 1, "music": {"bpm": 96}})
    home.drop("riff.wav", wav())
    first = jobs.wait_for_jobs(1)[0]
    kept = after_a_kill.home
    assert (kept.path / "taken" / first.id / "riff.wav").exists()
    kept.open()
    job = kept.jobs.wait_for_jobs(1)[0]
    assert job.trigger.music.bpm == 96
    kept.outbox("riff", "accepted")
    wait_until(lambda: kept.everything() == ["riff.json", "riff.wav"], "the two files and no note beside them")
    assert [path.name for path in (kept.path / "taken").iterdir()] == [job.id]


def test_files_whose_job_was_stored_before_a_kill_stay_where_they_are(
    home: Home, jobs: FakeJobs, after_a_kill: AfterAKill
) -> None:
    home.open()
    jobs.when_accepted = after_a_kill.keep
    home.drop("riff.wav", wav())
    job = jobs.wait_for_jobs(1)[0]
    kept = after_a_kill.home
    kept.jobs.jobs[job.id] = job
    kept.open()
    kept.drop("marker.json", MIDI_CLIP)
    kept.outbox("marker", "accepted")
    assert (kept.path / "taken" / job.id / "riff.wav").exists()
    wait_until(lambda: kept.everything() == ["marker.json", "riff.wav"], "the two files and no note beside them")
    assert len(kept.jobs.jobs) == 2


def test_what_was_taken_once_is_not_taken_again_when_the_store_has_forgotten_it(home: Home, jobs: FakeJobs) -> None:
    home.open()
    home.drop("riff.wav", wav())
    job = jobs.wait_for_jobs(1)[0]
    home.outbox(job.id, "accepted")
    home.close()
    jobs.jobs.clear()
    home.open()
    home.drop("marker.json", MIDI_CLIP)
    home.outbox("marker", "accepted")
    assert (home.path / "taken" / job.id / "riff.wav").exists()
    assert len(jobs.jobs) == 1


def test_an_outbox_file_that_a_kill_left_behind_is_written_anew_and_an_old_one_goes(
    home: Home, jobs: FakeJobs, clock: ShiftedClock
) -> None:
    home.open()
    home.drop("a.json", {**MIDI_CLIP, "request_id": "r1"})
    job_id = home.outbox("r1", "accepted")["job_id"]
    home.close()
    jobs.job(job_id).state = "delivered"
    home.open()
    home.outbox("r1", "delivered")
    home.close()
    clock.ahead += 31 * 86_400
    home.open()
    wait_until(lambda: not (home.path / "outbox" / "r1.json").exists(), "the removal")


# Watched folders


def watch(home: Home, tmp_path: Path, **settings: Any) -> Path:
    folder = tmp_path / "watched"
    folder.mkdir(exist_ok=True)
    home.watches = [WatchConfig(path=str(folder), **settings)]
    return folder


def baseline(home: Home, folder: Path) -> None:
    """Wait until the folder has been looked at for the first time."""
    wait_until(lambda: home.seen.is_seen(str(folder), "watched"), "the first look")


def test_a_new_clip_in_a_watched_folder_is_read_in_place(home: Home, jobs: FakeJobs, tmp_path: Path) -> None:
    folder = watch(home, tmp_path, prompt="tropical house", project="/song")
    home.open()
    baseline(home, folder)
    (folder / "riff.wav").write_bytes(wav())
    job = jobs.wait_for_jobs(1)[0]
    assert job.trigger.clip.audio is not None
    assert job.trigger.clip.audio.path == str(folder / "riff.wav")
    assert (job.trigger.ask.prompt, job.trigger.project.path) == ("tropical house", "/song")
    assert (job.offer.door, job.offer.may_spend) == ("watch", False)
    wait_until(lambda: not (home.path / "taken" / job.id).exists(), "the end of the taking")
    assert (folder / "riff.wav").exists()


def test_what_lies_there_first_counts_as_seen_and_nothing_is_taken_twice(
    home: Home, jobs: FakeJobs, clock: ShiftedClock, tmp_path: Path
) -> None:
    folder = watch(home, tmp_path, paid=True)
    (folder / "old.wav").write_bytes(wav(seed=1))
    home.open()
    baseline(home, folder)
    (folder / "new.wav").write_bytes(wav(seed=2))
    job = jobs.wait_for_jobs(1)[0]
    assert job.offer.may_spend
    assert job.trigger.project.path == str(folder)
    wait_until(lambda: home.seen.is_seen(str(folder / "new.wav"), sha256_of(folder / "new.wav")), "the note")
    home.close()
    for name in ("old.wav", "new.wav"):
        os.utime(folder / name, (1, 1))
    home.open()
    (folder / "newer.wav").write_bytes(wav(seed=3))
    jobs.wait_for_jobs(2)
    names = {Path(one.trigger.clip.audio.path).name for one in jobs.jobs.values() if one.trigger.clip.audio}
    assert names == {"new.wav", "newer.wav"}


def test_our_own_takes_other_files_and_folders_below_are_no_clips(home: Home, jobs: FakeJobs, tmp_path: Path) -> None:
    folder = watch(home, tmp_path)
    home.open()
    baseline(home, folder)
    take, placed = wav(seed=5), wav(seed=6, originator=b"daw-bridge")
    by_others = wav(seed=8, originator=b"Pro Tools")
    (tmp_path / "take.wav").write_bytes(take)
    jobs.take_hashes.add(sha256_of(tmp_path / "take.wav"))
    (folder / "take.wav").write_bytes(take)
    (folder / "placed.wav").write_bytes(placed)
    (folder / "notes.txt").write_text("hello")
    (folder / "Generated").mkdir()
    (folder / "Generated" / "deep.wav").write_bytes(wav(seed=7))
    (folder / "z.wav").write_bytes(by_others)
    jobs.wait_for_jobs(1)
    for name in ("take.wav", "placed.wav"):
        wait_until(partial(home.seen.is_seen, str(folder / name), sha256_of(folder / name)), name)
    assert [Path(one.trigger.clip.audio.path).name for one in jobs.jobs.values() if one.trigger.clip.audio] == ["z.wav"]
    assert (folder / "notes.txt").exists()


@pytest.mark.parametrize("problem", [QueueFull("Full."), MissingFile("/song is not there."), NotAllowed("Not yet.")])
def test_a_clip_is_tried_again_when_only_the_moment_was_bad(
    home: Home, jobs: FakeJobs, clock: ShiftedClock, tmp_path: Path, problem: BridgeError
) -> None:
    folder = watch(home, tmp_path)
    home.open()
    baseline(home, folder)
    refused = threading.Event()

    def refuse(offer: object) -> BridgeError:
        refused.set()
        return problem

    jobs.refuse = refuse
    (folder / "riff.wav").write_bytes(wav())
    assert refused.wait(15)
    jobs.refuse = lambda offer: None

    def taken_after_a_while() -> bool:
        clock.ahead += 5
        return bool(jobs.jobs)

    wait_until(taken_after_a_while, "another try")


def test_a_clip_that_will_never_do_is_passed_over(home: Home, jobs: FakeJobs, tmp_path: Path) -> None:
    folder = watch(home, tmp_path)
    home.open()
    baseline(home, folder)
    jobs.refuse = lambda offer: UnreadableAudio("riff.wav is no audio file.")
    (folder / "riff.wav").write_bytes(wav())
    wait_until(lambda: home.seen.is_seen(str(folder / "riff.wav"), sha256_of(folder / "riff.wav")), "the note")


def test_a_watched_file_whose_job_was_stored_before_a_kill_is_not_taken_again(
    home: Home, jobs: FakeJobs, after_a_kill: AfterAKill, tmp_path: Path
) -> None:
    folder = watch(home, tmp_path)
    home.open()
    baseline(home, folder)
    jobs.when_accepted = after_a_kill.keep
    (folder / "riff.wav").write_bytes(wav())
    job = jobs.wait_for_jobs(1)[0]
    home.close()
    kept = after_a_kill.home
    kept.jobs.jobs[job.id] = job
    kept.open()
    (folder / "other.wav").write_bytes(wav(seed=9))
    kept.jobs.wait_for_jobs(2)
    clips = [one.trigger.clip.audio for one in kept.jobs.jobs.values()]
    assert [Path(clip.path).name for clip in clips if clip] == ["riff.wav", "other.wav"]


def test_a_watched_folder_that_was_removed_and_made_anew_is_noticed(home: Home, jobs: FakeJobs, tmp_path: Path) -> None:
    folder = watch(home, tmp_path)
    home.open()
    baseline(home, folder)
    folder.rmdir()
    folder.mkdir()
    (folder / "riff.wav").write_bytes(wav())
    jobs.wait_for_jobs(1)
