"""`config`: the configuration in force."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from bridge.config import default_toml, load_config
from bridge.errors import SetupError
from bridge.files import write_whole


@click.command()
@click.option("--init", is_flag=True, help="Write a commented config.toml with the defaults, unless there is one.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def config(home: Path, init: bool, as_json: bool) -> None:
    """Print the configuration in force, or write a commented default.

    Example: daw-bridge config --init
    """
    path = home / "config.toml"
    if init:
        if path.exists():
            raise SetupError(f"{path} is there already; remove it first if you want the defaults back.")
        home.mkdir(parents=True, exist_ok=True)
        write_whole(path, default_toml().encode())
        click.echo(str(path))
        return
    settings = msgspec.to_builtins(load_config(home))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode({"home": str(home), **settings}), indent=2).decode())
        return
    click.echo(f"# home: {home}")
    click.echo(f"# file: {path}{'' if path.exists() else ' (not there: all defaults)'}")
    sys.stdout.write("\n".join(_toml_lines(settings)) + "\n")


def _toml_lines(table: dict[str, object], name: str = "") -> list[str]:
    """The plain values first, then one table after the other, as TOML."""
    plain = [f"{key} = {_toml_value(value)}" for key, value in table.items() if not _is_table(value)]
    lines = [f"[{name}]", *plain, ""] if name and plain else [*plain, ""] if plain else []
    for key, value in table.items():
        inner = f"{name}.{key}" if name else key
        if isinstance(value, dict):
            lines += _toml_lines(value, inner)
        elif _is_table(value):
            for row in value:  # type: ignore[attr-defined]  # _is_table: a list of tables
                lines += [f"[[{inner}]]", *(f"{k} = {_toml_value(v)}" for k, v in row.items()), ""]
    return lines


def _is_table(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list | tuple) and any(isinstance(row, dict) for row in value))


def _toml_value(value: object) -> str:
    """JSON's spelling of texts, numbers, booleans and lists is TOML's too."""
    return msgspec.json.encode(value).decode()
