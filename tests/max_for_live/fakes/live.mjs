// A Live with its Set and devices, and what a person does in it.

import { createDevice } from "./device.mjs";
import { changed } from "./live_api.mjs";
import { createLiveSet } from "./live_set.mjs";
import { addNode, pathOf, removeNode } from "./nodes.mjs";

/**
 * A Live with its Set, as index.mjs describes it. `source`: the device as built; `wireOf()`: the wire of one
 * device;
 * `failures`: the list into which misuse of Max is written.
 */
export function createLive(t, options, { source, clock, random, disk, wireOf, failures = [] }) {
  const set = createLiveSet(options.set, { clock, disk, quirks: options.quirks, without: options.without });
  const files = { writing: "works" };
  const named = [];
  const devices = [];
  const scene = { set, clock, random, disk, files, named, failures, shared: new Map(), options };

  function addDevice({ track = 0, stored = {}, start = true } = {}) {
    const parent = track === "main" ? set.song.master_track : set.song.tracks[track];
    const facts = { name: "daw-bridge", class_name: "MxDeviceAudioEffect", deviceType: 2, made: false };
    const node = addNode(set, "MaxDevice", parent, { ...facts, parameters: [] });
    parent.devices.push(node);
    const device = createDevice(node, { source, wire: wireOf(), stored, live: scene, leave, addDevice });
    devices.push(device);
    if (start) device.start();
    return device;
  }

  function leave(device) {
    devices.splice(devices.indexOf(device), 1);
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
    get held() {
      return set.held.size;
    },
    select(what) {
      const view = set.song.view;
      const track = what ? set.song.tracks[what.track] : null;
      const slot = track?.clip_slots[what.slot] ?? null;
      const timeline = what?.lane === undefined ? track : track.take_lanes[what.lane];
      if (slot) view.highlighted_clip_slot = slot;
      if (track) view.selected_track = track;
      view.detail_clip = slot?.clip ?? timeline?.arrangement_clips[what.clip] ?? null;
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
      set.held.clear();
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
