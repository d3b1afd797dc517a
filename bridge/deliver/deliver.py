"""Deliver: a take's results become a WAV in the project and the JSON that says how it came to be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bridge import __version__
from bridge.deliver.fit import bar_frames, fit
from bridge.deliver.place import (
    find_delivered,
    find_unnoted,
    place_json,
    place_wav,
    take_folder,
    take_stem,
    take_title,
)
from bridge.errors import BadResult, EmptyClip, UnreadableAudio
from bridge.files import check_root, sha256_of
from bridge.model import Conditioning, Delivery, GenerationRequest, GenerationResult, Section, Song, Trigger
from bridge.music.keys import key_text
from bridge.music.tempo import seconds_at, tempo_map_of
from bridge.sound.files import Sound, read_part, wav_bytes
from bridge.sound.tags import TakeFacts, take_chunks

_USUAL_RATE = 48_000
_BITS = 24
_PLAYED_ON_SECONDS = 1.0
_SILENCE = 10 ** (-70 / 20)


def deliver(
    trigger: Trigger,
    conditioning: Conditioning,
    requests: Sequence[GenerationRequest],
    results: Sequence[GenerationResult],
    *,
    job_id: str,
    request_id: str,
    take: int,
    results_folder: Path,
    created: str,
    roots: Sequence[str] = (),
) -> tuple[Delivery, Path]:
    """Join, fit, tag and place one take (its requests and results in the order of the sections).

    Tells the delivery and its JSON's path. A take that an earlier, interrupted attempt has placed already is
    told again and not placed twice. `created` is ISO 8601 in UTC; where `roots` are set, takes go only there.

    Raises:
        BadResult: a result is no audio, silent, or holds samples that are no numbers.
        DiskFull, NotWritable, NotAllowed: it cannot be placed.
    """
    folder = take_folder(trigger.project, results_folder)
    if folder != results_folder:
        check_root(folder, roots)
    placed = find_delivered(folder, job_id, take)
    if placed is not None:
        return placed
    song = conditioning.song
    loops = song.loops and trigger.ask.mode != "continue"
    rate = trigger.project.sample_rate or _USUAL_RATE
    came = [_read(result, section) for result, section in zip(results, conditioning.sections, strict=True)]
    sound, report = fit(
        came,
        song,
        conditioning.sections,
        rate,
        conditioning.loudness_lufs,
        loops=loops,
        source_channels=conditioning.channels,
    )

    title = take_title(trigger.clip, trigger.track)
    stem = take_stem(title, song, job_id, take)
    reference = f"{job_id}-{take}"
    wav, sha256 = _placed_before(folder, stem, reference) or place_wav(
        wav_bytes(
            sound,
            bits=_BITS,
            chunks=take_chunks(
                TakeFacts(
                    title=title or stem,
                    prompt=requests[0].prompt,
                    reference=reference,
                    software=f"daw-bridge {__version__}",
                    created=created,
                    frames=sound.frames,
                    rate=rate,
                    channels=sound.channels,
                    bits=_BITS,
                    bpm=_steady_bpm(song),
                    beats=song.beats,
                    time_signature=song.time_signature,
                    bars=bar_frames(song, rate),
                    key=song.key,
                    loops=loops,
                    start_seconds=_start_seconds(trigger, song),
                    loudness_lufs=report["level"]["loudness_lufs"],
                    true_peak_dbtp=report["level"]["true_peak_dbtp"],
                )
            ),
        ),
        folder,
        stem,
    )
    delivery = Delivery(
        job_id=job_id,
        request_id=request_id,
        take=take,
        takes=trigger.ask.takes,
        file=str(wav.absolute()),
        sha256=sha256,
        bpm=song.bpm,
        bpm_source=song.bpm_source,
        beats=song.beats,
        time_signature=song.time_signature,
        key=key_text(song.key),
        key_source=song.key_source,
        seconds=sound.seconds,
        sample_rate=rate,
        prompt=requests[0].prompt,
        mode=trigger.ask.mode,
        seed=_seed(requests, results),
        provider=requests[0].provider,
        provider_ids=tuple(result.provider_id for result in results),
        conditioning_sha256=conditioning.sha256,
        source=trigger.source,
        position=trigger.position,
        fit={"conditioning": conditioning.note, "came": _came(results, came), **report},
        created=created,
    )
    return delivery, place_json(delivery, wav)


def _read(result: GenerationResult, section: Section) -> Sound:
    """The part of a result that is needed, and a second more of what it played on."""
    path = Path(result.file.path)
    try:
        sound = read_part(path, 0.0, section.seconds + _PLAYED_ON_SECONDS)
    except (UnreadableAudio, EmptyClip) as problem:
        raise BadResult(f"The service sent no usable audio ({result.provider_id}): {problem.text}") from problem
    if float(np.abs(sound.samples).max()) < _SILENCE:
        raise BadResult(f"The service sent silence ({result.provider_id}); try again, or with another prompt.")
    return sound


def _came(results: Sequence[GenerationResult], sounds: Sequence[Sound]) -> list[dict[str, float]]:
    return [
        {"seconds": round(result.file.seconds, 4), "rate": sound.rate, "channels": sound.channels}
        for result, sound in zip(results, sounds, strict=True)
    ]


def _placed_before(folder: Path, stem: str, reference: str) -> tuple[Path, str] | None:
    wav = find_unnoted(folder, stem, reference)
    return None if wav is None else (wav, sha256_of(wav))


def _steady_bpm(song: Song) -> float | None:
    """The tempo, where it does not change within the take."""
    tempos = {point.bpm for point in tempo_map_of(song) if song.beats is None or point.beat < song.beats}
    return tempos.pop() if len(tempos) == 1 else None


def _start_seconds(trigger: Trigger, song: Song) -> float | None:
    """Where the take's downbeat lies in the song; a continuation goes after the clip, whose end is not known here."""
    if trigger.position is None or trigger.position.seconds is None or trigger.ask.mode == "continue":
        return None
    tempo_map = tempo_map_of(song)
    return trigger.position.seconds - (seconds_at(tempo_map, -song.pickup_beats) if tempo_map else 0.0)


def _seed(requests: Sequence[GenerationRequest], results: Sequence[GenerationResult]) -> int | None:
    return results[0].seed if results[0].seed is not None else requests[0].seed
