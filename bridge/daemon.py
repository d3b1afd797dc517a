"""The daemon: starts lock, store, engine, doors and workers in order, and stops them in reverse; nothing else."""

from __future__ import annotations

import logging
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path

from bridge import __version__
from bridge.asking import Limits
from bridge.config import LOCAL, Config, ProviderConfig, check_provider
from bridge.doors.folder import FolderDoor
from bridge.doors.osc import OscDoor
from bridge.engine_process import EngineProcess
from bridge.errors import DiskError, NotSupported, SetupError
from bridge.files import disk_errors
from bridge.homelock import HomeLock
from bridge.jobs import Jobs
from bridge.pipeline import Pipeline
from bridge.providers import Provider, ProviderFacts, facts_of, open_provider
from bridge.rooms import door_survey, the_rooms
from bridge.store.database import open_database
from bridge.store.doorbook import Doorbook
from bridge.store.steps import Steps
from bridge.store.store import Store
from bridge.telling import Telling
from bridge.workers import Workers

log = logging.getLogger(__name__)

_FOLDERS = ("inbox", "outbox", "media", "taken", "refused", "results", "undone", "work", "logs")
_SWITCH_SECONDS = 0.0005
_LOG_BYTES, _LOG_FILES = 2_000_000, 5
_FREE_PATIENCE_SECONDS, _BILLABLE_PATIENCE_SECONDS = 60.0, 15.0


@dataclass(frozen=True)
class Ready:
    """What the daemon says when every door is open; without an OSC door its port is 0."""

    osc_host: str
    osc_port: int
    provider: str
    home: Path


class Daemon:
    """Works on one home until it is stopped."""

    def __init__(
        self,
        home: Path,
        config: Config,
        *,
        with_osc: bool = True,
        clock: Callable[[], float] = time.time,
        chance: random.Random | None = None,
    ) -> None:
        self._home = home
        self._config = config
        self._with_osc = with_osc
        self._clock = clock
        self._chance = chance or random.SystemRandom()
        self._running = ExitStack()

    def start(self) -> Ready:
        """Start everything; when this returns, every door is open.

        Raises:
            SetupError: the configuration, the home, a port or another daemon is in the way; nothing runs then.
        """
        # Beside a busy thread, an answer over OSC took 23 ms with Python's usual interval of 5 ms.
        sys.setswitchinterval(_SWITCH_SECONDS)
        # A DAW plays beside us: numpy is to take no more than the thread that calls it, and no memory for others.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        try:
            return self._start()
        except DiskError as problem:
            self.stop()
            raise SetupError(problem.text) from problem
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop what runs, in the reverse order."""
        self._running.close()

    def _start(self) -> Ready:
        home, config, running = self._home, self._config, self._running
        check_provider(config)
        _make_folders(home)
        lock = HomeLock(home)
        lock.take()
        running.callback(lock.release)
        running.callback(_log_to(home / "logs" / "daemon.log"))

        database = open_database(home / "jobs.sqlite", self._clock)
        running.callback(database.close)
        store, doorbook = Store(database, self._clock), Doorbook(database, self._clock)

        engine = EngineProcess(home)
        running.callback(engine.stop)
        if config.provider == LOCAL:
            engine.start()
        providers = open_providers(config, home, engine)
        facts = {name: provider.facts for name, provider in providers.items()}

        work, telling = threading.Condition(), Telling(store)
        jobs = Jobs(
            store,
            telling,
            work,
            first_look=door_survey(config.files, home),
            providers=facts,
            config=config,
            home=home,
            clock=self._clock,
            chance=self._chance,
        )
        osc_port = self._open_osc(jobs, doorbook) if self._with_osc else 0
        self._open_folders(jobs, doorbook, store, osc_port)

        # Workers come after the doors, for what they tell at once must be heard.
        pipeline = Pipeline(
            store,
            Steps(database, self._clock),
            telling,
            the_rooms(config, home, self._clock),
            providers=providers,
            limits={name: _limits(_provider_configs(config)[name]) for name in providers},
            home=home,
        )
        pipeline.recover()
        pipeline.sweep(self._clock())
        workers = Workers(store, pipeline, telling, work, providers=facts)
        workers.start()
        running.callback(workers.stop)
        log.info("daw-bridge %s is ready: %s, provider %s", __version__, home, config.provider)
        return Ready(osc_host=config.osc.host, osc_port=osc_port, provider=config.provider, home=home)

    def _open_osc(self, jobs: Jobs, doorbook: Doorbook) -> int:
        door = OscDoor(
            self._config.osc,
            jobs,
            doorbook,
            version=__version__,
            media_folder=self._home / "media",
            provider=self._config.provider,
            clock=self._clock,
            roots=self._config.files.roots,
        )
        jobs.subscribe(door.tell)
        door.start()
        self._running.callback(door.stop)
        return door.port

    def _open_folders(self, jobs: Jobs, doorbook: Doorbook, store: Store, osc_port: int) -> None:
        door = FolderDoor(
            self._home,
            self._config.watch,
            jobs,
            doorbook,
            knows_job=store.knows_job,
            version=__version__,
            osc_port=osc_port,
            clock=self._clock,
        )
        jobs.subscribe(door.tell)
        door.start()
        self._running.callback(door.stop)


def open_providers(config: Config, home: Path, engine: EngineProcess) -> dict[str, Provider]:
    """Every configured provider by name, the embedded engine among them."""
    return {
        name: open_provider(name, settings, home, base_url=engine.url if name == LOCAL else None)
        for name, settings in _provider_configs(config).items()
    }


def facts_by_name(config: Config, name: str) -> ProviderFacts:
    """What a configured provider can do.

    Raises:
        NotSupported: none goes by that name.
    """
    settings = _provider_configs(config).get(name)
    if settings is None:
        raise NotSupported(f"The provider {name} is not configured; add [providers.{name}] to config.toml.")
    return facts_of(name, settings)


def _provider_configs(config: Config) -> dict[str, ProviderConfig]:
    """The configured providers, and the embedded engine, which needs no section."""
    local = ProviderConfig(url="", billable=False, extensions=True, private_network=True)
    return {LOCAL: local, **config.providers}


def _make_folders(home: Path) -> None:
    try:
        for name in _FOLDERS:
            (home / name).mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise SetupError(
            f"The home folder {home} cannot be made ({problem.strerror}); choose another with --home."
        ) from problem


def _limits(config: ProviderConfig) -> Limits:
    return Limits(
        max_requests_per_job=config.max_requests_per_job,
        max_requests_per_day=config.max_requests_per_day,
        rate_limited_seconds=config.timeout_seconds,
        unreachable_seconds=_BILLABLE_PATIENCE_SECONDS if config.billable else _FREE_PATIENCE_SECONDS,
    )


def _log_to(path: Path) -> Callable[[], None]:
    """Log to a file that is changed when it is full; worker threads bear their job's id in their name."""
    with disk_errors(path):
        handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s [%(threadName)s] %(name)s: %(message)s"))
    logger = logging.getLogger("bridge")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)

    def close() -> None:
        logger.removeHandler(handler)
        logger.setLevel(level)
        handler.close()

    return close
