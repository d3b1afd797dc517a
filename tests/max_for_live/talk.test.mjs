// The talk with the daemon: found, lost and found again; each wish one job, each take one clip, whatever the net does.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openLive } from "./fakes/index.mjs";
import { keptOf } from "./fakes/kept.mjs";
import { encode } from "./fakes/osc.mjs";

const MOST_BYTES_A_PACKET = 4000;
const NAMES = ["Marimba", "Bass", "Keys"];

const notes = (count) =>
  Array.from({ length: count }, (_, place) => ({ pitch: 36 + ((place * 7) % 60), start: place / 4, duration: 0.25 }));

const track = (name, count) => ({
  name,
  kind: "midi",
  slots: [{ name: `${name} riff`, length: count / 4, notes: notes(count) }],
});

/** A Set with a clip on each of three tracks. */
function open(t, { count = 16, ...options } = {}) {
  return openLive(t, { ...options, set: { tempo: 96, tracks: NAMES.map((name) => track(name, count)), ...options.set } });
}

/** One device whose clip is selected, connected. */
function connected(t, options) {
  const live = open(t, options);
  const device = live.addDevice({ track: 0 });
  live.select({ track: 0, slot: 0 });
  live.run(0.5);
  assert.equal(device.shown("light"), 1);
  return { live, device };
}

/** As `connected`, with one job accepted; what becomes of it is the test's. */
function asked(t, { takes = 1, ...options } = {}) {
  const { live, device } = connected(t, options);
  live.daemon.manual = true;
  device.choose("Takes", takes);
  device.press("Generate");
  live.run(0.1);
  return { live, device, job: live.daemon.newest() };
}

const rows = (live, name) => live.trackNamed(name).clip_slots.map((slot) => slot.clip?.name).filter(Boolean);
const made = (live, name = "Marimba") => (live.trackNamed(`${name} · bridge`) ? rows(live, `${name} · bridge`) : []);
const imported = (job) => [...new Set(job.imported.map(({ take }) => take))].sort();

test("a device introduces itself with a name, its version and the port it listens to", (t) => {
  const { device } = connected(t);
  const [[client, version, port]] = device.sent("/bridge/hello");
  assert.match(client, /^live-[a-z0-9]{8}$/);
  assert.equal(version, "0.1.0");
  assert.equal(port, device.port);
  assert.ok(port >= 9132 && port < 9132 + 64);
});

test("three devices have three names and three ports, and each gets its own takes", (t) => {
  const live = open(t);
  const devices = NAMES.map((_, place) => live.addDevice({ track: place }));
  live.run(1);
  assert.equal(new Set(devices.map((device) => device.port)).size, 3);
  for (const [place, device] of devices.entries()) {
    live.select({ track: live.set.song.tracks.indexOf(live.trackNamed(NAMES[place])), slot: 0 });
    live.run(0.5);
    device.press("Generate");
  }
  live.run(5);
  assert.deepEqual(NAMES.map((name) => made(live, name)), NAMES.map((name) => [`1 ${name} riff`]));
  for (const device of devices) assert.match(device.shown("status"), /^The take is in /);
});

test("twenty devices of one Live never ask for the same port", (t) => {
  const live = open(t);
  const devices = Array.from({ length: 20 }, () => live.addDevice({ track: 0 }));
  live.run(0.5);
  assert.equal(new Set(devices.map((device) => device.port)).size, 20);
  assert.deepEqual(devices.filter((device) => device.shown("light") !== 1), []);
});

test("a port that another program has is left for the next", (t) => {
  const live = open(t);
  for (let port = 9132; port < 9132 + 64; port += 2) live.wire.listen(port, () => undefined);
  const device = live.addDevice({ track: 0 });
  live.runUntil(() => device.shown("light") === 1, 5);
  assert.equal(device.port % 2, 1);
});

test("without a daemon the status says how to start it, and the device finds it once it runs", (t) => {
  const live = open(t, { daemon: false });
  const device = live.addDevice({ track: 0 });
  live.run(6);
  assert.equal(device.shown("light"), 0);
  assert.equal(device.shown("status"), "daw-bridge is not running: open a terminal and run `daw-bridge run`.");
  live.run(200);
  const before = device.sent("/bridge/hello").length;
  live.run(30);
  assert.equal(device.sent("/bridge/hello").length - before, 10, "it goes slower after a round");
  live.daemon.start();
  live.runUntil(() => device.shown("light") === 1, 4);
  assert.equal(device.shown("status"), "Ready: select a clip and press Generate.");
});

test("the light goes out when nobody answers, and on again when the daemon is back", (t) => {
  const { live, device } = connected(t);
  live.daemon.kill();
  live.runUntil(() => device.shown("light") === 0, 13);
  assert.match(device.shown("status"), /^daw-bridge is not running/);
  live.daemon.start();
  live.runUntil(() => device.shown("light") === 1, 1);
});

test("a pong for another device lights no light", (t) => {
  const { live, device } = connected(t);
  live.daemon.mute = ["/bridge/ping", "/bridge/hello"];
  for (let second = 0; second < 15; second += 1) {
    device.receive("/bridge/pong", "live-other.p1");
    live.run(1);
  }
  assert.equal(device.shown("light"), 0);
});

test("a daemon that speaks another protocol is told apart, and which side is too old", (t) => {
  const { live, device, job } = asked(t);
  live.daemon.kill();
  live.daemon.start({ protocol: 2, version: "9.0.0" });
  live.run(1);
  assert.match(device.shown("status"), /^This device is too old for daw-bridge 9\.0\.0: run `daw-bridge install live`/);
  device.press("Generate");
  live.run(8);
  assert.equal(live.daemon.jobs.length, 1);
  assert.deepEqual(device.sent("/bridge/status"), []);
  live.daemon.kill();
  live.daemon.start({ protocol: 0, version: "0.0.1" });
  live.run(1);
  assert.match(device.shown("status"), /^daw-bridge 0\.0\.1 is too old for this device: update it/);
  live.daemon.kill();
  live.daemon.start({ protocol: 1, version: "0.1.0" });
  live.run(1);
  live.daemon.deliver(job);
  live.daemon.end(job);
  live.run(3);
  assert.deepEqual(made(live), ["1 Marimba riff"]);
});

test("another version of the same protocol is only a hint", (t) => {
  const { live, device } = connected(t);
  live.daemon.kill();
  live.daemon.start({ version: "0.2.0" });
  live.run(1);
  assert.match(device.shown("status"), /daw-bridge is 0\.2\.0, this device 0\.1\.0: run `daw-bridge install live`/);
  device.press("Generate");
  live.run(3);
  assert.deepEqual(made(live), ["1 Marimba riff"]);
});

test("500 notes go as a file, and the packet only names it", (t) => {
  const { live, device } = connected(t, { count: 500 });
  device.press("Generate");
  live.runUntil(() => live.daemon.jobs.length === 1 && /accepted/.test(device.shown("status")), 1);
  const [[id, path, bytes]] = device.sent("/bridge/trigger");
  assert.equal(path, `${live.daemon.mediaFolder}/${id}.json`);
  assert.equal(bytes, live.disk.read(path).length);
  assert.equal(live.daemon.newest().trigger.clip.notes.length, 500);
});

for (const writing of ["refused", "silent", "truncated"]) {
  test(`5,000 notes go whole in parts when the file is ${writing}`, (t) => {
    const { live, device } = connected(t, { count: 5000 });
    live.files.writing = writing;
    device.press("Generate");
    live.run(3);
    assert.equal(live.daemon.newest().trigger.clip.notes.length, 5000);
    assert.deepEqual(device.sent("/bridge/trigger"), []);
    const total = device.sent("/bridge/trigger/part")[0][2];
    assert.equal(device.sent("/bridge/trigger/part").length, total, "nothing is sent again that was answered");
    assert.ok(Math.max(...device.packets.map(({ bytes }) => bytes)) <= MOST_BYTES_A_PACKET);
    assert.deepEqual(made(live), ["1 Marimba riff"]);
  });
}

test("parts that were lost are sent again when the daemon misses them, and only a fourth refusal is believed", (t) => {
  const { live, device } = connected(t, { count: 1000 });
  live.files.writing = "refused";
  live.daemon.mute = ["/bridge/trigger/part"];
  device.press("Generate");
  const id = device.sent("/bridge/trigger/part")[0][0];
  const refuse = () => device.receive("/bridge/rejected", id, "bad_message", "Of 26 parts, these did not come: 3.");
  for (let time = 0; time < 3; time += 1) {
    const before = device.sent("/bridge/trigger/part").length;
    refuse();
    live.run(0.3);
    assert.ok(device.sent("/bridge/trigger/part").length > before);
    live.run(2);
  }
  refuse();
  live.run(1);
  assert.equal(device.shown("status"), "Of 26 parts, these did not come: 3.");
});

test("a wish that nobody answers is asked again and again, and after a minute the status says so", (t) => {
  const { live, device } = connected(t);
  live.daemon.mute = ["/bridge/trigger"];
  device.press("Generate");
  live.run(61);
  const count = device.sent("/bridge/trigger").length;
  assert.ok(count > 15 && count < 30, `${count} times`);
  assert.match(device.shown("status"), /^daw-bridge did not answer for a minute: .*press Generate again\.$/);
  live.run(30);
  assert.equal(device.sent("/bridge/trigger").length, count);
  live.daemon.mute = [];
  device.press("Generate");
  live.run(3);
  assert.deepEqual(made(live), ["1 Marimba riff"]);
});

test("an answer that comes after all is still heard: the job goes on", (t) => {
  const { live, device } = connected(t);
  live.daemon.mute = ["/bridge/trigger"];
  device.press("Generate");
  live.run(62);
  live.daemon.mute = [];
  live.daemon.manual = true;
  live.wire.send("127.0.0.1", 9130, lastTrigger(live), 0);
  live.run(1);
  assert.equal(device.isActive("cancel"), true);
  live.daemon.deliver(live.daemon.newest());
  live.daemon.end(live.daemon.newest());
  live.run(2);
  assert.deepEqual(made(live), ["1 Marimba riff"]);
  assert.equal(device.isActive("cancel"), false);
});

test("takes that come twice, in any order, and after the end are imported once each", (t) => {
  const { live, device, job } = asked(t, { takes: 3 });
  live.daemon.deliver(job, { take: 3 });
  live.run(1);
  live.daemon.deliver(job, { take: 1 });
  live.daemon.deliver(job, { take: 2 });
  live.daemon.end(job);
  live.run(1);
  const told = live.daemon.told.filter(([, id]) => id === job.requestId);
  for (const atoms of [...told].reverse()) device.receive(...atoms);
  live.run(20);
  assert.deepEqual(made(live), ["1 Marimba riff", "2 Marimba riff", "3 Marimba riff"]);
  assert.deepEqual(imported(job), [1, 2, 3]);
});

test("takes that the end counts and nobody saw are asked for", (t) => {
  const { live, device, job } = asked(t, { takes: 2 });
  live.wire.weather.fromDaemon = { lost: 1 };
  live.daemon.deliver(job);
  live.daemon.deliver(job);
  live.run(0.1);
  live.wire.weather.fromDaemon = {};
  live.daemon.end(job);
  live.run(5);
  assert.deepEqual(made(live), ["1 Marimba riff", "2 Marimba riff"]);
  assert.equal(device.isActive("cancel"), false);
});

test("takes that the daemon counts and never tells of are given up with a word", (t) => {
  const { live, device, job } = asked(t, { takes: 2 });
  live.daemon.deliver(job);
  live.run(2);
  live.daemon.mute = ["/bridge/status"];
  for (let time = 0; time < 13; time += 1) {
    assert.equal(device.isActive("cancel"), true);
    device.receive("/bridge/ended", job.requestId, job.id, "delivered", 2, 2);
    device.receive("/bridge/progress", job.requestId, job.id, 0.99, "generated");
    live.run(1.2);
  }
  assert.match(device.shown("status"), /^1 of 2 takes of Marimba riff did not arrive/);
  assert.equal(device.isActive("cancel"), false);
});

test("a cancel that came too late is not said again once the job has ended", (t) => {
  const { live, device, job } = asked(t);
  live.daemon.mute = ["/bridge/cancel", "/bridge/status"];
  device.press("Cancel");
  device.receive("/bridge/ended", job.requestId, job.id, "delivered", 1, 1);
  live.run(8);
  assert.equal(device.sent("/bridge/cancel").length, 1);
  live.daemon.mute = [];
  live.daemon.deliver(job);
  live.daemon.end(job);
  live.run(2);
  assert.deepEqual(made(live), ["1 Marimba riff"]);
});

test("why a job failed is asked for when only its end was heard", (t) => {
  const { live, device, job } = asked(t);
  live.wire.weather.fromDaemon = { lost: 1 };
  live.daemon.fail(job, "no_credit", "Your account has no credit left.");
  live.run(0.1);
  live.wire.weather.fromDaemon = {};
  live.daemon.end(job);
  live.run(3);
  assert.equal(device.shown("status"), "Your account has no credit left.");
});

test("words that come late change nothing that is shown", (t) => {
  const { live, device, job } = asked(t, { takes: 2 });
  const say = (address, ...words) => device.receive(address, job.requestId, job.id, ...words);
  say("/bridge/progress", 0.5, "submitted");
  say("/bridge/progress", 0.3, "composed");
  assert.equal(device.shown("progress"), 0.5);
  live.daemon.deliver(job);
  live.run(2);
  say("/bridge/accepted", 0);
  assert.match(device.shown("status"), /^Take 1 of 2 is in /);
  live.daemon.deliver(job);
  live.run(2);
  say("/bridge/progress", 0.9, "generated");
  live.daemon.end(job);
  live.run(0.2);
  say("/bridge/progress", 0.95, "generated");
  say("/bridge/failed", "internal", "Old trouble.");
  assert.match(device.shown("status"), /^Take 2 of 2 is in /);
});

test("that a take was imported is said until it was surely heard, and waits while the daemon is away", (t) => {
  const { live, device, job } = asked(t);
  live.daemon.deliver(job);
  live.daemon.end(job);
  live.run(0.002);
  live.daemon.kill();
  live.run(90);
  assert.deepEqual(made(live), ["1 Marimba riff"]);
  live.daemon.start();
  live.run(10);
  assert.deepEqual(imported(job), [1]);
  assert.match(device.sent("/bridge/imported")[0][3], /^Marimba · bridge, slot 1/);
});

test("a job that has gone silent is asked about", (t) => {
  const { live, job } = asked(t);
  live.wire.weather.fromDaemon = { lost: 1 };
  live.daemon.deliver(job);
  live.daemon.end(job);
  live.run(0.1);
  live.wire.weather.fromDaemon = {};
  live.run(9);
  assert.deepEqual(made(live), ["1 Marimba riff"]);
});

test("words for other devices, other jobs and of other forms do nothing", (t) => {
  const { live, device, job } = asked(t);
  const before = device.shown("status");
  const wav = "/Users/ada/Music/Night Walk Project/Samples/Generated/x job00009-1.wav";
  live.disk.addSound(wav);
  const foreign = ["/bridge/done", "live-other.1", job.id, 1, 1, wav, 96, 16, "", ""];
  for (const atoms of [
    foreign,
    ["/bridge/done", job.requestId, "job99999", 1, 1, wav, 96, 16, "", ""],
    ["/bridge/ended", job.requestId, "job99999", "failed", 0, 1],
    ["/bridge/ended", job.requestId],
    ["/bridge/progress", job.requestId, job.id, "much", "x"],
    ["/bridge/progress"],
    ["/bridge/rejected", 3],
    ["/bridge/rejected", "live-other.1", "bad_trigger", "No."],
    ["/bridge/unheard", job.requestId],
    ["/bridge/welcome", "0.1.0", "one", "", ""],
    ["toString"],
    ["constructor", 1],
  ]) device.receive(...atoms);
  live.run(2);
  assert.equal(device.shown("status"), before);
  assert.deepEqual(made(live), []);
  live.daemon.deliver(job);
  live.daemon.end(job);
  live.run(3);
  assert.deepEqual(made(live), ["1 Marimba riff"]);
});

test("an empty word that Max left out is put back", (t) => {
  const { live, device, job } = asked(t);
  const wav = "/Users/ada/Music/Night Walk Project/Samples/Generated/x job00001-1.wav";
  live.disk.addSound(wav, { seconds: 10 });
  device.receive("/bridge/done", job.requestId, job.id, 1, 1, wav, 96, 16, wav.replace("wav", "json"));
  live.run(2);
  assert.deepEqual(made(live), ["1 Marimba riff"]);
});

test("the daemon starts anew in the middle of a job: its takes come all the same, once", (t) => {
  const { live, device, job } = asked(t, { takes: 2 });
  live.daemon.deliver(job);
  live.run(2);
  live.daemon.kill();
  live.run(30);
  live.daemon.start();
  live.run(1);
  live.daemon.deliver(job);
  live.daemon.end(job);
  live.run(3);
  assert.deepEqual(made(live), ["1 Marimba riff", "2 Marimba riff"]);
  assert.deepEqual(imported(job), [1, 2]);
  assert.equal(device.isActive("cancel"), false);
});

test("a job that ended while the daemon could not be heard is asked about when it is back", (t) => {
  const { live, job } = asked(t);
  live.wire.weather.fromDaemon = { lost: 1 };
  live.run(15);
  live.daemon.deliver(job);
  live.daemon.end(job);
  live.run(5);
  live.wire.weather.fromDaemon = {};
  live.run(6);
  assert.deepEqual(made(live), ["1 Marimba riff"]);
});

test("Live is closed in the middle of a job: the take comes when the Set is opened again", (t) => {
  const { live, device, job } = asked(t);
  const before = device.sent("/bridge/hello")[0][0];
  live.reopen();
  live.run(1);
  const names = device.sent("/bridge/hello").map(([name]) => name);
  assert.ok(names.includes(before) && names.some((name) => name !== before), "it speaks under the old name too");
  live.daemon.deliver(job);
  live.daemon.end(job);
  live.run(3);
  assert.deepEqual(made(live), ["1 Marimba riff"]);
  assert.deepEqual(imported(job), [1]);
});

for (const button of ["Generate", "Again"]) {
  test(`Live is closed between ${button} and the first answer: the take comes when the Set is opened again`, (t) => {
    const { live, device, job } = asked(t);
    live.daemon.deliver(job);
    live.daemon.end(job);
    live.run(2);
    live.wire.weather.fromDaemon = { lost: 1 };
    device.press(button);
    live.run(0.1);
    const unheard = live.daemon.newest();
    assert.notEqual(unheard, job);
    live.reopen();
    live.daemon.deliver(unheard);
    live.daemon.end(unheard);
    live.run(1);
    live.wire.weather.fromDaemon = {};
    live.run(6);
    assert.deepEqual(made(live), ["1 Marimba riff", "1 Marimba riff"]);
    assert.deepEqual(imported(unheard), [1]);
    assert.equal(device.isActive("cancel"), false);
  });

  test(`a press of ${button} that never reached daw-bridge ends with a word when the Set is opened again`, (t) => {
    const { live, device, job } = asked(t);
    live.daemon.deliver(job);
    live.daemon.end(job);
    live.run(10);
    live.wire.weather.toDaemon = { lost: 1 };
    device.press(button);
    live.run(0.1);
    live.reopen();
    live.wire.weather.toDaemon = {};
    live.run(4);
    assert.equal(device.shown("status"), `Marimba riff did not reach daw-bridge: press ${button} again.`);
    assert.equal(device.isActive("cancel"), false);
    assert.deepEqual(keptOf(device).open, []);
    assert.equal(live.daemon.jobs.length, 1);
    const statuses = device.sent("/bridge/status").length;
    live.run(20);
    assert.equal(device.sent("/bridge/status").length, statuses);
    live.select({ track: 0, slot: 0 });
    live.run(0.5);
    device.press(button);
    live.run(0.2);
    assert.equal(live.daemon.jobs.length, 2);
  });
}

test("a wish that was not answered yet can be cancelled when the Set is opened again", (t) => {
  const { live, device } = connected(t);
  live.daemon.manual = true;
  live.wire.weather.fromDaemon = { lost: 1 };
  device.press("Generate");
  live.run(0.1);
  live.daemon.kill();
  live.wire.weather.fromDaemon = {};
  live.reopen();
  live.run(1);
  assert.equal(device.isActive("cancel"), true);
  live.daemon.start();
  live.runUntil(() => device.shown("light") === 1, 5);
  device.press("Cancel");
  live.run(2);
  assert.equal(live.daemon.newest().state, "cancelled");
  assert.equal(device.isActive("retry"), true);
});

test("a job that is answered after it was given up comes back with the Set, whatever was asked meanwhile", (t) => {
  const { live, device } = connected(t);
  live.daemon.manual = true;
  live.daemon.mute = ["/bridge/trigger"];
  device.press("Generate");
  const given = lastTrigger(live);
  live.run(62);
  live.daemon.mute = [];
  device.press("Generate");
  live.run(0.2);
  live.wire.send("127.0.0.1", 9130, given, 0);
  live.run(0.2);
  const late = live.daemon.newest();
  live.reopen();
  live.run(1);
  live.daemon.deliver(late);
  live.daemon.end(late);
  live.run(2);
  assert.deepEqual(made(live), ["1 Marimba riff"]);
  assert.deepEqual(imported(late), [1]);
});

test("a take that came while Live was closed is waiting when the Set is opened again", (t) => {
  const { live, device, job } = asked(t, { takes: 2 });
  live.daemon.deliver(job);
  live.run(2);
  const stored = device.stored();
  device.remove();
  live.run(5);
  live.daemon.deliver(job);
  live.daemon.end(job);
  live.run(5);
  live.addDevice({ track: 0, stored });
  live.run(5);
  assert.deepEqual(made(live), ["1 Marimba riff", "2 Marimba riff"]);
  assert.deepEqual(imported(job), [1, 2]);
});

test("a copy of a device leaves the jobs to the one that asked for them", (t) => {
  const { live, device, job } = asked(t);
  const copy = device.duplicate();
  live.run(1);
  assert.equal(copy.isActive("cancel"), false);
  live.daemon.deliver(job);
  live.daemon.end(job);
  live.run(20);
  assert.deepEqual(made(live), ["1 Marimba riff"]);
  assert.equal(copy.sent("/bridge/status").length, 0);
  assert.equal(copy.sent("/bridge/imported").length, 0);
});

test("a job that the daemon does not know any more ends with its sentence", (t) => {
  const { live, device, job } = asked(t);
  device.receive("/bridge/rejected", job.requestId, "unknown_job", "No job goes by it; `daw-bridge jobs` lists them.");
  live.run(1);
  assert.equal(device.shown("status"), "No job goes by it; `daw-bridge jobs` lists them.");
  assert.equal(device.isActive("cancel"), false);
});

test("an end that is told right after a retry is the old one, and is asked about before it is believed", (t) => {
  const { live, device, job } = asked(t);
  device.press("Cancel");
  live.run(1);
  assert.equal(job.state, "cancelled");
  device.press("Retry");
  live.run(0.1);
  device.receive("/bridge/ended", job.requestId, job.id, "cancelled", 0, 1);
  live.run(1);
  assert.equal(device.isActive("cancel"), true);
  live.run(4);
  assert.equal(device.isActive("cancel"), true);
  live.daemon.deliver(job);
  live.daemon.end(job);
  live.run(2);
  assert.deepEqual(made(live), ["1 Marimba riff"]);
});

for (const [seed, writing] of [[1, "works"], [2, "refused"], [3, "works"], [4, "refused"], [5, "works"], [6, "refused"]]) {
  test(`a third of all packets is lost, a third doubled, a third swapped: every job ends right, once (${seed})`, (t) => {
    const bad = { lost: 0.3, doubled: 0.3, swapped: 0.3 };
    const live = open(t, { count: writing === "works" ? 64 : 5000, seed, weather: { toDaemon: bad, fromDaemon: bad } });
    live.files.writing = writing;
    const devices = NAMES.map((_, place) => live.addDevice({ track: place }));
    live.runUntil(() => devices.every((device) => device.shown("light") === 1), 60);
    for (const [place, device] of devices.entries()) {
      live.select({ track: live.set.song.tracks.indexOf(live.trackNamed(NAMES[place])), slot: 0 });
      live.run(0.5);
      device.choose("Takes", 3);
      device.press("Generate");
    }
    if (seed % 3 === 0) {
      live.run(1);
      live.daemon.kill();
      live.run(20);
      live.daemon.start();
    }
    live.runUntil(() => live.daemon.jobs.length === 3 && devices.every((device) => !device.isActive("cancel")), 120);
    live.run(60);
    assert.deepEqual(live.daemon.jobs.map((job) => imported(job)), [[1, 2, 3], [1, 2, 3], [1, 2, 3]]);
    for (const name of NAMES) assert.deepEqual(made(live, name).sort(), [1, 2, 3].map((take) => `${take} ${name} riff`));
    for (const { bytes } of devices.flatMap((device) => device.packets)) assert.ok(bytes <= MOST_BYTES_A_PACKET);
  });
}

/** The last trigger that was sent, as it was sent. */
function lastTrigger(live) {
  const packet = live.wire.packets.filter(({ atoms }) => atoms[0] === "/bridge/trigger").at(-1);
  return encode(packet.atoms);
}

test("a welcome that nobody asked for changes nothing", (t) => {
  const { live, device } = connected(t);
  live.daemon.kill();
  live.run(0.5);
  device.receive("/bridge/welcome", "0.1.0", 1, "//evil.example/share/media", "forged");
  live.run(0.5);
  assert.equal(device.shown("header").includes("forged"), false);
});

for (const folder of ["//evil.example/share/media", "\\\\evil.example\\share\\media", "media"]) {
  test(`a clip is never written into the folder ${folder}, but sent in parts`, (t) => {
    const live = open(t, { daemon: false });
    const device = live.addDevice({ track: 0 });
    live.run(0.1);
    device.receive("/bridge/welcome", "0.1.0", 1, folder, "local");
    live.select({ track: 0, slot: 0 });
    device.press("Generate");
    live.run(1);
    assert.deepEqual(device.sent("/bridge/trigger"), []);
    assert.notEqual(device.sent("/bridge/trigger/part").length, 0);
  });
}
