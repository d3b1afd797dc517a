"""What doors ask of jobs: accept, find, show, cancel, retry, again, undo."""

from __future__ import annotations

import hashlib
import logging
import random
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from bridge.config import Config
from bridge.errors import (
    AlreadyImported,
    BadMessage,
    BridgeError,
    BudgetReached,
    NotAllowed,
    NotSupported,
    QueueFull,
    UnknownJob,
)
from bridge.files import disk_errors, place_whole, write_whole
from bridge.model import (
    Accepted,
    Changed,
    Delivery,
    ErrorNote,
    Event,
    Failed,
    JobView,
    Offer,
    Rejected,
    ToldTake,
    Trigger,
)
from bridge.providers import ProviderFacts
from bridge.store.rows import Job, NewJob, Take
from bridge.store.states import FINAL
from bridge.store.store import Store
from bridge.telling import Listener, Telling, done_of, ended_of, progress_of

_log = logging.getLogger(__name__)

_ID_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_ID_LENGTH = 8
_SEEDS = 2**31

Outcome = Accepted | Rejected


@dataclass(frozen=True)
class Survey:
    """What a door may learn of a clip without listening to it.

    `inspect` checks the clip and gives the trigger with its real paths; `count` says how many requests of a provider
    the job will take.
    """

    inspect: Callable[[Trigger], Trigger]
    count: Callable[[Trigger, ProviderFacts], int]


class Jobs:
    """The jobs as doors see them. `work` wakes the workers."""

    def __init__(
        self,
        store: Store,
        telling: Telling,
        work: threading.Condition,
        *,
        survey: Survey,
        providers: Mapping[str, ProviderFacts],
        config: Config,
        home: Path,
        clock: Callable[[], float],
        chance: random.Random,
    ) -> None:
        self._store = store
        self._telling = telling
        self._work = work
        self._survey = survey
        self._providers = providers
        self._config = config
        self._home = home
        self._clock = clock
        self._chance = chance
        self._accepting = threading.Lock()

    def new_id(self) -> str:
        """An id that no job has: eight lower-case letters and digits."""
        while True:
            job_id = "".join(self._chance.choices(_ID_LETTERS, k=_ID_LENGTH))
            if not self._store.knows_job(job_id):
                return job_id

    def accept(self, offers: Sequence[Offer]) -> list[Outcome]:
        """Take in what may be taken in, in one commit; the outcomes are in the offers' order."""
        return self._take_in([(offer, (offer.reply_to,)) for offer in offers])[0]

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
        (outcome,), problems = self._take_in([(offer, (reply_to, *self._store.reply_tos(copied)))])
        if isinstance(outcome, Rejected):
            raise problems[0]
        return outcome

    def find(self, job_id: str, request_id: str) -> str:
        """The id of the job that is meant: by its id, else by its request id.

        Raises:
            UnknownJob: no job goes by it.
        """
        if job_id:
            return self._job(job_id).id
        known = self._store.known(request_id) if request_id else None
        if known is None:
            raise UnknownJob(f"No job goes by the request id {request_id or '(empty)'}; send its job id.")
        return known.job_id

    def cancel(self, job_id: str) -> None:
        """Cancel what has not ended; what was paid for can still be had by retry."""
        self._job(job_id)
        with self._telling.order:
            if self._store.cancel(job_id):
                _log.info("Job %s is cancelled", job_id)
            self._telling.follow(job_id)
        with self._work:
            self._work.notify_all()

    def retry(self, job_id: str) -> None:
        """Go on with what failed or was cancelled; what has a ticket is fetched without paying again."""
        self._job(job_id)
        with self._telling.order:
            if self._store.retry(job_id):
                _log.info("Job %s is tried again", job_id)
            self._telling.follow(job_id)
        with self._work:
            self._work.notify_all()

    def undo(self, job_id: str, *, force: bool = False) -> None:
        """Move a job's takes out of the project into `<home>/undone/`.

        Raises:
            AlreadyImported: the DAW has imported one of them, and `force` is not set; nothing was moved.
            DiskFull, NotWritable: a take could not be moved.
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
                delivery, json_path = _put_aside(take, self._home / "undone")
                self._store.mark_undone(job_id, take.take, delivery, json_path)
                _log.info("Job %s: take %d lies now at %s", job_id, take.take, delivery.file)
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
            trigger = self._store.trigger(job_id)
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
                position=trigger.position,
                source=trigger.source,
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
            if state not in FINAL:
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

    def _take_in(self, offers: Sequence[tuple[Offer, tuple[str, ...]]]) -> tuple[list[Outcome], list[BridgeError]]:
        """Check and store offers, each with its listeners; the outcomes, and what the rejected ones met."""
        with self._accepting:
            room = self._config.queue.max_waiting - self._store.count_open()
            new: dict[str, NewJob] = {}
            outcomes: list[Outcome] = []
            problems: list[BridgeError] = []
            for offer, listeners in offers:
                try:
                    outcomes.append(self._consider(offer, listeners, new, room))
                except BridgeError as problem:
                    problems.append(problem)
                    outcomes.append(_rejected(offer, problem))
                except Exception:  # noqa: BLE001  a defect met in one offer must not lose the others
                    _log.exception("An offer of %s could not be considered", offer.door)
                    defect = BridgeError("The bridge met a defect of its own; its log has the details.")
                    problems.append(defect)
                    outcomes.append(_rejected(offer, defect))
            with self._telling.order:
                try:
                    self._store.add_jobs(list(new.values()))
                except BridgeError as problem:
                    _log.warning("Nothing can be accepted: %s", problem.text)
                    problems = [problem] * len(offers)
                    outcomes = [_rejected(offer, problem) for offer, _ in offers]
                else:
                    # Every door hears of every job: the outbox has a file for each, and a copied job's client is told.
                    for job in new.values():
                        self._telling.tell(_accepted(job.request_id, job.id, job.billable_requests))
        with self._work:
            self._work.notify_all()
        return outcomes, problems

    def _consider(self, offer: Offer, listeners: tuple[str, ...], new: dict[str, NewJob], room: int) -> Accepted:
        """Check one offer and add its job to `new`; the same wish under the same request id is the same job."""
        job_id = offer.job_id or self.new_id()
        request_id = offer.trigger.request_id or job_id
        digest = _digest(offer.trigger)
        earlier = new.get(request_id.lower())
        known = self._store.known(request_id)
        if known is not None or earlier is not None:
            same = (known.digest if known else earlier.digest if earlier else b"") == digest
            if not same:
                raise BadMessage(f"The request id {request_id} belongs to another job; choose a new one.")
            if known is not None:
                for reply_to in listeners:
                    self._store.add_reply_to(known.job_id, reply_to)
                return _accepted(request_id, known.job_id, known.billable_requests)
            if earlier is not None:
                return _accepted(request_id, earlier.id, earlier.billable_requests)
        facts = self._provider(offer.trigger)
        trigger = msgspec.structs.replace(self._survey.inspect(offer.trigger), request_id=request_id)
        if len(new) >= room:
            raise QueueFull(
                f"{self._config.queue.max_waiting} jobs are waiting already; cancel some, or send it again later."
            )
        job = NewJob(
            id=job_id,
            request_id=request_id,
            digest=digest,
            trigger=msgspec.json.encode(trigger),
            door=offer.door,
            provider=facts.name,
            billable=facts.billable,
            billable_requests=self._billable(trigger, facts, offer.may_spend, new) if facts.billable else 0,
            created_at=self._clock(),
            seed=self._chance.randrange(_SEEDS) if trigger.ask.seed is None else trigger.ask.seed,
            asked=trigger.ask.takes,
            reply_tos=tuple(dict.fromkeys(filter(None, listeners))),
        )
        new[request_id.lower()] = job
        return _accepted(request_id, job_id, job.billable_requests)

    def _provider(self, trigger: Trigger) -> ProviderFacts:
        name = trigger.ask.provider or self._config.provider
        facts = self._providers.get(name)
        if facts is None:
            raise NotSupported(
                f"ask.provider {name} is not configured; add [providers.{name}] to config.toml, or choose one of "
                f"{', '.join(sorted(self._providers))}."
            )
        missing = [extra for extra in trigger.ask.extras if extra not in facts.extras]
        if missing:
            raise NotSupported(
                f"ask.extras ({', '.join(missing)}) cannot be had from the provider {name} in this version; "
                "leave them out."
            )
        return facts

    def _billable(self, trigger: Trigger, facts: ProviderFacts, may_spend: bool, new: Mapping[str, NewJob]) -> int:
        """How many requests a job will be billed for, within the limits."""
        if not may_spend:
            raise NotAllowed(
                f"The provider {facts.name} costs money, and this sender may not spend any; allow it in config.toml "
                "(osc.allow_billable, or paid of the watch), or use the provider local."
            )
        limits = self._config.providers[facts.name]
        wanted = self._survey.count(trigger, facts)
        if wanted > limits.max_requests_per_job:
            raise BudgetReached(
                f"The job would take {wanted} billable requests, and max_requests_per_job is "
                f"{limits.max_requests_per_job}; ask for fewer takes or bars, or raise the limit in config.toml."
            )
        made = self._store.count_billable(facts.name)
        made += sum(job.billable_requests for job in new.values() if job.provider == facts.name)
        if made + wanted > limits.max_requests_per_day:
            raise BudgetReached(
                f"The job would take {wanted} billable requests, {made} were made or promised in the last 24 hours, "
                f"and max_requests_per_day is {limits.max_requests_per_day}; try later, or raise it in config.toml."
            )
        return wanted

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


def _digest(trigger: Trigger) -> bytes:
    """What tells one wish from another, whatever its request id."""
    content = msgspec.json.encode(msgspec.structs.replace(trigger, request_id=""))
    return hashlib.blake2b(content, digest_size=16).digest()


def _accepted(request_id: str, job_id: str, billable_requests: int) -> Accepted:
    return Accepted(request_id=request_id, job_id=job_id, billable_requests=billable_requests)


def _rejected(offer: Offer, problem: BridgeError) -> Rejected:
    return Rejected(request_id=offer.trigger.request_id or offer.job_id, code=problem.code, text=problem.text)


def _told_take(take: Take) -> ToldTake:
    fields = msgspec.structs.asdict(take.delivery)
    return ToldTake(**fields, undone=take.undone, imported=take.imported)


def _put_aside(take: Take, folder: Path) -> tuple[Delivery, str]:
    """Move a take and its JSON to a folder, never over other files; the take as it lies there.

    It is copied, then removed, for the project may lie on another disk. A file that is gone already is no hindrance.
    """
    source, note = Path(take.delivery.file), Path(take.json_path)
    delivery = take.delivery
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if source.exists():
        part = folder / f"{take.job_id}-{take.take}.part"
        with disk_errors(part):
            shutil.copyfile(source, part)
        delivery = msgspec.structs.replace(delivery, file=str(place_whole(part, folder, source.name)))
    part = folder / f"{take.job_id}-{take.take}.json.part"
    write_whole(part, msgspec.json.format(msgspec.json.encode(delivery), indent=2))
    placed = place_whole(part, folder, Path(delivery.file).with_suffix(".json").name)
    with disk_errors(source):
        source.unlink(missing_ok=True)
        note.unlink(missing_ok=True)
    return delivery, str(placed)
