"""The brief of the song: tempo, metre, key and melody, from the hints, the prompt, the sound, or the style."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from bridge.contract import Hints
from bridge.engine.band.lineup import choose_players
from bridge.engine.band.listening import hear_groove, hear_melody
from bridge.engine.band.request import RATE, BandRequest, PartNote, Voice
from bridge.engine.band.styles import Style, styles
from bridge.engine.band.wishes import Wishes, read_prompt
from bridge.model import FASTEST_BPM, SLOWEST_BPM, Key, MetrePoint, Mode, Note, TempoPoint
from bridge.music.keys import key_in_notes, key_of_root
from bridge.music.metre import bar_beats
from bridge.music.tempo import beat_at
from bridge.sound.listen import TempoFinding, find_key, find_tempo

_LEAST_SURENESS = 0.3
_BASS_PITCH = 47
_SPARE_BEATS = 1e-6
_SHORTEST_LOOP_BEATS = 0.25
_SHORTEST_BAR_BEATS = 1.0
_MOST_NOTES_A_SECOND = 50
_USUAL_GROUPINGS = {(5, 8): (3, 2), (7, 8): (2, 2, 3), (8, 8): (3, 3, 2), (10, 8): (3, 2, 3, 2), (11, 8): (3, 3, 3, 2)}


@dataclass(frozen=True)
class Brief:
    """All that is settled before the first note is written. Beats count from the first downbeat.

    `beats` is how much is composed; with `loop_beats` the music begins again at bar 1 there.
    `melody` is the source's line that is followed, `groove` its drum hits, `bass_line` a source that is a bass.
    """

    seed: int
    style: Style
    voices: tuple[Voice, ...]
    energy: float
    tempo_map: tuple[TempoPoint, ...]
    metre_map: tuple[MetrePoint, ...]
    grouping: tuple[int, ...]
    swing: float
    key: Key
    mode: Mode
    beats: float
    loop_beats: float | None
    section: int
    melody: tuple[PartNote, ...] = ()
    groove: tuple[PartNote, ...] = ()
    bass_line: tuple[PartNote, ...] = ()

    def random(self, purpose: str, *, of_section: bool = False) -> Random:
        """Chance for one purpose: the same in all sections of a piece, unless it is of this section alone."""
        return _chance(f"{self.seed}/{purpose}/{self.section if of_section else ''}")


def read_brief(ask: BandRequest) -> Brief:
    """Settle the song: hints win over the prompt, the prompt over what is heard, that over the style."""
    wishes = read_prompt(ask.prompt)
    style = styles()[wishes.style]
    hints = ask.hints
    energy = min(max(style.energy + sum(mood.energy for mood in wishes.moods), 0.05), 1.0)
    rng = _chance(f"{ask.seed}/band")
    heard_tempo = find_tempo(ask.heard, wishes.bpm) if ask.heard is not None and hints is None else None
    tempo_map = _tempo_map(hints, wishes, heard_tempo, style, rng)
    metre_map = _metre_map(hints, wishes, style)
    beats, loop_beats = _lengths(ask, tempo_map, metre_map)
    source = _source(ask, heard_tempo, tempo_map, metre_map, beats)
    drums = hints is not None and hints.drums
    return Brief(
        seed=ask.seed,
        style=style,
        voices=choose_players(wishes, style, energy, rng),
        energy=energy,
        tempo_map=tempo_map,
        metre_map=metre_map,
        grouping=_grouping(hints, wishes, style, metre_map, rng),
        swing=_swing(hints, wishes, style),
        key=_key(ask, wishes, style, source, rng),
        mode="variation" if hints is None else hints.mode,
        beats=beats,
        loop_beats=loop_beats,
        section=0 if hints is None else hints.section,
        melody=() if drums or _is_bass(source) else _top_line(source),
        groove=source if drums else (),
        bass_line=source if not drums and _is_bass(source) else (),
    )


def _chance(name: str) -> Random:
    return Random(name)  # noqa: S311  notes are chosen here, no secrets


def _tempo_map(
    hints: Hints | None, wishes: Wishes, heard: TempoFinding | None, style: Style, rng: Random
) -> tuple[TempoPoint, ...]:
    if hints is not None and hints.tempo_map:
        return hints.tempo_map
    if hints is not None and SLOWEST_BPM <= hints.bpm <= FASTEST_BPM:
        bpm = hints.bpm
    elif wishes.bpm is not None:
        bpm = wishes.bpm
    elif heard is not None and heard.confidence >= _LEAST_SURENESS:
        bpm = heard.bpm
    else:
        slowest, fastest = style.tempo
        place = rng.uniform(0.3, 0.7) + sum(mood.tempo for mood in wishes.moods) / 2
        bpm = float(round(slowest + (fastest - slowest) * min(max(place, 0.0), 1.0)))
    return (TempoPoint(beat=0.0, bpm=bpm),)


def _metre_map(hints: Hints | None, wishes: Wishes, style: Style) -> tuple[MetrePoint, ...]:
    if hints is None:
        return (MetrePoint(beat=0.0, time_signature=wishes.metre or style.metre),)
    points = [_of_a_beat(MetrePoint(beat=0.0, time_signature=hints.time_signature))]
    for point in sorted(hints.metre_map, key=lambda point: point.beat):
        lasting = _of_a_beat(point)
        if point.beat <= _SPARE_BEATS:
            points = [lasting]
        elif point.beat >= points[-1].beat + _SHORTEST_BAR_BEATS:
            points.append(lasting)
    return tuple(points)


def _of_a_beat(point: MetrePoint) -> MetrePoint:
    """The same metre in bars of at least one beat: shorter ones are counted together."""
    numerator, denominator = point.time_signature
    together = math.ceil(_SHORTEST_BAR_BEATS / bar_beats(point.time_signature))
    return MetrePoint(beat=max(point.beat, 0.0), time_signature=(numerator * together, denominator))


def _grouping(
    hints: Hints | None, wishes: Wishes, style: Style, metre_map: Sequence[MetrePoint], rng: Random
) -> tuple[int, ...]:
    """The grouping of the first metre, in its own units; empty where plain pulses do."""
    metre = metre_map[0].time_signature
    ours = rng.choice(style.groupings) if style.groupings else ()
    said = hints.grouping if hints is not None else wishes.grouping
    for grouping in (said, wishes.grouping, ours, _USUAL_GROUPINGS.get(metre, ())):
        if grouping and sum(grouping) == metre[0] and min(grouping) > 0:
            return grouping
    return ()


def _swing(hints: Hints | None, wishes: Wishes, style: Style) -> float:
    said = [mood.swing for mood in wishes.moods if mood.swing is not None]
    if hints is not None and hints.swing is not None:
        return min(max(hints.swing, 0.4), 0.8)
    return said[-1] if said else style.swing


def _lengths(
    ask: BandRequest, tempo_map: Sequence[TempoPoint], metre_map: Sequence[MetrePoint]
) -> tuple[float, float | None]:
    """Beats to compose, and where bar 1 comes again: a loop's length, or the last whole bar where nobody set one."""
    total = beat_at(tempo_map, ask.frames / RATE)
    hints = ask.hints
    if hints is None:
        bar = bar_beats(metre_map[0].time_signature)
        whole = math.floor(total / bar + _SPARE_BEATS) * bar
        return (whole, whole) if whole > 0 else (total, None)
    if hints.loops and hints.sections == 1 and _SHORTEST_LOOP_BEATS <= hints.beats <= total:
        return hints.beats, hints.beats
    return total, None


def _source(
    ask: BandRequest,
    heard_tempo: TempoFinding | None,
    tempo_map: Sequence[TempoPoint],
    metre_map: Sequence[MetrePoint],
    beats: float,
) -> tuple[PartNote, ...]:
    """The source's notes in beats: from the hints, else from the sound; repeated by whole bars where it is shorter."""
    hints = ask.hints
    if hints is not None and hints.notes:
        notes = [note for note in hints.notes if not note.muted and note.duration > 0]
        written = [PartNote(note.start, note.duration, note.pitch, float(note.velocity)) for note in notes]
        return _thinned(_within(written, beats), math.ceil(_MOST_NOTES_A_SECOND * ask.frames / RATE))
    if ask.heard is None:
        return ()
    if hints is not None:
        lead_in = hints.source_seconds
        hear = hear_groove if hints.drums else hear_melody
        return _within(hear(ask.heard, lambda seconds: beat_at(tempo_map, seconds - lead_in)), beats)
    bpm, first = (heard_tempo.bpm, heard_tempo.first_beat_seconds) if heard_tempo else (tempo_map[0].bpm, 0.0)
    notes_heard = _within(hear_melody(ask.heard, lambda seconds: (seconds - first) * bpm / 60), math.inf)
    bar = bar_beats(metre_map[0].time_signature)
    length = max(math.ceil((ask.heard.seconds - first) * bpm / 60 / bar - 0.1), 1) * bar
    repeats = range(math.ceil(beats / length))
    return _within(
        [
            PartNote(note.start + turn * length, note.beats, note.pitch, note.velocity)
            for turn in repeats
            for note in notes_heard
        ],
        beats,
    )


def _within(notes: Sequence[PartNote], beats: float) -> tuple[PartNote, ...]:
    """The notes that begin from the first downbeat on and before the end, in order."""
    kept = (note for note in notes if -0.06 < note.start < beats - _SPARE_BEATS)
    placed = (PartNote(max(note.start, 0.0), note.beats, note.pitch, note.velocity) for note in kept)
    return tuple(sorted(placed, key=lambda note: (note.start, -note.pitch)))


def _thinned(notes: tuple[PartNote, ...], most: int) -> tuple[PartNote, ...]:
    """So many of the notes at most, evenly: nobody hears more, and a clip of thousands must not hold the band up."""
    return notes[:: max(math.ceil(len(notes) / most), 1)]


def _top_line(notes: Sequence[PartNote]) -> tuple[PartNote, ...]:
    """The upper voice: of notes that begin together the highest, and none that lies under a sounding higher one."""
    line: list[PartNote] = []
    for note in notes:
        if line and note.start < line[-1].start + 0.05:
            continue
        if line and note.start < line[-1].end - 0.1 and note.pitch < line[-1].pitch - 4:
            continue
        if line and line[-1].end > note.start:
            last = line.pop()
            line.append(PartNote(last.start, note.start - last.start, last.pitch, last.velocity))
        line.append(note)
    return tuple(line)


def _is_bass(notes: Sequence[PartNote]) -> bool:
    """A source whose notes lie low is a bass line."""
    pitches = sorted(note.pitch for note in notes)
    return bool(pitches) and pitches[3 * len(pitches) // 4] <= _BASS_PITCH


def _key(ask: BandRequest, wishes: Wishes, style: Style, source: Sequence[PartNote], rng: Random) -> Key:
    tonic, place = rng.randrange(12), rng.randrange(len(style.scales))
    if ask.hints is not None and ask.hints.key is not None and ask.hints.key.intervals:
        return ask.hints.key
    if wishes.key is not None:
        return wishes.key
    drums = ask.hints is not None and ask.hints.drums
    if not drums:
        found = key_in_notes(
            [Note(pitch=note.pitch, start=note.start, duration=note.beats, velocity=note.velocity) for note in source]
        )
        if found is None and ask.heard is not None:
            found = find_key(ask.heard)
        if found is not None:
            return found[0]
    said = [mood.scale for mood in wishes.moods if mood.scale]
    return key_of_root(tonic, said[-1] if said else style.scales[place])
