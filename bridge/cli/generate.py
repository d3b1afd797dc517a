"""`generate`, `render` and `prompt`: one clip from the command line, the whole way or one stage of it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

import click

from bridge.cli.jobs import check, print_json, print_takes
from bridge.cli.options import BESIDE, Wish, musical_options, trigger_of
from bridge.cli.progress import progress_bar
from bridge.cli.reach import new_request_id, send_trigger, some_daemon
from bridge.config import Config, load_config
from bridge.files import copy_whole
from bridge.model import Section, Song, Trigger
from bridge.providers import ProviderFacts


@click.command()
@musical_options
@click.option("--project", type=BESIDE, help="The project folder; takes go into its Generated/.")
@click.option("--out", type=BESIDE, help="Put the takes exactly here.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of result JSONs instead of the WAVs' paths.")
@click.option("--dry-run", is_flag=True, help="Say what would be asked and how many requests it takes; send nothing.")
@click.pass_obj
def generate(home: Path, wish: Wish, project: Path | None, out: Path | None, as_json: bool, dry_run: bool) -> None:
    """Make music from CLIP, and print where the WAVs lie.

    Works with or without a running daemon.

    Example: daw-bridge generate "Riff 96bpm G#m.mid" --prompt "tropical house, marimba" --takes 2
    """
    if project is not None and out is not None:
        raise click.UsageError("--project and --out cannot both be given: one names a project, the other a folder.")
    config = load_config(home)
    trigger = trigger_of(wish, request_id=new_request_id(), project=project, out=out)
    if dry_run:
        plan = _plan(config, trigger)
        _say(plan, as_json)
        _say_limit(config, plan)
        return
    with some_daemon(home, config), progress_bar(wish.clip.stem) as show:
        view = send_trigger(home, trigger, lambda view: show(view.progress, view.stage))
    if as_json:
        print_json(view.takes)
    else:
        print_takes(view)
    check(view)


@click.command()
@musical_options
@click.option("--out", type=BESIDE, required=True, metavar="FILE", help="The WAV to write; never over another file.")
@click.pass_obj
def render(home: Path, wish: Wish, out: Path) -> None:
    """Write only the conditioning WAV of CLIP; one for each section when it takes several requests.

    Example: daw-bridge render "Riff 96bpm G#m.mid" --out riff-conditioning.wav
    """
    from bridge.rooms import render_clip  # the sound rooms, only where sound is made

    config = load_config(home)
    plan = _plan(config, trigger_of(wish))
    target = out.expanduser().absolute()
    if target.is_dir():
        raise click.BadParameter(f"{out} is a folder; name the WAV to write.", param_hint="--out")
    with tempfile.TemporaryDirectory(prefix="daw-bridge-") as folder:
        made = render_clip(plan.trigger, plan.song, plan.sections, plan.facts, Path(folder), config.sound.soundfont)
        if made.note:
            click.echo(made.note, err=True)
        for file in made.files:
            if file is not None:
                click.echo(str(copy_whole(Path(file.path), target.parent, target.name)))


@click.command()
@musical_options
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def prompt(home: Path, wish: Wish, as_json: bool) -> None:
    """Say what would be asked for CLIP, and why; nothing is sent.

    Example: daw-bridge prompt "Riff 96bpm G#m.mid" --json
    """
    _say(_plan(load_config(home), trigger_of(wish)), as_json)


class Plan(NamedTuple):
    """What would be asked of which provider."""

    trigger: Trigger
    song: Song
    sections: tuple[Section, ...]
    facts: ProviderFacts
    words: str


def _plan(config: Config, trigger: Trigger) -> Plan:
    from bridge.daemon import facts_by_name  # these rooms load more than most commands need
    from bridge.prompt import write_prompt
    from bridge.render.door import inspect
    from bridge.render.survey import survey
    from bridge.rooms import sections_for

    trigger = inspect(trigger, config.files)
    song = survey(trigger)
    facts = facts_by_name(config, trigger.ask.provider or config.provider)
    sections = sections_for(song, facts)
    return Plan(trigger, song, sections, facts, write_prompt(trigger, song, config.prompt.template))


def _say_limit(config: Config, plan: Plan) -> None:
    """Say on stderr when the job would be refused for its number of billable requests."""
    limits, requests = config.providers.get(plan.facts.name), len(plan.sections) * plan.trigger.ask.takes
    if limits is not None and limits.billable and requests > limits.max_requests_per_job:
        click.echo(f"This would be refused: max_requests_per_job is {limits.max_requests_per_job}.", err=True)


def _say(plan: Plan, as_json: bool) -> None:
    from bridge.music.keys import key_text

    song, takes = plan.song, plan.trigger.ask.takes
    requests = len(plan.sections) * takes
    facts = {
        "prompt": plan.words,
        "seconds": song.seconds,
        "requests": requests,
        "billable_requests": requests if plan.facts.billable else 0,
        "provider": plan.facts.name,
        "takes": takes,
        "bars": song.bars,
        "beats": song.beats,
        "time_signature": song.time_signature,
        "bpm": song.bpm,
        "bpm_source": song.bpm_source,
        "key": key_text(song.key),
        "key_source": song.key_source,
        "key_confidence": song.key_confidence,
    }
    if as_json:
        print_json(facts)
        return
    length = f"{song.seconds:.2f} s" if song.bars is None else f"{song.bars} bars, {song.seconds:.2f} s"
    bill = "free of charge" if not plan.facts.billable else f"{requests} of them billable"
    metre = "/".join(map(str, song.time_signature))
    click.echo(f"prompt    {plan.words}")
    click.echo(f"tempo     {_known(song.bpm and f'{song.bpm:g} bpm', song.bpm_source)}, {metre}")
    click.echo(f"key       {_known(key_text(song.key), song.key_source)}")
    click.echo(f"length    {length}")
    click.echo(f"requests  {requests} of {plan.facts.name}, {bill}")


_SOURCES = {
    "trigger": "as you said",
    "name": "from the file's name",
    "tags": "from the file's tags",
    "midi": "from the MIDI file",
    "notes": "found in the notes",
    "heard": "found by listening",
}


def _known(value: str | float | None, source: str) -> str:
    return f"{value} ({_SOURCES.get(source, source)})" if value else "not known"
