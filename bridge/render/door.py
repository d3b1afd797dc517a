"""The first look at a trigger's files, cheap enough for a door: whether there is something that can be read."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal

from msgspec.structs import replace

from bridge.config import FilesConfig
from bridge.errors import BadTrigger, EmptyClip, MissingFile, TooLarge, UnreadableAudio, UnreadableMidi
from bridge.files import check_root, find_file, path_forms
from bridge.model import AudioClip, Clip, MidiClip, Music, Project, Trigger
from bridge.music.keys import read_key
from bridge.protocol import MIDI_SUFFIXES
from bridge.sound.heads import suffix_of

Kind = Literal["audio", "midi"]

_LOOK_BYTES = 16
_UNREADABLE = {"audio": UnreadableAudio, "midi": UnreadableMidi}
_USE = {
    "audio": "export it as WAV, AIFF, FLAC, OGG or MP3",
    "midi": "export it as a standard MIDI file (.mid)",
}


def inspect(trigger: Trigger, files: FilesConfig, clip_roots: Sequence[str] = ()) -> Trigger:
    """Check what the types alone cannot say of a trigger and its files, and put in the paths as they are on the disk.

    A file is known by its content: a MIDI file handed in as audio is taken as MIDI, and the reverse. Where `files` has
    roots, the project lies under them, and the clip under them or under `clip_roots`.

    Raises:
        BadTrigger: not exactly one of audio, midi and notes; a relative path; a cut, warp or map that runs backwards;
            a key that nobody can read.
        MissingFile, NotAllowed, EmptyClip, TooLarge, UnreadableAudio, UnreadableMidi: the file, or the project.
    """
    clip = trigger.clip
    named = [name for name in ("audio", "midi", "notes") if getattr(clip, name) is not None]
    if len(named) != 1:
        found = " and ".join(named) or "none of them"
        raise BadTrigger(f"clip holds {found}; it needs exactly one of audio, midi and notes.")
    _check_cut(clip)
    _check_maps(trigger.music)
    if trigger.music.key:
        read_key(trigger.music.key)
    roots = (*files.roots, *clip_roots) if files.roots else ()
    return replace(
        trigger,
        clip=_found(clip, roots, files.max_clip_mb),
        project=_checked_project(trigger.project, files.roots),
    )


def _check_cut(clip: Clip) -> None:
    start = clip.start_beats or 0.0
    spans = [
        ("clip.start_beats", "clip.end_beats", start, clip.end_beats),
        *([("clip.loop.start_beats", "clip.loop.end_beats", *_loop(clip))] if clip.loop is not None else []),
        *([("clip.audio.start_seconds", "clip.audio.end_seconds", *_seconds(clip.audio))] if clip.audio else []),
    ]
    for start_field, end_field, begin, end in spans:
        if end is not None and end < begin:
            raise BadTrigger(f"{end_field} ({end:g}) lies before {start_field} ({begin:g}); exchange them.")
        if end is not None and end == begin:
            raise EmptyClip(f"Nothing lies between {start_field} and {end_field}; both are {end:g}.")
    if clip.end_beats is not None and clip.pickup_beats >= clip.end_beats - start:
        raise BadTrigger("clip.pickup_beats is as long as the clip; the upbeat must leave room for its first bar.")
    for one, next_one in pairwise(clip.audio.warp_markers if clip.audio else ()):
        if not (one.beat < next_one.beat and one.seconds < next_one.seconds):
            raise BadTrigger("clip.audio.warp_markers must rise in beat and in seconds; send them in that order.")
    if clip.notes is not None and all(note.muted for note in clip.notes):
        raise EmptyClip("clip.notes holds no note that sounds; unmute a note, or select another clip.")


def _loop(clip: Clip) -> tuple[float, float]:
    assert clip.loop is not None
    return clip.loop.start_beats, clip.loop.end_beats


def _seconds(audio: AudioClip) -> tuple[float, float | None]:
    return audio.start_seconds, audio.end_seconds


def _check_maps(music: Music) -> None:
    for field, beats in (
        ("music.tempo_map", [point.beat for point in music.tempo_map]),
        ("music.metre_map", [point.beat for point in music.metre_map]),
    ):
        if any(one >= next_one for one, next_one in pairwise(beats)):
            raise BadTrigger(f"{field}: the beats must rise from point to point; send them in that order.")


def _found(clip: Clip, roots: Sequence[str], max_mb: float) -> Clip:
    """The clip with its file's path as it is on the disk, as audio or MIDI by its content."""
    if clip.audio is not None:
        path = _find("clip.audio.path", clip.audio.path, roots)
        if _kind(path, "audio", max_mb) == "midi":
            return replace(clip, audio=None, midi=MidiClip(path=str(path)))
        return replace(clip, audio=replace(clip.audio, path=str(path)))
    if clip.midi is not None:
        path = _find("clip.midi.path", clip.midi.path, roots)
        if _kind(path, "midi", max_mb) == "audio":
            return replace(clip, midi=None, audio=AudioClip(path=str(path)))
        return replace(clip, midi=MidiClip(path=str(path)))
    return clip


def _find(field: str, path_text: str, roots: Sequence[str]) -> Path:
    _forms(field, path_text)
    return find_file(path_text, roots)


def _forms(field: str, path_text: str) -> tuple[Path, ...]:
    try:
        return path_forms(path_text)
    except BadTrigger as problem:
        raise BadTrigger(f"{field}: {problem.text}") from problem


def _kind(path: Path, told: Kind, max_mb: float) -> Kind:
    """What the file holds, by its first bytes."""
    unreadable = _UNREADABLE[told]
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            what = "a folder" if stat.S_ISDIR(facts.st_mode) else "no file"
            raise unreadable(f"{path} is {what}; select the clip's file itself.")
        if facts.st_size == 0:
            raise EmptyClip(f"{path} is empty (0 bytes); save or export the clip again.")
        if facts.st_size > max_mb * 1_000_000:
            raise TooLarge(
                f"{path} is {facts.st_size / 1_000_000:,.0f} MB and the limit is {max_mb:g} MB; "
                "cut the clip out of it, or raise files.max_clip_mb in config.toml."
            )
        with path.open("rb") as file:
            head = file.read(_LOOK_BYTES)
    except OSError as problem:
        raise unreadable(f"{path} cannot be opened ({problem.strerror}); check its permissions.") from problem
    suffix = suffix_of(head)
    if suffix is not None:
        return "midi" if suffix in MIDI_SUFFIXES else "audio"
    raise unreadable(f"{path} is no {'MIDI' if told == 'midi' else told} file that can be read; {_USE[told]}.")


def _checked_project(project: Project, roots: Sequence[str]) -> Project:
    path, out = project.path, project.out
    if path:
        try:
            found = _find("project.path", path, roots)
        except MissingFile as problem:
            raise MissingFile(f"project.path: {problem.text}") from problem
        if not found.is_dir():
            raise MissingFile(f"project.path {path} is no folder; send the folder that the project lies in.")
        path = str(found)
    if out:
        forms = _forms("project.out", out)
        folder = next((form for form in forms if form.exists()), Path(out.replace("\\", "/")))
        check_root(folder, roots)
        if folder.exists() and not folder.is_dir():
            raise BadTrigger(f"project.out {out} is no folder; send a folder, or leave it out.")
        out = str(folder)
    return replace(project, path=path, out=out)
