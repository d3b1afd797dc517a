"""The values that flow, in the order they come to be: a trigger, its song, and what each stage adds."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

SLOWEST_BPM, FASTEST_BPM = 20, 999

# The trigger: what a DAW says (docs/trigger.schema.json is made from here).

RequestId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{0,64}$", description="at most 64 of A-Z a-z 0-9 . _ -")]
Text = Annotated[str, Meta(max_length=4000)]
PathText = Annotated[str, Meta(min_length=1, max_length=4096, description="absolute, UTF-8")]
Beats = Annotated[float, Meta(ge=-1e6, le=1e6, description="quarter notes")]
ExactBeats = Annotated[float, Meta(gt=0, le=4096, description="quarter notes: exactly this length, instead of bars")]
Seconds = Annotated[float, Meta(ge=0, le=1e6)]
Bpm = Annotated[float, Meta(ge=SLOWEST_BPM, le=FASTEST_BPM, description="quarter notes a minute")]
Numerator = Annotated[int, Meta(ge=1, le=99)]
TimeSignature = tuple[Numerator, Literal[1, 2, 4, 8, 16, 32, 64]]
SampleRate = Annotated[int, Meta(ge=8000, le=384_000)]
Mode = Literal["variation", "accompany", "continue"]
Daw = Literal["live", "reaper", "other"]
Extra = Literal["midi", "stems"]


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The base of all values: frozen, named fields, defaults left out on the wire."""


class Strict(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value that comes from outside: an unknown key is an error that names it."""


class WarpMarker(Strict, frozen=True, kw_only=True):
    """One point where a beat of the clip meets a second of its file."""

    beat: Beats
    seconds: Seconds


class AudioClip(Strict, frozen=True, kw_only=True):
    """A recorded clip: a file and how the DAW plays it."""

    path: PathText
    start_seconds: Seconds = 0.0
    end_seconds: Seconds | None = None
    warp_markers: Annotated[tuple[WarpMarker, ...], Meta(max_length=20_000)] = ()
    gain_db: Annotated[float, Meta(ge=-200, le=60)] = 0.0
    pitch_semitones: Annotated[float, Meta(ge=-60, le=60)] = 0.0
    play_rate: Annotated[float, Meta(ge=0.01, le=100)] = 1.0
    reversed: bool = False


class MidiClip(Strict, frozen=True, kw_only=True):
    """A MIDI file on the disk."""

    path: PathText


class Note(Strict, frozen=True, kw_only=True):
    """One note; times in beats from the clip's own zero."""

    pitch: Annotated[int, Meta(ge=0, le=127)]
    start: Beats
    duration: Annotated[float, Meta(ge=0, le=1e6, description="beats")]
    velocity: Annotated[float, Meta(ge=0, le=127)] = 100
    muted: bool = False


class Loop(Strict, frozen=True, kw_only=True):
    """The part of a clip that repeats."""

    start_beats: Beats
    end_beats: Beats


class Clip(Strict, frozen=True, kw_only=True):
    """What the user selected: exactly one of audio, midi and notes, and where it is cut."""

    name: Text = ""
    audio: AudioClip | None = None
    midi: MidiClip | None = None
    notes: Annotated[tuple[Note, ...], Meta(max_length=200_000)] | None = None
    start_beats: Beats | None = None
    end_beats: Beats | None = None
    pickup_beats: Annotated[float, Meta(ge=0, le=1000)] = 0.0
    loop: Loop | None = None


class KeyNumbers(Strict, frozen=True, kw_only=True):
    """A key as a DAW counts it: root 0 is C; where intervals are given they decide."""

    root: Annotated[int, Meta(ge=0, le=11)]
    scale: Text = ""
    intervals: Annotated[tuple[Annotated[int, Meta(ge=0, le=11)], ...], Meta(max_length=12)] = ()


class TempoPoint(Strict, frozen=True, kw_only=True):
    """From this beat on the song has this tempo."""

    beat: Beats
    bpm: Bpm


class MetrePoint(Strict, frozen=True, kw_only=True):
    """From this beat on the song has this time signature."""

    beat: Beats
    time_signature: TimeSignature


class Music(Strict, frozen=True, kw_only=True):
    """What the DAW knows of the song at the clip; what it does not know is left out."""

    bpm: Bpm | None = None
    time_signature: TimeSignature | None = None
    grouping: Annotated[tuple[Annotated[int, Meta(ge=1, le=99)], ...], Meta(max_length=99)] = ()
    swing: Annotated[float, Meta(ge=0.25, le=0.9)] | None = None
    key: KeyNumbers | Text | None = None
    tempo_map: Annotated[tuple[TempoPoint, ...], Meta(max_length=20_000)] = ()
    metre_map: Annotated[tuple[MetrePoint, ...], Meta(max_length=20_000)] = ()


class Track(Strict, frozen=True, kw_only=True):
    """The track the clip lies on."""

    name: Text = ""
    instrument: Text = ""
    program: Annotated[int, Meta(ge=0, le=127)] | None = None
    drums: bool = False


class Project(Strict, frozen=True, kw_only=True):
    """Where the song lives, and so where takes go."""

    path: Annotated[str, Meta(max_length=4096, description="the project folder, absolute")] = ""
    out: Annotated[str, Meta(max_length=4096, description="exactly this folder instead of a subfolder of path")] = ""
    daw: Daw = "other"
    sample_rate: SampleRate | None = None


class Position(Strict, frozen=True, kw_only=True):
    """Where the clip lies in the song; told back unchanged."""

    beats: float | None = None
    seconds: float | None = None


class Ask(Strict, frozen=True, kw_only=True):
    """What the user wants; `bars` or `beats`, not both."""

    prompt: Text = ""
    bars: Annotated[int, Meta(ge=1, le=512)] | None = None
    beats: ExactBeats | None = None
    takes: Annotated[int, Meta(ge=1, le=10)] = 1
    seed: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    provider: Annotated[str, Meta(max_length=64)] = ""
    mode: Mode = "variation"
    extras: tuple[Extra, ...] = ()


class Trigger(Strict, frozen=True, kw_only=True):
    """One wish to generate, as every door hands it in."""

    schema: Literal[1]
    clip: Clip
    request_id: RequestId = ""
    source: dict[str, Any] = {}
    music: Music = Music()
    track: Track = Track()
    project: Project = Project()
    position: Position | None = None
    ask: Ask = Ask()


class Offer(Value, frozen=True, kw_only=True):
    """A trigger as a door hands it in: which door, where its answers go, whether it may spend money.

    `reply_to` is the door's own text and means nothing to anybody else. `job_id` is set by a door
    that needed the id beforehand (it moved a file into the job's folder).
    """

    trigger: Trigger
    door: Literal["osc", "inbox", "watch", "command"]
    reply_to: str = ""
    job_id: str = ""
    may_spend: bool = True


# The song: what is known of it where the clip lies, and how long the answer is to be.


class Key(Value, frozen=True, kw_only=True):
    """A key as people write it: `tonic` keeps its spelling, `intervals` count semitones from it."""

    tonic: str
    root: int
    scale: str
    intervals: tuple[int, ...]


class Manner(Value, frozen=True, kw_only=True):
    """How a part is played, in words for a prompt; empty where nobody knows."""

    register: Literal["", "low", "middle", "high"] = ""
    density: Literal["", "sparse", "steady", "busy"] = ""
    texture: Literal["", "line", "chords"] = ""


class Song(Value, frozen=True, kw_only=True):
    """Tempo, metre, key and wanted length, each with its source; None where nobody knows.

    `beats` and `bars` are None when there is no tempo: the take then gets the clip's own `seconds`. Where an exact
    length was asked for, the last of the `bars` may be cut short. Both maps start at beat 0, the take's first downbeat.
    `own_bpm` is the clip's own tempo where it is played faster or slower to be in the song's. `sample_rate`, `track`
    (the clip's) and `tracks` (all) are the project's.
    """

    bpm: float | None = None
    bpm_source: str = ""
    tempo_map: tuple[TempoPoint, ...] = ()
    time_signature: TimeSignature = (4, 4)
    metre_map: tuple[MetrePoint, ...] = ()
    metre_source: str = ""
    grouping: tuple[int, ...] = ()
    grouping_source: str = ""
    swing: float | None = None
    swing_source: str = ""
    key: Key | None = None
    key_source: str = ""
    key_confidence: float | None = None
    bars: int | None = None
    beats: float | None = None
    seconds: float
    loops: bool = False
    pickup_beats: float = 0.0
    pickup_source: str = ""
    own_bpm: float | None = None
    sample_rate: int | None = None
    track: str = ""
    tracks: tuple[str, ...] = ()
    manner: Manner = Manner()


class Section(Value, frozen=True, kw_only=True):
    """The part of a take that one request makes: from `start_seconds` of the take, `seconds` long.

    `lead_beats` and `lead_seconds` before it, the bar that the section before ends with, are sent along.
    """

    start_beats: float | None = None
    beats: float | None = None
    start_seconds: float
    seconds: float
    lead_beats: float = 0.0
    lead_seconds: float = 0.0


# What each stage adds.


class SoundFile(Value, frozen=True, kw_only=True):
    """A WAV of ours on the disk."""

    path: str
    sha256: str
    seconds: float


class Conditioning(Value, frozen=True, kw_only=True):
    """render's product: the song, its sections, and for each section the WAV that is sent.

    A section's file is None where nothing is sent (drums, for a model that hears only pitch classes).
    """

    song: Song
    sections: tuple[Section, ...]
    files: tuple[SoundFile | None, ...]
    sha256: str
    loudness_lufs: float | None = None
    channels: int = 2
    note: str = ""


class GenerationRequest(Value, frozen=True, kw_only=True):
    """prompt's product: one call of the provider. `take` counts from 1, `section` from 0.

    `seconds` is the length that is wanted; a tail beyond it is the provider's own matter. Its first `lead_seconds`
    lie before the section.
    """

    job_id: str
    take: int
    section: int
    provider: str
    prompt: str
    seconds: float
    lead_seconds: float = 0.0
    conditioning: SoundFile | None = None
    seed: int | None = None
    mode: Mode = "variation"
    extras: tuple[Extra, ...] = ()


class Ticket(Value, frozen=True, kw_only=True):
    """The provider's receipt: what is needed to fetch the result, now or after a restart.

    A link on the provider's own host is kept as a path, for that host may move; others stay whole.
    `promised` links hold nothing until the music is made. `submitted_at` counts in seconds since 1970.
    """

    provider_id: str
    links: tuple[str, ...] = ()
    promised: bool = False
    wait_seconds: float = 0.0
    submitted_at: float = 0.0


class GenerationResult(Value, frozen=True, kw_only=True):
    """What came back, on our disk."""

    file: SoundFile
    provider_id: str
    seed: int | None = None


class Delivery(Value, frozen=True, kw_only=True, omit_defaults=False):
    """A take in the project: the result JSON beside the WAV."""

    schema: Literal[1] = 1
    job_id: str
    request_id: str
    take: int
    takes: int
    file: str
    sha256: str
    bpm: float | None
    bpm_source: str
    beats: float | None
    time_signature: TimeSignature
    key: str | None
    key_source: str
    seconds: float
    sample_rate: int
    prompt: str
    mode: Mode
    seed: int | None
    provider: str
    provider_ids: tuple[str, ...]
    conditioning_sha256: str
    source: dict[str, Any]
    position: Position | None
    fit: dict[str, Any]
    created: str
