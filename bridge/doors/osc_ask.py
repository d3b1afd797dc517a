"""What the OSC messages ask: each is done and answered; triggers wait for their batch's one commit."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from msgspec import structs

from bridge.config import OscConfig
from bridge.doors import Clock, Jobs
from bridge.doors.addresses import Addresses, HostPort, ReplyTo
from bridge.doors.oddities import Oddities
from bridge.doors.offering import offer_all
from bridge.doors.osc_port import IsLocal, OscPort
from bridge.doors.osc_tell import Teller
from bridge.doors.osc_wire import Message, arguments_of
from bridge.doors.parse import is_request_id, parse_trigger, read_json_file, trigger_of_file
from bridge.doors.parts import Parts
from bridge.errors import BadMessage, BridgeError, Internal, NotAllowed
from bridge.events import Accepted, Rejected
from bridge.files import find_file
from bridge.model import Offer, Trigger
from bridge.protocol import FROM_DAEMON, PROTOCOL_VERSION, TO_DAEMON

log = logging.getLogger(__name__)

_FILE_RETRY_SECONDS = 0.05
_FILE_PATIENCE_SECONDS = 1.0
_LOWEST_REPLY_PORT = 1024


@dataclass(frozen=True)
class Asked:
    """A message, and who sent it."""

    message: Message
    host: str
    first_tried: float = -math.inf
    due: float = 0.0


@dataclass(frozen=True)
class _Offered:
    """A trigger that waits for the batch's one commit."""

    offer: Offer
    reply_to: ReplyTo


class Answerer:
    """Does what messages ask; `stopping` ends the patience with what is not there yet."""

    def __init__(
        self,
        config: OscConfig,
        jobs: Jobs,
        addresses: Addresses,
        teller: Teller,
        port: OscPort,
        oddities: Oddities,
        stopping: threading.Event,
        *,
        version: str,
        media_folder: Path,
        provider: str,
        clock: Clock,
        roots: Sequence[str],
        is_local: IsLocal,
    ) -> None:
        self._is_local = is_local
        self._config = config
        self._jobs = jobs
        self._addresses = addresses
        self._teller = teller
        self._port = port
        self._oddities = oddities
        self._stopping = stopping
        self._version = version
        self._media_folder = media_folder
        self._provider = provider
        self._clock = clock
        self._roots = tuple(roots)
        self._parts = Parts()
        self._offered: list[_Offered] = []
        self._later: list[Asked] = []

    def answer(self, asked: Asked) -> None:
        """Do what a message asks; whatever is wrong with it is told to the sender where it can be reached."""
        message = asked.message
        if message.address in FROM_DAEMON:
            self._oddities.note("own address", f"{message.address} from {asked.host}")
            return
        try:
            self._do(asked)
        except BridgeError as problem:
            self._refuse(asked, problem.code, problem.text)
        except Exception:
            log.exception("a defect while working on %s", message.address)
            self._refuse(asked, Internal.code, Internal().text)

    def look_again(self) -> None:
        """Try again what waits for a file, and give up on parts that did not come."""
        now = self._clock()
        waiting, self._later = self._later, []
        for asked in waiting:
            if asked.due <= now or self._stopping.is_set():
                self.answer(asked)
            else:
                self._later.append(asked)
        for lost in self._parts.expire(now):
            self._port.send(
                self._asker(lost.request_id, lost.host), "/bridge/rejected", lost.request_id, BadMessage.code, lost.text
            )

    def next_due(self) -> float | None:
        """When something falls due without a new message."""
        moments = [self._parts.next_due(), *(one.due for one in self._later)]
        return min((moment for moment in moments if moment), default=None)

    def flush(self) -> None:
        """Offer all triggers of the batch in one commit, and answer each."""
        offered, self._offered = self._offered, []
        if not offered:
            return
        for one, answer in zip(offered, offer_all(self._jobs, [one.offer for one in offered]), strict=True):
            guarded(self._tell_asker, one, answer)

    def _do(self, asked: Asked) -> None:
        row = TO_DAEMON.get(asked.message.address)
        if row is None:
            self._oddities.note("unknown address", f"{asked.message.address!r} from {asked.host}")
            raise BadMessage(f"{asked.message.address[:200]} is no address of the bridge; docs/protocol.md lists them.")
        values = arguments_of(asked.message, row)
        match row.path, values:
            case "/bridge/hello", (str(client), str(_), int(port)):
                self._hello(client, port, asked.host)
            case "/bridge/ping", (str(token),):
                self._port.send(self._asker(token, asked.host), "/bridge/pong", token)
            case "/bridge/trigger", (str(request_id), str(path), int(size)):
                self._trigger_file(asked, request_id, path, size)
            case "/bridge/trigger/part", (str(request_id), int(index), int(total), str(piece)):
                self._part(asked, request_id, index, total, piece)
            case "/bridge/file", (str(request_id), str(path), str(prompt)):
                roots = self._roots_for(asked.host)
                self._offer(trigger_of_file(path, prompt=prompt, request_id=request_id, roots=roots), asked.host)
            case "/bridge/again", (str(request_id), str(job_id), str(prompt)):
                self._again(asked.host, _needed(request_id), job_id, prompt)
            case _, (str(request_id), str(job_id), int(take), str(where)):
                self._imported(_needed(request_id), job_id, take, where)
            case path, (str(request_id), str(job_id)):
                self._about_job(path, asked.host, _needed(request_id), job_id)

    def _refuse(self, asked: Asked, code: str, text: str) -> None:
        """Answer `rejected` where a request id can be read; a hello has none, and is answered all the same."""
        message = asked.message
        self._oddities.note("rejected", f"{message.address[:200]!r} from {asked.host}: {text}")
        if message.address == "/bridge/hello":
            self._port.send((asked.host, self._addresses.port_of(asked.host)), "/bridge/rejected", "", code, text)
            return
        first = message.arguments[0] if message.arguments else None
        known = message.address in TO_DAEMON and message.address != "/bridge/ping"
        if isinstance(first, str) and (is_request_id(first) or known):
            self._port.send(self._asker(first, asked.host), "/bridge/rejected", first[:256], code, text)

    def _hello(self, client: str, port: int, host: str) -> None:
        if not is_request_id(client):
            raise BadMessage(f"client: expected 1 to 64 characters of A-Z a-z 0-9 . _ -, got {client[:80]!r}.")
        if not _LOWEST_REPLY_PORT <= port <= 65_535:
            raise BadMessage(f"reply port: expected 1024 to 65535, got {port}.")
        if port == self._port.number:
            raise BadMessage(f"reply port: {port} is the daemon's own; listen on another one.")
        self._addresses.hello(client, host, port)
        self._port.send(
            (host, port), "/bridge/welcome", self._version, PROTOCOL_VERSION, str(self._media_folder), self._provider
        )

    def _trigger_file(self, asked: Asked, request_id: str, path_text: str, size: int) -> None:
        """Read a trigger's JSON from the disk; one that has not its promised size may still be being written."""
        _valid(request_id)
        if not path_text:
            raise BadMessage("/bridge/trigger: path is empty; send the path of the trigger's JSON.")
        if size < 0:
            raise BadMessage(f"/bridge/trigger: bytes should be the size of the JSON, got {size}.")
        path = find_file(path_text, self._roots_for(asked.host))
        data = read_json_file(path)
        if size and len(data) != size:
            self._wait_for_file(asked, path, size, len(data))
            return
        self._offer(parse_trigger(data, request_id=request_id, fallback_id=path.stem), asked.host)

    def _wait_for_file(self, asked: Asked, path: Path, promised: int, found: int) -> None:
        now = self._clock()
        first = asked.first_tried if asked.first_tried > -math.inf else now
        if now - first >= _FILE_PATIENCE_SECONDS or self._stopping.is_set():
            raise BadMessage(
                f"{path} has {found} bytes, but {promised} were promised; write it whole, then send again."
            )
        self._later.append(replace(asked, first_tried=first, due=now + _FILE_RETRY_SECONDS))

    def _part(self, asked: Asked, request_id: str, index: int, total: int, piece: str) -> None:
        _valid(_needed(request_id))
        data = self._parts.add(request_id, index, total, piece, host=asked.host, now=self._clock())
        if data is not None:
            self._offer(parse_trigger(data, request_id=request_id), asked.host)

    def _offer(self, trigger: Trigger, host: str) -> None:
        job_id = self._jobs.new_id()
        if not trigger.request_id:
            trigger = structs.replace(trigger, request_id=job_id)
        reply_to = self._addresses.reply_to(trigger.request_id, host)
        offer = Offer(
            trigger=trigger, door="osc", reply_to=_text(reply_to), job_id=job_id, may_spend=self._may_spend(host)
        )
        self._offered.append(_Offered(offer, reply_to))

    def _tell_asker(self, asked: _Offered, answer: Accepted | Rejected) -> None:
        """A new job is accepted; one that stood before, for the id and content are the same, tells its life."""
        asker = (asked.reply_to.host, asked.reply_to.port)
        if isinstance(answer, Accepted) and answer.job_id != asked.offer.job_id:
            self._teller.replay(answer.job_id, asked.offer.trigger.request_id, asker)
        else:
            self._teller.answer(asker, answer)

    def _again(self, host: str, request_id: str, job_id: str, prompt: str) -> None:
        self.flush()
        _valid(request_id)
        reply_to = self._addresses.reply_to(request_id, host)
        accepted = self._jobs.again(
            job_id,
            request_id=request_id,
            prompt=prompt,
            door="osc",
            reply_to=_text(reply_to),
            may_spend=self._may_spend(host),
        )
        self._teller.answer_again((reply_to.host, reply_to.port), accepted)

    def _about_job(self, path: str, host: str, request_id: str, job_id: str) -> None:
        """Cancel, retry or undo a job, or just look at it; then say how it stands."""
        self.flush()
        _valid(request_id)
        found = self._jobs.find(job_id, request_id)
        match path:
            case "/bridge/cancel":
                self._jobs.cancel(found)
            case "/bridge/retry":
                self._refuse_to_spend(host, found, request_id)
                self._teller.restart(found)
                self._jobs.retry(found)
            case "/bridge/undo":
                self._jobs.undo(found)
        self._teller.replay(found, request_id, self._asker(request_id, host))

    def _refuse_to_spend(self, host: str, job_id: str, request_id: str) -> None:
        events = self._jobs.replay(job_id, request_id)
        billable = any(isinstance(event, Accepted) and event.billable_requests for event in events)
        if billable and not self._may_spend(host):
            raise NotAllowed(
                f"{host} may not spend money; retry on the daemon's own machine, or set osc.allow_billable."
            )

    def _imported(self, request_id: str, job_id: str, take: int, where: str) -> None:
        self.flush()
        _valid(request_id)
        if take < 1:
            raise BadMessage(f"/bridge/imported: take should count from 1, got {take}.")
        self._jobs.imported(self._jobs.find(job_id, request_id), take, where)

    def _roots_for(self, host: str) -> tuple[str, ...]:
        """Where a sender may have files looked at: one on this machine everywhere."""
        return () if self._is_local(host) else (str(self._media_folder), *self._roots)

    def _asker(self, request_id: str, host: str) -> HostPort:
        reply_to = self._addresses.reply_to(request_id, host)
        return reply_to.host, reply_to.port

    def _may_spend(self, host: str) -> bool:
        return self._config.allow_billable or self._is_local(host)


def guarded(work: Callable[..., None], *values: object) -> None:
    """Do a piece of work; a defect in it is logged and never ends the thread."""
    try:
        work(*values)
    except Exception:
        log.exception("a defect in the OSC door; it goes on")


def _needed(request_id: str) -> str:
    if not request_id:
        raise BadMessage("request_id is empty; choose one of 1 to 64 characters of A-Z a-z 0-9 . _ -.")
    return request_id


def _valid(request_id: str) -> None:
    if request_id and not is_request_id(request_id):
        raise BadMessage(f"request_id: expected 1 to 64 characters of A-Z a-z 0-9 . _ -, got {request_id[:80]!r}.")


def _text(reply_to: ReplyTo) -> str:
    return msgspec.json.encode(reply_to).decode()
