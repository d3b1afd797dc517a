"""The way of a job, step by step: render, compose, submit, fetch, deliver; each does one thing, saves it, tells it."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bridge.asking import Limits, Patience, keep, send
from bridge.errors import (
    BridgeError,
    BudgetReached,
    Internal,
    ProviderFailed,
    ProviderUnreachable,
    RateLimited,
    SubmissionUnknown,
    TimedOut,
)
from bridge.events import ErrorNote
from bridge.files import disk_errors
from bridge.model import Conditioning, Delivery, GenerationRequest, GenerationResult, Trigger
from bridge.protocol import OUTBOX_KEPT_DAYS
from bridge.providers import Interrupted, Provider, ProviderFacts, Wait
from bridge.store.changes import GONE
from bridge.store.rows import Job, Request, RequestKey
from bridge.store.steps import Steps
from bridge.store.store import DAY_SECONDS, Store
from bridge.telling import Telling

log = logging.getLogger(__name__)

_MAY_HAVE_ARRIVED = (SubmissionUnknown, ProviderFailed, TimedOut)


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


class Pipeline:
    """The steps. Each takes what lies in the store, and may be repeated after a crash.

    What a step meets is stored as its failure; it raises only what cannot be stored either.
    """

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
        self._rendering = threading.Lock()

    def recover(self) -> None:
        """Settle what the last daemon left in the middle, and tell what it did not."""
        lost = self._steps.recover()
        if lost:
            log.info("%d requests were being submitted when the last daemon ended", lost)
        for job_id in self._store.stranded(self._providers):
            self._steps.fail_job(job_id, GONE)
        for job_id in self._store.begun():
            self._finish(job_id)

    def sweep(self, now: float) -> None:
        """Remove what has not been touched for 30 days: working files of jobs that ended, or are unknown, and triggers.

        A trigger's JSON in the media folder is in the store since it was accepted, and Live cannot remove it itself.
        """
        for trigger in (self._home / "media").glob("*.json"):
            # One that cannot be removed is left alone, as a folder below.
            with suppress(OSError):
                if now - trigger.stat().st_mtime > OUTBOX_KEPT_DAYS * DAY_SECONDS:
                    trigger.unlink()
        for folder in (self._home / "work").glob("*/"):
            job = self._store.job(folder.name)
            if job is None or job.ended:
                # A folder that cannot be looked into is left alone.
                with suppress(OSError):
                    changed_at = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
                    if now - changed_at > OUTBOX_KEPT_DAYS * DAY_SECONDS:
                        shutil.rmtree(folder)

    def render(self, job_id: str) -> None:
        """From accepted to rendered: make the conditioning WAVs."""
        with self._failing(lambda note: self._steps.fail_job(job_id, note)):
            self._steps.save_conditioning(job_id, self._render(job_id))
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
            patience = Patience(limits)
            self._render_again_if_gone(request)
            while self._steps.save_intent(key, billable=billable, max_per_day=limits.max_requests_per_day):
                self._telling.follow(key.job_id)
                try:
                    ticket = send(provider, request.request, wait)
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
                else:
                    keep(partial(self._steps.save_ticket, key), ticket, wait)
                    break
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
            patience = Patience(self._limits[request.provider])
            while True:
                try:
                    result = provider.fetch(request.ticket, request.request, folder, wait)
                except (RateLimited, ProviderUnreachable) as problem:
                    wait(patience.pause(problem))
                except ProviderFailed:
                    if provider.facts.billable or key in self._sent_again:
                        raise
                    log.info("Take %d is asked for again: its provider lost it, and it is free", key.take)
                    self._sent_again.add(key)
                    self._steps.drop_ticket(key)
                    break
                else:
                    keep(partial(self._steps.save_result, key), result, wait)
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
                log.info("Take %d came after the job was cancelled; it is taken out of the project again", take)
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
        except Exception:
            log.exception("A step met a defect of the bridge")
            defect = Internal()
            fail(ErrorNote(code=defect.code, text=defect.text))

    def _finish(self, job_id: str) -> None:
        """Tell what a step has brought; a job that is delivered needs its folder no more."""
        self._telling.follow(job_id)
        if self._store.state(job_id) == "delivered":
            shutil.rmtree(self._folder(job_id), ignore_errors=True)

    def _render(self, job_id: str) -> Conditioning:
        facts = self._providers[self._row(job_id).provider].facts
        folder = self._folder(job_id)
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return self._rooms.render(self._store.trigger(job_id), facts, folder)

    def _render_again_if_gone(self, request: Request) -> None:
        """See that what is to be sent is in the job's folder; a job may be tried again long after it was emptied."""
        sent = request.request.conditioning
        with self._rendering:
            if sent is not None and not Path(sent.path).exists():
                log.info("Take %d is rendered again, for its working files are gone", request.key.take)
                self._render(request.key.job_id)

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


def _conditioning(job: Job) -> Conditioning:
    if job.conditioning is None:
        raise LookupError(f"{job.id} is rendered, but has no conditioning")
    return job.conditioning
