"""Taking jobs in: what is offered is checked, held against the limits, and stored in one commit."""

from __future__ import annotations

import hashlib
import logging
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from bridge.config import Config
from bridge.errors import BadMessage, BridgeError, BudgetReached, Internal, NotAllowed, NotSupported, QueueFull
from bridge.events import Accepted
from bridge.model import Offer, Trigger
from bridge.providers import ProviderFacts
from bridge.store.rows import Known, NewJob
from bridge.store.store import Store
from bridge.telling import Telling

log = logging.getLogger(__name__)

_ID_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_ID_LENGTH = 8
_SEEDS = 2**31


@dataclass(frozen=True)
class FirstLook:
    """What is learnt of a clip before its job is stored.

    `inspect` checks the clip and gives the trigger with its real paths; `count` says how many requests of a provider
    the job will take.
    """

    inspect: Callable[[Trigger], Trigger]
    count: Callable[[Trigger, ProviderFacts], int]


class Accepting:
    """The way into the store; what is refused leaves nothing there. `work` wakes the workers."""

    def __init__(
        self,
        store: Store,
        telling: Telling,
        work: threading.Condition,
        *,
        first_look: FirstLook,
        providers: Mapping[str, ProviderFacts],
        config: Config,
        clock: Callable[[], float],
        chance: random.Random,
    ) -> None:
        self._store = store
        self._telling = telling
        self._work = work
        self._first_look = first_look
        self._providers = providers
        self._config = config
        self._clock = clock
        self._chance = chance
        self._one_batch = threading.Lock()

    def new_id(self) -> str:
        """Eight lower-case letters and digits: of a million million ids, one that no other job will have."""
        return "".join(self._chance.choices(_ID_LETTERS, k=_ID_LENGTH))

    def take_in(self, offers: Sequence[tuple[Offer, tuple[str, ...]]]) -> list[Accepted | BridgeError]:
        """Check and store offers, each with its listeners; what became of each, in their order."""
        wishes = [self._wish(offer, listeners) for offer, listeners in offers]
        try:
            with self._one_batch:
                outcomes = self._store_what_can_be(wishes)
        except BridgeError as problem:
            log.warning("Nothing can be accepted: %s", problem.text)
            return [problem] * len(offers)
        with self._work:
            self._work.notify_all()
        return outcomes

    def _wish(self, offer: Offer, listeners: tuple[str, ...]) -> _Wish:
        job_id = offer.job_id or self.new_id()
        return _Wish(offer, listeners, job_id, offer.trigger.request_id or job_id, _digest(offer.trigger))

    def _store_what_can_be(self, wishes: Sequence[_Wish]) -> list[Accepted | BridgeError]:
        known = self._store.known([wish.request_id for wish in wishes])
        room = self._config.queue.max_waiting - self._store.count_open()
        new: dict[str, NewJob] = {}
        outcomes = [self._consider(wish, known, new, room) for wish in wishes]
        with self._telling.order:
            self._store.add_jobs(list(new.values()))
            # Every door hears of every job: the outbox has a file for each, and a copied job's client is told.
            for job in new.values():
                self._telling.tell(_accepted(job.request_id, job))
        return outcomes

    def _consider(
        self, wish: _Wish, known: Mapping[str, Known], new: dict[str, NewJob], room: int
    ) -> Accepted | BridgeError:
        """Add a wish's job to `new`, unless it has one; whatever one wish meets must not lose the others."""
        try:
            job = self._earlier(wish, known, new)
            if job is None:
                job = new[wish.request_id.lower()] = self._job(wish, new, room)
            return _accepted(wish.request_id, job)
        except BridgeError as problem:
            return problem
        except Exception:
            log.exception("An offer of %s could not be considered", wish.offer.door)
            return Internal()

    def _earlier(self, wish: _Wish, known: Mapping[str, Known], new: Mapping[str, NewJob]) -> Known | NewJob | None:
        """The job of the same wish under the same request id, which is then told to its listeners too."""
        key = wish.request_id.lower()
        earlier = known.get(key) or new.get(key)
        if earlier is not None and earlier.digest != wish.digest:
            raise BadMessage(f"The request id {wish.request_id} belongs to another job; choose a new one.")
        if key in known:
            for reply_to in wish.listeners:
                self._store.add_reply_to(known[key].id, reply_to)
        return earlier

    def _job(self, wish: _Wish, new: Mapping[str, NewJob], room: int) -> NewJob:
        facts = self._provider(wish.offer.trigger)
        trigger = self._first_look.inspect(wish.offer.trigger)
        trigger = msgspec.structs.replace(trigger, request_id=wish.request_id)
        if len(new) >= room:
            raise QueueFull(
                f"{self._config.queue.max_waiting} jobs are waiting already; cancel some, or send it again later."
            )
        return NewJob(
            id=wish.job_id,
            request_id=wish.request_id,
            digest=wish.digest,
            trigger=msgspec.json.encode(trigger),
            door=wish.offer.door,
            provider=facts.name,
            billable=facts.billable,
            billable_requests=self._billable(trigger, facts, wish.offer.may_spend, new) if facts.billable else 0,
            created_at=self._clock(),
            seed=self._chance.randrange(_SEEDS) if trigger.ask.seed is None else trigger.ask.seed,
            asked=trigger.ask.takes,
            reply_tos=tuple(dict.fromkeys(filter(None, wish.listeners))),
        )

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
        wanted = self._first_look.count(trigger, facts)
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


class _Wish(NamedTuple):
    """An offer, and by what its job will go."""

    offer: Offer
    listeners: tuple[str, ...]
    job_id: str
    request_id: str
    digest: bytes


def _digest(trigger: Trigger) -> bytes:
    """What tells one wish from another, whatever its request id."""
    content = msgspec.json.encode(msgspec.structs.replace(trigger, request_id=""))
    return hashlib.blake2b(content, digest_size=16).digest()


def _accepted(request_id: str, job: Known | NewJob) -> Accepted:
    return Accepted(request_id=request_id, job_id=job.id, billable_requests=job.billable_requests)
