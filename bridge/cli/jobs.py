"""`jobs`, `show`, `retry`, `cancel`, `again`, `undo`: looking after jobs; a delivered WAV stands for its job."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
import msgspec

from bridge.cli.progress import progress_bar
from bridge.cli.reach import Refused, daemon_lives, follow, follow_state, opened_jobs, send_command, some_daemon
from bridge.config import load_config
from bridge.errors import UnknownJob
from bridge.events import JobView
from bridge.files import sha256_of

if TYPE_CHECKING:
    from bridge.jobs import Jobs

T = TypeVar("T")

_JSON = click.option("--json", "as_json", is_flag=True, help="Print an object like the outbox file's.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects like the outbox file's.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many.")
@click.pass_obj
def jobs(home: Path, as_json: bool, limit: int) -> None:
    """List the jobs, newest first.

    Example: daw-bridge jobs --json
    """
    views = _read(home, lambda jobs: jobs.newest(limit)) if (home / "jobs.sqlite").exists() else []
    if as_json:
        print_json(views)
        return
    for view in views:
        there = sum(not take.undone for take in view.takes)
        click.echo(f"{view.job_id}  {view.state:<10}  {there}/{view.asked}  {_what(view)}")


@click.command()
@click.argument("job", metavar="ID|FILE")
@_JSON
@click.pass_obj
def show(home: Path, job: str, as_json: bool) -> None:
    """Show one job: by its id, its request id, or a WAV it delivered.

    Example: daw-bridge show "Generated/Riff 96bpm G# minor k3v9x2ma-1.wav"
    """
    view = _find(home, job)
    if as_json:
        print_json(view)
        return
    click.echo(f"job      {view.job_id}")
    click.echo(f"request  {view.request_id}")
    click.echo(f"state    {view.state}, {view.progress:.0%}")
    if view.error is not None:
        click.echo(f"error    {view.error.code}: {view.error.text}")
    for take in view.takes:
        click.echo(f"take {take.take}   {take.file}")
        click.echo(f"         {take.prompt}")


@click.command()
@click.argument("job", metavar="ID")
@_JSON
@click.pass_obj
def cancel(home: Path, job: str, as_json: bool) -> None:
    """Cancel a job; what was paid for can still be had with retry.

    Example: daw-bridge cancel k3v9x2ma
    """
    job_id = _find(home, job).job_id
    if daemon_lives(home):
        send_command(home, "cancel", job_id=job_id)
    else:
        _change(home, lambda jobs: jobs.cancel(job_id))
    view = _find(home, job_id)
    if as_json:
        print_json(view)
    else:
        click.echo(f"{job_id} {view.state}")


@click.command()
@click.argument("job", metavar="ID")
@_JSON
@click.pass_obj
def retry(home: Path, job: str, as_json: bool) -> None:
    """Go on with a job that failed or was cancelled; what was paid for is fetched, not paid again.

    Example: daw-bridge retry k3v9x2ma
    """
    view = _find(home, job)
    job_id = view.job_id
    with some_daemon(home, load_config(home)), progress_bar(_what(view)) as bar:
        send_command(home, "retry", job_id=job_id)
        view = follow_state(home, lambda: _find(home, job_id), lambda view: bar(view.progress, view.stage))
    _report(view, as_json)


@click.command()
@click.argument("job", metavar="ID|FILE", required=False, default="")
@click.option("--prompt", "-p", default="", metavar="TEXT", help="Other words than last time.")
@_JSON
@click.pass_obj
def again(home: Path, job: str, prompt: str, as_json: bool) -> None:
    """Make the same once more with a new seed; without an ID the last delivered job.

    Example: daw-bridge again --prompt "darker, half-time"
    """
    job_id = _find(home, job).job_id if job else ""
    with some_daemon(home, load_config(home)), progress_bar("again") as bar:
        request_id = send_command(home, "again", job_id=job_id, prompt=prompt)
        view = follow(home, request_id, lambda view: bar(view.progress, view.stage))
    _report(view, as_json)


@click.command()
@click.argument("job", metavar="ID")
@click.option("--force", is_flag=True, help="Also what the DAW has imported: the song may be using it.")
@_JSON
@click.pass_obj
def undo(home: Path, job: str, force: bool, as_json: bool) -> None:
    """Take a job's takes out of the project again; they go to the home's undone/.

    Example: daw-bridge undo k3v9x2ma
    """
    job_id = _find(home, job).job_id
    if daemon_lives(home):
        send_command(home, "undo", job_id=job_id, force=force)
    else:
        _change(home, lambda jobs: jobs.undo(job_id, force=force))
    view = _find(home, job_id)
    if as_json:
        print_json(view)
        return
    for take in view.takes:
        click.echo(take.file)


def _find(home: Path, name: str) -> JobView:
    """The job that goes by this id or request id, or that delivered this WAV."""
    if not (home / "jobs.sqlite").exists():
        raise UnknownJob(f"No job goes by {name}; there is none in {home} yet.")
    path = Path(name).expanduser()
    if path.is_file():
        sha256 = sha256_of(path)
        return _read(home, lambda jobs: jobs.view(jobs.of_take(sha256)))

    def find(jobs: Jobs) -> JobView:
        try:
            return jobs.view(jobs.find(name, ""))
        except UnknownJob:
            return jobs.view(jobs.find("", name))

    return _read(home, find)


def _read(home: Path, what: Callable[[Jobs], T]) -> T:
    with opened_jobs(home, load_config(home)) as jobs:
        return what(jobs)


def _change(home: Path, what: Callable[[Jobs], None]) -> None:
    with opened_jobs(home, load_config(home), alone=True) as jobs:
        what(jobs)


def _report(view: JobView, as_json: bool) -> None:
    if as_json:
        print_json(view)
    else:
        print_takes(view)
    check(view)


def print_takes(view: JobView) -> None:
    """Print where the takes lie that are in the project."""
    for take in view.takes:
        if not take.undone:
            click.echo(take.file)


def check(view: JobView) -> None:
    """See that a job was delivered whole.

    Raises:
        Refused: it was not; the words are those of its error.
    """
    if view.state != "delivered":
        raise Refused(view.error.text if view.error else f"The job {view.job_id} ended as {view.state}.")


def _what(view: JobView) -> str:
    """What the user will know the job by."""
    if view.error is not None:
        return f"{view.error.code}: {view.error.text}"
    return view.takes[0].prompt if view.takes else view.request_id


def print_json(value: object) -> None:
    """Print a value as JSON, indented."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
