"""`install live` as a user types it: put in, listed, taken out, and every refusal in one sentence."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import bridge
from bridge import __version__
from bridge.cli.install import DAWS, live_daw, perform
from bridge.errors import SetupError
from bridge.setup.machine import Machine
from tests.setup.devices import frozen, library, library_cfg, linux, live_here, live_says, mac

NAME = "daw-bridge.amxd"
EFFECTS = ("Presets", "Audio Effects", "Max Audio Effect")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with a device packed into it, as the wheel has it."""
    folder = tmp_path_factory.mktemp("site-packages")
    shutil.copytree(Path(bridge.__file__).parent, folder / "bridge")
    (folder / "bridge" / "setup" / NAME).write_bytes(frozen())
    return folder


def type_in(installed: Path, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "install", *words], capture_output=True, text=True, timeout=60, cwd=installed
    )
    assert done.returncode == code, (done.stdout, done.stderr)
    return done


class Shelf:
    """A machine with Live, and a copy of daw-bridge with a device, without a process of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], machine: Machine | None = None) -> None:
        self.home = folder / "home"
        self.machine = machine or live_here(self.home)
        self._room = folder / "bridge" / "setup"
        self._room.mkdir(parents=True)
        self._capsys = capsys
        self.pack(frozen())

    def pack(self, device: bytes) -> None:
        (self._room / NAME).write_bytes(device)

    def unpack(self) -> None:
        (self._room / NAME).unlink()

    def user_library(self, version: str) -> Path:
        made = library(self.home / version)
        live_says(self.machine, version, library_cfg(str(made.parent)))
        return made

    def install(self, to: Path | None = None, *, as_list: bool = False, remove: bool = False) -> str:
        perform(live_daw(self._room), self.machine, to, as_list=as_list, remove=remove, as_json=False)
        return self._capsys.readouterr().out

    def rows(self, to: Path | None = None) -> list[dict[str, str]]:
        perform(live_daw(self._room), self.machine, to, as_list=True, remove=False, as_json=True)
        return list(json.loads(self._capsys.readouterr().out))


@pytest.fixture
def shelf(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shelf:
    return Shelf(tmp_path, capsys)


def test_a_folder_of_ones_own_is_filled_listed_and_emptied(installed: Path, tmp_path: Path) -> None:
    to = ("--to", str(tmp_path))
    told = type_in(installed, "live", *to).stdout
    assert (tmp_path / NAME).read_bytes() == frozen()
    assert told.startswith(f"{NAME} goes to {tmp_path} (--to).\nIt is there now.\n")
    assert "drag" in told
    assert "Live 12.2" in told
    assert json.loads(type_in(installed, "live", *to, "--list", "--json").stdout) == [
        {"folder": str(tmp_path), "said_by": "--to", "there": "this version", "version": __version__}
    ]
    assert "the same" in type_in(installed, "live", *to).stdout
    assert type_in(installed, "live", *to, "--remove").stdout == f"Removed {tmp_path / NAME}.\n"
    assert list(tmp_path.iterdir()) == []
    assert type_in(installed, "live", *to, "--remove").stdout == f"No {NAME} was found in {tmp_path}.\n"


def test_a_refusal_is_one_sentence(installed: Path, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"somebody's device")
    for words in (("--to", str(tmp_path)), ("--to", str(tmp_path), "--remove"), ("--to", str(tmp_path / "gone"))):
        (line,) = type_in(installed, "live", *words, code=1).stderr.splitlines()
        assert line.startswith(f"daw-bridge: {tmp_path}")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"somebody's device"]


@pytest.mark.parametrize(
    "words", [("live", "--list", "--remove"), ("live", "--json"), ("cubase",), ()], ids=lambda words: " ".join(words)
)
def test_words_that_do_not_go_together_are_wrong_usage(words: tuple[str, ...], installed: Path) -> None:
    assert "Usage:" in type_in(installed, *words, code=2).stderr


def test_only_what_works_is_offered() -> None:
    assert list(DAWS) == ["live", "reaper"]


def test_it_goes_to_the_newest_live_and_the_others_are_named(shelf: Shelf) -> None:
    old, new = shelf.user_library("12.2"), shelf.user_library("12.3.2")
    shutil.rmtree(shelf.user_library("12.0"))
    told = shelf.install()
    folder = new.joinpath(*EFFECTS)
    assert told.startswith(f"{NAME} goes to {folder} (Live 12.3.2).\nIt is there now.\n")
    assert f"There is one more place, {old} (Live 12.2); give it with --to to install there as well.\n" in told
    assert "Live 12.0" not in told
    assert list(shelf.home.rglob("*.amxd*")) == [folder / NAME]


def test_an_older_device_is_replaced_and_that_is_said(shelf: Shelf) -> None:
    folder = shelf.user_library("12.3.2").joinpath(*EFFECTS)
    shelf.pack(frozen(version="0.0.1"))
    shelf.install()
    shelf.pack(frozen())
    assert "in place of 0.0.1" in shelf.install()
    assert (folder / NAME).read_bytes() == frozen()


def test_the_list_says_what_lies_where(shelf: Shelf) -> None:
    names = ("12.0", "12.1", "12.2", "12.3", "12.4")
    folders = [shelf.user_library(version).joinpath(*EFFECTS) for version in names]
    for folder, content in zip(folders, (b"somebody's", frozen(version="0.0.1"), frozen()), strict=False):
        folder.mkdir(parents=True)
        (folder / NAME).write_bytes(content)
    shutil.rmtree(shelf.home / "12.4")
    assert [(row["said_by"], row["there"], row["version"]) for row in shelf.rows()] == [
        ("Live 12.4", "folder is missing", ""),
        ("Live 12.3", "nothing", ""),
        ("Live 12.2", "this version", __version__),
        ("Live 12.1", "another version", "0.0.1"),
        ("Live 12.0", "not ours", ""),
    ]
    lines = shelf.install(as_list=True).splitlines()
    assert [line.split(str(shelf.home))[0].strip() for line in lines] == [
        "folder is missing",
        "nothing",
        f"this version ({__version__})",
        "another version (0.0.1)",
        "not ours",
    ]
    assert all(str(folder) in line for folder, line in zip(reversed(folders), lines, strict=True))


def test_the_list_needs_no_device_at_hand(shelf: Shelf) -> None:
    shelf.user_library("12.3.2")
    shelf.install()
    shelf.unpack()
    assert [row["there"] for row in shelf.rows()] == ["this version"]


def test_remove_takes_ours_out_of_every_place_and_leaves_the_rest(shelf: Shelf) -> None:
    libraries = [shelf.user_library(version).joinpath(*EFFECTS) for version in ("12.0", "12.2", "12.3.2")]
    for folder, content in zip(libraries, (frozen(), b"somebody's", frozen(version="0.0.1")), strict=True):
        folder.mkdir(parents=True)
        (folder / NAME).write_bytes(content)
        (folder / "Mine.amxd").write_bytes(b"mine")
    told = shelf.install(remove=True)
    assert told == f"Removed {libraries[2] / NAME}.\nRemoved {libraries[0] / NAME}.\n"
    assert [sorted(path.name for path in folder.iterdir()) for folder in libraries] == [
        ["Mine.amxd"],
        ["Mine.amxd", NAME],
        ["Mine.amxd"],
    ]
    with pytest.raises(SetupError, match="left alone"):
        shelf.install(remove=True)


def test_a_library_whose_disk_is_away_is_not_replaced_by_another(shelf: Shelf) -> None:
    shelf.user_library("12.2")
    shutil.rmtree(shelf.user_library("12.3.2"))
    with pytest.raises(SetupError, match=r"which Live 12\.3\.2 names, is not there; connect its disk.*--to DIR"):
        shelf.install()
    assert list(shelf.home.rglob("*.amxd")) == []


def test_remove_says_which_disk_to_connect(shelf: Shelf) -> None:
    away = shelf.user_library("12.3")
    shutil.rmtree(away)
    told = shelf.install(remove=True)
    assert f"{away}, which Live 12.3 names, is not there; connect its disk" in told


def test_a_missing_device_is_said_after_the_place(shelf: Shelf) -> None:
    shelf.user_library("12.3.2")
    shelf.unpack()
    with pytest.raises(SetupError, match="make device"):
        shelf.install()
    assert list(shelf.home.rglob("*.amxd")) == []


@pytest.mark.parametrize("kind", [mac, linux])
def test_where_live_is_not_found_that_is_said_and_the_list_is_empty(
    kind: Callable[[Path], Machine], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = Shelf(tmp_path, capsys, kind(tmp_path / "home"))
    for options in ({}, {"as_list": True}, {"remove": True}):
        with pytest.raises(SetupError, match="--to DIR"):
            shelf.install(**options)
    assert shelf.rows() == []
    to = tmp_path / "devices"
    to.mkdir()
    shelf.install(to)
    assert [row["there"] for row in shelf.rows(to)] == ["this version"]
