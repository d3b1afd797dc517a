// What the user has set on the face: prompt, mode, bars, takes, key, tempo, launch; read as Max sends it.

import { MODES, MOST_TAKES } from "./protocol.js";
import { within } from "./values.js";

export const BARS = [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
const LOWEST_BPM = 20;
const HIGHEST_BPM = 999;
const TEMPO_PROBLEM =
  `The tempo must be a number from ${LOWEST_BPM} to ${HIGHEST_BPM}; leave it empty to use the song's.`;

/** Holds the settings; what no control of the patch could send is ignored. */
export function createSettings() {
  const held = { prompt: "", mode: 0, bars: 0, takes: 1, key: "", tempo: "", launch: false };

  const setters = {
    prompt: (words) => textOf(words),
    key: (words) => textOf(words),
    tempo: (words) => textOf(words),
    mode: ([index]) => whole(index, 0, MODES.length - 1),
    bars: ([index]) => whole(index, 0, BARS.length - 1),
    takes: ([number]) => whole(number, 1, MOST_TAKES),
    launch: ([flag]) => (whole(flag, 0, 1) === null ? null : flag === 1),
  };

  return {
    /** Take a control's words; a sentence where what was typed cannot be used, else "". */
    set(name, words) {
      const value = setters[name](words);
      if (value === null) return "";
      held[name] = value;
      return name === "tempo" && bpmOf(value) === null ? TEMPO_PROBLEM : "";
    },

    /**
     * What to ask for (`ask` of composeTrigger, without sampleRate), or `{ problem }`. bpm 0, key "": as the
     * song has it.
     */
    ask() {
      const bpm = bpmOf(held.tempo);
      if (bpm === null) return { problem: TEMPO_PROBLEM };
      const { prompt, takes, key } = held;
      return { prompt, bars: BARS[held.bars], takes, mode: MODES[held.mode], key, bpm };
    },

    prompt() {
      return held.prompt;
    },

    launch() {
      return held.launch;
    },
  };
}

/** The text of a textedit: one word or several; the patch has taken away the `text` that may stand before. */
function textOf(words) {
  return words.join(" ").trim();
}

function whole(value, lowest, highest) {
  return Number.isInteger(value) ? within(value, lowest, highest) : null;
}

/** The tempo that a text names; 0 for an empty one, null where it names none. */
function bpmOf(text) {
  if (text === "") return 0;
  const found = /^(\d+(?:[.,]\d+)?)\s*(?:bpm)?$/i.exec(text);
  return found ? within(Number(found[1].replace(",", ".")), LOWEST_BPM, HIGHEST_BPM) : null;
}
