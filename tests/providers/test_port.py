"""What is known of a provider beforehand, and that opening one is light."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.config import ProviderConfig
from bridge.errors import BadKey
from bridge.model import GenerationRequest
from bridge.providers import facts_of, open_provider
from tests.fakes.music_gen_server import FakeMusicGen

REQUEST = GenerationRequest(job_id="a", take=1, section=0, provider="x", prompt="x", seconds=6.0)


def test_the_facts_follow_the_contract() -> None:
    token = facts_of("cloud", ProviderConfig())
    assert (token.name, token.billable, token.extensions, token.parallel) == ("cloud", True, False, 2)
    assert token.max_seconds == 20.42
    assert facts_of("cloud", ProviderConfig(api="v6")).max_seconds == 480


def test_opening_a_provider_loads_nothing_heavy(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from bridge.config import ProviderConfig; from bridge.providers import open_provider; "
        f"open_provider('local', ProviderConfig(), pathlib.Path({str(tmp_path)!r})); "
        "print({'requests', 'urllib3', 'numpy', 'soundfile', 'ssl'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "set()"


def test_a_billable_provider_without_a_key_says_so_and_sends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with FakeMusicGen() as server:
        with pytest.raises(BadKey, match="login --provider band"):
            open_provider("band", ProviderConfig(url=server.url), tmp_path).submit(REQUEST)
        assert server.asked == []


def test_a_free_one_needs_no_key_and_may_lie_elsewhere_than_its_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with FakeMusicGen() as server:
        for name in ("local", "band"):
            config = ProviderConfig(billable=False)
            open_provider(name, config, tmp_path, base_url=lambda: server.url).submit(REQUEST)
        assert all(asked.json["key"] for asked in server.submissions)
        assert len(server.submissions) == 2


def test_a_free_one_too_says_that_others_can_read_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    (tmp_path / "credentials.toml").write_text('[keys]\nband = "secret-key"\n', encoding="utf-8")
    (tmp_path / "credentials.toml").chmod(0o644)
    config = ProviderConfig(billable=False)
    if os.name == "posix":
        with pytest.raises(BadKey, match="chmod 600"):
            open_provider("band", config, tmp_path).submit(REQUEST)
