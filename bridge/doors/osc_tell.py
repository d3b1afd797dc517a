"""Tells clients over OSC what becomes of their jobs: each piece of news once, and never backwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bridge.doors import Jobs
from bridge.doors.addresses import Addresses, HostPort
from bridge.doors.told_memory import ToldMemory
from bridge.events import Accepted, Done, Ended, Event, Failed, Progress, Rejected

Send = Callable[..., None]


class Teller:
    """Turns events into messages for those who are told about a job."""

    def __init__(self, jobs: Jobs, addresses: Addresses, send: Send) -> None:
        self._jobs = jobs
        self._addresses = addresses
        self._send = send
        self._memory = ToldMemory()

    def answer(self, asker: HostPort, answer: Accepted | Rejected) -> None:
        """Tell the asker what became of an offer."""
        if isinstance(answer, Accepted):
            self._memory.begin(answer.job_id)
            self._memory.note_replay(answer, asker)
        self._tell_one(asker, answer)

    def answer_again(self, asker: HostPort, accepted: Accepted) -> None:
        """Tell a copy to the asker, with its life if it was asked for before, and to the copied job's listeners."""
        life = self._jobs.replay(accepted.job_id, accepted.request_id)
        if not isinstance(life[-1], Ended):
            self._memory.begin(accepted.job_id)
            for listener in self._listeners(accepted.job_id):
                if listener != asker and self._memory.is_news(accepted, listener):
                    self._tell_one(listener, accepted)
        self._tell_all(asker, life)

    def replay(self, job_id: str, request_id: str, asker: HostPort) -> None:
        """Tell the asker, under this request id, how a job stands."""
        self._tell_all(asker, self._jobs.replay(job_id, request_id))

    def restart(self, job_id: str) -> None:
        """A job may live again after its end: what was told of its last life counts no more."""
        self._memory.forget(job_id)

    def tell(self, event: Event) -> None:
        """Tell an event to whoever has not heard it yet."""
        if isinstance(event, Rejected) or (isinstance(event, Accepted) and self._memory.is_begun(event.job_id)):
            return
        for listener in self._listeners(event.job_id):
            if self._memory.is_news(event, listener):
                self._tell_one(listener, event)
        if isinstance(event, Ended):
            self._memory.forget(event.job_id)

    def _tell_all(self, asker: HostPort, life: Sequence[Event]) -> None:
        for event in life:
            self._memory.note_replay(event, asker)
            self._tell_one(asker, event)

    def _listeners(self, job_id: str) -> list[HostPort]:
        found = [self._addresses.now(text) for text in self._jobs.listeners_of(job_id) if text]
        return list(dict.fromkeys(listener for listener in found if listener))

    def _tell_one(self, listener: HostPort, event: Event) -> None:
        match event:
            case Accepted():
                self._send(listener, "/bridge/accepted", event.request_id, event.job_id, event.billable_requests)
            case Rejected():
                self._send(listener, "/bridge/rejected", event.request_id, event.code, event.text)
            case Progress():
                self._send(listener, "/bridge/progress", event.request_id, event.job_id, event.fraction, event.stage)
            case Done(delivery=take):
                self._send(
                    listener,
                    "/bridge/done",
                    event.request_id,
                    event.job_id,
                    take.take,
                    take.takes,
                    take.file,
                    take.bpm or 0.0,
                    take.beats or 0.0,
                    take.key or "",
                    event.json_path,
                )
            case Failed():
                self._send(listener, "/bridge/failed", event.request_id, event.job_id, event.code, event.text)
            case Ended():
                self._send(
                    listener,
                    "/bridge/ended",
                    event.request_id,
                    event.job_id,
                    event.state,
                    event.delivered,
                    event.asked,
                )
