"""A real daemon in a process of its own, started as a user starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from tests.fakes.waiting import wait_for


class RunningDaemon:
    """`daw-bridge run` on a home; leaving the block ends it and sees that nothing of it stays behind."""

    def __init__(self, home: Path, *flags: str, environment: dict[str, str] | None = None) -> None:
        self.home = home
        self._environment = environment or {}
        self._flags = flags
        self.port = 0

    def __enter__(self) -> Self:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("DAW_BRIDGE")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bridge", "run", "--home", str(self.home), "--osc-port", "0", *self._flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**environment, **self._environment},
        )
        assert self.process.stdout is not None
        self.ready = self.process.stdout.readline()
        assert self.ready.startswith("ready osc=127.0.0.1:"), self.process.stderr and self.process.stderr.read()
        self.port = int(self.ready.split()[1].rsplit(":", 1)[1])
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.errors = self.process.communicate(timeout=20)[1]

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        self.process.kill()
        self.process.communicate(timeout=20)

    def drop(self, name: str, data: bytes) -> Path:
        """Put a file into the inbox as a careful client does: under another name, then renamed."""
        part = self.home / "inbox" / f"{name}.part"
        part.write_bytes(data)
        return part.rename(self.home / "inbox" / name)

    def outbox(self, request_id: str, *states: str) -> dict[str, Any]:
        """The outbox file of a request, once it is in one of these states."""
        path = self.home / "outbox" / f"{request_id}.json"

        def read() -> dict[str, Any] | None:
            if not path.exists():
                return None
            table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return table if table["state"] in states else None

        return wait_for(read, f"{path.name} in {states}")
