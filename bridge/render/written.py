"""The tempo and key that are written down: in the trigger, in the file's name and tags, in its MIDI events."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bridge.errors import BadTrigger
from bridge.model import FASTEST_BPM, SLOWEST_BPM, AudioClip, Key, Note, TempoPoint, Trigger
from bridge.music.keys import key_in_notes, key_of_root, read_key
from bridge.music.names import facts_in_name
from bridge.render.cut import Cut
from bridge.render.held import Held

if TYPE_CHECKING:
    from bridge.sound.midi import Score


class Tempo(NamedTuple):
    """A tempo map in the clip's own beats and where it comes from; both empty when nobody knows."""

    points: tuple[TempoPoint, ...] = ()
    source: str = ""


def told_tempo(trigger: Trigger, clip: Held) -> Tempo:
    """The tempo in the order of trust: the trigger's, the file name's, the tags', the MIDI file's own."""
    music, audio = trigger.music, trigger.clip.audio
    if music.tempo_map:
        points = tuple(sorted(music.tempo_map, key=lambda point: point.beat))
        if music.bpm is not None and points[0].beat > 0:
            points = (TempoPoint(beat=0.0, bpm=music.bpm), *points)
        return Tempo(points, "trigger")
    if music.bpm is not None:
        return constant(music.bpm, "trigger")
    if audio is not None and len(audio.warp_markers) > 1:
        first, last = audio.warp_markers[0], audio.warp_markers[-1]
        bpm = (last.beat - first.beat) * 60 / (last.seconds - first.seconds)
        if SLOWEST_BPM <= bpm <= FASTEST_BPM:
            return constant(round(bpm, 6), "trigger")
    rate = audio.play_rate if audio is not None else 1.0
    for bpm_found, source in ((facts_in_name(_name(trigger)).bpm, "name"), (clip.tags.bpm, "tags")):
        if bpm_found is not None and SLOWEST_BPM <= bpm_found * rate <= FASTEST_BPM:
            return constant(bpm_found * rate, source)
    if clip.score is not None and clip.score.tempo_map:
        return Tempo(clip.score.tempo_map, "midi")
    return Tempo()


def constant(bpm: float, source: str) -> Tempo:
    """One tempo throughout."""
    return Tempo((TempoPoint(beat=0.0, bpm=bpm),), source)


def _name(trigger: Trigger) -> str:
    """The file's name; of notes that have no file, the clip's."""
    file = trigger.clip.audio or trigger.clip.midi
    return Path(file.path).stem if file is not None else trigger.clip.name


def told_key(trigger: Trigger, clip: Held) -> tuple[Key | None, str, float | None]:
    """The key that somebody wrote down: in the trigger, the file's name or its tags."""
    if trigger.music.key:
        return read_key(trigger.music.key), "trigger", None
    if clip.drums:
        return None, "", None
    for key, source in ((facts_in_name(_name(trigger)).key, "name"), (_key_of_text(clip.tags.key_text), "tags")):
        moved = transposed(key, trigger.clip.audio)
        if moved is not None:
            return moved, source, None
    return None, "", None


def _key_of_text(text: str | None) -> Key | None:
    try:
        return read_key(text) if text else None
    except BadTrigger:
        return None


def transposed(key: Key | None, audio: AudioClip | None) -> Key | None:
    """A file's key as the clip is heard: moved with it, and none when it lies between two keys."""
    semitones = audio.pitch_semitones if audio is not None else 0.0
    if key is None or semitones == 0:
        return key
    return key_of_root((key.root + round(semitones)) % 12, key.scale) if semitones == round(semitones) else None


def key_of_notes(score: Score, cut: Cut) -> tuple[Key | None, str, float | None]:
    """The MIDI file's key signature, or what its notes say.

    C major is also what exporters write who know nothing, so it counts only where the notes do not speak against it.
    """
    notes = [
        Note(pitch=note.pitch, start=note.start, duration=note.duration, velocity=note.velocity)
        for note in score.notes
        if not note.drums and cut.start <= note.start < cut.end
    ]
    signed, found = _key_of_text(score.key), key_in_notes(notes)
    if signed is not None and (found is None or signed == found[0] or (signed.root, signed.scale) != (0, "major")):
        return signed, "midi", None
    return (found[0], "notes", found[1]) if found is not None else (None, "", None)
