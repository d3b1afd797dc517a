"""Tells clients over OSC what becomes of their jobs: each piece of news once, and never backwards."""

from __future__ import annotations

from collections.abc import Callable

from bridge.doors import Jobs
from bridge.doors.addresses import Addresses, HostPort
from bridge.doors.told import Told
from bridge.model import Accepted, Done, Ended, Event, Failed, Progress, Rejected

Send = Callable[..., None]


class Teller:
    """Turns events into messages for those who are told about a job."""

    def __init__(self, jobs: Jobs, addresses: Addresses, send: Send) -> None:
        self._jobs = jobs
        self._addresses = addresses
        self._send = send
        self._told = Told()

    def answer(self, asker: HostPort, answer: Accepted | Rejected) -> None:
        """Tell the asker what became of an offer."""
        if isinstance(answer, Accepted):
            self._told.begin(answer.job_id)
            self._told.note_replay(answer, asker)
        self._tell_one(asker, answer)

    def tell_others(self, asker: HostPort, accepted: Accepted) -> None:
        """Tell everybody but the asker that a job was accepted."""
        self._told.begin(accepted.job_id)
        for listener in self._listeners(accepted.job_id):
            if listener != asker and self._told.is_news(accepted, listener):
                self._tell_one(listener, accepted)

    def replay(self, job_id: str, request_id: str, listener: HostPort) -> None:
        """Tell the asker, under this request id, how a job stands."""
        for event in self._jobs.replay(job_id, request_id):
            self._told.note_replay(event, listener)
            self._tell_one(listener, event)

    def tell(self, event: Event) -> None:
        """Tell an event to whoever has not heard it yet."""
        if isinstance(event, Rejected) or (isinstance(event, Accepted) and self._told.is_begun(event.job_id)):
            return
        for listener in self._listeners(event.job_id):
            if self._told.is_news(event, listener):
                self._tell_one(listener, event)
        if isinstance(event, Ended):
            self._told.forget(event.job_id)

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
