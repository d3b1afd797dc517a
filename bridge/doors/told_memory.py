"""Remembers what each listener has heard of a running job, so that nothing is told twice or backwards."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.events import Accepted, Done, Ended, Event, Failed, Progress

Listener = tuple[str, int]


@dataclass(slots=True)
class _Heard:
    """What one listener heard under one request id."""

    accepted: bool = False
    fraction: float = -1.0
    takes: set[int] = field(default_factory=set)
    ended: bool = False


class ToldMemory:
    """By job, what was told to whom; a job is forgotten once its end has been told to all."""

    def __init__(self) -> None:
        self._jobs: dict[str, dict[tuple[Listener, str], _Heard]] = {}

    def begin(self, job_id: str) -> None:
        """A job starts to be worked on: from here on it is remembered what was told of it."""
        self._jobs.setdefault(job_id, {})

    def is_begun(self, job_id: str) -> bool:
        """Whether it is remembered what was told of this job."""
        return job_id in self._jobs

    def is_news(self, event: Event, listener: Listener) -> bool:
        """Whether a live event still says something new to this listener; if so it counts as told."""
        job = self._jobs.setdefault(event_job(event), {})
        heard = job.setdefault((listener, event.request_id.lower()), _Heard())
        return not heard.ended and _note(heard, event)

    def note_replay(self, event: Event, listener: Listener) -> None:
        """An answer has told this listener how a job stands; live events that are older are no news then."""
        job = self._jobs.get(event_job(event))
        if job is not None:
            _note(job.setdefault((listener, event.request_id.lower()), _Heard()), event)

    def forget(self, job_id: str) -> None:
        """The job has ended, and whoever listens knows."""
        self._jobs.pop(job_id, None)


def event_job(event: Event) -> str:
    """The job that an event is about; empty for a rejection."""
    return getattr(event, "job_id", "")


def _note(heard: _Heard, event: Event) -> bool:
    match event:
        case Progress(fraction=fraction):
            news = fraction >= heard.fraction
            heard.fraction = max(heard.fraction, fraction)
            return news
        case Done(delivery=delivery):
            news = delivery.take not in heard.takes
            heard.takes.add(delivery.take)
            return news
        case Ended():
            heard.ended = True
            return True
        case Accepted():
            news = not heard.accepted
            heard.accepted = True
            return news
        case Failed():
            return True
        case _:
            return False
