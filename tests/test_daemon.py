"""The daemon as a whole, in this process: real OSC and files at its doors, a real HTTP server as its provider."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import wave
from pathlib import Path

import mido
import pytest
from msgspec.structs import replace

from bridge.config import Config, FilesConfig, OscConfig, ProviderConfig
from bridge.daemon import Daemon
from bridge.engine_process import EngineProcess
from bridge.errors import ProviderUnreachable, SetupError
from tests.fakes.fake_daw import FakeDaw
from tests.fakes.music_gen_server import FakeMusicGen
from tests.fakes.waiting import wait_for

# What `daw-bridge engine` does, seen from its parent: it says where it listens, and ends with its stdin.
STAND_IN = "import sys; print('ready http://127.0.0.1:{port}', flush=True); sys.stdin.read()"


@pytest.fixture
def server():
    with FakeMusicGen() as fake:
        yield fake


@pytest.fixture
def config(server):
    cloud = ProviderConfig(url=server.url, billable=False, private_network=True)
    return Config(provider="cloud", providers={"cloud": cloud}, osc=OscConfig(port=0))


@pytest.fixture
def run(tmp_path):
    """Start daemons that are stopped at the end."""
    running: list[Daemon] = []

    def start(config: Config, **options):
        daemon = Daemon(tmp_path / "home", config, **options)
        running.append(daemon)
        return daemon, daemon.start()

    yield start
    for daemon in running:
        daemon.stop()


def melody(path: Path) -> Path:
    """Four bars of quarter notes, 120 bpm."""
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("set_tempo", tempo=500_000, time=0))
    for number in range(16):
        pitch = 60 + (0, 2, 4, 7)[number % 4]
        track.append(mido.Message("note_on", note=pitch, velocity=90, time=0))
        track.append(mido.Message("note_off", note=pitch, velocity=0, time=480))
    file = mido.MidiFile(ticks_per_beat=480)
    file.tracks.append(track)
    file.save(str(path))
    return path


def test_a_midi_file_over_osc_becomes_a_wav_of_exactly_its_bars(run, config, server, tmp_path):
    _, ready = run(config)
    clip = melody(tmp_path / "Riff 120bpm Am.mid")
    with FakeDaw(ready.osc_port) as daw:
        daw.hello("live-1")
        daw.send("/bridge/file", "live-1.a", str(clip), "marimba")
        daw.wait_for("/bridge/ended", "live-1.a", timeout=60.0)
        heard = daw.about("live-1.a")
    addresses = [one.address.rpartition("/")[2] for one in heard]
    assert addresses[0] == "accepted"
    assert addresses[-2:] == ["done", "ended"]
    assert set(addresses[1:-2]) == {"progress"}
    job_id, wav_path, bpm = heard[0].arguments[1], heard[-2].arguments[4], heard[-2].arguments[5]
    assert heard[-1].arguments[1:] == (job_id, "delivered", 1, 1)
    assert bpm == 120.0
    with wave.open(wav_path) as wav:
        assert wav.getnframes() == 8 * wav.getframerate()
    assert "marimba" in server.submissions[0].json["prompt"]


def test_a_file_in_the_inbox_is_answered_in_the_outbox(run, config, tmp_path):
    daemon, ready = run(config, with_osc=False)
    assert ready.osc_port == 0
    melody(ready.home / "inbox" / "clip.mid.part").rename(ready.home / "inbox" / "Riff 96bpm G#m.mid")
    outbox = ready.home / "outbox"
    wait_for(lambda: [path for path in outbox.glob("*.json") if b'"delivered"' in path.read_bytes()], "a delivered job")
    (view,) = [json.loads(path.read_bytes()) for path in outbox.glob("*.json")]
    assert (view["progress"], view["asked"], view["takes"][0]["bpm"]) == (1.0, 1, 96.0)
    assert Path(view["takes"][0]["file"]).parent == ready.home / "results"
    daemon.stop()


def test_a_second_daemon_on_one_home_says_whose_it_is_and_leaves_it_alone(run, config):
    first, ready = run(config)
    with pytest.raises(SetupError, match=f"process {os.getpid()}"):
        run(config)
    with FakeDaw(ready.osc_port) as daw:
        daw.hello("live-1")
    first.stop()
    run(config)


def test_a_taken_port_is_named_and_leaves_nothing_running(run, config, tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=str(port)):
            run(Config(provider="cloud", providers=config.providers, osc=OscConfig(port=port)))
    run(Config(provider="cloud", providers=config.providers, osc=OscConfig(port=port)))


@pytest.mark.parametrize(
    ("config", "word"),
    [
        (Config(provider="clout"), "clout"),
        (Config(providers={"local": ProviderConfig()}), "providers.local"),
    ],
)
def test_a_provider_that_cannot_be_is_refused_at_the_start(run, config, word):
    with pytest.raises(SetupError, match=word):
        run(config)


def test_a_home_that_cannot_be_made_is_refused_at_the_start(tmp_path, config):
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="--home"):
        Daemon(tmp_path / "file" / "home", config).start()


@pytest.mark.parametrize("in_the_way", ["logs/daemon.log", "jobs.sqlite", "daemon.lock"])
def test_whatever_of_the_home_cannot_be_used_is_a_matter_of_setup(tmp_path, config, in_the_way):
    (tmp_path / in_the_way).mkdir(parents=True)
    with pytest.raises(SetupError, match=in_the_way):
        Daemon(tmp_path, config).start()


def test_with_roots_a_clip_in_the_inbox_is_still_taken_and_one_elsewhere_is_not(run, config, tmp_path):
    songs = tmp_path / "songs"
    songs.mkdir()
    _, ready = run(replace(config, files=FilesConfig(roots=(str(songs),))))
    melody(ready.home / "inbox" / "clip.mid.part").rename(ready.home / "inbox" / "Riff 96bpm G#m.mid")
    outbox = ready.home / "outbox"
    wait_for(lambda: [path for path in outbox.glob("*.json") if b'"delivered"' in path.read_bytes()], "a delivered job")
    with FakeDaw(ready.osc_port) as daw:
        daw.hello("live-1")
        daw.send("/bridge/file", "live-1.a", str(melody(tmp_path / "a.mid")))
        assert daw.wait_for("/bridge/rejected", "live-1.a").arguments[1] == "not_allowed"


def test_what_happens_is_logged_with_the_job_and_without_the_key(run, config, tmp_path, monkeypatch, server):
    monkeypatch.setenv("DAW_BRIDGE_KEY_CLOUD", "secret-key-123")
    daemon, ready = run(config)
    with FakeDaw(ready.osc_port) as daw:
        daw.hello("live-1")
        daw.send("/bridge/file", "live-1.a", str(melody(tmp_path / "a.mid")))
        job_id = daw.wait_for("/bridge/ended", "live-1.a", timeout=60.0).arguments[1]
    daemon.stop()
    assert server.submissions[0].json["key"] == "secret-key-123"
    for path in ready.home.rglob("*"):
        assert not path.is_file() or b"secret-key-123" not in path.read_bytes()
    assert f"{job_id} ended: delivered" in (ready.home / "logs" / "daemon.log").read_text()
    assert not logging.getLogger("bridge").handlers


def test_the_daemon_loads_nothing_heavy_before_it_is_ready():
    code = (
        "import sys, tempfile, pathlib; from bridge.config import *; from bridge.daemon import Daemon\n"
        "cloud = ProviderConfig(url='http://127.0.0.1:9', billable=False)\n"
        "config = Config(provider='cloud', providers={'cloud': cloud}, osc=OscConfig(port=0))\n"
        "home = tempfile.TemporaryDirectory(); daemon = Daemon(pathlib.Path(home.name), config); daemon.start()\n"
        "heavy = {'numpy', 'soundfile', 'soxr', 'requests', 'mido', 'starlette', 'uvicorn', 'rich', 'click'}\n"
        "print(sorted(heavy & set(sys.modules))); daemon.stop(); home.cleanup()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n", done.stderr


@pytest.fixture
def engine(tmp_path):
    (tmp_path / "logs").mkdir()
    started: list[EngineProcess] = []

    def start(code: str) -> EngineProcess:
        started.append(EngineProcess(tmp_path, [sys.executable, "-c", code], grace_seconds=0.5))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def test_the_engine_is_started_when_its_url_is_first_asked_for(engine):
    assert engine(STAND_IN.format(port=4711)).url() == "http://127.0.0.1:4711"


def test_an_engine_that_died_is_started_again(engine, tmp_path):
    note = tmp_path / "starts"
    code = (
        f"open({str(note)!r}, 'a').write('x'); import os, sys; print('ready http://127.0.0.1:1', flush=True); "
        f"os.path.getsize({str(note)!r}) == 1 and sys.exit(); sys.stdin.read()"
    )
    process = engine(code)
    process.start()
    wait_for(lambda: note.exists() and note.read_text() == "xx", "the second start")
    assert process.url() == "http://127.0.0.1:1"
    assert note.read_text() == "xx"


def test_an_engine_whose_log_cannot_be_written_is_started_once_it_can(engine, tmp_path, caplog):
    log = tmp_path / "logs" / "engine.log"
    log.mkdir()
    process = engine(STAND_IN.format(port=4711))
    process.start()
    wait_for(lambda: "cannot be started" in caplog.text, "the complaint")
    log.rmdir()
    assert process.url() == "http://127.0.0.1:4711"


def test_an_engine_that_says_what_is_no_text_is_heard_all_the_same(engine):
    code = "import os, sys; os.write(1, b'\\xff\\n'); " + STAND_IN.format(port=4711).removeprefix("import sys; ")
    assert engine(code).url() == "http://127.0.0.1:4711"


def test_the_engine_s_log_is_begun_anew_when_it_has_grown_large(engine, tmp_path):
    log = tmp_path / "logs" / "engine.log"
    log.write_bytes(b"x" * 2_000_001)
    engine("import sys; print('hello', file=sys.stderr, flush=True); " + STAND_IN.format(port=4711)).url()
    assert log.read_bytes() == b"hello\n"


def test_an_engine_that_will_not_end_is_ended(engine, tmp_path):
    process = engine(
        f"import os, sys, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); "
        "print('ready http://127.0.0.1:1', flush=True); time.sleep(600)"
    )
    process.url()
    pid = int((tmp_path / "pid").read_text())
    process.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_engine_that_was_stopped_is_unreachable(engine):
    process = engine(STAND_IN.format(port=1))
    process.url()
    process.stop()
    with pytest.raises(ProviderUnreachable, match="did not start"):
        process.url()
