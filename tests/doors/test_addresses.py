"""Reply addresses are kept at hand, but never more of them than a small machine has room for."""

from __future__ import annotations

from bridge.doors.addresses import Addresses
from tests.fakes.fake_clients import FakeClients


def test_more_hellos_than_there_is_room_for_are_forgotten_and_looked_up() -> None:
    clients = FakeClients()
    addresses = Addresses(clients, 9131, clock=lambda: 0.0)
    addresses.hello("first", "10.0.0.1", 5000)
    for number in range(10_000):
        addresses.hello(f"client-{number}", f"10.1.{number // 256}.{number % 256}", 5001)
    clients.remember_client("first", "10.0.0.1", 6000)
    assert addresses.reply_to("first.7", "10.0.0.1").port == 6000
    assert addresses.port_of("10.0.0.1") == 6000
