"""What Lua writes as JSON Python reads as the same, and the other way round, under both Luas."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reaper_scripts.lua import VERSIONS

JSON_LUA = Path(__file__).parents[2] / "reaper_scripts/daw-bridge/lib/json.lua"

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
_values = st.recursive(
    st.booleans() | _numbers | _texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts, inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module", params=list(VERSIONS.values()), ids=list(VERSIONS))
def lua_json(request: pytest.FixtureRequest) -> Any:
    """The module in a Lua state of its own; texts are bytes there."""
    state = importlib.import_module(request.param).LuaRuntime(encoding=None, register_eval=False)
    return state, state.execute(JSON_LUA.read_bytes())


@given(value=_values)
@settings(max_examples=60, deadline=None)
def test_what_lua_writes_python_reads_the_same(lua_json: Any, value: Any) -> None:
    state, module = lua_json
    text = module[b"encode"](_into_lua(state, module, value))
    assert text.isascii()
    assert json.loads(text) == value


@given(value=_values, is_ascii=st.booleans(), indent=st.none() | st.just(1))
@settings(max_examples=60, deadline=None)
def test_what_python_writes_lua_reads_the_same(lua_json: Any, value: Any, is_ascii: bool, indent: int | None) -> None:
    _, module = lua_json
    text = json.dumps(value, ensure_ascii=is_ascii, indent=indent)
    # The daemon's own parser is the judge of what Lua made of it.
    read = module[b"decode"](text.encode())
    assert json.loads(module[b"encode"](read)) == value


@given(text=st.text(max_size=20))
@settings(max_examples=40, deadline=None)
def test_halves_of_letters_become_a_sign(lua_json: Any, text: str) -> None:
    _, module = lua_json
    read = module[b"decode"](json.dumps(text).encode())
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert read.decode() == whole


@given(data=st.binary(max_size=30))
@settings(max_examples=60, deadline=None)
def test_no_bytes_make_it_stumble(lua_json: Any, data: bytes) -> None:
    _, module = lua_json
    read = module[b"decode"](data)
    if isinstance(read, tuple):
        assert read[0] is None
        assert b" at byte " in read[1]
    assert json.loads(module[b"encode"](data)).isprintable() or data


def _into_lua(state: Any, module: Any, value: Any) -> Any:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, list):
        return module[b"array"](state.table_from([_into_lua(state, module, item) for item in value]))
    if isinstance(value, dict):
        table = state.table()
        for key, item in value.items():
            table[key.encode()] = _into_lua(state, module, item)
        return table
    return value
