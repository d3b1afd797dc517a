"""`generate`, `render` and `prompt`: one clip from the command line, whole or one stage of it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click
import msgspec

from bridge.cli.options import Wish, musical_options, trigger_of
from bridge.cli.progress import progress_bar
from bridge.cli.reach import Told, new_request_id, send_trigger, some_daemon
from bridge.cli.run import choose
from bridge.config import Config, load_config
from bridge.errors import SetupError
from bridge.files import place_whole
from bridge.model import Conditioning, GenerationRequest, Trigger


@click.command()
@musical_options
@click.option("--json", "as_json", is_flag=True, help="Print a list of result JSONs instead of the WAVs' paths.")
@click.option("--dry-run", is_flag=True, help="Say what would be asked and how many requests it takes; send nothing.")
@click.pass_obj
def generate(home: Path, wish: Wish, as_json: bool, dry_run: bool) -> None:
    """Make music from CLIP, and print where the WAVs lie.

    Works with or without a running daemon.

    Example: daw-bridge generate "Riff 96bpm G#m.mid" --prompt "tropical house, marimba" --takes 2
    """
    config = load_config(home)
    trigger = trigger_of(wish, request_id=new_request_id())
    if dry_run:
        _say_plan(_plan(config, trigger), as_json)
        return
    with some_daemon(home, _with_provider(config, wish.provider)), progress_bar(wish.clip.stem) as show:
        view = send_trigger(home, trigger, lambda view: show(view.progress, view.stage))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(view.takes), indent=2).decode())
    else:
        for take in view.takes:
            click.echo(take.file)
    if view.state != "delivered":
        why = view.error.text if view.error else f"The job ended as {view.state}."
        raise Told(why)


@click.command()
@musical_options
@click.option("--wav", "wav", required=False, hidden=True)
@click.pass_obj
def render(home: Path, wish: Wish, wav: str | None) -> None:
    """Write only the conditioning WAV of CLIP to --out FILE; one more file a section when it takes several requests.

    Example: daw-bridge render "Riff 96bpm G#m.mid" --out riff-conditioning.wav
    """
