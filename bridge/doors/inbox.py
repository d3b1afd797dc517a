"""The inbox: whole files become triggers and commands, and end in `taken` or `refused`; nothing is ever deleted."""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from bridge.doors import Clock, Jobs
from bridge.doors.aside import Aside, Taken, speakable
from bridge.doors.intents import forget_intent, note_intent
from bridge.doors.oddities import Oddities
from bridge.doors.offering import offer_all
from bridge.doors.outbox import Outbox
from bridge.doors.parse import (
    Command,
    choose_id,
    parse_command,
    parse_trigger,
    peek,
    read_json_file,
    trigger_beside,
    trigger_of_file,
)
from bridge.doors.whole import Found, Stillness, scan
from bridge.errors import BridgeError, DiskError, Internal, MissingFile, NotSupported
from bridge.files import disk_errors, place_whole, sha256_of
from bridge.model import Offer, Trigger
from bridge.protocol import AUDIO_SUFFIXES, MIDI_SUFFIXES, SIDECAR_WAIT_SECONDS

log = logging.getLogger(__name__)

_MEDIA_SUFFIXES = AUDIO_SUFFIXES | MIDI_SUFFIXES
_BATCH = 256


@dataclass(frozen=True)
class Pending:
    """What a look at the inbox left: files that are not whole yet, or more than one look takes."""

    waiting: bool = False
    more: bool = False


class Inbox:
    """Looks at the inbox folder and takes what is whole."""

    def __init__(self, home: Path, jobs: Jobs, outbox: Outbox, clock: Clock) -> None:
        self._folder = home / "inbox"
        self._taken = home / "taken"
        self._jobs = jobs
        self._outbox = outbox
        self._aside = Aside(self._taken, home / "refused", outbox)
        self._clock = clock
        self._oddities = Oddities(log, clock)
        self._stillness = Stillness()
        self._alone_since: dict[Path, float] = {}
        self._done: dict[Found, str] = {}

    def put_back(self, folder: Path) -> None:
        """Put back into the inbox what a kill left in a job's folder before the job was stored.

        Raises:
            DiskError: a file could not be moved.
        """
        files = [path for path in folder.iterdir() if not path.name.startswith(".")]
        for path in sorted(files, key=lambda one: one.suffix.lower() != ".json"):
            back = place_whole(path, self._folder, path.name)
            log.info("%s goes back to the inbox, for its job was not stored", back)

    def look(self, renamed: set[Path]) -> Pending:
        """Take every whole file; `renamed` are those that are known to be whole.

        Raises:
            OSError: the folder cannot be read.
        """
        now = self._clock()
        found = scan(self._folder)
        self._stillness.look(found, now)
        whole = [one for one in found if one.path in renamed or self._stillness.is_whole(one, now)]
        self._alone_since = {
            path: since for path, since in self._alone_since.items() if path in {f.path for f in found}
        }
        self._done = {one: job_id for one, job_id in self._done.items() if one in found}
        taken: list[Taken] = []
        handled: set[Path] = set()
        for one in whole[:_BATCH]:
            if one.path in handled:
                continue
            try:
                handled |= self._handle(one, found, whole, taken, now)
            except DiskError as problem:
                self._oddities.note("cannot be taken", problem.text)
        self._offer(taken)
        left = [one for one in found if one.path not in handled]
        return Pending(waiting=bool(left), more=len(whole) > _BATCH)

    def _handle(self, one: Found, found: list[Found], whole: list[Found], taken: list[Taken], now: float) -> set[Path]:
        """Do what one whole file asks for; the paths that are dealt with."""
        if one.suffix == ".json":
            return self._json(one, found, whole, taken, now)
        if one.suffix not in _MEDIA_SUFFIXES:
            known = " ".join(sorted(_MEDIA_SUFFIXES))
            self._aside.refuse([one.path], NotSupported(f"{one.name} cannot be used; drop .json {known} files."))
            return {one.path}
        beside = next((other for other in found if other.suffix == ".json" and other.path.stem == one.path.stem), None)
        if beside is None:
            self._take(taken, [one.path], lambda paths: trigger_of_file(str(paths[0])))
            return {one.path}
        if beside not in whole:
            return set()
        return self._json(beside, found, whole, taken, now)

    def _json(self, one: Found, found: list[Found], whole: list[Found], taken: list[Taken], now: float) -> set[Path]:
        try:
            data = read_json_file(one.path)
        except MissingFile as problem:
            self._aside.refuse([one.path], problem)
            return {one.path}
        fields = peek(data)
        if "command" in fields:
            self._offer(taken)
            self._command(one, data)
            return {one.path}
        media = [other for other in found if other.suffix in _MEDIA_SUFFIXES and other.path.stem == one.path.stem]
        if not fields:
            # Nobody can say whether it was meant for the media of its name, so they share its fate.
            if any(other not in whole for other in media):
                return set()
            paths = [one.path, *(other.path for other in media)]
            self._take_json(taken, paths, data, one.path.stem)
            return set(paths)
        if "clip" in fields:
            self._take_json(taken, [one.path], data, one.path.stem)
            return {one.path}
        return self._sidecar(one, data, media, whole, taken, now)

    def _sidecar(
        self, one: Found, data: bytes, media: list[Found], whole: list[Found], taken: list[Taken], now: float
    ) -> set[Path]:
        """A JSON without `clip`: it waits for the media file of its stem."""
        ready = next((other for other in media if other in whole), None)
        if ready:
            stem = one.path.stem
            self._take(
                taken,
                [one.path, ready.path],
                lambda paths: trigger_beside(data, self._known_copy(data, stem, paths[1]), fallback_id=stem),
            )
            return {one.path, ready.path}
        since = self._alone_since.setdefault(one.path, now)
        if media or now - since < SIDECAR_WAIT_SECONDS:
            return set()
        text = (
            f"{one.name} has no clip, and no audio or MIDI file called {one.path.stem} came "
            f"within {SIDECAR_WAIT_SECONDS:g} s; drop both again."
        )
        self._aside.refuse([one.path], MissingFile(text), data)
        return {one.path}

    def _take_json(self, taken: list[Taken], paths: list[Path], data: bytes, stem: str) -> None:
        """Take a trigger's JSON; one that cannot be read is refused as it lies, with the media of its name."""
        try:
            trigger = parse_trigger(data, fallback_id=stem)
        except BridgeError as problem:
            self._aside.refuse(paths, problem, data)
            return
        self._take(taken, paths, lambda _: trigger)

    def _take(self, taken: list[Taken], paths: Sequence[Path], trigger_for: Callable[[list[Path]], Trigger]) -> None:
        """Move files into a new job's folder; a file that cannot be moved yet stays and is tried again."""
        job_id = self._jobs.new_id()
        folder = self._taken / job_id
        moved: list[Path] = []
        try:
            note_intent(folder)
            for path in paths:
                moved.append(place_whole(path, folder, speakable(path.name)))
        except DiskError:
            for path in moved:
                place_whole(path, self._folder, path.name)
            forget_intent(folder)
            raise
        try:
            trigger = trigger_for(moved)
        except BridgeError as problem:
            data = read_json_file(moved[0]) if moved[0].suffix.lower() == ".json" else b""
            self._aside.refuse(moved, problem, data)
            forget_intent(folder)
            return
        if not trigger.request_id:
            trigger = structs.replace(trigger, request_id=job_id)
        taken.append(Taken(Offer(trigger=trigger, door="inbox", job_id=job_id), tuple(moved)))

    def _known_copy(self, data: bytes, stem: str, media: Path) -> str:
        """The path of the same media in the folder of the job that has this request id already, else its own."""
        with contextlib.suppress(BridgeError, OSError):
            request_id = choose_id("", peek(data).get("request_id"), stem)
            if request_id:
                earlier = self._taken / self._jobs.find("", request_id) / media.name
                if earlier.is_file() and sha256_of(earlier) == sha256_of(media):
                    return str(earlier)
        return str(media)

    def _offer(self, taken: list[Taken]) -> None:
        """Offer what was taken in one commit, and put each file where its answer says."""
        if not taken:
            return
        for one, answer in zip(taken, offer_all(self._jobs, [one.offer for one in taken]), strict=True):
            try:
                self._aside.settle(one, answer)
            except DiskError as problem:
                self._oddities.note("cannot be put aside", problem.text)
        taken.clear()

    def _command(self, one: Found, data: bytes) -> None:
        """Do what a command file asks, say how the job stands under the command's own id, and keep the file."""
        try:
            command = parse_command(data, fallback_id=one.path.stem)
            # One that could not be moved away lies here again, and is not done again.
            job_id = self._done.get(one) or self._do(command, own_id=_id_of(one, data))
        except BridgeError as problem:
            self._aside.refuse([one.path], problem, data)
            return
        except Exception:
            log.exception("a defect while working on %s", one.name)
            self._aside.refuse([one.path], Internal(), data)
            return
        self._done[one] = job_id
        place_whole(one.path, self._taken / job_id, speakable(one.name))
        self._outbox.follow(job_id)
        if command.command not in ("again", "imported") and command.request_id:
            self._outbox.answer(command.request_id, job_id)

    def _do(self, command: Command, *, own_id: str) -> str:
        """Carry a command out; the job that it is about. `own_id` serves a wish that has no id."""
        jobs = self._jobs
        if command.command == "again":
            accepted = jobs.again(
                command.job_id,
                request_id=command.request_id or own_id,
                prompt=command.prompt,
                door="inbox",
                reply_to="",
            )
            return accepted.job_id
        job_id = jobs.find(command.job_id, command.request_id)
        match command.command:
            case "cancel":
                jobs.cancel(job_id)
            case "retry":
                jobs.retry(job_id)
            case "undo":
                jobs.undo(job_id, force=command.force)
            case "imported":
                jobs.imported(job_id, command.take or 1, command.where)
        return job_id


def prepare(home: Path) -> None:
    """Make the folders that clients and the daemon share."""
    for name in ("inbox", "outbox", "media", "taken", "refused"):
        with disk_errors(home / name):
            (home / name).mkdir(parents=True, exist_ok=True)


def _id_of(one: Found, data: bytes) -> str:
    """A request id for a file that has none: the same one whenever it is looked at."""
    return "file-" + hashlib.sha256(f"{one.name!r} {one.mtime_ns} ".encode() + data).hexdigest()[:16]
