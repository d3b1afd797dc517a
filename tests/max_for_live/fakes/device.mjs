// One device on a track, as a person sees it: pressed, typed into, read, copied and taken out again.

import { createLiveApi } from "./live_api.mjs";
import { removeNode } from "./nodes.mjs";
import { boxNamed, endPatch, loadPatch, startPatch, storedValues } from "./patch.mjs";

const DEFER_SECONDS = 0.001;

/**
 * A device on a track. `node` stands for it in the Set, `stored` is what Live kept of it, `live` what it
 * shares with
 * the others, `leave(device)` is told when it is removed.
 */
export function createDevice(node, { source, wire, stored: firstStored, live, leave, addDevice }) {
  let life = null;
  let patch = null;

  function load(stored) {
    life = { ready: false, alive: true };
    patch = loadPatch(source, worldOf(live, node, wire, life), stored);
  }

  function end() {
    endPatch(patch);
    life.alive = false;
  }

  const box = (name) => boxNamed(patch, name);
  const device = {
    node,
    get patch() {
      return patch;
    },
    get port() {
      return [...patch.boxes.values()].find((one) => one.kind === "udpreceive").port;
    },
    get packets() {
      return patch.packets;
    },
    wire,
    start: () => startPatch(patch),
    press: (name) => does(box(name), "press", name)(),
    pedal(name) {
      if (box(name).visibility !== 0) {
        throw new Error(`${name} cannot be mapped: its visibility is ${box(name).visibility}`);
      }
      does(box(name), "press", name)();
    },
    type: (name, text, { returned = true } = {}) => does(box(name), "type", name)(text, returned),
    choose: (name, value) => does(box(name), "choose", name)(value),
    shown: (name) => does(box(name), "shown", name)(),
    isActive: (name) => box(name).active,
    items: (name) => [...box(name).items],
    sent: (address) => patch.sent.filter((atoms) => atoms[0] === address).map((atoms) => atoms.slice(1)),
    get allSent() {
      return patch.sent;
    },
    said: (name) => patch.shownOn.get(name) ?? [],
    receive: (...atoms) => patch.script.receive(atoms),
    stored: () => JSON.parse(JSON.stringify(storedValues(patch))),
    reload({ start = true } = {}) {
      const stored = device.stored();
      end();
      load(stored);
      if (start) device.start();
    },
    duplicate() {
      return addDevice({ track: live.set.song.tracks.indexOf(node.parent), stored: device.stored() });
    },
    remove() {
      end();
      node.parent.devices.splice(node.parent.devices.indexOf(node), 1);
      removeNode(live.set, node);
      leave(device);
    },
    end,
    load,
  };
  load(firstStored);
  return device;
}

/**
 * What the device's patch and script find around them; `life` says whether Live has said that it is there.
 */
function worldOf({ set, clock, random, disk, files, named, failures, shared, options }, node, wire, life) {
  return {
    clock,
    random,
    disk,
    files,
    shared,
    failures,
    wire,
    LiveAPI: createLiveApi(set, node, life),
    sampleRate: options.sampleRate ?? 48_000,
    textForm: options.textForm,
    announces: options.announces,
    messnamed: (name, words) => void named.push([name, ...words]),
    later: (work) => clock.later(DEFER_SECONDS, work),
    isHighPriority: () => set.highPriority,
    deviceIsReady: () => void (life.ready = true),
    atHighPriority: (work) => {
      set.highPriority = true;
      try {
        work();
      } finally {
        set.highPriority = false;
      }
    },
  };
}

function does(box, verb, name) {
  if (!box[verb]) throw new Error(`${box.kind} ${name} cannot ${verb}`);
  return box[verb];
}
