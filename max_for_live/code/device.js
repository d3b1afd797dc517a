// The device: what patch and daemon say goes in here, and out go messages, clips and what the face shows.

import { createFace } from "./face.js";
import { createFound } from "./found.js";
import { createIntoMenu } from "./into.js";
import { createJobs } from "./jobs.js";
import { createImporter } from "./live/importing.js";
import { isOfThisSet, setPath } from "./live/same_set.js";
import { createSource } from "./live/source.js";
import { createPanel } from "./panel.js";
import { createPresses } from "./presses.js";
import { FROM_DAEMON } from "./protocol.js";
import { createSettings } from "./settings.js";
import { createStatus } from "./status.js";
import { createLine } from "./talk/line.js";
import { messageTo, readMessage } from "./talk/osc.js";
import { claimClient } from "./talk/registry.js";
import { makeAgain, makeWish } from "./wish.js";
import { lineTrouble } from "./words.js";

const FIRST_WORDS = "Ready: select a clip and press Generate.";
const ASKED_AT_START = ["prompt", "key", "tempo", "mode", "bars", "takes", "launch"];

/** What the patch says to the script; on one line, for the builder holds the patch against it. */
export const HEARD = ["bang", "samplerate", "state", "prompt", "key", "tempo", "mode", "bars", "takes", "launch", "into", "source", "generate", "again", "cancel", "retry", "result"];

/**
 * `outlets`: `osc`, `port`, `face`, `state`, each a function of a list of atoms. `now()`: seconds.
 * `random()`: 0 to 1. `later(seconds, work)`, `show(folder)`: as the importer wants them.
 * `registry`: of talk/registry.js.
 */
export function createDevice({ outlets, now, random, later, registry, show }) {
  const client = claimClient(registry, random, now);
  const face = createFace(outlets.face);
  const status = createStatus({ show: (sentence) => face.text("status", sentence), now, first: FIRST_WORDS });
  const presses = createPresses({ now, refuse: status.trouble });
  const found = createFound({ show: (words) => face.text("found", words), now });
  const settings = createSettings();
  const menu = createIntoMenu(face, (sentence) => status.trouble(sentence));
  const line = createLine({
    client, say, listen: (port) => outlets.port(["port", port]), now, random, registry,
    met: () => jobs.met(),
    changed: () => panel.showLine(),
  });
  const jobs = createJobs({
    client, nextId, say, send: outlets.osc, line, now, status,
    importer: createImporter({ later, show, session: client }),
    isFree: (name) => registry.isFree(`name ${name}`),
    claim: (name) => registry.claim(`name ${name}`),
    place: () => ({ into: menu.choice(), launch: settings.launch() }),
    set: { path: setPath, has: isOfThisSet },
    keep: (text) => outlets.state([text]),
    random,
    changed: () => isStarted && panel.showJobs(),
    heard: found.hear,
  });
  const source = createSource({ isResult: jobs.isResult });
  const panel = createPanel({ face, status, found, menu, source, line, jobs, now });
  let isStarted = false;
  let wishes = 0;
  let sampleRate = 0;
  let tempoProblem = "";

  function say(address, ...values) {
    const message = messageTo(address, values);
    if (message) outlets.osc(message);
  }

  /** Live's objects can be used from now on; it may be said again. */
  function start() {
    if (!isStarted) {
      isStarted = true;
      panel.watch();
      outlets.state(["bang"]);
      line.start();
    }
    for (const name of ASKED_AT_START) face.ask(name);
    panel.showAll();
  }

  function nextId() {
    wishes += 1;
    return `${client}.${wishes}`;
  }

  function generate() {
    const ask = settings.ask();
    if (ask.problem) return ask;
    source.look();
    panel.showSource();
    const { mediaFolder, resultsFolder } = line.welcomed();
    const folders = { mediaFolder, resultsFolder };
    return makeWish({ requestId: nextId(), client, clip: source.clip(), ask, sampleRate, ...folders, now });
  }

  function again() {
    const last = jobs.last();
    if (!last) return { problem: "This device has made nothing yet: press Generate first." };
    const { resultsFolder } = line.welcomed();
    return makeAgain({ requestId: nextId(), last, prompt: settings.prompt(), resultsFolder, now });
  }

  function ask(made) {
    if (made.problem) status.trouble(made.problem);
    else jobs.ask(made);
  }

  function whenStarted(work) {
    panel.tracksChanged();
    if (isStarted) work();
    else status.trouble("Live is still loading this device: press again in a moment.");
  }

  function whenUp(work) {
    whenStarted(() => {
      panel.showLine();
      const problem = lineTrouble(line);
      if (problem) status.block(problem);
      else work();
    });
  }

  function set(name, words) {
    const problem = settings.set(name, words);
    if (problem) status.trouble(problem);
    else if (name === "tempo") status.over(tempoProblem);
    if (name === "tempo") tempoProblem = problem;
  }

  const patchSays = {
    bang: start,
    samplerate: ([hertz]) => {
      sampleRate = typeof hertz === "number" && hertz > 0 ? hertz : 0;
    },
    state: (words) => {
      // What Live tells while it loads comes too early to look into the Set; the start asks for it again.
      const into = isStarted ? jobs.restore(words.join(" ")) : null;
      if (into === null) return;
      menu.restore(into);
      panel.tracksChanged();
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
      panel.showSource();
    }),
    generate: () => whenUp(() => ask(generate())),
    again: () => whenUp(() => ask(again())),
    cancel: () => whenStarted(jobs.cancel),
    retry: () => whenUp(jobs.retry),
    result: ([number]) => whenStarted(() => jobs.bringAgain(number)),
  };

  const lineHears = {
    "/bridge/welcome": line.welcome,
    "/bridge/pong": line.pong,
    "/bridge/startup": line.startup,
  };

  function hearDaemon(address, words) {
    const values = isStarted ? readMessage(address, words) : null;
    if (!values) return;
    if (address in lineHears) lineHears[address](values);
    else if (values.request_id === "") line.helloRefused();
    else jobs.hear(address, values);
  }

  return {
    /** Take in a message of the patch (HEARD), or of the daemon (FROM_DAEMON); any other does nothing. */
    hear(selector, words) {
      if (HEARD.includes(selector)) {
        if (presses.allow(selector)) patchSays[selector](words);
      } else if (Object.keys(FROM_DAEMON).includes(selector)) hearDaemon(selector, words);
    },

    /** Do what has become due; several times a second. */
    tick() {
      if (!isStarted) return;
      line.tick();
      jobs.tick();
      status.tick();
      panel.refresh();
    },

    /** The device is taken out of Live. */
    stop() {
      isStarted = false;
      registry.releaseAll();
    },
  };
}
