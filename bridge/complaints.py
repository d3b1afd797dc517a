"""Says what is wrong with a decoded JSON in one sentence: the dotted key, what it should be, what came."""

from __future__ import annotations

import difflib
import re
from typing import Any

import msgspec
from msgspec import inspect

_UNKNOWN = re.compile(r"unknown field `(.+)`")
_MISSING = re.compile(r"missing required field `(.+)`")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_SHOWN_CHARACTERS = 40


def explain(problem: msgspec.ValidationError, value: object, kind: type, under: str = "") -> str:
    """Turn msgspec's finding about `value`, which should be a `kind`, into a sentence that names the key.

    `under` is the dotted key that the value itself lies under.
    """
    what, _, where = str(problem).partition(" - at ")
    path = where.strip("`").removeprefix("$")
    place = f"{under}{path}".removeprefix(".")
    expected, found = _follow(inspect.type_info(kind), value, path)
    if unknown := _UNKNOWN.search(what):
        return _unknown_key(place, unknown.group(1), expected)
    if missing := _MISSING.search(what):
        return f"{_dotted(place, missing.group(1))} is missing."
    return f"{place or 'the JSON'}: expected {_wanted(expected)}, got {_shown(found)}."


def _follow(kind: inspect.Type, value: object, path: str) -> tuple[inspect.Type, object]:
    """Walk type and value along a path such as `.clip.notes[1].pitch`, as far as it goes."""
    for name, index in _STEP.findall(path):
        kind = _plain(kind, name, index)
        if name and isinstance(kind, inspect.StructType) and isinstance(value, dict):
            fields = {field.encode_name: field.type for field in kind.fields}
            if name not in fields:
                break
            kind, value = fields[name], value.get(name)
        elif index and isinstance(value, list) and int(index) < len(value):
            if isinstance(kind, inspect.TupleType):
                kind = kind.item_types[int(index)]
            elif isinstance(kind, inspect.VarTupleType | inspect.ListType):
                kind = kind.item_type
            value = value[int(index)]
    return _plain(kind), value


def _plain(kind: inspect.Type, name: str = "", index: str = "") -> inspect.Type:
    """Take off metadata, `| None`, and of a union the branch that the path goes into."""
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    if isinstance(kind, inspect.UnionType):
        branches = [_plain(branch) for branch in kind.types if not isinstance(branch, inspect.NoneType)]
        deeper = [branch for branch in branches if isinstance(branch, inspect.StructType)]
        if len(branches) == 1 or ((name or index) and deeper):
            return (deeper or branches)[0]
    return kind


def _unknown_key(place: str, name: str, kind: inspect.Type) -> str:
    structs = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    known = [
        field.encode_name for struct in structs if isinstance(struct, inspect.StructType) for field in struct.fields
    ]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {_dotted(place, near[0])}?" if near else f"known here are {', '.join(known)}."
    return f"unknown key {_dotted(place, name)}; {hint}"


def _wanted(kind: inspect.Type) -> str:
    match kind:
        case inspect.FloatType(ge=low, le=high):
            return "a number" + _between(low, high)
        case inspect.IntType(ge=low, le=high):
            return "a whole number" + _between(low, high)
        case inspect.BoolType():
            return "true or false"
        case inspect.StrType(pattern=pattern) if pattern:
            return "1 to 64 characters of A-Z a-z 0-9 . _ -"
        case inspect.StrType(max_length=longest):
            return f"text of at most {longest} characters" if longest else "text"
        case inspect.LiteralType(values=values):
            return " or ".join(str(value) for value in values)
        case inspect.TupleType(item_types=items):
            return f"a list of {len(items)}"
        case inspect.VarTupleType(max_length=longest):
            return f"a list of at most {longest}" if longest else "a list"
        case inspect.UnionType(types=types):
            return " or ".join(_wanted(_plain(one)) for one in types if not isinstance(one, inspect.NoneType))
        case _:
            return "an object"


def _between(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return f" between {_number(low)} and {_number(high)}"


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, str) and len(value) > _SHOWN_CHARACTERS:
        return f"a text of {len(value)} characters"
    return msgspec.json.encode(value).decode("utf-8", "replace") if _encodes(value) else "something else"


def _encodes(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _dotted(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
