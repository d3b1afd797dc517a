"""The port to whoever makes the music: two verbs, submit and fetch; opening one loads nothing heavy."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from bridge.config import LOCAL, ProviderConfig
from bridge.contract import MAX_TOKENS, V6_MAX_SECONDS, seconds_for
from bridge.credentials import find_key, seek_key
from bridge.model import Extra, GenerationRequest, GenerationResult, Ticket, Value

Wait = Callable[[float], None]
"""Sleeps for that many seconds, or raises Interrupted; 0 only looks whether it should."""

TAIL_SECONDS = 0.25
NO_KEY = "no-key-needed"


class Interrupted(Exception):
    """The user cancelled, or the daemon stops: leave what you do, the ticket is kept."""


class ProviderFacts(Value, frozen=True, kw_only=True):
    """What the stages before a provider must know of it.

    `extras` are what it makes beside the mix. Music lasts at most `max_seconds`. Where it fits, `tail_seconds` more
    than asked are made, so that seams can be joined.
    """

    name: str
    billable: bool
    extensions: bool
    extras: tuple[Extra, ...] = ()
    max_seconds: float
    tail_seconds: float
    parallel: int


class Provider(Protocol):
    """Whoever makes the music."""

    @property
    def facts(self) -> ProviderFacts:
        """What it can do."""

    def submit(self, request: GenerationRequest, wait: Wait | None = None) -> Ticket:
        """Ask for music, once; only where nothing was sent at all is it tried again, with pauses by `wait`.

        Raises:
            ProviderUnreachable: nothing was sent.
            SubmissionUnknown: the request may have arrived, its answer was lost.
            BadKey, NoCredit, RateLimited, ProviderFailed: the service refused; nothing is being made.
        """

    def fetch(self, ticket: Ticket, request: GenerationRequest, folder: Path, wait: Wait) -> GenerationResult:
        """Wait for the music and load it into `folder`; may be called again with the same ticket, and pays nothing.

        Raises:
            ProviderFailed: the service says that the generation failed.
            TimedOut: it is not ready yet, or cannot be reached; the ticket stays good.
            BadResult, NotAllowed: what came, or where it lies, is no good.
            BadKey, NoCredit: the service refuses to tell.
            DiskFull, NotWritable: it could not be kept.
            Interrupted: by `wait`.
        """


def facts_of(name: str, config: ProviderConfig) -> ProviderFacts:
    """What is known of a provider by its configuration alone."""
    return ProviderFacts(
        name=name,
        billable=config.billable,
        extensions=config.extensions,
        max_seconds=V6_MAX_SECONDS if config.api == "v6" else seconds_for(MAX_TOKENS),
        tail_seconds=TAIL_SECONDS,
        parallel=config.parallel,
    )


def open_provider(
    name: str,
    config: ProviderConfig,
    home: Path,
    *,
    base_url: Callable[[], str] | None = None,
    clock: Callable[[], float] = time.time,
    jitter: Callable[[], float] = random.random,
) -> Provider:
    """The provider of one `[providers.NAME]` table; `base_url` stands for its url where that can move.

    Its API key is looked for when it is first needed; without a bill, a missing key is no hindrance.
    """
    from bridge.providers.music_gen import MusicGenProvider

    return MusicGenProvider(
        name, config, base_url or (lambda: config.url), lambda: _key(name, config, home), clock, jitter
    )


def _key(name: str, config: ProviderConfig, home: Path) -> str:
    if name == LOCAL:
        return NO_KEY
    return find_key(name, home) if config.billable else seek_key(name, home) or NO_KEY
