"""A trigger and its song become what a model is given: one WAV for each section, and what the bridge knows in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bridge.contract import MAX_CONDITIONING_SECONDS, MODEL_RATE
from bridge.errors import EmptyClip
from bridge.files import write_whole
from bridge.model import Conditioning, Note, Section, Song, SoundFile, Trigger
from bridge.music.instruments import family_of
from bridge.render.audio import render_span
from bridge.render.hints import hints_chunks
from bridge.render.midi import for_chroma, play_span, read_score, unrolled
from bridge.render.part import Part, part_of
from bridge.render.wanted import PLAIN_BPM
from bridge.sound.files import Samples, Sound, wav_bytes
from bridge.sound.loudness import loudness_lufs
from bridge.sound.stretch import stretch

_BITS = 16
_OCTAVE = 12.0
_SILENT = 1e-4
_LOUDEST = 0.999
_MEASURED_SECONDS = 120.0
_DRUMS_NOTE = "drums: no conditioning is sent, for this model hears only pitch classes"
_BASS_NOTE = "bass: sent an octave up, where this model hears it"


class Span(NamedTuple):
    """What sounds in a section: as the clip plays it, as it is sent, and its notes where the clip has notes."""

    heard: Sound
    sent: Sound
    notes: tuple[Note, ...] = ()


def render(
    trigger: Trigger, song: Song, sections: Sequence[Section], folder: Path, *, extensions: bool, soundfont: str | None
) -> Conditioning:
    """Write one WAV of 16 bits at 32 kHz for each section, its first 30 s, whole, into `folder`.

    With `extensions` each carries the private chunk of hints where a tempo is known. Without, the WAVs are made
    for a model that hears only pitch classes, and drums get none. `soundfont` is one to be preferred for MIDI, empty
    for whichever is found; with None our own instruments play.

    Raises:
        ClipError: the clip cannot be read, or is silent.
        DiskFull, NotWritable: the folder.
    """
    is_audio = trigger.clip.audio is not None
    part, span_of = (
        _audio(trigger, song, chroma=not extensions)
        if is_audio
        else _notes(trigger, song, chroma=not extensions, font=soundfont)
    )
    files: list[SoundFile | None] = []
    measured: list[Samples] = []
    digest, loudest, channels = hashlib.sha256(), 0.0, 2
    for number, section in enumerate(sections):
        span = span_of(section)
        loudest = max(loudest, float(np.abs(span.heard.samples).max(initial=0.0)))
        channels = span.heard.channels
        if is_audio and sum(samples.shape[0] for samples in measured) < _MEASURED_SECONDS * MODEL_RATE:
            measured.append(span.heard.samples)
        if part.drums and not extensions:
            files.append(None)
            continue
        chunks = hints_chunks(trigger, song, sections, number, span.notes, part) if extensions else ()
        data = wav_bytes(_within_full_scale(span.sent), bits=_BITS, chunks=chunks)
        files.append(_written(folder / f"conditioning-{number + 1}.wav", data, span.sent.seconds))
        if len(sections) > 1:
            digest.update(data)
    if loudest < _SILENT:
        raise EmptyClip(f"{_name(trigger)} is silent as the clip plays it; check its cut and its gain.")
    return Conditioning(
        song=song,
        sections=tuple(sections),
        files=tuple(files),
        sha256=_sum(files, digest.hexdigest()),
        loudness_lufs=loudness_lufs(Sound(np.concatenate(measured), MODEL_RATE)) if measured else None,
        channels=channels,
        note=_note(part, extensions=extensions),
    )


def _audio(trigger: Trigger, song: Song, *, chroma: bool) -> tuple[Part, Callable[[Section], Span]]:
    part = part_of(trigger)
    raised = chroma and _is_bass(part)

    def span_of(section: Section) -> Span:
        heard = render_span(trigger, song, section.start_seconds, min(section.seconds, MAX_CONDITIONING_SECONDS))
        return Span(heard, stretch(heard, heard.frames, _OCTAVE) if raised else heard)

    return part, span_of


def _notes(trigger: Trigger, song: Song, *, chroma: bool, font: str | None) -> tuple[Part, Callable[[Section], Span]]:
    score, part = read_score(trigger)

    def span_of(section: Section) -> Span:
        begin, beats = section.start_beats, section.beats
        if begin is None or beats is None:
            begin, beats = (seconds * PLAIN_BPM / 60 for seconds in (section.start_seconds, section.seconds))
        notes = unrolled(trigger, song, score, begin, begin + beats)
        sent = for_chroma(notes, bass=_is_bass(part)) if chroma else notes
        sound = play_span(sent, song, begin, min(section.seconds, MAX_CONDITIONING_SECONDS), MODEL_RATE, font)
        said = tuple(
            Note(pitch=note.pitch, start=note.start, duration=note.duration, velocity=note.velocity) for note in notes
        )
        return Span(sound, sound, said)

    return part, span_of


def _is_bass(part: Part) -> bool:
    return part.program is not None and family_of(part.program) == "bass"


def _within_full_scale(sound: Sound) -> Sound:
    """The sound turned down where it would clip."""
    peak = float(np.abs(sound.samples).max(initial=0.0))
    return sound if peak <= _LOUDEST else Sound(sound.samples * np.float32(_LOUDEST / peak), sound.rate)


def _written(path: Path, data: bytes, seconds: float) -> SoundFile:
    write_whole(path, data)
    return SoundFile(path=str(path), sha256=hashlib.sha256(data).hexdigest(), seconds=seconds)


def _sum(files: Sequence[SoundFile | None], of_all: str) -> str:
    """The only file's own sum, else that over all files' bytes in order; empty where none is sent."""
    sent = [file for file in files if file is not None]
    return "" if not sent else sent[0].sha256 if len(files) == 1 else of_all


def _name(trigger: Trigger) -> str:
    file = trigger.clip.audio or trigger.clip.midi
    return file.path if file is not None else "clip.notes"


def _note(part: Part, *, extensions: bool) -> str:
    if extensions:
        return ""
    return _DRUMS_NOTE if part.drums else _BASS_NOTE if _is_bass(part) else ""
