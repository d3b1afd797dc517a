from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.engine.running import MUSIC_GEN

SCRIPT = """
import sys
from pathlib import Path
from bridge.engine.server import serve
serve("127.0.0.1", int(sys.argv[3]), Path(sys.argv[1]),
      announce=lambda url: print(url, "numpy" in sys.modules, flush=True),
      stop_when_stdin_closes=sys.argv[2] == "child")
print("ended")
"""


@contextmanager
def engine_process(folder: Path, role: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder), role, "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    try:
        url, heavy = process.stdout.readline().split()
        assert heavy == "False"
        yield process, url
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    assert process.stdout
    return process.wait(10), process.stdout.read()


def test_it_answers_once_it_has_said_where_it_listens(tmp_path: Path) -> None:
    with engine_process(tmp_path, "alone") as (_, url):
        details = requests.post(f"{url}/api/v1/enterprise/voice/system_details", json={"key": "k"}, timeout=10)
        assert details.json()["status"] == "ok"
        answer = requests.post(
            url + MUSIC_GEN, json={"key": "k", "prompt": "piano, C major, 100 bpm"}, timeout=60
        ).json()
        assert answer["status"] == "success"
        assert len(requests.get(answer["output"][0], timeout=10).content) == 161_920 * 4 + 44


def test_it_ends_when_its_parent_lets_go_of_stdin(tmp_path: Path) -> None:
    with engine_process(tmp_path, "child") as (process, url), requests.Session() as session:
        session.post(f"{url}/api/v1/enterprise/voice/system_details", json={"key": "k"}, timeout=10)
        assert process.stdin
        process.stdin.close()
        assert ended(process) == (0, "ended\n")


def test_it_does_not_listen_to_stdin_unless_told(tmp_path: Path) -> None:
    with engine_process(tmp_path, "alone") as (process, url):
        assert process.stdin
        process.stdin.close()
        reply = requests.post(f"{url}/api/v1/enterprise/voice/system_details", json={"key": "k"}, timeout=10)
        assert reply.status_code == 200


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with engine_process(tmp_path, "child") as (process, _):
        process.send_signal(number)
        assert ended(process) == (0, "ended\n")
        assert process.stderr
        assert process.stderr.read() == ""


def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-c", SCRIPT, str(tmp_path), "alone", port]
        run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert run.returncode != 0
    assert f"SetupError: The engine cannot listen on 127.0.0.1 port {port}" in run.stderr
    assert run.stdout == ""
