"""How the rooms do what doors and pipeline ask of them; the heavy ones are opened when they are first needed."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bridge.accepting import FirstLook
from bridge.config import Config, FilesConfig
from bridge.model import Conditioning, Delivery, GenerationRequest, Section, Song, Trigger
from bridge.pipeline import Made, Rooms
from bridge.providers import ProviderFacts


def door_survey(files: FilesConfig, home: Path) -> FirstLook:
    """What doors may learn of a clip; where roots are set, the home's own folders for clips may be read too."""
    from bridge.render.door import inspect

    clip_roots = (str(home / "media"), str(home / "taken"))
    return FirstLook(inspect=partial(inspect, files=files, clip_roots=clip_roots), count=count_requests)


def count_requests(trigger: Trigger, facts: ProviderFacts) -> int:
    """How many requests a job will take.

    Where only listening can tell the tempo, and so the length, the door waits for it: money is told before it is spent.
    """
    from bridge.render.survey import forecast, survey

    song = forecast(trigger)
    if song.bpm is None and trigger.clip.audio is not None:
        song = survey(trigger)
    return trigger.ask.takes * len(sections_for(song, facts))


def sections_for(song: Song, facts: ProviderFacts) -> tuple[Section, ...]:
    """The sections of a take that a provider is asked for, one request each."""
    from bridge.music.sections import plan_sections

    return plan_sections(song, facts.max_seconds, facts.tail_seconds)


def the_rooms(config: Config, home: Path, clock: Callable[[], float]) -> Rooms:
    """The rooms that do the pipeline's steps."""
    return Rooms(
        render=partial(_render, soundfont=config.sound.soundfont),
        compose=partial(_compose, template=config.prompt.template),
        deliver=partial(_deliver, config=config, home=home, clock=clock),
    )


def render_clip(
    trigger: Trigger, song: Song, sections: Sequence[Section], facts: ProviderFacts, folder: Path, soundfont: str
) -> Conditioning:
    """What a provider is sent of a clip, written into `folder`; `soundfont` as config.toml has it."""
    from bridge.render.conditioning import render

    # Whoever understands the private chunk has the notes themselves, so nothing is gained by a SoundFont's time.
    font = None if facts.extensions else soundfont
    return render(trigger, song, sections, folder, extensions=facts.extensions, soundfont=font)


def _render(trigger: Trigger, facts: ProviderFacts, folder: Path, *, soundfont: str) -> Conditioning:
    from bridge.render.survey import survey

    song = survey(trigger)
    return render_clip(trigger, song, sections_for(song, facts), facts, folder, soundfont)


def _compose(
    trigger: Trigger, conditioning: Conditioning, facts: ProviderFacts, job_id: str, seed: int, *, template: str
) -> Sequence[GenerationRequest]:
    from bridge.prompt import compose

    return compose(
        trigger,
        conditioning,
        job_id=job_id,
        provider=facts.name,
        extensions=facts.extensions,
        template=template,
        seed=seed,
    )


def _deliver(made: Made, *, config: Config, home: Path, clock: Callable[[], float]) -> tuple[Delivery, Path]:
    from bridge.deliver.deliver import deliver

    return deliver(
        made.trigger,
        made.conditioning,
        made.requests,
        made.results,
        job_id=made.job_id,
        request_id=made.request_id,
        take=made.take,
        results_folder=home / "results",
        created=datetime.datetime.fromtimestamp(clock(), datetime.UTC).isoformat(timespec="seconds"),
        roots=config.files.roots,
    )
