"""The outbox: one file for each job that says how it stands, rewritten by a thread of its own at every change."""

from __future__ import annotations

import contextlib
import logging
import threading
from itertools import islice
from pathlib import Path

import msgspec
from msgspec import structs

from bridge.doors import Clock, Jobs
from bridge.doors.oddities import Oddities
from bridge.errors import BridgeError, DiskError
from bridge.events import Ended, ErrorNote, Event, JobView, Rejected, ToldTake
from bridge.files import disk_errors, is_device, write_whole
from bridge.model import Position
from bridge.protocol import FINAL_STATES, OUTBOX_KEPT_DAYS

log = logging.getLogger(__name__)

_ENDED = FINAL_STATES | {"rejected"}
_LATE_NAME = ".late.json"
_BATCH = 64
_PACE_SECONDS = 0.001
_TRY_AGAIN_SECONDS = 2.0
_HOUSEKEEPING_SECONDS = 3600.0
_LEAVING_SECONDS = 1.0


class Outbox:
    """Writes the latest state of jobs, each change once, those of the inbox before all others."""

    def __init__(self, folder: Path, jobs: Jobs, clock: Clock) -> None:
        self._folder = folder
        self._jobs = jobs
        self._clock = clock
        self._oddities = Oddities(log, clock)
        self._changed = threading.Condition()
        self._first: dict[str, None] = {}
        self._rest: dict[str, None] = {}
        self._answers: list[tuple[str, str]] = []
        self._rejections: list[JobView] = []
        self._of_inbox: set[str] = set()
        self._leave_at: float | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to write; files that a stop or a kill left behind their jobs are written anew."""
        with disk_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is quick, note which jobs are left for the next start, and end."""
        with self._changed:
            self._leave_at = self._clock() + _LEAVING_SECONDS
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout=10.0)
            self._thread = None

    def tell(self, event: Event) -> None:
        """A job has changed; returns at once."""
        if isinstance(event, Rejected):
            return
        with self._changed:
            if event.job_id in self._of_inbox:
                self._first[event.job_id] = None
            else:
                self._rest[event.job_id] = None
            if isinstance(event, Ended):
                self._of_inbox.discard(event.job_id)
            self._changed.notify()

    def follow(self, job_id: str) -> None:
        """Write this job's state before those of other doors, for somebody waits for the file."""
        with self._changed:
            self._of_inbox.add(job_id)
            self._first[job_id] = None
            self._changed.notify()

    def answer(self, request_id: str, job_id: str) -> None:
        """Say once under another request id, a command's, how a job stands."""
        with self._changed:
            self._answers.append((request_id, job_id))
            self._changed.notify()

    def reject(
        self,
        request_id: str,
        problem: ErrorNote,
        *,
        position: Position | None = None,
        source: dict[str, object] | None = None,
    ) -> None:
        """Say that nothing came of this request id, unless a job goes by it: then the file is that job's."""
        try:
            self._jobs.find("", request_id)
            return
        except BridgeError:
            view = _rejected(request_id, problem, position, source or {})
        with self._changed:
            self._rejections.append(view)
            self._changed.notify()

    def _run(self) -> None:
        self._begin()
        tidied: float | None = None
        while True:
            with self._changed:
                if self._leave_at is not None and (self._clock() >= self._leave_at or not self._has_work()):
                    break
                work = self._take_work()
            try:
                self._write(*work)
                if tidied is None or not 0 <= self._clock() - tidied < _HOUSEKEEPING_SECONDS:
                    tidied = self._clock()
                    self._tidy()
            except Exception:
                log.exception("a defect in the outbox; it goes on")
            with self._changed:
                if self._leave_at is None and not self._has_work():
                    self._changed.wait(timeout=_HOUSEKEEPING_SECONDS)
                elif self._leave_at is None and self._rest and not self._first:
                    # A burst of jobs is written little by little, so that the doors keep the processor.
                    self._changed.wait(timeout=_PACE_SECONDS)
        self._leave()

    def _begin(self) -> None:
        """Have the files written anew that are behind their jobs."""
        behind = [view.job_id for view in self._views() if view.job_id and view.state not in _ENDED]
        late = self._folder / _LATE_NAME
        with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
            behind += msgspec.json.decode(late.read_bytes(), type=list[str])
            late.unlink()
        with self._changed:
            self._rest |= dict.fromkeys(behind)

    def _leave(self) -> None:
        """Write what cannot be told from the jobs, and note those that are left."""
        self._write([], self._answers, self._rejections)
        late = [*self._first, *self._rest]
        if late:
            try:
                write_whole(self._folder / _LATE_NAME, msgspec.json.encode(late))
            except DiskError as problem:
                self._oddities.note("not written", problem.text)

    def _has_work(self) -> bool:
        return bool(self._first or self._rest or self._answers or self._rejections)

    def _take_work(self) -> tuple[list[str], list[tuple[str, str]], list[JobView]]:
        """Some of those that somebody waits for, else one of the rest; all answers and rejections."""
        jobs = list(islice(self._first, _BATCH)) or list(islice(self._rest, 1))
        for job_id in jobs:
            self._first.pop(job_id, None)
            self._rest.pop(job_id, None)
        answers, self._answers = self._answers, []
        rejections, self._rejections = self._rejections, []
        return jobs, answers, rejections

    def _write(self, jobs: list[str], answers: list[tuple[str, str]], rejections: list[JobView]) -> None:
        for job_id in jobs:
            view = self._view(job_id)
            if view and _is_imported(view):
                with contextlib.suppress(OSError):
                    self._path(view.request_id).unlink(missing_ok=True)
            elif view and not self._put(view):
                with self._changed:
                    self._rest[job_id] = None
                    if self._leave_at is None:
                        self._changed.wait(timeout=_TRY_AGAIN_SECONDS)
        for request_id, job_id in answers:
            if view := self._view(job_id):
                self._put(structs.replace(view, request_id=request_id))
        for rejection in rejections:
            self._put(rejection)

    def _view(self, job_id: str) -> JobView | None:
        try:
            return self._jobs.view(job_id)
        except BridgeError as problem:
            self._oddities.note("no view", f"{job_id}: {problem}")
            return None

    def _put(self, view: JobView) -> bool:
        """Write a file; False when the disk would not take it yet."""
        try:
            with disk_errors(self._folder):
                self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._path(view.request_id), msgspec.json.encode(view), sync=False)
        except DiskError as problem:
            self._oddities.note("not written", problem.text)
            return False
        return True

    def _path(self, request_id: str) -> Path:
        """The file of a request id; one that Windows takes for a device gets a sign before it that no id has."""
        name = f"{request_id}.json"
        return self._folder / (f"={name}" if is_device(name) else name)

    def _views(self) -> list[JobView]:
        views: list[JobView] = []
        for path in self._folder.glob("*.json"):
            with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
                views.append(msgspec.json.decode(path.read_bytes(), type=JobView))
        return views

    def _tidy(self) -> None:
        """Remove what has not changed for 30 days, and halves that a kill left."""
        now = self._clock()
        for path in list(self._folder.iterdir()):
            kept_seconds = {".json": OUTBOX_KEPT_DAYS * 86_400.0, ".part": _HOUSEKEEPING_SECONDS}.get(path.suffix)
            with contextlib.suppress(OSError):
                if kept_seconds is not None and now - path.stat().st_mtime > kept_seconds:
                    path.unlink()


def _is_imported(view: JobView) -> bool:
    """Whether a job has ended and the DAW has put each of its takes into the song."""
    takes = [take for take in view.takes if isinstance(take, ToldTake) and not take.undone]
    return view.state in _ENDED and bool(takes) and all(take.imported is not None for take in takes)


def _rejected(request_id: str, problem: ErrorNote, position: Position | None, source: dict[str, object]) -> JobView:
    return JobView(
        request_id=request_id,
        job_id="",
        state="rejected",
        progress=0.0,
        stage="",
        error=problem,
        takes=(),
        asked=0,
        position=position,
        source=source,
    )
