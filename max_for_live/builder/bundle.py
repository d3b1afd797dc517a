"""Joins the device's JavaScript modules into the one script that Max loads, named by its content."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from max_for_live.builder.complaint import BuildError

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\./|\.\./)([^"]+)";\n', re.MULTILINE)
_ANY_IMPORT = re.compile(r"^\s*import\b|\brequire\(", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:function|class|const) )", re.MULTILINE)
_ANY_EXPORT = re.compile(r"^\s*export\b", re.MULTILINE)
_DECLARED = re.compile(r"^(export )?(?:function|class|const|let) (\w+)", re.MULTILINE)
_PROPERTY_ESCAPE = re.compile(r"\\[pP]\{[^}]*\}")
_HASH_DIGITS = 12


@dataclass(frozen=True)
class Script:
    """The bundled script: its file name carries a hash of its text, for Max caches scripts by name."""

    name: str
    text: str
    inlets: int
    outlets: int


@dataclass(frozen=True)
class _Module:
    """One source file: what it imports from where, what it declares and exports, and its text without either word."""

    path: Path
    imports: tuple[tuple[Path, tuple[str, ...]], ...]
    declared: frozenset[str]
    exported: tuple[str, ...]
    body: str


def bundle(entry: Path, *, inlets: int, outlets: int) -> Script:
    """Join `entry` and all it imports; what the entry exports becomes Max's message handlers.

    The modules share one function's scope, so that Max can call nothing but the handlers. It is held in a `var`, for
    Max may compile the script a second time in the same context.

    Raises:
        BuildError: an import or export of another form, a name that is not exported, not used or declared twice,
            modules that import each other in a circle, or a regular expression that not every V8 reads.
    """
    modules = list(_in_order(entry.resolve(), {}, ()))
    _check_names(modules)
    handlers = modules[-1].exported
    parts = [f"inlets = {inlets};\noutlets = {outlets};\n\nvar dawBridge = (() => {{\n'use strict';\n"]
    parts += [f"\n// {module.path.relative_to(entry.resolve().parent).as_posix()}\n{module.body}" for module in modules]
    parts.append(f"\nreturn {{ {', '.join(handlers)} }};\n}})();\n\n")
    parts += [f"function {name}(...words) {{ return dawBridge.{name}(...words); }}\n" for name in handlers]
    text = "".join(parts)
    digest = hashlib.sha256(text.encode()).hexdigest()[:_HASH_DIGITS]
    return Script(f"daw-bridge-{digest}.js", text, inlets, outlets)


def _in_order(path: Path, found: dict[Path, _Module], above: Sequence[Path]) -> Iterator[_Module]:
    """The modules, each after those that it imports."""
    if path in above:
        raise BuildError(f"{path.name}: modules import each other in a circle: {' > '.join(p.name for p in above)}")
    if path in found:
        return
    module = _read(path)
    for target, _ in module.imports:
        yield from _in_order(target, found, (*above, path))
    found[path] = module
    yield module


def _read(path: Path) -> _Module:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise BuildError(f"{path}: {problem.strerror}") from problem
    imports = tuple(
        ((path.parent / (dots + rest)).resolve(), tuple(name.strip() for name in names.split(",") if name.strip()))
        for names, dots, rest in _IMPORT.findall(text)
    )
    body = _IMPORT.sub("", text)
    if escape := _PROPERTY_ESCAPE.search(body):
        raise BuildError(f"{path.name}: a V8 without Unicode tables refuses the whole script for {escape.group()}")
    if stray := _ANY_IMPORT.search(body):
        raise BuildError(f'{path.name}: write imports as `import {{ a }} from "./b.js";`, got {stray.group()!r}')
    declared = [(bool(export), name) for export, name in _DECLARED.findall(body)]
    body = _EXPORT.sub("", body)
    if stray := _ANY_EXPORT.search(body):
        raise BuildError(
            f"{path.name}: export functions, classes and constants where they stand, got {stray.group()!r}"
        )
    for _, names in imports:
        for name in names:
            if not re.search(rf"\b{re.escape(name)}\b", body):
                raise BuildError(f"{path.name}: {name} is imported and not used")
    return _Module(
        path, imports, frozenset(name for _, name in declared), tuple(name for export, name in declared if export), body
    )


def _check_names(modules: Sequence[_Module]) -> None:
    owner: dict[str, _Module] = {}
    exported = {module.path: module.exported for module in modules}
    for module in modules:
        for name in sorted(module.declared):
            if name in owner:
                raise BuildError(f"{name} is declared in {owner[name].path.name} and in {module.path.name}")
            owner[name] = module
        for path, names in module.imports:
            for name in names:
                if name not in exported[path]:
                    raise BuildError(f"{module.path.name}: {path.name} does not export {name}")
