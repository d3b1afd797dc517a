// A small interpreter of the built device: boxes, wires, and the script in its [v8]; what it does not know fails.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { encode } from "./osc.mjs";
import { fail, loadScript } from "./max.mjs";

const HEADER_BYTES = 32;
const MOST_BYTES_A_PACKET = 4000;
const STORED_ONLY = 1;
const HIDDEN = 2;

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
 * world: what max.mjs's `loadScript` needs, without `outlet`, and { wire: { open(host port's listener), send }, sampleRate,
 *   textForm: "symbol"|"atoms"|"text symbol"|"text atoms", announces: whether stored values are told while loading }
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
    scriptName: "",
    script: null,
    live: true,
    send(box, outlet, atoms) {
      if (!patch.live) return;
      for (const { to, inlet } of patch.wires.get(`${box.id}:${outlet}`) ?? []) receive(patch, to, inlet, atoms);
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
    for (const box of patch.boxes.values()) if (box[key] && String(box[key]).toLowerCase() === wanted) return box;
  }
  throw new Error(`the device has no box named ${name}`);
}

function makeBox(patch, raw, source) {
  const words = (raw.text ?? "").split(/\s+/);
  const kind = raw.maxclass === "newobj" ? words[0] : raw.maxclass;
  const make = KINDS[kind];
  if (!make) return fail(patch.world, `the patch has a box [${raw.text ?? raw.maxclass}], which the fake Max does not know`);
  const isParameter = raw.parameter_enable ?? raw.saved_object_attributes?.parameter_enable;
  const parameter = isParameter ? raw.saved_attribute_attributes?.valueof : null;
  const box = {
    id: raw.id,
    kind,
    raw,
    words: words.slice(1).filter(Boolean),
    x: raw.patching_rect[0],
    y: raw.patching_rect[1],
    varname: raw.varname,
    title: raw.annotation_name,
    parameter,
    longName: parameter?.parameter_longname,
    shortName: parameter?.parameter_shortname,
    visibility: parameter?.parameter_invisible ?? 0,
    value: parameter?.parameter_initial_enable ? parameter.parameter_initial[0] : null,
    label: raw.text ?? "",
    active: true,
    onFace: raw.presentation === 1,
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
  const wires = [...(patch.wires.get(key) ?? []), { to: last, inlet }];
  wires.sort((one, other) => other.to.x - one.to.x || other.to.y - one.to.y);
  patch.wires.set(key, wires);
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
  if (!box.receive) fail(patch.world, `${box.kind} "${box.varname ?? box.raw.text}" was sent ${atoms.join(" ")}`);
  box.receive(atoms, inlet);
}

function misunderstood(patch, box, atoms) {
  fail(patch.world, `${box.kind} "${box.varname ?? box.raw.text ?? ""}" does not understand "${atoms.join(" ")}"`);
}

const DECORATION = () => ({});

const KINDS = {
  "plugin~": DECORATION,
  "plugout~": DECORATION,
  panel: DECORATION,
  comment: DECORATION,
  "live.line": DECORATION,

  "live.thisdevice": (box) => ({
    load() {
      box.out(1, 1);
      box.out(0, "bang");
    },
    receive: () => undefined,
  }),

  deferlow: deferring,
  defer: deferring,

  trigger: triggering,
  t: triggering,

  prepend: (box) => ({ receive: (atoms) => box.out(0, ...box.words.map(atomOf), ...atoms) }),

  route: (box) => ({
    receive(atoms) {
      const place = box.words.map(atomOf).indexOf(atoms[0]);
      if (place < 0) box.out(box.words.length, ...atoms);
      else box.out(place, ...(atoms.length > 1 ? atoms.slice(1) : ["bang"]));
    },
  }),

  message: (box, patch) => ({
    receive(atoms, inlet) {
      if (atoms[0] === "set" || inlet === 1) {
        box.raw = { ...box.raw, text: atoms.slice(inlet === 1 ? 0 : 1).join(" ") };
        return;
      }
      const text = box.raw.text ?? "";
      if (text.includes(";")) fail(patch.world, `the message "${text}" goes round the wires, which the fake does not model`);
      for (const part of text.split(",")) {
        const words = part.trim().split(/\s+/).filter(Boolean);
        box.out(0, ...words.map((word) => (/^\$\d$/.test(word) ? (atoms[Number(word[1]) - 1] ?? 0) : atomOf(word))));
      }
    },
  }),

  v8: (box, patch, source) => {
    const name = box.words[0];
    patch.scriptName = name;
    const script = loadScript(source.script(name), name, {
      ...patch.world,
      outlet: (index, atoms) => {
        if (index === 2) patch.shownOn.set(atoms[0], [...(patch.shownOn.get(atoms[0]) ?? []), atoms.slice(1)]);
        box.out(index, ...atoms);
      },
    });
    if (script.outlets !== box.raw.numoutlets) {
      fail(patch.world, `the script has ${script.outlets} outlets, and its box ${box.raw.numoutlets}`);
    }
    patch.script = script;
    return {
      receive(atoms) {
        if (atoms[0] === "bang" && !patch.world.isHighPriority()) patch.world.deviceIsReady();
        script.receive(atoms);
      },
    };
  },

  udpsend: (box, patch) => ({
    receive(atoms) {
      const [host, port] = [box.words[0], Number(box.words[1])];
      if (!String(atoms[0]).startsWith("/")) misunderstood(patch, box, atoms);
      const data = encode(atoms);
      if (data.length > MOST_BYTES_A_PACKET) fail(patch.world, `${atoms[0]} made a packet of ${data.length} bytes`);
      patch.sent.push(atoms);
      patch.packets.push({ address: atoms[0], bytes: data.length });
      patch.world.wire.send(host, port, data);
    },
  }),

  udpreceive: (box, patch) => {
    const deferred = attribute(box.words, "defer") === "1";
    let close = () => undefined;
    const listen = (port) => {
      close();
      box.port = port;
      close = patch.world.wire.listen(port, (atoms) => {
        if (!patch.live) return;
        if (deferred) patch.world.later(() => box.out(0, ...atoms));
        else patch.world.atHighPriority(() => box.out(0, ...atoms));
      });
    };
    patch.closing.push(() => close());
    listen(Number(box.words[0]));
    return {
      receive(atoms) {
        if (atoms[0] !== "port" || !Number.isInteger(atoms[1])) misunderstood(patch, box, atoms);
        listen(atoms[1]);
      },
    };
  },

  pattr: (box) => {
    const through = attribute(box.words, "thru") !== "0";
    const say = () => {
      if (box.value !== null) box.out(0, ...box.value);
    };
    return {
      announce: say,
      receive(atoms) {
        if (atoms[0] === "bang" && atoms.length === 1) say();
        else {
          box.value = [...atoms];
          if (through) say();
        }
      },
    };
  },

  "dspstate~": (box, patch) => ({
    receive(atoms) {
      if (atoms[0] !== "bang") misunderstood(patch, box, atoms);
      const rate = patch.world.sampleRate;
      box.out(3, 512);
      box.out(2, 64);
      box.out(1, rate);
      box.out(0, rate > 0 ? 1 : 0);
    },
  }),

  "live.comment": (box, patch) => ({
    shown: () => box.label,
    receive(atoms) {
      if (atoms[0] !== "set") misunderstood(patch, box, atoms);
      box.label = atoms.slice(1).join(" ");
    },
  }),

  "live.text": (box, patch) => {
    const toggle = box.raw.mode === 1;
    const say = () => box.out(0, box.value ?? 0);
    return {
      announce: toggle ? say : undefined,
      shown: () => (toggle ? (box.value ?? 0) : box.label),
      press() {
        if (!box.active) return;
        if (toggle) box.value = box.value ? 0 : 1;
        if (toggle) say();
        else box.out(0, "bang");
      },
      receive(atoms) {
        const [word, ...rest] = atoms;
        if (word === "text" || word === "texton") box.label = oneSymbol(patch, box, rest);
        else if (word === "active") box.active = flag(patch, box, rest) === 1;
        else if (word === "set" && toggle) box.value = flag(patch, box, rest);
        else if (word === "outputvalue" && toggle) say();
        else misunderstood(patch, box, atoms);
      },
    };
  },

  "live.menu": (box, patch) => {
    box.items = [...(box.parameter?.parameter_enum ?? [])];
    const say = () => {
      box.out(2, box.items.length > 1 ? box.value / (box.items.length - 1) : 0);
      box.out(1, box.items[box.value] ?? "");
      box.out(0, box.value ?? 0);
    };
    const put = (atoms) => {
      const index = Number(atoms[0]);
      if (atoms.length !== 1 || !box.items[index]) misunderstood(patch, box, ["set", ...atoms]);
      box.value = index;
    };
    return {
      announce: say,
      shown: () => box.items[box.value] ?? "",
      choose(index) {
        put([index]);
        say();
      },
      receive(atoms) {
        const [word, ...rest] = atoms;
        if (word === "bang") say();
        else if (word === "set") put(rest);
        else if (word === "_parameter_range") {
          if (rest.length === 0 || rest.some((item) => typeof item !== "string")) misunderstood(patch, box, atoms);
          box.items = rest;
          if ((box.value ?? 0) >= rest.length) box.value = 0;
        } else if (word === "active") box.active = flag(patch, box, rest) === 1;
        else if (typeof word === "number") {
          put(atoms);
          say();
        } else misunderstood(patch, box, atoms);
      },
    };
  },

  "live.numbox": numberBox,
  "live.slider": numberBox,
  "live.dial": numberBox,

  "live.toggle": (box, patch) => {
    const say = () => box.out(0, box.value ?? 0);
    return {
      announce: say,
      shown: () => box.value ?? 0,
      press() {
        box.value = box.value ? 0 : 1;
        say();
      },
      receive(atoms) {
        if (atoms[0] === "set") box.value = flag(patch, box, atoms.slice(1));
        else if (atoms[0] === "bang") say();
        else if (typeof atoms[0] === "number") {
          box.value = flag(patch, box, atoms);
          say();
        } else misunderstood(patch, box, atoms);
      },
    };
  },

  "live.button": (box) => ({
    shown: () => 0,
    press: () => box.out(0, "bang"),
    receive: () => box.out(0, "bang"),
  }),

  textedit: (box, patch) => {
    const oneWord = box.raw.outputmode === 1;
    const text = () => box.value ?? "";
    const say = () => box.out(0, ...spoken(text(), patch.world.textForm ?? (oneWord ? "symbol" : "atoms")));
    return {
      announce: say,
      shown: text,
      type(words, returned = true) {
        box.value = words;
        if (returned) say();
      },
      receive(atoms) {
        const [word, ...rest] = atoms;
        if (word === "bang" && rest.length === 0) say();
        else if (word === "set") box.value = rest.join(" ");
        else if (word === "clear") box.value = "";
        else misunderstood(patch, box, atoms);
      },
    };
  },
};

function deferring(box, patch) {
  return { receive: (atoms) => patch.world.later(() => box.out(0, ...atoms)) };
}

function triggering(box) {
  return {
    receive(atoms) {
      for (let place = box.words.length - 1; place >= 0; place -= 1) box.out(place, ...converted(box.words[place], atoms));
    },
  };
}

function converted(word, atoms) {
  const first = atoms[0];
  if (word === "b" || word === "bang") return ["bang"];
  if (word === "i" || word === "int") return [typeof first === "number" ? Math.trunc(first) : 0];
  if (word === "f" || word === "float") return [typeof first === "number" ? first : 0];
  if (word === "s" || word === "symbol") return [String(first)];
  if (word === "l" || word === "list" || word === "a" || word === "anything") return atoms;
  return [atomOf(word)];
}

function numberBox(box, patch) {
  const whole = box.parameter?.parameter_type === STORED_ONLY;
  const [low, high] = [box.parameter?.parameter_mmin ?? 0, box.parameter?.parameter_mmax ?? 127];
  const put = (value) => {
    if (typeof value !== "number") misunderstood(patch, box, [value]);
    box.value = Math.min(high, Math.max(low, whole ? Math.round(value) : value));
  };
  const say = () => {
    box.out(1, high > low ? ((box.value ?? low) - low) / (high - low) : 0);
    box.out(0, box.value ?? low);
  };
  return {
    announce: say,
    shown: () => box.value ?? low,
    choose(value) {
      put(value);
      say();
    },
    receive(atoms) {
      const [word, ...rest] = atoms;
      if (word === "bang") say();
      else if (word === "set") put(rest[0]);
      else if (word === "active") box.active = flag(patch, box, rest) === 1;
      else if (typeof word === "number") {
        put(word);
        say();
      } else misunderstood(patch, box, atoms);
    },
  };
}

function spoken(text, form) {
  const words = text.split(/\s+/).filter(Boolean);
  if (words.length === 0) return ["bang"];
  if (form === "symbol") return [text];
  if (form === "text symbol") return ["text", text];
  const atoms = words.map(atomOf);
  return form === "text atoms" && atoms.length > 1 ? ["text", ...atoms] : atoms;
}

function atomOf(word) {
  return /^-?\d+(\.\d*)?$/.test(word) ? Number(word) : word;
}

function attribute(words, name) {
  const place = words.indexOf(`@${name}`);
  return place < 0 ? undefined : words[place + 1];
}

function flag(patch, box, atoms) {
  if (atoms.length !== 1 || (atoms[0] !== 0 && atoms[0] !== 1)) misunderstood(patch, box, atoms);
  return atoms[0];
}

function oneSymbol(patch, box, atoms) {
  if (atoms.length !== 1) fail(patch.world, `the text of "${box.varname}" must be one symbol, got ${atoms.join(" | ")}`);
  return String(atoms[0]);
}
