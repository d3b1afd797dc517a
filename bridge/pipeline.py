"""The way of a job, step by step: render, compose, submit, fetch, deliver; each does one thing, saves it, tells it."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bridge.errors import (
    BridgeError,
    BudgetReached,
    NotSupported,
    ProviderError,
    ProviderFailed,
    ProviderUnreachable,
    RateLimited,
    SubmissionUnknown,
    TimedOut,
)
from bridge.files import disk_errors
from bridge.model import (
    Conditioning,
    Delivery,
    ErrorNote,
    GenerationRequest,
    GenerationResult,
    Ticket,
    Trigger,
)
from bridge.providers import Interrupted, Provider, ProviderFacts, Wait
from bridge.store.rows import Job, Request, RequestKey
from bridge.store.steps import Steps
from bridge.store.store import Store
from bridge.telling import Telling

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Made:
    """What the last step is handed: one take's requests and results, by section."""

    job_id: str
    request_id: str
    take: int
    trigger: Trigger
    conditioning: Conditioning
    requests: tuple[GenerationRequest, ...]
    results: tuple[GenerationResult, ...]


@dataclass(frozen=True)
class Rooms:
    """The rooms that do a step's work, as the pipeline needs them."""

    render: Callable[[Trigger, ProviderFacts, Path], Conditioning]
    compose: Callable[[Trigger, Conditioning, ProviderFacts, str, int], Sequence[GenerationRequest]]
    deliver: Callable[[Made], tuple[Delivery, Path]]


@dataclass(frozen=True)
class Limits:
    """What one provider may take: requests, and seconds of our patience."""

    max_requests_per_job: int = 20
    max_requests_per_day: int = 100
    rate_limited_seconds: float = 600.0
    unreachable_seconds: float = 30.0


class Pipeline:
    """The steps. Each takes what lies in the store, may be repeated after a crash, and never raises our errors."""

    def __init__(
        self,
        store: Store,
        steps: Steps,
        telling: Telling,
        rooms: Rooms,
        *,
        providers: Mapping[str, Provider],
        limits: Mapping[str, Limits],
        home: Path,
    ) -> None:
        self._store = store
        self._steps = steps
        self._telling = telling
        self._rooms = rooms
        self._providers = providers
        self._limits = limits
        self._home = home
        self._sent_again: set[RequestKey] = set()

    def recover(self) -> None:
        """Settle what the last daemon left in the middle, and tell what it did not."""
        lost = self._steps.recover()
        if lost:
            _log.info("%d requests were being submitted when the last daemon ended", lost)
        for job_id in self._store.stranded(self._providers):
            problem = NotSupported("The job's provider is no longer in config.toml; add it again, then retry the job.")
            self._steps.fail_job(job_id, ErrorNote(code=problem.code, text=problem.text))
        for job_id in self._store.begun():
            self._finish(job_id)

    def render(self, job_id: str) -> None:
        """From accepted to rendered: make the conditioning WAVs."""
        with self._failing(lambda note: self._steps.fail_job(job_id, note)):
            facts = self._providers[self._row(job_id).provider].facts
            folder = self._folder(job_id)
            with disk_errors(folder):
                folder.mkdir(parents=True, exist_ok=True)
            conditioning = self._rooms.render(self._store.trigger(job_id), facts, folder)
            self._steps.save_conditioning(job_id, conditioning)
        self._finish(job_id)

    def compose(self, job_id: str) -> None:
        """From rendered to composed: write the requests, within the limit for one job."""
        with self._failing(lambda note: self._steps.fail_job(job_id, note)):
            job = self._row(job_id)
            facts = self._providers[job.provider].facts
            requests = self._rooms.compose(self._store.trigger(job_id), _conditioning(job), facts, job_id, job.seed)
            limit = self._limits[job.provider].max_requests_per_job
            if facts.billable and len(requests) > limit:
                raise BudgetReached(
                    f"The clip takes {len(requests)} billable requests, and max_requests_per_job is {limit}; "
                    "ask for fewer takes or bars, or raise the limit in config.toml. Nothing was sent."
                )
            self._steps.save_requests(job_id, requests)
        self._finish(job_id)

    def submit(self, key: RequestKey, wait: Wait) -> None:
        """From composed by submitting to submitted: hand a request to its provider, the intent saved first."""
        with self._failing(lambda note: self._steps.fail_request(key, note)):
            request = self._request(key)
            provider, limits = self._providers[request.provider], self._limits[request.provider]
            billable = provider.facts.billable
            patience = _Patience(limits)
            while self._steps.save_intent(key, billable=billable, max_per_day=limits.max_requests_per_day):
                self._telling.follow(key.job_id)
                try:
                    self._steps.save_ticket(key, _send(provider, request.request, wait))
                    break
                except _MAY_HAVE_ARRIVED as problem:
                    if billable or not isinstance(problem, SubmissionUnknown):
                        raise
                    self._steps.withdraw_intent(key)
                    wait(patience.pause(problem))
                except (RateLimited, ProviderUnreachable) as problem:
                    self._steps.withdraw_intent(key)
                    wait(patience.pause(problem))
                except (BridgeError, Interrupted):
                    self._steps.withdraw_intent(key)
                    raise
        self._finish(key.job_id)

    def fetch(self, key: RequestKey, wait: Wait) -> None:
        """From submitted to generated: wait for a request's result and load it."""
        with self._failing(lambda note: self._steps.fail_request(key, note)):
            request = self._request(key)
            if request.ticket is None:
                raise LookupError(f"{key} is submitted, but has no ticket")
            provider = self._providers[request.provider]
            folder = self._folder(key.job_id) / f"take-{key.take}-section-{key.section}"
            with disk_errors(folder):
                folder.mkdir(parents=True, exist_ok=True)
            patience = _Patience(self._limits[request.provider])
            while True:
                try:
                    self._steps.save_result(key, provider.fetch(request.ticket, request.request, folder, wait))
                    break
                except (RateLimited, ProviderUnreachable) as problem:
                    wait(patience.pause(problem))
                except ProviderFailed:
                    if provider.facts.billable or key in self._sent_again:
                        raise
                    _log.info("Take %d is asked for again: its provider lost it, and it is free", key.take)
                    self._sent_again.add(key)
                    self._steps.drop_ticket(key)
                    break
        self._finish(key.job_id)

    def deliver(self, job_id: str, take: int) -> None:
        """From generated to delivered: fit a take and move it into the project."""
        with self._failing(lambda note: self._steps.fail_take(job_id, take, note)):
            job = self._row(job_id)
            rows = [row for row in self._store.requests(job_id) if row.key.take == take]
            made = Made(
                job_id=job_id,
                request_id=job.request_id,
                take=take,
                trigger=self._store.trigger(job_id),
                conditioning=_conditioning(job),
                requests=tuple(row.request for row in rows),
                results=tuple(row.result for row in rows if row.result is not None),
            )
            delivery, json_path = self._rooms.deliver(made)
            if not self._steps.save_take(delivery, str(json_path)):
                _log.info("Take %d came after the job was cancelled; it is taken out of the project again", take)
                for path in (Path(delivery.file), json_path):
                    with disk_errors(path):
                        path.unlink(missing_ok=True)
        self._finish(job_id)

    @contextmanager
    def _failing(self, fail: Callable[[ErrorNote], None]) -> Iterator[None]:
        """Store what a step meets as its failure; one that was interrupted is left where it is."""
        try:
            yield
        except Interrupted:
            pass
        except BridgeError as problem:
            fail(ErrorNote(code=problem.code, text=problem.text))
        except Exception:  # noqa: BLE001  a defect must end in a job that failed, not in a thread that died
            _log.exception("A step met a defect of the bridge")
            fail(ErrorNote(code="internal", text="The bridge met a defect of its own; its log has the details."))

    def _finish(self, job_id: str) -> None:
        """Tell what a step has brought; a job that is delivered needs its folder no more."""
        self._telling.follow(job_id)
        if self._store.state(job_id) == "delivered":
            shutil.rmtree(self._folder(job_id), ignore_errors=True)

    def _folder(self, job_id: str) -> Path:
        return self._home / "work" / job_id

    def _row(self, job_id: str) -> Job:
        job = self._store.job(job_id)
        if job is None:
            raise LookupError(f"{job_id} is not in the store")
        return job

    def _request(self, key: RequestKey) -> Request:
        request = self._store.request(key)
        if request is None:
            raise LookupError(f"{key} is not in the store")
        return request


_MAY_HAVE_ARRIVED = (SubmissionUnknown, ProviderFailed, TimedOut)


class _Patience:
    """How long one request is tried: the pauses between, each longer than the last, and their sum bounded."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._spent_seconds = 0.0
        self._next_seconds = 0.25

    def pause(self, problem: ProviderError) -> float:
        """Seconds until the next try; raises the problem when there is to be none."""
        limit = self._limits.unreachable_seconds
        seconds = self._next_seconds
        if isinstance(problem, RateLimited):
            limit = self._limits.rate_limited_seconds
            seconds = problem.retry_after_seconds if problem.retry_after_seconds is not None else max(2.0, seconds)
        if self._spent_seconds + seconds > limit:
            raise problem
        self._spent_seconds += seconds
        self._next_seconds = min(2 * self._next_seconds, 30.0)
        return seconds


def _send(provider: Provider, request: GenerationRequest, wait: Wait) -> Ticket:
    """Submit; a defect on the way leaves it unknown whether the request arrived."""
    try:
        return provider.submit(request, wait)
    except (BridgeError, Interrupted):
        raise
    except Exception as problem:
        _log.exception("A request may have been sent when the bridge met a defect")
        raise SubmissionUnknown(
            "The bridge met a defect of its own while it sent the request, so that may have been made and billed; "
            "look at your account, and retry the job if it was not."
        ) from problem


def _conditioning(job: Job) -> Conditioning:
    if job.conditioning is None:
        raise LookupError(f"{job.id} is rendered, but has no conditioning")
    return job.conditioning
