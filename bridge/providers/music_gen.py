"""Speaks to a music_gen endpoint, hosted or embedded: one POST to ask, polling and a download to fetch."""

from __future__ import annotations

import base64
import functools
import itertools
import logging
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import msgspec

from bridge.config import ProviderConfig
from bridge.contract import V6_MAX_SECONDS, V6_MIN_SECONDS, MusicGenRequest, tokens_for, write_request
from bridge.errors import (
    BadKey,
    BadResult,
    NoCredit,
    NotAllowed,
    ProviderError,
    ProviderFailed,
    ProviderUnreachable,
    RateLimited,
    SubmissionUnknown,
    TimedOut,
    UnreadableAudio,
)
from bridge.model import GenerationRequest, GenerationResult, SoundFile, Ticket
from bridge.protocol import DEFAULT_PORTS
from bridge.providers import ProviderFacts, Wait, facts_of
from bridge.providers.replies import Answer, Reply, read_reply, refusal_in, refuses_audio

PATHS = {"enterprise": "/api/v1/enterprise/voice/", "v6": "/api/v6/voice/"}
CONNECT_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
POLL_READ_SECONDS = 30.0
LINK_ROUNDS = 8
MAX_PAUSE_SECONDS = 60.0
LONGEST_FIRST_PAUSE = 3.0
MAX_LINK_LETTERS = 4000
# A gateway had passed the request on when it lost the answer; its other codes mean that it never could.
_GATEWAY_LOST = {502, 504, 520, 524, 527}

log = logging.getLogger(__name__)


class MusicGenProvider:
    """A `[providers.NAME]` of kind music_gen.

    `base_url` may change between calls (an engine that comes back on another port); the key goes there only.
    """

    def __init__(
        self,
        name: str,
        config: ProviderConfig,
        base_url: Callable[[], str],
        api_key: Callable[[], str],
        clock: Callable[[], float],
        jitter: Callable[[], float] = lambda: 0.5,
    ) -> None:
        self.facts: ProviderFacts = facts_of(name, config)
        self._name = name
        self._config = config
        self._base_url = base_url
        self._api_key = api_key
        self._clock = clock
        self._jitter = jitter

    def submit(self, request: GenerationRequest, wait: Wait | None = None) -> Ticket:
        """As Provider.submit; the conditioning WAV goes along as base64."""
        key = self._api_key()
        answer, reply = self._ask(self._body(request, key, ""), wait)
        if request.conditioning and refuses_audio(answer, reply):
            # Nothing was made and nothing billed; some hosts of this platform want a data URI.
            log.info("%s refuses plain base64; sending a data URI instead", self._name)
            answer, reply = self._ask(self._body(request, key, "data:audio/wav;base64,"), wait)
        refusal = refusal_in(answer, reply, self._name, key)
        if reply is None and answer.status in _GATEWAY_LOST:
            raise SubmissionUnknown(self._lost(f"a gateway answered {answer.status}"))
        if refusal is not None:
            raise refusal
        if reply is None or not (reply.id or reply.links):
            raise SubmissionUnknown(self._lost("its answer cannot be read"))
        log.info("%s took %s as %s", self._name, track_id(request), reply.id or "a link")
        return Ticket(
            provider_id=reply.id,
            links=tuple(self._portable(link) for link in reply.links),
            promised=reply.promised,
            wait_seconds=reply.eta_seconds,
            submitted_at=self._clock(),
        )

    def fetch(self, ticket: Ticket, request: GenerationRequest, folder: Path, wait: Wait) -> GenerationResult:
        """As Provider.fetch; the ticket's links first, else the fetch endpoint of the configured host."""
        deadline = self._deadline(ticket)
        pauses = self._pauses(ticket)
        key = functools.cache(self._api_key)
        links, promised = ticket.links, ticket.promised
        trouble: ProviderError | NotAllowed | None = None
        wrong = 0
        if promised or not links:
            wait(min(next(pauses), self._config.timeout_seconds))
        while True:
            wait(0)
            if links:
                found = self._load(links, request, folder, wait)
                if isinstance(found, SoundFile):
                    seed = request.seed if self._config.extensions else None
                    return GenerationResult(file=found, provider_id=ticket.provider_id, seed=seed)
                if isinstance(found, NotAllowed) and not promised:
                    raise found
                trouble = found
                # A line that is down is waited for; a result that stays wrong is not.
                wrong += isinstance(found, BadResult) and not promised
            pause = next(pauses)
            if ticket.provider_id:
                said = self._poll(ticket, key(), surely=not links)
                if isinstance(said, ProviderError):
                    trouble = trouble if links else said
                    pause = max(pause, _asked_pause(said))
                elif said.state == "done" and said.links != links and wrong < LINK_ROUNDS:
                    links, promised = said.links, False
                    continue
                elif said.state == "empty" and not links:
                    trouble = BadResult(f"{self._name} says that it is done, but gives no link; retry asks again.")
                    wrong += 1
            if wrong >= LINK_ROUNDS and trouble is not None:
                raise trouble
            left = deadline - self._clock()
            if left <= 0:
                raise TimedOut(self._late(trouble)) from trouble
            wait(min(pause, left))

    def _body(self, request: GenerationRequest, key: str, prefix: str) -> bytes:
        seconds = min(request.seconds + self.facts.tail_seconds, self.facts.max_seconds)
        v6 = self._config.api == "v6"
        sound = request.conditioning
        return write_request(
            MusicGenRequest(
                key=key,
                prompt=request.prompt,
                init_audio=prefix + _base64_of(Path(sound.path)) if sound else None,
                base64=sound is not None,
                max_new_token=tokens_for(seconds),
                track_id=track_id(request),
                duration=min(max(math.ceil(seconds), V6_MIN_SECONDS), V6_MAX_SECONDS) if v6 else None,
                bitrate="320k" if v6 else "128k",
                seed=request.seed if self._config.extensions else None,
                extras=request.extras if self._config.extensions else (),
            )
        )

    def _ask(self, body: bytes, wait: Wait | None) -> tuple[Answer, Reply | None]:
        """Send the request; again only while no connection could be made, and only where there is a `wait`."""
        # requests is loaded when the first job needs it.
        from bridge.providers.post import AnswerLost, NotSent, post

        pauses = iter(CONNECT_PAUSES if wait else ())
        while True:
            try:
                answer = post(self._url("music_gen"), body, self._config.timeout_seconds, self._clock)
            except NotSent as problem:
                pause = next(pauses, None)
                if wait is None or pause is None:
                    raise ProviderUnreachable(
                        f"{self._name} cannot be reached at {self._host()} ({problem}); nothing was sent: "
                        "check your connection, then retry."
                    ) from problem
                wait(pause)
            except AnswerLost as problem:
                raise SubmissionUnknown(self._lost(str(problem))) from problem
            else:
                return answer, read_reply(answer.body)

    def _load(
        self, links: tuple[str, ...], request: GenerationRequest, folder: Path, wait: Wait
    ) -> SoundFile | ProviderError | NotAllowed:
        """The first link that gives audio, or what the last one had instead."""
        from bridge.providers.download import download

        base = self._base_url()
        nothing = BadResult("There is no link to the result.")
        trouble: ProviderError | NotAllowed = nothing
        for link in links:
            try:
                return download(
                    _absolute(link, base),
                    folder,
                    f"{request.take}-{request.section}",
                    private_network=self._config.private_network,
                    allow_host=_host_and_port(base),
                    between=lambda: wait(0),
                )
            except (BadResult, ProviderUnreachable, NotAllowed) as problem:
                log.info("%s: %s", self._name, problem)
                if isinstance(trouble, NotAllowed) or trouble is nothing:
                    trouble = problem
        return trouble

    def _poll(self, ticket: Ticket, key: str, *, surely: bool) -> Reply | ProviderError:
        """Ask the configured host once how far it is; troubles on the way are told, not raised.

        Raises:
            ProviderFailed, BadKey, NoCredit: the service says so; only where `surely` its word is the last.
        """
        from bridge.providers.post import AnswerLost, NotSent, post

        path = f"fetch/{quote(ticket.provider_id, safe='')}"
        try:
            body = msgspec.json.encode({"key": str(key)})
            answer = post(self._url(path), body, POLL_READ_SECONDS, self._clock)
        except (NotSent, AnswerLost) as problem:
            return ProviderUnreachable(f"{self._name} cannot be reached ({problem})")
        reply = read_reply(answer.body)
        refusal = refusal_in(answer, reply, self._name, key)
        if refusal is None:
            return reply or BadResult(f"{self._name} gave an answer that cannot be read")
        final = isinstance(refusal, ProviderFailed | BadKey | NoCredit) and reply is not None
        if surely and final and answer.status < 500 and not 300 <= answer.status < 400:
            raise refusal
        return refusal

    def _deadline(self, ticket: Ticket) -> float:
        """When patience ends: counted from submit, or from now when that is over (a retry, or the daemon was away)."""
        now, timeout_seconds = self._clock(), self._config.timeout_seconds
        deadline = min(ticket.submitted_at, now) + timeout_seconds
        return deadline if deadline > now else now + timeout_seconds

    def _pauses(self, ticket: Ticket) -> Iterator[float]:
        """Seconds between looks: a hosted service is asked patiently, a free one of our own briskly."""
        if self._config.billable:
            first = min(ticket.wait_seconds, LONGEST_FIRST_PAUSE) or 2.0
            growing: Iterator[float] = itertools.chain((2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0), itertools.repeat(10.0))
        else:
            first = min(ticket.wait_seconds, 0.05)
            growing = itertools.chain((0.05 * 1.5**step for step in range(8)), itertools.repeat(1.0))
        if not ticket.links or ticket.promised:
            yield first
        for pause in growing:
            yield pause * (0.9 + 0.2 * self._jitter())

    def _url(self, path: str) -> str:
        return self._base_url().rstrip("/") + PATHS[self._config.api] + path

    def _host(self) -> str:
        return _host_and_port(self._base_url())

    def _portable(self, link: str) -> str:
        """A link on the provider's own host without host and port, which may change; others as they are."""
        if not link.startswith(("http://", "https://")) or _host_and_port(link) != self._host():
            return link
        path = urlsplit(link)._replace(scheme="", netloc="").geturl()
        return link if path.startswith("//") or not path.startswith("/") else path

    def _lost(self, reason: str) -> str:
        return f"{self._name} may have taken the request, but {reason}; retry sends it again, " + (
            "which may be billed a second time." if self.facts.billable else "which costs nothing."
        )

    def _late(self, trouble: Exception | None) -> str:
        last = f" (last: {trouble})" if trouble else ""
        return (
            f"{self._name} had no result within {self._config.timeout_seconds:.0f} s{last}; "
            "retry fetches it without paying again."
        )


def track_id(request: GenerationRequest) -> str:
    """The name that a request bears at the service: job, take and section."""
    return f"{request.job_id}-{request.take}-{request.section}"


def _asked_pause(refusal: ProviderError) -> float:
    """How long the service asks us to stay away, within reason."""
    seconds = refusal.retry_after_seconds if isinstance(refusal, RateLimited) else None
    return min(seconds or 0.0, MAX_PAUSE_SECONDS)


def _base64_of(path: Path) -> str:
    try:
        return base64.b64encode(path.read_bytes()).decode()
    except OSError as problem:
        raise UnreadableAudio(f"{path} is gone ({problem.strerror}); start the job again.") from problem


def _absolute(link: str, base: str) -> str:
    """A ticket's link as a URL: paths are on the provider's host; what is too long for a link is the data itself."""
    if len(link) > MAX_LINK_LETTERS or link.lower().startswith(("http://", "https://", "data:")):
        return link
    try:
        return urljoin(base.rstrip("/") + "/", link)
    except ValueError:
        return link


def _host_and_port(url: str) -> str:
    """`host:port` as guarded_get names it; empty when it is no URL."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return ""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
