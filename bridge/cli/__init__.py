"""The command line: the only room that prints."""

from __future__ import annotations

import sys

import click

from bridge import __version__
from bridge.cli.account import login, logout
from bridge.cli.demo import demo
from bridge.cli.engine import engine
from bridge.cli.generate import generate, prompt, render
from bridge.cli.install import install
from bridge.cli.jobs import again, cancel, jobs, retry, show, undo
from bridge.cli.run import run
from bridge.cli.settings import config
from bridge.config import find_home
from bridge.errors import BridgeError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--home", metavar="DIR", help="The daemon's folder (else DAW_BRIDGE_HOME, else the user-data folder).")
@click.version_option(__version__, prog_name="daw-bridge")
@click.pass_context
def commands(context: click.Context, home: str | None) -> None:
    """From a clip in your DAW to music that fits your song.

    Example: daw-bridge generate "Riff 96bpm G#m.mid" --prompt "tropical house, marimba"
    """
    context.obj = find_home(home)


for command in (
    *(run, generate, render, prompt, jobs, show, retry, cancel, again, undo),
    *(engine, config, install, login, logout, demo),
):
    commands.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run one command; what a user can act on is one sentence on stderr and exit 1."""
    words = hoist_home(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]  # both are text files here
    try:
        commands.main(args=words, prog_name="daw-bridge")
    except BridgeError as problem:
        click.echo(f"daw-bridge: {problem.text}", err=True)
        sys.exit(1)


def hoist_home(words: list[str]) -> list[str]:
    """Let `--home DIR` stand anywhere: it is moved before the command."""
    end = words.index("--") if "--" in words else len(words)
    for place, word in enumerate(words[:end]):
        if word == "--home" and place + 1 < len(words):
            return [word, words[place + 1], *words[:place], *words[place + 2 :]]
        if word.startswith("--home="):
            return [word, *words[:place], *words[place + 1 :]]
    return words
