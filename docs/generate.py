"""Writes the pages and constants that are made from the code; with --check it only says which ones are stale."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, get_args

import msgspec

from bridge import __version__, protocol
from bridge.config import default_toml
from bridge.contract import MODEL_RATE
from bridge.model import FASTEST_BPM, SLOWEST_BPM, Ask, AudioClip, Mode, Project, Trigger
from bridge.sound.smf import MAX_BYTES, MAX_NOTES
from max_for_live.builder.description import read_patch
from max_for_live.builder.drawing import draw_face

ROOT = Path(__file__).parent.parent


def main(arguments: list[str]) -> int:
    """Write the files, or compare them; 1 when one is stale."""
    pages = {
        "docs/trigger.schema.json": trigger_schema(),
        "docs/protocol.md": protocol_page(),
        "docs/configuration.md": configuration_page(),
        "docs/live-face.svg": live_face(),
        "max_for_live/code/protocol.js": protocol_script(),
        "reaper_scripts/daw-bridge/lib/protocol.lua": protocol_module(),
    }
    stale = [name for name, text in pages.items() if _read(ROOT / name) != text]
    if "--check" in arguments:
        if stale:
            print(f"Stale, run `make docs`: {', '.join(stale)}", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        (ROOT / name).write_text(pages[name], encoding="utf-8", newline="\n")
    return 0


def trigger_schema() -> str:
    """The JSON Schema of a trigger."""
    schema = msgspec.json.schema(Trigger)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "daw-bridge trigger", **schema}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def protocol_page() -> str:
    """The protocol's tables, with the words around them."""
    return _PROTOCOL.format(
        version=protocol.PROTOCOL_VERSION,
        osc_port=protocol.OSC_PORT,
        reply_port=protocol.REPLY_PORT,
        to_daemon=_address_table(protocol.TO_DAEMON),
        from_daemon=_address_table(protocol.FROM_DAEMON),
        codes="\n".join(f"| `{code}` | {text} |" for code, text in protocol.CODES.items()),
        keys="\n".join(_key_rows()),
        commands=", ".join(f"`{command}`" for command in protocol.COMMANDS),
        audio=" ".join(sorted(protocol.AUDIO_SUFFIXES)),
        midi=" ".join(sorted(protocol.MIDI_SUFFIXES)),
        sidecar=int(protocol.SIDECAR_WAIT_SECONDS),
        kept=protocol.OUTBOX_KEPT_DAYS,
        alive=int(protocol.ALIVE_INTERVAL_SECONDS),
        parts=int(protocol.PARTS_TIMEOUT_SECONDS),
        forgotten=protocol.CLIENT_FORGOTTEN_DAYS,
    )


def configuration_page() -> str:
    """Every configuration key with its default."""
    return _CONFIGURATION.format(toml=default_toml())


def live_face() -> str:
    """A drawing of the Live device's face."""
    return draw_face(read_patch(ROOT / "max_for_live" / "patch.toml"))


def protocol_script() -> str:
    """The protocol's constants for the Live device, which speaks the same words."""
    constants = {
        "VERSION": __version__,
        "PROTOCOL_VERSION": protocol.PROTOCOL_VERSION,
        "DAEMON_PORT": protocol.OSC_PORT,
        "FIRST_REPLY_PORT": protocol.REPLY_PORT + 1,
        "TO_DAEMON": _addresses(protocol.TO_DAEMON),
        "FROM_DAEMON": _addresses(protocol.FROM_DAEMON),
        "MAX_PARTS": protocol.MAX_PARTS,
        "MODES": list(get_args(Mode)),
        "MOST_TAKES": _bound(Ask, "takes", "maximum"),
    }
    lines = [f"export const {name} = {_javascript(value)};" for name, value in constants.items()]
    return "\n".join([_SCRIPT_HEAD, *lines, ""])


def protocol_module() -> str:
    """The protocol's constants for the REAPER scripts."""
    constants = {
        "VERSION": __version__,
        "PROTOCOL_VERSION": protocol.PROTOCOL_VERSION,
        "MODES": list(get_args(Mode)),
        "MOST_TAKES": _bound(Ask, "takes", "maximum"),
        "MOST_BARS": _bound(Ask, "bars", "maximum"),
        "MOST_BEATS": _bound(Ask, "beats", "maximum"),
        "MOST_PROMPT_LETTERS": _bound(Ask, "prompt", "maxLength"),
        "MOST_PATH_LETTERS": _bound(Project, "path", "maxLength"),
        "LEAST_GAIN_DB": _bound(AudioClip, "gain_db", "minimum"),
        "MOST_GAIN_DB": _bound(AudioClip, "gain_db", "maximum"),
        "LEAST_SAMPLE_RATE": _bound(Project, "sample_rate", "minimum"),
        "MOST_SAMPLE_RATE": _bound(Project, "sample_rate", "maximum"),
        "SLOWEST_BPM": SLOWEST_BPM,
        "FASTEST_BPM": FASTEST_BPM,
        "MOST_NOTES": MAX_NOTES,
        "MOST_MIDI_BYTES": MAX_BYTES,
        "FINAL_STATES": dict.fromkeys(sorted(protocol.FINAL_STATES), True),
        "AUDIO_SUFFIXES": dict.fromkeys(sorted(protocol.AUDIO_SUFFIXES), True),
        "MAX_TRIGGER_BYTES": protocol.MAX_TRIGGER_BYTES,
        "MAX_SOURCE_BYTES": protocol.MAX_SOURCE_BYTES,
        "ALIVE_INTERVAL_SECONDS": protocol.ALIVE_INTERVAL_SECONDS,
        "CLIP_RATE": MODEL_RATE,
    }
    lines = [f"  {name} = {_lua(value)}," for name, value in constants.items()]
    return "\n".join([_MODULE_HEAD, "return {", *lines, "}", ""])


def _bound(kind: type[msgspec.Struct], name: str, bound: str) -> int:
    """How far a field's value may go, as its JSON Schema says."""
    field = next(field for field in msgspec.structs.fields(kind) if field.name == name)
    schema = msgspec.json.schema(field.type)
    return int(next(choice[bound] for choice in (schema, *schema.get("anyOf", ())) if bound in choice))


def _addresses(table: dict[str, protocol.Address]) -> dict[str, list[str]]:
    """By address, its arguments as `kind:name`, optional ones with a question mark."""
    return {
        path: [f"{a.kind}:{a.name}{'?' if a.optional else ''}" for a in row.arguments] for path, row in table.items()
    }


def _javascript(value: object) -> str:
    """A constant as JavaScript; a table has one row a line."""
    if not isinstance(value, dict):
        return json.dumps(value)
    rows = [f"  {json.dumps(key)}: {json.dumps(row)}," for key, row in value.items()]
    return "\n".join(["{", *rows, "}"])


def _lua(value: object) -> str:
    """A constant as Lua; a table has one row a line."""
    if isinstance(value, dict):
        return "\n".join(["{", *(f"    [{json.dumps(key)}] = {_lua(one)}," for key, one in value.items()), "  }"])
    if isinstance(value, list):
        return "{ " + ", ".join(_lua(one) for one in value) + " }"
    return json.dumps(value)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _address_table(table: dict[str, protocol.Address]) -> str:
    rows = ["| address | arguments | |", "|---|---|---|"]
    for address in table.values():
        arguments = ", ".join(f"`{a.kind}` {a.name}{' (optional)' if a.optional else ''}" for a in address.arguments)
        rows.append(f"| `{address.path}` | {arguments} | {address.what} |")
    return "\n".join(rows)


def _key_rows() -> list[str]:
    """One row a key of the trigger, nested keys with dots, read from the schema."""
    schema = msgspec.json.schema(Trigger)
    definitions = schema["$defs"]
    rows = ["| key | type | |", "|---|---|---|"]

    def walk(prefix: str, node: dict[str, Any]) -> None:
        required = set(node.get("required", ()))
        for name, value in node["properties"].items():
            what = "required" if name in required else _default(value)
            rows.append(f"| `{prefix}{name}` | {_type(value)} | {_joined(_description(value), what)} |")
            inner = _reference(value)
            if inner is not None and prefix.count(".") < 2:
                walk(f"{prefix}{name}{'[]' if 'array' in _type(value) else ''}.", definitions[inner])

    walk("", definitions["Trigger"])
    return rows


def _description(value: dict[str, Any]) -> str:
    """What is said of a key, or of the one kind of value that it may hold beside null."""
    return next((choice["description"] for choice in (value, *value.get("anyOf", ())) if "description" in choice), "")


def _reference(value: dict[str, Any]) -> str | None:
    """The name of the object that a key holds, alone, as a choice, or in a list."""
    if "$ref" in value:
        return str(value["$ref"]).rsplit("/", 1)[-1]
    inner = (*value.get("anyOf", ()), value.get("items"))
    return next((name for choice in inner if isinstance(choice, dict) and (name := _reference(choice))), None)


def _type(value: dict[str, Any]) -> str:
    if "anyOf" in value:
        return " or ".join(_type(choice) for choice in value["anyOf"] if choice.get("type") != "null")
    if "enum" in value:
        return " or ".join(f"`{choice}`" for choice in value["enum"])
    if "$ref" in value:
        return "object"
    low, high = value.get("minimum"), value.get("maximum")
    bounds = f" {low:g} to {high:g}" if low is not None and high is not None else ""
    return f"{value.get('type', 'any')}{bounds}"


def _default(value: dict[str, Any]) -> str:
    default = value.get("default")
    return "" if default in (None, "", (), [], {}) or isinstance(default, dict) else f"default {default}"


def _joined(*texts: str) -> str:
    return "; ".join(re.sub(r"\|", "or", text) for text in texts if text)


_SCRIPT_HEAD = """\
// The bridge's own words: made by docs/generate.py from bridge/protocol.py; change that, then run `make docs`.
"""

_MODULE_HEAD = """\
-- @noindex
-- The bridge's own words: made by docs/generate.py from bridge/protocol.py; change that, then run `make docs`.
"""

_PROTOCOL = """\
# The protocol, version {version}

<!-- made by docs/generate.py from bridge/protocol.py and bridge/model.py: change those, then run `make docs` -->

What a DAW, a controller, a script or a person says to the daemon, and what it says back. A **beat** is a quarter
note. A **job** is one wish to generate, a **take** one of its results.

## The trigger

Every way in ends in one JSON object (UTF-8). Only `schema` and `clip` are required, and `clip` holds exactly one of
`audio`, `midi` and `notes`. An unknown key is an error that names it; an empty string means absent.
[trigger.schema.json](trigger.schema.json) is its JSON Schema.

{keys}

`music.key` is an object as above or a text such as `G# minor`, `Abm` or `D dorian`.

## OSC

The daemon listens on UDP 127.0.0.1:{osc_port}. Say `/bridge/hello` first, with a name of your own and the port you
listen on, and begin your request ids with that name and a dot (`live-3.0001`): answers then come to your port.
Answers for other ids go to the port of your host's last hello, else to {reply_port}. Ports unheard for {forgotten}
days are forgotten. A request id is 1 to 64 characters of `A-Z a-z 0-9 . _ -`; the same id with the same content is
the same job, and is answered again; other content under a used id is `bad_message`.

To the daemon:

{to_daemon}

Parts that are not all there {parts} s after the first one are rejected with the numbers of those missing.

From the daemon:

{from_daemon}

## Folders

All lie in the daemon's home (`--home`, `DAW_BRIDGE_HOME`, else the platform's user-data folder for `daw-bridge`).

| folder | what happens there |
|---|---|
| `inbox/` | a file that appears is a trigger: a `.json`, or bare audio or MIDI ({audio} {midi}) with what its name says: `Riff 96bpm G#m.mid`. Write under a `.part` name and rename. A `.json` without `clip` waits {sidecar} s for media of the same stem |
| `outbox/` | `<request id>.json` holds the job's present state, rewritten by rename at every change, kept until every take is imported, or {kept} days (an id that Windows takes for a device, such as `con`, gets a `=` before it) |
| `taken/` | `<job id>/` holds the files of accepted triggers |
| `refused/` | what could not be accepted, with `<name>.error.json` beside it |
| `media/` | a place for what your trigger points to; nobody watches it; a `.json` goes after {kept} days |
| `results/` | takes of clips that name no project |
| `undone/` | takes that were undone |
| `daemon.json` | `pid`, `version`, `protocol`, `osc_port`, `alive_at`, rewritten each {alive} s while the daemon lives |

Commands are inbox files too: `{{"schema": 1, "command": …, "request_id": new, "job_id": …}}`, where command is one of
{commands}; `again` takes a `prompt`, `imported` a `take` and `where`, `undo` may `force`.

## Codes

| code | meaning |
|---|---|
{codes}
"""

_CONFIGURATION = """\
# Configuration

<!-- made by docs/generate.py from bridge/config.py: change that, then run `make docs` -->

`config.toml` in the daemon's home; `daw-bridge config --init` writes this page's text there, `daw-bridge config` prints
what is in force. Every key has a default. An unknown key is an error that names the nearest known one.

```toml
{toml}```

The API key of provider NAME is looked for in `DAW_BRIDGE_KEY_NAME` (for `cloud` also `MODELSLAB_API_KEY`), then in the
system's keyring (extra `keyring`), then in `credentials.toml` in the home (readable by you alone).
"""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
