"""`python -m bench [SECTION ...]`: take the figures and print them, section by section."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.measure import Figure, machine
from bench.table import head, line

SECTIONS = {
    "osc": "OSC datagram to /bridge/accepted; floor: receive, commit one row, answer",
    "wire": "OSC datagram to the request fully received; floor: receive, render, POST",
    "done": "the server's answer to /bridge/done, 10 s of audio; floor: load, resample, write, send",
    "midi": "MIDI playing as a multiple of real time; floor: fluidsynth -F",
    "cut": "16 s from the end of a long file; floor: sox",
    "idle": "start to ready, memory and CPU of the idle process tree",
    "flood": "5,000 triggers a second for 2 s over OSC",
    "live": "click in the Live device to /bridge/accepted; floor: the same notes without the device",
    "reaper": "REAPER's scripts: notes written, a long item read, many results brought in",
    "demo": "daw-bridge demo, wall time",
}


def main() -> None:
    """Run the sections that are named, or all; a section that fails is told, and the others run all the same."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="The figures beside their bare floors.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; all when none")
    chosen = parser.parse_args().sections
    for name in chosen:
        if name not in SECTIONS:
            parser.error(f"{name} is no section; choose of {', '.join(SECTIONS)}")
    print(machine())
    for name in chosen or SECTIONS:
        print(f"\n{name}: {SECTIONS[name]}\n{head()}", flush=True)
        start = time.perf_counter()
        try:
            with tempfile.TemporaryDirectory(prefix="daw-bridge-bench-", ignore_cleanup_errors=True) as scratch:
                for figure in _figures(name)(Path(scratch).resolve()):
                    print(line(figure), flush=True)
        except Exception:  # noqa: BLE001  what one section met must not cost the others
            traceback.print_exc(limit=-3, file=sys.stdout)
        print(f"    took {time.perf_counter() - start:.0f} s", flush=True)


def _figures(name: str) -> Callable[[Path], Iterator[Figure]]:
    """A section's figures; sections load what they measure, so each is loaded by itself."""
    figures: Callable[[Path], Iterator[Figure]] = importlib.import_module(f"bench.{name}").figures
    return figures


if __name__ == "__main__":
    main()
