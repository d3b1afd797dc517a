"""Checks the patch before it is built, since Max says nothing of what it does not know."""

from __future__ import annotations

from max_for_live.builder.bundle import Script
from max_for_live.builder.check_boxes import check_boxes
from max_for_live.builder.check_face import check_face
from max_for_live.builder.check_parameters import check_parameters
from max_for_live.builder.check_ways import check_ways
from max_for_live.builder.check_wires import check_wires
from max_for_live.builder.check_words import check_words
from max_for_live.builder.complaint import BuildError
from max_for_live.builder.container import KINDS
from max_for_live.builder.description import Patch
from max_for_live.builder.objects import Objects


def check(patch: Patch, objects: Objects, script: Script) -> None:
    """Refuse the first thing that is wrong.

    Raises:
        BuildError: its text names the box or the wire.
    """
    if patch.kind not in KINDS:
        raise BuildError(f"device: kind must be one of {', '.join(KINDS)}, got {patch.kind!r}")
    check_boxes(patch, objects, script)
    check_wires(patch, objects, script)
    check_face(patch)
    check_parameters(patch, objects)
    check_words(patch, script)
    check_ways(patch, objects, script)
