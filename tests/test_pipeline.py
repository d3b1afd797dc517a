"""The steps of a job, the threads that do them, what is told on the way, and what a crash leaves."""

from __future__ import annotations

import os
import shutil
import threading

import pytest

from bridge.asking import Limits
from bridge.errors import (
    BadKey,
    DiskFull,
    MissingFile,
    NoCredit,
    ProviderFailed,
    ProviderUnreachable,
    RateLimited,
    SubmissionUnknown,
    UnreadableAudio,
)
from bridge.events import Ended, Progress
from bridge.providers import Interrupted
from bridge.store.rows import RequestKey
from bridge.store.store import DAY_SECONDS
from tests.fakes.fake_provider import FakeProvider, Gate
from tests.fakes.small_bridge import OtherProgram, SmallBridge, offer, told
from tests.fakes.waiting import wait_for

WHOLE_WAY = [
    "accepted",
    "rendered",
    "composed",
    "submitting",
    "submitted",
    "generated",
    "done 1",
    "ended delivered 1/1",
]


@pytest.fixture
def open_bridge(tmp_path):
    opened: list[SmallBridge] = []

    def open_one(*providers: FakeProvider, **options) -> SmallBridge:
        bridge = SmallBridge(tmp_path, *providers, **options)
        opened.append(bridge)
        return bridge

    yield open_one
    for bridge in opened:
        bridge.stop()


def accepted(bridge: SmallBridge, *args, **ask) -> str:
    return bridge.jobs.accept([offer(*args, **ask)])[0].job_id


class Waits:
    """A Wait that takes no time and remembers; after `patience` waits the user cancels."""

    def __init__(self, patience: int = 1000) -> None:
        self.seconds: list[float] = []
        self._patience = patience

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if len(self.seconds) > self._patience:
            raise Interrupted


def composed(bridge: SmallBridge, **ask) -> RequestKey:
    """A job whose next step is to submit, its first request."""
    job_id = accepted(bridge, **ask)
    bridge.pipeline.render(job_id)
    bridge.pipeline.compose(job_id)
    return RequestKey(job_id, 1, 0)


def test_a_job_goes_the_whole_way_and_every_stage_is_told_in_order(open_bridge):
    bridge = open_bridge(progress_interval_seconds=60.0)
    bridge.start()
    job_id = accepted(bridge)
    events = bridge.wait_for_end(job_id)
    assert told(events) == WHOLE_WAY
    fractions = [event.fraction for event in events if isinstance(event, Progress)]
    assert fractions == sorted(set(fractions))
    assert 0 < fractions[0] < fractions[-1] < 1


def test_a_delivered_job_leaves_no_working_files(open_bridge):
    bridge = open_bridge()
    bridge.start()
    job_id = accepted(bridge)
    bridge.wait_for_end(job_id)
    bridge.stop()
    assert not (bridge.home / "work" / job_id).exists()


def test_takes_are_delivered_as_they_come_each_with_its_own_seed(open_bridge):
    gate = Gate()
    provider = FakeProvider(on_fetch=[None, gate])
    bridge = open_bridge(provider)
    bridge.start()
    job_id = accepted(bridge, takes=2)
    assert gate.reached.wait(10.0)
    bridge.wait_for(lambda events: "done 1" in told(events))
    gate.open.set()
    events = bridge.wait_for_end(job_id)
    assert [word for word in told(events) if word[:4] in ("done", "ende")] == [
        "done 1",
        "done 2",
        "ended delivered 2/2",
    ]
    assert len({request.seed for request in provider.submitted}) == 2


def test_a_take_of_several_sections_is_delivered_once_all_are_here(open_bridge):
    bridge = open_bridge(FakeProvider(parallel=3), sections=3)
    bridge.start()
    job_id = accepted(bridge)
    bridge.wait_for_end(job_id)
    assert bridge.rooms.calls == [f"render {job_id}", f"compose {job_id}", f"deliver {job_id} 1"]
    assert len(bridge.jobs.view(job_id).takes[0].provider_ids) == 3


def test_progress_counts_the_sections_that_are_here(open_bridge):
    gate = Gate()
    bridge = open_bridge(FakeProvider(on_fetch=[None, gate]), sections=4)
    bridge.start()
    job_id = accepted(bridge)
    assert gate.reached.wait(10.0)
    one_is_here = bridge.jobs.view(job_id).progress
    gate.open.set()
    bridge.wait_for_end(job_id)
    assert 0.25 < one_is_here < 0.5


def test_one_failed_section_fails_its_take_and_the_other_take_is_delivered(open_bridge):
    provider = FakeProvider(billable=True, on_fetch=[ProviderFailed("The model choked.")])
    bridge = open_bridge(provider, sections=2)
    bridge.start()
    job_id = accepted(bridge, takes=2)
    events = bridge.wait_for_end(job_id)
    words = [word for word in told(events) if word.split()[0] in ("failed", "done", "ended")]
    assert words == ["failed provider_failed", "done 2", "ended partial 1/2"]
    assert len(provider.submitted) == 3
    assert (bridge.home / "work" / job_id).exists()


def test_a_clip_that_cannot_be_rendered_fails_its_job_with_its_code(open_bridge):
    bridge = open_bridge()
    bridge.rooms.render_acts = [UnreadableAudio("/a.wav is no audio.")]
    bridge.start()
    job_id = accepted(bridge)
    events = bridge.wait_for_end(job_id)
    assert told(events) == ["accepted", "failed unreadable_audio", "ended failed 0/1"]
    assert events[1].text == "/a.wav is no audio."


def test_a_defect_of_ours_fails_the_job_and_the_daemon_goes_on(open_bridge, caplog):
    bridge = open_bridge()
    bridge.rooms.render_acts = [ZeroDivisionError("oops")]
    bridge.start()
    assert told(bridge.wait_for_end(accepted(bridge)))[1:] == ["failed internal", "ended failed 0/1"]
    assert told(bridge.wait_for_end(accepted(bridge)))[-1] == "ended delivered 1/1"
    assert "ZeroDivisionError" in caplog.text


def test_a_full_disk_at_delivery_fails_the_take_and_retry_needs_no_provider(open_bridge):
    provider = FakeProvider()
    bridge = open_bridge(provider)
    bridge.rooms.deliver_acts = [DiskFull("No room for /a.wav.")]
    bridge.start()
    job_id = accepted(bridge)
    assert told(bridge.wait_for_end(job_id))[-2:] == ["failed disk_full", "ended failed 0/1"]
    bridge.jobs.retry(job_id)
    bridge.wait_for(lambda events: told(events)[-1] == "ended delivered 1/1")
    assert len(provider.submitted) == len(provider.fetched) == 1


def test_the_intent_is_on_the_disk_before_anything_is_sent(open_bridge):
    seen = []
    provider = FakeProvider(
        billable=True, on_submit=[lambda request, _wait: seen.append(bridge.store.state(request.job_id))]
    )
    bridge = open_bridge(provider)
    bridge.start()
    bridge.wait_for_end(accepted(bridge))
    assert seen == ["submitting"]


def test_rate_limited_requests_wait_as_long_as_they_are_told(open_bridge):
    provider = FakeProvider(billable=True, on_submit=[RateLimited("Slow.", 7.0), RateLimited("Slow.", 9.0)])
    bridge = open_bridge(provider, limits=Limits(rate_limited_seconds=20.0, max_requests_per_day=1))
    key, wait = composed(bridge), Waits()
    bridge.pipeline.submit(key, wait)
    assert wait.seconds == [7.0, 9.0]
    assert bridge.store.state(key.job_id) == "submitted"
    assert len(provider.submitted) == 3


def test_a_service_that_says_to_come_back_at_once_is_not_stormed(open_bridge):
    provider = FakeProvider(on_submit=[RateLimited("Slow.", 0.0), *[RateLimited("Slow.", -5.0)] * 99])
    bridge = open_bridge(provider, limits=Limits(rate_limited_seconds=10.0))
    key, wait = composed(bridge), Waits()
    bridge.pipeline.submit(key, wait)
    assert wait.seconds == [0.25, 0.5, 1.0, 2.0, 4.0]
    assert told(bridge.events)[-2:] == ["failed rate_limited", "ended failed 0/1"]


def test_rate_limits_are_not_endured_for_ever(open_bridge):
    bridge = open_bridge(
        FakeProvider(on_submit=[RateLimited("Slow.", 30.0)] * 9), limits=Limits(rate_limited_seconds=100.0)
    )
    key, wait = composed(bridge), Waits()
    bridge.pipeline.submit(key, wait)
    assert wait.seconds == [30.0] * 3
    assert told(bridge.events)[-2:] == ["failed rate_limited", "ended failed 0/1"]


def test_an_unreachable_provider_is_tried_again_for_a_while_with_growing_pauses(open_bridge):
    provider = FakeProvider(on_submit=[ProviderUnreachable("Not there.")] * 99)
    bridge = open_bridge(provider, limits=Limits(unreachable_seconds=10.0))
    key, wait = composed(bridge), Waits()
    bridge.pipeline.submit(key, wait)
    assert wait.seconds == sorted(wait.seconds)
    assert 5.0 < sum(wait.seconds) <= 10.0
    assert bridge.jobs.view(key.job_id).error.code == "provider_unreachable"
    assert bridge.store.count_billable("fake") == 0


def test_a_refused_key_fails_at_once_and_counts_for_nothing(open_bridge):
    bridge = open_bridge(FakeProvider(billable=True, on_submit=[BadKey("Wrong key.")]))
    key = composed(bridge)
    bridge.pipeline.submit(key, Waits())
    assert bridge.jobs.view(key.job_id).error.code == "bad_key"
    assert bridge.store.count_billable("fake") == 0


@pytest.mark.parametrize("lost", [SubmissionUnknown("Answer lost."), OSError("a defect of ours")])
def test_a_billable_submission_whose_answer_is_lost_is_never_sent_again_by_itself(open_bridge, lost):
    provider = FakeProvider(billable=True, on_submit=[lost])
    bridge = open_bridge(provider)
    key = composed(bridge)
    bridge.pipeline.submit(key, Waits())
    assert bridge.jobs.view(key.job_id).error.code == "submission_unknown"
    assert len(provider.submitted) == 1
    assert bridge.store.count_billable("fake") == 1
    bridge.jobs.retry(key.job_id)
    bridge.pipeline.submit(key, Waits())
    assert len(provider.submitted) == 2


@pytest.mark.parametrize("answer", ["ticket", "result"])
def test_what_was_paid_for_is_stored_as_soon_as_the_store_can_be_written_again(open_bridge, answer):
    provider = FakeProvider(billable=True)
    bridge = open_bridge(provider)
    key, other = composed(bridge), OtherProgram(bridge)
    acts = provider.on_submit if answer == "ticket" else provider.on_fetch
    acts.append(lambda _request, _wait: other.take())
    for step in (bridge.pipeline.submit, bridge.pipeline.fetch):
        step(key, lambda seconds: other.leave())
    assert bridge.store.request(key).state == "generated"
    assert len(provider.submitted) == len(provider.fetched) == 1
    assert bridge.store.count_billable("fake") == 1


def test_a_ticket_that_cannot_be_stored_before_the_end_is_asked_about_at_the_next_start(open_bridge, caplog):
    provider = FakeProvider(billable=True)
    first = open_bridge(provider)
    key, other = composed(first), OtherProgram(first)
    provider.on_submit.append(lambda _request, _wait: other.take())
    first.pipeline.submit(key, Waits(patience=2))
    assert "fake-1" in caplog.text
    other.leave()
    first.database.close()
    second = open_bridge(provider)
    second.start()
    assert told(second.wait_for_end(key.job_id)) == ["failed submission_unknown", "ended failed 0/1"]
    assert len(provider.submitted) == 1


def test_a_free_submission_whose_answer_is_lost_is_sent_again(open_bridge):
    provider = FakeProvider(on_submit=[SubmissionUnknown("Answer lost.")])
    bridge = open_bridge(provider)
    key = composed(bridge)
    bridge.pipeline.submit(key, Waits())
    assert bridge.store.state(key.job_id) == "submitted"
    assert len(provider.submitted) == 2


def test_a_free_provider_that_lost_a_job_is_asked_once_more(open_bridge):
    provider = FakeProvider(on_fetch=[ProviderFailed("Request not found")] * 2)
    bridge = open_bridge(provider)
    bridge.start()
    events = bridge.wait_for_end(accepted(bridge))
    assert told(events)[-1] == "ended failed 0/1"
    assert len(provider.submitted) == 2


def test_more_requests_than_a_job_may_take_are_never_sent(open_bridge):
    provider = FakeProvider(billable=True)
    bridge = open_bridge(provider, limits=Limits(max_requests_per_job=2))
    bridge.start()
    job_id = accepted(bridge, takes=1)
    bridge.wait_for_end(job_id)
    bridge.rooms.sections = 3
    job_id = accepted(bridge, takes=1)
    assert told(bridge.wait_for_end(job_id))[-2:] == ["failed budget_reached", "ended failed 0/1"]
    assert len(provider.submitted) == 1


def test_cancel_interrupts_a_wait_at_once_and_keeps_the_ticket(open_bridge):
    gate = Gate()
    provider = FakeProvider(billable=True, on_fetch=[lambda _request, wait: gate.reached.set() or wait(3600.0)])
    bridge = open_bridge(provider)
    bridge.start()
    job_id = accepted(bridge)
    assert gate.reached.wait(10.0)
    bridge.jobs.cancel(job_id)
    assert told(bridge.wait_for_end(job_id))[-1] == "ended cancelled 0/1"
    later = accepted(bridge)
    bridge.wait_for_end(later)
    bridge.jobs.retry(job_id)
    bridge.wait_for(lambda events: told(events)[-1] == "ended delivered 1/1" and events[-1].job_id == job_id)
    assert len(provider.submitted) == 2


def test_an_answer_that_comes_after_cancel_is_kept_for_a_retry(open_bridge):
    gate = Gate(interruptible=False)
    provider = FakeProvider(billable=True, on_submit=[gate])
    bridge = open_bridge(provider)
    bridge.start()
    job_id = accepted(bridge)
    assert gate.reached.wait(10.0)
    bridge.jobs.cancel(job_id)
    gate.open.set()
    bridge.wait_for_end(job_id)
    bridge.wait_for_end(accepted(bridge))
    bridge.jobs.retry(job_id)
    bridge.wait_for(lambda events: events[-1].job_id == job_id and told(events)[-1] == "ended delivered 1/1")
    assert len(provider.submitted) == 2


def test_a_take_that_is_placed_while_its_job_is_cancelled_is_taken_back(open_bridge):
    bridge = open_bridge()
    bridge.rooms.deliver_acts = [lambda: bridge.jobs.cancel(job_id)]
    job_id = accepted(bridge)
    bridge.start()
    assert told(bridge.wait_for_end(job_id))[-1] == "ended cancelled 0/1"
    bridge.stop()
    assert list(bridge.rooms.project.iterdir()) == []


def test_progress_is_told_again_and_again_only_while_something_is_worked_on(open_bridge):
    gate = Gate()
    bridge = open_bridge(FakeProvider(on_fetch=[gate]))
    bridge.start()
    job_id = accepted(bridge)
    assert gate.reached.wait(10.0)

    def ticks(events):
        return [event for event in events if isinstance(event, Progress) and event.stage == "submitted"]

    bridge.clock.advance(1.0)
    bridge.wait_for(lambda events: len(ticks(events)) >= 3)
    bridge.clock.advance(1.0)
    before = ticks(bridge.events)[-1].fraction
    bridge.wait_for(lambda events: ticks(events)[-1].fraction > before)
    gate.open.set()
    events = bridge.wait_for_end(job_id)
    assert isinstance(events[-1], Ended)
    bridge.stop()
    assert isinstance(bridge.events[-1], Ended)


def test_what_is_begun_is_finished_before_the_new_is_rendered_far_ahead(open_bridge):
    gate = Gate()
    bridge = open_bridge(FakeProvider(on_submit=[gate]))
    bridge.start()
    jobs = [accepted(bridge) for _ in range(12)]
    assert gate.reached.wait(10.0)
    bridge.wait_for(lambda events: told(events).count("composed") >= 5)
    assert sum(call.startswith("render") for call in bridge.rooms.calls) <= 6
    gate.open.set()
    for job_id in jobs:
        bridge.wait_for_end(job_id)


def test_one_provider_that_is_stuck_does_not_hold_up_another(open_bridge):
    gate = Gate()
    bridge = open_bridge(FakeProvider(name="stuck", on_submit=[gate]), FakeProvider(name="free"))
    bridge.start()
    for _ in range(10):
        accepted(bridge)
    assert gate.reached.wait(10.0)
    assert told(bridge.wait_for_end(accepted(bridge, provider="free")))[-1] == "ended delivered 1/1"
    gate.open.set()


def test_as_many_requests_are_on_their_way_as_the_provider_takes(open_bridge):
    meeting = threading.Barrier(3, timeout=10.0)
    provider = FakeProvider(parallel=3, on_submit=[lambda *_: meeting.wait()] * 3)
    bridge = open_bridge(provider)
    bridge.start()
    assert told(bridge.wait_for_end(accepted(bridge, takes=3)))[-1] == "ended delivered 3/3"


@pytest.mark.parametrize("steps", range(6))
def test_a_job_goes_on_from_whatever_step_the_last_daemon_reached(open_bridge, steps):
    provider = FakeProvider()
    first = open_bridge(provider)
    job_id = accepted(first)
    key = RequestKey(job_id, 1, 0)
    way = [
        lambda: first.pipeline.render(job_id),
        lambda: first.pipeline.compose(job_id),
        lambda: first.pipeline.submit(key, Waits()),
        lambda: first.pipeline.fetch(key, Waits()),
        lambda: first.pipeline.deliver(job_id, 1),
    ]
    for step in way[:steps]:
        step()
    first.database.close()
    second = open_bridge(provider)
    second.start()
    if steps < 5:
        assert told(second.wait_for_end(job_id))[-2:] == ["done 1", "ended delivered 1/1"]
    assert second.jobs.view(job_id).state == "delivered"
    assert len(provider.submitted) == 1
    rooms = [(0, "render"), (1, "compose"), (4, "deliver")]
    assert [call.split()[0] for call in second.rooms.calls] == [room for step, room in rooms if step >= steps]


def test_what_was_stored_but_not_told_is_told_after_a_restart_once(open_bridge):
    first = open_bridge()
    key = composed(first, takes=1)
    first.pipeline.submit(key, Waits())
    first.pipeline.fetch(key, Waits())
    delivery, note = first.rooms.deliver(_made(first, key))
    first.steps.save_take(delivery, str(note))
    first.database.close()
    second = open_bridge()
    second.start()
    second.wait_for_end(key.job_id)
    assert told(second.events) == ["done 1", "ended delivered 1/1"]
    second.stop()
    third = open_bridge()
    third.start()
    third.wait_for_end(accepted(third))
    assert all(getattr(event, "job_id", "") != key.job_id for event in third.events)


def test_a_restart_asks_about_a_submission_that_may_have_been_billed(open_bridge):
    first = open_bridge(FakeProvider(billable=True))
    key = composed(first)
    first.steps.save_intent(key, billable=True, max_per_day=10)
    first.database.close()
    provider = FakeProvider(billable=True)
    second = open_bridge(provider)
    second.start()
    assert told(second.wait_for_end(key.job_id)) == ["failed submission_unknown", "ended failed 0/1"]
    assert provider.submitted == []


def test_a_job_whose_provider_is_gone_fails_with_words(open_bridge):
    first = open_bridge(FakeProvider(name="old"))
    job_id = accepted(first)
    first.database.close()
    second = open_bridge(FakeProvider(name="new"))
    second.start()
    assert told(second.wait_for_end(job_id)) == ["failed not_supported", "ended failed 0/1"]


def test_stopping_interrupts_waits_and_loses_nothing(open_bridge):
    gate = Gate()
    provider = FakeProvider(on_fetch=[lambda _request, wait: gate.reached.set() or wait(3600.0)])
    first = open_bridge(provider)
    first.start()
    job_id = accepted(first)
    assert gate.reached.wait(10.0)
    first.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("fake", "studio", "ticker"))]
    second = open_bridge(provider)
    second.start()
    assert told(second.wait_for_end(job_id))[-1] == "ended delivered 1/1"
    assert len(provider.submitted) == 1


def test_a_store_that_cannot_be_read_for_a_while_ends_no_thread(open_bridge, caplog):
    bridge = open_bridge()
    bridge.start()
    with bridge.database.writing() as connection:
        connection.execute("ALTER TABLE requests RENAME TO elsewhere")
    job_id = accepted(bridge)
    wait_for(lambda: "tried again" in caplog.text, "the second try")
    with bridge.database.writing() as connection:
        connection.execute("ALTER TABLE elsewhere RENAME TO requests")
    assert told(bridge.wait_for_end(job_id))[-1] == "ended delivered 1/1"


def test_what_is_sent_is_rendered_again_where_its_folder_was_emptied(open_bridge):
    bridge, _, job_id = failed_and_emptied(open_bridge)
    bridge.jobs.retry(job_id)
    bridge.wait_for(lambda events: told(events)[-1] == "ended delivered 1/1")
    assert bridge.rooms.calls.count(f"render {job_id}") == 2


def test_a_clip_that_is_gone_with_its_rendering_is_named_by_the_retry(open_bridge):
    bridge, provider, job_id = failed_and_emptied(open_bridge)
    bridge.rooms.render_acts = [MissingFile("/a.wav is not there.")]
    bridge.jobs.retry(job_id)
    bridge.wait_for(lambda events: told(events)[-2:] == ["failed missing_file", "ended failed 0/1"])
    assert len(provider.submitted) == 1


def test_working_files_are_kept_for_30_days_after_a_job_has_ended(open_bridge):
    bridge = open_bridge()
    ended, open_one = composed(bridge).job_id, composed(bridge).job_id
    bridge.jobs.cancel(ended)
    stray = bridge.home / "work" / "nobody-s"
    stray.mkdir()
    for path in stray.parent.rglob("*"):
        os.utime(path, (bridge.clock.now, bridge.clock.now))
    bridge.clock.advance(30 * DAY_SECONDS - 1)
    bridge.pipeline.sweep(bridge.clock())
    assert sorted(path.name for path in stray.parent.iterdir()) == sorted([ended, open_one, stray.name])
    bridge.clock.advance(2)
    bridge.pipeline.sweep(bridge.clock())
    assert [path.name for path in stray.parent.iterdir()] == [open_one]


def test_a_trigger_in_the_media_folder_is_kept_for_30_days_and_media_for_good(open_bridge):
    bridge = open_bridge()
    media = bridge.home / "media"
    media.mkdir(exist_ok=True)
    for name in ("live-1.json", "clip.wav", "clip.mid"):
        (media / name).write_bytes(b"{}")
        os.utime(media / name, (bridge.clock.now, bridge.clock.now))
    bridge.clock.advance(30 * DAY_SECONDS - 1)
    bridge.pipeline.sweep(bridge.clock())
    assert len(list(media.iterdir())) == 3
    bridge.clock.advance(2)
    bridge.pipeline.sweep(bridge.clock())
    assert sorted(path.name for path in media.iterdir()) == ["clip.mid", "clip.wav"]


def test_the_job_s_id_stands_on_each_log_record_of_its_steps(open_bridge, caplog):
    bridge = open_bridge()
    bridge.rooms.render_acts = [ZeroDivisionError()]
    bridge.start()
    job_id = accepted(bridge)
    bridge.wait_for_end(job_id)
    (record,) = [record for record in caplog.records if "defect" in record.message]
    assert record.threadName == f"studio {job_id}"


def failed_and_emptied(open_bridge) -> tuple[SmallBridge, FakeProvider, str]:
    """A job that was rendered and then refused for want of credit, and whose rendering somebody has thrown away."""
    provider = FakeProvider(billable=True, on_submit=[NoCredit("No credit.")])
    bridge = open_bridge(provider)
    bridge.start()
    job_id = accepted(bridge)
    bridge.wait_for_end(job_id)
    shutil.rmtree(bridge.home / "work")
    return bridge, provider, job_id


def _made(bridge: SmallBridge, key: RequestKey):
    from bridge.pipeline import Made

    row, job = bridge.store.request(key), bridge.store.job(key.job_id)
    return Made(
        job_id=key.job_id,
        request_id=job.request_id,
        take=key.take,
        trigger=bridge.store.trigger(key.job_id),
        conditioning=job.conditioning,
        requests=(row.request,),
        results=(row.result,),
    )
