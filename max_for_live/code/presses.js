// Presses of the buttons that a pedal or automation may press too: which of them somebody meant.

import { isAutomated } from "./live/automation.js";

// By what the patch says, the parameter's name; on one line, for the builder holds the patch against it.
const PRESSED = { "generate": "Generate", "again": "Again", "cancel": "Cancel", "retry": "Retry" };
const BOUNCE_SECONDS = 0.4;
const LOADING_SECONDS = 1;

/** `refuse(sentence)` says why a press does nothing. */
export function createPresses({ now, refuse }) {
  const pressedAt = new Map();
  let loadedAt = null;

  return {
    /**
     * Whether a message of the patch is to be heard. What bounces, and what Live restores while it loads the
     * device, is ignored; a press by automation is refused, for it would cost money at each turn of a loop.
     */
    allow(selector) {
      if (selector === "bang") loadedAt = now();
      const button = PRESSED[selector];
      if (!button || loadedAt === null) return true;
      const before = pressedAt.has(selector) ? pressedAt.get(selector) : -Infinity;
      pressedAt.set(selector, now());
      if (now() - loadedAt < LOADING_SECONDS || now() - before < BOUNCE_SECONDS) return false;
      if (!isAutomated(button)) return true;
      const why = "for it would press the button by itself";
      refuse(`${button} is automated in this Set: delete its automation, ${why}.`);
      return false;
    },
  };
}
