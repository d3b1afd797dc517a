"""login and logout: a key is tried before it is kept, and kept where only its owner can read it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.config import ProviderConfig
from bridge.errors import BadKey, ProviderUnreachable
from bridge.providers.account import try_key
from tests.fakes.music_gen_server import FakeMusicGen, Say

KEY = "sk-7Q/xyz+secret-0123456789"
FINE = Say({"model_count": 0, "queue_time": 0, "status": "ok"})


def type_in(home: Path, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bridge", "--home", str(home), *words],
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        # Whatever keyring this machine has is not for tests.
        env={**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"},
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def configure(home: Path, url: str, api: str = "enterprise") -> None:
    (home / "config.toml").write_text(f'[providers.cloud]\nurl = "{url}"\napi = "{api}"\n', encoding="utf-8")


def test_a_good_key_is_tried_then_kept_for_its_owner_alone_and_forgotten_on_request(home: Path) -> None:
    with FakeMusicGen() as service:
        configure(home, service.url)
        service.on_submit(FINE)
        done = type_in(home, "login", typed=f"{KEY}\n")
        assert done.returncode == 0, done.stderr
        (asked,) = service.asked
    assert asked.path == "/api/v1/enterprise/voice/system_details"
    assert asked.json == {"key": KEY}
    kept = home / "credentials.toml"
    assert KEY in kept.read_text(encoding="utf-8")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "takes the key" in done.stdout
    assert KEY not in done.stdout + done.stderr
    assert type_in(home, "logout").returncode == 0
    assert not kept.exists() or KEY not in kept.read_text(encoding="utf-8")
    assert type_in(home, "logout").returncode == 1


def test_a_key_that_the_service_refuses_is_not_kept(home: Path) -> None:
    with FakeMusicGen() as service:
        configure(home, service.url)
        service.on_submit(Say({"status": "error", "message": "Invalid API key"}, 401))
        done = type_in(home, "login", "--provider", "cloud", typed=f"{KEY}\n")
    assert done.returncode == 1
    assert KEY not in done.stdout + done.stderr
    assert not (home / "credentials.toml").exists()


def test_a_key_of_an_api_without_a_free_question_is_kept_untried(home: Path) -> None:
    with FakeMusicGen() as service:
        configure(home, service.url, api="v6")
        done = type_in(home, "login", typed=f"{KEY}\n")
        assert service.asked == []
    assert "could not be tried" in done.stdout


def test_login_needs_a_provider_to_log_in_to(home: Path) -> None:
    done = type_in(home, "login", typed=f"{KEY}\n")
    assert done.returncode == 1
    assert "[providers.cloud]" in done.stderr


def test_refusals_and_dead_lines_have_their_errors() -> None:
    with FakeMusicGen() as service:
        config = ProviderConfig(url=service.url)
        service.on_submit(Say({"status": "error", "message": "Invalid API key"}))
        with pytest.raises(BadKey):
            try_key("cloud", config, KEY)
    with pytest.raises(ProviderUnreachable):
        try_key("cloud", config, KEY)
