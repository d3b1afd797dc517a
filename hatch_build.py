"""Puts the built Live device and the REAPER scripts into a wheel, where `daw-bridge install` finds them."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_IN_THE_WHEEL = "bridge/setup"


class WheelHook(BuildHookInterface):
    """Hatchling's custom hook: it is called before the files of a wheel are gathered."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the device from the sources, and add the frozen file and the scripts to what a wheel carries.

        An editable one (`version` says so) carries nothing: both are found beside their sources. Every other build
        leaves the sources as they are, for they may not be writable.
        """
        sys.path.insert(0, self.root)
        try:
            from max_for_live.builder.build import build_device, write_device
        finally:
            sys.path.remove(self.root)
        sources = Path(self.root) / "max_for_live"
        device = build_device(sources)
        if version == "editable":
            write_device(device, sources / "dist")
            return
        self._scratch = tempfile.TemporaryDirectory(prefix="daw-bridge-device-")
        path = write_device(device, Path(self._scratch.name))
        scripts = Path(self.root) / "reaper_scripts" / "daw-bridge"
        for packed in (path, scripts):
            build_data["force_include"][str(packed)] = f"{_IN_THE_WHEEL}/{packed.name}"

    def finalize(
        self,
        version: str,
        build_data: dict[str, Any],  # noqa: ARG002 -- hatchling hands it to every hook
        artifact_path: str,  # noqa: ARG002 -- hatchling hands it to every hook
    ) -> None:
        """Remove what the wheel has taken in."""
        if version != "editable":
            self._scratch.cleanup()
