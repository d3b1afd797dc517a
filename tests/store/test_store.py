"""The store: what is saved at each step, what is next, and what a restart finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.errors import BudgetReached
from bridge.events import ErrorNote
from bridge.model import Conditioning, Delivery, GenerationRequest, GenerationResult, Section, Song, SoundFile, Ticket
from bridge.store.database import Database, open_database
from bridge.store.rows import NewJob, RequestKey
from bridge.store.steps import Steps
from bridge.store.store import DAY_SECONDS, Store
from tests.fakes.clock import FakeClock


class Both(Store):
    """The store, with the steps that write to it."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        super().__init__(database, clock)
        self.steps = Steps(database, clock)


FAILED = ErrorNote(code="provider_failed", text="It failed.")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock):
    database = open_database(tmp_path / "jobs.sqlite", clock)
    yield Both(database, clock)
    database.close()


def new_job(
    job_id: str, *, takes: int = 1, billable: bool = False, provider: str = "local", planned: int = 1
) -> NewJob:
    return NewJob(
        id=job_id,
        request_id=f"req-{job_id}",
        digest=b"digest",
        trigger=b'{"schema":1,"clip":{}}',
        door="osc",
        provider=provider,
        billable=billable,
        billable_requests=planned if billable else 0,
        created_at=0.0,
        seed=7,
        asked=takes,
        reply_tos=("here",),
    )


def conditioning() -> Conditioning:
    return Conditioning(
        song=Song(seconds=8.0), sections=(Section(start_seconds=0, seconds=8.0),), files=(None,), sha256="c"
    )


def composed(
    store: Both, job_id: str, *, takes: int = 1, sections: int = 1, billable: bool = False
) -> list[RequestKey]:
    """A job as it lies before anything of it is submitted."""
    store.add_jobs([new_job(job_id, takes=takes, billable=billable, planned=takes * sections)])
    store.steps.save_conditioning(job_id, conditioning())
    requests = [
        GenerationRequest(job_id=job_id, take=take, section=section, provider="local", prompt="p", seconds=8.0)
        for take in range(1, takes + 1)
        for section in range(sections)
    ]
    store.steps.save_requests(job_id, requests)
    return [RequestKey(job_id, request.take, request.section) for request in requests]


def submitted(store: Both, key: RequestKey, *, billable: bool = False) -> None:
    store.steps.save_intent(key, billable=billable, max_per_day=100)
    store.steps.save_ticket(key, Ticket(provider_id=f"ticket-{key.take}-{key.section}"))


def generated(store: Both, key: RequestKey, *, path: str = "/nowhere.wav") -> None:
    submitted(store, key)
    store.steps.save_result(key, GenerationResult(file=SoundFile(path=path, sha256="s", seconds=8.0), provider_id="p"))


def delivery(job_id: str, take: int = 1, sha256: str = "take") -> Delivery:
    return Delivery(
        job_id=job_id,
        request_id=f"req-{job_id}",
        take=take,
        takes=1,
        file=f"/project/{job_id}-{take}.wav",
        sha256=sha256,
        bpm=None,
        bpm_source="",
        beats=None,
        time_signature=(4, 4),
        key=None,
        key_source="",
        seconds=8.0,
        sample_rate=48_000,
        prompt="p",
        mode="variation",
        seed=None,
        provider="local",
        provider_ids=(),
        conditioning_sha256="c",
        source={},
        position=None,
        fit={},
        created="now",
    )


def test_a_request_id_is_known_without_case(store):
    store.add_jobs([new_job("aaaa")])
    store.add_jobs([new_job("bbbb")])
    known = store.known(["REQ-AAAA", "req-BBBB", "req-cccc"])
    assert {request_id: job.id for request_id, job in known.items()} == {"req-aaaa": "aaaa", "req-bbbb": "bbbb"}


def test_jobs_of_one_commit_are_all_kept_or_none(store):
    store.add_jobs([new_job("aaaa")])
    with pytest.raises(Exception, match="UNIQUE"):
        store.add_jobs([new_job("bbbb"), new_job("aaaa")])
    assert not store.knows_job("bbbb")
    assert store.count_open() == 1


def test_a_job_goes_through_all_its_states(store):
    store.add_jobs([new_job("aaaa")])
    seen = [store.state("aaaa")]
    store.steps.save_conditioning("aaaa", conditioning())
    seen.append(store.state("aaaa"))
    request = GenerationRequest(job_id="aaaa", take=1, section=0, provider="local", prompt="p", seconds=8.0)
    store.steps.save_requests("aaaa", [request])
    seen.append(store.state("aaaa"))
    key = RequestKey("aaaa", 1, 0)
    store.steps.save_intent(key, billable=False)
    seen.append(store.state("aaaa"))
    store.steps.save_ticket(key, Ticket(provider_id="t", links=("/a",)))
    seen.append(store.state("aaaa"))
    store.steps.save_result(key, GenerationResult(file=SoundFile(path="/r", sha256="s", seconds=8.0), provider_id="t"))
    seen.append(store.state("aaaa"))
    store.steps.save_take(delivery("aaaa"), "/project/a.json")
    seen.append(store.state("aaaa"))
    assert seen == ["accepted", "rendered", "composed", "submitting", "submitted", "generated", "delivered"]
    found = store.request(key)
    assert found.request == request
    assert found.ticket == Ticket(provider_id="t", links=("/a",))
    assert store.takes("aaaa")[0].delivery == delivery("aaaa")
    assert store.job("aaaa").conditioning == conditioning()


def test_progress_never_falls_whatever_happens(store, clock):
    fractions = []

    def note() -> None:
        fractions.append(store.progress(["aaaa"])[0][2])

    first, second = composed(store, "aaaa", takes=2)
    note()
    submitted(store, first)
    note()
    clock.advance(30)
    note()
    store.steps.fail_request(first, FAILED)
    note()
    store.cancel("aaaa")
    note()
    store.retry("aaaa")
    note()
    generated(store, second)
    note()
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] < fractions[1] < fractions[2] < fractions[-1] < 1


def test_the_oldest_comes_next_for_each_provider(store):
    store.add_jobs([new_job("old"), new_job("young"), new_job("other", provider="cloud")])
    assert store.next_job("accepted", "local") == "old"
    assert store.next_job("accepted", "cloud") == "other"
    store.steps.save_conditioning("old", conditioning())
    assert store.next_job("accepted", "local") == "young"
    assert store.next_job("rendered", "local") == "old"


def test_a_take_is_ready_when_all_its_sections_are_here(store):
    first, second = composed(store, "aaaa", sections=2)
    generated(store, first)
    assert store.next_take() is None
    generated(store, second)
    assert store.next_take() == ("aaaa", 1)
    assert store.steps.save_take(delivery("aaaa"), "/a.json")
    assert store.next_take() is None
    assert store.job_of_take("take") is not None
    assert store.job_of_take("something else") is None


def test_one_failed_section_fails_its_take_and_the_other_take_goes_on(store):
    keys = composed(store, "aaaa", takes=2, sections=2)
    submitted(store, keys[0])
    store.steps.fail_request(keys[0], FAILED)
    assert [request.state for request in store.requests("aaaa")] == ["failed", "failed", "composed", "composed"]
    for key in keys[2:]:
        generated(store, key)
    store.steps.save_take(delivery("aaaa", take=2), "/a.json")
    assert store.state("aaaa") == "partial"
    assert store.untold_failures("aaaa") == [(1, FAILED)]


def test_what_is_paid_for_is_fetched_although_its_take_has_failed(store):
    first, second = composed(store, "aaaa", sections=2)
    submitted(store, first)
    submitted(store, second)
    store.steps.fail_request(first, FAILED)
    assert store.state("aaaa") == "submitted"
    assert store.next_requests("submitted", "local", 5) == [second]


def test_cancel_after_the_end_changes_nothing(store):
    (key,) = composed(store, "aaaa")
    generated(store, key)
    store.steps.save_take(delivery("aaaa"), "/a.json")
    assert not store.cancel("aaaa")
    assert store.state("aaaa") == "delivered"


def test_a_cancelled_request_keeps_the_ticket_that_comes_late(store):
    (key,) = composed(store, "aaaa")
    store.steps.save_intent(key, billable=True, max_per_day=10)
    assert store.cancel("aaaa")
    assert not store.steps.save_ticket(key, Ticket(provider_id="late"))
    assert store.state("aaaa") == "cancelled"
    store.retry("aaaa")
    assert store.request(key).state == "submitted"
    assert store.request(key).ticket == Ticket(provider_id="late")


def test_a_take_that_was_cancelled_is_not_delivered(store):
    (key,) = composed(store, "aaaa")
    generated(store, key)
    store.cancel("aaaa")
    assert not store.steps.save_take(delivery("aaaa"), "/a.json")
    assert store.takes("aaaa") == []


@pytest.mark.parametrize(
    ("error", "with_ticket", "expected"),
    [
        ("timed_out", True, "submitted"),
        ("bad_result", True, "submitted"),
        ("provider_failed", True, "composed"),
        ("submission_unknown", False, "composed"),
        ("bad_key", False, "composed"),
    ],
)
def test_retry_pays_again_only_where_it_must(store, error, with_ticket, expected):
    (key,) = composed(store, "aaaa", billable=True)
    store.steps.save_intent(key, billable=True, max_per_day=10)
    if with_ticket:
        store.steps.save_ticket(key, Ticket(provider_id="t"))
    store.steps.fail_request(key, ErrorNote(code=error, text="No."))
    assert store.state("aaaa") == "failed"
    assert store.retry("aaaa")
    assert store.request(key).state == expected
    assert store.request(key).error is None


def test_retry_takes_up_all_sections_of_a_take(store):
    first, second = composed(store, "aaaa", sections=2)
    store.steps.fail_request(first, ErrorNote(code="no_credit", text="No credit."))
    assert [request.state for request in store.requests("aaaa")] == ["failed", "failed"]
    store.retry("aaaa")
    assert store.next_requests("composed", "local", 5) == [first, second]


def test_retry_uses_a_result_that_is_here(store, tmp_path):
    (key,) = composed(store, "aaaa")
    wav = tmp_path / "r.wav"
    wav.write_bytes(b"RIFF")
    generated(store, key, path=str(wav))
    store.steps.fail_take("aaaa", 1, ErrorNote(code="disk_full", text="Full."))
    store.retry("aaaa")
    assert store.next_take() == ("aaaa", 1)
    store.steps.fail_take("aaaa", 1, ErrorNote(code="disk_full", text="Full."))
    wav.unlink()
    store.retry("aaaa")
    assert store.request(key).state == "submitted"


def test_retry_of_a_failed_render_renders_again(store):
    store.add_jobs([new_job("aaaa")])
    store.steps.fail_job("aaaa", ErrorNote(code="missing_file", text="Gone."))
    assert store.state("aaaa") == "failed"
    assert store.retry("aaaa")
    assert store.next_job("accepted", "local") == "aaaa"
    assert store.job("aaaa").error is None


def test_retry_of_a_delivered_job_does_nothing(store):
    (key,) = composed(store, "aaaa")
    generated(store, key)
    store.steps.save_take(delivery("aaaa"), "/a.json")
    assert not store.retry("aaaa")


def test_a_restart_asks_about_what_may_have_been_billed_and_sends_again_what_is_free(store):
    (paid,) = composed(store, "paid", billable=True)
    (free,) = composed(store, "free")
    store.steps.save_intent(paid, billable=True, max_per_day=10)
    store.steps.save_intent(free, billable=False)
    assert store.steps.recover() == 2
    assert store.request(paid).error.code == "submission_unknown"
    assert store.state("paid") == "failed"
    assert store.request(free).state == "composed"


def test_a_submission_cancelled_before_its_answer_is_asked_about_before_it_is_paid_for_again(store):
    (key,) = composed(store, "aaaa", billable=True)
    store.steps.save_intent(key, billable=True, max_per_day=10)
    store.cancel("aaaa")
    store.retry("aaaa")
    assert store.request(key).error.code == "submission_unknown"
    store.retry("aaaa")
    assert store.request(key).state == "composed"


def test_the_limit_of_a_day_holds_at_the_moment_of_submitting(store, clock):
    first, second = composed(store, "aaaa", takes=2, billable=True)
    assert store.steps.save_intent(first, billable=True, max_per_day=1)
    with pytest.raises(BudgetReached, match="max_requests_per_day"):
        store.steps.save_intent(second, billable=True, max_per_day=1)
    assert store.request(second).state == "composed"
    clock.advance(DAY_SECONDS + 1)
    assert store.steps.save_intent(second, billable=True, max_per_day=1)


def test_what_was_not_sent_counts_for_nothing(store):
    (key,) = composed(store, "aaaa", billable=True)
    store.steps.save_intent(key, billable=True, max_per_day=1)
    store.steps.withdraw_intent(key)
    assert store.request(key).state == "composed"
    assert store.steps.save_intent(key, billable=True, max_per_day=1)


def test_billable_requests_are_counted_made_and_promised(store):
    (key,) = composed(store, "done", billable=True)
    submitted(store, key, billable=True)
    store.steps.fail_request(key, FAILED)
    store.mark_told("done", takes=[], failures=[1], ended=True)
    store.add_jobs([new_job("open", billable=True, planned=3)])
    assert store.count_billable("local") == 4


def test_everything_is_there_after_the_file_is_opened_again(tmp_path, clock):
    path = tmp_path / "jobs.sqlite"
    database = open_database(path, clock)
    (key,) = composed(Both(database, clock), "aaaa")
    submitted(Both(database, clock), key)
    database.close()
    again = open_database(path, clock)
    store = Store(again, clock)
    assert store.next_requests("submitted", "local", 1) == [key]
    assert store.begun() == ["aaaa"]
    assert store.reply_tos("aaaa") == ("here",)
    again.close()
