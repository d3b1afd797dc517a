"""Where the inbox's files end: with their job, or in `refused` with what is wrong beside them."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

import msgspec

from bridge.doors.intents import forget_intent
from bridge.doors.outbox import Outbox
from bridge.doors.parse import choose_id, peek
from bridge.errors import BridgeError
from bridge.events import Accepted, ErrorNote, Rejected
from bridge.files import disk_errors, place_whole, safe_name, write_whole
from bridge.model import Offer, Position

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Taken:
    """Files that were moved into a job's folder, and the job they ask for."""

    offer: Offer
    files: tuple[Path, ...]


class Aside:
    """Puts files away and has the outbox tell of it."""

    def __init__(self, taken: Path, refused: Path, outbox: Outbox) -> None:
        self._taken = taken
        self._refused = refused
        self._outbox = outbox

    def settle(self, one: Taken, answer: Accepted | Rejected) -> None:
        """Put taken files where the answer to their offer says.

        Raises:
            DiskFull, NotWritable: a file could not be moved; the next start tries again.
        """
        trigger, own_id = one.offer.trigger, one.offer.job_id
        if isinstance(answer, Rejected):
            request_id = "" if trigger.request_id == own_id else trigger.request_id
            note = ErrorNote(code=answer.code, text=answer.text)
            self._put(one.files, note, request_id, trigger.position, trigger.source)
        else:
            if answer.job_id != own_id:
                for path in one.files:
                    place_whole(path, self._taken / answer.job_id, path.name)
                self._outbox.answer(trigger.request_id, answer.job_id)
            self._outbox.follow(answer.job_id)
        forget_intent(self._taken / own_id)

    def refuse(self, paths: Sequence[Path], problem: BridgeError, data: bytes = b"") -> None:
        """Put files aside with what is wrong; of a JSON's bytes the request id is read where that is possible.

        Raises:
            DiskFull, NotWritable: a file could not be moved; it stays where it is.
        """
        request_id = ""
        if paths[0].suffix.lower() == ".json":
            with contextlib.suppress(BridgeError):
                request_id = choose_id("", peek(data).get("request_id"), paths[0].stem)
        self._put(paths, ErrorNote(code=problem.code, text=problem.text), request_id)

    def _put(
        self,
        paths: Sequence[Path],
        note: ErrorNote,
        request_id: str,
        position: Position | None = None,
        source: dict[str, object] | None = None,
    ) -> None:
        with disk_errors(self._refused):
            self._refused.mkdir(parents=True, exist_ok=True)
        note = msgspec.structs.replace(note, text=note.text.encode("utf-8", "replace").decode())
        for path in paths:
            name = _free_name(self._refused, speakable(path.name))
            # The note comes first: whoever misses the file in the inbox finds it. Moving the file syncs the folder.
            write_whole(self._refused / f"{name}.error.json", msgspec.json.encode(note), sync=False)
            place_whole(path, self._refused, name)
            log.warning("%s was refused: %s", path.name, note.text)
        if request_id:
            self._outbox.reject(request_id, note, position=position, source=source)


def speakable(name: str) -> str:
    """The name itself where it can be written as UTF-8, else one that can."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return safe_name(name)
    return name


def _free_name(folder: Path, name: str) -> str:
    """The name under which place_whole will put a file."""
    stem, suffix = os.path.splitext(name)
    others = (f"{stem}-{number}{suffix}" for number in count(2))
    return next(one for one in chain([name], others) if not (folder / one).exists())
