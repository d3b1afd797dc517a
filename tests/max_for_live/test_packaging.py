"""The builder needs nothing but Python, since the wheel's build has nothing else; the hook leaves the sources alone."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from bridge.setup.scripts import ROOM, read_scripts
from max_for_live.builder.build import SOURCES, build_device

ROOT = SOURCES.parent


def test_the_builder_imports_nothing_but_the_standard_library() -> None:
    # -S leaves out site-packages, -I the environment; the folder is put back by hand.
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
        "from max_for_live.builder.build import build_device; print(build_device().script.name)"
    )
    run = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == build_device().script.name


def test_a_wheel_carries_the_frozen_device_and_the_scripts_and_the_sources_stay_as_they_are(tmp_path: Path) -> None:
    before = sorted(path for path in SOURCES.rglob("*") if "__pycache__" not in path.parts)
    program = (
        "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"  # the build's own entry
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    wheel = tmp_path / run.stdout.strip().splitlines()[-1]
    with zipfile.ZipFile(wheel) as packed:
        assert packed.read("bridge/setup/daw-bridge.amxd") == build_device().frozen
        strays = ("max_for_live/", "reaper_scripts/", "tests/")
        assert not [name for name in packed.namelist() if name.startswith(strays)]
        packed.extractall(tmp_path / "unpacked")
    assert read_scripts(tmp_path / "unpacked" / "bridge" / "setup") == read_scripts(ROOM)
    assert sorted(path for path in SOURCES.rglob("*") if "__pycache__" not in path.parts) == before
