// A small interpreter of the built device: boxes, wires and the script; what it does not know fails.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { FACE_BOXES } from "./boxes_face.mjs";
import { PLUMBING_BOXES } from "./boxes_plumbing.mjs";
import { fail } from "./max.mjs";

const HEADER_BYTES = 32;
const HIDDEN = 2;
const KINDS = { ...PLUMBING_BOXES, ...FACE_BOXES };

/** The visibility of what Live shows in its automation and its MIDI map. */
export const AUTOMATED = 0;

/** The patcher of an unfrozen device, and the folder in which its script lies. */
export function readDevice(path) {
  const data = readFileSync(path);
  const end = data.indexOf(0, HEADER_BYTES);
  const patcher = JSON.parse(data.toString("utf8", HEADER_BYTES, end < 0 ? data.length : end)).patcher;
  return { patcher, script: (name) => readFileSync(join(dirname(path), name), "utf8") };
}

/**
 * Load a device.
 *
 * source: { patcher, script(name) -> text }
 * world: what max.mjs's `loadScript` needs without `outlet`, and { wire, sampleRate, textForm, announces,
 *   later(work), atHighPriority(work), isHighPriority(), deviceIsReady() }.
 * stored: parameters by long name, as `storedValues()` gave them.
 */
export function loadPatch(source, world, stored = {}) {
  const patch = {
    world,
    boxes: new Map(),
    wires: new Map(),
    sent: [],
    packets: [],
    shownOn: new Map(),
    closing: [],
    script: null,
    live: true,
    send(box, outlet, atoms) {
      if (!patch.live) return;
      const end = patch.wires.get(`${box.id}:${outlet}`);
      if (end) receive(patch, end.to, end.inlet, atoms);
    },
  };
  for (const { box } of source.patcher.boxes) patch.boxes.set(box.id, makeBox(patch, box, source));
  for (const { patchline } of source.patcher.lines) connect(patch, patchline);
  restore(patch, stored);
  return patch;
}

/** Say that the device is in the Set: what `live.thisdevice` does when everything is loaded. */
export function startPatch(patch) {
  for (const box of patch.boxes.values()) if (box.kind === "live.thisdevice") box.load();
}

/** What Live keeps of the device in the Set: parameters by long name, hidden ones left out. */
export function storedValues(patch) {
  const boxes = [...patch.boxes.values()].filter(
    (box) => box.parameter && box.visibility !== HIDDEN && box.value !== null,
  );
  return Object.fromEntries(boxes.map((box) => [box.longName, box.value]));
}

/** The boxes whose parameters can be automated. */
export function automatedBoxes(patch) {
  return [...patch.boxes.values()].filter((box) => box.parameter && box.visibility === AUTOMATED);
}

/** End it: ports closed, tasks cancelled. */
export function endPatch(patch) {
  patch.script?.stop();
  patch.live = false;
  for (const close of patch.closing) close();
}

/** The box with this name: its variable name, its parameter's name, its title, whichever fits first. */
export function boxNamed(patch, name) {
  const wanted = name.toLowerCase();
  for (const key of ["varname", "longName", "shortName", "title"]) {
    for (const box of patch.boxes.values()) {
      if (box[key] && String(box[key]).toLowerCase() === wanted) return box;
    }
  }
  throw new Error(`the device has no box named ${name}`);
}

function makeBox(patch, raw, source) {
  const words = (raw.text ?? "").split(/\s+/);
  const kind = raw.maxclass === "newobj" ? words[0] : raw.maxclass;
  const make = KINDS[kind];
  if (!make) {
    return fail(
      patch.world,
      `the patch has a box [${raw.text ?? raw.maxclass}], which the fake Max does not know`,
    );
  }
  const isParameter = raw.parameter_enable ?? raw.saved_object_attributes?.parameter_enable;
  const parameter = isParameter ? raw.saved_attribute_attributes?.valueof : null;
  const box = {
    id: raw.id,
    kind,
    raw,
    words: words.slice(1).filter(Boolean),
    varname: raw.varname,
    title: raw.annotation_name,
    parameter,
    longName: parameter?.parameter_longname,
    shortName: parameter?.parameter_shortname,
    visibility: parameter?.parameter_invisible ?? 0,
    value: parameter?.parameter_initial_enable ? parameter.parameter_initial[0] : null,
    label: raw.text ?? "",
    pressedLabel: raw.texton ?? raw.text ?? "",
    active: true,
    out: (outlet, ...atoms) => patch.send(box, outlet, atoms),
  };
  Object.assign(box, make(box, patch, source));
  return box;
}

function connect(patch, { source: [from, outlet], destination: [to, inlet] }) {
  const [first, last] = [patch.boxes.get(from), patch.boxes.get(to)];
  if (!first || !last) fail(patch.world, `a wire goes from ${from} to ${to}, and one of them is not there`);
  if (outlet >= first.raw.numoutlets || inlet >= last.raw.numinlets) {
    fail(patch.world, `a wire from ${first.kind}:${outlet} to ${last.kind}:${inlet} has no port to go to`);
  }
  const key = `${from}:${outlet}`;
  // Max would go from right to left, so their order would hang on where boxes lie.
  if (patch.wires.has(key)) fail(patch.world, `${first.kind}:${outlet} has two wires`);
  patch.wires.set(key, { to: last, inlet });
}

/** As Live does while it loads: parameters get their values, and their boxes say them. */
function restore(patch, stored) {
  for (const box of patch.boxes.values()) {
    if (!box.parameter) continue;
    const kept = stored[box.longName];
    if (kept !== undefined && kept !== null && box.visibility !== HIDDEN) box.value = kept;
    if (box.value !== null && box.visibility !== HIDDEN && patch.world.announces !== false) box.announce?.();
  }
}

function receive(patch, box, inlet, atoms) {
  if (!box.receive) {
    fail(patch.world, `${box.kind} "${box.varname ?? box.raw.text}" was sent ${atoms.join(" ")}`);
  }
  box.receive(atoms, inlet);
}
