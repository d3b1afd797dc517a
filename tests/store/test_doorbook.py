"""The doors' memory: who listens where, and what was seen."""

from __future__ import annotations

import pytest

from bridge.store.database import open_database
from bridge.store.doorbook import Doorbook
from tests.fakes.clock import FakeClock

DAY = 86_400


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def book(tmp_path, clock):
    database = open_database(tmp_path / "jobs.sqlite", clock)
    yield Doorbook(database, clock)
    database.close()


def test_a_client_is_found_by_its_name_and_its_host(book, clock):
    book.remember_client("live-1", "127.0.0.1", 9001)
    clock.advance(1)
    book.remember_client("live-2", "127.0.0.1", 9002)
    assert book.client("live-1") == ("127.0.0.1", 9001)
    assert book.last_of_host("127.0.0.1") == 9002
    assert book.all_clients() == [("127.0.0.1", 9001), ("127.0.0.1", 9002)]


def test_a_client_that_comes_back_elsewhere_is_found_there_only(book, clock):
    book.remember_client("live-1", "127.0.0.1", 9001)
    book.remember_client("live-1", "127.0.0.1", 9005)
    assert book.client("live-1") == ("127.0.0.1", 9005)
    assert book.all_clients() == [("127.0.0.1", 9005)]


def test_ports_unheard_for_seven_days_are_forgotten(book, clock):
    book.remember_client("live-1", "127.0.0.1", 9001)
    clock.advance(7 * DAY - 1)
    assert book.client("live-1") is not None
    clock.advance(2)
    assert book.client("live-1") is None
    assert book.last_of_host("127.0.0.1") is None
    assert book.all_clients() == []


def test_forgotten_clients_do_not_pile_up(book, clock):
    book.remember_client("live-1", "127.0.0.1", 9001)
    clock.advance(7 * DAY + 1)
    book.remember_client("live-2", "127.0.0.1", 9002)
    clock.advance(-2)
    assert book.client("live-1") is None


def test_a_file_is_seen_by_path_and_content(book):
    book.remember_seen("/a.wav", "one")
    book.remember_seen("/a.wav", "one")
    assert book.is_seen("/a.wav", "one")
    assert not book.is_seen("/a.wav", "two")
    assert not book.is_seen("/b.wav", "one")
