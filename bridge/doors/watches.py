"""Watched folders: new clips become triggers, read in place; what was seen or made by us is left alone."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from bridge.config import WatchConfig
from bridge.doors import Clock, Jobs, Seen
from bridge.doors.intents import Intent, forget_intent, note_intent
from bridge.doors.oddities import Oddities
from bridge.doors.offering import offer_all
from bridge.doors.parse import trigger_of_file
from bridge.doors.whole import Found, Stillness, scan
from bridge.errors import EmptyClip, TooLarge, UnreadableAudio, UnreadableMidi
from bridge.events import Rejected
from bridge.files import sha256_of
from bridge.model import Ask, Offer, Project
from bridge.protocol import AUDIO_SUFFIXES, MIDI_SUFFIXES
from bridge.sound.riff import read_chunk

log = logging.getLogger(__name__)

_MEDIA_SUFFIXES = AUDIO_SUFFIXES | MIDI_SUFFIXES
_REST_SECONDS = 1.0
_FULL_LOOK_SECONDS = 30.0
_TRY_AGAIN_SECONDS = 30.0
# What lies in the file itself; every other hindrance may pass.
_LASTING_CODES = frozenset(error.code for error in (UnreadableAudio, UnreadableMidi, EmptyClip, TooLarge))
_MAX_BEXT_BYTES = 64 * 1024
_ORIGINATOR = slice(256, 288)
_CONFIGURED = "watched"


@dataclass(frozen=True)
class _New:
    """A file that is to become a job."""

    found: Found
    sha256: str
    offer: Offer


class WatchedFolder:
    """One `[[watch]]`: looks at its folder and offers what is new."""

    def __init__(self, config: WatchConfig, taken: Path, jobs: Jobs, seen: Seen, clock: Clock) -> None:
        self.folder = Path(config.path)
        self._config = config
        self._taken = taken
        self._jobs = jobs
        self._seen = seen
        self._clock = clock
        self._oddities = Oddities(log, clock)
        self._stillness = Stillness()
        self._settled: dict[Path, str] = {}
        self._later: dict[Path, float] = {}
        self._looked: tuple[int, float] | None = None

    def look(self, *, noticed: bool) -> bool:
        """Offer what is new; True when something is still being written and wants another look soon.

        A folder in which no name has changed is looked at in full only now and then, unless something was `noticed`.

        Raises:
            OSError: the folder cannot be read.
        """
        now = self._clock()
        changed_ns = self.folder.stat().st_mtime_ns
        if not noticed and self._looked is not None:
            looked_ns, looked_at = self._looked
            if looked_ns == changed_ns and 0 <= now - looked_at < _FULL_LOOK_SECONDS:
                return False
        found = [one for one in scan(self.folder) if one.suffix in _MEDIA_SUFFIXES and _is_speakable(one.path)]
        self._stillness.look(found, now)
        if not self._seen.is_seen(str(self.folder), _CONFIGURED):
            self._count_as_seen(found)
        self._settled = {one.path: mark for one in found if (mark := self._settled.get(one.path)) is not None}
        open_ones = [one for one in found if self._settled.get(one.path) != _mark(one)]
        self._offer([new for one in open_ones if (new := self._consider(one, now))])
        waiting = any(self._settled.get(one.path) != _mark(one) for one in open_ones)
        self._looked = None if waiting else (changed_ns, now)
        return waiting

    def _count_as_seen(self, found: list[Found]) -> None:
        """At the first look, what lies there is known: at once by size and time, then by content."""
        for one in found:
            self._settle(one)
        for one in found:
            with contextlib.suppress(OSError):
                self._seen.remember_seen(str(one.path), sha256_of(one.path))
        self._seen.remember_seen(str(self.folder), _CONFIGURED)
        log.info("%s is watched from now on; the %d clips that lie there count as seen", self.folder, len(found))

    def _consider(self, one: Found, now: float) -> _New | None:
        """What a file is to become; None when it is no news, or not whole yet."""
        if now < self._later.get(one.path, now) or not self._stillness.is_whole(one, now, rest_seconds=_REST_SECONDS):
            return None
        path = str(one.path)
        if self._seen.is_seen(path, _mark(one)):
            self._settle(one)
            return None
        try:
            sha256 = sha256_of(one.path)
            is_take = self._jobs.delivered(sha256) or _bears_our_name(one.path)
            status = one.path.stat()
        except OSError as problem:
            self._oddities.note("cannot be read", f"{path}: {problem.strerror}")
            return None
        if (status.st_size, status.st_mtime_ns) != (one.size, one.mtime_ns):
            return None
        if is_take or self._seen.is_seen(path, sha256):
            self._settle(one, sha256)
            return None
        return _New(one, sha256, self._offer_for(one))

    def _offer_for(self, one: Found) -> Offer:
        job_id = self._jobs.new_id()
        trigger = structs.replace(
            trigger_of_file(str(one.path), request_id=job_id),
            project=Project(path=self._config.project or str(self.folder)),
            ask=Ask(prompt=self._config.prompt),
        )
        return Offer(trigger=trigger, door="watch", job_id=job_id, may_spend=self._config.paid)

    def _offer(self, news: list[_New]) -> None:
        """Offer new clips in one commit; each is noted beforehand, so that a kill in between takes none twice."""
        if not news:
            return
        for new in news:
            note_intent(self._taken / new.offer.job_id, Intent(path=str(new.found.path), sha256=new.sha256))
        for new, answer in zip(news, offer_all(self._jobs, [new.offer for new in news]), strict=True):
            if isinstance(answer, Rejected) and answer.code not in _LASTING_CODES:
                self._oddities.note(answer.code, f"{new.found.path} is tried again later: {answer.text}")
                self._later[new.found.path] = self._clock() + _TRY_AGAIN_SECONDS
            else:
                if isinstance(answer, Rejected):
                    log.warning("%s is passed over: %s", new.found.path, answer.text)
                self._settle(new.found, new.sha256)
                self._later.pop(new.found.path, None)
            forget_intent(self._taken / new.offer.job_id)

    def _settle(self, one: Found, sha256: str = "") -> None:
        """A file is dealt with, as long as it stays as it is; its mark spares reading it again after a restart."""
        if sha256:
            self._seen.remember_seen(str(one.path), sha256)
        self._seen.remember_seen(str(one.path), _mark(one))
        self._settled[one.path] = _mark(one)


def _mark(one: Found) -> str:
    return f"size {one.size} time {one.mtime_ns}"


def _bears_our_name(path: Path) -> bool:
    """Whether a WAV says that it is a take of ours, for it may have been placed a moment before it was stored."""
    bext = read_chunk(path, b"bext", _MAX_BEXT_BYTES)
    return bext is not None and bext[_ORIGINATOR].rstrip(b"\0") == b"daw-bridge"


def _is_speakable(path: Path) -> bool:
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        log.debug("%r is passed over: its name is not UTF-8", path)
        return False
    return True
