"""What can be heard in a sound: its tempo and beats, its key, its melody; None rather than something wrong."""

from __future__ import annotations

from bridge.sound.listen.key import find_key
from bridge.sound.listen.melody import HeardNote, find_melody
from bridge.sound.listen.tempo import TempoFinding, find_tempo

__all__ = ["HeardNote", "TempoFinding", "find_key", "find_melody", "find_tempo"]
