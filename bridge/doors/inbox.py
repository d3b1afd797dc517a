"""The inbox: whole files become triggers and commands, and end in `taken` or `refused`; nothing is ever deleted."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import structs

from bridge.doors import Clock, Jobs
from bridge.doors.oddities import Oddities
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
from bridge.errors import BridgeError, DiskError, MissingFile, NotSupported
from bridge.files import disk_errors, place_whole, safe_name, sha256_of, write_whole
from bridge.model import Accepted, ErrorNote, Offer, Position, Rejected, Trigger
from bridge.protocol import AUDIO_SUFFIXES, MIDI_SUFFIXES, SIDECAR_WAIT_SECONDS

log = logging.getLogger(__name__)

_MEDIA_SUFFIXES = AUDIO_SUFFIXES | MIDI_SUFFIXES
_BATCH = 256
_INTERNAL = ErrorNote(code="internal", text="A defect in the bridge; its log has the details.")


@dataclass(frozen=True)
class _Taken:
    """Files that were moved into a job's folder, and the job they ask for."""

    offer: Offer
    files: tuple[Path, ...]


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
        self._refused = home / "refused"
        self._jobs = jobs
        self._outbox = outbox
        self._clock = clock
        self._oddities = Oddities(log, clock)
        self._stillness = Stillness()
        self._alone_since: dict[Path, float] = {}

    def repair(self, knows_job: Callable[[str], bool]) -> None:
        """Put back into the inbox what a kill left in `taken` before its job was stored.

        Raises:
            DiskError: a file could not be moved.
        """
        for folder in sorted(self._taken.iterdir()) if self._taken.is_dir() else ():
            if not folder.is_dir() or knows_job(folder.name):
                continue
            for path in sorted(folder.iterdir(), key=lambda one: one.suffix.lower() != ".json"):
                back = place_whole(path, self._folder, path.name)
                log.info("%s goes back to the inbox, for its job was not stored", back)
            with contextlib.suppress(OSError):
                folder.rmdir()

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
        taken: list[_Taken] = []
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

    def _handle(self, one: Found, found: list[Found], whole: list[Found], taken: list[_Taken], now: float) -> set[Path]:
        """Do what one whole file asks for; the paths that are dealt with."""
        if one.suffix == ".json":
            return self._json(one, found, whole, taken, now)
        if one.suffix not in _MEDIA_SUFFIXES:
            known = " ".join(sorted(_MEDIA_SUFFIXES))
            self._refuse([one.path], NotSupported(f"{one.name} cannot be used; drop .json {known} files."))
            return {one.path}
        beside = next((other for other in found if other.suffix == ".json" and other.path.stem == one.path.stem), None)
        if beside is None:
            self._take(taken, [one.path], lambda paths: trigger_of_file(str(paths[0])))
            return {one.path}
        if beside not in whole:
            return set()
        return self._json(beside, found, whole, taken, now)

    def _json(self, one: Found, found: list[Found], whole: list[Found], taken: list[_Taken], now: float) -> set[Path]:
        try:
            data = read_json_file(one.path)
        except MissingFile as problem:
            self._refuse([one.path], problem)
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
        self, one: Found, data: bytes, media: list[Found], whole: list[Found], taken: list[_Taken], now: float
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
        self._refuse([one.path], MissingFile(text), data)
        return {one.path}

    def _take_json(self, taken: list[_Taken], paths: list[Path], data: bytes, stem: str) -> None:
        """Take a trigger's JSON; one that cannot be read is refused as it lies, with the media of its name."""
        try:
            trigger = parse_trigger(data, fallback_id=stem)
        except BridgeError as problem:
            self._refuse(paths, problem, data)
            return
        self._take(taken, paths, lambda _: trigger)

    def _take(self, taken: list[_Taken], paths: Sequence[Path], trigger_for: Callable[[list[Path]], Trigger]) -> None:
        """Move files into a new job's folder; a file that cannot be moved yet stays and is tried again."""
        job_id = self._jobs.new_id()
        moved: list[Path] = []
        try:
            for path in paths:
                moved.append(place_whole(path, self._taken / job_id, _speakable(path.name)))
        except DiskError:
            for path in moved:
                place_whole(path, self._folder, path.name)
            raise
        try:
            trigger = trigger_for(moved)
        except BridgeError as problem:
            data = read_json_file(moved[0]) if moved[0].suffix.lower() == ".json" else b""
            self._refuse(moved, problem, data)
            return
        if not trigger.request_id:
            trigger = structs.replace(trigger, request_id=job_id)
        taken.append(_Taken(Offer(trigger=trigger, door="inbox", job_id=job_id), tuple(moved)))

    def _known_copy(self, data: bytes, stem: str, media: Path) -> str:
        """The path of the same media in the folder of the job that has this request id already, else its own."""
        with contextlib.suppress(BridgeError, OSError):
            request_id = choose_id("", peek(data).get("request_id"), stem)
            if request_id:
                earlier = self._taken / self._jobs.find("", request_id) / media.name
                if earlier.is_file() and sha256_of(earlier) == sha256_of(media):
                    return str(earlier)
        return str(media)

    def _offer(self, taken: list[_Taken]) -> None:
        """Offer what was taken in one commit, and put each file where its answer says."""
        if not taken:
            return
        offers = [one.offer for one in taken]
        for one, answer in zip(taken, self._accept(offers), strict=True):
            try:
                self._settle(one, answer)
            except DiskError as problem:
                self._oddities.note("cannot be put aside", problem.text)
        taken.clear()

    def _accept(self, offers: list[Offer]) -> list[Accepted | Rejected]:
        try:
            return self._jobs.accept(offers)
        except BridgeError as problem:
            note = ErrorNote(code=problem.code, text=problem.text)
        except Exception:
            log.exception("a defect while accepting %d files", len(offers))
            note = _INTERNAL
        return [Rejected(request_id=offer.trigger.request_id, code=note.code, text=note.text) for offer in offers]

    def _settle(self, one: _Taken, answer: Accepted | Rejected) -> None:
        trigger = one.offer.trigger
        if isinstance(answer, Rejected):
            note = ErrorNote(code=answer.code, text=answer.text)
            request_id = "" if trigger.request_id == one.offer.job_id else trigger.request_id
            self._put_aside(one.files, note, request_id, trigger.position, trigger.source)
            return
        if answer.job_id != one.offer.job_id:
            for path in one.files:
                place_whole(path, self._taken / answer.job_id, path.name)
            _remove_empty(one.files)
            self._outbox.answer(trigger.request_id, answer.job_id)
        self._outbox.follow(answer.job_id)

    def _command(self, one: Found, data: bytes) -> None:
        """Do what a command file asks, say how the job stands under the command's own id, and keep the file."""
        try:
            command = parse_command(data, fallback_id=one.path.stem)
            job_id = self._do(command)
        except BridgeError as problem:
            self._refuse([one.path], problem, data)
            return
        except Exception:
            log.exception("a defect while working on %s", one.name)
            self._put_aside([one.path], _INTERNAL, "", None, {})
            return
        place_whole(one.path, self._taken / job_id, _speakable(one.name))
        self._outbox.follow(job_id)
        if command.command not in ("again", "imported") and command.request_id:
            self._outbox.answer(command.request_id, job_id)

    def _do(self, command: Command) -> str:
        """Carry a command out; the job that it is about."""
        jobs = self._jobs
        if command.command == "again":
            accepted = jobs.again(
                command.job_id,
                request_id=command.request_id or jobs.new_id(),
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

    def _refuse(self, paths: Sequence[Path], problem: BridgeError, data: bytes = b"") -> None:
        """Put files aside with what is wrong; of a JSON's bytes the request id is read where that is possible."""
        request_id = ""
        if paths[0].suffix.lower() == ".json":
            with contextlib.suppress(BridgeError):
                request_id = choose_id("", peek(data).get("request_id"), paths[0].stem)
        self._put_aside(paths, ErrorNote(code=problem.code, text=problem.text), request_id, None, {})

    def _put_aside(
        self,
        paths: Sequence[Path],
        note: ErrorNote,
        request_id: str,
        position: Position | None,
        source: dict[str, object],
    ) -> None:
        note = structs.replace(note, text=note.text.encode("utf-8", "replace").decode())
        for path in paths:
            placed = place_whole(path, self._refused, _speakable(path.name))
            write_whole(placed.with_name(f"{placed.name}.error.json"), msgspec.json.encode(note))
            log.warning("%s was refused: %s", path.name, note.text)
        _remove_empty(paths)
        if request_id:
            self._outbox.reject(request_id, note, position=position, source=source)


def prepare(home: Path) -> None:
    """Make the folders that clients and the daemon share."""
    for name in ("inbox", "outbox", "media", "taken", "refused"):
        with disk_errors(home / name):
            (home / name).mkdir(parents=True, exist_ok=True)


def _remove_empty(moved: Sequence[Path]) -> None:
    """Remove the job folders out of which files were moved, where nothing else lies in them."""
    for folder in {path.parent for path in moved}:
        if folder.parent.name == "taken":
            with contextlib.suppress(OSError):
                folder.rmdir()


def _speakable(name: str) -> str:
    """The name itself where it can be written as UTF-8, else one that can."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return safe_name(name)
    return name
