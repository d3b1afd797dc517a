"""The main job on real processes, sockets and files: a clip goes in, music that fits the song comes out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import mido
import psutil
import pytest
import soundfile

from tests.fakes.fake_daw import FakeDaw
from tests.fakes.music_gen_server import FakeMusicGen
from tests.fakes.waiting import wait_for
from tests.journeys.clips import write_midi, write_wav
from tests.journeys.running import RunningDaemon


def life(daw: FakeDaw, request_id: str) -> list[str]:
    """The addresses heard about a request, progress only once."""
    heard = [one.address.removeprefix("/bridge/") for one in daw.about(request_id)]
    return [word for place, word in enumerate(heard) if word != "progress" or word not in heard[:place]]


def take_of(daw: FakeDaw, request_id: str, number: int = 1) -> tuple[Path, dict[str, Any]]:
    """The WAV and the result JSON of a take."""
    done = next(one for one in daw.all("/bridge/done", request_id) if one.arguments[2] == number)
    return Path(str(done.arguments[4])), json.loads(Path(str(done.arguments[8])).read_text(encoding="utf-8"))


def test_a_wav_over_osc_becomes_a_take_of_exactly_its_bars(tmp_path: Path) -> None:
    clip = write_wav(tmp_path / "Pulse 120bpm G#m.wav", seconds=8.0)
    with RunningDaemon(tmp_path / "home") as daemon, FakeDaw(daemon.port) as daw:
        welcome = daw.hello("test-1")
        assert welcome.arguments[1:] == (1, str(tmp_path / "home" / "media"), "local")
        daw.send("/bridge/file", "test-1.a", str(clip), "warm pads, slow")
        ended = daw.wait_for("/bridge/ended", "test-1.a", timeout=40)
        assert life(daw, "test-1.a") == ["accepted", "progress", "done", "ended"]
        assert ended.arguments[2:] == ("delivered", 1, 1)
        assert daw.all("/bridge/accepted", "test-1.a")[0].arguments[2] == 0
        fractions = [float(one.arguments[2]) for one in daw.all("/bridge/progress", "test-1.a")]
        assert fractions == sorted(fractions)
        wav, note = take_of(daw, "test-1.a")
        done = daw.all("/bridge/done", "test-1.a")[0].arguments
    assert done[5:8] == (120.0, 16.0, "G# minor")
    info = soundfile.info(str(wav))
    assert (info.frames, info.samplerate, info.subtype) == (8 * 48_000, 48_000, "PCM_24")
    assert wav.parent == tmp_path / "home" / "results"
    assert note["bpm_source"] == "name"
    assert note["key"] == "G# minor"
    assert note["file"] == str(wav)
    assert daemon.errors == ""


def test_a_midi_file_over_osc_takes_its_tempo_and_key_from_the_file(tmp_path: Path) -> None:
    clip = write_midi(tmp_path / "riff.mid", bpm=96, bars=4)
    with RunningDaemon(tmp_path / "home") as daemon, FakeDaw(daemon.port) as daw:
        daw.hello("test-1")
        daw.send("/bridge/file", "test-1.a", str(clip))
        daw.wait_for("/bridge/ended", "test-1.a", timeout=40)
        wav, note = take_of(daw, "test-1.a")
    assert soundfile.info(str(wav)).frames == round(16 * 60 / 96 * 48_000)
    assert (note["bpm"], note["bpm_source"], note["key"], note["key_source"]) == (96.0, "midi", "G# minor", "midi")


def test_a_trigger_with_project_metre_and_takes_is_delivered_into_the_project(tmp_path: Path) -> None:
    project = tmp_path / "My Song Project"
    project.mkdir()
    trigger = {
        "schema": 1,
        "source": {"client": "test-1", "guid": "{A-B}"},
        "clip": {
            "name": "Riff",
            "notes": [{"pitch": 68 + n % 5, "start": n * 0.5, "duration": 0.5} for n in range(14)],
        },
        "music": {"bpm": 140, "time_signature": [7, 8], "grouping": [2, 2, 3], "key": "Abm"},
        "project": {"path": str(project), "daw": "live", "sample_rate": 44_100},
        "position": {"beats": 32, "seconds": 13.7},
        "ask": {"prompt": "balkan brass", "bars": 4, "takes": 2, "seed": 7},
    }
    with RunningDaemon(tmp_path / "home") as daemon, FakeDaw(daemon.port) as daw:
        daw.hello("test-1")
        path = tmp_path / "home" / "media" / "t.json"
        path.write_text(json.dumps(trigger), encoding="utf-8")
        daw.send("/bridge/trigger", "test-1.t", str(path), path.stat().st_size)
        ended = daw.wait_for("/bridge/ended", "test-1.t", timeout=40)
        assert ended.arguments[2:] == ("delivered", 2, 2)
        first, second = take_of(daw, "test-1.t", 1), take_of(daw, "test-1.t", 2)
    for wav, note in (first, second):
        assert wav.parent == project / "Samples" / "Generated"
        assert soundfile.info(str(wav)).frames == round(4 * 3.5 * 60 / 140 * 44_100)
        assert note["key"] == "Ab minor"
        assert note["time_signature"] == [7, 8]
        assert note["source"] == trigger["source"]
        assert note["position"] == trigger["position"]
    assert first[1]["sha256"] != second[1]["sha256"]


def test_a_file_in_the_inbox_does_the_same_through_the_outbox(tmp_path: Path) -> None:
    with RunningDaemon(tmp_path / "home") as daemon:
        midi = write_midi(tmp_path / "x.mid", key=None)
        daemon.drop("Marimba riff 96bpm G#m.mid", midi.read_bytes())
        (home_file,) = wait_for(lambda: list((daemon.home / "outbox").glob("*.json")), "an outbox file")
        told = daemon.outbox(home_file.stem, "delivered")
        assert told["request_id"] == told["job_id"] == home_file.stem
        (take,) = told["takes"]
        assert soundfile.info(take["file"]).frames == round(16 * 60 / 96 * 48_000)
        assert take["key"] == "G# minor"
        assert (daemon.home / "taken" / told["job_id"] / "Marimba riff 96bpm G#m.mid").exists()
        assert list((daemon.home / "inbox").iterdir()) == []


def test_refused_files_are_kept_and_explained(tmp_path: Path) -> None:
    with RunningDaemon(tmp_path / "home") as daemon:
        daemon.drop("noise.wav", b"this is no audio at all")
        kept = daemon.home / "refused" / "noise.wav"
        wait_for(kept.exists, "the refused file")
        note = json.loads((daemon.home / "refused" / "noise.wav.error.json").read_text(encoding="utf-8"))
        assert note["code"] == "unreadable_audio"
        assert kept.read_bytes() == b"this is no audio at all"
        daemon.drop("bad.json", b'{"schema": 1, "request_id": "r.1", "clip": {"notes": []}, "asks": {}}')
        told = daemon.outbox("r.1", "rejected")
        assert told["error"]["code"] == "bad_trigger"
        assert "asks" in told["error"]["text"]


def test_a_kill_loses_nothing_and_the_job_goes_on_by_itself(tmp_path: Path) -> None:
    clip = write_midi(tmp_path / "riff.mid", bars=4)
    home = tmp_path / "home"
    with RunningDaemon(home) as daemon, FakeDaw(daemon.port) as daw:
        daw.hello("test-1")
        for number in range(5):
            daw.send("/bridge/file", f"test-1.{number}", str(clip))
        daw.wait_until(lambda daw: daw.all("/bridge/accepted")[4:], "five accepted")
        daemon.kill()
        told_before = len(daw.all("/bridge/ended"))
        with RunningDaemon(home):
            daw.wait_for("/bridge/startup", timeout=20)
            daw.wait_until(
                lambda daw: [daw] if len({one.arguments[0] for one in daw.all("/bridge/ended")}) == 5 else [],  # type: ignore[list-item]  # only its truth counts
                "five ends",
                timeout=60,
            )
        assert told_before <= 5
        for number in range(5):
            assert daw.all("/bridge/ended", f"test-1.{number}")[-1].arguments[2] == "delivered"
    assert len(list((home / "results").glob("*.wav"))) == 5


def test_nothing_of_the_daemon_stays_behind(tmp_path: Path) -> None:
    with RunningDaemon(tmp_path / "home") as daemon:
        wait_for(lambda: psutil.Process(daemon.process.pid).children(), "the engine")
        family = psutil.Process(daemon.process.pid).children(recursive=True)
        assert (tmp_path / "home" / "daemon.json").exists()
    gone, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []
    assert gone
    assert not (tmp_path / "home" / "daemon.json").exists()


def test_the_engine_ends_when_the_daemon_is_killed(tmp_path: Path) -> None:
    with RunningDaemon(tmp_path / "home") as daemon:
        wait_for(lambda: psutil.Process(daemon.process.pid).children(), "the engine")
        family = psutil.Process(daemon.process.pid).children(recursive=True)
        daemon.kill()
        assert psutil.wait_procs(family, timeout=10)[1] == []


def test_a_hosted_provider_gets_the_conditioning_and_the_key_and_is_counted(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    clip = write_midi(tmp_path / "riff.mid", bars=8)
    with FakeMusicGen(processing=2, eta=0.1) as service:
        (home / "config.toml").write_text(
            f'provider = "cloud"\n[providers.cloud]\nurl = "{service.url}"\nprivate_network = true\n', encoding="utf-8"
        )
        key = {"DAW_BRIDGE_KEY_CLOUD": "sk-secret-key"}
        with RunningDaemon(home, environment=key) as daemon, FakeDaw(daemon.port) as daw:
            daw.hello("test-1")
            daw.send("/bridge/file", "test-1.a", str(clip), "tropical house")
            ended = daw.wait_for("/bridge/ended", "test-1.a", timeout=40)
            assert ended.arguments[2] == "delivered"
            assert daw.all("/bridge/accepted", "test-1.a")[0].arguments[2] == 1
            wav, note = take_of(daw, "test-1.a")
        (asked,) = service.submissions
    body = asked.json
    assert asked.path == "/api/v1/enterprise/voice/music_gen"
    assert body["key"] == "sk-secret-key"
    assert body["prompt"] == "tropical house, G# minor, 96 bpm"
    assert body["base64"] is True
    assert body["max_new_token"] >= 1003
    assert "seed" not in body
    assert soundfile.info(str(wav)).frames == round(32 * 60 / 96 * 48_000)
    assert note["seed"] is None
    for file in home.rglob("*"):
        if file.is_file():
            assert b"sk-secret-key" not in file.read_bytes(), file


def test_a_second_daemon_on_the_same_home_says_so_and_stops(tmp_path: Path) -> None:
    with RunningDaemon(tmp_path / "home") as daemon:
        second = subprocess.run(
            [sys.executable, "-m", "bridge", "run", "--home", str(tmp_path / "home"), "--osc-port", "0"],
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert second.returncode == 1
        assert str(daemon.process.pid) in second.stderr
        assert len(second.stderr.strip().splitlines()) == 1


@pytest.mark.debian
def test_oscsend_and_sndfile_info_agree(tmp_path: Path) -> None:
    clip = write_wav(tmp_path / "Pulse 120bpm.wav", seconds=8.0)
    with RunningDaemon(tmp_path / "home") as daemon, FakeDaw(daemon.port) as daw:
        url = f"osc.udp://127.0.0.1:{daemon.port}"
        subprocess.run(["oscsend", url, "/bridge/hello", "ssi", "shell", "1", str(daw.port)], check=True)
        subprocess.run(["oscsend", url, "/bridge/file", "sss", "shell.1", str(clip), "pads"], check=True)
        daw.wait_for("/bridge/ended", "shell.1", timeout=40)
        wav, _ = take_of(daw, "shell.1")
    told = subprocess.run(["sndfile-info", str(wav)], capture_output=True, text=True, check=True).stdout
    assert "Frames      : 384000" in told
    soxi = subprocess.run(["soxi", "-s", str(wav)], capture_output=True, text=True, check=True).stdout
    assert soxi.strip() == "384000"


def test_the_demo_says_where_its_take_lies(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "bridge", "demo", "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "DAW_BRIDGE_HOME": str(tmp_path / "untouched")},
    )
    assert run.returncode == 0, run.stderr
    told = dict(line.split(maxsplit=1) for line in run.stdout.splitlines())
    assert (told["tempo"], told["key"], told["bars"]) == ("96 bpm", "G# minor", "4")
    assert soundfile.info(told["take"]).frames == round(16 * 60 / 96 * 48_000)
    assert mido.MidiFile(told["clip"]).length == pytest.approx(10.0)
    assert not (tmp_path / "untouched").exists()
