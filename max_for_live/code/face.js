// The face: what the patch shows. Each thing is told only when it has changed.

import { shortened } from "./values.js";

const MOST_SOURCE_CHARACTERS = 30;
const MOST_RESULT_CHARACTERS = 18;
// In a message these end a word or a message, so Max may show them with a backslash before them.
const LOOK_ALIKES = [[/,/g, "\u201a"], [/;/g, " \u2013"]];

/** `out(words)` sends `[name, verb, ...atoms]` to the patch. */
export function createFace(out) {
  const shown = new Map();

  function show(name, verb, ...atoms) {
    const slot = `${name} ${verb}`;
    const now = JSON.stringify(atoms);
    if (shown.get(slot) === now) return false;
    shown.set(slot, now);
    out([name, verb, ...atoms]);
    return true;
  }

  function text(name, sentence) {
    const plain = LOOK_ALIKES.reduce((told, [sign, alike]) => told.replace(sign, alike), sentence);
    show(name, "set", ...plain.split(" ").filter((word) => word !== ""));
  }

  return {
    /** What the patch shows is not known any more: everything is told again. */
    forget() {
      shown.clear();
    },

    /** Let a control say what it holds. */
    ask(name) {
      out([name, "bang"]);
    },

    light(isOn) {
      show("light", "set", isOn ? 1 : 0);
    },

    /** One of the lines of text: header, found, status. */
    text,

    /** The clip that is sent, on the button that takes another. */
    source(label) {
      const fitting = fitted(label, MOST_SOURCE_CHARACTERS);
      show("source", "text", fitting);
      show("source", "texton", fitting);
    },

    /**
     * The tracks that takes can go to, and which of them is chosen; 0 is for the one that the device finds by
     * itself.
     */
    into(names, chosen) {
      // A menu with new items may have forgotten its choice.
      if (show("into", "_parameter_range", "Auto", ...names)) shown.delete("into set");
      show("into", "set", chosen);
    },

    /** Somebody has moved the menu of tracks: so this is what it shows. */
    intoMoved(chosen) {
      shown.set("into set", JSON.stringify([chosen]));
    },

    /** 0 to 1. */
    progress(fraction) {
      show("progress", "set", Math.round(fraction * 100) / 100);
    },

    /** What is written on a result's button; one without a result is empty and cannot be pressed. */
    result(place, label) {
      const fitting = fitted(label, MOST_RESULT_CHARACTERS) || "\u2013";
      show(`result${place}`, "text", fitting);
      show(`result${place}`, "texton", fitting);
      show(`result${place}`, "active", label ? 1 : 0);
    },

    /** Whether a button can be pressed. */
    active(name, isActive) {
      show(name, "active", isActive ? 1 : 0);
    },
  };
}

/** A label that is too long ends in an ellipsis. */
function fitted(label, most) {
  return label.length > most ? `${shortened(label, most - 1).trim()}\u2026` : label;
}
