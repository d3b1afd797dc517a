"""`install`: puts what a DAW needs where that DAW looks for it, and takes it out again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import click

from bridge.cli.jobs import print_json
from bridge.errors import SetupError
from bridge.setup import device, live, reaper, scripts
from bridge.setup.machine import Lying, Machine, Place, chosen_place, is_folder, this_machine
from bridge.setup.short_path import short_path


class Outcome(NamedTuple):
    """What was done: what lay there before, whether anything is another now, and sentences on what else to know."""

    before: Lying
    changed: bool
    notes: tuple[str, ...] = ()


class Daw(NamedTuple):
    """What is installed for one DAW; `take_out` gives a sentence for each thing that it removed or kept."""

    thing: str
    none: str
    find_places: Callable[[Machine], tuple[Place, ...]]
    place_in: Callable[[Path], Place]
    why_nowhere: Callable[[Machine], str]
    look: Callable[[Path], Lying]
    put: Callable[[Path], Outcome]
    take_out: Callable[[Path], tuple[str, ...]]
    next_steps: str


def live_daw(room: Path = device.ROOM) -> Daw:
    """Ableton Live, whose device is packed into a room of ours, or built beside it in a checkout."""

    def put(folder: Path) -> Outcome:
        before = device.put(device.read_device(room), folder)
        return Outcome(before, changed=before.there != "this version")

    def take_out(folder: Path) -> tuple[str, ...]:
        was_there = device.look(folder).there != "nothing"
        device.take_out(folder)
        return (f"Removed {folder / device.FILE_NAME}.",) if was_there else ()

    return Daw(
        thing=device.FILE_NAME,
        none=f"No {device.FILE_NAME} was found",
        find_places=live.find_places,
        place_in=chosen_place,
        why_nowhere=live.why_nowhere,
        look=lambda folder: device.look(folder, device.device_at_hand(room)),
        put=put,
        take_out=take_out,
        next_steps=(
            "Next: in Live's browser open Max for Live, Max Audio Effect (or search for daw-bridge), and drag\n"
            "daw-bridge onto a track. A device that is already in a Set stays as it is until you drag the new one in.\n"
            "It needs Live 12.2 or later with Max for Live."
        ),
    )


def reaper_daw(
    home: Path,
    machine: Machine,
    room: Path = scripts.ROOM,
    short_path: Callable[[Path], str] = short_path,
) -> Daw:
    """REAPER, whose scripts are packed into a room of ours, or lie beside it in a checkout; they are told the home."""

    def put(folder: Path) -> Outcome:
        home_text = scripts.ascii_home(home, machine.platform, short_path)
        done = scripts.put(scripts.read_scripts(room), folder, home_text)
        return Outcome(done.before, done.changed, (f"They talk to the daemon through {home_text}.", *_kept(done)))

    def take_out(folder: Path) -> tuple[str, ...]:
        done = scripts.take_out(folder, scripts.scripts_at_hand(room))
        if not done.changed:
            return ()
        if done.before.there == "nothing":
            return (f"Removed our line from {folder.parent / scripts.STARTUP_NAME}.",)
        return (f"Removed {'our scripts from ' if folder.exists() else ''}{folder}.", *_kept(done))

    return Daw(
        thing="The folder of scripts",
        none="No scripts of daw-bridge were found",
        find_places=reaper.find_places,
        place_in=reaper.place_in,
        why_nowhere=reaper.why_nowhere,
        look=lambda folder: scripts.look(folder, scripts.scripts_at_hand(room)),
        put=put,
        take_out=take_out,
        next_steps=(
            "Next: in REAPER open Actions, Show action list..., New action..., Load ReaScript... and choose any file\n"
            "daw-bridge_....lua in that folder; when it first runs the others appear by themselves. Give them keys or\n"
            "pedals in the same list. A REAPER that is running needs no restart: the next action starts them.\n"
            "They need REAPER 6.20 or later."
        ),
    )


DAWS: dict[str, Callable[[Path, Machine], Daw]] = {
    "live": lambda _home, _machine: live_daw(),
    "reaper": reaper_daw,
}


@click.command()
@click.argument("daw", type=click.Choice(list(DAWS)))
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Live: exactly this folder. REAPER: this resource path; any other folder gets a folder daw-bridge of its own.",
)
@click.option("--list", "as_list", is_flag=True, help="Only say which places there are, and what lies there.")
@click.option("--remove", is_flag=True, help="Take it out again, from every place found.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@click.pass_obj
def install(home: Path, daw: str, to: Path | None, as_list: bool, remove: bool, as_json: bool) -> None:
    """Put what a DAW needs where it looks for it: Ableton Live the device, REAPER the scripts.

    Only our own files are ever replaced or taken out; a script of ours that you changed is kept beside as .bak. The
    scripts are told which home the daemon has: --home, else DAW_BRIDGE_HOME, else the usual one.

    Example: daw-bridge install live, or: daw-bridge install reaper
    """
    if as_list and remove:
        raise click.UsageError("--list and --remove do not go together.")
    if as_json and not as_list:
        raise click.UsageError("--json goes with --list.")
    machine = this_machine()
    perform(DAWS[daw](home, machine), machine, to, as_list=as_list, remove=remove, as_json=as_json)


def perform(daw: Daw, machine: Machine, to: Path | None, *, as_list: bool, remove: bool, as_json: bool) -> None:
    """Do what the options say on a machine, and print it.

    Raises:
        BridgeError: no place was found, or its files cannot be read, written or replaced.
    """
    places = daw.find_places(machine) if to is None else (daw.place_in(to.expanduser().absolute()),)
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
    lying = daw.look(place.folder) if is_folder(place.root) else Lying(there="nothing", version="")
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
    before, changed, notes = daw.put(place.folder)
    if not changed:
        click.echo("It was there already, the same; nothing was changed.")
    elif before.there == "another version":
        click.echo(f"It is there now, in place of {before.version or 'another version'}.")
    else:
        click.echo("It is there now.")
    for note in notes:
        click.echo(note)
    for other in places[1:]:
        if is_folder(other.root):
            click.echo(
                f"There is one more place, {other.root} ({other.said_by}); give it with --to to install there as well."
            )
    click.echo(daw.next_steps)


def _remove(daw: Daw, places: tuple[Place, ...]) -> None:
    not_ours = [place for place in places if daw.look(place.folder).there == "not ours"]
    removed = 0
    for place in places:
        for sentence in () if place in not_ours else daw.take_out(place.folder):
            click.echo(sentence)
            removed += 1
    for place in () if removed else not_ours:
        # Where only somebody else's file lies, it says so.
        daw.take_out(place.folder)
    for place in places:
        if not is_folder(place.root):
            click.echo(f"{place.root}, which {place.said_by} names, is not there; connect its disk to look into it.")
    if not removed:
        click.echo(f"{daw.none} in {', '.join(str(place.folder) for place in places)}.")


def _kept(done: scripts.Done) -> tuple[str, ...]:
    return tuple(f"You had changed a script; your copy is {path}." for path in done.kept)
