"""Store, jobs, pipeline and workers on a folder of their own, with simple rooms and providers in memory."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bridge.accepting import FirstLook
from bridge.asking import Limits
from bridge.config import Config, ProviderConfig, QueueConfig
from bridge.errors import MissingFile
from bridge.events import Done, Ended, Event, Failed, Progress
from bridge.jobs import Jobs
from bridge.model import (
    Ask,
    Clip,
    Conditioning,
    Delivery,
    GenerationRequest,
    Note,
    Offer,
    Section,
    Song,
    SoundFile,
    Trigger,
)
from bridge.pipeline import Made, Pipeline, Rooms
from bridge.providers import ProviderFacts
from bridge.store.database import open_database
from bridge.store.steps import Steps
from bridge.store.store import Store
from bridge.telling import Telling
from bridge.workers import Workers
from tests.fakes.clock import FakeClock
from tests.fakes.fake_provider import FakeProvider


class SimpleRooms:
    """Rooms that make small files and remember what they did; `*_acts` are done, or raised, call by call."""

    def __init__(self, project: Path, sections: int = 1) -> None:
        self.project = project
        self.sections = sections
        self.calls: list[str] = []
        self.render_acts: list[Exception | Callable[[], None] | None] = []
        self.deliver_acts: list[Exception | Callable[[], None] | None] = []

    def rooms(self) -> Rooms:
        return Rooms(render=self.render, compose=self.compose, deliver=self.deliver)

    def render(self, trigger: Trigger, facts: ProviderFacts, folder: Path) -> Conditioning:
        self.calls.append(f"render {folder.name}")
        _act(self.render_acts)
        files = []
        for number in range(self.sections):
            path = folder / f"section-{number}.wav"
            path.write_bytes(b"RIFF")
            files.append(SoundFile(path=str(path), sha256="conditioning", seconds=8.0))
        return Conditioning(
            song=Song(seconds=8.0 * self.sections),
            sections=tuple(Section(start_seconds=8.0 * n, seconds=8.0) for n in range(self.sections)),
            files=tuple(files),
            sha256="conditioning",
        )

    def compose(
        self, trigger: Trigger, conditioning: Conditioning, facts: ProviderFacts, job_id: str, seed: int
    ) -> Sequence[GenerationRequest]:
        self.calls.append(f"compose {job_id}")
        return [
            GenerationRequest(
                job_id=job_id,
                take=take,
                section=section,
                provider=facts.name,
                prompt=trigger.ask.prompt,
                seconds=8.0,
                conditioning=conditioning.files[section],
                seed=seed + take,
            )
            for take in range(1, trigger.ask.takes + 1)
            for section in range(len(conditioning.sections))
        ]

    def deliver(self, made: Made) -> tuple[Delivery, Path]:
        self.calls.append(f"deliver {made.job_id} {made.take}")
        _act(self.deliver_acts)
        wav = self.project / f"{made.job_id}-{made.take}.wav"
        note = wav.with_suffix(".json")
        with wav.open("xb") as file, note.open("x"):
            file.write(b"".join(Path(result.file.path).read_bytes() for result in made.results))
        delivery = Delivery(
            job_id=made.job_id,
            request_id=made.request_id,
            take=made.take,
            takes=made.trigger.ask.takes,
            file=str(wav),
            sha256=f"sha256-{made.job_id}-{made.take}",
            bpm=None,
            bpm_source="",
            beats=None,
            time_signature=(4, 4),
            key=None,
            key_source="",
            seconds=8.0,
            sample_rate=48_000,
            prompt=made.trigger.ask.prompt,
            mode="variation",
            seed=made.requests[0].seed,
            provider=made.requests[0].provider,
            provider_ids=tuple(result.provider_id for result in made.results),
            conditioning_sha256=made.conditioning.sha256,
            source=made.trigger.source,
            position=None,
            fit={},
            created="now",
        )
        return delivery, note


class SmallBridge:
    """Everything between a door and a provider. Without `start` nothing moves: tests take the steps themselves."""

    def __init__(
        self,
        home: Path,
        *providers: FakeProvider,
        sections: int = 1,
        max_waiting: int = 1000,
        limits: Limits | None = None,
        progress_interval_seconds: float = 0.02,
        clock: FakeClock | None = None,
    ) -> None:
        self.home = home
        self.clock = clock or FakeClock()
        self.providers = {provider.facts.name: provider for provider in providers or (FakeProvider(),)}
        first = next(iter(self.providers))
        self.limits = limits or Limits(rate_limited_seconds=1.0, unreachable_seconds=1.0)
        project = home / "project"
        project.mkdir(parents=True, exist_ok=True)
        self.rooms = SimpleRooms(project, sections)
        self.database = open_database(home / "jobs.sqlite", self.clock)
        self.store = Store(self.database, self.clock)
        self.steps = Steps(self.database, self.clock)
        self.work = threading.Condition()
        self.telling = Telling(self.store)
        self.events: list[Event] = []
        self._heard = threading.Condition()
        self.telling.subscribe(self._hear)
        facts = {name: provider.facts for name, provider in self.providers.items()}
        config = Config(
            provider=first,
            providers={
                name: ProviderConfig(
                    max_requests_per_job=self.limits.max_requests_per_job,
                    max_requests_per_day=self.limits.max_requests_per_day,
                )
                for name in self.providers
            },
            queue=QueueConfig(max_waiting=max_waiting),
        )
        self.jobs = Jobs(
            self.store,
            self.telling,
            self.work,
            first_look=FirstLook(inspect=inspect, count=lambda trigger, _facts: trigger.ask.takes * sections),
            providers=facts,
            config=config,
            home=home,
            clock=self.clock,
            chance=random.Random(len(self.store.newest(1000))),
        )
        self.pipeline = Pipeline(
            self.store,
            self.steps,
            self.telling,
            self.rooms.rooms(),
            providers=self.providers,
            limits=dict.fromkeys(self.providers, self.limits),
            home=home,
        )
        self.workers = Workers(
            self.store,
            self.pipeline,
            self.telling,
            self.work,
            providers=facts,
            progress_interval_seconds=progress_interval_seconds,
        )

    def start(self) -> None:
        """Do as the daemon does: settle what is left over, then work."""
        self.pipeline.recover()
        self.workers.start()

    def stop(self) -> None:
        """Stop the workers and close the file."""
        self.workers.stop()
        self.database.close()

    def wait_for(self, wanted: Callable[[list[Event]], bool]) -> list[Event]:
        """Wait until the events so far are as wanted, and give them."""
        with self._heard:
            assert self._heard.wait_for(lambda: wanted(self.events), 10.0), self.events
            return list(self.events)

    def wait_for_end(self, job_id: str) -> list[Event]:
        """Wait for a job's last word, and give all that was told of it."""
        self.wait_for(lambda events: any(isinstance(e, Ended) and e.job_id == job_id for e in events))
        return [event for event in self.events if getattr(event, "job_id", "") == job_id]

    def _hear(self, event: Event) -> None:
        with self._heard:
            self.events.append(event)
            self._heard.notify_all()


def offer(
    request_id: str = "",
    *,
    takes: int = 1,
    prompt: str = "marimba",
    provider: str = "",
    seed: int | None = None,
    reply_to: str = "here",
    may_spend: bool = True,
    **ask: Any,
) -> Offer:
    """A wish as a door hands it in."""
    trigger = Trigger(
        schema=1,
        request_id=request_id,
        clip=Clip(notes=(Note(pitch=60, start=0.0, duration=1.0),)),
        source={"client": "test"},
        ask=Ask(prompt=prompt, takes=takes, provider=provider, seed=seed, **ask),
    )
    return Offer(trigger=trigger, door="osc", reply_to=reply_to, may_spend=may_spend)


def inspect(trigger: Trigger) -> Trigger:
    """Look at the clip: a prompt of `missing` stands for a file that is not there, `defect` for one of our own."""
    if trigger.ask.prompt == "missing":
        raise MissingFile("/a.wav is not there; check the path.")
    if trigger.ask.prompt == "defect":
        raise ZeroDivisionError
    return trigger


def told(events: Sequence[Event]) -> list[str]:
    """Events in few words; progress by its state, each state once."""
    words: list[str] = []
    for event in events:
        match event:
            case Progress(stage=stage):
                word = stage
            case Done(delivery=delivery):
                word = f"done {delivery.take}"
            case Failed(code=code):
                word = f"failed {code}"
            case Ended(state=state, delivered=delivered, asked=asked):
                word = f"ended {state} {delivered}/{asked}"
            case _:
                word = type(event).__name__.lower()
        if not words or words[-1] != word:
            words.append(word)
    return words


class OtherProgram:
    """Holds the store's file from `take` to `leave`; what the bridge would write meanwhile fails at once."""

    def __init__(self, bridge: SmallBridge) -> None:
        self._connection = sqlite3.connect(
            bridge.home / "jobs.sqlite", isolation_level=None, check_same_thread=False, timeout=10.0
        )
        with bridge.database.writing() as connection:
            connection.execute("PRAGMA busy_timeout = 0")

    def take(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def leave(self) -> None:
        self._connection.close()


def _act(acts: list[Exception | Callable[[], None] | None]) -> None:
    act = acts.pop(0) if acts else None
    if isinstance(act, Exception):
        raise act
    if act is not None:
        act()
