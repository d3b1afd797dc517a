"""The machine that a DAW is looked for on, and the places that are found there."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import platformdirs

from bridge.errors import SetupError
from bridge.model import Value


class Machine(Value, frozen=True, kw_only=True):
    """What tells where a DAW keeps its things.

    `platform` is one of Python's words (`darwin`, `win32`, `linux`); `documents` is the user's documents folder, which
    Windows lets people move.
    """

    platform: str
    home: Path
    documents: Path
    environment: Mapping[str, str]


class Place(Value, frozen=True, kw_only=True):
    """A folder that a DAW reads: `folder` may be made, `root`, in which it lies, must be there."""

    root: Path
    folder: Path
    said_by: str


def this_machine() -> Machine:
    """The machine that we run on."""
    return Machine(
        platform=sys.platform,
        home=Path.home(),
        documents=platformdirs.user_documents_path(),
        environment=os.environ,
    )


def chosen_place(folder: Path) -> Place:
    """The folder that the user gave with --to.

    Raises:
        SetupError: it is a file, or not there.
    """
    if is_folder(folder):
        return Place(root=folder, folder=folder, said_by="--to")
    if os.path.lexists(folder):
        raise SetupError(f"{folder} is no folder; give the folder that it shall go to with --to.")
    raise SetupError(f"{folder} is not there; make that folder first, or check the path.")


def is_folder(path: Path) -> bool:
    """Whether a folder is there; one that may not be looked at is not."""
    try:
        return path.is_dir()
    except OSError:
        return False
