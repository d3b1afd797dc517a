"""A script that holds just what the build reads of one: the lists and numbers that it shares with the patch."""

from __future__ import annotations

from max_for_live.builder.bundle import Script

CONSTANTS = """\
const HEARD = ["bang", "samplerate", "state", "prompt", "mode", "bars", "takes", "into", "launch", "key", "tempo", \
"source", "generate", "again", "cancel", "retry", "result"];
const PRESSED = { "generate": "Generate", "again": "Again", "cancel": "Cancel", "retry": "Retry" };
const MODES = ["variation", "accompany", "continue"];
const BARS = [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
const MOST_TAKES = 10;
const DAEMON_PORT = 9130;
const FIRST_REPLY_PORT = 9132;
const REPLY_PORTS = 64;
show("light", "set", 1);
show(`result${place}`, "text", label);
"""
SCRIPT = Script("daw-bridge-0123456789ab.js", CONSTANTS, inlets=1, outlets=4)
