"""Whether the end of a long recording costs more than the end of a short one, in time and in memory."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from bench.clips import audio_trigger, write_wav
from bench.measure import Figure, milliseconds, timed

_CLIP_SECONDS = 16.0
_RUNS = 5
_CUTS = 5
_MORE_TIME, _MORE_MB = 1.25, 5.0
_LOOK_SECONDS = 0.001


class _Run(NamedTuple):
    """What one process took: its whole time, what it says itself that its work took, and its peak of memory."""

    seconds: float
    work_seconds: float
    peak_mb: float


def figures(scratch: Path) -> Iterator[Figure]:
    """A minute, then an hour, each cut in a process of its own; the hour is to cost what the minute does."""
    short = write_wav(scratch / "minute.wav", 60)
    long = write_wav(scratch / "hour.wav", 3600)
    runs = [(_ours(short, 60), _ours(long, 3600)) for _ in range(_RUNS)]
    sox = [(_sox(short, scratch), _sox(long, scratch)) for _ in range(_RUNS)] if shutil.which("sox") else []
    minute, hour = ([pair[place] for pair in runs] for place in (0, 1))
    sox_minute, sox_hour = ([pair[place] for pair in sox] for place in (0, 1))
    note = "ours: survey and render, warm; floor: sox, its process" if sox else "sox is not installed"

    first = Figure("cut from one minute: time", "ms", _work(minute), _whole(sox_minute), note=note)
    yield first
    yield Figure("cut from one hour: time", "ms", _work(hour), _whole(sox_hour), first.middle * _MORE_TIME)
    first = Figure("cut from one minute: peak memory", "MB", _peaks(minute), _peaks(sox_minute))
    yield first
    yield Figure("cut from one hour: peak memory", "MB", _peaks(hour), _peaks(sox_hour), first.middle + _MORE_MB)


def cut(path: Path, seconds: float, out: Path) -> None:
    """Make the conditioning of the file's last 16 seconds."""
    from bridge.music.sections import plan_sections
    from bridge.render.conditioning import render
    from bridge.render.survey import survey

    trigger = audio_trigger(path, seconds - _CLIP_SECONDS, seconds)
    song = survey(trigger)
    render(trigger, song, plan_sections(song, 30.0), out, extensions=False, soundfont="")


def _ours(path: Path, seconds: float) -> _Run:
    return _watched([sys.executable, "-m", "bench.cut", str(path), str(seconds)])


def _sox(path: Path, scratch: Path) -> _Run:
    out = scratch / "sox.wav"
    return _watched(["sox", str(path), "-r", "32000", "-b", "16", str(out), "trim", f"-{_CLIP_SECONDS:g}"])


def _watched(command: Sequence[str]) -> _Run:
    """Run a command and look at its memory all the while."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        peak, watched = 0, psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, watched.memory_info().rss)
            except psutil.NoSuchProcess:
                break
            time.sleep(_LOOK_SECONDS)
        said = process.communicate()[0]
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    return _Run(time.perf_counter() - start, float(said or 0), peak / 1e6)


def _work(runs: Sequence[_Run]) -> list[float]:
    return milliseconds([run.work_seconds for run in runs])


def _whole(runs: Sequence[_Run]) -> list[float]:
    return milliseconds([run.seconds for run in runs])


def _peaks(runs: Sequence[_Run]) -> list[float]:
    return [run.peak_mb for run in runs]


def _main(path: Path, seconds: float) -> None:
    """Cut again and again, and say how long it took once the libraries were loaded."""
    _, *warm = timed(lambda: cut(path, seconds, path.parent), 1 + _CUTS)
    print(statistics.median(warm))


if __name__ == "__main__":
    _main(Path(sys.argv[1]), float(sys.argv[2]))
