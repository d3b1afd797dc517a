"""The band behind the embedded engine: a prompt and what was heard in, music of exactly the asked length out."""

from __future__ import annotations

from bridge.engine.band.arrange import Arrangement, compose_parts
from bridge.engine.band.brief import Brief
from bridge.engine.band.feel import perform
from bridge.engine.band.mix import folded, mix
from bridge.engine.band.request import RATE, BandRequest, Part
from bridge.music.tempo import seconds_at
from bridge.sound.files import Sound
from bridge.sound.player import play as play_notes

__all__ = ["Arrangement", "BandRequest", "compose_parts", "play"]


def play(ask: BandRequest) -> Sound:
    """Play what is asked: stereo at 32 kHz, exactly `ask.frames` frames; the same request gives the same bytes.

    The first frame is the first downbeat. A loop goes on into its bar 1 again, sample by sample the same music.
    """
    arrangement = compose_parts(ask)
    brief = arrangement.brief
    stems = ((part.voice.role, _stem(ask, brief, part, number)) for number, part in enumerate(arrangement.parts))
    return mix(stems, ask.frames, brief.style)


def _stem(ask: BandRequest, brief: Brief, part: Part, number: int) -> Sound:
    stem = play_notes(perform(brief, part), ask.frames / RATE, RATE, (ask.seed + number) % 2**31)
    if brief.loop_beats is None:
        return stem
    return folded(stem, seconds_at(brief.tempo_map, brief.loop_beats) * RATE)
