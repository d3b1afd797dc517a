"""The device's modules become one script with one scope, named by its content; what cannot be joined is refused."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from max_for_live.builder.build import SOURCES, write_device
from max_for_live.builder.build import build_device as build
from max_for_live.builder.bundle import Script, bundle
from max_for_live.builder.complaint import BuildError
from tests.max_for_live.node import node

MAIN = """\
// Hears Max.

import { twice } from "./deep/sums.js";

export function bang() {
  outlet(0, twice(2));
}
"""
SUMS = """\
// Adds.

export function twice(number) {
  return number + number;
}
"""


def join(folder: Path, main: str = MAIN, sums: str = SUMS) -> Script:
    (folder / "deep").mkdir(exist_ok=True)
    (folder / "main.js").write_text(main, encoding="utf-8")
    (folder / "deep" / "sums.js").write_text(sums, encoding="utf-8")
    return bundle(folder / "main.js", inlets=1, outlets=2)


def test_modules_are_joined_after_those_they_import_and_only_handlers_are_seen(tmp_path: Path) -> None:
    script = join(tmp_path)

    assert script.text.index("// deep/sums.js") < script.text.index("// main.js")
    assert not re.search(r"^\s*(import|export)\b", script.text, re.MULTILINE)
    assert re.findall(r"^function (\w+)\(\.\.\.words\)", script.text, re.MULTILINE) == ["bang"]
    assert script.text.startswith("inlets = 1;\noutlets = 2;\n")
    assert (script.inlets, script.outlets) == (1, 2)


def test_the_name_changes_with_the_text_and_only_with_it(tmp_path: Path) -> None:
    first, again = join(tmp_path), join(tmp_path)
    other = join(tmp_path, sums=SUMS.replace("+", "*"))

    assert re.fullmatch(r"daw-bridge-[0-9a-f]{12}\.js", first.name)
    assert first == again
    assert other.name != first.name


@pytest.mark.parametrize(
    ("main", "sums", "complaint"),
    [
        (MAIN.replace("{ twice }", "* as sums"), SUMS, "main.js: write imports as"),
        (MAIN + 'const os = require("os");\n', SUMS, "main.js: write imports as"),
        (MAIN, SUMS + "export default twice;\n", "sums.js: export functions, classes and constants where they stand"),
        (MAIN.replace("twice(2)", "4"), SUMS, "main.js: twice is imported and not used"),
        (MAIN.replace("twice", "thrice"), SUMS, "main.js: sums.js does not export thrice"),
        (MAIN + "function twice() {}\n", SUMS, "twice is declared in sums.js and in main.js"),
        (MAIN, 'import { bang } from "../main.js";\n' + SUMS + "bang();\n", "import each other in a circle"),
        (MAIN.replace("sums.js", "sum.js"), SUMS, "sum.js: No such file"),
        (MAIN.replace("twice(2)", "4 /* twice */"), SUMS, "main.js: twice is imported and not used"),
        (MAIN.replace("twice(2)", '"twice"'), SUMS, "main.js: twice is imported and not used"),
        (MAIN.replace("twice(2)", "max.twice"), SUMS, "main.js: twice is imported and not used"),
        (MAIN + "function* sum() {}\n", SUMS + "function sum() {}\n", "sum is declared in sums.js and in main.js"),
        (MAIN + "async function sum() {}\n", SUMS + "var sum;\n", "sum is declared in sums.js and in main.js"),
        (MAIN + "const { sum } = max;\n", SUMS, "main.js: declare one name at a time at the left margin, got 'const {"),
        (MAIN + "const [sum] = max;\n", SUMS, "main.js: declare one name at a time at the left margin, got 'const ["),
        (MAIN + "const a = [1, 2], sum = 2;\n", SUMS, "main.js: declare one name at a time at the left margin"),
        (MAIN + "const bang = 1;\n", SUMS, "main.js: bang is declared twice"),
        (MAIN + "bang(TWO);\n", SUMS + "const TWO = 2;\n", "main.js: TWO of another module is used and not imported"),
        (MAIN + "`${`a${[...TWO]}`}`;\n", SUMS + "const TWO = 2;\n", "main.js: TWO of another module is used and not"),
        (MAIN, SUMS + "export function thrice() {}\n", "sums.js: thrice is exported and nobody imports it"),
        (MAIN, SUMS + "const LETTER = /\\p{L}/u;\n", r"sums.js: a V8 without Unicode tables refuses the whole"),
    ],
)
def test_modules_that_cannot_be_joined_are_refused(tmp_path: Path, main: str, sums: str, complaint: str) -> None:
    with pytest.raises(BuildError, match=re.escape(complaint)):
        join(tmp_path, main, sums)


@pytest.mark.parametrize(
    "harmless",
    [
        "// twice, TWO and import\n",
        'const SAID = "import TWO; // TWO";\n',
        "const SAID = `TWO ${2} \\` TWO`;\n",
        'const PATTERN = /[/`"]TWO/g;\n',
        "const half = 6 / 2; const TWOS = half / 1;\n",
        "function own(TWO) {\n  return TWO;\n}\n",
        "const own = ({ TWO }, [more = 2]) => TWO + more;\n",
        "function own() {\n  const { TWO } = max;\n  return max.TWO + TWO;\n}\n",
        "const own = {\n  TWO: 1,\n  more() {\n    return own.TWO;\n  },\n};\n",
    ],
)
def test_a_name_that_is_text_or_a_module_s_own_needs_no_import(tmp_path: Path, harmless: str) -> None:
    assert harmless in join(tmp_path, MAIN + harmless, SUMS + "const TWO = 2;\n").text


def test_what_only_the_build_reads_may_be_exported(tmp_path: Path) -> None:
    join(tmp_path)
    (tmp_path / "deep" / "sums.js").write_text(SUMS + "export const TWO = 2;\n", encoding="utf-8")

    assert "const TWO = 2;" in bundle(tmp_path / "main.js", inlets=1, outlets=2, read_elsewhere=("TWO",)).text


def test_max_may_compile_the_script_twice_in_one_context() -> None:
    script = build().script.text
    twice = "const vm = require('vm'); const max = vm.createContext({ Task: class {}, Math, Date });"
    twice += f"for (let time = 0; time < 2; time += 1) vm.runInContext({json.dumps(script)}, max);"

    subprocess.run([node()], input=twice, text=True, encoding="utf-8", check=True, timeout=60)


def test_the_project_s_own_device_builds_and_uses_each_of_its_modules(tmp_path: Path) -> None:
    device = build()
    path = write_device(device, tmp_path)

    joined = set(re.findall(r"^// ([\w/]+\.js)$", device.script.text, re.MULTILINE))
    assert joined == {path.relative_to(SOURCES / "code").as_posix() for path in (SOURCES / "code").rglob("*.js")}
    assert path.read_bytes() == device.frozen
    assert (tmp_path / "unfrozen" / device.script.name).read_text(encoding="utf-8") == device.script.text
