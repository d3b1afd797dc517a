"""Checks the wires: both ends are there, none is doubled, and order never hangs on where a box lies."""

from __future__ import annotations

from collections import Counter

from max_for_live.builder.bundle import Script
from max_for_live.builder.complaint import BuildError
from max_for_live.builder.description import Patch
from max_for_live.builder.objects import Objects, ports_of


def check_wires(patch: Patch, objects: Objects, script: Script) -> None:
    """Refuse wires to nowhere, doubled ones, several from one outlet, and boxes that no wire reaches."""
    ports = {box.name: ports_of(box, objects, script) for box in patch.boxes}
    kinds = {box.name: objects.kind(box) for box in patch.boxes}
    for wire in patch.wires:
        for name in (wire.source, wire.target):
            if name not in ports:
                raise BuildError(f"{wire}: there is no box {name!r}")
        if wire.outlet >= len(ports[wire.source].outlets):
            raise BuildError(f"{wire}: {wire.source} has {len(ports[wire.source].outlets)} outlets, counted from 0")
        if wire.inlet >= ports[wire.target].inlets:
            raise BuildError(f"{wire}: {wire.target} has {ports[wire.target].inlets} inlets, counted from 0")
        is_signal = ports[wire.source].outlets[wire.outlet] == "signal"
        if is_signal != kinds[wire.target].takes_signals:
            raise BuildError(f"{wire}: {wire.target} takes {'messages' if is_signal else 'signals'} only")
    for wire, count in Counter(patch.wires).items():
        if count > 1:
            raise BuildError(f"{wire}: this wire is there {count} times")
    for (name, outlet), count in Counter((wire.source, wire.outlet) for wire in patch.wires).items():
        if count > 1:
            raise BuildError(f"{name}: outlet {outlet} has {count} wires; put a trigger between, which has an order")
    wired = {wire.source for wire in patch.wires} | {wire.target for wire in patch.wires}
    for box in patch.boxes:
        if box.name not in wired and not box.is_label:
            raise BuildError(f"{box.name}: no wire leads to it or away from it")
