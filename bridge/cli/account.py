"""`login` and `logout`: the API key of a provider, asked for, tried, and kept safely."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.config import LOCAL, Config, load_config
from bridge.credentials import FILE_NAME, forget_key, store_key
from bridge.errors import SetupError

_PROVIDER = click.option(
    "--provider", metavar="NAME", default="", help="Which [providers.NAME] of config.toml; else the one in force."
)


@click.command()
@_PROVIDER
@click.pass_obj
def login(home: Path, provider: str) -> None:
    """Ask for a provider's API key, try it, and keep it in the system's keyring, else in a file only you can read.

    Example: daw-bridge login --provider cloud
    """
    from bridge.providers.account import try_key  # requests, only where something is sent

    config = load_config(home)
    name = _chosen(config, provider)
    key = str(click.prompt(f"API key of {name}", hide_input=True, err=True)).strip()
    tried = try_key(name, config.providers[name], key)
    home.mkdir(parents=True, exist_ok=True)
    kept = store_key(name, key, home)
    where = "the system's keyring" if kept == "keyring" else str(home / FILE_NAME)
    click.echo(
        f"{name} takes the key; it" if tried else f"The key of {name} could not be tried without paying; it", nl=False
    )
    click.echo(f" is kept in {where}.")


@click.command()
@_PROVIDER
@click.pass_obj
def logout(home: Path, provider: str) -> None:
    """Forget a provider's API key.

    Example: daw-bridge logout --provider cloud
    """
    name = _chosen(load_config(home), provider)
    if not forget_key(name, home):
        raise SetupError(f"No key of {name} is kept; one in an environment variable is not ours to remove.")
    click.echo(f"The key of {name} is forgotten.")


def _chosen(config: Config, provider: str) -> str:
    """The provider that is meant: by name, else the one in force, else the only one there is."""
    name = provider or (config.provider if config.provider != LOCAL else next(iter(config.providers), ""))
    if name not in config.providers:
        table = name or "cloud"
        raise SetupError(
            f"config.toml has no [providers.{table}]; add it (`daw-bridge config --init` shows how), then log in."
        )
    return name
