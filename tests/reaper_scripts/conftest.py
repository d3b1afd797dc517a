"""Collects the tests that are written in Lua: `file.test.lua::Lua 5.4::a sentence`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.reaper_scripts.lua import VERSIONS, LuaFailure, LuaTests


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> pytest.Collector | None:
    """Take up `*.test.lua`."""
    return LuaFile.from_parent(parent, path=file_path) if file_path.name.endswith(".test.lua") else None


class LuaFile(pytest.File):
    """One file of tests, to be run by every Lua that REAPER has had since version 6."""

    def collect(self) -> Iterator[pytest.Collector]:
        for version in VERSIONS:
            yield LuaVersion.from_parent(self, name=version)


class LuaVersion(pytest.Collector):
    """The tests of one file under one Lua."""

    def collect(self) -> Iterator[pytest.Item]:
        sentences = LuaTests(self.path, self.name).sentences
        for sentence in sentences:
            yield LuaTest.from_parent(self, name=sentence)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return str(excinfo.value) if isinstance(excinfo.value, LuaFailure) else super().repr_failure(excinfo)


class LuaTest(pytest.Item):
    """One test, in a Lua state and a folder of its own."""

    def runtest(self) -> None:
        assert self.parent is not None
        with TemporaryDirectory(prefix="reaper-") as folder:
            LuaTests(self.path, self.parent.name).run(self.name, Path(folder).resolve())

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return str(excinfo.value) if isinstance(excinfo.value, LuaFailure) else super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"{self.parent.name if self.parent else ''}: {self.name}"
