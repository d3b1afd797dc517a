// Live, Max and a daemon in memory, around the device as it is built: what the device's tests import.
//
// All of this works: the Set and LiveAPI, Max's globals, the built patch with its face, the daemon on a wire in memory,
// and the same on real time and UDP (`openUdpLive`).
//
//   import { openLive } from "./fakes/index.mjs";
//
//   test("a clip becomes a clip", (t) => {
//     const live = openLive(t, { set: { tempo: 96, tracks: [{ name: "Marimba", kind: "midi",
//       slots: [{ name: "Riff", length: 16, notes: [{ pitch: 60, start: 0, duration: 1 }] }] }] } });
//     const device = live.addDevice({ track: 0 });
//     live.select({ track: 0, slot: 0 });        // a person clicks a clip: detail clip and highlighted slot
//     device.type("Prompt", "tropical house");   // types and presses Return ({ returned: false }: does not)
//     device.choose("Mode", 1);                  // menus by index, number boxes by value
//     device.press("Generate");                  // buttons and toggles; a pedal: device.pedal("Generate")
//     live.run(3);                               // seconds pass
//     assert.equal(live.slot(1, 0).clip.name, "…");
//     device.shown("status");                    // text of comments, buttons, menus, boxes; number of numboxes, toggles
//   });
//
// openLive(t, options): when the test ends it fails by itself if the script misused Max, printed anything, or harmed the
// Set (see `violations`). `{ expects: [/regexp/…] }` names violations that a test makes on purpose. Options:
//   set      the description of live_set.mjs        quirks   how this Live behaves (QUIRKS in live_set.mjs)
//   without  functions this Live has not            seed     of all chance (default 1)
//   weather  { toDaemon: { lost, doubled, swapped }, fromDaemon: {…} }, shares from 0 to 1
//   daemon   false: none is running at first        sampleRate (default 48000; 0: audio is off)
//   textForm how textedit speaks: "symbol" (default) | "text symbol" | "atoms" | "text atoms"
//   announces false: stored values are not told while the device loads
//   device   { patcher, script(name) } instead of the built one (DAW_BRIDGE_DEVICE, else max_for_live/dist/unfrozen)
// live:
//   addDevice({ track, stored, start }) -> device   (track: index; start false: loaded, but live.thisdevice waits)
//   run(seconds)   runUntil(condition, mostSeconds) -> seconds it took; fails where it never holds
//   select({ track, slot } | { track, clip } | { lane…, clip } | null)   track(n)   slot(track, row)   scene(n)
//   arrangement(track) -> clips   lanes(track) -> take lanes   trackNamed(name)   fired -> nodes launched
//   change(work)   a person changes the Set: change((song) => { song.tempo = 90; }), observers hear of it
//   deleteClip(slotOrClip)   reopen(): the Set is closed and opened again: new ids, every device loaded anew
//   set (nodes: .song, .violations, .refusals what Live refused, .changes what was done to the Set), clock, disk, wire
//   daemon   see daemon.mjs: manual, deliver, progress, fail, end, reject, kill, start, heard, jobs…
//   files.writing = "works" | "refused" | "silent" | "truncated"       named: what messnamed was told
//   violations()  all complaints so far
// device:
//   press, pedal, type, choose, shown, isActive, items(menu), sent(address) -> [[…arguments]…], packets (bytes),
//   said(face) -> what the script told one name of the face, port (where it listens), receive(…atoms) straight to the
//   script, reload(), duplicate(), remove(), start(), stored()
// A clip node: name, color, made (by the device), midi, at, until, looping, loopStart, loopEnd, startMarker, endMarker,
//   warping, warp_mode, markers [{ beat, seconds }] (without the hidden last one), file, muted.
//
// `openUdpLive` in journey tests is the same on real time, real files and real UDP: see its own comment.

import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { createFakeClock, createRandom, createRealClock } from "./clock.mjs";
import { createFakeDaemon } from "./daemon.mjs";
import { createMemoryDisk, createRealDisk } from "./disk.mjs";
import { changed, createLiveApi } from "./live_api.mjs";
import { addNode, createLiveSet, pathOf, removeNode } from "./live_set.mjs";
import { boxNamed, endPatch, loadPatch, readDevice, startPatch, storedValues } from "./patch.mjs";
import { createMemoryWire, createUdpWire } from "./wire.mjs";

const DEFER_SECONDS = 0.001;

/** Live in memory on a clock of the test's own. */
export function openLive(t, options = {}) {
  const clock = createFakeClock();
  const random = createRandom(options.seed ?? 1);
  const disk = createMemoryDisk();
  for (const [path, facts] of Object.entries(options.sounds ?? {})) disk.addSound(path, facts);
  const wire = createMemoryWire({ clock, random });
  Object.assign(wire.weather, options.weather);
  const daemon = createFakeDaemon({ clock, wire, disk });
  if (options.daemon === false) daemon.kill();
  const live = createLive(t, options, { clock, random, disk, wireOf: () => wire });
  return Object.assign(live, {
    wire,
    daemon,
    run: clock.advance,
    runUntil(condition, mostSeconds = 60) {
      const from = clock.seconds();
      while (!condition()) {
        if (clock.seconds() - from > mostSeconds) throw new Error(`${condition} did not come true in ${mostSeconds} s`);
        clock.advance(0.01);
      }
      return clock.seconds() - from;
    },
  });
}

/**
 * Live on real time, real files and real UDP: what goes to the daemon's port in the patch goes to `options.port`.
 * `await live.until(condition, mostSeconds)` waits; everything else is as above, without `run` and `daemon`.
 */
export function openUdpLive(t, options) {
  const failures = [];
  const clock = createRealClock((error) => failures.push(error.message));
  const wires = [];
  const wireOf = () => {
    const wire = createUdpWire({ port: options.port, clock });
    wires.push(wire);
    return wire;
  };
  const disk = createRealDisk();
  const live = createLive(t, options, { clock, random: createRandom(options.seed ?? 1), disk, wireOf, failures });
  t.after(() => {
    clock.stop();
    for (const wire of wires) wire.stop();
  });
  return Object.assign(live, {
    async until(condition, mostSeconds = 40) {
      const end = Date.now() + mostSeconds * 1000;
      while (!condition()) {
        if (failures.length > 0) throw new Error(failures.join("\n"));
        if (Date.now() > end) throw new Error(`${condition} did not come true in ${mostSeconds} s`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  });
}

/** The built device: from the environment, else where `make device` puts it. */
export function builtDevice() {
  const here = dirname(fileURLToPath(import.meta.url));
  const folder = join(here, "../../../max_for_live/dist/unfrozen");
  const made = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".amxd")) : [];
  const path = process.env.DAW_BRIDGE_DEVICE ?? (made[0] && join(folder, made[0]));
  if (!path) throw new Error("there is no built device; run `python -m max_for_live.builder`");
  return readDevice(path);
}

function createLive(t, options, { clock, random, disk, wireOf, failures = [] }) {
  const set = createLiveSet(options.set, { clock, disk, quirks: options.quirks, without: options.without });
  const source = options.device ?? builtDevice();
  const files = { writing: "works" };
  const named = [];
  const devices = [];
  const shared = new Map();

  function worldOf(node, wire, life) {
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

  function addDevice({ track = 0, stored = {}, start = true } = {}) {
    const parent = track === "main" ? set.song.master_track : set.song.tracks[track];
    const facts = { name: "daw-bridge", class_name: "MxDeviceAudioEffect", deviceType: 2, made: false };
    const node = addNode(set, "MaxDevice", parent, facts);
    parent.devices.push(node);
    const device = createDevice(node, stored);
    devices.push(device);
    if (start) device.start();
    return device;
  }

  function createDevice(node, firstStored) {
    const wire = wireOf();
    let life = null;
    let patch = null;

    function load(stored) {
      life = { ready: false, alive: true };
      patch = loadPatch(source, worldOf(node, wire, life), stored);
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
        if (box(name).visibility !== 0) throw new Error(`${name} cannot be mapped: its visibility is ${box(name).visibility}`);
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
        return addDevice({ track: set.song.tracks.indexOf(node.parent), stored: device.stored() });
      },
      remove() {
        end();
        node.parent.devices.splice(node.parent.devices.indexOf(node), 1);
        removeNode(set, node);
        devices.splice(devices.indexOf(device), 1);
      },
      end,
      load,
    };
    load(firstStored);
    return device;
  }

  const violations = () => [...failures, ...set.violations];
  t.after(() => {
    for (const device of devices) device.end();
    const expected = options.expects ?? [];
    const left = violations().filter((one) => !expected.some((pattern) => pattern.test(one)));
    if (left.length > 0) throw new Error(`Live or Max complains:\n  ${left.join("\n  ")}`);
  });

  return {
    set,
    clock,
    disk,
    files,
    named,
    devices,
    addDevice,
    violations,
    fired: set.fired,
    track: (index) => set.song.tracks[index],
    trackNamed: (name) => set.song.tracks.find((track) => track.name === name) ?? null,
    slot: (track, row) => set.song.tracks[track].clip_slots[row],
    scene: (index) => set.song.scenes[index],
    arrangement: (track) => set.song.tracks[track].arrangement_clips,
    lanes: (track) => set.song.tracks[track].take_lanes,
    pathOf: (node) => pathOf(set, node),
    select(what) {
      const view = set.song.view;
      const track = what ? set.song.tracks[what.track] : null;
      const slot = what?.slot === undefined ? null : track.clip_slots[what.slot];
      if (slot) view.highlighted_clip_slot = slot;
      if (track) view.selected_track = track;
      view.detail_clip = slot ? slot.clip : what?.clip === undefined ? null : track.arrangement_clips[what.clip];
      changed(set, "");
    },
    change(work) {
      work(set.song, set);
      changed(set, "");
    },
    deleteClip(clip) {
      if (clip.parent.type === "ClipSlot") clip.parent.clip = null;
      else clip.parent.arrangement_clips.splice(clip.parent.arrangement_clips.indexOf(clip), 1);
      removeNode(set, clip);
      changed(set, "");
    },
    reopen() {
      const stored = devices.map((device) => device.stored());
      for (const device of devices) device.end();
      set.observers.clear();
      renumber(set);
      devices.forEach((device, place) => device.load(stored[place]));
      for (const device of devices) device.start();
    },
  };
}

/** Ids of an opened Set have nothing to do with those of last time. */
function renumber(set) {
  const nodes = [...set.nodes.values()];
  set.nodes.clear();
  set.lastId += 1000;
  for (const node of nodes.reverse()) {
    set.lastId += 1;
    node.id = set.lastId;
    set.nodes.set(node.id, node);
  }
}

function does(box, verb, name) {
  if (!box[verb]) throw new Error(`${box.kind} ${name} cannot ${verb}`);
  return box[verb];
}
