"""The Lua sources themselves: they compile for every REAPER, say what they are for, and luacheck finds nothing."""

from __future__ import annotations

import importlib
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.setup.scripts import ROOM, read_scripts
from tests.reaper_scripts.lua import VERSIONS

REPOSITORY = Path(__file__).parents[2]
FOLDERS = ("reaper_scripts", "tests/reaper_scripts", "tests/journeys", "bench")
SOURCES = sorted(path for folder in FOLDERS for path in (REPOSITORY / folder).rglob("*.lua"))
# What would let a script start programs or run text as code; `goto` is left out of Lua that is easy to follow.
FORBIDDEN = re.compile(
    r"\b(?:os\.execute|io\.popen|ExecProcess|CF_ShellExecute|load|loadstring|loadfile|dofile)\s*[({\"']|^\s*goto\b",
    re.M,
)


def named(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


@pytest.mark.parametrize("version", VERSIONS)
def test_every_source_compiles(version: str) -> None:
    state = importlib.import_module(VERSIONS[version]).LuaRuntime(encoding="latin-1", register_eval=False)
    compiled: Callable[[str, str], str | None] = state.eval(
        "function(text, name) return select(2, load(text, name, 't')) end"
    )
    problems = [compiled(path.read_bytes().decode("latin-1"), f"@{named(path)}") for path in SOURCES]
    assert [problem for problem in problems if problem] == []
    assert compiled("return = 1", "@wrong.lua") is not None


def test_every_source_opens_with_one_sentence_on_what_it_is_for() -> None:
    assert [named(path) for path in SOURCES if not opens_with_a_sentence(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("-- What it is for.\n\nlocal x\n", True),
        ("-- @noindex\n-- What it is for, and\n-- for whom.\nlocal x\n", True),
        ("-- @about\n--   More.\n\n-- What it is for.\n", True),
        ("-- @about\n--   More.\n\nlocal x\n", False),
        ("-- what for\nlocal x\n", False),
        ("local x\n-- What it is for.\n", False),
        ("\n-- What it is for.\n", False),
    ],
)
def test_a_sentence_is_told_from_tags_and_code(text: str, does: bool) -> None:
    assert opens_with_a_sentence(text) is does


def test_no_script_starts_a_program_or_runs_text_as_code() -> None:
    scripts = {name: text.decode() for name, text in read_scripts(ROOM).items() if name.endswith(".lua")}
    assert {name: found[0] for name, text in scripts.items() if (found := FORBIDDEN.search(text))} == {}
    assert all(
        FORBIDDEN.search(code) for code in ('os.execute("x")', "load 'x'", "  goto done", "reaper.ExecProcess(x)")
    )


@pytest.mark.debian
@pytest.mark.parametrize("standard", ["lua53", "lua54"])
def test_luacheck_finds_nothing(standard: str) -> None:
    command = ("luacheck", "--std", standard, "--no-color", "--formatter", "plain", *FOLDERS)
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert [*done.stdout.splitlines(), *done.stderr.splitlines()] == []
    assert done.returncode == 0


def opens_with_a_sentence(text: str) -> bool:
    """Whether the comment at the very top holds prose that ends as a sentence does, tags and their values aside."""
    prose: list[str] = []
    in_tag = False
    for line in text.splitlines():
        if line.startswith("-- @"):
            in_tag = True
        elif not (in_tag and re.fullmatch(r"--(\s{2,}.*)?", line)):
            in_tag = False
            if prose and not line.strip():
                break
            if line.startswith("-- "):
                prose.append(line[3:])
            elif line.strip() or not text.startswith("--"):
                break
    return bool(prose) and prose[-1].rstrip().endswith(".")
