// Max's LiveAPI on the Set in memory: silent where Live is silent, and all misuse is written down.

import { pathOf } from "./nodes.mjs";
import { LOM } from "./lom.mjs";
import { Refusal } from "./lom_rules.mjs";

/**
 * The LiveAPI class of one device of the Set: `device` is its node, which `this_device` means; `life` is
 * { ready: whether live.thisdevice has spoken, alive: whether the device is still loaded }.
 */
export function createLiveApi(set, device, life) {
  const guard = (what) => check(set, life, what);
  return class LiveAPI {
    #node = null;
    #callback = null;
    #property = "";
    #isGivenBack = false;

    constructor(...words) {
      guard("a LiveAPI was made");
      const callback = typeof words[0] === "function" ? words.shift() : null;
      if (words[0] === null || words[0] === undefined) words.shift();
      this.#callback = callback;
      if (words[0] !== undefined) this.goto(words[0]);
      if (callback) {
        set.observers.add(this);
        notify(set, () => callback.call(this, ["id", this.#number()]));
      }
    }

    goto(word) {
      this.#node = resolve(set, device, word);
      this.#isGivenBack = false;
      set.held.add(this);
    }

    get id() {
      return numbered(set, this.#number());
    }

    get path() {
      return `"${pathOf(set, this.#node)}"`;
    }

    /** An empty path gives the object back to Live, and with it what it watches. */
    set path(word) {
      if (word !== "") {
        this.goto(word);
        return;
      }
      if (this.#property !== "") set.violations.push(`${this.#property} is still watched by what was given back`);
      this.#node = null;
      this.#isGivenBack = true;
      set.held.delete(this);
      set.observers.delete(this);
    }

    get unquotedpath() {
      return pathOf(set, this.#node);
    }

    get type() {
      return this.#here()?.type ?? "None";
    }

    get info() {
      const node = this.#here();
      return node ? describe(set, node) : "No object";
    }

    get children() {
      const kind = LOM[this.#here()?.type];
      return kind ? [...Object.keys(kind.one), ...Object.keys(kind.many), "canonical_parent"] : [];
    }

    get property() {
      return this.#property;
    }

    /** Setting this observes: called back at once, and whenever the value has changed. */
    set property(name) {
      guard("a property was watched");
      this.#property = name;
      if (name === "" || !this.#callback || !this.#here()) return;
      if (UNOBSERVABLE.has(name)) {
        set.violations.push(`${name} was watched, which Live does not let anyone`);
        return;
      }
      this.seen = JSON.stringify(this.get(name));
      notify(set, () => this.#callback.call(this, [name, ...this.get(name)]));
    }

    /** Called by the Set after a change. */
    look() {
      if (!life.alive || !this.#callback || !this.#property || !this.#here()) return;
      const now = JSON.stringify(this.get(this.#property));
      if (now === this.seen) return;
      this.seen = now;
      notify(set, () => this.#callback.call(this, [this.#property, ...this.get(this.#property)]));
    }

    get(name) {
      guard(`${name} was read`);
      const node = this.#here();
      if (!node) return [];
      const kind = LOM[node.type];
      if (name === "canonical_parent") return idWords(set, node.parent);
      if (name in kind.one) return idWords(set, kind.one[name](node));
      if (name in kind.many && !set.without.has(`${node.type}.${name}`)) {
        return kind.many[name](node).flatMap((child) => idWords(set, child));
      }
      if (name in kind.read && !set.without.has(`${node.type}.${name}`)) {
        try {
          const value = kind.read[name](node, set);
          return Array.isArray(value) ? [...value] : [value];
        } catch (problem) {
          return refuse(set, problem, `get ${node.type}.${name}`) ?? [];
        }
      }
      if (!isKnownWord(name)) set.violations.push(`${node.type}.${name} was read, which Live does not know`);
      set.refusals.push(`get ${node.type}.${name}: no such property`);
      return [];
    }

    getstring(name) {
      return this.get(name).join(" ");
    }

    getcount(name) {
      const kind = LOM[this.#here()?.type];
      return kind?.many[name]?.(this.#node).length ?? 0;
    }

    set(name, ...words) {
      guard(`${name} was set`);
      const node = this.#here();
      if (!node) return;
      const values = Array.isArray(words[0]) ? [...words[0]] : words;
      const writer = LOM[node.type].write[name];
      if (!writer) {
        set.refusals.push(`set ${node.type}.${name}: no such property, or read-only`);
        if (!isKnownWord(name)) set.violations.push(`${node.type}.${name} was set, which Live does not know`);
        return;
      }
      if (set.notifying > 0) {
        set.violations.push(`${node.type}.${name} was set within a notification, which Live refuses`);
        return;
      }
      const ours = node.made || VIEWS.has(node.type);
      if (!ours) {
        set.violations.push(
          `${name} of the ${node.type} "${node.name ?? ""}", which was there before, was set`,
        );
      }
      if (
        values.length === 0 ||
        values.some((value) => value === undefined || value === null || Number.isNaN(value))
      ) {
        set.violations.push(`${node.type}.${name} was set to ${String(values)}`);
        return;
      }
      const problem = writer(set, node, values[0], values.slice(1));
      if (problem) set.refusals.push(`set ${node.type}.${name} ${values.join(" ")}: ${problem}`);
      else changed(set, `set ${pathOf(set, node)} ${name} ${values.join(" ")}`);
    }

    call(name, ...words) {
      guard(`${name} was called`);
      const node = this.#here();
      if (!node) return undefined;
      const run = LOM[node.type].functions[name];
      if (!run || set.without.has(`${node.type}.${name}`)) {
        set.violations.push(`${node.type}.${name} was called, which is not there`);
        return undefined;
      }
      if (set.notifying > 0 && !name.startsWith("get_")) {
        set.violations.push(`${node.type}.${name} was called within a notification, which Live refuses`);
        return undefined;
      }
      try {
        const answer = run({ set, node }, ...words);
        if (!name.startsWith("get_")) changed(set, `call ${pathOf(set, node)} ${name}`);
        return answer?.type && answer.id ? made(set, answer) : answer;
      } catch (problem) {
        return refuse(set, problem, `call ${node.type}.${name} ${words.join(" ")}`);
      }
    }

    #here() {
      if (this.#isGivenBack) set.violations.push("a LiveAPI object was used after it was given back");
      return this.#node?.alive ? this.#node : null;
    }

    #number() {
      return this.#here()?.id ?? 0;
    }
  };
}

/** Tell all observers what has changed; the Set calls this when a person has changed something. */
export function changed(set, what) {
  if (what) set.changes.push(what);
  for (const api of [...set.observers]) api.look();
}

const UNOBSERVABLE = new Set(["highlighted_clip_slot"]);
const VIEWS = new Set(["Song.View", "Application.View"]);

function check(set, life, what) {
  if (!life.ready) {
    set.violations.push(`${what} before live.thisdevice said that the device is there`);
    throw new Error(`${what} before live.thisdevice said that the device is there`);
  }
  if (set.highPriority) {
    set.violations.push(`${what} outside Live's main thread; put deferlow before the script`);
    throw new Error(`${what} outside Live's main thread; put deferlow before the script`);
  }
}

function notify(set, tell) {
  set.notifying += 1;
  try {
    tell();
  } finally {
    set.notifying -= 1;
  }
}

function resolve(set, device, word) {
  const text = String(word).replace(/"/g, "").trim();
  if (text === "") return null;
  if (/^(id )?\d+$/.test(text)) return set.nodes.get(Number(text.replace("id ", ""))) ?? null;
  const [first, ...rest] = text.split(/\s+/);
  let node = { live_set: set.song, live_app: set.app, this_device: device }[first] ?? null;
  for (let place = 0; node && place < rest.length; place += 1) {
    const kind = LOM[node.type];
    const name = rest[place];
    if (name === "canonical_parent") node = node.parent;
    else if (name in kind.one) node = kind.one[name](node);
    else if (name in kind.many && !set.without.has(`${node.type}.${name}`)) {
      place += 1;
      node = kind.many[name](node)[Number(rest[place])] ?? null;
    } else node = null;
  }
  return node;
}

function describe(set, node) {
  const kind = LOM[node.type];
  const here = (name) => !set.without.has(`${node.type}.${name}`);
  return [
    `id ${node.id}`,
    `type ${node.type}`,
    `description a ${node.type} of Live`,
    ...Object.keys(kind.many)
      .filter(here)
      .map((name) => `children ${name}`),
    ...[...Object.keys(kind.one), "canonical_parent"].map((name) => `child ${name}`),
    ...Object.keys(kind.read)
      .filter(here)
      .map((name) => `property ${name}`),
    ...Object.keys(kind.functions)
      .filter(here)
      .map((name) => `function ${name}`),
    "done",
  ].join("\n");
}

function idWords(set, node) {
  const id = node?.id ?? 0;
  return ["id", set.quirks.ids === "number" ? id : String(id)];
}

/** What `api.id` says. */
function numbered(set, id) {
  if (id === 0 && set.quirks.nothing !== "as ids") return set.quirks.nothing;
  return { number: id, text: String(id), words: `id ${id}` }[set.quirks.ids];
}

function made(set, node) {
  return set.quirks.made === "text" ? `id ${node.id}` : idWords(set, node);
}

function refuse(set, problem, what) {
  if (!(problem instanceof Refusal)) throw problem;
  set.refusals.push(`${what}: ${problem.message}`);
  return undefined;
}

function isKnownWord(name) {
  return Object.values(LOM).some(
    (kind) => name in kind.read || name in kind.write || name in kind.one || name in kind.many,
  );
}
