"""`install`: puts what a DAW needs where that DAW looks for it, and takes it out again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import click

from bridge.cli.jobs import print_json
from bridge.errors import SetupError
from bridge.setup import device, live
from bridge.setup.machine import Machine, Place, chosen_place, is_folder, this_machine

OURS = {"this version", "another version"}


class Daw(NamedTuple):
    """What is installed for one DAW; `put` says what lay there before."""

    thing: str
    find_places: Callable[[Machine], tuple[Place, ...]]
    why_nowhere: Callable[[Machine], str]
    look: Callable[[Path], device.Lying]
    put: Callable[[Path], device.Lying]
    take_out: Callable[[Path], None]
    next_steps: str


def live_daw(room: Path = device.ROOM) -> Daw:
    """Ableton Live, whose device is packed into a room of ours, or built beside it in a checkout."""
    return Daw(
        thing=device.FILE_NAME,
        find_places=live.find_places,
        why_nowhere=live.why_nowhere,
        look=lambda folder: device.look(folder, device.device_at_hand(room)),
        put=lambda folder: device.put(device.read_device(room), folder),
        take_out=device.take_out,
        next_steps=(
            "Next: in Live's browser open Max for Live, Max Audio Effect (or search for daw-bridge), and drag\n"
            "daw-bridge onto a track. A device that is already in a Set stays as it is until you drag the new one in.\n"
            "It needs Live 12.2 or later with Max for Live."
        ),
    )


DAWS = {"live": live_daw}


@click.command()
@click.argument("daw", type=click.Choice(list(DAWS)))
@click.option("--to", type=click.Path(path_type=Path), metavar="DIR", help="Exactly this folder, wherever it is.")
@click.option("--list", "as_list", is_flag=True, help="Only say which places there are, and what lies there.")
@click.option("--remove", is_flag=True, help="Take it out again, from every place found.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def install(daw: str, to: Path | None, as_list: bool, remove: bool, as_json: bool) -> None:
    """Put the device where Ableton Live looks for it.

    Only our own file is ever replaced or taken out.

    Example: daw-bridge install live
    """
    if as_list and remove:
        raise click.UsageError("--list and --remove do not go together.")
    if as_json and not as_list:
        raise click.UsageError("--json goes with --list.")
    perform(DAWS[daw](), this_machine(), to, as_list=as_list, remove=remove, as_json=as_json)


def perform(daw: Daw, machine: Machine, to: Path | None, *, as_list: bool, remove: bool, as_json: bool) -> None:
    """Do what the options say on a machine, and print it.

    Raises:
        BridgeError: no place was found, or its file cannot be read, written or replaced.
    """
    places = daw.find_places(machine) if to is None else (chosen_place(to.expanduser().absolute()),)
    if as_json:
        print_json([_row(daw, place) for place in places])
        return
    if not places:
        raise SetupError(daw.why_nowhere(machine))
    if as_list:
        for place in places:
            row = _row(daw, place)
            version = f" ({row['version']})" if row["version"] else ""
            click.echo(f"{row['there'] + version:<24}  {place.folder}  ({place.said_by})")
    elif remove:
        _remove(daw, places)
    else:
        _put(daw, places)


def _row(daw: Daw, place: Place) -> dict[str, str]:
    lying = daw.look(place.folder) if is_folder(place.root) else device.Lying(there="nothing", version="")
    there = lying.there if is_folder(place.root) else "folder is missing"
    return {"folder": str(place.folder), "said_by": place.said_by, "there": there, "version": lying.version}


def _put(daw: Daw, places: tuple[Place, ...]) -> None:
    place = places[0]
    if not is_folder(place.root):
        raise SetupError(
            f"{place.root}, which {place.said_by} names, is not there; connect its disk, "
            "or give a folder with --to DIR."
        )
    click.echo(f"{daw.thing} goes to {place.folder} ({place.said_by}).")
    before = daw.put(place.folder)
    if before.there == "this version":
        click.echo("It was there already, the same; nothing was changed.")
    elif before.there == "another version":
        click.echo(f"It is there now, in place of {before.version or 'another version'}.")
    else:
        click.echo("It is there now.")
    for other in places[1:]:
        if is_folder(other.root):
            click.echo(
                f"There is one more place, {other.root} ({other.said_by}); give it with --to to install there as well."
            )
    click.echo(daw.next_steps)


def _remove(daw: Daw, places: tuple[Place, ...]) -> None:
    there = {place: daw.look(place.folder).there for place in places}
    ours = [place for place in places if there[place] in OURS]
    # Where only somebody else's file lies, take_out says so.
    for place in ours or [place for place in places if there[place] == "not ours"]:
        daw.take_out(place.folder)
        click.echo(f"Removed {place.folder / daw.thing}.")
    for place in places:
        if not is_folder(place.root):
            click.echo(f"{place.root}, which {place.said_by} names, is not there; connect its disk to look into it.")
    if not any(state != "nothing" for state in there.values()):
        click.echo(f"No {daw.thing} was found in {', '.join(str(place.folder) for place in places)}.")
