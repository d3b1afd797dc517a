"""Builds the Live device for a wheel, so that `daw-bridge install live` finds it without a build of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_IN_THE_WHEEL = "bridge/setup"


class DeviceHook(BuildHookInterface):
    """Hatchling's custom hook: it is called before the files of a wheel are gathered."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the device from the sources, and add the frozen file to what a wheel carries.

        An editable one (`version` says so) carries nothing: the device is found in the sources.
        """
        sys.path.insert(0, self.root)
        try:
            from max_for_live.builder.build import build_device, write_device
        finally:
            sys.path.remove(self.root)
        device = write_device(build_device(Path(self.root) / "max_for_live"), Path(self.root) / "max_for_live" / "dist")
        if version != "editable":
            build_data["force_include"][str(device)] = f"{_IN_THE_WHEEL}/{device.name}"
