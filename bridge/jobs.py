"""What doors ask of jobs: accept, find, show, cancel, retry, again, undo."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from bridge.accepting import Accepting, FirstLook
from bridge.config import Config
from bridge.errors import AlreadyImported, BadMessage, BridgeError, NotSupported, UnknownJob
from bridge.events import Accepted, Changed, ErrorNote, Event, Failed, JobView, Rejected, ToldTake
from bridge.files import add_whole, copy_whole, disk_errors
from bridge.model import Delivery, Offer
from bridge.protocol import FINAL_STATES
from bridge.providers import ProviderFacts
from bridge.store.changes import GONE
from bridge.store.rows import Job, Take
from bridge.store.store import Store
from bridge.telling import Listener, Telling, done_of, ended_of, progress_of

log = logging.getLogger(__name__)


class Jobs:
    """The jobs as doors see them. `work` wakes the workers."""

    def __init__(
        self,
        store: Store,
        telling: Telling,
        work: threading.Condition,
        *,
        first_look: FirstLook,
        providers: Mapping[str, ProviderFacts],
        config: Config,
        home: Path,
        clock: Callable[[], float],
        chance: random.Random,
    ) -> None:
        self._store = store
        self._telling = telling
        self._work = work
        self._providers = providers
        self._home = home
        self._accepting = Accepting(
            store,
            telling,
            work,
            first_look=first_look,
            providers=providers,
            config=config,
            clock=clock,
            chance=chance,
        )

    def new_id(self) -> str:
        """An id that no job has: eight lower-case letters and digits."""
        return self._accepting.new_id()

    def accept(self, offers: Sequence[Offer]) -> list[Accepted | Rejected]:
        """Take in what may be taken in, in one commit; the outcomes are in the offers' order."""
        outcomes = self._accepting.take_in([(offer, (offer.reply_to,)) for offer in offers])
        return [
            outcome if isinstance(outcome, Accepted) else _rejected(offer, outcome)
            for offer, outcome in zip(offers, outcomes, strict=True)
        ]

    def again(
        self,
        job_id: str,
        *,
        request_id: str,
        prompt: str,
        door: Literal["osc", "inbox", "watch", "command"],
        reply_to: str,
        may_spend: bool = True,
    ) -> Accepted:
        """The same wish with a new seed, told to the asker and to the copied job's listeners.

        Without an id it is the last delivered job of any door.

        Raises:
            UnknownJob: there is no such job, or nothing was delivered yet.
            BridgeError: what `accept` would reject.
        """
        copied = job_id or self._store.last_delivered()
        if copied is None:
            raise UnknownJob("Nothing was delivered yet, so there is nothing to do again; name a job.")
        self._job(copied)
        trigger = self._store.trigger(copied)
        ask = msgspec.structs.replace(trigger.ask, seed=None, prompt=prompt or trigger.ask.prompt)
        offer = Offer(
            trigger=msgspec.structs.replace(trigger, request_id=request_id, ask=ask),
            door=door,
            reply_to=reply_to,
            may_spend=may_spend,
        )
        (outcome,) = self._accepting.take_in([(offer, (reply_to, *self._store.reply_tos(copied)))])
        if isinstance(outcome, BridgeError):
            raise outcome
        return outcome

    def find(self, job_id: str, request_id: str) -> str:
        """The id of the job that is meant: by its id, else by its request id.

        Raises:
            UnknownJob: no job goes by it.
        """
        if job_id:
            return self._job(job_id).id
        known = self._store.known([request_id]).get(request_id.lower())
        if known is None:
            raise UnknownJob(f"No job goes by the request id {request_id or '(empty)'}; send its job id.")
        return known.id

    def cancel(self, job_id: str) -> None:
        """Cancel what has not ended; what was paid for can still be had by retry."""
        self._job(job_id)
        self._change(job_id, self._store.cancel, "is cancelled")

    def retry(self, job_id: str) -> None:
        """Go on with what failed or was cancelled; what has a ticket is fetched without paying again.

        Raises:
            UnknownJob: there is no such job.
            NotSupported: its provider is no longer configured.
        """
        if self._job(job_id).provider not in self._providers:
            raise NotSupported(GONE.text)
        self._change(job_id, self._store.retry, "is tried again")

    def undo(self, job_id: str, *, force: bool = False) -> None:
        """Move a job's takes out of the project into `<home>/undone/`.

        Raises:
            AlreadyImported: the DAW has imported one of them, and `force` is not set; nothing was moved.
            DiskFull, NotWritable: a take could not be copied there, or not removed from the project.
        """
        job = self._job(job_id)
        with self._telling.order:
            takes = [take for take in self._store.takes(job_id) if not take.undone]
            for take in takes:
                if take.imported is not None and not force:
                    raise AlreadyImported(
                        f"Take {take.take} of job {job_id} is in the song ({take.imported or take.delivery.file}); "
                        "remove it there first, or undo with --force."
                    )
            for take in takes:
                delivery, json_path = _copy_aside(take, self._home / "undone")
                self._store.mark_undone(job_id, take.take, delivery, json_path)
                for path in (Path(take.delivery.file), Path(take.json_path)):
                    with disk_errors(path):
                        path.unlink(missing_ok=True)
                log.info("Job %s: take %d lies now at %s", job_id, take.take, delivery.file)
            if takes:
                self._telling.tell(Changed(request_id=job.request_id, job_id=job_id))

    def imported(self, job_id: str, take: int, where: str) -> None:
        """Note where the DAW has put a take.

        Raises:
            UnknownJob, BadMessage: there is no such job or take.
        """
        job = self._job(job_id)
        with self._telling.order:
            if not self._store.mark_imported(job_id, take, where):
                raise BadMessage(f"Job {job_id} has no take {take}; send the take's number as /bridge/done told it.")
            self._telling.tell(Changed(request_id=job.request_id, job_id=job_id))

    def view(self, job_id: str) -> JobView:
        """A job's present state."""
        job = self._job(job_id)
        with self._telling.order:
            state = self._store.state(job_id)
            origin = self._store.origin(job_id)
            takes = self._store.takes(job_id)
            return JobView(
                request_id=job.request_id,
                job_id=job_id,
                state=state,
                progress=1.0 if state == "delivered" else job.progress,
                stage=state,
                error=self._error(job) if state not in ("delivered", "cancelled") else None,
                takes=tuple(map(_told_take, takes)),
                asked=job.asked,
                position=origin.position,
                source=origin.source,
            )

    def newest(self, limit: int) -> list[JobView]:
        """The newest jobs, newest first."""
        return [self.view(job_id) for job_id in self._store.newest(limit)]

    def replay(self, job_id: str, request_id: str) -> list[Event]:
        """A job's life so far under this request id: accepted, its takes, then its progress or its end."""
        with self._telling.order:
            job = self._job(job_id)
            state = self._store.state(job_id)
            takes = self._store.takes(job_id)
            told: list[Event] = [
                Accepted(request_id=request_id, job_id=job_id, billable_requests=job.billable_requests)
            ]
            told += [done_of(request_id, take) for take in takes if not take.undone]
            if state not in FINAL_STATES:
                return [*told, msgspec.structs.replace(progress_of(job, state), request_id=request_id)]
            error = self._error(job)
            if error is not None and state in ("failed", "partial"):
                told.append(Failed(request_id=request_id, job_id=job_id, code=error.code, text=error.text))
            return [*told, ended_of(request_id, job, state, takes)]

    def listeners_of(self, job_id: str) -> tuple[str, ...]:
        """The reply_to texts of those who are told about a job."""
        return self._store.reply_tos(job_id)

    def delivered(self, sha256: str) -> bool:
        """Whether a file with this content is one of our own takes."""
        return self._store.job_of_take(sha256) is not None

    def of_take(self, sha256: str) -> str:
        """The id of the job that delivered a file with this content.

        Raises:
            UnknownJob: no take of ours has it.
        """
        job_id = self._store.job_of_take(sha256)
        if job_id is None:
            raise UnknownJob("That file is no take of this home's jobs, or it was changed since.")
        return job_id

    def subscribe(self, listener: Listener) -> None:
        """Hear every event of every job from now on; a listener that raises is logged."""
        self._telling.subscribe(listener)

    def _change(self, job_id: str, change: Callable[[str], bool], becomes: str) -> None:
        """Store the user's word on a job, tell what comes of it, and wake the workers."""
        with self._telling.order:
            if change(job_id):
                log.info("Job %s %s", job_id, becomes)
            self._telling.follow(job_id)
        with self._work:
            self._work.notify_all()

    def _job(self, job_id: str) -> Job:
        job = self._store.job(job_id)
        if job is None:
            raise UnknownJob(f"No job goes by the id {job_id}; `daw-bridge jobs` lists them.")
        return job

    def _error(self, job: Job) -> ErrorNote | None:
        """What went wrong with a job, or first with one of its takes."""
        if job.error is not None:
            return job.error
        return next((r.error for r in self._store.requests(job.id) if r.error and r.state == "failed"), None)


def _rejected(offer: Offer, problem: BridgeError) -> Rejected:
    return Rejected(request_id=offer.trigger.request_id or offer.job_id, code=problem.code, text=problem.text)


def _told_take(take: Take) -> ToldTake:
    fields = msgspec.structs.asdict(take.delivery)
    return ToldTake(**fields, undone=take.undone, imported=take.imported)


def _copy_aside(take: Take, folder: Path) -> tuple[Delivery, str]:
    """Copy a take and its JSON to a folder, never over other files; the take as it lies there.

    It is copied, for the project may lie on another disk. A file that the user has removed is no hindrance.
    """
    source, delivery = Path(take.delivery.file), take.delivery
    if source.exists():
        delivery = msgspec.structs.replace(delivery, file=str(copy_whole(source, folder, source.name)))
    note = msgspec.json.format(msgspec.json.encode(delivery), indent=2)
    return delivery, str(add_whole(note, folder, Path(delivery.file).with_suffix(".json").name))
