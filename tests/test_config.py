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
    with pytest.raises(SetupError, match=r"unknown key osc\.prot; did you mean osc\.port\?"):
        load_config(write(tmp_path, "[osc]\nprot = 9000\n"))
    with pytest.raises(SetupError, match=r"unknown key proivder; did you mean provider\?"):
        load_config(write(tmp_path, 'proivder = "local"\n'))
    with pytest.raises(SetupError, match=r"cloud\.max_request_per_day; did you mean .*cloud\.max_requests_per_day\?"):
        load_config(write(tmp_path, "[providers.cloud]\nmax_request_per_day = 3\n"))


def test_a_value_out_of_range_names_its_key(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"osc\.port: .*65535, got 70000"):
        load_config(write(tmp_path, "[osc]\nport = 70000\n"))
    with pytest.raises(SetupError, match=r"providers\.cloud\.parallel: .*between 1 and 32, got 0"):
        load_config(write(tmp_path, "[providers.cloud]\nparallel = 0\n"))


def test_a_key_in_the_file_is_refused_with_where_it_goes(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="DAW_BRIDGE_KEY_CLOUD") as problem:
        load_config(write(tmp_path, '[providers.cloud]\nkey = "sk-very-secret"\n'))
    assert "sk-very-secret" not in str(problem.value)
    with pytest.raises(SetupError, match="DAW_BRIDGE_KEY_MY_CLOUD"):
        load_config(write(tmp_path, '[providers.my-cloud]\nkey = "x"\n'))


def test_a_provider_without_its_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"\[providers\.cloud\]"):
        load_config(write(tmp_path, 'provider = "cloud"\n'))


def test_the_embedded_engines_name_takes_no_table(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"providers\.local"):
        load_config(write(tmp_path, "[providers.local]\n"))


REACHABLE = '[osc]\nhost = "0.0.0.0"\nallow = ["192.168.1.7"]\n[files]\nroots = ["{}"]\n'


@pytest.mark.parametrize(
    ("left_out", "named"), [('allow = ["192.168.1.7"]', r"osc\.allow"), ('roots = ["{}"]', r"files\.roots")]
)
def test_other_hosts_are_let_in_only_by_name_and_to_named_folders(tmp_path: Path, left_out: str, named: str) -> None:
    assert load_config(write(tmp_path, REACHABLE.format(tmp_path.as_posix()))).osc.host == "0.0.0.0"
    with pytest.raises(SetupError, match=named):
        load_config(write(tmp_path, REACHABLE.replace(left_out, "").format(tmp_path.as_posix())))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "localhost"])
def test_on_this_machine_alone_nothing_more_need_be_set(tmp_path: Path, host: str) -> None:
    assert load_config(write(tmp_path, f'[osc]\nhost = "{host}"\n')).osc.host == host


def test_paths_are_whole_once_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    config = load_config(
        write(
            tmp_path,
            '[[watch]]\npath = "~/in"\nproject = "~/Songs"\n'
            '[files]\nroots = ["~"]\n[sound]\nsoundfont = "~/band.sf2"\n',
        )
    )
    assert (config.watch[0].path, config.watch[0].project) == (str(tmp_path / "in"), str(tmp_path / "Songs"))
    assert (config.files.roots, config.sound.soundfont) == ((str(tmp_path),), str(tmp_path / "band.sf2"))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[[watch]]\npath = "in"\n', r"watch\.path"),
        ('[[watch]]\npath = ""\n', r"watch\.path"),
        ('[files]\nroots = [""]\n', r"files\.roots"),
        ('[files]\nroots = ["Songs"]\n', r"files\.roots"),
        ('[sound]\nsoundfont = "~nobody-of-this-name/a.sf2"\n', r"sound\.soundfont"),
    ],
)
def test_a_path_that_depends_on_where_we_stand_is_refused(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(SetupError, match=rf"{named}.*absolute"):
        load_config(write(tmp_path, text))


@pytest.mark.parametrize("template", ["{mood}", "{words.__class__}", "{0}", "{words!r}", "{words:>9}", "{", "{}"])
def test_a_template_that_cannot_be_filled_is_named(tmp_path: Path, template: str) -> None:
    with pytest.raises(SetupError, match=r"prompt\.template"):
        load_config(write(tmp_path, f'[prompt]\ntemplate = "{template}"\n'))


@pytest.mark.parametrize("url", ["http://music.example", "http://8.8.8.8:80", "music.example", "", "http://"])
def test_a_key_is_not_sent_through_the_open_net(tmp_path: Path, url: str) -> None:
    with pytest.raises(SetupError, match=r"providers\.cloud\.url"):
        load_config(write(tmp_path, f'[providers.cloud]\nurl = "{url}"\n'))


@pytest.mark.parametrize(
    "table",
    [
        'url = "https://music.example"',
        'url = "http://localhost:9000"',
        'url = "http://192.168.1.7:9000"',
        'url = "http://[fd00::7]:9000"',
        'url = "http://studio.local"',
        'url = "http://music.example"\nbillable = false',
    ],
)
def test_a_url_that_keeps_the_key_is_taken(tmp_path: Path, table: str) -> None:
    assert "cloud" in load_config(write(tmp_path, f"[providers.cloud]\n{table}\n")).providers


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
