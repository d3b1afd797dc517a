"""Where Live's User Library is, on machines of every kind; and which device files are ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import __version__
from bridge.errors import NotWritable, SetupError
from bridge.setup import device, live
from bridge.setup.machine import Lying, Machine, chosen_place, this_machine
from max_for_live.builder.build import build_device
from tests.setup.devices import (
    frozen,
    library,
    library_cfg,
    linux,
    live_here,
    live_says,
    mac,
    plain,
    windows,
)

EFFECTS = ("Presets", "Audio Effects", "Max Audio Effect")


# Where the library is


def test_on_a_mac_that_says_nothing_it_is_in_the_music_folder(tmp_path: Path) -> None:
    usual = library(tmp_path / "Music" / "Ableton")
    (place,) = live.find_places(mac(tmp_path))
    assert (place.root, place.folder, place.said_by) == (usual, usual.joinpath(*EFFECTS), "the usual place")


def test_on_windows_it_is_in_the_documents_wherever_they_were_moved(tmp_path: Path) -> None:
    cloud = tmp_path / "OneDrive" / "Documents"
    moved, old = library(cloud / "Ableton"), library(tmp_path / "Documents" / "Ableton")
    assert [place.root for place in live.find_places(windows(tmp_path, documents=cloud))] == [moved, old]
    assert [place.root for place in live.find_places(windows(tmp_path))] == [old]


def test_a_moved_library_is_found_where_live_says(tmp_path: Path) -> None:
    machine, moved = live_here(tmp_path), library(tmp_path / "R&B")
    usual = [library(tmp_path / folder / "Ableton") for folder in ("Music", "Documents")]
    live_says(machine, "12.3.2", library_cfg(str(tmp_path / "R&amp;B")))
    first, second = live.find_places(machine)
    assert (first.root, first.said_by) == (moved, "Live 12.3.2")
    assert second.root in usual


def test_the_newest_live_comes_first_and_a_release_before_its_betas(tmp_path: Path) -> None:
    versions = ["9.7.7", "11.3.20", "12.0", "12.0b20", "12.2.10", "12.2.9", "12.3b3", "12.3.2", "12.3.2b1", "12.3"]
    for version in versions:
        library(tmp_path / version)
        live_says(live_here(tmp_path), version, library_cfg(str(tmp_path / version)))
    for other in ("Reports", "", "12 Suite", "12.3b", "twelve"):
        live_says(live_here(tmp_path), other, library_cfg(str(tmp_path / "12.0")))
    assert [place.said_by for place in live.find_places(live_here(tmp_path))] == [
        f"Live {version}"
        for version in (
            "12.3.2",
            "12.3.2b1",
            "12.3",
            "12.3b3",
            "12.2.10",
            "12.2.9",
            "12.0",
            "12.0b20",
            "11.3.20",
            "9.7.7",
        )
    ]


def test_a_library_that_several_versions_share_is_one_place(tmp_path: Path) -> None:
    shared = library(tmp_path / "Music" / "Ableton")
    for version in ("11.3.13", "12.3.2"):
        live_says(live_here(tmp_path), version, library_cfg(str(shared.parent)))
    assert [(place.root, place.said_by) for place in live.find_places(live_here(tmp_path))] == [(shared, "Live 12.3.2")]


def test_a_live_that_says_nothing_usable_is_passed_over(tmp_path: Path) -> None:
    moved = library(tmp_path / "Moved")
    live_says(live_here(tmp_path), "12.4b1", "<Ableton><ContentLibrary /></Ableton>")
    live_says(live_here(tmp_path), "12.3.2", library_cfg(str(moved.parent))[:-20])
    live_says(live_here(tmp_path), "12.3", library_cfg(str(moved.parent)) + " " * 9_000_000)
    live_says(live_here(tmp_path), "12.2", library_cfg(str(moved.parent)))
    assert [place.said_by for place in live.find_places(live_here(tmp_path))] == ["Live 12.2"]


def test_windows_keeps_it_with_the_roaming_settings(tmp_path: Path) -> None:
    moved = library(tmp_path / "D")
    roaming = windows(tmp_path, APPDATA=str(tmp_path / "Roaming"))
    for machine in (roaming, windows(tmp_path)):
        assert live.find_places(machine) == ()
        live_says(machine, "12.3.2", library_cfg(f"{moved.parent.as_posix()}/"))
        assert [place.root for place in live.find_places(machine)] == [moved]


def test_looking_changes_nothing(tmp_path: Path) -> None:
    live_says(live_here(tmp_path), "12.3.2", library_cfg(str(tmp_path / "Moved")))
    before = sorted(tmp_path.rglob("*"))
    assert [place.root for place in live.find_places(live_here(tmp_path))] == [tmp_path / "Moved" / "User Library"]
    assert sorted(tmp_path.rglob("*")) == before


def test_there_is_no_live_on_linux(tmp_path: Path) -> None:
    library(tmp_path / "Music" / "Ableton")
    assert live.find_places(linux(tmp_path)) == ()
    assert "--to DIR" in live.why_nowhere(linux(tmp_path))


@pytest.mark.parametrize("kind", [mac, windows])
def test_where_nothing_is_found_the_places_looked_at_are_named(kind: Callable[[Path], Machine], tmp_path: Path) -> None:
    text = live.why_nowhere(kind(tmp_path))
    for place in ("Library.cfg", str(Path("Ableton") / "User Library"), "--to DIR"):
        assert place in text


def test_the_machine_we_run_on_is_known() -> None:
    machine = this_machine()
    assert machine.platform in ("darwin", "win32", "linux")
    assert machine.home.is_absolute()
    assert machine.documents.is_absolute()


# What a Library.cfg says


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        (r"C:\Users\Mia\Documents\Ableton" + "\\", r"C:\Users\Mia\Documents\Ableton\User Library"),
        (r"C:\Users\Mia\Documents\Ableton", r"C:\Users\Mia\Documents\Ableton\User Library"),
        ("C:/Users/Jörg/Ableton/", r"C:\Users\Jörg\Ableton\User Library"),
        ("D:\\", r"D:\User Library"),
        (r"\\nas\music", r"\\nas\music\User Library"),
    ],
)
def test_windows_paths_are_read_in_every_form(parent: str, expected: str) -> None:
    named = live.user_library_in(library_cfg(parent).encode(), "win32")
    assert named == PureWindowsPath(expected)
    assert str(named) == expected


def test_mac_paths_are_read_as_they_stand() -> None:
    cfg = library_cfg("/Volumes/Fast\\Disk/Zoë &amp; Co", name="My Library")
    assert live.user_library_in(cfg.encode(), "darwin") == PurePosixPath("/Volumes/Fast\\Disk/Zoë & Co/My Library")
    assert live.user_library_in(cfg.replace("UTF-8", "UTF-16").encode("utf-16"), "darwin") is not None


@pytest.mark.parametrize(
    ("platform", "parent", "name"),
    [
        ("darwin", "", "User Library"),
        ("darwin", "Music/Ableton", "User Library"),
        ("darwin", "/Music", "../../etc"),
        ("darwin", "/Music", ".."),
        ("darwin", "/Music", "/etc"),
        ("win32", "C:Music", "User Library"),
        ("win32", r"C:\Music", r"..\Windows"),
        ("win32", r"C:\Music", r"D:\Other"),
    ],
)
def test_a_path_that_leads_elsewhere_names_nothing(platform: str, parent: str, name: str) -> None:
    assert live.user_library_in(library_cfg(parent, name).encode(), platform) is None


def test_the_name_is_user_library_where_none_is_said() -> None:
    assert live.user_library_in(library_cfg("/Music", "").encode(), "darwin") == PurePosixPath("/Music/User Library")


def test_a_path_outside_the_user_library_element_is_not_meant() -> None:
    cfg = b'<Ableton><Other><LibraryProject><ProjectPath Value="/Other"/></LibraryProject></Other></Ableton>'
    assert live.user_library_in(cfg, "darwin") is None


def test_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY a "/Music"><!ENTITY b "&a;&a;">]>'
    cfg = library_cfg("&b;").replace("<Ableton ", f"{bomb}<Ableton ", 1)
    assert live.user_library_in(cfg.encode(), "darwin") is None


@given(st.binary(max_size=200), st.sampled_from(["darwin", "win32"]))
def test_no_content_can_break_the_reader(content: bytes, platform: str) -> None:
    whole = library_cfg("/Music").encode()
    assert live.user_library_in(content, platform) is None
    live.user_library_in(whole[: len(content)] + content + whole[len(content) :], platform)


# A folder of one's own


def test_a_folder_given_must_be_a_folder(tmp_path: Path) -> None:
    assert chosen_place(tmp_path).folder == tmp_path
    with pytest.raises(SetupError, match="make that folder first"):
        chosen_place(tmp_path / "gone")
    (tmp_path / "file").write_text("I am a file")
    with pytest.raises(SetupError, match="is no folder"):
        chosen_place(tmp_path / "file")


# Which device


def test_the_packed_device_comes_before_the_built_one(tmp_path: Path) -> None:
    room = tmp_path / "bridge" / "setup"
    room.mkdir(parents=True)
    built = tmp_path / "max_for_live" / "dist" / "daw-bridge.amxd"
    built.parent.mkdir(parents=True)
    built.write_bytes(frozen(note="built"))
    assert device.read_device(room) == frozen(note="built")
    (room / "daw-bridge.amxd").write_bytes(frozen(note="packed"))
    assert device.read_device(room) == frozen(note="packed")


def test_a_device_that_is_missing_or_damaged_is_said_with_what_to_do(tmp_path: Path) -> None:
    room = tmp_path / "bridge" / "setup"
    room.mkdir(parents=True)
    with pytest.raises(SetupError, match="make device"):
        device.read_device(room)
    (room / "daw-bridge.amxd").write_bytes(frozen()[:100])
    with pytest.raises(SetupError, match=r"daw-bridge\.amxd is damaged"):
        device.read_device(room)
    (room / "daw-bridge.amxd").unlink()
    (room / "daw-bridge.amxd").mkdir()
    with pytest.raises(SetupError, match="cannot be read"):
        device.read_device(room)


def test_ours_is_known_by_the_script_inside() -> None:
    assert device.version_in(frozen(version="0.3.1")) == "0.3.1"
    assert device.version_in(plain()) == ""
    foreign = (
        frozen(script="BassMachine.js"),
        frozen(script="my-daw-bridge-0123456789ab.js"),
        plain(script="BassMachine.js"),
        b"RIFF" + frozen()[4:],
        frozen()[:-1],
        b"daw-bridge-0123456789ab.js",
        b"",
    )
    assert [device.version_in(content) for content in foreign] == [None] * len(foreign)


def test_the_device_that_the_build_makes_is_known_in_both_forms() -> None:
    built = build_device()
    assert built.file_name == device.FILE_NAME
    assert device.version_in(built.frozen) == __version__
    assert device.version_in(built.unfrozen) == ""


@given(st.integers(0, len(frozen()) - 1), st.binary(max_size=8))
def test_a_damaged_container_breaks_nothing(place: int, rubbish: bytes) -> None:
    whole = frozen()
    device.version_in(whole[:place])
    device.version_in(whole[:place] + rubbish + whole[place + len(rubbish) :])


def test_what_lies_there_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "daw-bridge.amxd"
    assert device.look(tmp_path / "gone").there == "nothing"
    assert device.look(tmp_path).there == "nothing"
    path.write_bytes(frozen())
    assert device.look(tmp_path, frozen()) == Lying(there="this version", version=__version__)
    assert device.look(tmp_path, frozen(note="other")).there == "another version"
    assert device.look(tmp_path).there == "this version"
    path.write_bytes(frozen(version="0.0.1"))
    assert device.look(tmp_path) == Lying(there="another version", version="0.0.1")
    path.write_bytes(b"somebody's")
    assert device.look(tmp_path, frozen()).there == "not ours"
    path.unlink()
    path.mkdir()
    assert device.look(tmp_path).there == "not ours"


def test_the_device_goes_in_whole_and_out_again(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*EFFECTS)
    assert device.put(frozen(), folder).there == "nothing"
    assert [path.read_bytes() for path in folder.iterdir()] == [frozen()]
    written = (folder / "daw-bridge.amxd").stat().st_mtime_ns
    assert device.put(frozen(), folder).there == "this version"
    assert (folder / "daw-bridge.amxd").stat().st_mtime_ns == written
    assert device.put(frozen(note="new"), folder).there == "another version"
    assert [path.read_bytes() for path in folder.iterdir()] == [frozen(note="new")]
    device.take_out(folder)
    device.take_out(folder)
    assert list(folder.iterdir()) == []


def test_somebody_elses_file_is_neither_replaced_nor_taken_out(tmp_path: Path) -> None:
    (tmp_path / "daw-bridge.amxd").write_bytes(frozen(script="BassMachine.js"))
    for act in (lambda: device.put(frozen(), tmp_path), lambda: device.take_out(tmp_path)):
        with pytest.raises(SetupError, match=r"daw-bridge\.amxd was not made by daw-bridge and is left alone"):
            act()
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [frozen(script="BassMachine.js")]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "Presets").write_text("I am a file")
    with pytest.raises(NotWritable, match="Presets"):
        device.put(frozen(), tmp_path.joinpath(*EFFECTS))
