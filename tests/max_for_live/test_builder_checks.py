"""Each rule of the device's build refuses one broken thing and names it; the description as it stands passes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from max_for_live.builder.build import SOURCES, build_device
from max_for_live.builder.bundle import Script
from max_for_live.builder.check import check
from max_for_live.builder.complaint import BuildError
from max_for_live.builder.description import load_toml, parse_patch, read_patch
from max_for_live.builder.objects import read_objects

SCRIPT = build_device().script

Break = Callable[[dict[str, Any]], object]


def sources() -> dict[str, Any]:
    return tomllib.loads((SOURCES / "patch.toml").read_text(encoding="utf-8"))


def check_data(data: dict[str, Any], script: Script = SCRIPT) -> None:
    check(parse_patch(data), read_objects(SOURCES / "objects.toml"), script)


def refusal(break_it: Break, script: Script = SCRIPT) -> str:
    data = sources()
    break_it(data)
    with pytest.raises(BuildError) as problem:
        check_data(data, script)
    return str(problem.value)


def face(name: str, **changes: object) -> Break:
    return lambda data: data["face"][name].update(changes)


def plumbing(name: str, **changes: object) -> Break:
    return lambda data: data["plumbing"][name].update(changes)


def parameter(name: str, **changes: object) -> Break:
    return lambda data: data["face"][name]["parameter"].update(changes)


def attribute(name: str, **changes: object) -> Break:
    return lambda data: data["face"][name]["attributes"].update(changes)


def wire(group: str, text: str) -> Break:
    return lambda data: data["wires"][group].append(text)


def without_wire(group: str, text: str) -> Break:
    return lambda data: data["wires"][group].remove(text)


def other_wire(group: str, right: str, wrong: str) -> Break:
    def change(data: dict[str, Any]) -> None:
        data["wires"][group][data["wires"][group].index(right)] = wrong

    return change


def loose(data: dict[str, Any]) -> None:
    data["plumbing"]["loose"] = {"object": "deferlow", "at": [0, 0]}
    data["wires"]["start"].append("loose -> say-rate")


def test_the_description_as_it_stands_is_accepted() -> None:
    check_data(sources())


@pytest.mark.parametrize(
    ("break_it", "complaint"),
    [
        (plumbing("later", object="defferlow"), "later: there is no object 'defferlow' in objects.toml"),
        (face("mode", object="live.men"), "mode: there is no object 'live.men' in objects.toml"),
        (plumbing("later", object="deferlow 1"), "later: deferlow takes 0 to 0 words, got 1"),
        (plumbing("send", object="udpsend 127.0.0.1"), "send: udpsend takes 2 to 2 words, got 1"),
        (plumbing("start", object="trigger b boom"), "start: trigger has no output 'boom'"),
        (plumbing("listen", object="udpreceive 9196 @deffer 1"), "listen: udpreceive has no attribute 'deffer'"),
        (plumbing("listen", object="udpreceive 9196 @defer 2"), "listen: defer must be one of 0, 1, got 2"),
        (plumbing("listen", object="udpreceive 9196 @defer"), "listen: write attributes as `@name value`"),
        (attribute("generate", modus=0), "generate: live.text has no attribute 'modus'"),
        (attribute("generate", mode=2), "generate: mode must be one of 0, 1, got 2"),
        (attribute("generate", mode=True), "generate: mode must be one of 0, 1, got True"),
        (attribute("generate", fontsize="big"), "generate: fontsize must be of kind float, got 'big'"),
        (attribute("prompt", lines=1.5), "prompt: lines must be of kind int, got 1.5"),
        (face("prompt", theme={"bgcolour": "live_control_bg"}), "prompt: textedit has no colour 'bgcolour'"),
        (face("prompt", theme={"bgcolor": "live_control_gb"}), "prompt: bgcolor: Live's themes have no colour"),
        (face("progress", colours={"textcolor": [0, 0, 2, 1]}), "progress: textcolor must be red, green, blue"),
        (face("progress", colours={"textcolor": [0, 0, 0]}), "progress: colours: textcolor must be 4 numbers"),
        (plumbing("script", object="v8 other.js"), "script: v8 takes 0 to 0 words, got 1"),
        (plumbing("later", object="v8"), "script: one box runs the script, and here are later, script"),
        (lambda data: data["device"].update(kind="visual effect"), "device: kind must be one of audio effect"),
    ],
)
def test_a_box_that_max_would_not_know_is_refused(break_it: Break, complaint: str) -> None:
    assert complaint in refusal(break_it)


@pytest.mark.parametrize(
    ("break_it", "complaint"),
    [
        (wire("start", "device:1 -> nowhere"), "there is no box 'nowhere'"),
        (wire("start", "nothing -> later"), "there is no box 'nothing'"),
        (wire("start", "device:3 -> later"), "device has 3 outlets, counted from 0"),
        (wire("start", "device:1 -> later:1"), "later has 1 inlets, counted from 0"),
        (wire("talk", "script:4 -> send"), "script has 4 outlets, counted from 0"),
        (wire("shown", "face:23 -> status"), "face has 23 outlets, counted from 0"),
        (wire("start", "send -> later"), "send has 0 outlets, counted from 0"),
        (wire("talk", "script:0 -> send"), "script:0 -> send:0: this wire is there 2 times"),
        (wire("start", "device -> engine"), "device: outlet 0 has 2 wires; put a trigger between"),
        (wire("sound", "sound-out -> later"), "later takes messages only"),
        (wire("start", "device:1 -> sound-out"), "sound-out takes signals only"),
        (without_wire("shown", "face:6 -> status"), "status: no wire leads to it or away from it"),
        (wire("start", "device to later"), 'wires: write "box:outlet -> box:inlet"'),
        (
            lambda data: data["plumbing"].update(loose={"object": "deferlow", "at": [0, 0]}),
            "loose: no wire leads to it or away from it",
        ),
    ],
)
def test_a_wire_that_leads_nowhere_or_twice_is_refused(break_it: Break, complaint: str) -> None:
    assert complaint in refusal(break_it)


@pytest.mark.parametrize(
    ("break_it", "complaint"),
    [
        (face("status", rect=[8, 120, 392, 50]), "status: rect leaves the face, which is 169 pixels high"),
        (face("status", rect=[8, 120, 401, 41]), "status: rect leaves the face, which is 408 pixels wide"),
        (face("source", rect=[-1, 8, 156, 15]), "source: rect leaves the face"),
        (face("status", rect=[8, 120.5, 392, 41]), "status: rect must be whole pixels"),
        (face("status", rect=[8, 120, 0, 41]), "status: rect has no size"),
        (face("status", rect=[8, 117, 392, 41]), "result1: lies over status"),
        (face("status", rect=[8, 120, 392]), "status: rect must be 4 numbers"),
        (face("generate", info=""), "generate: a control needs a title and an info text"),
        (face("light", title=""), "light: a control needs a title and an info text"),
        (lambda data: data["face"]["status"].pop("rect"), "status: boxes of the face have a rect, and no others do"),
        (plumbing("later", rect=[0, 0, 9, 9]), "later: boxes of the face have a rect, and no others do"),
    ],
)
def test_a_face_that_would_not_look_right_is_refused(break_it: Break, complaint: str) -> None:
    assert complaint in refusal(break_it)


@pytest.mark.parametrize(
    ("break_it", "complaint"),
    [
        (lambda data: data["face"]["mode"].pop("parameter"), "mode: live.menu needs a parameter"),
        (lambda data: data["plumbing"]["state"].pop("parameter"), "state: pattr needs a parameter"),
        (parameter("mode", type="blob"), "mode: live.menu has no parameter of type 'blob'"),
        (parameter("mode", long="Bars"), "bars: the long name 'Bars' is that of mode"),
        (parameter("mode", short="Bars"), "bars: the short name 'Bars' is that of mode"),
        (parameter("mode", long="Mode[1]"), "mode: the long name must be a name without brackets"),
        (parameter("mode", short="Mode[1]"), "mode: the short name must be a name without brackets"),
        (parameter("mode", short=""), "mode: the short name must be a name without brackets, got ''"),
        (parameter("mode", short="What the mode is now"), "mode: the short name has at most 16 letters"),
        (parameter("mode", items=[]), "mode: an enum has items, each once, and no range"),
        (parameter("mode", items=["Variation", "Variation"]), "mode: an enum has items, each once"),
        (parameter("mode", initial=3), "mode: the first value must be from 0 to 2, got 3"),
        (parameter("mode", initial=0.5), "mode: type enum has whole numbers"),
        (parameter("takes", range=[10, 1]), "takes: a number has a range from low to high"),
        (parameter("takes", range=[1, 10.5]), "takes: type int has whole numbers"),
        (parameter("takes", initial=0), "takes: the first value must be from 1 to 10, got 0"),
        (parameter("takes", items=["1"]), "takes: a number has a range from low to high, and no items"),
        (lambda data: data["face"]["takes"]["parameter"].pop("initial"), "takes: the first value must be"),
        (parameter("prompt", initial=0), "prompt: a blob has no items, range or first value"),
        (parameter("generate", visibility="hidden"), "generate: visibility must be 'automated' here"),
        (parameter("result1", visibility="automated"), "result1: visibility must be 'hidden' here"),
        (parameter("progress", visibility="stored"), "progress: visibility must be 'hidden' here"),
        (parameter("prompt", visibility="automated"), "prompt: visibility must be 'stored' here"),
        (parameter("launch", visibility="hidden"), "launch: visibility must be 'stored' here"),
        (parameter("launch", visibility="shown"), "launch: visibility must be one of automated, stored, hidden"),
        (attribute("generate", mode=1), "generate: a live.text of type button has mode 0"),
        (attribute("launch", mode=0), "launch: a live.text of type enum has mode 1"),
        (attribute("generate", outputmode=0), "generate: buttons speak when the mouse is let go"),
        (attribute("generate", transition=2), "generate: a pedal is heard when it is pressed"),
        (lambda data: data["face"]["retry"]["attributes"].pop("transition"), "retry: a pedal is heard"),
        (lambda data: data["device"]["bank"].append("Mood"), "bank: no parameter that Push can show"),
        (lambda data: data["device"]["bank"].append("Mode"), "bank: a bank holds up to 8 parameters, each once"),
        (lambda data: data["device"]["bank"].append("Generate"), "bank: 'Generate' is a button"),
        (lambda data: data["device"].update(bank=["Progress"]), "bank: no parameter that Push can show"),
    ],
)
def test_a_parameter_that_live_would_not_keep_or_name_rightly_is_refused(break_it: Break, complaint: str) -> None:
    assert complaint in refusal(break_it)


@pytest.mark.parametrize(
    ("break_it", "complaint"),
    [
        (plumbing("say-mode", object="prepend mood"), "say-mode: the script does not hear 'mood'"),
        (plumbing("say-retry", object="message rety"), "say-retry: the script does not hear 'rety'"),
        (plumbing("say-mode", object="prepend bars"), "script: the script waits for 'mode', which no box says"),
        (wire("start", "device:1 -> script"), "device: what it sends to script has no word before it"),
        (without_wire("chosen", "say-mode -> script"), "script: the script waits for 'mode', which no box says"),
        (without_wire("shown", "face:21 -> ask-launch"), "face: nothing is wired to what is shown as 'launch'"),
        (lambda data: data["verbs"].pop("found"), "verbs: it is not said what the script may tell 'found'"),
        (lambda data: data["verbs"].update(lost=["set"]), "verbs: face has no name 'lost'"),
        (parameter("mode", items=["Variation", "Continue", "Accompany"]), "mode: the items must be Variation, Acc"),
        (parameter("retry", short="Go On"), "retry: its long and its short name must be 'Retry'"),
        (parameter("bars", items=["Clip", "1"]), "bars: the items must be Clip, 1, 2, 3, 4, 6"),
        (parameter("takes", range=[1, 11]), "takes: range must be 1 to 10"),
        (plumbing("send", object="udpsend 127.0.0.1 9131"), "send: the daemon listens on 127.0.0.1 9130"),
        (plumbing("send", object="udpsend 0.0.0.0 9130"), "send: the daemon listens on 127.0.0.1 9130"),
        (plumbing("listen", object="udpreceive 9140 @defer 1"), "listen: port 9140 is one that is spoken for"),
        (plumbing("listen", object="udpreceive 9130 @defer 1"), "listen: port 9130 is one that is spoken for"),
        (plumbing("listen", object="udpreceive 9196"), "listen: Live's objects cannot be used at once: @defer 1"),
    ],
)
def test_a_patch_that_speaks_past_its_script_is_refused(break_it: Break, complaint: str) -> None:
    assert complaint in refusal(break_it)


@pytest.mark.parametrize("wire", [wire for group in sources()["wires"].values() for wire in group])
def test_no_wire_can_be_left_out(wire: str) -> None:
    def leave_out(data: dict[str, Any]) -> None:
        for group in data["wires"].values():
            group[:] = [text for text in group if text != wire]

    assert refusal(leave_out)


@pytest.mark.parametrize(
    ("break_it", "complaint"),
    [
        (without_wire("sound", "sound-in:1 -> sound-out:1"), "sound-in:1 -> sound-out:1: this wire is missing"),
        (lambda data: data["wires"].update(sound=["sound-in -> sound-out:1", "sound-in:1 -> sound-out"]), "is missing"),
        (without_wire("talk", "listen -> script"), "listen: what it says does not reach script"),
        (without_wire("shown", "script:2 -> face"), "script: outlet 2 leads to the route"),
        (without_wire("memory", "script:3 -> state"), "script: outlet 3 leads to the pattr"),
        (without_wire("typed", "bare-key:0 -> is-key"), "bare-key: outlet 0 leads nowhere"),
        (without_wire("pressed", "order-again:1 -> prompt"), "order-again: outlet 1 leads nowhere"),
        (loose, "loose: no wire leads to it"),
        (other_wire("start", "device -> later", "device -> start"), "device: it may speak from a thread of its own"),
        (other_wire("pressed", "retry -> later-retry", "retry -> say-retry"), "retry: it may speak from a thread"),
        (plumbing("say-result2", object="message result 3"), "say-result2: what result2 says must be 'result 2'"),
        (other_wire("chosen", "mode -> say-mode", "mode -> say-bars"), "say-bars: what mode says must be 'mode'"),
        (other_wire("shown", "face:7 -> result1", "face:7 -> result2"), "what is shown as 'result1' leads to result2"),
    ],
)
def test_a_wire_that_is_missing_or_leads_elsewhere_is_refused(break_it: Break, complaint: str) -> None:
    assert complaint in refusal(break_it)


def test_a_script_with_other_ports_than_its_wires_need_is_refused() -> None:
    assert "script has 3 outlets" in refusal(lambda data: data, replace(SCRIPT, outlets=3))
    assert "script has 0 inlets" in refusal(lambda data: data, replace(SCRIPT, inlets=0))


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ('show("lamp", "set", 1);', "face: the script tells 'lamp' something, and there is no such name"),
        ('show("light", "text", 1);', "verbs: the script tells 'light' 'text', which is not among what it may"),
        ('show(`result${place}`, "bang");', "verbs: the script tells 'result1' 'bang'"),
        ('show(`outcome${place}`, "text");', "face: the script tells 'outcome${place}' something"),
        ('show("light", "sett", 1);', "verbs: the script tells 'light' 'sett'"),
        ('face.text("statos", "Ready");', "face: the script tells 'statos' something"),
        ('face.active("nothing", true);', "face: the script tells 'nothing' something"),
        ('face.active("status", true);', "verbs: the script tells 'status' 'active'"),
        ('face.ask("status");', "verbs: the script tells 'status' 'bang'"),
    ],
)
def test_a_script_that_shows_what_the_face_has_not_is_refused(said: str, complaint: str) -> None:
    assert complaint in refusal(lambda data: data, replace(SCRIPT, text=SCRIPT.text + said))


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("    retry: () =>", "    rety: () =>", "patchSays lacks 'retry', which HEARD has"),
        ("    retry: () =>", "    undo: () => retry,\n    retry: () =>", "HEARD lacks 'undo', which patchSays has"),
        ('    "/bridge/done": (talk', '    "/bridge/doen": (talk', "the protocol has no address '/bridge/doen'"),
        ('    "/bridge/done": (talk', '    "/bridge/hello": (talk', "a handler waits for '/bridge/hello', which the"),
        ('    "/bridge/failed": (talk', '    // "/bridge/failed": (talk', "nothing is done with '/bridge/failed'"),
        ('say("/bridge/ping"', 'say("/bridge/pign"', "the protocol has no address '/bridge/pign'"),
        ("const lineHears = {", "const hearsOfTheLine = {", "the script has no table lineHears"),
        ('"prompt", "key", "tempo", "mode", "bars", "takes", "launch"];', '"prompt"];', "ASKED_AT_START lacks 'bars'"),
        ("const HEARD", "const HERD", "the script has no constant HEARD"),
    ],
)
def test_a_script_that_hears_or_says_other_words_than_it_lists_is_refused(
    right: str, wrong: str, complaint: str
) -> None:
    broken = SCRIPT.text.replace(right, wrong, 1)

    assert broken != SCRIPT.text
    assert complaint in refusal(lambda data: data, replace(SCRIPT, text=broken))


@pytest.mark.parametrize(
    ("break_it", "complaint"),
    [
        (lambda data: data.update(boxes={}), "patch.toml: there is no key 'boxes'"),
        (lambda data: data["device"].update(colour="red"), "device: there is no key 'colour'"),
        (lambda data: data["device"].update(name=3), "device: name must be a text, got 3"),
        (face("mode", rectangle=[0, 0, 1, 1]), "mode: there is no key 'rectangle'"),
        (parameter("mode", unit="dB"), "mode: parameter: there is no key 'unit'"),
        (plumbing("later", at=[1]), "later: at must be 2 numbers, got [1]"),
        (lambda data: data["plumbing"].update(mode=data["plumbing"]["later"]), "mode: there are two boxes"),
    ],
)
def test_a_description_with_unknown_or_missing_keys_is_refused(break_it: Break, complaint: str) -> None:
    assert complaint in refusal(break_it)


KEYS = [
    *[((), key) for key in ("device", "plumbing", "face", "verbs", "wires")],
    *[(("device",), key) for key in sources()["device"]],
    *[(("plumbing", "later"), key) for key in ("object", "at")],
    *[(("face", "takes"), key) for key in ("object", "at", "rect", "title", "info", "parameter")],
    *[(("face", "takes", "parameter"), key) for key in sources()["face"]["takes"]["parameter"]],
    (("face", "mode", "parameter"), "items"),
    (("face", "generate", "attributes"), "mode"),
    *[(("verbs",), key) for key in sources()["verbs"]],
]


def table(data: dict[str, Any], where: tuple[str, ...]) -> dict[str, Any]:
    for name in where:
        data = data[name]
    return data


@pytest.mark.parametrize(("where", "key"), KEYS)
def test_a_key_that_is_missing_is_named(where: tuple[str, ...], key: str) -> None:
    assert {"initial": "the first value"}.get(key, key) in refusal(lambda data: table(data, where).pop(key))


@pytest.mark.parametrize(("where", "key"), KEYS)
def test_a_value_of_the_wrong_kind_is_named(where: tuple[str, ...], key: str) -> None:
    wrong = 3 if isinstance(table(sources(), where)[key], str | dict) else "one"

    assert re.search(
        rf"\b{key} must be .*, got {wrong!r}", refusal(lambda data: table(data, where).update({key: wrong}))
    )


@pytest.mark.parametrize(
    ("break_it", "complaint"),
    [
        (lambda data: data["device"].update(face="fase"), "device: face must be the name of a box, got 'fase'"),
        (lambda data: data["device"].update(script="skript"), "device: script must be the name of a box, got 'skript'"),
        (lambda data: data["device"].update(width=408.5), "device: width must be a whole number, got 408.5"),
        (lambda data: data["device"]["pedals"].append("undo"), "there is no box 'undo'"),
        (lambda data: data["wires"].update(start="device"), "wires: start must be a list of texts, got 'device'"),
        (lambda data: data["device"]["bank"].append(1), "device: bank must be a list of texts"),
        (parameter("takes", initial=True), "takes: parameter: initial must be a number, got True"),
        (plumbing("listen", object="udpreceive abc @defer 1"), "listen: a port is a number, got 'abc'"),
    ],
)
def test_a_value_that_names_or_counts_nothing_is_refused(break_it: Break, complaint: str) -> None:
    assert complaint in refusal(break_it)


def test_a_description_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "patch.toml"
    broken.write_text("[device\n", encoding="utf-8")

    with pytest.raises(BuildError, match=r"patch\.toml: "):
        load_toml(broken)
    with pytest.raises(BuildError, match="No such file"):
        read_patch(tmp_path / "nothing.toml")
