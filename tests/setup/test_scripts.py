"""Which scripts are ours, and what putting them in and taking them out leaves of everybody else's files."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import __version__
from bridge.errors import NotWritable, SetupError
from bridge.setup import scripts
from bridge.setup.machine import Lying
from bridge.setup.short_path import short_path
from tests.setup.reapers import SCRIPTS, lay_out, tree

HOME = "/home/mia/bridge"
OLDER = {
    **{name: content + b"-- older\n" for name, content in SCRIPTS.items()},
    "daw-bridge_Gone.lua": b"-- An action that is no more.\n",
    "lib/old/gone.lua": b"return 1\n",
}


OUR_LINE = b'reaper.Main_OnCommand(reaper.NamedCommandLookup("_RS1f"), 0) -- daw-bridge'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the scripts go; REAPER has made no folder for them."""
    return tmp_path / "Scripts" / "daw-bridge"


# Found in this copy


def test_packed_scripts_come_before_those_of_a_checkout(tmp_path: Path) -> None:
    room = tmp_path / "bridge" / "setup"
    checkout = lay_out(tmp_path / "reaper_scripts" / "daw-bridge", {**SCRIPTS, ".hidden": b"", "lib/.swp": b""})
    (checkout / "installed.json").write_text("{}")
    assert scripts.read_scripts(room) == SCRIPTS
    lay_out(room / "daw-bridge", {"daw-bridge_Watcher.lua": b"packed"})
    assert scripts.read_scripts(room) == {"daw-bridge_Watcher.lua": b"packed"}


def test_scripts_that_are_missing_are_said(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="not in this copy"):
        scripts.read_scripts(tmp_path / "bridge" / "setup")
    assert scripts.scripts_at_hand(tmp_path / "bridge" / "setup") == {}


def test_the_scripts_of_this_checkout_are_at_hand() -> None:
    assert "lib/protocol.lua" in scripts.read_scripts(scripts.ROOM)


# Put in


def test_they_go_in_whole_with_a_note_that_names_the_home(folder: Path) -> None:
    done = scripts.put(SCRIPTS, folder, HOME)
    assert (done.before.there, done.changed, done.kept) == ("nothing", True, ())
    there = tree(folder)
    note = json.loads(there.pop("installed.json"))
    assert there == SCRIPTS
    assert (note["version"], note["home"], set(note["files"])) == (__version__, HOME, set(SCRIPTS))
    assert scripts.look(folder, SCRIPTS) == Lying(there="this version", version=__version__)
    assert scripts.look(folder, {}).there == "this version"


def test_the_same_again_changes_nothing_and_another_home_only_the_note(folder: Path) -> None:
    scripts.put(SCRIPTS, folder, HOME)
    times = {path: path.stat().st_mtime_ns for path in folder.rglob("*.lua")}
    assert scripts.put(SCRIPTS, folder, HOME).changed is False
    assert scripts.put(SCRIPTS, folder, "/elsewhere").changed is True
    assert json.loads((folder / "installed.json").read_bytes())["home"] == "/elsewhere"
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.lua")} == times


def test_what_is_missing_is_put_back(folder: Path) -> None:
    scripts.put(SCRIPTS, folder, HOME)
    (folder / "lib" / "json.lua").unlink()
    assert scripts.look(folder, SCRIPTS).there == "another version"
    scripts.put(SCRIPTS, folder, HOME)
    assert (folder / "lib" / "json.lua").read_bytes() == SCRIPTS["lib/json.lua"]


def test_a_newer_version_replaces_ours_removes_what_is_no_more_and_leaves_the_users_own(folder: Path) -> None:
    scripts.put(OLDER, folder, HOME)
    own = {"mine.lua": b"-- mine\n", "lib/mine.lua": b"-- mine\n", "daw-bridge_Mine.lua": b"-- my daw-bridge\n"}
    lay_out(folder, own)
    assert scripts.look(folder, SCRIPTS).there == "another version"
    assert scripts.put(SCRIPTS, folder, HOME).kept == ()
    there = tree(folder)
    del there["installed.json"]
    assert there == {**SCRIPTS, **own}
    assert not (folder / "lib" / "old").exists()


def test_a_script_that_somebody_changed_is_replaced_and_kept_aside(folder: Path) -> None:
    scripts.put(OLDER, folder, HOME)
    changed = dict.fromkeys(("lib/json.lua", "lib/old/gone.lua"), b"changed")
    lay_out(folder, {**changed, "lib/json.lua.bak": b"of the last time"})
    kept = scripts.put(SCRIPTS, folder, HOME).kept
    assert {path.relative_to(folder).as_posix() for path in kept} == {"lib/json.lua-2.bak", "lib/old/gone.lua.bak"}
    assert {path.read_bytes() for path in kept} == {b"changed"}
    there = tree(folder)
    assert {name: there[name] for name in SCRIPTS} == SCRIPTS
    assert "lib/old/gone.lua" not in there
    assert there["lib/json.lua.bak"] == b"of the last time"


def test_scripts_that_were_copied_by_hand_are_ours_by_their_first_lines(folder: Path) -> None:
    lay_out(folder, {"daw-bridge_Watcher.lua": b"-- @description daw-bridge\nold"})
    assert scripts.look(folder, SCRIPTS) == Lying(there="another version", version="")
    (kept,) = scripts.put(SCRIPTS, folder, HOME).kept
    assert kept.name == "daw-bridge_Watcher.lua.bak"


@pytest.mark.parametrize(
    ("name", "content"),
    [("lib/json.lua", b"somebody's"), ("lib", b"a file where a folder goes")],
    ids=["file", "folder"],
)
def test_somebody_elses_file_in_the_way_is_refused_by_name_and_nothing_changes(
    name: str, content: bytes, folder: Path
) -> None:
    lay_out(folder, {name: content})
    assert scripts.look(folder, SCRIPTS).there == "not ours"
    with pytest.raises(SetupError, match=r"json\.lua is not what daw-bridge put there and is left alone"):
        scripts.put(SCRIPTS, folder, HOME)
    with pytest.raises(SetupError, match="left alone"):
        scripts.take_out(folder, SCRIPTS)
    assert tree(folder) == {name: content}


def test_a_folder_in_the_way_is_refused(folder: Path) -> None:
    (folder / "daw-bridge_Again.lua").mkdir(parents=True)
    with pytest.raises(SetupError, match=r"daw-bridge_Again\.lua"):
        scripts.put(SCRIPTS, folder, HOME)


def test_a_folder_that_is_a_link_is_left_alone(tmp_path: Path, folder: Path) -> None:
    checkout = lay_out(tmp_path / "checkout", SCRIPTS)
    folder.parent.mkdir()
    folder.symlink_to(checkout, target_is_directory=True)
    for act in (lambda: scripts.put(SCRIPTS, folder, HOME), lambda: scripts.take_out(folder, SCRIPTS)):
        with pytest.raises(SetupError, match="is a link to"):
            act()
    assert tree(checkout) == SCRIPTS


def test_a_folder_that_cannot_be_made_is_named(folder: Path) -> None:
    folder.parent.parent.joinpath("Scripts").write_text("a file")
    with pytest.raises(NotWritable, match="Scripts"):
        scripts.put(SCRIPTS, folder, HOME)


def test_an_install_that_was_cut_off_goes_on(folder: Path) -> None:
    scripts.put(OLDER, folder, HOME)
    half = dict(list(SCRIPTS.items())[:2])
    lay_out(folder, half)
    assert scripts.put(SCRIPTS, folder, HOME).kept == ()
    assert scripts.look(folder, SCRIPTS).there == "this version"


# Taken out


def test_taking_out_leaves_nothing_of_ours_and_all_else(folder: Path) -> None:
    scripts.put(SCRIPTS, folder, HOME)
    lay_out(folder, {"lib/mine.lua": b"mine"})
    assert scripts.take_out(folder, SCRIPTS).changed is True
    assert tree(folder) == {"lib/mine.lua": b"mine"}
    assert scripts.take_out(folder, SCRIPTS).changed is False
    (folder / "lib" / "mine.lua").unlink()
    scripts.put(SCRIPTS, folder, HOME)
    scripts.take_out(folder, {})
    assert not folder.exists()
    assert folder.parent.is_dir()


def test_taking_out_keeps_what_somebody_changed(folder: Path) -> None:
    scripts.put(SCRIPTS, folder, HOME)
    (folder / "lib" / "json.lua").write_bytes(b"changed")
    (kept,) = scripts.take_out(folder, SCRIPTS).kept
    assert tree(folder) == {"lib/json.lua.bak": b"changed"}
    assert kept == folder / "lib" / "json.lua.bak"


def test_our_line_at_the_start_of_reaper_goes_and_the_rest_stays_to_the_byte(folder: Path) -> None:
    startup = folder.parent / "__startup.lua"
    scripts.put(SCRIPTS, folder, HOME)
    rest = b"-- daw-bridge is good\r\nmine() -- daw-bridge\r\nprint('J\xf6rg')\n-- daw-bridges\n\n\tlast() -- no end"
    startup.write_bytes(OUR_LINE + b"\r\n" + rest.replace(b"\n\n", b"\n\n" + OUR_LINE + b" \n"))
    assert scripts.take_out(folder, SCRIPTS).changed is True
    assert startup.read_bytes() == rest
    startup.write_bytes(b"\xef\xbb\xbf" + OUR_LINE + b"\nmine()\n")
    assert scripts.take_out(folder, SCRIPTS).changed is True
    assert startup.read_bytes() == b"\xef\xbb\xbfmine()\n"
    startup.write_bytes(OUR_LINE)
    assert scripts.take_out(folder, SCRIPTS).changed is True
    assert not startup.exists()


@given(
    st.lists(st.sampled_from([OUR_LINE, b"run() -- daw-bridge", b"-- daw-bridge x", b"x()", b"", b"\xff", b"\x0c"])),
    st.data(),
)
def test_only_our_lines_ever_go(lines: list[bytes], data: st.DataObject) -> None:
    ends = [data.draw(st.sampled_from([b"\n", b"\r\n"])) for _ in lines]
    with tempfile.TemporaryDirectory() as name:
        startup = Path(name) / "__startup.lua"
        startup.write_bytes(b"".join(line + end for line, end in zip(lines, ends, strict=True)))
        scripts.take_out(Path(name) / "daw-bridge", SCRIPTS)
        rest = b"".join(line + end for line, end in zip(lines, ends, strict=True) if line != OUR_LINE)
        assert (startup.read_bytes() if startup.exists() else b"") == rest


@pytest.mark.parametrize(
    "name",
    ["../mine.lua", "/etc/passwd", "lib/../../mine.lua", "C:\\mine.lua", "C:mine.lua", "..", "", "installed.json"],
)
def test_a_note_that_leads_elsewhere_is_no_note_of_ours(name: str, folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "Scripts" / "mine.lua"
    lay_out(mine.parent, {"mine.lua": b"mine"})
    scripts.put(SCRIPTS, folder, HOME)
    note = json.loads((folder / "installed.json").read_bytes())
    note["files"][name] = "0" * 64
    (folder / "installed.json").write_text(json.dumps(note))
    assert scripts.read_note(folder) is None
    scripts.take_out(folder, SCRIPTS)
    assert mine.read_bytes() == b"mine"
    assert not (folder / "lib").exists()


@given(st.binary(max_size=200))
def test_no_note_can_break_the_reader(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "installed.json").write_bytes(content)
        scripts.look(Path(name), SCRIPTS)


# The home


def test_the_home_is_told_as_it_is_where_lua_can_open_it(tmp_path: Path) -> None:
    def never(_: Path) -> str:
        raise AssertionError

    assert scripts.ascii_home(tmp_path, "win32", never) == str(tmp_path)
    assert scripts.ascii_home(tmp_path / "Jörg", "linux", never) == str(tmp_path / "Jörg")
    assert list(tmp_path.iterdir()) == []


def test_windows_is_asked_for_the_short_name_of_a_home_that_is_there(tmp_path: Path) -> None:
    home = tmp_path / "Jörg" / "daw-bridge"

    def short(path: Path) -> str:
        assert path.is_dir()
        return r"C:\Users\JRG~1\DAW-BR~1"

    assert scripts.ascii_home(home, "win32", short) == r"C:\Users\JRG~1\DAW-BR~1"


@pytest.mark.parametrize("told", ["", "C:\\Users\\Jörg"])
def test_a_home_without_a_plain_name_is_refused_with_what_to_do(told: str, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"Jörg.*--home C:\\daw-bridge install reaper"):
        scripts.ascii_home(tmp_path / "Jörg", "win32", lambda _: told)


def test_the_short_name_of_this_machine_leads_to_the_same_folder(tmp_path: Path) -> None:
    assert Path(short_path(tmp_path)).samefile(tmp_path)
