// The device: what the patch and the daemon say goes in here, and out go messages, clips and what the face shows.

import { createFace } from "./face.js";
import { createFound } from "./found.js";
import { createIntoMenu } from "./into.js";
import { createJobs } from "./jobs.js";
import { watchProperty } from "./live/api.js";
import { createImporter } from "./live/importing.js";
import { createSource } from "./live/source.js";
import { takeName } from "./live/take_name.js";
import { FROM_DAEMON, VERSION } from "./protocol.js";
import { createSettings } from "./settings.js";
import { MOST_RESULTS } from "./state.js";
import { createStatus } from "./status.js";
import { createLine } from "./talk/line.js";
import { messageTo, readMessage } from "./talk/osc.js";
import { makeWish } from "./wish.js";
import { lineTrouble, versionHint } from "./words.js";

const NAME_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const NAME_LENGTH = 8;
const FIRST_WORDS = "Ready: select a clip and press Generate.";
const ASKED_AT_START = ["prompt", "key", "tempo", "mode", "bars", "takes", "launch"];

/** What the patch says to the script, on one line, for the builder holds the patch against it. */
export const HEARD = ["bang", "samplerate", "state", "prompt", "key", "tempo", "mode", "bars", "takes", "launch", "into", "source", "generate", "again", "cancel", "retry", "result"];

/**
 * `outlets`: `osc`, `port`, `face`, `state`, each a function of a list of atoms. `now()`: seconds. `random()`: 0 to 1.
 * `later(seconds, work)`, `show(url)`: as the importer wants them. `registry`: of talk/registry.js.
 */
export function createDevice({ outlets, now, random, later, registry, show }) {
  const client = newClient(registry, random);
  const face = createFace(outlets.face);
  const status = createStatus({ show: (sentence) => face.text("status", sentence), now, first: FIRST_WORDS });
  const found = createFound({ show: (words) => face.text("found", words), now });
  const settings = createSettings();
  const menu = createIntoMenu(face);
  const line = createLine({
    client, say, listen: (port) => outlets.port(["port", port]), now, random, registry,
    met: () => jobs.met(), changed: showLine,
  });
  const jobs = createJobs({
    say, send: outlets.osc, line, now, status,
    importer: createImporter({ later, show, session: client }),
    claim: (name) => registry.claim(`name ${name}`),
    place: () => ({ into: menu.name(), launch: settings.launch() }),
    keep: (json) => outlets.state([json]),
    changed: showJobs,
    heard: found.hear,
  });
  const source = createSource({ isResult: jobs.isResult });
  const observers = [];
  let isStarted = false;
  let isSourceStale = true;
  let areTracksStale = true;
  let wishes = 0;
  let sampleRate = 0;
  let clipId = 0;
  let trouble = "";

  /** Live's objects can be used from now on; it may be said again. */
  function start() {
    face.forget();
    if (!isStarted) {
      isStarted = true;
      watch();
      outlets.state(["bang"]);
      line.start();
    }
    for (const name of ASKED_AT_START) face.ask(name);
    isSourceStale = true;
    areTracksStale = true;
    refresh();
    showLine();
    showJobs();
  }

  function say(address, ...values) {
    const message = messageTo(address, values);
    if (message) outlets.osc(message);
  }

  function watch() {
    found.watch();
    source.watch(() => {
      isSourceStale = true;
    });
    observers.push(watchProperty("live_set", "tracks", () => {
      areTracksStale = true;
    }));
  }

  function refresh() {
    found.refresh();
    if (isSourceStale) {
      source.look();
      showSource();
    }
    if (areTracksStale) menu.refresh();
    areTracksStale = false;
  }

  function showSource() {
    isSourceStale = false;
    face.source(source.label());
    const clip = source.clip();
    const id = clip ? clip.id : 0;
    if (id !== clipId) found.forgetTake();
    clipId = id;
  }

  function showLine() {
    const welcomed = line.welcomed();
    face.light(line.isAnswered());
    face.text("header", welcomed ? `${welcomed.provider} \u00b7 ${VERSION}` : `daw-bridge ${VERSION}`);
    const before = trouble;
    trouble = lineTrouble(line);
    if (trouble === before) return;
    status.block(trouble);
    const hint = trouble ? "" : versionHint(welcomed);
    if (hint) status.trouble(hint);
  }

  function showJobs() {
    if (!isStarted) return;
    face.progress(jobs.progress());
    for (const [button, isActive] of Object.entries(jobs.can())) face.active(button, isActive);
    for (let place = 1; place <= MOST_RESULTS; place += 1) {
      const result = jobs.results()[place - 1];
      face.result(place, result ? takeName(result) : "");
    }
  }

  function nextId() {
    wishes += 1;
    return `${client}.${wishes}`;
  }

  function generate() {
    const ask = settings.ask();
    if (ask.problem) return status.trouble(ask.problem);
    source.look();
    showSource();
    const { mediaFolder } = line.welcomed();
    const made = makeWish({ requestId: nextId(), client, clip: source.clip(), ask, sampleRate, mediaFolder, now });
    return made.problem ? status.trouble(made.problem) : jobs.ask(made);
  }

  function again() {
    const last = jobs.last();
    if (!last) return status.trouble("This device has made nothing yet: press Generate first.");
    const id = nextId();
    const prompt = settings.prompt();
    const message = messageTo("/bridge/again", [id, last.job, prompt]);
    if (!message) return status.trouble("The prompt is too long to be sent: shorten it.");
    const wish = {
      ...last, id, job: "", kind: "again", at: Math.round(now()), imported: [], prompt: prompt || last.prompt,
    };
    return jobs.ask({ wish, messages: [message], inParts: false, note: "" });
  }

  function whenStarted(work) {
    if (isStarted) work();
    else status.trouble("Live is still loading this device: press again in a moment.");
  }

  function whenUp(work) {
    whenStarted(() => {
      const problem = lineTrouble(line);
      if (problem) status.trouble(problem);
      else work();
    });
  }

  function set(name, words) {
    const problem = settings.set(name, words);
    if (problem) status.trouble(problem);
  }

  const patchSays = {
    bang: start,
    samplerate: ([hertz]) => {
      sampleRate = typeof hertz === "number" && hertz > 0 ? hertz : 0;
    },
    state: ([json]) => {
      const into = typeof json === "string" ? jobs.restore(json) : null;
      if (into === null) return;
      menu.restore(into);
      areTracksStale = true;
    },
    prompt: (words) => set("prompt", words),
    key: (words) => set("key", words),
    tempo: (words) => set("tempo", words),
    mode: (words) => set("mode", words),
    bars: (words) => set("bars", words),
    takes: (words) => set("takes", words),
    launch: (words) => set("launch", words),
    into: ([place]) => {
      if (menu.choose(place)) jobs.save();
    },
    source: () => whenStarted(() => {
      source.take();
      showSource();
    }),
    generate: () => whenUp(generate),
    again: () => whenUp(again),
    cancel: () => whenUp(jobs.cancel),
    retry: () => whenUp(jobs.retry),
    result: ([number]) => whenStarted(() => jobs.bringAgain(number)),
  };

  const daemonSays = {
    "/bridge/welcome": line.welcome,
    "/bridge/pong": line.pong,
    "/bridge/startup": line.startup,
    "/bridge/rejected": (values) => {
      if (values.request_id === "") line.helloRefused();
      else jobs.hear("/bridge/rejected", values);
    },
  };

  function hearDaemon(address, words) {
    const values = isStarted ? readMessage(address, words) : null;
    if (!values) return;
    if (address in daemonSays) daemonSays[address](values);
    else jobs.hear(address, values);
  }

  return {
    /** Take in a message of the patch (HEARD), or of the daemon (FROM_DAEMON); any other does nothing. */
    hear(selector, words) {
      if (HEARD.includes(selector)) patchSays[selector](words);
      else if (Object.keys(FROM_DAEMON).includes(selector)) hearDaemon(selector, words);
    },

    /** Do what has become due; several times a second. */
    tick() {
      if (!isStarted) return;
      line.tick();
      jobs.tick();
      refresh();
    },

    /** The device is taken out of Live. */
    stop() {
      isStarted = false;
      registry.releaseAll();
    },
  };
}

/** A name that no other device of this Live has. */
function newClient(registry, random) {
  let name = "";
  do {
    const letters = Array.from({ length: NAME_LENGTH }, () => NAME_LETTERS[Math.floor(random() * NAME_LETTERS.length)]);
    name = `live-${letters.join("")}`;
  } while (!registry.claim(`name ${name}`));
  return name;
}
