// Every word that the script is told by the patch or the daemon has an effect, and every name of the face is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";

import { builtDevice, openLive } from "./fakes/index.mjs";

const riff = { name: "Riff", length: 16, notes: [{ pitch: 60, start: 0, duration: 1 }] };

/** What the patch may say to the script. */
const SAYINGS = {
  bang: [],
  samplerate: [44_100],
  state: ["the state of another device, by keptState"],
  prompt: ["deep house"],
  key: ["A minor"],
  tempo: ["100"],
  mode: [1],
  bars: [4],
  takes: [3],
  launch: [1],
  into: [2],
  source: [],
  generate: [],
  again: [],
  cancel: [],
  retry: [],
  result: [1],
};

/** What the daemon may say of a wish (its id, and its device's name). */
const TIDINGS = {
  "/bridge/welcome": () => ["0.1.0", 1, "/Users/ada/media", "another service"],
  "/bridge/pong": ({ client }) => [`${client}.p1`],
  "/bridge/accepted": ({ id }) => [id, "job1", 2],
  "/bridge/rejected": ({ id }) => [id, "bad_trigger", "The clip is empty."],
  "/bridge/progress": ({ id }) => [id, "job1", 0.5, "generated"],
  "/bridge/done": ({ id }) => [id, "job1", 1, 1, "/gone/take.wav", 96, 16, "A minor", ""],
  "/bridge/failed": ({ id }) => [id, "job1", "provider_failed", "The service is out of order."],
  "/bridge/ended": ({ id }) => [id, "job1", "cancelled", 0, 1],
  "/bridge/startup": () => ["0.1.0", 1],
};

test("the words tried here are those of the script, in the form that its table asks for", () => {
  assert.deepEqual(Object.keys(SAYINGS).sort(), [...constant("HEARD")].sort());
  const rows = constant("FROM_DAEMON");
  assert.deepEqual(Object.keys(TIDINGS).sort(), Object.keys(rows).sort());
  for (const [address, row] of Object.entries(rows)) {
    const words = TIDINGS[address]({ id: "live-a.1", client: "live-a" });
    const form = words.map((word) => (typeof word === "string" ? "text" : "number"));
    assert.deepEqual(form, Array.from(row, (one) => (one.startsWith("s:") ? "text" : "number")), address);
  }
});

for (const [word, words] of Object.entries(SAYINGS)) {
  test(`"${word}" of the patch has an effect`, (t) => {
    assert.notDeepEqual(afterSaying(t, word, words), afterSaying(t, word, null));
  });
}

for (const address of Object.keys(TIDINGS)) {
  test(`${address} of the daemon has an effect`, (t) => {
    assert.notDeepEqual(afterTidings(t, address, true), afterTidings(t, address, false));
  });
}

test("words that are not listed do nothing", (t) => {
  for (const word of ["rety", "/bridge/doen", "/bridge/hello"]) {
    assert.deepEqual(afterSaying(t, word, ["live-a.1"]), afterSaying(t, word, null));
  }
});

test("every name of the face is told something, but for Generate, which can always be pressed", (t) => {
  const { device } = opened(t);
  const silent = boxOf("face").text.split(" ").slice(1).filter((name) => device.said(name).length === 0);
  assert.deepEqual(silent, ["generate"]);
});

/** All that can be seen of a device that is told something (or not) between one wish and the next. */
function afterSaying(t, word, words) {
  const told = word === "state" && words ? [keptState(t)] : words;
  const { live, device } = opened(t);
  if (word !== "state") {
    device.receive("generate");
    live.run(5);
    live.select({ track: 1, slot: 0 });
    live.run(1);
  }
  if (told) device.receive(word, ...told);
  live.run(1);
  device.receive("generate");
  live.run(5);
  return traceOf(live, device);
}

/** The same of a device whose daemon has gone after the press. */
function afterTidings(t, address, isTold) {
  const { live, device } = opened(t);
  live.daemon.kill();
  device.press("Generate");
  const [[id]] = device.sent("/bridge/trigger");
  const tell = (one) => device.receive(one, ...TIDINGS[one]({ id, client: id.split(".")[0] }));
  const isOfJob = constant("FROM_DAEMON")[address].includes("s:job_id");
  if (isOfJob && address !== "/bridge/accepted") tell("/bridge/accepted");
  // A greeting and a sign of life are news to a device that misses them.
  if (!isOfJob) live.run(12);
  if (isTold) tell(address);
  if (address === "/bridge/failed") device.receive("/bridge/ended", id, "job1", "failed", 0, 1);
  live.run(8);
  return traceOf(live, device);
}

function opened(t) {
  const tracks = [{ name: "Marimba", kind: "midi", slots: [riff] }, { name: "Spare", kind: "audio" }];
  const live = openLive(t, { set: { tempo: 96, tracks } });
  const device = live.addDevice({ track: 0 });
  live.select({ track: 0, slot: 0 });
  live.run(1.5);
  return { live, device };
}

/** What a device keeps that has chosen a track. */
function keptState(t) {
  const { live, device } = opened(t);
  device.choose("Into", 1);
  live.run(1);
  return device.stored().State[0];
}

function traceOf(live, device) {
  return {
    sent: device.allSent,
    shown: [...device.patch.shownOn],
    triggers: live.daemon.jobs.map(({ trigger }) => trigger),
    launched: live.fired.length,
  };
}

function constant(name) {
  const script = builtDevice().script(boxOf("script").filename);
  const [, value] = new RegExp(`^const ${name} = ([\\s\\S]*?);$`, "m").exec(script);
  return vm.runInNewContext(`(${value})`);
}

function boxOf(name) {
  return builtDevice().patcher.boxes.find(({ box }) => box.varname === name).box;
}
