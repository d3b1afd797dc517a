// What Max calls: messages go to the device, and the device gets Max's outlets, tasks and globals.

import { createDevice } from "./device.js";
import { createRegistry } from "./talk/registry.js";

const TICK_MILLISECONDS = 250;
const tasks = new Set();
const shared = sharedText();
const device = createDevice({
  outlets: {
    osc: (atoms) => outlet(0, atoms),
    port: (atoms) => outlet(1, atoms),
    face: (atoms) => outlet(2, atoms),
    state: (atoms) => outlet(3, atoms),
  },
  now: seconds,
  random: Math.random,
  later,
  registry: createRegistry({ ...shared, now: seconds }),
  show: (url) => messnamed("max", "launchbrowser", url),
});

/** Live is ready (live.thisdevice). */
export function bang() {
  device.hear("bang", []);
  if (tasks.size === 0) keepTicking();
}

/** Every other message. */
export function anything(...words) {
  device.hear(messagename, words);
}

/** The device was taken out of Live. */
export function notifydeleted() {
  device.stop();
  for (const task of tasks) drop(task);
}

function keepTicking() {
  const task = new Task(() => device.tick());
  tasks.add(task);
  task.interval = TICK_MILLISECONDS;
  task.repeat();
}

/** Run work after some seconds; the task is kept until then, for Max would collect it. */
function later(wait, work) {
  const task = new Task(() => {
    drop(task);
    work();
  });
  tasks.add(task);
  task.schedule(wait * 1000);
}

function drop(task) {
  tasks.delete(task);
  task.cancel();
}

function seconds() {
  return Date.now() / 1000;
}

/**
 * One text that all devices of this Live can read and write; one of this device's own where Max has no
 * Global.
 */
function sharedText() {
  const held = typeof Global === "function" ? new Global("dawBridge") : {};
  return {
    read: () => String(held.held || ""),
    write: (text) => {
      held.held = text;
    },
  };
}
