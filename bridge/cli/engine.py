"""`engine`: the embedded music_gen endpoint by itself."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.protocol import ENGINE_PORT


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=ENGINE_PORT, show_default=True, type=click.IntRange(0, 65_535), help="0: a free one.")
@click.option("--until-stdin-closes", is_flag=True, hidden=True)
@click.pass_obj
def engine(home: Path, host: str, port: int, until_stdin_closes: bool) -> None:
    """Serve the music_gen contract on this machine, free of charge.

    Example: daw-bridge engine --port 9150
    """
    from bridge.engine.server import serve  # the web server's libraries, only for this command

    serve(
        host,
        port,
        home / "engine",
        announce=lambda url: click.echo(f"ready {url}"),
        stop_when_stdin_closes=until_stdin_closes,
    )
