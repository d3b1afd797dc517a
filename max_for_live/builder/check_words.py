"""Checks that patch and script speak of the same things: words into the script, names out of it, and shared numbers."""

from __future__ import annotations

import json
import re

from max_for_live.builder.bundle import Script
from max_for_live.builder.complaint import BuildError
from max_for_live.builder.description import Box, Patch, Wire

_CONSTANT = r"^const {name} = (.+);$"
_KEYS = r"^( *)const {name} = \{{\n((?:\1  .*\n|\n)*)\1\}};$"
_SHOWS = re.compile(r"""\bshow\((["`])([\w${}-]+)\1, "(\w+)\"""")
_FACE_CALL = re.compile(r"""\bface\.(text|active|ask)\((["`])([\w${}-]+)\2""")
_VERB_OF_CALL = {"text": "set", "active": "active", "ask": "bang"}
_ADDRESS = re.compile(r'"(/bridge/[^"]*)"')
_ADDRESS_TESTED = re.compile(r'\baddress === "(/bridge/[^"]*)"')
_TEMPLATE_HOLE = re.compile(r"\$\{\w+\}")
_LOOPBACK = "127.0.0.1"


def check_words(patch: Patch, script: Script) -> None:
    """Refuse words that one side says and the other does not know, and numbers on which they differ."""
    _check_said(patch, script)
    _check_addresses(script)
    _check_shown(patch, script)
    _check_pedals(patch, script)
    _check_menus(patch, script)
    _check_ports(patch, script)


def constant(script: Script, name: str) -> object:
    """A constant of the script, written as JSON on one line.

    Raises:
        BuildError: the script has no such constant.
    """
    match = re.search(_CONSTANT.format(name=name), script.text, re.MULTILINE)
    if match is None:
        raise BuildError(f"{script.name}: the script has no constant {name} on a line of its own")
    return json.loads(match.group(1))


def keys(script: Script, name: str) -> set[str]:
    """The keys of an object literal of the script that is written one entry to a line or more.

    Raises:
        BuildError: the script has no such table.
    """
    match = re.search(_KEYS.format(name=name), script.text, re.MULTILINE)
    if match is None:
        raise BuildError(f"{script.name}: the script has no table {name} with its entries on lines of their own")
    indent, entries = match.groups()
    return set(re.findall(rf'^{indent}  "?([\w/]+)"?: ', entries, re.MULTILINE))


def selectors(patch: Patch) -> dict[str, str]:
    """Every word that the patch itself sends to the script, with the box that says it."""
    said: dict[str, str] = {}
    for wire in patch.wires:
        if wire.target == patch.script:
            word = _said_through(patch, patch.box(wire.source), wire)
            if word:
                said[word] = wire.source
    return said


def _said_through(patch: Patch, box: Box, wire: Wire) -> str:
    if box.object_name in ("prepend", "message"):
        return box.words[0]
    if box.object_name == "trigger" and box.words[wire.outlet] in ("b", "bang"):
        return "bang"
    if box.object_name == "udpreceive":
        return ""
    raise BuildError(f"{box.name}: what it sends to {patch.script} has no word before it; put a prepend between")


def _check_said(patch: Patch, script: Script) -> None:
    said, heard = selectors(patch), set(_words(script, "HEARD"))
    for word, name in said.items():
        if word not in heard:
            raise BuildError(f"{name}: the script does not hear {word!r}")
    if deaf := sorted(heard - set(said)):
        raise BuildError(f"{patch.script}: the script waits for {deaf[0]!r}, which no box says")

    _check_same(keys(script, "patchSays"), heard, "patchSays", "HEARD")


def _check_addresses(script: Script) -> None:
    """Each message of the daemon has a handler, and no address is written in another way than in the protocol."""
    to_daemon, from_daemon = keys(script, "TO_DAEMON"), keys(script, "FROM_DAEMON")
    if unknown := sorted(set(_ADDRESS.findall(script.text)) - to_daemon - from_daemon):
        raise BuildError(f"{script.name}: the protocol has no address {unknown[0]!r}")
    by_table = keys(script, "lineHears") | keys(script, "hearings")
    if unknown := sorted(by_table - from_daemon):
        raise BuildError(f"{script.name}: a handler waits for {unknown[0]!r}, which the daemon never says")
    if deaf := sorted(from_daemon - by_table - set(_ADDRESS_TESTED.findall(script.text))):
        raise BuildError(f"{script.name}: nothing is done with {deaf[0]!r} of the daemon")


def _check_same(one: set[str], other: set[str], one_name: str, other_name: str) -> None:
    for few, many, few_name, many_name in ((one, other, one_name, other_name), (other, one, other_name, one_name)):
        if missing := sorted(many - few):
            raise BuildError(f"{few_name} lacks {missing[0]!r}, which {many_name} has")


def _check_shown(patch: Patch, script: Script) -> None:
    """Each name of the face's route has its verbs and its wire, and the script tells it nothing else."""
    face = patch.box(patch.face)
    if face.object_name != "route":
        raise BuildError(f"{face.name}: what the script shows is spread by a route")
    for outlet, name in enumerate(face.words):
        if not patch.from_port(face.name, outlet):
            raise BuildError(f"{face.name}: nothing is wired to what is shown as {name!r}")
        if name not in patch.verbs:
            raise BuildError(f"verbs: it is not said what the script may tell {name!r}")
    if unknown := sorted(set(patch.verbs) - set(face.words)):
        raise BuildError(f"verbs: {face.name} has no name {unknown[0]!r}")
    for said, verb in _told(script):
        named = re.compile(_TEMPLATE_HOLE.sub(r"\\w", said))
        names = [name for name in face.words if named.fullmatch(name)]
        if not names:
            raise BuildError(f"{face.name}: the script tells {said!r} something, and there is no such name")
        for name in names:
            if verb not in patch.verbs[name]:
                raise BuildError(f"verbs: the script tells {name!r} {verb!r}, which is not among what it may")
    asking = {name for name, verbs in patch.verbs.items() if "bang" in verbs}
    _check_same(set(_words(script, "ASKED_AT_START")), asking, "ASKED_AT_START", "verbs with bang")


def _told(script: Script) -> list[tuple[str, str]]:
    """Each name of the face that the script writes out, with what it tells it."""
    shown = [(said, verb) for _, said, verb in _SHOWS.findall(script.text)]
    return shown + [(said, _VERB_OF_CALL[call]) for call, _, said in _FACE_CALL.findall(script.text)]


def _check_pedals(patch: Patch, script: Script) -> None:
    """The script asks Live by name whether a button is automated, and Live may tell the long or the short name."""
    pressed = constant(script, "PRESSED")
    assert isinstance(pressed, dict)
    for name in patch.pedals:
        parameter = patch.box(name).parameter
        if parameter is None or {parameter.long_name, parameter.short_name} != {pressed.get(name)}:
            raise BuildError(
                f"{name}: its long and its short name must be {pressed.get(name)!r}, as the script asks Live"
            )


def _check_menus(patch: Patch, script: Script) -> None:
    """Menus and numbers are sent as they are counted: the script must count alike."""
    modes = [mode.capitalize() for mode in _words(script, "MODES")]
    _check_items(patch, "mode", modes)
    _check_items(patch, "bars", ["Clip" if bars == "0" else bars for bars in _words(script, "BARS")])
    takes = patch.box("takes").parameter
    if takes is None or takes.range != (1, constant(script, "MOST_TAKES")):
        raise BuildError(f"takes: range must be 1 to {constant(script, 'MOST_TAKES')}, as the protocol has it")


def _check_items(patch: Patch, name: str, items: list[str]) -> None:
    parameter = patch.box(name).parameter
    if parameter is None or list(parameter.items) != items:
        raise BuildError(f"{name}: the items must be {', '.join(items)}, as the script counts them")


def _check_ports(patch: Patch, script: Script) -> None:
    """The first reply port lies outside of those that devices ask for: taking one of theirs would disturb another."""
    daemon = constant(script, "DAEMON_PORT")
    first, count = constant(script, "FIRST_REPLY_PORT"), constant(script, "REPLY_PORTS")
    assert isinstance(first, int)
    assert isinstance(count, int)
    for box in patch.boxes:
        if box.object_name == "udpsend" and box.words != (_LOOPBACK, str(daemon)):
            raise BuildError(f"{box.name}: the daemon listens on {_LOOPBACK} {daemon}, got {' '.join(box.words)}")
        if box.object_name == "udpreceive":
            if box.word_attributes.get("defer") != "1":
                raise BuildError(f"{box.name}: Live's objects cannot be used at once: @defer 1")
            if not box.words[0].isdigit():
                raise BuildError(f"{box.name}: a port is a number, got {box.words[0]!r}")
            if int(box.words[0]) in range(first - 1, first + count) or box.words[0] == str(daemon):
                raise BuildError(
                    f"{box.name}: port {box.words[0]} is one that is spoken for; take another to begin with"
                )


def _words(script: Script, name: str) -> list[str]:
    """The items of a constant list, as texts."""
    value = constant(script, name)
    return [str(item) for item in value] if isinstance(value, list) else []
