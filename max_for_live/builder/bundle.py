"""Joins the device's JavaScript modules into the one script that Max loads, named by its content."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from max_for_live.builder.complaint import BuildError
from max_for_live.builder.javascript import code_of, declarations, names_used

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\./|\.\./)([^"]+)";\n', re.MULTILINE)
_ANY_IMPORT = re.compile(r"^\s*import\b|\brequire\(", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async |function\b|class |const ))", re.MULTILINE)
_ANY_EXPORT = re.compile(r"^\s*export\b", re.MULTILINE)
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
    """One source file: its imports, what it declares, exports and uses, and its text without `import` and `export`."""

    path: Path
    imports: tuple[tuple[Path, tuple[str, ...]], ...]
    declared: frozenset[str]
    exported: tuple[str, ...]
    used: frozenset[str]
    body: str


def bundle(entry: Path, *, inlets: int, outlets: int, read_elsewhere: Collection[str] = ()) -> Script:
    """Join `entry` and all it imports; what the entry exports becomes Max's message handlers.

    What a module exports is imported by another, but for the names that are `read_elsewhere`, in the joined text.

    The modules share one function's scope, so that Max can call nothing but the handlers. It is held in a `var`, for
    Max may compile the script a second time in the same context.

    Raises:
        BuildError: an import or export of another form, a name that is not exported, not imported, not used or
            declared twice, modules that import each other in a circle, or a regular expression that not every V8
            reads.
    """
    modules = list(_in_order(entry.resolve(), {}, ()))
    _check_names(modules)
    _check_uses(modules, read_elsewhere)
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
    code = code_of(body)
    if stray := _ANY_IMPORT.search(code):
        raise BuildError(f'{path.name}: write imports as `import {{ a }} from "./b.js";`, got {stray.group()!r}')
    if stray := _ANY_EXPORT.search(_EXPORT.sub("", code)):
        raise BuildError(
            f"{path.name}: export functions, classes and constants where they stand, got {stray.group()!r}"
        )
    declared = list(declarations(code, path.name))
    names = [name for _, name in declared]
    if twice := sorted(name for name, count in Counter(names).items() if count > 1):
        raise BuildError(f"{path.name}: {twice[0]} is declared twice")
    return _Module(
        path=path,
        imports=imports,
        declared=frozenset(names),
        exported=tuple(name for is_exported, name in declared if is_exported),
        used=frozenset(names_used(code)),
        body=_EXPORT.sub("", body),
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


def _check_uses(modules: Sequence[_Module], read_elsewhere: Collection[str]) -> None:
    """Since the modules share one scope, nothing but this misses an import."""
    anywhere = {name for module in modules for name in module.declared}
    imported = {name for module in modules for _, names in module.imports for name in names}
    for module in modules:
        own = {name for _, names in module.imports for name in names}
        if unused := sorted(own - module.used):
            raise BuildError(f"{module.path.name}: {unused[0]} is imported and not used")
        if hidden := sorted((module.used & anywhere) - own - module.declared):
            raise BuildError(f"{module.path.name}: {hidden[0]} of another module is used and not imported")
    for module in modules[:-1]:
        if unused := sorted(set(module.exported) - imported - set(read_elsewhere)):
            raise BuildError(f"{module.path.name}: {unused[0]} is exported and nobody imports it")
