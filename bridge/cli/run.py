"""`run`: the daemon, in the foreground."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click
import msgspec

from bridge.config import Config, load_config


@click.command()
@click.option("--osc-port", type=click.IntRange(0, 65_535), help="Listen here for OSC; 0 takes a free port.")
@click.option("--reply-port", type=click.IntRange(1024, 65_535), help="Answer here when a client named no port.")
@click.option("--provider", metavar="NAME", help="Which [providers.NAME] of config.toml makes the music; or local.")
@click.pass_obj
def run(home: Path, osc_port: int | None, reply_port: int | None, provider: str | None) -> None:
    """Run the daemon until Ctrl-C.

    Example: daw-bridge run --provider local
    """
    from bridge.daemon import Daemon  # the daemon's rooms, only for the commands that need them

    config = choose(load_config(home), osc_port=osc_port, reply_port=reply_port, provider=provider)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    daemon = Daemon(home, config)
    ready = daemon.start()
    try:
        click.echo(f"ready osc={ready.osc_host}:{ready.osc_port} provider={ready.provider} home={ready.home}")
        while not stopping.wait(timeout=1):  # a wait without end cannot be interrupted on Windows
            pass
    finally:
        daemon.stop()


def choose(
    config: Config, *, osc_port: int | None = None, reply_port: int | None = None, provider: str | None = None
) -> Config:
    """Let the command's flags win over the file."""
    osc = {name: value for name, value in (("port", osc_port), ("reply_port", reply_port)) if value is not None}
    config = msgspec.structs.replace(config, osc=msgspec.structs.replace(config.osc, **osc))
    return config if provider is None else msgspec.structs.replace(config, provider=provider)
