"""Songs, sounds and takes for the tests of delivering."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bridge.deliver.deliver import deliver
from bridge.files import sha256_of
from bridge.model import (
    Clip,
    Conditioning,
    Delivery,
    GenerationRequest,
    GenerationResult,
    MetrePoint,
    Project,
    Section,
    Song,
    SoundFile,
    TempoPoint,
    TimeSignature,
    Track,
    Trigger,
)
from bridge.music.keys import read_key
from bridge.music.metre import beats_of_bars
from bridge.music.sections import plan_sections
from bridge.music.tempo import seconds_at
from bridge.sound.files import Sound, write_wav

CREATED = "2026-11-22T13:39:24Z"


def make_song(
    bars: int = 4,
    bpm: float = 96.0,
    metre: TimeSignature = (4, 4),
    *,
    key: str = "G# minor",
    loops: bool = True,
    **facts: Any,
) -> Song:
    """A song of one tempo and metre, unless maps are given."""
    tempo_map = facts.pop("tempo_map", (TempoPoint(beat=0, bpm=bpm),))
    metre_map = facts.pop("metre_map", (MetrePoint(beat=0, time_signature=metre),))
    beats = beats_of_bars(bars, metre_map)
    return Song(
        bpm=bpm,
        bpm_source="trigger",
        tempo_map=tempo_map,
        time_signature=metre,
        metre_map=metre_map,
        key=read_key(key) if key else None,
        key_source="trigger" if key else "",
        bars=bars,
        beats=beats,
        seconds=seconds_at(tempo_map, beats),
        loops=loops,
        **facts,
    )


def play(
    song: Song, seconds: float, rate: int = 32_000, *, channels: int = 1, seed: int = 1, level: float = 0.3
) -> Sound:
    """What a band would play that follows the song and plays on into bar 1: hits on the beats over a chord.

    Bars differ from each other; after the last one the first is played again, equal to the sample.
    """
    beats = round(song.beats or 0)
    step = 60 / (song.bpm or 120)
    random = np.random.default_rng(seed)
    hit_frames = round(0.15 * rate)
    decay = np.exp(-np.arange(hit_frames) / rate * 30)
    hits = [random.standard_normal(hit_frames) * decay for _ in range(max(beats, 1))]
    samples = np.zeros(round(seconds * rate) + hit_frames)
    for beat in range(int(seconds / step) + 1):
        at = round(beat * step * rate)
        if at < round(seconds * rate):
            samples[at : at + hit_frames] += hits[beat % len(hits)] * (1.0 if beat % 4 == 0 else 0.5)
    samples = samples[: round(seconds * rate)]
    whole = round((song.seconds or 1) * rate)
    for cycles in (400, 504, 600):
        samples += 0.2 * np.sin(2 * np.pi * cycles * np.arange(len(samples)) / whole)
    stereo = np.stack([samples, samples[::-1]], axis=1) if channels == 2 else samples[:, None]
    return Sound((level * stereo / np.abs(samples).max()).astype(np.float32), rate)


def clip_trigger(name: str = "Marimba riff 96bpm G#m", *, project: Project | None = None, **facts: Any) -> Trigger:
    return Trigger(
        schema=1, clip=Clip(name=name, notes=()), track=Track(name="Mallets"), project=project or Project(), **facts
    )


class Desk:
    """A folder with results in it and a results folder, and one verb: deliver what came back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.results_folder = folder / "home" / "results"

    def result(self, sound: Sound, name: str = "result", bits: int = 16, **facts: Any) -> GenerationResult:
        path = self.folder / f"{name}.wav"
        write_wav(path, sound, bits=bits)
        file = SoundFile(path=str(path), sha256=sha256_of(path), seconds=sound.seconds)
        return GenerationResult(file=file, provider_id=f"id-{name}", **facts)

    def deliver(
        self,
        *results: GenerationResult,
        song: Song | None = None,
        trigger: Trigger | None = None,
        sections: tuple[Section, ...] = (),
        lufs: float | None = -20.0,
        job_id: str = "01JABCDE",
        take: int = 1,
        roots: tuple[str, ...] = (),
        seed: int | None = None,
        note: str = "",
    ) -> tuple[Delivery, Path]:
        song = song or make_song()
        sections = sections or plan_sections(song, 1000)
        conditioning = Conditioning(
            song=song,
            sections=sections,
            files=tuple(None for _ in sections),
            sha256="c" * 64,
            loudness_lufs=lufs,
            channels=1,
            note=note,
        )
        requests = [
            GenerationRequest(
                job_id=job_id,
                take=take,
                section=place,
                provider="local",
                prompt="marimba, G# minor, 96 bpm",
                seconds=section.seconds,
                seed=seed,
            )
            for place, section in enumerate(sections)
        ]
        return deliver(
            trigger or clip_trigger(),
            conditioning,
            requests,
            results,
            job_id=job_id,
            request_id="live-3.1",
            take=take,
            results_folder=self.results_folder,
            created=CREATED,
            roots=roots,
        )


def flux(samples: npt.NDArray[np.floating[Any]], frame: int, rate: int) -> float:
    """How much the spectrum changes at a frame: what is added from the 20 ms before it to the 20 ms after."""
    size = round(0.02 * rate)
    left, right = (
        np.abs(np.fft.rfft(samples[start : start + size] * np.hanning(size))) for start in (frame - size, frame)
    )
    return float(np.maximum(right - left, 0).sum())
