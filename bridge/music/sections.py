"""Sections: the parts of a take that one request each can make."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from bridge.model import Section, Song, TempoPoint
from bridge.music.metre import bar_lines, metre_map_of
from bridge.music.tempo import all_seconds_at, tempo_map_of

_FORGIVEN_SECONDS = 1e-6


def plan_sections(song: Song, max_seconds: float, tail_seconds: float = 0.0) -> tuple[Section, ...]:
    """Cut a take into the fewest sections of at most `max_seconds`, each with room for a tail, as even as possible.

    Cuts lie on bar lines; inside a bar on its beats where the bar alone is too long; without a tempo anywhere.

    Raises:
        ValueError: the tail leaves no room.
    """
    limit = max_seconds - tail_seconds
    if limit <= 0:
        raise ValueError("the tail is longer than a whole request")
    tempo_map = tempo_map_of(song)
    if song.beats is None or not tempo_map:
        return _even_sections(song.seconds, limit)
    grid = _grid(tempo_map, bar_lines(metre_map_of(song), song.beats), song.beats, limit)
    seconds = all_seconds_at(tempo_map, grid)
    cuts = _cuts(seconds, limit)
    return tuple(
        Section(
            start_beats=grid[start],
            beats=grid[end] - grid[start],
            start_seconds=seconds[start],
            seconds=seconds[end] - seconds[start],
        )
        for start, end in itertools.pairwise(cuts)
    )


def _even_sections(seconds: float, limit: float) -> tuple[Section, ...]:
    count = max(math.ceil(seconds / limit - _FORGIVEN_SECONDS), 1)
    return tuple(Section(start_seconds=seconds * i / count, seconds=seconds / count) for i in range(count))


def _grid(tempo_map: Sequence[TempoPoint], bars: Sequence[float], beats: float, limit: float) -> list[float]:
    """The beats where a cut may lie, from 0 to the end."""
    lines = [*bars] if bars[-1] >= beats else [*bars, beats]
    times = all_seconds_at(tempo_map, lines)
    slowest = max(60 / point.bpm for point in tempo_map)
    grid = [0.0]
    for (start, end), (begins, ends) in zip(itertools.pairwise(lines), itertools.pairwise(times), strict=True):
        if ends - begins > limit + _FORGIVEN_SECONDS:
            step = min(1.0, 2.0 ** math.floor(math.log2(limit / slowest)))
            grid.extend(start + i * step for i in range(1, math.ceil((end - start) / step - _FORGIVEN_SECONDS)))
        grid.append(end)
    return grid


def _cuts(seconds: Sequence[float], limit: float) -> list[int]:
    """Indices into the grid: the fewest pieces, each within the limit, near to equal ones."""
    count = len(_greedy(seconds, limit)) - 1
    total = seconds[-1]
    even = [min(range(len(seconds)), key=lambda i: abs(seconds[i] - total * n / count)) for n in range(count + 1)]
    longest = max(seconds[end] - seconds[start] for start, end in itertools.pairwise(even))
    if longest <= limit + _FORGIVEN_SECONDS and len(set(even)) == len(even):
        return even
    low, high = total / count, limit
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if len(_greedy(seconds, middle)) - 1 <= count else (middle, high)
    return _greedy(seconds, high)


def _greedy(seconds: Sequence[float], limit: float) -> list[int]:
    """Cut as late as the limit allows; a single step over the limit stands alone."""
    cuts = [0]
    for i in range(1, len(seconds)):
        if seconds[i] - seconds[cuts[-1]] > limit + _FORGIVEN_SECONDS and i - 1 > cuts[-1]:
            cuts.append(i - 1)
    return [*cuts, len(seconds) - 1]
