"""The embedded engine as a process of its own: started late or at once, started again when it dies, ended with us."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from bridge.errors import ProviderUnreachable

log = logging.getLogger(__name__)

_START_SECONDS = 20.0
_GRACE_SECONDS = 3.0
_LONGEST_PAUSE_SECONDS = 30.0
_LIVED_SECONDS = 60.0
_LOG_BYTES = 2_000_000


class EngineProcess:
    """A handle on `daw-bridge engine`; it ends by itself when its stdin closes, so it never outlives the daemon."""

    def __init__(
        self, home: Path, command: Sequence[str] | None = None, *, grace_seconds: float = _GRACE_SECONDS
    ) -> None:
        self._grace_seconds = grace_seconds
        self._log = home / "logs" / "engine.log"
        self._command = command or (
            *(sys.executable, "-m", "bridge", "--home", str(home)),
            *("engine", "--port", "0", "--until-stdin-closes"),
        )
        self._changed = threading.Condition()
        self._url = ""
        self._stopping = False
        self._process: subprocess.Popen[str] | None = None
        self._keeper: threading.Thread | None = None

    def start(self) -> None:
        """Start the engine, and keep it running; returns without waiting for it."""
        with self._changed:
            if self._keeper is None and not self._stopping:
                self._keeper = threading.Thread(target=self._keep, name="engine", daemon=True)
                self._keeper.start()

    def url(self) -> str:
        """Where the engine listens; waits until it does.

        Raises:
            ProviderUnreachable: it did not come up.
        """
        self.start()
        with self._changed:
            self._changed.wait_for(lambda: self._url or self._stopping, _START_SECONDS)
            if not self._url:
                raise ProviderUnreachable(f"The embedded engine did not start; the logs in {self._log.parent} say why.")
            return self._url

    def stop(self) -> None:
        """End the engine: ask, wait a little, then insist."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            process, keeper = self._process, self._keeper
        if process is not None:
            _end(process, self._grace_seconds)
        if keeper is not None:
            keeper.join()

    def _keep(self) -> None:
        """Run the engine again and again, after longer pauses when it keeps dying."""
        pause_seconds = 0.5
        while not self._stopping:
            began = time.monotonic()
            try:
                self._run()
            except OSError as problem:
                log.warning("The embedded engine cannot be started: %s", problem)
            if time.monotonic() - began > _LIVED_SECONDS:
                pause_seconds = 0.5
            with self._changed:
                if not self._stopping:
                    log.warning("The embedded engine has ended; it is started again in %.1f s", pause_seconds)
                    self._changed.wait_for(lambda: self._stopping, pause_seconds)
            pause_seconds = min(2 * pause_seconds, _LONGEST_PAUSE_SECONDS)

    def _run(self) -> None:
        """Start the engine, hear its URL, and stay until it ends."""
        with self._log.open("ab") as errors:
            if errors.tell() > _LOG_BYTES:
                errors.truncate(0)
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                errors="replace",
            )
        with self._changed:
            self._process = process
            stopping = self._stopping
        if stopping:
            _end(process, self._grace_seconds)
        assert process.stdout is not None
        for line in process.stdout:
            word, _, url = line.strip().partition(" ")
            if word == "ready":
                log.info("The embedded engine listens at %s", url)
                self._say(url)
        process.stdout.close()
        _end(process, self._grace_seconds)
        self._say("")

    def _say(self, url: str) -> None:
        with self._changed:
            self._url = url
            self._changed.notify_all()


def _end(process: subprocess.Popen[str], grace_seconds: float) -> None:
    assert process.stdin is not None
    try:
        process.stdin.close()
    except BrokenPipeError:
        log.debug("the engine had ended already")
    try:
        process.wait(grace_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
