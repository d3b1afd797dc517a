"""Where a key is looked for, where it is kept, and that it does not show."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from urllib.parse import quote

import pytest

from bridge.credentials import ApiKey, find_key, forget_key, scrub, store_key
from bridge.errors import BadKey, NotWritable

KEY = 'sk-7Q/xyz+"secret"\\0123456789'


class Ring:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.keys: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, name: str) -> str | None:
        return self.keys.get((service, name))

    def set_password(self, service: str, name: str, key: str) -> None:
        self.keys[service, name] = key

    def delete_password(self, service: str, name: str) -> None:
        del self.keys[service, name]


class BrokenRing(Ring):
    """A keyring without a backend, as on a machine without a desktop."""

    def get_password(self, service: str, name: str) -> str | None:
        raise RuntimeError("no backend")

    def set_password(self, service: str, name: str, key: str) -> None:
        raise RuntimeError("no backend")


def test_the_environment_comes_before_the_keyring_and_that_before_the_file(tmp_path: Path) -> None:
    ring = Ring()
    store_key("my box", "in-the-file", tmp_path, keyring=lambda: None)
    assert find_key("my box", tmp_path, environ={}, keyring=lambda: ring) == "in-the-file"
    ring.set_password("daw-bridge", "my box", "in-the-ring")
    assert find_key("my box", tmp_path, environ={}, keyring=lambda: ring) == "in-the-ring"
    environ = {"DAW_BRIDGE_KEY_MY_BOX": " in-the-environment\n"}
    assert find_key("my box", tmp_path, environ=environ, keyring=lambda: ring) == "in-the-environment"


def test_the_cloud_also_knows_the_services_own_variable(tmp_path: Path) -> None:
    environ = {"MODELSLAB_API_KEY": "theirs"}
    assert find_key("cloud", tmp_path, environ=environ, keyring=lambda: None) == "theirs"
    assert find_key("cloud", tmp_path, environ=environ | {"DAW_BRIDGE_KEY_CLOUD": "ours"}) == "ours"
    with pytest.raises(BadKey):
        find_key("other", tmp_path, environ=environ, keyring=lambda: None)


def test_a_missing_key_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadKey, match=r"daw-bridge login --provider cloud.*DAW_BRIDGE_KEY_CLOUD"):
        find_key("cloud", tmp_path, environ={}, keyring=lambda: None)


@pytest.mark.parametrize("ring", [None, BrokenRing()])
def test_without_a_working_keyring_the_key_goes_into_a_file_of_ones_own(tmp_path: Path, ring: Ring | None) -> None:
    home = tmp_path / "home"
    assert store_key("cloud", KEY, home, keyring=lambda: ring) == "file"
    assert store_key("other.é", "second", home, keyring=lambda: ring) == "file"
    assert find_key("cloud", home, environ={}, keyring=lambda: ring) == KEY
    assert find_key("other.é", home, environ={}, keyring=lambda: ring) == "second"
    assert [path.name for path in home.iterdir()] == ["credentials.toml"]
    if os.name == "posix":
        assert (home / "credentials.toml").stat().st_mode & 0o777 == 0o600


def test_a_key_in_the_keyring_leaves_the_file(tmp_path: Path) -> None:
    ring = Ring()
    store_key("cloud", "old", tmp_path, keyring=lambda: None)
    assert store_key("cloud", KEY, tmp_path, keyring=lambda: ring) == "keyring"
    assert "old" not in (tmp_path / "credentials.toml").read_text()
    assert find_key("cloud", tmp_path, environ={}, keyring=lambda: ring) == KEY


def test_a_key_can_be_forgotten(tmp_path: Path) -> None:
    ring = Ring()
    store_key("cloud", KEY, tmp_path, keyring=lambda: None)
    ring.set_password("daw-bridge", "cloud", KEY)
    assert forget_key("cloud", tmp_path, keyring=lambda: ring)
    assert not forget_key("cloud", tmp_path, keyring=lambda: ring)
    with pytest.raises(BadKey):
        find_key("cloud", tmp_path, environ={}, keyring=lambda: ring)


def test_a_file_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    store_key("cloud", KEY, tmp_path, keyring=lambda: None)
    (tmp_path / "credentials.toml").chmod(0o640)
    if os.name == "posix":
        with pytest.raises(BadKey, match="chmod 600"):
            find_key("cloud", tmp_path, environ={}, keyring=lambda: None)
    else:
        assert find_key("cloud", tmp_path, environ={}, keyring=lambda: None) == KEY


@pytest.mark.parametrize("text", ["[keys\ncloud = 'sk-secret'", "keys = 'sk-secret'", "[keys]\ncloud = 5", "\xff"])
def test_a_broken_file_is_named_and_not_quoted(tmp_path: Path, text: str) -> None:
    path = tmp_path / "credentials.toml"
    path.write_bytes(text.encode("latin1"))
    path.chmod(0o600)
    with pytest.raises(BadKey, match=r"credentials\.toml") as caught:
        find_key("cloud", tmp_path, environ={}, keyring=lambda: None)
    assert "sk-secret" not in str(caught.value)
    assert caught.value.__cause__ is None or "sk-secret" not in str(caught.value.__cause__)


@pytest.mark.parametrize("key", ["", "  ", "two words", "sécret", "line\nbreak"])
def test_what_cannot_be_a_key_is_not_stored(tmp_path: Path, key: str) -> None:
    with pytest.raises(BadKey):
        store_key("cloud", key, tmp_path, keyring=lambda: None)
    assert not list(tmp_path.iterdir())


def test_a_home_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    with pytest.raises((NotWritable, BadKey), match="home"):
        store_key("cloud", KEY, tmp_path / "home", keyring=lambda: None)


def test_a_key_does_not_show_in_a_repr() -> None:
    assert KEY not in repr({"key": [ApiKey(KEY)]})
    assert ApiKey(KEY) == KEY


@pytest.mark.parametrize("lead", ["", "a", "ab", "abc"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_key_is_taken_out_of_base64_wherever_it_begins(lead: str, encode: object) -> None:
    assert callable(encode)
    text = encode(f"{lead}{KEY}{lead}".encode()).decode()
    left = scrub(f"said: {text}.", KEY)
    shown = left.removeprefix("said: ").partition("[key]")
    assert shown[1] == "[key]"
    assert len(shown[0]) + len(shown[2]) <= len(text) - len(KEY) * 4 // 3 + 8


@pytest.mark.parametrize("form", [KEY, quote(KEY, safe=""), json.dumps(KEY)[1:-1]])
def test_a_key_is_taken_out_of_texts(form: str) -> None:
    assert scrub(f"<{form}>", KEY) == "<[key]>"


def test_what_is_too_short_to_be_a_secret_leaves_texts_alone() -> None:
    assert scrub("a text with an a", "a") == "a text with an a"
    assert scrub("a text", "") == "a text"
