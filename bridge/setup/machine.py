"""The machine that a DAW is looked for on, and the places that are found there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Literal

import platformdirs

from bridge.errors import SetupError
from bridge.model import Value

There = Literal["nothing", "this version", "another version", "not ours"]
CHOSEN = "--to"
_MOST_NAMES = 5_000


class Machine(Value, frozen=True, kw_only=True):
    """What tells where a DAW keeps its things.

    `platform` is one of Python's words (`darwin`, `win32`, `linux`); `documents` is the user's documents folder, which
    Windows lets people move; `disk` is the root of the disk that the system is on.
    """

    platform: str
    home: Path
    documents: Path
    environment: Mapping[str, str]
    disk: Path


class Place(Value, frozen=True, kw_only=True):
    """A folder that a DAW reads: `folder` may be made, `root`, in which it lies, must be there."""

    root: Path
    folder: Path
    said_by: str


class Lying(Value, frozen=True, kw_only=True):
    """What lies where ours would be; `version` is empty when it does not say it."""

    there: There
    version: str


def this_machine() -> Machine:
    """The machine that we run on."""
    return Machine(
        platform=sys.platform,
        home=Path.home(),
        documents=platformdirs.user_documents_path(),
        environment=os.environ,
        disk=Path(os.environ.get("SYSTEMDRIVE", "C:") + os.sep if sys.platform == "win32" else os.sep),
    )


def chosen_place(folder: Path) -> Place:
    """Exactly the folder that the user gave with --to.

    Raises:
        SetupError: it is a file, or not there.
    """
    if is_folder(folder):
        return Place(root=folder, folder=folder, said_by=CHOSEN)
    if os.path.lexists(folder):
        raise SetupError(f"{folder} is no folder; give the folder that it shall go to with --to.")
    raise SetupError(f"{folder} is not there; make that folder first, or check the path.")


def is_folder(path: Path) -> bool:
    """Whether a folder is there; one that may not be looked at is not."""
    try:
        return path.is_dir()
    except OSError:
        return False


def entries(folder: Path) -> Iterator[Path]:
    """What a folder holds, as far as it can be looked at; of a huge one only the first thousands."""
    try:
        yield from sorted(islice(folder.iterdir(), _MOST_NAMES))
    except OSError:
        return
