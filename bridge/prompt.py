"""From what the user wrote and what is known of the song to the words, seconds and seeds of each request."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from bridge.config import TEMPLATE_FIELDS
from bridge.model import Conditioning, GenerationRequest, Song, Trigger
from bridge.music.instruments import Instrument, instrument_of, names_no_instrument, program_of
from bridge.music.keys import plain_key_text
from bridge.music.names import facts_in_name

_MAX_CHARACTERS = 1000
_NOTHING_KNOWN = "instrumental music"

_SCALE_WORDS = "minor|major|min|maj|dorian|phrygian|lydian|mixolydian|locrian"
_KEY = re.compile(rf"\b([a-g])(?:[#♯♭b]|[ -]?(?:sharp|flat))?[ -]?(?:{_SCALE_WORDS})\b", re.IGNORECASE)
_A_WORD = re.compile(r"a[ -](?:minor|major)\s+[a-z]", re.IGNORECASE)
_TEMPO = re.compile(r"\b\d{2,3}(?:[.,]\d+)?[ -]?bpm\b|\bbpm[ :=]*\d{2,3}|\btempo[ :=]*(?:of )?\d{2,3}", re.IGNORECASE)
_METRE = re.compile(r"(?<![\d/])\d{1,2}/(?:1|2|4|8|16|32)(?![\d/])|\bwaltz\b", re.IGNORECASE)
_UNWANTED = re.compile(
    r"\b(?:no|without|minus|sans|instead of|remove|drop the)\s+(?:any\s+|the\s+)?([\w-]+(?:\s+[\w-]+)?)"
    r"|\b(drum|beat|bass|vocal)less\b",
    re.IGNORECASE,
)
_ALONE = re.compile(r"\b(?:solo|only|unaccompanied|a cappella|acappella)\b", re.IGNORECASE)


def compose(
    trigger: Trigger,
    conditioning: Conditioning,
    *,
    job_id: str,
    provider: str,
    extensions: bool,
    template: str,
    seed: int,
) -> tuple[GenerationRequest, ...]:
    """One request for each section of each take, take by take.

    The first take has the job's seed, the others seeds derived from it; a provider without extensions gets none.
    """
    prompt = write_prompt(trigger, conditioning.song, template)
    return tuple(
        GenerationRequest(
            job_id=job_id,
            take=take,
            section=place,
            provider=provider,
            prompt=prompt,
            seconds=section.seconds,
            conditioning=file,
            seed=_seed_of_take(seed, take) if extensions else None,
            mode=trigger.ask.mode,
            extras=trigger.ask.extras if extensions else (),
        )
        for take in range(1, trigger.ask.takes + 1)
        for place, (section, file) in enumerate(zip(conditioning.sections, conditioning.files, strict=True))
    )


def write_prompt(trigger: Trigger, song: Song, template: str = "") -> str:
    """The user's words, then what the track is, key, tempo and metre, where the words do not speak of them already.

    At most 1000 characters; the user's last phrases are left out where they are too many. A template has the fields
    that the configuration allows.
    """
    phrases = _phrases(trigger.ask.prompt)
    words = ", ".join(phrases)
    facts = {
        "track": _track_words(trigger, phrases),
        "key": "" if song.key is None or _names_key(phrases) else plain_key_text(song.key),
        "tempo": "" if song.bpm is None or _TEMPO.search(words) else f"{round(song.bpm, 2):g} bpm",
        "metre": "" if song.time_signature == (4, 4) or _METRE.search(words) else "{}/{}".format(*song.time_signature),
    }
    layout = template or ", ".join(f"{{{field}}}" for field in TEMPLATE_FIELDS)
    room = _MAX_CHARACTERS - len(_filled(layout, {"words": "", **facts})) - len(", ")
    filled = _filled(layout, {"words": _shortened(phrases, max(room, 0)), **facts})
    return filled[:_MAX_CHARACTERS].rstrip(" ,") or _NOTHING_KNOWN


def _seed_of_take(seed: int, take: int) -> int:
    if take == 1:
        return seed
    return int.from_bytes(hashlib.sha256(f"{seed}/{take}".encode()).digest()[:4], "big")


def _phrases(words: str) -> list[str]:
    """The user's phrases in their order, spaces tidied, each once."""
    parts = (" ".join(part.split()).strip(" .") for part in re.split(r"[,;\n\r|]+", words))
    once = {_bare(part): part for part in reversed([part for part in parts if part])}
    return list(reversed(once.values()))


def _bare(text: str) -> str:
    """The text without case and plurals."""
    return " ".join(word.removesuffix("s") for word in re.findall(r"[^\W_]+|[#♯♭]", text.casefold()))


def _track_words(trigger: Trigger, phrases: Sequence[str]) -> str:
    """What the track is, unless the user named it already, does not want it, or wants something else alone."""
    words = ", ".join(phrases)
    instrument = _instrument(trigger)
    name = instrument.name if instrument else _device_name(trigger)
    if not name or _ALONE.search(words) or _is_unwanted(name, instrument, words):
        return ""
    named = {found.name for phrase in phrases if (found := program_of(phrase)) is not None}
    twice = f" {_bare(name)} " in f" {_bare(words)} "
    return "" if twice or name in named else name


def _instrument(trigger: Trigger) -> Instrument | None:
    """The device's name says it, else the track's, else the program, else the clip's; the DAW knows drums best."""
    track = trigger.track
    said = (
        program_of(track.instrument)
        or program_of(track.name)
        or (instrument_of(track.program) if track.program is not None and not track.drums else None)
        or (program_of(facts_in_name(trigger.clip.name).title) if not _device_name(trigger) else None)
    )
    return program_of("drums") if track.drums and (said is None or not said.drums) else said


def _device_name(trigger: Trigger) -> str:
    """The device's own words, where it is no sampler or rack that could be anything."""
    device = " ".join(trigger.track.instrument.replace(",", " ").split())[:60]
    return "" if names_no_instrument(device) else device


def _is_unwanted(name: str, instrument: Instrument | None, words: str) -> bool:
    for found in _UNWANTED.finditer(words):
        said = _bare(found[1] or found[2].replace("beat", "drum")).split()
        if set(said) & set(_bare(name).split()):
            return True
        other = program_of(" ".join(said))
        if instrument is not None and other is not None and other.drums and instrument.drums:
            return True
    return False


def _names_key(phrases: Sequence[str]) -> bool:
    return any(
        facts_in_name(phrase).key is not None
        or any(not _A_WORD.match(phrase, found.start()) for found in _KEY.finditer(phrase))
        for phrase in phrases
    )


def _filled(layout: str, fields: dict[str, str]) -> str:
    """The layout with its fields put in; an empty field takes its comma with it."""
    parts = (" ".join(part.split()) for part in layout.format_map(fields).split(","))
    return ", ".join(part for part in parts if part)


def _shortened(phrases: Sequence[str], room: int) -> str:
    """As many whole phrases as there is room for; of a single endless one as many words."""
    kept = ""
    for phrase in phrases:
        longer = f"{kept}, {phrase}" if kept else phrase
        if len(longer) > room:
            return kept or phrase[:room].rsplit(" ", 1)[0]
        kept = longer
    return kept
