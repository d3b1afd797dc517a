"""The configuration: defaults, files, and errors that say what to do."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import pytest

from bridge.config import Config, default_toml, find_home, load_config
from bridge.errors import SetupError


def write(home: Path, text: str) -> Path:
    (home / "config.toml").write_text(text, encoding="utf-8")
    return home


def test_no_file_means_defaults(tmp_path: Path) -> None:
    assert load_config(tmp_path) == Config()


def test_the_commented_default_says_exactly_the_defaults(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, default_toml())) == Config()
    lines = [line.removeprefix("# ") for line in default_toml().splitlines() if " = " in line or line.startswith("# [")]
    table = tomllib.loads("\n".join(lines))
    table["providers"]["cloud"].pop("key", None)
    spoken = msgspec.convert(table, Config)
    cloud = Config(providers={"cloud": spoken.providers["cloud"]}).providers["cloud"]
    assert cloud == type(cloud)()
    assert msgspec.structs.replace(spoken, providers={}, watch=()) == Config()


def test_every_key_of_the_structs_stands_in_the_default_text() -> None:
    def names(kind: type[msgspec.Struct]) -> set[str]:
        found = set()
        for field in msgspec.structs.fields(kind):
            found.add(field.encode_name)
            for inner in (field.type, *getattr(field.type, "__args__", ())):
                if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
                    found |= names(inner)
        return found

    missing = {name for name in names(Config) if name not in default_toml()}
    assert not missing


def test_an_unknown_key_names_the_nearest_known_one(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"osc\.prot; did you mean port\?"):
        load_config(write(tmp_path, "[osc]\nprot = 9000\n"))
    with pytest.raises(SetupError, match=r"unknown key proivder; did you mean provider\?"):
        load_config(write(tmp_path, 'proivder = "local"\n'))
    with pytest.raises(SetupError, match=r"max_request_per_day; did you mean max_requests_per_day\?"):
        load_config(write(tmp_path, "[providers.cloud]\nmax_request_per_day = 3\n"))


def test_a_value_out_of_range_names_its_key(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"osc\.port: .*65535"):
        load_config(write(tmp_path, "[osc]\nport = 70000\n"))


def test_a_key_in_the_file_is_refused_with_where_it_goes(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="DAW_BRIDGE_KEY_CLOUD") as problem:
        load_config(write(tmp_path, '[providers.cloud]\nkey = "sk-very-secret"\n'))
    assert "sk-very-secret" not in str(problem.value)


def test_a_provider_without_its_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"\[providers\.cloud\]"):
        load_config(write(tmp_path, 'provider = "cloud"\n'))


def test_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"config\.toml"):
        load_config(write(tmp_path, "provider = \n"))
    (tmp_path / "config.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SetupError, match=r"config\.toml"):
        load_config(tmp_path)


def test_home_is_the_flag_then_the_environment_then_the_platforms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAW_BRIDGE_HOME", str(tmp_path / "environment"))
    assert find_home(str(tmp_path / "flag")) == tmp_path / "flag"
    assert find_home(None) == tmp_path / "environment"
    monkeypatch.delenv("DAW_BRIDGE_HOME")
    assert find_home(None).is_absolute()
    assert "daw-bridge" in str(find_home(None))
