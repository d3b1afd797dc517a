"""Progress bars on a terminal; nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STAGES = {
    "accepted": "taken",
    "rendered": "clip rendered",
    "composed": "asking",
    "submitting": "asking",
    "submitted": "being played",
    "generated": "fitting",
    "delivered": "done",
}


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[float, str], None]]:
    """Give a function that shows how far a job is: a fraction from 0 to 1, and its stage."""
    if not sys.stderr.isatty():
        yield lambda _fraction, _stage: None
        return
    from rich.console import Console  # only where somebody looks
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[stage]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=1.0, stage="")
        yield lambda fraction, stage: bar.update(task, completed=fraction, stage=STAGES.get(stage, stage))
