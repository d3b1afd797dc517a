"""`install reaper` as a user types it: put in, listed, taken out, and what it says on the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bridge import __version__
from bridge.cli.install import perform, reaper_daw
from bridge.errors import SetupError
from bridge.setup.machine import Machine
from bridge.setup.scripts import ROOM, read_scripts
from tests.setup.devices import linux, windows
from tests.setup.reapers import SCRIPTS, install_portable, install_reaper, lay_out, own_folder, tree

OURS = ("Scripts", "daw-bridge")


class Desk:
    """A machine with REAPER, and a copy of daw-bridge with scripts, without a process of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], machine: Machine | None = None) -> None:
        self.machine = machine or linux(folder / "mia")
        self.home = folder / "home"
        self.room = folder / "bridge" / "setup"
        self.pack(SCRIPTS)
        self._capsys = capsys

    def pack(self, scripts: dict[str, bytes]) -> None:
        lay_out(self.room / "daw-bridge", scripts)

    def install(self, to: Path | None = None, *, as_list: bool = False, remove: bool = False) -> str:
        self._perform(to, as_list=as_list, remove=remove, as_json=False)
        return self._capsys.readouterr().out

    def rows(self, to: Path | None = None) -> list[dict[str, str]]:
        self._perform(to, as_list=True, remove=False, as_json=True)
        return list(json.loads(self._capsys.readouterr().out))

    def _perform(self, to: Path | None, *, as_list: bool, remove: bool, as_json: bool) -> None:
        daw = reaper_daw(self.home, self.machine, self.room, short_path=lambda _: "")
        perform(daw, self.machine, to, as_list=as_list, remove=remove, as_json=as_json)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_the_real_scripts_go_in_are_listed_and_come_out_again(tmp_path: Path) -> None:
    resources = install_reaper(tmp_path / "REAPER")
    folder = resources.joinpath(*OURS)

    def type_in(*words: str) -> str:
        command = (sys.executable, "-m", "bridge", "--home", str(tmp_path / "home"), "install", "reaper")
        done = subprocess.run((*command, "--to", str(resources), *words), capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    told = type_in()
    assert told.startswith(f"The folder of scripts goes to {folder} (--to).\nIt is there now.\n")
    assert f"They talk to the daemon through {tmp_path / 'home'}." in told
    for words in ("Show action list", "Load ReaScript", "daw-bridge_....lua", "no restart"):
        assert words in told
    there = tree(folder)
    assert json.loads(there.pop("installed.json"))["home"] == str(tmp_path / "home")
    assert there == read_scripts(ROOM)
    assert json.loads(type_in("--list", "--json")) == [
        {"folder": str(folder), "said_by": "--to", "there": "this version", "version": __version__}
    ]
    assert "the same" in type_in()
    assert type_in("--remove") == f"Removed {folder}.\n"
    assert type_in("--remove") == f"No scripts of daw-bridge were found in {folder}.\n"
    assert list(tree(resources)) == ["reaper.ini"]


def test_it_goes_to_the_reaper_that_was_used_last_and_the_others_are_named(desk: Desk) -> None:
    own = install_reaper(own_folder(desk.machine), used_at=1_000)
    portable = install_portable(desk.machine.home / "REAPER", "reaper", used_at=2_000)
    told = desk.install()
    assert told.startswith(f"The folder of scripts goes to {portable.joinpath(*OURS)} (portable).\nIt is there now.\n")
    assert f"There is one more place, {own} (REAPER's own folder); give it with --to" in told
    assert not (own / "Scripts").exists()
    desk.install(own)
    assert [(row["said_by"], row["there"]) for row in desk.rows()] == [
        ("portable", "this version"),
        ("REAPER's own folder", "this version"),
    ]


def test_an_upgrade_says_what_it_replaced_and_where_a_changed_script_was_kept(desk: Desk) -> None:
    folder = install_reaper(own_folder(desk.machine)).joinpath(*OURS)
    desk.install()
    note = json.loads((folder / "installed.json").read_bytes())
    (folder / "installed.json").write_text(json.dumps({**note, "version": "0.0.1"}))
    (folder / "lib" / "json.lua").write_bytes(b"changed")
    (line,) = desk.install(as_list=True).splitlines()
    assert line.split(maxsplit=3) == ["another", "version", "(0.0.1)", f"{folder}  (REAPER's own folder)"]
    told = desk.install()
    assert "in place of 0.0.1" in told
    assert f"You had changed a script; your copy is {folder / 'lib' / 'json.lua.bak'}." in told


def test_another_home_is_told_to_scripts_that_are_there(desk: Desk) -> None:
    folder = install_reaper(own_folder(desk.machine)).joinpath(*OURS)
    desk.install()
    desk.home = desk.home.with_name("other")
    told = desk.install()
    assert "It is there now.\nThey talk to the daemon through " in told
    assert json.loads((folder / "installed.json").read_bytes())["home"] == str(desk.home)


def test_remove_takes_them_out_of_every_place_and_says_what_stays(desk: Desk) -> None:
    own = install_reaper(own_folder(desk.machine), used_at=1_000).joinpath(*OURS)
    portable = install_portable(desk.machine.home / "REAPER", "reaper", used_at=2_000).joinpath(*OURS)
    desk.install()
    desk.install(own.parent.parent)
    (own / "mine.lua").write_bytes(b"mine")
    startup = portable.parent / "__startup.lua"
    startup.write_bytes(b'mine()\nreaper.Main_OnCommand(reaper.NamedCommandLookup("_RS1f"), 0) -- daw-bridge\n')
    assert desk.install(remove=True) == f"Removed {portable}.\nRemoved our scripts from {own}.\n"
    assert tree(own) == {"mine.lua": b"mine"}
    assert startup.read_bytes() == b"mine()\n"


def test_a_line_at_the_start_that_was_left_behind_goes_too(desk: Desk) -> None:
    startup = install_reaper(own_folder(desk.machine)) / "Scripts" / "__startup.lua"
    lay_out(
        startup.parent, {startup.name: b'reaper.Main_OnCommand(reaper.NamedCommandLookup("_RS1f"), 0) -- daw-bridge\n'}
    )
    assert desk.install(remove=True) == f"Removed our line from {startup}.\n"
    assert not startup.exists()


def test_somebody_elses_scripts_are_left_alone(desk: Desk) -> None:
    folder = install_reaper(own_folder(desk.machine)).joinpath(*OURS)
    lay_out(folder, {"lib/json.lua": b"somebody's"})
    assert [row["there"] for row in desk.rows()] == ["not ours"]
    for remove in (False, True):
        with pytest.raises(SetupError, match="left alone"):
            desk.install(remove=remove)
    assert tree(folder) == {"lib/json.lua": b"somebody's"}


def test_a_home_that_lua_cannot_open_is_said_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(tmp_path, capsys, windows(tmp_path / "mia"))
    desk.home = tmp_path / "Jörg"
    resources = install_reaper(own_folder(desk.machine))
    with pytest.raises(SetupError, match="Jörg"):
        desk.install()
    assert list(tree(resources)) == ["reaper.ini"]


def test_where_reaper_is_not_found_that_is_said_and_the_list_is_empty(desk: Desk) -> None:
    for options in ({}, {"as_list": True}, {"remove": True}):
        with pytest.raises(SetupError, match="--to DIR"):
            desk.install(**options)
    assert desk.rows() == []


def test_the_list_needs_no_scripts_at_hand(desk: Desk) -> None:
    install_reaper(own_folder(desk.machine))
    desk.install()
    os.rename(desk.room, desk.room.with_name("gone"))
    assert [row["there"] for row in desk.rows()] == ["this version"]
    with pytest.raises(SetupError, match="not in this copy"):
        desk.install()
