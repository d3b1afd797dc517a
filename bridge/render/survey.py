"""What is known of a clip's song before anything is made: tempo, metre, key and how long the answer is to be."""

from __future__ import annotations

from bridge.errors import BadTrigger, EmptyClip
from bridge.model import Song, Trigger
from bridge.render.cut import Cut, cut_clip
from bridge.render.held import Held, open_clip
from bridge.render.playing import play_file
from bridge.render.wanted import with_length
from bridge.render.written import Tempo, key_of_notes, told_key, told_tempo


def forecast(trigger: Trigger) -> Song:
    """What can be said without listening: by the trigger, the file's name, its tags, its MIDI events.

    Raises:
        ClipError, BadTrigger: the clip holds nothing, or its cut or key cannot be used.
    """
    return _song(trigger, listening=False)


def survey(trigger: Trigger) -> Song:
    """All that can be said; where nothing tells tempo or key, the sound itself is heard.

    Raises:
        ClipError, BadTrigger: as `forecast`; or the clip is silent.
    """
    return _song(trigger, listening=True)


def _song(trigger: Trigger, *, listening: bool) -> Song:
    clip = open_clip(trigger)
    tempo = told_tempo(trigger, clip)
    key, key_source, confidence = told_key(trigger, clip)
    wants_key = key is None and not clip.drums
    audio = trigger.clip.audio
    if audio is not None and listening:
        # numpy and soundfile are heavy, and forecasts are made where the daemon must stay light.
        from bridge.render.heard import find_part, hear, heard_key, heard_tempo

        low, high = find_part(audio, play_file(trigger.clip, tempo.points, clip.file_seconds))
        if not tempo.points or wants_key:
            sound = hear(audio, low, high)
            tempo = tempo if tempo.points else heard_tempo(audio, sound)
            key, key_source, confidence = heard_key(audio, sound) if wants_key else (key, key_source, confidence)
    cut = _cut(trigger, clip, tempo)
    if clip.score is not None and wants_key:
        key, key_source, confidence = key_of_notes(clip.score, cut)
    known = Song(
        grouping=trigger.music.grouping,
        swing=trigger.music.swing,
        key=key,
        key_source=key_source,
        key_confidence=confidence,
        seconds=0.0,
    )
    return with_length(known, trigger, clip, cut, tempo)


def _cut(trigger: Trigger, clip: Held, tempo: Tempo) -> Cut:
    """Where the clip is cut, in its beats (in seconds when audio has no tempo).

    Raises:
        EmptyClip, BadTrigger: nothing is left.
    """
    if clip.score is None:
        cut = play_file(trigger.clip, tempo.points, clip.file_seconds).cut
    else:
        cut = cut_clip(trigger.clip, 0.0, clip.score.beats)
        if not any(cut.start <= note.start < cut.end for note in clip.score.notes):
            file = trigger.clip.midi.path if trigger.clip.midi is not None else "clip.notes"
            raise EmptyClip(
                f"{file} has no note between beats {cut.start:g} and {cut.end:g}; check where the clip is cut."
            )
    if cut.downbeat >= cut.end:
        raise BadTrigger(
            f"clip.pickup_beats is {cut.pickup:g} and the clip {cut.end - cut.start:g} beats long; "
            "the upbeat must leave room for its first bar."
        )
    return cut
