// What Max calls: messages go to the device, and the device gets Max's outlets, its clock and its globals.

import { createDevice } from "./device.js";
import { leaveLive, releaseLiveObjects } from "./live/api.js";
import { createSteadyClock } from "./steady.js";
import { createRegistry } from "./talk/registry.js";
import { createTurns } from "./turns.js";

const TICK_MILLISECONDS = 100;
const now = createSteadyClock(seconds);
const turns = createTurns({ now, tick: () => device.tick(), ended: releaseLiveObjects });
const clock = new Task(turns.strike);
const device = createDevice({
  outlets: {
    osc: (atoms) => outlet(0, atoms),
    port: (atoms) => outlet(1, atoms),
    face: (atoms) => outlet(2, atoms),
    state: (atoms) => outlet(3, atoms),
  },
  now,
  random: Math.random,
  later: turns.later,
  registry: createRegistry({ held: sharedNumbers(), now: seconds }),
  show: (folder) => messnamed("max", "launchbrowser", folder),
});

/** Live is ready (live.thisdevice). */
export function bang() {
  turns.take(() => device.hear("bang", []));
  if (clock.running) return;
  clock.interval = TICK_MILLISECONDS;
  clock.repeat();
}

/** Every other message. */
export function anything(...words) {
  const selector = messagename;
  turns.take(() => device.hear(selector, words));
}

/** The device was taken out of Live. */
export function notifydeleted() {
  clock.cancel();
  device.stop();
  leaveLive();
}

function seconds() {
  return Date.now() / 1000;
}

/**
 * Numbers by name that all devices of this Live can read and write; this device's own where Max has no
 * Global.
 */
function sharedNumbers() {
  return typeof Global === "function" ? new Global("dawBridge") : {};
}
