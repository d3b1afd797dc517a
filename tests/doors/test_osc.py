"""The OSC door over real UDP: every message of the table, and every mistake that can be answered."""

from __future__ import annotations

import json
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.doors.osc import OscDoor
from bridge.errors import BridgeError, MissingFile, QueueFull, SetupError
from bridge.protocol import FROM_DAEMON, PROTOCOL_VERSION
from tests.doors.conftest import OpenDoor, ShiftedClock
from tests.fakes.fake_clients import FakeClients
from tests.fakes.fake_daw import FakeDaw, osc
from tests.fakes.fake_jobs import FakeJobs


def trigger_file(folder: Path, name: str = "trigger.json", **fields: object) -> Path:
    path = folder / name
    path.write_text(json.dumps({"schema": 1, "clip": {"midi": {"path": "/abs/riff.mid"}}, **fields}))
    return path


def send_trigger(daw: FakeDaw, folder: Path, request_id: str) -> str:
    """Send a trigger of its own; its job id."""
    path = trigger_file(folder, f"{request_id}.json", source={"of": request_id})
    daw.send("/bridge/trigger", request_id, str(path))
    return str(daw.wait_for("/bridge/accepted", request_id).arguments[1])


# Names and ports


def test_hello_is_welcomed_at_the_port_it_names(daw: FakeDaw, tmp_path: Path) -> None:
    welcome = daw.hello("live-3")
    assert welcome.arguments == ("0.1.0", PROTOCOL_VERSION, str(tmp_path / "media"), "local")


def test_ping_comes_back_to_the_hosts_last_hello_and_before_it_to_the_default_port(
    daw: FakeDaw, default_daw: FakeDaw
) -> None:
    daw.send("/bridge/ping", "early")
    default_daw.wait_for("/bridge/pong", "early")
    daw.hello("live-3")
    daw.send("/bridge/ping", "late")
    daw.wait_for("/bridge/pong", "late")


@pytest.mark.parametrize("port", [80, 1023, 0, -1, 70_000])
def test_a_hello_with_a_port_that_cannot_be_is_rejected_at_the_default_port(
    daw: FakeDaw, default_daw: FakeDaw, port: int
) -> None:
    daw.send("/bridge/hello", "live-3", "0.1.0", port)
    request_id, code, text = default_daw.wait_for("/bridge/rejected").arguments
    assert (request_id, code) == ("", "bad_message")
    assert str(port) in str(text)


def test_a_hello_that_names_the_daemons_own_port_is_rejected_where_the_host_last_listened(
    daw: FakeDaw, door: OscDoor
) -> None:
    daw.hello("live-3")
    daw.send("/bridge/hello", "live-4", "0.1.0", door.port)
    assert "own" in str(daw.wait_for("/bridge/rejected", "", "bad_message").arguments[2])


def test_a_clients_name_must_be_one(daw: FakeDaw, default_daw: FakeDaw) -> None:
    daw.send("/bridge/hello", "my live!", "0.1.0", daw.port)
    assert "client" in str(default_daw.wait_for("/bridge/rejected", "").arguments[2])


def test_answers_go_to_the_client_that_the_request_id_names(door: OscDoor, daw: FakeDaw, tmp_path: Path) -> None:
    with FakeDaw(door.port) as other, FakeDaw(door.port) as inner:
        daw.hello("live")
        inner.hello("live.2")
        other.hello("reaper")
        for who, request_id in ((daw, "live.1"), (inner, "live.2.x"), (other, "reaper.1"), (other, "unnamed")):
            inner.send("/bridge/trigger", request_id, str(trigger_file(tmp_path, f"{request_id}.json")))
            who.wait_for("/bridge/accepted", request_id)
        daw.send("/bridge/status", "LIVE.1", "")
        daw.wait_for("/bridge/progress", "LIVE.1")


def test_a_client_that_has_moved_hears_of_its_job_at_its_new_port(
    door: OscDoor, daw: FakeDaw, jobs: FakeJobs, tmp_path: Path
) -> None:
    daw.hello("live-3")
    job_id = send_trigger(daw, tmp_path, "live-3.1")
    with FakeDaw(door.port) as moved:
        moved.hello("live-3")
        jobs.progress(job_id, 0.5)
        moved.wait_for("/bridge/progress", "live-3.1", job_id)
    assert not daw.all("/bridge/progress")


def test_the_address_is_stored_with_the_job_and_outlives_a_restart(
    open_door: OpenDoor, jobs: FakeJobs, tmp_path: Path
) -> None:
    first = open_door()
    with FakeDaw(first.port) as daw:
        daw.hello("live-3")
        job_id = send_trigger(daw, tmp_path, "live-3.1")
        first.stop()
        open_door()
        daw.wait_for("/bridge/startup", "0.1.0", PROTOCOL_VERSION)
        jobs.progress(job_id, 0.5)
        daw.wait_for("/bridge/progress", "live-3.1", job_id)


# Triggers


def test_a_trigger_file_is_accepted_and_its_life_is_told_in_order(daw: FakeDaw, jobs: FakeJobs, tmp_path: Path) -> None:
    daw.hello("live-3")
    jobs.billable = 2
    path = trigger_file(tmp_path, source={"clip": 7}, ask={"takes": 2})
    daw.send("/bridge/trigger", "live-3.1", str(path), path.stat().st_size)
    job_id = str(daw.wait_for("/bridge/accepted", "live-3.1").arguments[1])
    jobs.progress(job_id, 0.25, "rendered")
    jobs.deliver(job_id, bpm=None, key=None)
    jobs.fail(job_id, "provider_failed", "take 2 failed; retry it.")
    jobs.end(job_id, "partial")
    daw.wait_for("/bridge/ended")
    take = f"/song/Generated/{job_id}-1.wav"
    assert [(one.address, one.arguments) for one in daw.about("live-3.1")] == [
        ("/bridge/accepted", ("live-3.1", job_id, 2)),
        ("/bridge/progress", ("live-3.1", job_id, 0.25, "rendered")),
        ("/bridge/done", ("live-3.1", job_id, 1, 2, take, 0.0, 16.0, "", f"{take}.json")),
        ("/bridge/failed", ("live-3.1", job_id, "provider_failed", "take 2 failed; retry it.")),
        ("/bridge/ended", ("live-3.1", job_id, "partial", 1, 2)),
    ]
    assert jobs.by_request("live-3.1").trigger.source == {"clip": 7}


def test_accepted_is_heard_before_what_happens_while_it_is_being_stored(
    daw: FakeDaw, jobs: FakeJobs, tmp_path: Path
) -> None:
    daw.hello("live-3")

    def live_at_once(job_id: str) -> None:
        jobs.progress(job_id, 0.1)
        jobs.deliver(job_id)
        jobs.end(job_id)

    jobs.when_accepted = live_at_once
    send_trigger(daw, tmp_path, "live-3.1")
    daw.wait_for("/bridge/ended")
    heard = [one.address for one in daw.about("live-3.1")]
    assert heard == ["/bridge/accepted", "/bridge/progress", "/bridge/done", "/bridge/ended"]


def test_a_burst_is_stored_in_few_commits_and_each_is_answered(daw: FakeDaw, jobs: FakeJobs, tmp_path: Path) -> None:
    daw.hello("live-3")
    path = trigger_file(tmp_path)
    jobs.refuse = lambda offer: QueueFull("100 are enough.") if len(jobs.jobs) >= 100 else None
    for number in range(300):
        daw.send("/bridge/trigger", f"live-3.{number}", str(path))
    daw.wait_until(lambda one: [h for h in one.heard if len(one.heard) >= 301], "300 answers")
    assert len(daw.all("/bridge/accepted")) == 100
    assert len({one.arguments[0] for one in daw.all("/bridge/rejected")}) == 200
    assert sum(jobs.batches) == 300
    assert len(jobs.batches) < 300


def test_a_bundle_holds_many_messages_and_may_be_nested(daw: FakeDaw, tmp_path: Path) -> None:
    daw.hello("live-3")
    path = str(trigger_file(tmp_path))
    inner = bundle(osc("/bridge/trigger", "live-3.2", path), osc("/bridge/trigger", "live-3.3", path))
    daw.send_bytes(bundle(osc("/bridge/trigger", "live-3.1", path), inner))
    for request_id in ("live-3.1", "live-3.2", "live-3.3"):
        daw.wait_for("/bridge/accepted", request_id)


def test_a_bare_file_comes_with_its_prompt(daw: FakeDaw, jobs: FakeJobs) -> None:
    daw.hello("live-3")
    daw.send("/bridge/file", "live-3.1", "/abs/Riff 96bpm.wav", "tropical house")
    daw.wait_for("/bridge/accepted", "live-3.1")
    daw.send("/bridge/file", "live-3.2", "/abs/riff.mid")
    daw.wait_for("/bridge/accepted", "live-3.2")
    audio, midi = (jobs.by_request(f"live-3.{number}").trigger for number in (1, 2))
    assert audio.clip.audio is not None
    assert (audio.clip.audio.path, audio.ask.prompt) == ("/abs/Riff 96bpm.wav", "tropical house")
    assert midi.clip.midi is not None


def test_an_empty_request_id_leaves_it_to_the_json_then_to_the_stem(
    daw: FakeDaw, default_daw: FakeDaw, jobs: FakeJobs, tmp_path: Path
) -> None:
    daw.send("/bridge/trigger", "", str(trigger_file(tmp_path, "stem-7.json")))
    default_daw.wait_for("/bridge/accepted", "stem-7")
    daw.send("/bridge/trigger", "", str(trigger_file(tmp_path, request_id="json-7")))
    default_daw.wait_for("/bridge/accepted", "json-7")
    daw.send("/bridge/file", "", "/abs/riff.mid")
    job = jobs.wait_for_jobs(3)[-1]
    default_daw.wait_for("/bridge/accepted", job.id, job.id)


def test_what_the_jobs_refuse_is_rejected_with_its_code(daw: FakeDaw, jobs: FakeJobs) -> None:
    daw.hello("live-3")
    jobs.refuse = lambda offer: MissingFile("/abs/riff.mid is not there.")
    daw.send("/bridge/file", "live-3.1", "/abs/riff.mid")
    daw.wait_for("/bridge/rejected", "live-3.1", "missing_file", "/abs/riff.mid is not there.")


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b'{"schema": 1, "clip": {}, "bogus": 1}', "bad_trigger", "bogus"),
        (b"\xff\xfe", "bad_trigger", "UTF-8"),
        (b'{"schema": 1', "bad_trigger", "JSON"),
    ],
)
def test_a_bad_trigger_file_is_rejected_with_a_sentence(
    daw: FakeDaw, tmp_path: Path, content: bytes, code: str, words: str
) -> None:
    daw.hello("live-3")
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    daw.send("/bridge/trigger", "live-3.1", str(path))
    assert words in str(daw.wait_for("/bridge/rejected", "live-3.1", code).arguments[2])


def test_a_trigger_file_that_is_not_there_or_no_file_is_missing(daw: FakeDaw, tmp_path: Path) -> None:
    daw.hello("live-3")
    daw.send("/bridge/trigger", "live-3.1", str(tmp_path / "gone.json"))
    daw.wait_for("/bridge/rejected", "live-3.1", "missing_file")
    daw.send("/bridge/trigger", "live-3.2", str(tmp_path))
    daw.wait_for("/bridge/rejected", "live-3.2", "missing_file")


def test_a_file_that_is_still_being_written_is_waited_for_while_others_go_on(daw: FakeDaw, tmp_path: Path) -> None:
    daw.hello("live-3")
    whole = trigger_file(tmp_path).read_bytes()
    slow = tmp_path / "slow.json"
    slow.write_bytes(whole[:20])
    daw.send("/bridge/trigger", "live-3.1", str(slow), len(whole))
    daw.ping()
    assert not daw.about("live-3.1")
    slow.write_bytes(whole)
    daw.wait_for("/bridge/accepted", "live-3.1")


def test_a_file_that_stays_short_is_rejected_with_both_sizes(daw: FakeDaw, clock: ShiftedClock, tmp_path: Path) -> None:
    daw.hello("live-3")
    path = trigger_file(tmp_path)
    size = path.stat().st_size
    daw.send("/bridge/trigger", "live-3.1", str(path), size + 7)
    daw.ping()
    clock.ahead += 2
    daw.ping("again")
    text = str(daw.wait_for("/bridge/rejected", "live-3.1", "bad_message").arguments[2])
    assert str(size) in text
    assert str(size + 7) in text


# The same id again


def test_the_same_id_and_content_is_answered_with_the_jobs_life(daw: FakeDaw, jobs: FakeJobs, tmp_path: Path) -> None:
    daw.hello("live-3")
    job_id = send_trigger(daw, tmp_path, "live-3.1")
    jobs.deliver(job_id)
    jobs.end(job_id)
    daw.wait_for("/bridge/ended")
    daw.heard.clear()
    assert send_trigger(daw, tmp_path, "live-3.1") == job_id
    daw.wait_for("/bridge/ended")
    assert [one.address for one in daw.heard] == ["/bridge/accepted", "/bridge/done", "/bridge/ended"]
    assert len(jobs.jobs) == 1


def test_the_same_id_with_other_content_is_a_bad_message(daw: FakeDaw, tmp_path: Path) -> None:
    daw.hello("live-3")
    send_trigger(daw, tmp_path, "live-3.1")
    daw.send("/bridge/file", "LIVE-3.1", "/abs/other.wav")
    daw.wait_for("/bridge/rejected", "LIVE-3.1", "bad_message")


def test_progress_never_falls_and_nothing_is_told_after_the_end(daw: FakeDaw, jobs: FakeJobs, tmp_path: Path) -> None:
    daw.hello("live-3")
    job_id = send_trigger(daw, tmp_path, "live-3.1")
    for fraction in (0.2, 0.6, 0.4, 0.6, 0.7):
        jobs.progress(job_id, fraction)
    jobs.end(job_id, "cancelled")
    daw.wait_for("/bridge/ended")
    assert [round(float(one.arguments[2]), 1) for one in daw.all("/bridge/progress")] == [0.2, 0.6, 0.6, 0.7]


# Parts


def parts_of(text: str, total: int) -> list[str]:
    size = -(-len(text) // total)
    return [text[at : at + size] for at in range(0, len(text), size)]


def test_parts_come_in_any_order_and_twice(daw: FakeDaw, jobs: FakeJobs, tmp_path: Path) -> None:
    daw.hello("live-3")
    pieces = parts_of(trigger_file(tmp_path).read_text(), 3)
    for index in (2, 0, 2, 0, 1, 1):
        daw.send("/bridge/trigger/part", "live-3.1", index, 3, pieces[index])
    daw.wait_for("/bridge/accepted", "live-3.1")
    assert len(jobs.jobs) == 1


def test_a_late_duplicate_of_a_part_is_no_complaint(daw: FakeDaw, clock: ShiftedClock, tmp_path: Path) -> None:
    daw.hello("live-3")
    pieces = parts_of(trigger_file(tmp_path).read_text(), 2)
    for index in (0, 1, 1):
        daw.send("/bridge/trigger/part", "live-3.1", index, 2, pieces[index])
    daw.wait_for("/bridge/accepted", "live-3.1")
    clock.ahead += 6
    daw.ping()
    daw.ping("again")
    assert not daw.all("/bridge/rejected")


def test_parts_that_do_not_come_are_named_after_five_seconds(daw: FakeDaw, clock: ShiftedClock) -> None:
    daw.hello("live-3")
    for index in (0, 2):
        daw.send("/bridge/trigger/part", "live-3.1", index, 4, "{")
    daw.ping()
    clock.ahead += 5.1
    daw.ping("again")
    text = str(daw.wait_for("/bridge/rejected", "live-3.1", "bad_message").arguments[2])
    assert "1, 3" in text


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([(0, 2, "{"), (1, 3, "}")], "total"),
        ([(0, 2, "{"), (0, 2, "[")], "different"),
        ([(2, 2, "{")], "index"),
        ([(-1, 2, "{")], "index"),
        ([(0, 0, "{")], "total"),
        ([(0, 1_000_000, "{")], "total"),
        ([(0, 1, "{]")], "JSON"),
    ],
)
def test_parts_that_contradict_each_other_are_rejected(
    daw: FakeDaw, messages: list[tuple[int, int, str]], words: str
) -> None:
    daw.hello("live-3")
    for index, total, piece in messages:
        daw.send("/bridge/trigger/part", "live-3.1", index, total, piece)
    assert words in str(daw.wait_for("/bridge/rejected", "live-3.1").arguments[2])


def test_a_trigger_of_two_megabytes_comes_in_large_datagrams(daw: FakeDaw, jobs: FakeJobs) -> None:
    daw.hello("live-3")
    notes = [{"pitch": n % 128, "start": n / 4, "duration": 0.25, "velocity": 100} for n in range(40_000)]
    pieces = parts_of(json.dumps({"schema": 1, "clip": {"notes": notes}}), 45)
    for index, piece in enumerate(pieces):
        daw.send("/bridge/trigger/part", "live-3.1", index, len(pieces), piece)
    daw.wait_for("/bridge/accepted", "live-3.1")
    assert len(jobs.by_request("live-3.1").trigger.clip.notes or ()) == 40_000


# About jobs


def test_status_cancel_and_undo_answer_with_the_job_as_it_then_is(daw: FakeDaw, jobs: FakeJobs, tmp_path: Path) -> None:
    daw.hello("live-3")
    job_id = send_trigger(daw, tmp_path, "live-3.1")
    daw.send("/bridge/status", "live-3.s", job_id)
    daw.wait_for("/bridge/progress", "live-3.s", job_id)
    daw.send("/bridge/cancel", "live-3.c", job_id)
    daw.wait_for("/bridge/ended", "live-3.c", job_id, "cancelled")
    daw.wait_for("/bridge/ended", "live-3.1", job_id, "cancelled")
    daw.send("/bridge/undo", "live-3.u", job_id)
    daw.wait_for("/bridge/ended", "live-3.u", job_id)
    daw.send("/bridge/retry", "live-3.1")
    daw.wait_until(lambda one: one.all("/bridge/accepted", "live-3.1")[1:], "the answer to retry")
    assert [call[:2] for call in jobs.calls] == [("cancel", job_id), ("undo", job_id), ("retry", job_id)]


def test_a_cancel_under_the_jobs_own_id_ends_it_once(daw: FakeDaw, tmp_path: Path) -> None:
    daw.hello("live-3")
    send_trigger(daw, tmp_path, "live-3.1")
    daw.send("/bridge/cancel", "live-3.1", "")
    daw.wait_for("/bridge/ended", "live-3.1")
    daw.ping()
    assert len(daw.all("/bridge/ended", "live-3.1")) == 1


def test_again_is_told_to_the_asker_and_to_the_copied_jobs_client(
    door: OscDoor, daw: FakeDaw, jobs: FakeJobs, tmp_path: Path
) -> None:
    daw.hello("live-3")
    job_id = send_trigger(daw, tmp_path, "live-3.1")
    jobs.deliver(job_id)
    jobs.end(job_id)
    with FakeDaw(door.port) as pedal:
        pedal.hello("pedal")
        pedal.send("/bridge/again", "pedal.1", "", "more cowbell")
        again = str(pedal.wait_for("/bridge/accepted", "pedal.1").arguments[1])
        daw.wait_for("/bridge/accepted", "pedal.1", again)
        jobs.deliver(again)
        for listener in (daw, pedal):
            listener.wait_for("/bridge/done", "pedal.1", again)
            assert len(listener.all("/bridge/accepted", "pedal.1")) == 1
    assert jobs.job(again).trigger.ask.prompt == "more cowbell"
    assert jobs.job(again).trigger.source == {"of": "live-3.1"}


def test_an_again_asked_twice_is_one_job_and_a_retry_after_its_end_is_told(
    daw: FakeDaw, jobs: FakeJobs, tmp_path: Path
) -> None:
    daw.hello("live-3")
    job_id = send_trigger(daw, tmp_path, "live-3.1")
    jobs.deliver(job_id)
    jobs.end(job_id)
    daw.send("/bridge/again", "live-3.2", job_id, "brass")
    again = str(daw.wait_for("/bridge/accepted", "live-3.2").arguments[1])
    jobs.end(again, "failed")
    daw.wait_for("/bridge/ended", "live-3.2", again, "failed")
    daw.send("/bridge/again", "live-3.2", job_id, "brass")
    daw.wait_until(lambda one: one.all("/bridge/ended", "live-3.2")[1:], "the end once more")
    assert len(jobs.jobs) == 2
    daw.send("/bridge/retry", "live-3.2")
    daw.wait_for("/bridge/progress", "live-3.2", again)
    jobs.progress(again, 0.75, "submitted")
    daw.wait_for("/bridge/progress", "live-3.2", again, 0.75)


def test_an_again_from_another_door_is_told_to_the_copied_jobs_client(
    daw: FakeDaw, jobs: FakeJobs, tmp_path: Path
) -> None:
    daw.hello("live-3")
    job_id = send_trigger(daw, tmp_path, "live-3.1")
    again = jobs.again(job_id, request_id="file-7", prompt="", door="inbox", reply_to="")
    daw.wait_for("/bridge/accepted", "file-7", again.job_id)


def test_imported_is_recorded_and_not_answered(daw: FakeDaw, jobs: FakeJobs, tmp_path: Path) -> None:
    daw.hello("live-3")
    job_id = send_trigger(daw, tmp_path, "live-3.1")
    jobs.deliver(job_id)
    daw.send("/bridge/imported", "live-3.i", job_id, 1, "track 3")
    jobs.wait_for_call("imported", job_id, "1", "track 3")
    daw.ping()
    assert not daw.about("live-3.i")


@pytest.mark.parametrize("address", ["cancel", "retry", "undo", "status", "again"])
def test_a_job_that_nobody_knows_is_unknown(daw: FakeDaw, address: str) -> None:
    daw.hello("live-3")
    daw.send(f"/bridge/{address}", "live-3.1", "nosuchjob")
    daw.wait_for("/bridge/rejected", "live-3.1", "unknown_job")


# Bad messages


def raw(address: bytes, tags: bytes, *values: bytes) -> bytes:
    return b"".join(text + b"\0" * (4 - len(text) % 4) for text in (address, tags)) + b"".join(values)


def text(value: bytes) -> bytes:
    return value + b"\0" * (4 - len(value) % 4)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (osc("/bridge/trigger", "live-3.1"), "argument 2 (path) is missing"),
        (osc("/bridge/trigger", "live-3.1", 5), "argument 2 (path) should be text, got 5"),
        (osc("/bridge/trigger", "live-3.1", "/a.json", "many"), "argument 3 (bytes) should be a whole number"),
        (osc("/bridge/trigger", "live-3.1", "/a.json", 1.5), "argument 3 (bytes) should be a whole number, got 1.5"),
        (osc("/bridge/trigger", "live-3.1", "/a.json", 1, "more"), "4 arguments came"),
        (osc("/bridge/trigger", "live-3.1", "a.json"), "absolute"),
        (osc("/bridge/file", "live-3.1", ""), "path"),
        (osc("/bridge/file", "live-3.1", "riff.mid"), "absolute"),
        (osc("/bridge/imported", "live-3.1", "job", 0, ""), "take"),
        (osc("/bridge/nonsense", "live-3.1"), "/bridge/nonsense"),
        (osc("/live/song/tempo", "live-3.1", 96.0), "/live/song/tempo"),
        (raw(b"/bridge/file", b",ss", text(b"live-3.1"), text(b"/a\xff.wav")), "argument 2 (path) is not UTF-8"),
        (raw(b"/bridge/file", b",ss", text(b"live-3.1"), b"/cut"), "argument 2 (path) is cut off"),
        (raw(b"/bridge/file", b",s?", text(b"live-3.1")), "unknown type"),
        (raw(b"/bridge/file", b",sb", text(b"live-3.1"), struct.pack(">i", 4), b"blob"), "binary data"),
    ],
)
def test_a_message_of_the_wrong_form_is_rejected_and_the_argument_named(daw: FakeDaw, data: bytes, words: str) -> None:
    daw.hello("live-3")
    daw.send_bytes(data)
    answer = daw.wait_for("/bridge/rejected", "live-3.1").arguments
    assert answer[1] in ("bad_message", "bad_trigger")
    assert words in str(answer[2])


def test_a_request_id_that_is_none_is_told_back_as_it_came(daw: FakeDaw) -> None:
    daw.hello("live-3")
    for request_id in ("x" * 65, "live-3.a b"):
        daw.send("/bridge/file", request_id, "/abs/riff.mid")
        assert "request_id" in str(daw.wait_for("/bridge/rejected", request_id, "bad_message").arguments[2])


def test_numbers_serve_where_max_makes_numbers_of_words(daw: FakeDaw, jobs: FakeJobs) -> None:
    daw.hello("live-3")
    daw.send("/bridge/file", "live-3.1", "/abs/riff.mid", 808)
    daw.wait_for("/bridge/accepted", "live-3.1")
    assert jobs.by_request("live-3.1").trigger.ask.prompt == "808"
    daw.send("/bridge/file", "live-3.2", "/abs/riff.mid", 96.3)
    daw.wait_for("/bridge/accepted", "live-3.2")
    assert jobs.by_request("live-3.2").trigger.ask.prompt == "96.3"
    daw.send_bytes(raw(b"/bridge/hello", b",ssd", text(b"live-3"), text(b"1"), struct.pack(">d", daw.port)))
    daw.wait_until(lambda one: one.all("/bridge/welcome")[1:], "a second welcome")


def bundle(*elements: bytes) -> bytes:
    return b"#bundle\0" + b"\0" * 7 + b"\1" + b"".join(struct.pack(">i", len(one)) + one for one in elements)


def deep_bundle() -> bytes:
    data = osc("/bridge/ping", "deep")
    for _ in range(2000):
        data = bundle(data)
    return data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"/",
        b"/bridge/ping",
        b"\xff" * 65_507,
        b"#bundle\0",
        b"#bundle\0" + b"\0" * 8 + struct.pack(">i", -4),
        b"#bundle\0" + b"\0" * 8 + struct.pack(">i", 2**31 - 1),
        b"#bundle\0" + b"\0" * 8 + struct.pack(">i", 0) * 5000,
        bundle(b"nonsense"),
        deep_bundle(),
        raw(b"/bridge/ping", b",s" + b"Z" * 60_000),
        raw(b"/bridge/\xff\xff", b",s", b"abc\0"),
    ],
    ids=lambda data: data[:12].hex(),
)
def test_what_is_no_osc_is_counted_and_the_daemon_goes_on(door: OscDoor, daw: FakeDaw, data: bytes) -> None:
    daw.hello("live-3")
    daw.send_bytes(data)
    daw.ping()
    assert sum(door.oddities.counts.values()) == 1
    assert len(daw.heard) == 2


@pytest.mark.parametrize("address", sorted(FROM_DAEMON))
def test_what_the_daemon_itself_says_is_never_answered(daw: FakeDaw, default_daw: FakeDaw, address: str) -> None:
    daw.hello("live-3")
    daw.send(address, "live-3.1", "job", 1)
    daw.ping()
    assert len(daw.heard) == 2
    assert not default_daw.heard


def test_a_defect_in_the_jobs_is_answered_and_the_daemon_goes_on(daw: FakeDaw, jobs: FakeJobs) -> None:
    def break_down(offer: object) -> BridgeError | None:
        raise RuntimeError("broken")

    daw.hello("live-3")
    jobs.refuse = break_down
    daw.send("/bridge/file", "live-3.1", "/abs/riff.mid")
    daw.wait_for("/bridge/rejected", "live-3.1", "internal")
    daw.ping()


def test_a_text_that_is_too_long_is_cut_but_paths_are_not(daw: FakeDaw, jobs: FakeJobs, tmp_path: Path) -> None:
    daw.hello("live-3")
    job_id = send_trigger(daw, tmp_path, "live-3.1")
    jobs.fail(job_id, "internal", "x" * 100_000)
    assert len(str(daw.wait_for("/bridge/failed").arguments[3])) == 1000
    path = "/" + "y" * 4000 + ".wav"
    jobs.deliver(job_id, file=path)
    assert daw.wait_for("/bridge/done").arguments[4] == path


# Who may speak


def test_a_port_that_is_taken_is_said_in_a_sentence(open_door: OpenDoor, door: OscDoor) -> None:
    with pytest.raises(SetupError, match=str(door.port)):
        open_door(port=door.port)


def from_elsewhere(open_door: OpenDoor, talk: Callable[[FakeDaw, OscDoor], None], **settings: object) -> None:
    """Let a DAW talk to a door that takes no address for this machine's own."""
    door = open_door(is_local=lambda _host: False, **settings)
    with FakeDaw(door.port) as stranger:
        talk(stranger, door)


def test_a_sender_from_elsewhere_is_not_answered_unless_it_is_allowed(open_door: OpenDoor) -> None:
    def talk(stranger: FakeDaw, door: OscDoor) -> None:
        stranger.send("/bridge/hello", "stranger", "1", stranger.port)
        stranger.send("/bridge/ping", "token")
        until, pause = time.monotonic() + 10, threading.Event()
        while door.oddities.counts["sender not allowed"] < 2:
            assert time.monotonic() < until, "the strangers were not counted"
            pause.wait(0.01)
        door.stop()
        assert not stranger.heard

    from_elsewhere(open_door, talk)


@pytest.mark.parametrize("billable", [False, True])
def test_an_allowed_sender_is_answered_and_spends_only_where_that_is_allowed(
    open_door: OpenDoor, jobs: FakeJobs, billable: bool
) -> None:
    def talk(stranger: FakeDaw, door: OscDoor) -> None:
        stranger.hello("stranger")
        stranger.send("/bridge/file", "stranger.1", "/abs/riff.mid")
        stranger.wait_for("/bridge/accepted", "stranger.1")
        assert jobs.by_request("stranger.1").offer.may_spend is billable
        jobs.billable = 1
        stranger.send("/bridge/retry", "stranger.1")
        if billable:
            jobs.wait_for_call("retry", jobs.by_request("stranger.1").id)
        else:
            stranger.wait_for("/bridge/rejected", "stranger.1", "not_allowed")

    from_elsewhere(open_door, talk, allow=("127.0.0.1",), allow_billable=billable, roots=("/abs",))


def test_a_sender_from_elsewhere_cannot_feel_out_the_disk(open_door: OpenDoor, tmp_path: Path) -> None:
    song = tmp_path / "song"
    song.mkdir()
    (tmp_path / "private").write_text("hello")

    def talk(stranger: FakeDaw, door: OscDoor) -> None:
        stranger.hello("stranger")
        stranger.send("/bridge/trigger", "stranger.1", str(trigger_file(song)))
        stranger.wait_for("/bridge/accepted", "stranger.1")
        for message in ("/bridge/trigger", "/bridge/file"):
            stranger.heard.clear()
            for request_id, name in (("stranger.2", "private"), ("stranger.3", "absent")):
                stranger.send(message, request_id, str(tmp_path / name))
                stranger.wait_for("/bridge/rejected", request_id, "not_allowed")

    from_elsewhere(open_door, talk, allow=("127.0.0.1",), roots=(str(song),))


def test_what_has_come_is_answered_before_the_door_closes(
    open_door: OpenDoor, clients: FakeClients, tmp_path: Path
) -> None:
    door = open_door()
    with FakeDaw(door.port) as daw:
        daw.hello("live-3")
        daw.send("/bridge/trigger", "live-3.1", str(trigger_file(tmp_path)))
        daw.ping()
        door.stop()
        assert daw.about("live-3.1")
