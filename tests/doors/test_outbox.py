"""The outbox with more to write than the moment allows."""

from __future__ import annotations

import threading
from pathlib import Path

from bridge.doors.outbox import Outbox
from bridge.events import Changed, JobView
from bridge.model import Clip, Offer, Trigger
from tests.doors.conftest import ShiftedClock
from tests.fakes.fake_jobs import FakeJobs

JOBS = 500


class SlowJobs(FakeJobs):
    """Takes a tenth of a second of the clock for each look at a job."""

    def __init__(self, clock: ShiftedClock) -> None:
        super().__init__()
        self._clock = clock

    def view(self, job_id: str) -> JobView:
        self._clock.ahead += 0.1
        return super().view(job_id)


def test_stopping_leaves_what_is_not_quick_to_the_next_start(tmp_path: Path, clock: ShiftedClock) -> None:
    jobs = SlowJobs(clock)
    triggers = [Trigger(schema=1, clip=Clip(notes=()), request_id=f"r{number}") for number in range(JOBS)]
    jobs.accept([Offer(trigger=trigger, door="osc") for trigger in triggers])
    folder = tmp_path / "outbox"
    outbox = Outbox(folder, jobs, clock)
    outbox.start()
    for job in jobs.jobs.values():
        outbox.tell(Changed(request_id=job.trigger.request_id, job_id=job.id))
        outbox.follow(job.id)
    outbox.stop()
    assert len(list(folder.glob("r*.json"))) < JOBS
    outbox = Outbox(folder, jobs, clock)
    outbox.start()
    pause = threading.Event()
    while len(list(folder.glob("r*.json"))) < JOBS:
        pause.wait(0.02)
    outbox.stop()
    assert not list(folder.glob(".*"))
