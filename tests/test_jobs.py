"""What doors ask of jobs: accepting, finding, showing, and the user's later words."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.asking import Limits
from bridge.errors import (
    AlreadyImported,
    BadMessage,
    BudgetReached,
    NoCredit,
    NotSupported,
    NotWritable,
    ProviderFailed,
    TimedOut,
    UnknownJob,
)
from bridge.events import Accepted, Changed, Done, Ended, Failed, Progress, Rejected
from tests.fakes.fake_provider import FakeProvider
from tests.fakes.small_bridge import OtherProgram, SmallBridge, offer, told


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
    (outcome,) = bridge.jobs.accept([offer(*args, **ask)])
    assert isinstance(outcome, Accepted), outcome
    return outcome.job_id


def finished(bridge: SmallBridge, *args, **ask) -> str:
    job_id = accepted(bridge, *args, **ask)
    bridge.wait_for_end(job_id)
    return job_id


def test_an_accepted_job_is_stored_with_all_it_needs(open_bridge):
    bridge = open_bridge()
    (outcome,) = bridge.jobs.accept([offer("live-1.a", seed=5)])
    assert bridge.events == [outcome]
    assert outcome == Accepted(request_id="live-1.a", job_id=outcome.job_id, billable_requests=0)
    job = bridge.store.job(outcome.job_id)
    assert (job.request_id, job.provider, job.seed, job.state) == ("live-1.a", "fake", 5, "accepted")
    assert bridge.jobs.listeners_of(outcome.job_id) == ("here",)
    assert len(outcome.job_id) == 8
    assert outcome.job_id.islower()


def test_a_job_without_a_request_id_goes_by_its_own(open_bridge):
    job_id = accepted(open_bridge())
    assert open_bridge().jobs.view(job_id).request_id == job_id


def test_a_seed_is_drawn_and_recorded_when_none_is_asked_for(open_bridge):
    bridge = open_bridge()
    seeds = {bridge.store.job(accepted(bridge)).seed for _ in range(5)}
    assert len(seeds) == 5


def test_the_same_wish_under_the_same_request_id_is_the_same_job(open_bridge):
    bridge = open_bridge()
    first = accepted(bridge, "live-1.a")
    (again,) = bridge.jobs.accept([offer("LIVE-1.A", reply_to="there")])
    assert again == Accepted(request_id="LIVE-1.A", job_id=first, billable_requests=0)
    assert bridge.jobs.listeners_of(first) == ("here", "there")
    assert bridge.store.count_open() == 1


def test_another_wish_under_a_used_request_id_is_a_bad_message(open_bridge):
    bridge = open_bridge()
    accepted(bridge, "live-1.a")
    (outcome,) = bridge.jobs.accept([offer("live-1.a", prompt="other")])
    assert isinstance(outcome, Rejected)
    assert outcome.code == "bad_message"
    assert "live-1.a" in outcome.text


def test_offers_of_one_batch_are_answered_in_order_each_by_itself(open_bridge):
    bridge = open_bridge()
    outcomes = bridge.jobs.accept(
        [
            offer("a"),
            offer("b", prompt="missing"),
            offer("c", prompt="defect"),
            offer("A"),
            offer("a", prompt="other"),
            offer("d"),
        ]
    )
    codes = [outcome.code if isinstance(outcome, Rejected) else "accepted" for outcome in outcomes]
    assert codes == ["accepted", "missing_file", "internal", "accepted", "bad_message", "accepted"]
    assert outcomes[0].job_id == outcomes[3].job_id
    assert bridge.store.count_open() == 2


def test_a_provider_that_nobody_configured_is_not_supported(open_bridge):
    (outcome,) = open_bridge().jobs.accept([offer(provider="cloud")])
    assert (outcome.code, "ask.provider" in outcome.text) == ("not_supported", True)


def test_extras_need_a_provider_that_makes_them(open_bridge):
    bridge = open_bridge(FakeProvider(extras=("midi",)))
    (outcome,) = bridge.jobs.accept([offer(extras=("midi", "stems"))])
    assert (outcome.code, "ask.extras (stems)" in outcome.text) == ("not_supported", True)
    (outcome,) = bridge.jobs.accept([offer(extras=("midi",))])
    assert isinstance(outcome, Accepted)


def test_beyond_the_limit_of_waiting_jobs_the_queue_is_full(open_bridge):
    bridge = open_bridge(max_waiting=3)
    outcomes = bridge.jobs.accept([offer(f"r{number}") for number in range(5)])
    assert [type(outcome) for outcome in outcomes] == [Accepted] * 3 + [Rejected] * 2
    assert {outcome.code for outcome in outcomes[3:]} == {"queue_full"}
    (later,) = bridge.jobs.accept([offer("r9")])
    assert later.code == "queue_full"


def test_what_will_be_billed_is_told_before(open_bridge):
    bridge = open_bridge(FakeProvider(billable=True), sections=2)
    (outcome,) = bridge.jobs.accept([offer(takes=3)])
    assert outcome.billable_requests == 6


def test_who_may_not_spend_is_refused_by_a_billable_provider_only(open_bridge):
    bridge = open_bridge(FakeProvider(name="free"), FakeProvider(name="paid", billable=True))
    outcomes = bridge.jobs.accept([offer(may_spend=False), offer(may_spend=False, provider="paid")])
    assert isinstance(outcomes[0], Accepted)
    assert outcomes[1].code == "not_allowed"


def test_over_the_limit_of_a_job_nothing_is_stored(open_bridge):
    bridge = open_bridge(FakeProvider(billable=True), limits=Limits(max_requests_per_job=2))
    (outcome,) = bridge.jobs.accept([offer(takes=3)])
    assert outcome.code == "budget_reached"
    assert "max_requests_per_job is 2" in outcome.text
    assert bridge.store.count_open() == 0


def test_the_limit_of_a_day_counts_what_is_promised_in_the_same_batch_and_opens_again(open_bridge):
    bridge = open_bridge(FakeProvider(billable=True), limits=Limits(max_requests_per_day=5))
    bridge.start()
    outcomes = bridge.jobs.accept([offer("a", takes=3), offer("b", takes=3), offer("c", takes=2)])
    assert [getattr(outcome, "code", "accepted") for outcome in outcomes] == ["accepted", "budget_reached", "accepted"]
    for outcome in (outcomes[0], outcomes[2]):
        bridge.wait_for_end(outcome.job_id)
    (refused,) = bridge.jobs.accept([offer("d")])
    assert refused.code == "budget_reached"
    bridge.clock.advance(86_401)
    accepted(bridge, "e")


def test_a_job_is_found_by_its_id_or_its_request_id(open_bridge):
    bridge = open_bridge()
    job_id = accepted(bridge, "live-1.a")
    assert bridge.jobs.find(job_id, "whatever") == job_id
    assert bridge.jobs.find("", "Live-1.A") == job_id
    for unknown in (("nope", "live-1.a"), ("", "nope"), ("", "")):
        with pytest.raises(UnknownJob):
            bridge.jobs.find(*unknown)


def test_every_later_word_about_an_unknown_job_says_so(open_bridge):
    jobs = open_bridge().jobs
    for ask in (jobs.cancel, jobs.retry, jobs.undo, jobs.view):
        with pytest.raises(UnknownJob, match="nope"):
            ask("nope")
    with pytest.raises(UnknownJob):
        jobs.imported("nope", 1, "track 1")
    with pytest.raises(UnknownJob):
        jobs.again("nope", request_id="x", prompt="", door="osc", reply_to="")


def test_cancel_of_a_waiting_job_ends_it(open_bridge):
    bridge = open_bridge()
    job_id = accepted(bridge)
    bridge.jobs.cancel(job_id)
    assert told(bridge.events) == ["accepted", "ended cancelled 0/1"]
    bridge.jobs.cancel(job_id)
    assert told(bridge.events) == ["accepted", "ended cancelled 0/1"]


def test_cancel_after_done_leaves_it_delivered(open_bridge):
    bridge = open_bridge()
    bridge.start()
    job_id = finished(bridge)
    bridge.jobs.cancel(job_id)
    assert bridge.jobs.view(job_id).state == "delivered"
    assert sum(isinstance(event, Ended) for event in bridge.events) == 1


def test_again_copies_the_wish_with_a_new_seed_and_tells_both(open_bridge):
    bridge = open_bridge()
    first = accepted(bridge, "live-1.a", seed=5, takes=2, reply_to="live")
    again = bridge.jobs.again(first, request_id="pedal.b", prompt="", door="osc", reply_to="pedal")
    old, new = bridge.store.trigger(first), bridge.store.trigger(again.job_id)
    assert new.clip == old.clip
    assert (new.ask.takes, new.ask.prompt, new.ask.seed) == (2, "marimba", None)
    assert bridge.store.job(again.job_id).seed != 5
    assert bridge.jobs.listeners_of(again.job_id) == ("pedal", "live")
    assert again.request_id == "pedal.b"


def test_again_may_change_the_prompt_and_takes_the_last_delivered_job_by_itself(open_bridge):
    bridge = open_bridge()
    with pytest.raises(UnknownJob, match="Nothing was delivered"):
        bridge.jobs.again("", request_id="x", prompt="", door="osc", reply_to="")
    bridge.start()
    finished(bridge, prompt="first")
    finished(bridge, prompt="second")
    again = bridge.jobs.again("", request_id="x", prompt="third", door="osc", reply_to="")
    assert bridge.store.trigger(again.job_id).ask.prompt == "third"
    twice = bridge.jobs.again("", request_id="y", prompt="", door="osc", reply_to="")
    assert bridge.store.trigger(twice.job_id).ask.prompt in ("second", "third")


def test_again_is_refused_as_any_offer_is(open_bridge):
    bridge = open_bridge(FakeProvider(billable=True), limits=Limits(max_requests_per_day=1))
    job_id = accepted(bridge)
    with pytest.raises(BudgetReached):
        bridge.jobs.again(job_id, request_id="x", prompt="", door="osc", reply_to="")


def test_retry_of_a_timed_out_job_fetches_without_paying(open_bridge):
    provider = FakeProvider(billable=True, on_fetch=[TimedOut("Too slow.")])
    bridge = open_bridge(provider)
    bridge.start()
    job_id = finished(bridge)
    assert bridge.jobs.view(job_id).error.code == "timed_out"
    bridge.jobs.retry(job_id)
    bridge.wait_for(lambda events: told(events)[-1] == "ended delivered 1/1")
    assert len(provider.submitted) == 1
    assert len(provider.fetched) == 2


def test_retry_after_the_provider_said_failed_submits_anew(open_bridge):
    provider = FakeProvider(billable=True, on_fetch=[ProviderFailed("No luck.")])
    bridge = open_bridge(provider)
    bridge.start()
    job_id = finished(bridge)
    bridge.jobs.retry(job_id)
    bridge.wait_for(lambda events: told(events)[-1] == "ended delivered 1/1")
    assert len(provider.submitted) == 2


def test_retry_of_a_take_of_several_sections_goes_on_with_all_of_them(open_bridge):
    provider = FakeProvider(billable=True, on_submit=[NoCredit("No credit.")])
    bridge = open_bridge(provider, sections=2)
    bridge.start()
    job_id = finished(bridge)
    assert bridge.jobs.view(job_id).error.code == "no_credit"
    bridge.jobs.retry(job_id)
    bridge.wait_for(lambda events: told(events)[-1] == "ended delivered 1/1")
    assert len(provider.submitted) == 3


def test_one_failed_section_of_many_is_repeated_alone_and_the_others_are_kept(open_bridge):
    provider = FakeProvider(billable=True, parallel=3, on_fetch=[None, ProviderFailed("No luck.")])
    bridge = open_bridge(provider, sections=3)
    bridge.start()
    job_id = finished(bridge)
    bridge.jobs.retry(job_id)
    bridge.wait_for(lambda events: told(events)[-1] == "ended delivered 1/1")
    sent = [request.section for request in provider.submitted]
    assert sorted(sent[:3]) == [0, 1, 2]
    assert len(sent) == 4
    (take,) = bridge.jobs.view(job_id).takes
    assert len(set(take.provider_ids)) == 3


def test_retry_says_so_when_the_provider_is_no_longer_configured(open_bridge):
    first = open_bridge(FakeProvider(name="old"))
    job_id = accepted(first)
    first.jobs.cancel(job_id)
    first.database.close()
    second = open_bridge(FakeProvider(name="new"))
    with pytest.raises(NotSupported, match=r"config\.toml"):
        second.jobs.retry(job_id)
    assert second.jobs.view(job_id).state == "cancelled"


def test_undo_that_cannot_be_stored_leaves_the_take_where_it_is_told(open_bridge):
    bridge = open_bridge()
    bridge.start()
    job_id = finished(bridge)
    other = OtherProgram(bridge)
    other.take()
    with pytest.raises(NotWritable):
        bridge.jobs.undo(job_id)
    other.leave()
    (take,) = bridge.jobs.view(job_id).takes
    assert not take.undone
    assert Path(take.file).exists()
    assert Path(take.file).with_suffix(".json").exists()
    bridge.jobs.undo(job_id)
    assert list(bridge.rooms.project.iterdir()) == []


def test_undo_moves_takes_away_and_never_over_other_files(open_bridge):
    bridge = open_bridge()
    bridge.start()
    job_id = finished(bridge, takes=2)
    undone = bridge.home / "undone"
    undone.mkdir()
    (undone / f"{job_id}-1.wav").write_bytes(b"somebody's own")
    bridge.jobs.undo(job_id)
    assert list(bridge.rooms.project.iterdir()) == []
    assert (undone / f"{job_id}-1.wav").read_bytes() == b"somebody's own"
    takes = bridge.jobs.view(job_id).takes
    assert [take.undone for take in takes] == [True, True]
    assert all(Path(take.file).exists() and Path(take.file).parent == undone for take in takes)
    assert isinstance(bridge.events[-1], Changed)
    assert bridge.jobs.replay(job_id, "r")[-1] == Ended(
        request_id="r", job_id=job_id, state="delivered", delivered=0, asked=2
    )


def test_undo_of_an_imported_take_needs_force(open_bridge):
    bridge = open_bridge()
    bridge.start()
    job_id = finished(bridge, takes=2)
    bridge.jobs.imported(job_id, 2, "track 3")
    with pytest.raises(AlreadyImported, match="track 3"):
        bridge.jobs.undo(job_id)
    assert len(list(bridge.rooms.project.iterdir())) == 4
    bridge.jobs.undo(job_id, force=True)
    assert list(bridge.rooms.project.iterdir()) == []


def test_undo_twice_or_after_the_user_removed_the_file_is_no_error(open_bridge):
    bridge = open_bridge()
    bridge.start()
    job_id = finished(bridge)
    for path in bridge.rooms.project.iterdir():
        path.unlink()
    bridge.jobs.undo(job_id)
    bridge.jobs.undo(job_id)
    assert bridge.jobs.view(job_id).takes[0].undone


def test_imported_is_recorded_for_takes_that_exist(open_bridge):
    bridge = open_bridge()
    bridge.start()
    job_id = finished(bridge)
    bridge.jobs.imported(job_id, 1, "")
    assert bridge.jobs.view(job_id).takes[0].imported == ""
    assert bridge.events[-1] == Changed(request_id=job_id, job_id=job_id)
    with pytest.raises(BadMessage, match="no take 2"):
        bridge.jobs.imported(job_id, 2, "")


def test_a_view_says_what_the_outbox_says(open_bridge):
    bridge = open_bridge()
    bridge.start()
    job_id = finished(bridge, "live-1.a")
    view = bridge.jobs.view(job_id)
    assert (view.request_id, view.state, view.progress, view.stage, view.asked) == (
        "live-1.a",
        "delivered",
        1.0,
        "delivered",
        1,
    )
    assert view.source == {"client": "test"}
    assert view.error is None
    assert bridge.jobs.newest(5) == [view]
    assert bridge.jobs.delivered(view.takes[0].sha256)
    assert not bridge.jobs.delivered("other")
    assert bridge.jobs.of_take(view.takes[0].sha256) == job_id
    with pytest.raises(UnknownJob, match="no take"):
        bridge.jobs.of_take("other")


def test_replay_tells_a_waiting_job_under_the_asker_s_request_id(open_bridge):
    bridge = open_bridge()
    job_id = accepted(bridge, "live-1.a")
    assert bridge.jobs.replay(job_id, "pedal.x") == [
        Accepted(request_id="pedal.x", job_id=job_id, billable_requests=0),
        Progress(request_id="pedal.x", job_id=job_id, fraction=0.0, stage="accepted"),
    ]


def test_replay_tells_an_ended_job_with_its_takes_its_failure_and_its_end(open_bridge):
    bridge = open_bridge(FakeProvider(billable=True, on_fetch=[ProviderFailed("No luck.")]))
    bridge.start()
    job_id = finished(bridge, takes=2)
    events = bridge.jobs.replay(job_id, "x")
    assert told(events) == ["accepted", "done 2", "failed provider_failed", "ended partial 1/2"]
    assert {event.request_id for event in events} == {"x"}


def test_a_listener_that_raises_does_not_matter(open_bridge, caplog):
    bridge = open_bridge()

    def raise_always(event):
        raise RuntimeError("listener")

    bridge.jobs.subscribe(raise_always)
    heard = []
    bridge.jobs.subscribe(heard.append)
    bridge.start()
    finished(bridge)
    assert any(isinstance(event, Done) for event in heard)
    assert not any(isinstance(event, Failed) for event in heard)
    assert "could not be told" in caplog.text
