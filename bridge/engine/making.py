"""Making what an order asks for: hear its clip, have it played, and keep it as a WAV of exactly its length."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bridge.contract import MODEL_RATE
from bridge.engine.band.request import BandRequest
from bridge.engine.hearing import hear
from bridge.engine.queue import Order
from bridge.engine.requests import frames_of
from bridge.engine.storage import Storage
from bridge.sound.files import Sound
from bridge.sound.resample import resample

Play = Callable[[BandRequest], Sound]

_BLOCK_FRAMES = 1 << 18
_CHANNELS = 2


def make(order: Order, storage: Storage, play: Play) -> None:
    """Have the order played, then resampled to its rate (`round(frames × rate / 32000)` frames), 16 bit, and kept.

    Raises:
        Refusal: its clip cannot be read.
        DiskFull, NotWritable: the result cannot be kept.
    """
    heard, hints = (None, None) if order.clip is None else hear(order.clip)
    request = order.request
    frames = frames_of(request)
    sound = play(BandRequest(prompt=request.prompt, frames=frames, seed=order.seed, heard=heard, hints=hints))
    if sound.rate != MODEL_RATE or sound.samples.shape != (frames, _CHANNELS):
        raise ValueError(f"{frames} stereo frames at 32 kHz were asked, {sound.samples.shape} at {sound.rate} played")
    storage.sweep()
    storage.keep(order.id, order.name, lambda path: _write(path, resample(sound, request.sampling_rate)))


def _write(path: Path, sound: Sound) -> None:
    """A 16-bit PCM WAV, written in blocks so that long answers need no second copy in memory."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(_CHANNELS)
        file.setsampwidth(2)
        file.setframerate(sound.rate)
        for start in range(0, len(sound.samples), _BLOCK_FRAMES):
            block = sound.samples[start : start + _BLOCK_FRAMES]
            file.writeframesraw(np.rint(np.clip(block, -1, 1) * 32_767).astype("<i2").tobytes())
