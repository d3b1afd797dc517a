// One device on a track, as a person sees it: pressed, typed into, read, copied and taken out again.

import { createLiveApi } from "./live_api.mjs";
import { addNode, removeNode } from "./nodes.mjs";
import { AUTOMATED, automatedBoxes, boxNamed, endPatch, loadPatch, startPatch, storedValues } from "./patch.mjs";

const DEFER_SECONDS = 0.001;
// A person is not faster than this with a device that has just been loaded, and at one button.
const FIRST_PRESS_SECONDS = 1.1;
const NEXT_PRESS_SECONDS = 0.5;

/**
 * A device on a track. `node` stands for it in the Set, `stored` is what Live kept of it, `live` what it
 * shares with
 * the others, `leave(device)` is told when it is removed.
 */
export function createDevice(node, { source, wire, stored: firstStored, live, leave, addDevice }) {
  let life = null;
  let startedAt = null;
  let patch = null;

  function load(stored) {
    life = { ready: false, alive: true };
    startedAt = null;
    patch = loadPatch(source, worldOf(live, node, wire, life), stored);
    const names = ["Device On", ...automatedBoxes(patch).map((one) => one.longName)];
    for (const name of names.filter((one) => !node.parameters.some((parameter) => parameter.name === one))) {
      const facts = { name, automation_state: 0, value: 0, made: false };
      node.parameters.push(addNode(live.set, "DeviceParameter", node, facts));
    }
  }

  function end() {
    endPatch(patch);
    life.alive = false;
  }

  const box = (name) => boxNamed(patch, name);
  const passAMoment = () => live.clock.advance?.(DEFER_SECONDS);
  const pressedAt = new Map();
  const waitAsAPerson = (one) => {
    if (one.visibility !== AUTOMATED || startedAt === null) return;
    const next = Math.max(startedAt + FIRST_PRESS_SECONDS, (pressedAt.get(one.varname) ?? 0) + NEXT_PRESS_SECONDS);
    live.clock.advance?.(Math.max(0, next - live.clock.seconds()));
    pressedAt.set(one.varname, live.clock.seconds());
  };
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
    start() {
      startedAt = live.clock.seconds();
      startPatch(patch);
    },
    press(name) {
      waitAsAPerson(box(name));
      does(box(name), "press", name)();
      passAMoment();
    },
    pedal(name) {
      if (box(name).visibility !== 0) {
        throw new Error(`${name} cannot be mapped: its visibility is ${box(name).visibility}`);
      }
      patch.world.atHighPriority(() => does(box(name), "press", name)(false));
      passAMoment();
    },
    automate(name, state = 1) {
      const { longName } = box(name);
      node.parameters.find((parameter) => parameter.name === longName).automation_state = state;
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
    menuSpeaks: options.menuSpeaks,
    schedulerStands: options.schedulerStands,
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
