from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge.engine.storage import Storage
from bridge.errors import NotWritable
from tests.fakes.clock import FakeClock

FIRST = "00000000-0000-4000-8000-000000000001.wav"
SECOND = "00000000-0000-4000-8000-000000000002.wav"
THIRD = "00000000-0000-4000-8000-000000000003.wav"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def kept(storage: Storage, order_id: int, name: str, clock: FakeClock, size: int = 10) -> None:
    storage.keep(order_id, name, lambda path: path.write_bytes(bytes(size)) and None)
    place = storage.find(name)
    assert place is not None
    os.utime(place, (clock.now, clock.now))


def test_name_and_id_lead_to_the_file_in_a_new_process_too(tmp_path: Path, clock: FakeClock) -> None:
    kept(Storage(tmp_path, clock), 41, FIRST, clock)
    again = Storage(tmp_path, clock)
    assert again.find(FIRST) is not None
    assert again.name_of(41) == FIRST
    assert again.name_of(4) is None


@pytest.mark.parametrize("name", ["../secret.wav", "*", "*.wav", FIRST.upper(), f"../generations/41-{FIRST}", ""])
def test_only_a_uuid_leads_to_a_file(tmp_path: Path, clock: FakeClock, name: str) -> None:
    storage = Storage(tmp_path, clock)
    kept(storage, 41, FIRST, clock)
    (tmp_path / "secret.wav").write_bytes(b"x")
    assert storage.find(name) is None


def test_a_file_half_written_is_never_found_nor_left(tmp_path: Path, clock: FakeClock) -> None:
    storage = Storage(tmp_path, clock)

    def write(path: Path) -> None:
        path.write_bytes(b"half")
        assert storage.find(FIRST) is None
        raise OSError(13, "no")

    with pytest.raises(NotWritable):
        storage.keep(1, FIRST, write)
    assert not list((tmp_path / "generations").iterdir())


def test_after_24_hours_a_file_is_not_found_and_the_sweep_removes_it(tmp_path: Path, clock: FakeClock) -> None:
    storage = Storage(tmp_path, clock)
    kept(storage, 1, FIRST, clock)
    clock.advance(24 * 3600 + 1)
    kept(storage, 2, SECOND, clock)
    assert storage.find(FIRST) is None
    assert storage.name_of(1) is None
    storage.sweep()
    assert [path.name for path in (tmp_path / "generations").iterdir()] == [f"2-{SECOND}"]


def test_beyond_its_size_the_oldest_go_first(tmp_path: Path, clock: FakeClock) -> None:
    storage = Storage(tmp_path, clock, max_bytes=25)
    for order_id, name in enumerate((FIRST, SECOND, THIRD)):
        kept(storage, order_id, name, clock)
        clock.advance(1)
    storage.sweep()
    assert [storage.name_of(order_id) for order_id in range(3)] == [None, SECOND, THIRD]


def test_what_cannot_be_removed_does_not_stop_the_sweep(tmp_path: Path, clock: FakeClock) -> None:
    storage = Storage(tmp_path, clock)
    kept(storage, 1, FIRST, clock)
    stuck = tmp_path / "generations" / "a folder"
    stuck.mkdir()
    os.utime(stuck, (clock.now - 1, clock.now - 1))
    clock.advance(24 * 3600 + 1)
    storage.sweep()
    assert list((tmp_path / "generations").iterdir()) == [stuck]
