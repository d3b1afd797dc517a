// The face: what the patch shows. Each thing is told only when it has changed.

import { shortened } from "./values.js";

const MOST_LABEL_CHARACTERS = 28;

/** `out(words)` sends `[name, verb, ...atoms]` to the patch. */
export function createFace(out) {
  const shown = new Map();

  function show(name, verb, ...atoms) {
    const slot = `${name} ${verb}`;
    const now = JSON.stringify(atoms);
    if (shown.get(slot) === now) return;
    shown.set(slot, now);
    out([name, verb, ...atoms]);
  }

  function text(name, sentence) {
    show(name, "set", ...sentence.split(" ").filter((word) => word !== ""));
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
      show("source", "text", label);
    },

    /**
     * The tracks that takes can go to, and which of them is chosen; 0 is for the one that the device finds by
     * itself.
     */
    into(names, chosen) {
      show("into", "_parameter_range", "Auto", ...names);
      show("into", "set", chosen);
    },

    /** 0 to 1. */
    progress(fraction) {
      show("progress", "set", Math.round(fraction * 100) / 100);
    },

    /** What is written on a result's button; one without a result is empty and cannot be pressed. */
    result(place, label) {
      show(`result${place}`, "text", shortened(label, MOST_LABEL_CHARACTERS) || "\u2013");
      show(`result${place}`, "active", label ? 1 : 0);
    },

    /** Whether a button can be pressed. */
    active(name, isActive) {
      show(name, "active", isActive ? 1 : 0);
    },
  };
}
