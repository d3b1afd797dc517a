"""The command line as a user types it: real processes, real files, no daemon running."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import soundfile

from bridge.cli import commands, hoist_home
from tests.fakes.music_gen_server import FakeMusicGen, Say
from tests.journeys.clips import write_midi, write_wav
from tests.journeys.running import RunningDaemon

JOB_COMMANDS = ("jobs", "show", "retry", "cancel", "again", "undo")


class Shell:
    """Types commands for one home."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("DAW_BRIDGE")}
        done = subprocess.run(
            [sys.executable, "-m", "bridge", *words],
            capture_output=True,
            text=True,
            timeout=90,
            env={**environment, "DAW_BRIDGE_HOME": str(self.home)},
            cwd=self.home.parent,
        )
        assert done.returncode == code, (done.stdout, done.stderr)
        return done

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json").stdout)

    def sentence(self, *words: str) -> str:
        """What a failing command says: one sentence on stderr, exit 1."""
        done = self.run(*words, code=1)
        (line,) = done.stderr.strip().splitlines()
        assert done.stdout == ""
        return line


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "home")


@pytest.mark.parametrize("name", sorted(commands.commands))
def test_every_command_has_help_with_an_example(name: str) -> None:
    text = commands.commands[name].help or ""
    assert f"Example: daw-bridge {name}" in text


def test_home_may_stand_anywhere() -> None:
    assert hoist_home(["run", "--home", "x", "--osc-port", "0"]) == ["--home", "x", "run", "--osc-port", "0"]
    assert hoist_home(["run", "--home=x"]) == ["--home=x", "run"]
    assert hoist_home(["generate", "--", "--home"]) == ["generate", "--", "--home"]


def test_generate_prints_where_the_take_lies(shell: Shell, tmp_path: Path) -> None:
    clip = write_midi(tmp_path / "Riff.mid", bpm=100, bars=4)
    out = tmp_path / "takes"
    wav = Path(shell.run("generate", str(clip), "--prompt", "jazz", "--out", str(out)).stdout.strip())
    assert wav.parent == out
    assert soundfile.info(str(wav)).frames == round(16 * 60 / 100 * 48_000)
    assert wav.with_suffix(".json").exists()
    assert json.loads(wav.with_suffix(".json").read_text(encoding="utf-8"))["mode"] == "variation"


def test_the_same_seed_gives_the_same_music(shell: Shell, tmp_path: Path) -> None:
    clip = write_midi(tmp_path / "Riff.mid", bars=2)
    first, second, other = (
        shell.json("generate", str(clip), "--out", str(tmp_path / "takes"), "--seed", seed)[0]
        for seed in ("5", "5", "6")
    )
    sounds = [soundfile.read(take["file"])[0].tobytes() for take in (first, second, other)]
    assert sounds[0] == sounds[1]
    assert sounds[0] != sounds[2]
    assert first["file"] != second["file"]


def test_project_and_options_reach_the_result(shell: Shell, tmp_path: Path) -> None:
    project = tmp_path / "Song"
    project.mkdir()
    clip = write_wav(tmp_path / "loop.wav", seconds=7.0, channels=2)
    words = ("--bpm", "120", "--key", "Ab minor", "--time-signature", "7/8", "--bars", "4", "--takes", "2")
    takes = shell.json("generate", str(clip), "--project", str(project), *words)
    assert [take["take"] for take in takes] == [1, 2]
    for take in takes:
        assert Path(take["file"]).parent == project / "Generated"
        assert (take["key"], take["time_signature"], take["beats"]) == ("Ab minor", [7, 8], 14.0)
        assert soundfile.info(take["file"]).frames == 7 * 48_000


def test_dry_run_counts_requests_and_sends_nothing(shell: Shell, tmp_path: Path) -> None:
    clip = write_midi(tmp_path / "Riff.mid", bpm=96, bars=16)
    with FakeMusicGen() as service:
        shell.home.mkdir()
        (shell.home / "config.toml").write_text(
            f'provider = "cloud"\n[providers.cloud]\nurl = "{service.url}"\n', encoding="utf-8"
        )
        plan = shell.json("generate", str(clip), "--dry-run", "--takes", "3")
        told = shell.run("generate", str(clip), "--dry-run", "--takes", "3").stdout
        assert service.asked == []
    assert plan["requests"] == plan["billable_requests"] == 6
    assert "6 of cloud, 6 of them billable" in told
    assert not (shell.home / "jobs.sqlite").exists()


def test_prompt_says_what_would_be_asked_and_why(shell: Shell, tmp_path: Path) -> None:
    clip = write_midi(tmp_path / "Marimba riff 110bpm F#m.mid", bpm=96, key=None)
    asked = shell.json("prompt", str(clip), "--prompt", "tropical house, melodic riff")
    assert asked["prompt"].startswith("tropical house, melodic riff")
    assert "F# minor" in asked["prompt"]
    assert "110 bpm" in asked["prompt"]
    assert (asked["bpm"], asked["bpm_source"]) == (110, "name")
    assert (asked["key"], asked["key_source"]) == ("F# minor", "name")
    assert asked["requests"] == 1
    assert asked["seconds"] == pytest.approx(16 * 60 / 110)


def test_an_unknown_key_is_null(shell: Shell, tmp_path: Path) -> None:
    clip = write_wav(tmp_path / "one note.wav", seconds=4.0)
    assert shell.json("prompt", str(clip), "--bpm", "120")["key"] is None


def test_render_writes_only_the_conditioning(shell: Shell, tmp_path: Path) -> None:
    clip = write_midi(tmp_path / "Riff.mid", bpm=96, bars=4)
    out = tmp_path / "conditioning.wav"
    assert shell.run("render", str(clip), "--out", str(out)).stdout.strip() == str(out)
    info = soundfile.info(str(out))
    assert (info.samplerate, info.subtype) == (32_000, "PCM_16")
    assert info.duration == pytest.approx(10.0, abs=0.5)
    again = Path(shell.run("render", str(clip), "--out", str(out)).stdout.strip())
    assert again.name == "conditioning-2.wav"


def test_jobs_show_again_and_undo(shell: Shell, tmp_path: Path) -> None:
    clip = write_midi(tmp_path / "Riff.mid", bars=2)
    wav = Path(shell.run("generate", str(clip), "--out", str(tmp_path / "takes")).stdout.strip())
    (job,) = shell.json("jobs")
    assert job["state"] == "delivered"
    shown = shell.json("show", str(wav))
    assert shown["job_id"] == job["job_id"]
    assert shell.json("show", job["job_id"]) == shown
    other = Path(shell.run("again", str(wav), "--prompt", "darker").stdout.strip())
    assert other != wav
    assert json.loads(other.with_suffix(".json").read_text(encoding="utf-8"))["prompt"].startswith("darker")
    newest, oldest = shell.json("jobs")
    assert oldest["job_id"] == job["job_id"]
    aside = Path(shell.run("undo", newest["job_id"]).stdout.strip())
    assert aside.parent == shell.home / "undone"
    assert aside.exists()
    assert not other.exists()
    assert wav.exists()


def test_a_running_daemon_does_the_work_when_there_is_one(shell: Shell, tmp_path: Path) -> None:
    clip = write_midi(tmp_path / "Riff.mid", bars=2)
    with RunningDaemon(shell.home):
        wav = Path(shell.run("generate", str(clip)).stdout.strip())
        assert wav.parent == shell.home / "results"
        (job,) = shell.json("jobs")
        aside = Path(shell.run("undo", job["job_id"]).stdout.strip())
        assert aside.parent == shell.home / "undone"
        assert shell.run("cancel", job["job_id"]).stdout.split() == [job["job_id"], "delivered"]


def test_a_job_that_failed_is_one_sentence_and_exit_one_also_as_json(shell: Shell, tmp_path: Path) -> None:
    clip = write_midi(tmp_path / "Riff.mid", bars=2)
    shell.home.mkdir()
    with FakeMusicGen() as service:
        (shell.home / "config.toml").write_text(
            f'[providers.mine]\nurl = "{service.url}"\nbillable = false\nprivate_network = true\n', encoding="utf-8"
        )
        service.on_submit(Say({"status": "error", "message": "Insufficient credits."}, 402))
        failed = shell.run("generate", str(clip), "--provider", "mine", "--json", code=1)
        assert json.loads(failed.stdout) == []
        assert len(failed.stderr.strip().splitlines()) == 1
        (job,) = shell.json("jobs")
        assert job["error"]["code"] == "no_credit"
        again = shell.json("retry", job["job_id"])
    assert again["state"] == "delivered"
    assert shell.json("undo", job["job_id"])["takes"][0]["undone"] is True
    assert shell.json("cancel", job["job_id"])["job_id"] == job["job_id"]


def test_generate_goes_on_at_once_after_a_daemon_was_killed(shell: Shell, tmp_path: Path) -> None:
    clip = write_midi(tmp_path / "Riff.mid", bars=2)
    with RunningDaemon(shell.home) as daemon:
        daemon.kill()
        assert (shell.home / "daemon.json").exists()
        assert Path(shell.run("generate", str(clip)).stdout.strip()).exists()


def test_looking_never_touches_a_damaged_store(shell: Shell) -> None:
    shell.home.mkdir()
    (shell.home / "jobs.sqlite").write_bytes(b"no database at all" * 100)
    assert "jobs.sqlite" in shell.sentence("jobs")
    assert [path.name for path in shell.home.iterdir()] == ["jobs.sqlite"]


def test_failing_commands_say_one_sentence(shell: Shell, tmp_path: Path) -> None:
    assert "nowhere.wav" in shell.sentence("generate", str(tmp_path / "nowhere.wav"))
    (tmp_path / "text.wav").write_text("hello")
    assert "text.wav" in shell.sentence("generate", str(tmp_path / "text.wav"))
    clip = write_midi(tmp_path / "Riff.mid")
    assert "nobody" in shell.sentence("generate", str(clip), "--provider", "nobody")
    assert "music.key" in shell.sentence("generate", str(clip), "--key", "H flat sharp")
    for name in ("show", "retry", "cancel", "again", "undo"):
        assert "zzzzzzzz" in shell.sentence(name, "zzzzzzzz")


def test_wrong_usage_exits_with_two(shell: Shell, tmp_path: Path) -> None:
    clip = write_midi(tmp_path / "Riff.mid")
    for words in (
        ("generate",),
        ("generate", str(clip), "--bpm", "5"),
        ("generate", str(clip), "--time-signature", "4/5"),
        ("generate", str(clip), "--takes", "11"),
        ("generate", str(clip), "--bpm", "nan"),
        ("generate", str(clip), "--project", "a", "--out", "b"),
        ("render", str(clip), "--out", str(tmp_path)),
        ("nonsense",),
        ("run", "--osc-port", "99999"),
    ):
        assert "Usage:" in shell.run(*words, code=2).stderr


def test_config_prints_what_is_in_force_and_writes_a_default_once(shell: Shell) -> None:
    import tomllib

    printed = tomllib.loads(shell.run("config").stdout)
    assert printed["osc"]["port"] == 9130
    path = Path(shell.run("config", "--init").stdout.strip())
    assert path == shell.home / "config.toml"
    assert tomllib.loads(shell.run("config").stdout) == printed
    assert "config.toml" in shell.sentence("config", "--init")
    path.write_text('[osc]\nprot = 1\n[[watch]]\npath = "/x"\n', encoding="utf-8")
    assert "did you mean osc.port?" in shell.sentence("config")
    path.write_text('[[watch]]\npath = "/x"\npaid = true\n', encoding="utf-8")
    assert tomllib.loads(shell.run("config").stdout)["watch"][0]["paid"] is True
