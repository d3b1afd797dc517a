"""Files that appear whole or not at all, names that are safe everywhere, and paths that stay under their roots."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import IO

from bridge.errors import BadTrigger, DiskFull, MissingFile, NotAllowed, NotWritable

_WINDOWS_DEVICES = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def find_file(path_text: str, roots: Sequence[str] = ()) -> Path:
    """The file a client means, as it is on the disk: the first of `path_forms` that is there.

    Raises:
        MissingFile: no such file.
        NotAllowed: it lies outside the roots, whether it is there or not.
        BadTrigger: the path is not absolute, or is no path at all.
    """
    refusal: NotAllowed | None = None
    for path in path_forms(path_text):
        try:
            check_root(path, roots)
            if path.exists():
                return path
        except NotAllowed as problem:
            refusal = problem
        except OSError as problem:
            raise MissingFile(f"{path_text} cannot be looked at ({problem.strerror}).") from problem
    raise refusal or MissingFile(f"{path_text} is not there; check the path, or save the clip again.")


def path_forms(path_text: str) -> tuple[Path, ...]:
    """The paths a client may mean: as given, in NFC, in NFD; then each with its backslashes read as slashes.

    Raises:
        BadTrigger: none of them is absolute, or the text is no path at all.
    """
    if "\0" in path_text:
        raise BadTrigger("a path cannot hold a NUL character; send it as it is on the disk.")
    given = (path_text, *(unicodedata.normalize(kind, path_text) for kind in ("NFC", "NFD")))
    forms = dict.fromkeys(Path(form) for form in (*given, *(form.replace("\\", "/") for form in given)))
    whole = tuple(path for path in forms if path.is_absolute())
    if not whole:
        raise BadTrigger(f"{path_text} is not absolute; send the whole path, from the root of the disk.")
    return whole


def check_root(path: Path, roots: Sequence[str]) -> Path:
    """Resolve links and `..`, and see that the path lies under one of the roots; no roots: anywhere.

    Raises:
        NotAllowed: it lies outside all of them.
    """
    resolved = Path(os.path.realpath(path))
    if roots and not any(resolved.is_relative_to(os.path.realpath(root)) for root in roots):
        raise NotAllowed(f"{path} lies outside the folders of files.roots; add its folder to config.toml to allow it.")
    return resolved


def write_whole(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Write a file of our own so that readers see the old content or the new one, never a half.

    Raises:
        DiskFull, NotWritable: it could not be written; nothing changed.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with disk_errors(path):
        try:
            with part.open("wb") as file:
                file.write(data)
                if sync:
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(part, path)
            if sync:
                _sync_folder(path.parent)
        except OSError:
            part.unlink(missing_ok=True)
            raise


def place_whole(part: Path, folder: Path, name: str) -> Path:
    """Move a finished `.part` into a folder under `name`, or `name-2`, `name-3` …: never over another file.

    Raises:
        DiskFull, NotWritable: it could not be moved; the part stays where it is.
    """
    stem, suffix = os.path.splitext(name)
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        count = 1
        while True:
            target = folder / (name if count == 1 else f"{stem}-{count}{suffix}")
            if _move_to_free_name(part, target):
                _sync_folder(folder)
                return target
            count += 1


def copy_whole(source: Path, folder: Path, name: str) -> Path:
    """Copy a file into a folder, whole and synced, under `name` or the first free `name-2`, `name-3` and so on.

    Raises:
        MissingFile: the source cannot be opened.
        DiskFull, NotWritable: the copy could not be written; nothing is left behind.
    """
    try:
        file = source.open("rb")
    except OSError as problem:
        raise MissingFile(f"{source} cannot be read ({problem.strerror}); check that it is there.") from problem
    with file:
        return _add(file, folder, name)


def add_whole(data: bytes, folder: Path, name: str) -> Path:
    """Put a new file into a folder, as copy_whole does."""
    return _add(BytesIO(data), folder, name)


def safe_name(text: str, max_bytes: int = 120) -> str:
    """An ASCII file name that every file system takes, never empty: accents are dropped, the rest becomes `_`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    plain = re.sub(r"\s+", " ", re.sub(r"[^A-Za-z0-9 ._#()+,=@-]", "_", plain)).strip(" .")
    plain = plain[:max_bytes].strip(" .")
    if not plain.strip("_"):
        return "clip"
    return f"_{plain}"[:max_bytes] if is_device(plain) else plain


def is_device(name: str) -> bool:
    """Whether Windows takes a file's name for a device, such as `con` or `nul.json`."""
    return _WINDOWS_DEVICES.match(name) is not None


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn the system's refusals to write into DiskFull and NotWritable that name the path."""
    try:
        yield
    except OSError as problem:
        if problem.errno in _FULL:
            raise DiskFull(f"There is no room left for {path}; free some space, then retry.") from problem
        raise NotWritable(
            f"{path} cannot be written ({problem.strerror}); check its folder's permissions."
        ) from problem


def _add(content: IO[bytes], folder: Path, name: str) -> Path:
    part = folder / f".{name}.part"
    try:
        with disk_errors(folder / name):
            folder.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                shutil.copyfileobj(content, file)
                file.flush()
                os.fsync(file.fileno())
        return place_whole(part, folder, name)
    finally:
        # After a failure: what was written is no use; after a success it is gone already.
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _move_to_free_name(part: Path, target: Path) -> bool:
    """Rename without replacing; False when the name is taken."""
    if os.name == "nt":
        return _rename_if_free(part, target)
    try:
        os.link(part, target)
    except FileExistsError:
        return False
    except OSError as problem:
        if problem.errno in {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}:
            return _rename_if_free(part, target)
        raise
    part.unlink()
    return True


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where folders can be synced (not on Windows)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as problem:
        if problem.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(handle)


def _rename_if_free(part: Path, target: Path) -> bool:
    if target.exists():
        return False
    try:
        os.rename(part, target)
    except FileExistsError:
        return False
    return True
