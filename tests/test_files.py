"""Files appear whole, never over another, and stay under their roots."""

from __future__ import annotations

import os
import sys
import threading
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BadTrigger, MissingFile, NotAllowed, NotWritable
from bridge.files import add_whole, check_root, copy_whole, find_file, place_whole, safe_name, sha256_of, write_whole


def test_a_written_file_replaces_the_old_one_and_leaves_no_part(tmp_path: Path) -> None:
    target = tmp_path / "state.json"
    write_whole(target, b"old")
    write_whole(target, b"new")
    assert target.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_readers_never_see_half_a_file(tmp_path: Path) -> None:
    target = tmp_path / "state.json"
    contents = {b"a" * 200_000, b"b" * 200_000}
    write_whole(target, b"a" * 200_000)
    seen: set[bytes] = set()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.add(target.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for count in range(40):
        write_whole(target, (b"a" if count % 2 else b"b") * 200_000, sync=False)
    stop.set()
    reader.join()
    assert seen
    assert seen <= contents


def test_placing_never_replaces_another_file(tmp_path: Path) -> None:
    folder = tmp_path / "Generated"
    placed = []
    for content in (b"one", b"two", b"three"):
        part = tmp_path / "take.part"
        part.write_bytes(content)
        placed.append(place_whole(part, folder, "Riff 96bpm.wav"))
        assert not part.exists()
    assert [path.name for path in placed] == ["Riff 96bpm.wav", "Riff 96bpm-2.wav", "Riff 96bpm-3.wav"]
    assert [path.read_bytes() for path in placed] == [b"one", b"two", b"three"]


def test_a_copy_takes_a_free_name_and_leaves_its_source(tmp_path: Path) -> None:
    source, folder = tmp_path / "take.wav", tmp_path / "new" / "folder"
    source.write_bytes(b"music" * 300_000)
    copies = [copy_whole(source, folder, "take.wav"), copy_whole(source, folder, "take.wav")]
    copies.append(add_whole(source.read_bytes(), folder, "take.wav"))
    assert [path.name for path in copies] == ["take.wav", "take-2.wav", "take-3.wav"]
    assert {path.read_bytes() for path in (source, *copies)} == {source.read_bytes()}
    assert set(folder.iterdir()) == set(copies)


def test_a_copy_that_fails_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"gone\.wav"):
        copy_whole(tmp_path / "gone.wav", tmp_path / "folder", "a.wav")
    (tmp_path / "file").write_text("I am a file")
    with pytest.raises(NotWritable, match="file"):
        copy_whole(tmp_path / "file", tmp_path / "file", "a.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_is_a_file_is_not_writable_and_named(tmp_path: Path) -> None:
    (tmp_path / "Generated").write_text("I am a file")
    part = tmp_path / "take.part"
    part.write_bytes(b"take")
    with pytest.raises(NotWritable, match="Generated"):
        place_whole(part, tmp_path / "Generated", "a.wav")
    assert part.read_bytes() == b"take"


def test_a_path_is_found_in_the_other_unicode_form(tmp_path: Path) -> None:
    on_disk = tmp_path / unicodedata.normalize("NFD", "Café.wav")
    on_disk.write_bytes(b"x")
    found = find_file(str(tmp_path / unicodedata.normalize("NFC", "Café.wav")))
    assert found.read_bytes() == b"x"
    if sys.platform == "linux":
        assert str(found) == str(on_disk)


def test_backslashes_are_read_as_slashes_where_nothing_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "a.wav").write_bytes(b"x")
    assert find_file(str(tmp_path).replace("/", "\\") + "\\clips\\a.wav") == tmp_path / "clips" / "a.wav"
    if os.name != "nt":
        odd = tmp_path / "clips\\a.wav"
        odd.write_bytes(b"y")
        assert find_file(str(odd)) == odd


def test_missing_relative_and_broken_paths_have_their_errors(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"nowhere\.wav"):
        find_file(str(tmp_path / "nowhere.wav"))
    with pytest.raises(BadTrigger, match="not absolute"):
        find_file("riff.wav")
    with pytest.raises(BadTrigger, match="NUL"):
        find_file("/tmp/a\0b.wav")
    with pytest.raises(MissingFile):
        find_file(str(tmp_path / ("x" * 5000)))


def test_roots_are_checked_after_links_and_dots_are_resolved(tmp_path: Path) -> None:
    root, outside = tmp_path / "songs", tmp_path / "secret"
    root.mkdir()
    outside.mkdir()
    (outside / "a.wav").write_bytes(b"x")
    (root / "link").symlink_to(outside)
    (root / "b.wav").write_bytes(b"x")
    assert check_root(root / "b.wav", [str(root)]) == Path(os.path.realpath(root / "b.wav"))
    for escape in (root / "link" / "a.wav", root / ".." / "secret" / "a.wav", Path(str(root) + "-2") / "a.wav"):
        with pytest.raises(NotAllowed):
            check_root(escape, [str(root)])


def test_what_lies_outside_the_roots_is_not_told(tmp_path: Path) -> None:
    root = tmp_path / "songs"
    root.mkdir()
    (tmp_path / "secret.wav").write_bytes(b"x")
    for name in ("secret.wav", "nothing.wav"):
        with pytest.raises(NotAllowed):
            find_file(str(tmp_path / name), [str(root)])
    with pytest.raises(MissingFile):
        find_file(str(root / "nothing.wav"), [str(root)])


@given(st.text(max_size=300), st.integers(min_value=8, max_value=200))
def test_any_text_becomes_a_safe_name(text: str, limit: int) -> None:
    name = safe_name(text, limit)
    assert 1 <= len(name.encode("ascii")) <= limit
    assert not set(name) & set('<>:"/\\|?*')
    assert name == name.strip(" .")
    assert name.split(".")[0].lower() not in {"con", "nul", "aux", "prn", "com1", "lpt9"}
    assert name not in {".", ".."}
    assert all(ord(letter) >= 32 for letter in name)


def test_sha256_is_the_usual_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256_of(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
