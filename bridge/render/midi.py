"""A clip of notes, cut, looped and played."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from bridge.model import Song, TempoPoint, Trigger
from bridge.music.tempo import Line, tempo_line
from bridge.render.cut import Passage, cut_clip, passages
from bridge.render.part import Part, part_of
from bridge.render.wanted import PLAIN_BPM
from bridge.sound import player, soundfont
from bridge.sound.files import Sound
from bridge.sound.midi import Score, ScoreNote, read_midi, score_of
from bridge.sound.player import PlayedNote

_FORWARD_DB = 6.0
_OCTAVE = 12
_FINGER_BEATS = 1 / 8


def read_score(trigger: Trigger) -> tuple[Score, Part]:
    """The notes of a clip of MIDI or notes, each with the program it is to be played by, and the clip's part.

    Raises:
        MissingFile, UnreadableMidi, EmptyClip, TooLarge: as `read_midi`.
    """
    clip = trigger.clip
    score = (
        read_midi(Path(clip.midi.path)) if clip.midi is not None else score_of(clip.notes or (), 0, trigger.track.drums)
    )
    programs = [note.program for note in score.notes if not note.drums]
    part = part_of(trigger, programs, drum_notes=not programs)
    told = trigger.track.program is not None or not any(programs)
    notes = tuple(
        replace(note, drums=note.drums or part.drums, program=(part.program or 0) if told else note.program)
        for note in score.notes
    )
    return replace(score, notes=notes), part


def unrolled(trigger: Trigger, song: Song, score: Score, begin: float, end: float) -> tuple[ScoreNote, ...]:
    """The notes that sound between two beats of the take, at their beats from `begin`; loops unrolled, all cut to it.

    What began before `begin` and still sounds is struck again there. Without a tempo beats are seconds at 120 bpm.
    """
    cut = cut_clip(trigger.clip, 0.0, score.beats)
    if song.beats is None:
        cut = cut._replace(pickup=0.0, loop=None)
    repeat = song.beats is not None and trigger.ask.mode != "continue"
    if not repeat:
        cut = cut._replace(loop=None)
    starts = [note.start for note in score.notes]
    first = begin - max(note.duration for note in score.notes)
    found = [
        moved
        for passage in passages(cut, song.metre_map, max(first, 0.0), end, repeat=repeat)
        for note in _sounding(score.notes, starts, passage)
        if (moved := _clipped(note, begin, end)) is not None
    ]
    return tuple(sorted(found, key=lambda note: (note.start, note.pitch)))


def play_span(
    notes: Sequence[ScoreNote], song: Song, begin: float, seconds: float, rate: int, font: str | None
) -> Sound:
    """Play unrolled notes, whose beat 0 is the take's beat `begin`, for so many seconds in stereo.

    `font` is a SoundFont to be preferred, empty for whichever is found; with None, and where FluidSynth or a font is
    missing, our own instruments play.
    """
    line = tempo_line(song.tempo_map or (TempoPoint(beat=0.0, bpm=PLAIN_BPM),))
    played = [_played(note, line, begin) for note in notes]
    found = soundfont.find_soundfont(font) if font is not None else None
    if found is not None:
        sound = soundfont.play(played, seconds, rate, found)
        if sound is not None:
            return sound
    return player.play(played, seconds, rate)


def for_chroma(notes: Sequence[ScoreNote], *, bass: bool) -> list[ScoreNote]:
    """The notes as a model that hears pitch classes follows them best: the top voice forward, a bass an octave up."""
    raised = [replace(note, pitch=min(note.pitch + _OCTAVE, 127)) if bass else note for note in notes]
    return [
        replace(note, gain_db=note.gain_db + _FORWARD_DB) if top else note
        for note, top in zip(raised, _tops(raised), strict=True)
    ]


def _sounding(notes: Sequence[ScoreNote], starts: Sequence[float], passage: Passage) -> list[ScoreNote]:
    """The notes that begin inside a passage, at their beats of the take, ended where it ends."""
    shift = passage.at - passage.start
    return [
        replace(
            note,
            start=note.start + shift,
            duration=min(note.duration, passage.end - note.start),
            bends=tuple((beat + shift, semitones) for beat, semitones in note.bends),
        )
        for note in notes[bisect_left(starts, passage.start) : bisect_left(starts, passage.end)]
    ]


def _clipped(note: ScoreNote, begin: float, end: float) -> ScoreNote | None:
    start, stop = max(note.start, begin), min(note.start + note.duration, end)
    if note.start >= end or (note.start < begin and stop <= start):
        return None
    return replace(
        note,
        start=start - begin,
        duration=max(stop - start, 0.0),
        bends=tuple((beat - begin, semitones) for beat, semitones in note.bends),
    )


def _played(note: ScoreNote, line: Line, begin: float) -> PlayedNote:
    origin = line.at(begin)
    start = line.at(begin + note.start)
    return PlayedNote(
        start_seconds=start - origin,
        seconds=line.at(begin + note.start + note.duration) - start,
        pitch=float(note.pitch),
        velocity=note.velocity,
        program=note.program,
        drums=note.drums,
        pan=note.pan,
        gain_db=note.gain_db,
        bends=tuple((max(line.at(begin + beat) - start, 0.0), semitones) for beat, semitones in note.bends),
    )


def _tops(notes: Sequence[ScoreNote]) -> list[bool]:
    """For each note whether none higher begins with it; a few milliseconds of playing apart count as together."""
    chords: dict[int, int] = {}
    for note in notes:
        place = round(note.start / _FINGER_BEATS)
        chords[place] = max(chords.get(place, 0), note.pitch)
    return [note.drums or note.pitch == chords[round(note.start / _FINGER_BEATS)] for note in notes]
