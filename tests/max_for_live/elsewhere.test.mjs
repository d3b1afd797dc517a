// Copies of this device's jobs that somebody else asks for: they land as its own do, and nothing else does.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openLive } from "./fakes/index.mjs";
import { keptOf } from "./fakes/kept.mjs";
import { finish, made } from "./fakes/one_device.mjs";
import { encode } from "./fakes/osc.mjs";

const PROJECT = "/Users/ada/Music/Night Walk Project";
const GENERATED = `${PROJECT}/Samples/Generated`;
const PEDAL_PORT = 9777;
const NAMES = ["Marimba", "Keys", "Bass"];

const track = (name) => ({
  name,
  kind: "midi",
  slots: [{ name: `${name} riff`, color: 0x00aa44, length: 16, notes: [{ pitch: 60, start: 0, duration: 1 }] }],
});

/** A device, a pedal with a port of its own, and a job of the device that has been delivered and imported. */
function delivered(t, { takes = 1, tracks = NAMES.map(track), set = {}, ...options } = {}) {
  const live = openLive(t, { ...options, set: { tempo: 96, tracks, ...set } });
  live.daemon.manual = true;
  const device = live.addDevice({ track: 0 });
  live.select(tracks[0].arrangement ? { track: 0, clip: 0 } : { track: 0, slot: 0 });
  live.run(0.5);
  const pedal = addPedal(live);
  device.type("Prompt", "tropical house");
  device.choose("Takes", takes);
  device.press("Generate");
  live.run(0.2);
  const job = live.daemon.newest();
  finish(live, job);
  return { live, device, pedal, job };
}

function addPedal(live) {
  const heard = [];
  live.wire.listen(PEDAL_PORT, (atoms) => heard.push(atoms));
  const say = (...atoms) => {
    live.wire.send("127.0.0.1", 9130, encode(atoms), PEDAL_PORT);
    live.run(0.1);
    return live.daemon.newest();
  };
  say("/bridge/hello", "pedal", "1.0", PEDAL_PORT);
  return { heard, say, again: (id, job, ...prompt) => say("/bridge/again", id, job.id, ...prompt) };
}

const imported = (job) => [...new Set(job.imported.map(({ take }) => take))].sort();

test("a copy that a pedal asks for lands in the next slot, and daw-bridge is told where", (t) => {
  const { live, device, pedal, job } = delivered(t);
  const copy = pedal.again("pedal.7", job, "dusty drums");
  finish(live, copy);
  assert.deepEqual(made(live), ["1 tropical house", "1 dusty drums"]);
  assert.equal(live.trackNamed("Marimba · bridge").clip_slots[1].clip.color, 0x00aa44);
  assert.match(device.shown("status"), /^The take is in Marimba · bridge, slot 2\.$/);
  assert.deepEqual([device.shown("Result 1"), device.shown("Result 2")], ["1 dusty drums", "1 tropical house"]);
  assert.deepEqual(device.sent("/bridge/imported").at(-1).slice(0, 3), ["pedal.7", copy.id, 1]);
  assert.deepEqual(imported(copy), [1]);
  const heard = new Set(pedal.heard.map(([address]) => address.slice(8)));
  assert.deepEqual([...heard], ["welcome", "accepted", "done", "ended"]);
});

test("nothing is shown of a copy until its first take proves whose it is", (t) => {
  const { live, device, pedal, job } = delivered(t, { takes: 2 });
  const before = [device.shown("status"), device.allSent.length, device.stored().State[0]];
  const copy = pedal.again("pedal.7", job);
  live.daemon.progress(copy, 0.4, "submitted");
  live.run(0.2);
  assert.deepEqual([device.shown("status"), device.shown("progress"), device.isActive("cancel")], [before[0], 0, false]);
  assert.deepEqual(device.allSent.slice(before[1]).filter(([address]) => !/ping|imported/.test(address)), []);
  assert.equal(device.stored().State[0], before[2]);
  live.daemon.deliver(copy);
  live.run(0.05);
  assert.equal(device.isActive("cancel"), true);
  live.run(2);
  assert.match(device.shown("status"), /^Take 1 of 2 is in /);
});

test("a copy in the Arrangement lies at its source's beat", (t) => {
  const arrangement = [{ name: "Riff", length: 16, at: 32, notes: [{ pitch: 60, start: 0, duration: 1 }] }];
  const { live, pedal, job } = delivered(t, { tracks: [{ name: "Marimba", kind: "midi", arrangement }] });
  finish(live, pedal.again("pedal.7", job));
  live.run(5);
  const clips = live.set.song.tracks.flatMap((_, place) => live.arrangement(place)).filter((clip) => clip.made);
  assert.deepEqual(clips.map(({ at, until }) => [at, until]), [[32, 48], [32, 48]]);
});

test("takes of a copy that were lost are asked for, though the pedal has a port of its own", (t) => {
  const { live, device, pedal, job } = delivered(t, { takes: 3 });
  const copy = pedal.again("pedal.7", job, "copy");
  live.daemon.deliver(copy, { take: 2 });
  live.run(1);
  live.wire.weather.fromDaemon = { lost: 1 };
  live.daemon.deliver(copy, { take: 1 });
  live.daemon.deliver(copy, { take: 3 });
  live.daemon.end(copy);
  live.run(0.1);
  live.wire.weather.fromDaemon = {};
  live.run(8);
  assert.deepEqual(made(live).slice(3), ["1 copy", "2 copy", "3 copy"]);
  assert.deepEqual(imported(copy), [1, 2, 3]);
  assert.equal(device.isActive("cancel"), false);
  assert.ok(!device.sent("/bridge/hello").some(([client]) => client === "pedal"), "the pedal keeps its name");
});

test("words of a copy that come twice and in any order import each take once", (t) => {
  const { live, device, pedal, job } = delivered(t, { takes: 3 });
  const copy = pedal.again("pedal.7", job, "copy");
  live.wire.weather.fromDaemon = { lost: 1 };
  finish(live, copy);
  live.wire.weather.fromDaemon = {};
  const told = live.daemon.told.filter(([, id]) => id === "pedal.7");
  for (const atoms of [...told, ...told].reverse()) device.receive(...atoms);
  live.run(20);
  assert.deepEqual(made(live).slice(3), ["1 copy", "2 copy", "3 copy"]);
  const { results } = keptOf(device);
  assert.deepEqual(results.map(({ prompt }) => prompt), ["copy", "copy", "copy", "tropical house"]);
  assert.deepEqual(imported(copy), [1, 2, 3]);
  assert.equal(device.isActive("cancel"), false);
});

test("Cancel, Retry and Again work on a copy once it is known", (t) => {
  const { live, device, pedal, job } = delivered(t, { takes: 2 });
  const copy = pedal.again("pedal.7", job, "copy");
  live.daemon.deliver(copy);
  live.run(2);
  device.press("Cancel");
  live.run(1);
  assert.equal(copy.state, "cancelled");
  assert.equal(device.shown("status"), "Marimba riff is cancelled; Retry goes on with it.");
  device.press("Retry");
  live.run(4);
  assert.equal(copy.state, "accepted");
  finish(live, copy);
  live.run(4);
  assert.deepEqual(made(live).slice(2), ["1 copy", "2 copy"]);
  device.press("Again");
  live.run(0.2);
  assert.equal(device.sent("/bridge/again")[0][1], copy.id);
  finish(live, live.daemon.newest());
  assert.equal(made(live).length, 6);
  assert.match(device.sent("/bridge/imported").at(-1)[0], /^live-/);
  assert.equal(device.isActive("cancel"), false);
});

test("a copy finds the tracks by what Live calls them, though they were renamed meanwhile", (t) => {
  const { live, pedal, job } = delivered(t);
  const bridge = live.trackNamed("Marimba · bridge");
  live.change((song) => {
    Object.assign(song.tracks[0], { name: "Vibes" });
    Object.assign(bridge, { name: "Takes" });
  });
  finish(live, pedal.again("pedal.7", job, "copy"));
  const clips = bridge.clip_slots.map((slot) => slot.clip?.name).filter(Boolean);
  assert.deepEqual(clips, ["1 tropical house", "1 copy"]);
});

test("a refusal that a pedal hears of its own words changes nothing of the copy", (t) => {
  const { live, device, pedal, job } = delivered(t, { takes: 2 });
  const copy = pedal.again("pedal.7", job, "copy");
  live.daemon.deliver(copy);
  live.run(2);
  device.receive("/bridge/rejected", "pedal.7", "unknown_job", "No job goes by nonsense.");
  assert.equal(device.isActive("cancel"), true);
  finish(live, copy);
  assert.deepEqual(made(live).slice(2), ["1 copy", "2 copy"]);
});

test("Live is closed in the middle of a copy: the rest of it comes when the Set is opened again", (t) => {
  const { live, device, pedal, job } = delivered(t, { takes: 2 });
  const copy = pedal.again("pedal.7", job, "copy");
  live.daemon.deliver(copy);
  live.run(2);
  live.reopen();
  live.run(1);
  finish(live, copy);
  live.run(6);
  assert.deepEqual(made(live).slice(2), ["1 copy", "2 copy"]);
  assert.deepEqual(imported(copy), [1, 2]);
  assert.equal(device.isActive("cancel"), false);
});

test("a copy lands also when the Set was opened anew after the job was done", (t) => {
  const { live, device, pedal, job } = delivered(t);
  live.reopen();
  live.run(1);
  finish(live, pedal.again("pedal.7", job, "next day"));
  assert.deepEqual(made(live), ["1 tropical house", "1 next day"]);
  device.press("Again");
  live.run(0.2);
  const own = live.daemon.newest();
  finish(live, own);
  finish(live, pedal.again("pedal.8", own, "dusty drums"));
  assert.deepEqual(made(live).slice(2), ["1 tropical house", "1 dusty drums"]);
});

test("of three devices the one whose job was copied imports it, whoever hears of it", (t) => {
  const { live, device, job } = delivered(t);
  const others = [1, 2].map((place) => live.addDevice({ track: place }));
  live.run(1);
  // Who has no port of its own is answered at that of the last hello: another device hears it too.
  live.wire.send("127.0.0.1", 9130, encode(["/bridge/again", "script.1", job.id]), 0);
  live.run(0.2);
  finish(live, live.daemon.newest());
  live.run(10);
  assert.deepEqual(made(live), ["1 tropical house", "1 tropical house"]);
  assert.equal(live.set.song.tracks.filter(({ name }) => / · bridge/.test(name)).length, 1);
  for (const other of others) {
    assert.deepEqual([other.sent("/bridge/imported"), other.sent("/bridge/status")], [[], []]);
    assert.match(other.shown("status"), /^Ready/);
  }
  assert.equal(device.sent("/bridge/imported").at(-1)[0], "script.1");
});

test("what another device asks for again it imports itself, and nobody else", (t) => {
  const { live, device, pedal } = delivered(t);
  const twin = device.duplicate();
  live.run(1);
  twin.press("Again");
  live.run(0.2);
  const own = live.daemon.newest();
  assert.match(own.requestId, /^live-/);
  finish(live, own);
  assert.equal(made(live).length, 2);
  finish(live, pedal.again("pedal.7", own, "copy"));
  live.run(8);
  assert.equal(made(live).length, 3);
  assert.equal(device.isActive("cancel") || twin.isActive("cancel"), false);
});

test("a twin that is loaded first leaves open jobs to the device that asked, and only one of them takes copies", (t) => {
  const { live, device, pedal, job } = delivered(t);
  const twin = device.duplicate();
  live.run(1);
  device.press("Generate");
  live.run(0.2);
  const open = live.daemon.newest();
  const [ofDevice, ofTwin] = [device.stored(), twin.stored()];
  device.remove();
  twin.remove();
  const reloaded = [live.addDevice({ track: 0, stored: ofTwin })];
  live.run(2);
  reloaded.push(live.addDevice({ track: 0, stored: ofDevice }));
  live.run(1);
  finish(live, open);
  assert.deepEqual([imported(open), made(live).length], [[1], 2]);
  for (const one of reloaded) one.press("Again");
  live.run(0.2);
  const [ofTwins, ofDevices] = live.daemon.jobs.slice(-2);
  for (const started of [ofTwins, ofDevices]) finish(live, started);
  assert.equal(made(live).length, 4);
  for (const [place, copied] of [ofTwins, ofDevices, job].entries()) {
    finish(live, pedal.again(`pedal.${place}`, copied));
    live.run(10);
    assert.equal(made(live).length, 5 + place);
  }
  const importers = reloaded.map((one) => new Set(one.sent("/bridge/imported").map(([id]) => id)));
  assert.equal(importers[0].size + importers[1].size, 6);
});

test("a copy that has landed is not taken in once more when it is told after the Set was opened again", (t) => {
  const { live, device, pedal, job } = delivered(t);
  finish(live, pedal.again("pedal.7", job, "copy"));
  const told = live.daemon.told.filter(([, id]) => id === "pedal.7");
  live.reopen();
  live.run(1);
  const before = [device.shown("status"), device.shown("Result 1"), device.stored().State[0]];
  for (const atoms of told) device.receive(...atoms);
  live.run(10);
  assert.deepEqual([device.shown("status"), device.shown("Result 1"), device.stored().State[0]], before);
  assert.deepEqual(device.isActive("cancel"), false);
});

test("a job of ours that is told under another's id is not imported once more", (t) => {
  const { live, device, job } = delivered(t);
  device.reload();
  live.run(1);
  const told = live.daemon.told.find(([address]) => address === "/bridge/done");
  device.receive("/bridge/done", "script.1", ...told.slice(2));
  live.run(3);
  assert.deepEqual(made(live), ["1 tropical house"]);
  assert.deepEqual(imported(job), [1]);
});

/** A take of a copy that nobody has asked for, `told` in a `/bridge/done` and written into its JSON. */
function forge({ live, device, job }, { wav = `${GENERATED}/x job00009-1.wav`, json, id = "pedal.9", text, note = {} } = {}) {
  const path = json ?? wav.replace(/\.wav$/, ".json");
  const { source } = job.trigger;
  const facts = { schema: 1, job_id: "job00009", request_id: "pedal.9", take: 1, takes: 1, bpm: 96, beats: 16, seconds: 10 };
  const prompt = { prompt: "forged", mode: "variation" };
  live.disk.addSound(wav, { seconds: 10 });
  live.disk.addFile(path, text ?? JSON.stringify({ ...facts, ...prompt, source, ...note }));
  device.receive("/bridge/done", id, "job00009", 1, 1, wav, 96, 16, "", path);
  live.run(4);
}

test("what is like a copy in all things is taken for one", (t) => {
  const standing = delivered(t);
  forge(standing);
  assert.deepEqual(made(standing.live), ["1 tropical house", "1 forged"]);
});

const otherSource = (change) => ({ job }) => ({ note: { source: { ...job.trigger.source, ...change } } });

for (const [what, how] of [
  ["whose file is outside the project", () => ({ wav: "/Users/ada/Desktop/x job00009-1.wav" })],
  ["whose file is above the project by a detour", () => ({ wav: `${PROJECT}/../x job00009-1.wav` })],
  ["whose file is in the project that its JSON names", () => ({ wav: "/Users/ada/Other/Samples/Generated/x job00009-1.wav",
    note: { project: "/Users/ada/Other", file: "/Users/ada/Other/Samples/Generated/x job00009-1.wav" } })],
  ["whose file is no sound", () => ({ wav: `${GENERATED}/x job00009-1.als` })],
  ["whose JSON lies elsewhere", () => ({ json: "/Users/ada/Desktop/x job00009-1.json" })],
  ["whose JSON lies in a folder below", () => ({ json: `${GENERATED}/below/x job00009-1.json` })],
  ["whose JSON lies above by a detour", () => ({ json: `${GENERATED}/../x job00009-1.json` })],
  ["whose JSON is too large", () => ({ note: { fit: "x".repeat(70_000) } })],
  ["whose JSON is none", () => ({ text: "{" })],
  ["whose JSON is a list", () => ({ text: "[[1],2]" })],
  ["whose JSON has no source", () => ({ note: { source: null } })],
  ["whose JSON has a word for a source", () => ({ note: { source: "live" } })],
  ["of another client", otherSource({ client: "live-otherone" })],
  ["of no client", otherSource({ client: undefined })],
  ["without a place", otherSource({ where: undefined })],
  ["with a place of another kind", otherSource({ where: { kind: "mixer", track: { id: 1, index: 0, name: "Marimba" } } })],
  ["with a place that is a word", otherSource({ where: "session" })],
  ["whose JSON is that of another job", () => ({ note: { job_id: "job00001" } })],
  ["whose JSON is that of another wish", () => ({ note: { request_id: "pedal.8" } })],
  ["under the id of a device", () => ({ id: "live-abcdefgh.3", note: { request_id: "live-abcdefgh.3" } })],
]) {
  test(`a take ${what} is not ours: nothing is imported, shown or asked`, (t) => {
    const standing = delivered(t);
    const { live, device } = standing;
    live.run(20);
    const before = [device.shown("status"), device.shown("Result 1"), device.stored().State[0]];
    const sent = device.allSent.length;
    forge(standing, how(standing));
    assert.deepEqual(made(live), ["1 tropical house"]);
    assert.deepEqual([device.shown("status"), device.shown("Result 1"), device.stored().State[0]], before);
    assert.equal(device.isActive("cancel"), false);
    assert.deepEqual(device.allSent.slice(sent).filter(([address]) => address !== "/bridge/ping"), []);
  });
}

test("of a take that lies elsewhere nothing is even read", (t) => {
  const standing = delivered(t);
  const { live } = standing;
  const read = [];
  const readAsBefore = live.disk.read;
  live.disk.read = (path) => {
    read.push(path);
    return readAsBefore(path);
  };
  forge(standing, { wav: "/Users/ada/Desktop/x job00009-1.wav" });
  forge(standing, { json: "/Users/ada/Desktop/x job00009-1.json" });
  assert.deepEqual(read.filter((path) => path.includes("Desktop")), []);
});

test("what a JSON says at length does not fill the state", (t) => {
  const standing = delivered(t);
  const { live, device, job } = standing;
  const where = { ...job.trigger.source.where, more: "x".repeat(20_000), session: "y".repeat(20_000) };
  forge(standing, { note: { prompt: "z".repeat(20_000), source: { ...job.trigger.source, where } } });
  device.choose("Into Track", 1);
  const text = device.stored().State[0];
  const { open, results } = keptOf(device);
  assert.deepEqual([open[0].toldAs, results[0].job], ["pedal.9", "job00009"]);
  assert.ok(text.length < 4000, `${text.length}`);
});

test("a copy of the takes of an unsaved Set comes from the daemon's own folder", (t) => {
  const { live, pedal, job } = delivered(t, { set: { filePath: "" } });
  finish(live, pedal.again("pedal.7", job, "copy"));
  assert.deepEqual(made(live), ["1 tropical house", "1 copy"]);
});

for (const seed of [1, 2, 3, 4]) {
  test(`over a bad net each take of a known copy lands once (${seed})`, (t) => {
    const { live, device, pedal, job } = delivered(t, { takes: 4, seed });
    const copy = pedal.again("pedal.7", job, "copy");
    live.daemon.deliver(copy);
    live.run(1);
    const bad = { lost: 0.3, doubled: 0.3, swapped: 0.3 };
    Object.assign(live.wire.weather, { toDaemon: bad, fromDaemon: bad });
    while (copy.takes.length < 4) {
      live.daemon.deliver(copy);
      live.run(0.5);
    }
    live.daemon.end(copy);
    live.runUntil(() => !device.isActive("cancel"), 120);
    live.run(60);
    assert.deepEqual(made(live).slice(4), [1, 2, 3, 4].map((take) => `${take} copy`));
    assert.deepEqual(imported(copy), [1, 2, 3, 4]);
  });
}
