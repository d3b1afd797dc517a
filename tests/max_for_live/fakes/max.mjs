// Max's JavaScript world for one script: its globals, nothing that only Node has, no misuse unnoticed.

import vm from "node:vm";

import { fileClass, folderClass } from "./max_files.mjs";

const MOST_CHARACTERS_A_SYMBOL = 32_767;
const NOT_IN_MAX = ["console", "WebAssembly", "SharedArrayBuffer", "Atomics"];

/**
 * Load a script as `[v8]` does.
 *
 * world: { clock, random, disk, files: { writing: "works"|"refused"|"silent"|"truncated" }, LiveAPI, shared
 * (a Map: what
 *   `Global` objects hold), failures (a list that a test reads), outlet(index, atoms), messnamed(name,
 *     words) }
 * Returns { receive(atoms), stop(), outlets }.
 */
export function loadScript(text, name, world) {
  const tasks = new Set();
  const globals = maxGlobals(world, tasks);
  const context = vm.createContext({
    ...globals,
    messagename: "",
    inlet: 0,
    inlets: 1,
    outlets: 1,
  });
  const complain = (what) => fail(world, what);
  context.outlet = createOutlet(() => context.outlets, world.outlet, complain);
  context.__now = () => world.clock.now();
  context.__random = world.random;
  vm.runInContext(WITHOUT_NODE, context);
  delete context.__now;
  delete context.__random;
  const before = new Set(Object.getOwnPropertyNames(context));
  vm.runInContext(text, context, { filename: name });
  const handlers = new Set(
    Object.getOwnPropertyNames(context).filter(
      (one) => !before.has(one) && typeof context[one] === "function",
    ),
  );

  function call(handler, messagename, words) {
    context.messagename = messagename;
    context.inlet = 0;
    context[handler](...words);
  }

  function receive(atoms) {
    const [first, ...rest] = atoms;
    if (typeof first === "number") {
      const kind = rest.length > 0 ? "list" : Number.isInteger(first) ? "msg_int" : "msg_float";
      if (handlers.has(kind)) call(kind, kind, atoms);
      else if (handlers.has("anything")) call("anything", kind, atoms);
      else complain(`${name} has no function ${kind}`);
    } else if (handlers.has(first)) call(first, first, rest);
    else if (handlers.has("anything")) call("anything", first, rest);
    else complain(`${name} has no function ${first}`);
  }

  function stop() {
    if (handlers.has("notifydeleted")) call("notifydeleted", "notifydeleted", []);
    for (const task of [...tasks]) task.cancel();
  }

  return { receive, stop, outlets: context.outlets };
}

/** Write a failure down, so that a script that catches it cannot hide it, and throw it. */
export function fail(world, what) {
  world.failures.push(what);
  throw new Error(what);
}

const WITHOUT_NODE = `
for (const name of ${JSON.stringify(NOT_IN_MAX)}) delete globalThis[name];
{
  const now = __now;
  Math.random = __random;
  const MachineDate = Date;
  globalThis.Date = class Date extends MachineDate {
    constructor(...words) {
      if (words.length === 0) super(now());
      else super(...words);
    }
    static now() { return now(); }
  };
}
`;

function maxGlobals(world, tasks) {
  const complain = (what) => fail(world, what);
  return {
    File: fileClass(world, complain),
    Folder: folderClass(world, complain),
    Task: taskClass(world, tasks),
    Global: globalClass(world, complain),
    LiveAPI: world.LiveAPI,
    post: (...words) => complain(`printed into Max's window: ${words.join(" ")}`),
    error: (...words) => complain(`printed as an error into Max's window: ${words.join(" ")}`),
    messnamed: (name, ...words) =>
      world.messnamed(
        String(name),
        words.map((word) => atom(word, complain)),
      ),
  };
}

function createOutlet(outlets, send, complain) {
  function outlet(index, ...words) {
    if (this !== undefined) complain("outlet was called with a `this`; outlet.apply crashes Live");
    if (!Number.isInteger(index) || index < 0 || index >= outlets()) {
      complain(`outlet ${index} was used; the script has ${outlets()} outlets`);
    }
    const unrolled = words.flatMap((word) => (Array.isArray(word) ? [...word] : [word]));
    if (unrolled.length === 0) complain(`nothing was sent to outlet ${index}`);
    send(
      index,
      unrolled.map((word) => atom(word, complain)),
    );
  }
  for (const name of ["apply", "call", "bind"]) {
    Object.defineProperty(outlet, name, { value: () => complain(`outlet.${name} crashes Live`) });
  }
  return outlet;
}

function atom(word, complain) {
  if (typeof word === "number") {
    if (!Number.isFinite(word)) complain(`${word} is no number that Max can send`);
    return word;
  }
  if (typeof word !== "string") complain(`${typeof word} is no atom: ${String(word)}`);
  if (word.length > MOST_CHARACTERS_A_SYMBOL) {
    complain(`a symbol of ${word.length} characters is too long for Max`);
  }
  return word;
}

function taskClass(world, tasks) {
  return class Task {
    #timer = null;
    #function;
    #object;

    constructor(work, object, ...words) {
      this.#function = work;
      this.#object = object;
      this.arguments = words;
      this.interval = 500;
      this.iterations = 0;
      this.running = 0;
    }

    schedule(milliseconds = 0) {
      this.#start(milliseconds, 1);
    }

    repeat(times = -1, first = this.interval) {
      this.#start(first, times);
    }

    execute() {
      this.#function.apply(this.#object, this.arguments);
    }

    cancel() {
      world.clock.cancel(this.#timer);
      this.#timer = null;
      this.running = 0;
      tasks.delete(this);
    }

    #start(milliseconds, times) {
      this.cancel();
      this.running = 1;
      this.iterations = 0;
      tasks.add(this);
      this.#wait(milliseconds, times);
    }

    #wait(milliseconds, times) {
      this.#timer = world.clock.later(milliseconds / 1000, () => {
        if (world.schedulerStands) {
          this.#wait(milliseconds, times);
          return;
        }
        this.iterations += 1;
        if (times > 0 && this.iterations >= times) this.cancel();
        else this.#wait(this.interval, times);
        this.execute();
      });
    }
  };
}

function globalClass(world, complain) {
  return class Global {
    constructor(name) {
      if (!world.shared.has(name)) world.shared.set(name, {});
      return new Proxy(world.shared.get(name), {
        set(store, key, value) {
          if (!["number", "string", "boolean"].includes(typeof value)) {
            complain(
              `Global.${String(key)} was given a ${typeof value}; only numbers and text outlive their script`,
            );
          }
          store[key] = value;
          return true;
        },
      });
    }
  };
}
