"""Where REAPER keeps its resource path, on machines of every kind, portable or not."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.errors import SetupError
from bridge.setup import reaper
from bridge.setup.machine import Machine
from tests.setup.devices import linux, mac, windows
from tests.setup.reapers import install_portable, install_reaper, own_folder

OURS = ("Scripts", "daw-bridge")


@pytest.mark.parametrize("kind", [windows, mac, linux])
def test_its_own_folder_is_found_once_reaper_has_run(kind: Callable[[Path], Machine], tmp_path: Path) -> None:
    machine = kind(tmp_path)
    own = own_folder(machine)
    own.mkdir(parents=True)
    assert reaper.find_places(machine) == ()
    assert str(own) in reaper.why_nowhere(machine)
    assert "--to DIR" in reaper.why_nowhere(machine)
    install_reaper(own)
    (place,) = reaper.find_places(machine)
    assert (place.root, place.folder, place.said_by) == (own, own.joinpath(*OURS), "REAPER's own folder")


def test_settings_that_were_moved_are_followed(tmp_path: Path) -> None:
    roaming = install_reaper(tmp_path / "Roaming" / "REAPER")
    settings = install_reaper(tmp_path / "settings" / "REAPER")
    elsewhere = Machine(
        platform="linux",
        home=tmp_path,
        documents=tmp_path,
        environment={"XDG_CONFIG_HOME": str(settings.parent)},
        disk=tmp_path / "disk",
    )
    assert [place.root for place in reaper.find_places(elsewhere)] == [settings]
    assert [place.root for place in reaper.find_places(windows(tmp_path, APPDATA=str(roaming.parent)))] == [roaming]


@pytest.mark.parametrize(
    ("kind", "folders", "program"),
    [
        (windows, ("disk/REAPER", "REAPER7", "Desktop/Reaper (portable)", "Documents/reaper"), "reaper.exe"),
        (mac, ("disk/Applications/REAPER", "Applications/REAPER 7", "REAPER-portable"), "REAPER.app"),
        (
            linux,
            ("disk/opt/REAPER", "opt/reaper", "REAPER", ".local/opt/REAPER7", "opt/reaper_linux_x86_64/REAPER"),
            "reaper",
        ),
    ],
)
def test_portable_installs_are_found_in_the_usual_folders(
    kind: Callable[[Path], Machine], folders: tuple[str, ...], program: str, tmp_path: Path
) -> None:
    portable = {install_portable(tmp_path / folder, program) for folder in folders}
    install_reaper(tmp_path / "REAPER backup")
    install_portable(tmp_path / "Cockos", program)
    places = reaper.find_places(kind(tmp_path))
    assert {place.root for place in places} == portable
    assert {place.said_by for place in places} == {"portable"}


def test_program_files_are_looked_through_on_windows(tmp_path: Path) -> None:
    portable = install_portable(tmp_path / "Programs" / "REAPER (x64)", "reaper.exe")
    variables = {name: str(tmp_path / "Programs") for name in ("ProgramFiles", "ProgramW6432")}
    assert [place.root for place in reaper.find_places(windows(tmp_path / "home", **variables))] == [portable]


def test_the_one_that_was_used_last_comes_first(tmp_path: Path) -> None:
    machine = linux(tmp_path)
    old = install_portable(tmp_path / "opt" / "REAPER6", "reaper", used_at=1_000)
    own = install_reaper(own_folder(machine), used_at=2_000)
    new = install_portable(tmp_path / "opt" / "REAPER7", "reaper", used_at=3_000)
    assert [place.root for place in reaper.find_places(machine)] == [new, own, old]


def test_one_folder_of_several_names_is_one_place(tmp_path: Path) -> None:
    machine = linux(tmp_path)
    real = install_portable(tmp_path / "REAPER", "reaper")
    own_folder(machine).parent.mkdir()
    own_folder(machine).symlink_to(real, target_is_directory=True)
    (place,) = reaper.find_places(machine)
    assert (place.root, place.said_by) == (own_folder(machine), "REAPER's own folder")


def test_what_cannot_be_looked_at_is_passed_over(tmp_path: Path) -> None:
    machine = linux(tmp_path)
    own = install_reaper(own_folder(machine))
    (tmp_path / "opt").write_text("a file")
    (tmp_path / "REAPER").write_text("a file")
    (tmp_path / "reaper7").symlink_to(tmp_path / "reaper7")
    assert [place.root for place in reaper.find_places(machine)] == [own]


def test_looking_changes_nothing(tmp_path: Path) -> None:
    install_portable(tmp_path / "REAPER", "reaper")
    install_reaper(own_folder(linux(tmp_path)))
    before = sorted(tmp_path.rglob("*"))
    reaper.find_places(linux(tmp_path))
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_given_is_understood_as_a_user_means_it(tmp_path: Path) -> None:
    used = install_reaper(tmp_path / "used")
    fresh = tmp_path / "fresh"
    (fresh / "Scripts").mkdir(parents=True)
    meant = {
        used: used.joinpath(*OURS),
        fresh: fresh.joinpath(*OURS),
        fresh / "Scripts": fresh.joinpath(*OURS),
        fresh.joinpath(*OURS): fresh.joinpath(*OURS),
    }
    for _ in range(2):
        for given, folder in meant.items():
            place = reaper.place_in(given)
            assert (place.folder, place.said_by) == (folder, "--to")
            assert place.root.is_dir()
        fresh.joinpath(*OURS).mkdir(exist_ok=True)
    (tmp_path / "daw-bridge").write_text("a file")
    for wrong in (tmp_path / "gone", used / "reaper.ini", tmp_path / "daw-bridge"):
        with pytest.raises(SetupError, match=os.path.basename(wrong)):
            reaper.place_in(wrong)
