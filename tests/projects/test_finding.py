"""Which project file counts: the newest one beside the clip, or a little way above it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge.projects import read_project
from tests.projects.sets import daw_project, dawproject_bytes, live_set, reaper_project, write_als


def als(path: Path, bpm: float, changed: float = 1000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_als(path, live_set(bpm=bpm))
    os.utime(path, (changed, changed))
    return path


def bpm_at(folder: Path) -> float | None:
    facts = read_project(folder)
    return facts.bpm if facts is not None else None


def test_the_newest_of_all_kinds_counts(tmp_path: Path) -> None:
    als(tmp_path / "a.als", 100, 3000)
    (tmp_path / "b.rpp").write_text(reaper_project(tempo="110 4 4"))
    os.utime(tmp_path / "b.rpp", (5000, 5000))
    transport = '<Tempo unit="bpm" value="120"/>'
    (tmp_path / "c.dawproject").write_bytes(dawproject_bytes(daw_project(transport=transport)))
    os.utime(tmp_path / "c.dawproject", (4000, 4000))
    facts = read_project(tmp_path)
    assert facts is not None
    assert (facts.bpm, facts.file) == (110, str(tmp_path / "b.rpp"))


def test_a_file_that_was_saved_again_is_read_again(tmp_path: Path) -> None:
    als(tmp_path / "a.als", 100, 1000)
    assert bpm_at(tmp_path) == 100
    als(tmp_path / "a.als", 123, 2000)
    assert bpm_at(tmp_path) == 123


def test_the_folder_itself_goes_before_those_above_it(tmp_path: Path) -> None:
    als(tmp_path / "My Song Project" / "Song.als", 100, 9000)
    recorded = tmp_path / "My Song Project" / "Samples" / "Recorded"
    recorded.mkdir(parents=True)
    assert bpm_at(recorded) == 100
    als(recorded / "Sketch.als", 77)
    assert bpm_at(recorded) == 77


def test_nothing_further_up_than_three_folders_counts(tmp_path: Path) -> None:
    als(tmp_path / "Song.als", 100)
    far = tmp_path / "a" / "b" / "c" / "d"
    far.mkdir(parents=True)
    assert (bpm_at(far.parent), bpm_at(far)) == (100, None)


def test_the_home_folder_and_what_is_above_it_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home" / "ada"
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    als(home / "Loose.als", 100)
    als(tmp_path / "home" / "Other.als", 110)
    inside = home / "Music" / "Loops"
    inside.mkdir(parents=True)
    assert bpm_at(inside) is None
    assert bpm_at(home) == 100


def test_backups_do_not_count(tmp_path: Path) -> None:
    als(tmp_path / "P" / "Song.als", 100, 1000)
    backup = als(tmp_path / "P" / "Backup" / "Song [2026-01-01].als", 66, 9000).parent
    (tmp_path / "P" / "Song.rpp-bak").write_text(reaper_project(tempo="55 4 4"))
    als(tmp_path / "P" / "._Song.als", 44, 9500)
    assert (bpm_at(tmp_path / "P"), bpm_at(backup)) == (100, 100)


def test_a_newest_file_that_cannot_be_read_gives_way_to_the_next(tmp_path: Path) -> None:
    als(tmp_path / "old.als", 100, 1000)
    (tmp_path / "new.als").write_bytes(b"half a fi")
    (tmp_path / "folder.rpp").mkdir()
    assert bpm_at(tmp_path) == 100


def test_no_project_and_no_folder_are_nothing(tmp_path: Path) -> None:
    assert read_project(tmp_path, near=tmp_path / "a.wav") is None
    assert read_project(tmp_path / "none" / "at all") is None


def test_reading_changes_nothing(tmp_path: Path) -> None:
    path = als(tmp_path / "a.als", 100)
    path.chmod(0o444)
    before = path.read_bytes()
    assert bpm_at(tmp_path) == 100
    assert (path.read_bytes(), [entry.name for entry in tmp_path.iterdir()]) == (before, ["a.als"])
