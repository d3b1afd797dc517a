"""The guarded GET goes only where it may, stops at its limits, and takes up what broke."""

from __future__ import annotations

import gzip
import itertools
import socket
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.errors import BadResult, NotAllowed, ProviderUnreachable
from bridge.net import guarded_get, is_public
from tests.fakes.music_gen_server import Drop, FakeMusicGen, Say, Stall

DATA = bytes(range(256)) * 2000
TAGGED = {"ETag": '"one"', "Accept-Ranges": "bytes"}


@pytest.fixture
def server() -> Iterator[FakeMusicGen]:
    with FakeMusicGen() as running:
        yield running


def load(server: FakeMusicGen, folder: Path, **changed: Any) -> bytes:
    into = folder / "x.part"
    host = f"127.0.0.1:{server.port}"
    options: dict[str, Any] = {"private_network": False, "allow_host": host} | changed
    guarded_get(f"{server.url}/x.wav", into, **options)
    return into.read_bytes()


@pytest.mark.parametrize("length", [True, False])
def test_a_file_comes_whole_and_leaves_nothing_else(server: FakeMusicGen, tmp_path: Path, length: bool) -> None:
    server.on_download(Say(DATA, 200, TAGGED, length=length))
    assert load(server, tmp_path) == DATA
    assert [path.name for path in tmp_path.iterdir()] == ["x.part"]


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1"),
        *("::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:1", "no address"),
    ],
)
def test_private_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "104.18.2.35", "2606:4700::6812:223", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "127.1", "[::ffff:127.0.0.1]", "0.0.0.0"])
def test_no_spelling_of_this_machine_is_let_through(server: FakeMusicGen, tmp_path: Path, host: str) -> None:
    with pytest.raises((NotAllowed, ProviderUnreachable)):
        guarded_get(f"http://{host}:{server.port}/x", tmp_path / "x", private_network=False, allow_host="127.0.0.1:1")
    assert server.asked == []


def test_a_private_network_may_be_allowed(server: FakeMusicGen, tmp_path: Path) -> None:
    server.on_download(Say(DATA))
    assert load(server, tmp_path, private_network=True, allow_host=None) == DATA


@pytest.mark.parametrize(
    "url", ["ftp://1.1.1.1/x", "file:///etc/passwd", "gopher://x", "/x", "http://", "http://[x", ""]
)
def test_only_web_addresses_are_loaded(tmp_path: Path, url: str) -> None:
    with pytest.raises((NotAllowed, BadResult)):
        guarded_get(url, tmp_path / "x", private_network=True)


def test_redirects_are_followed_a_few_times(server: FakeMusicGen, tmp_path: Path) -> None:
    on = Say(b"", 302, {"Location": "/y z.wav?a=b c"})
    server.on_download(on, on, on, Say(DATA))
    assert load(server, tmp_path) == DATA
    assert server.downloads[1].path == "/y%20z.wav?a=b%20c"

    server.on_download(on, on, on, on)
    with pytest.raises(BadResult, match="redirected"):
        load(server, tmp_path)


def test_a_redirect_to_a_private_address_is_refused(server: FakeMusicGen, tmp_path: Path) -> None:
    with FakeMusicGen() as inner:
        server.on_download(Say(b"", 302, {"Location": f"{inner.url}/secret"}))
        with pytest.raises(NotAllowed):
            load(server, tmp_path)
        assert inner.asked == []


class Lookup:
    """A name server that gives these addresses, and keeps what it was asked."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[Any]:
        self.asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in self._addresses]


def test_one_private_address_among_a_names_addresses_is_one_too_many(tmp_path: Path) -> None:
    lookup = Lookup("1.1.1.1", "127.0.0.1")
    with pytest.raises(NotAllowed):
        guarded_get("http://music.test/x", tmp_path / "x", private_network=False, lookup=lookup)


def test_a_name_is_looked_up_once_so_that_it_cannot_change_after_the_check(
    server: FakeMusicGen, tmp_path: Path
) -> None:
    server.on_download(Say(DATA))
    host, lookup = f"music.test:{server.port}", Lookup("127.0.0.1")
    guarded_get(f"http://{host}/x", tmp_path / "x", private_network=False, allow_host=host, lookup=lookup)
    assert lookup.asked == ["music.test"]
    assert server.downloads[0].headers["Host"] == host


@pytest.mark.parametrize("status", [204, 400, 403, 404, 410, 500, 503])
def test_an_error_status_is_no_file(server: FakeMusicGen, tmp_path: Path, status: int) -> None:
    server.on_download(Say(b"" if status == 204 else b"<html>", status))
    with pytest.raises(BadResult, match=str(status)):
        load(server, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "step",
    [
        Say(DATA),
        Say(DATA, length=False),
        Say(DATA[:1000], length=False, repeat=100_000),
        Say(gzip.compress(bytes(10_000_000)), 200, {"Content-Encoding": "gzip"}),
        Say(zlib.compress(bytes(10_000_000)), 200, {"Content-Encoding": "deflate"}),
    ],
)
def test_a_body_over_the_limit_is_left_off_even_when_it_hides_its_size(
    server: FakeMusicGen, tmp_path: Path, step: Say
) -> None:
    server.on_download(step)
    with pytest.raises(BadResult, match="larger than"):
        load(server, tmp_path, max_bytes=300_000)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 300_000


def test_a_packed_body_is_unpacked(server: FakeMusicGen, tmp_path: Path) -> None:
    server.on_download(Say(gzip.compress(DATA), 200, {"Content-Encoding": "gzip"} | TAGGED))
    assert load(server, tmp_path) == DATA
    assert server.downloads[0].headers["Accept-Encoding"] == "identity"


def test_a_transfer_that_breaks_costs_only_the_rest(server: FakeMusicGen, tmp_path: Path) -> None:
    cut = 400_000
    server.on_download(
        Say(DATA, 200, TAGGED, cut=cut),
        Say(DATA[cut:], 206, TAGGED | {"Content-Range": f"bytes {cut}-{len(DATA) - 1}/{len(DATA)}"}),
    )
    assert load(server, tmp_path) == DATA
    assert server.downloads[1].headers["Range"] == f"bytes={cut}-"
    assert server.downloads[1].headers["If-Range"] == '"one"'


def test_what_an_earlier_run_has_left_is_not_loaded_again(server: FakeMusicGen, tmp_path: Path) -> None:
    def stop() -> None:
        if (tmp_path / "x.part").stat().st_size:
            raise KeyboardInterrupt

    server.on_download(Say(DATA, 200, TAGGED))
    with pytest.raises(KeyboardInterrupt):
        load(server, tmp_path, between=stop)
    left = (tmp_path / "x.part").stat().st_size
    server.on_download(Say(DATA[left:], 206, TAGGED | {"Content-Range": f"bytes {left}-{len(DATA) - 1}/{len(DATA)}"}))
    assert 0 < left < len(DATA)
    assert load(server, tmp_path) == DATA


def test_a_file_that_changed_meanwhile_is_loaded_anew(server: FakeMusicGen, tmp_path: Path) -> None:
    server.on_download(Say(b"old" * 1000, 200, TAGGED, cut=100), Say(DATA, 200, {"ETag": '"two"'}))
    assert load(server, tmp_path) == DATA


def test_a_file_without_a_validator_is_loaded_anew(server: FakeMusicGen, tmp_path: Path) -> None:
    server.on_download(Say(DATA, cut=100), Say(DATA))
    assert load(server, tmp_path) == DATA
    assert "Range" not in server.downloads[1].headers


@pytest.mark.parametrize("steps", [[Say(DATA, cut=10)] * 3, [Drop("after_body")] * 3, [Stall()] * 3])
def test_a_line_that_stays_broken_is_said(server: FakeMusicGen, tmp_path: Path, steps: list[Any]) -> None:
    server.on_download(*steps)
    with pytest.raises(ProviderUnreachable):
        load(server, tmp_path, stall_seconds=0.1)
    assert len(server.downloads) == 3


@pytest.mark.parametrize(
    "step", [Say(DATA[:1000], length=False, repeat=100_000), Say(b"", 302, {f"X-{n}": "x" * 60_000 for n in range(50)})]
)
def test_a_dripping_line_has_an_end_within_the_head_too(server: FakeMusicGen, tmp_path: Path, step: Say) -> None:
    server.on_download(step)
    ticks = itertools.count(step=100.0)
    with pytest.raises(ProviderUnreachable, match="slowly"):
        load(server, tmp_path, clock=lambda: next(ticks))


def test_a_refused_connection_and_an_unknown_name_are_unreachable(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}/x", "http://no-such-host.invalid/x"):
        with pytest.raises(ProviderUnreachable):
            guarded_get(url, tmp_path / "x", private_network=True)


def test_plain_http_behind_https_is_unreachable(server: FakeMusicGen, tmp_path: Path) -> None:
    with pytest.raises(ProviderUnreachable):
        guarded_get(f"https://127.0.0.1:{server.port}/x", tmp_path / "x", private_network=True)


def test_a_links_signature_is_not_told(server: FakeMusicGen, tmp_path: Path) -> None:
    server.on_download(Say(b"", 404))
    with pytest.raises(BadResult) as caught:
        guarded_get(f"http://user:pass@127.0.0.1:{server.port}/x?sig=secret", tmp_path / "x", private_network=True)
    assert "secret" not in str(caught.value)
    assert "pass" not in str(caught.value)
