"""Notes in `taken/<job id>/` of what is becoming that job, so that after a kill nothing is lost or taken twice."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bridge.files import disk_errors, write_whole

_NAME = ".taking.json"


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """The watched file that is to become a job; INBOX for files that the inbox moves here."""

    path: str = ""
    sha256: str = ""


INBOX = Intent()


def note_intent(folder: Path, intent: Intent = INBOX) -> None:
    """Make a job's folder with the note in it.

    Raises:
        DiskFull, NotWritable: it could not be written.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    # Of the inbox's files the note's name is enough, and it is synced with the folder when they are moved in.
    write_whole(folder / _NAME, msgspec.json.encode(intent), sync=bool(intent.path))


def forget_intent(folder: Path) -> None:
    """Remove the note, and the job's folder when nothing else lies there."""
    with contextlib.suppress(OSError):
        (folder / _NAME).unlink(missing_ok=True)
        folder.rmdir()


def left_intents(taken: Path) -> Iterator[tuple[Path, Intent]]:
    """The job folders in which a kill left the note, each with it."""
    for path in sorted(taken.glob(f"*/{_NAME}")):
        intent = INBOX
        with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
            intent = msgspec.json.decode(path.read_bytes(), type=Intent)
        yield path.parent, intent
