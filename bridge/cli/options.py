"""The musical options that several commands share, and the trigger they make."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, get_args

import click
import msgspec

from bridge.model import Ask, Extra, Mode, Music, Project, Trigger

BESIDE = click.Path(path_type=Path)


class Wish(NamedTuple):
    """What the musical options say."""

    clip: Path
    prompt: str
    bpm: float | None
    key: str | None
    time_signature: tuple[int, int] | None
    bars: int | None
    takes: int
    seed: int | None
    mode: Mode
    provider: str


def _time_signature(_context: click.Context, _option: click.Parameter, text: str | None) -> tuple[int, int] | None:
    """Read `7/8` as (7, 8)."""
    if text is None:
        return None
    match = re.fullmatch(r"\s*([1-9]\d?)\s*/\s*(1|2|4|8|16|32|64)\s*", text)
    if match is None:
        raise click.BadParameter(f"{text} is no time signature; write it as 4/4 or 7/8.")
    return int(match[1]), int(match[2])


def _number(_context: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    """Refuse `nan`, which lies in every range."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("nan is no tempo.")
    return value


_OPTIONS = (
    click.argument("clip", type=BESIDE),
    click.option("--prompt", "-p", default="", metavar="TEXT", help="What you want to hear, in your words."),
    click.option(
        "--bpm", type=click.FloatRange(20, 999), callback=_number, help="The song's tempo (else from the file)."
    ),
    click.option("--key", metavar="KEY", help='The song\'s key, such as "G# minor" (else from the file).'),
    click.option(
        "--time-signature",
        metavar="N/D",
        callback=_time_signature,
        help="The song's metre, such as 7/8 (else from the file, or 4/4).",
    ),
    click.option("--bars", type=click.IntRange(1, 512), help="How many bars (else the clip's own)."),
    click.option("--takes", type=click.IntRange(1, 10), default=1, show_default=True, help="How many variations."),
    click.option(
        "--seed", type=click.IntRange(0, 2**53), help="The same seed gives the same music, where it is known."
    ),
    click.option(
        "--mode",
        type=click.Choice(get_args(Mode)),
        default="variation",
        show_default=True,
        help="Follow the melody in new sound, play around it, or go on after it.",
    ),
    click.option("--provider", metavar="NAME", default="", help="Which provider of config.toml; or local."),
)


def musical_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the clip argument and the musical options, and hand them over as one Wish."""

    @functools.wraps(command)
    def gathered(*arguments: Any, **options: Any) -> None:
        wish = Wish(**{field: options.pop(field) for field in Wish._fields})
        command(*arguments, wish=wish, **options)

    for option in reversed(_OPTIONS):
        gathered = option(gathered)
    return gathered


def trigger_of(
    wish: Wish,
    *,
    request_id: str = "",
    project: Path | None = None,
    out: Path | None = None,
    extras: tuple[Extra, ...] = (),
) -> Trigger:
    """Make the trigger that the options describe.

    Raises:
        BridgeError: the clip is not there or of no known kind.
    """
    from bridge.doors.parse import trigger_of_file  # the parser's room, only for commands that hand in a clip

    return msgspec.structs.replace(
        trigger_of_file(str(_whole(wish.clip))),
        request_id=request_id,
        source={"client": "command-line"},
        music=Music(bpm=wish.bpm, key=wish.key, time_signature=wish.time_signature),  # type: ignore[arg-type]  # _time_signature has checked the denominator
        project=Project(path=str(_whole(project)) if project else "", out=str(_whole(out)) if out else ""),
        ask=Ask(
            prompt=wish.prompt,
            bars=wish.bars,
            takes=wish.takes,
            seed=wish.seed,
            mode=wish.mode,
            provider=wish.provider,
            extras=extras,
        ),
    )


def _whole(path: Path) -> Path:
    return path.expanduser().absolute()
