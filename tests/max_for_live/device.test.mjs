// What a person does with the device: presses, settings, results, and what is said when something is wrong.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openLive } from "./fakes/index.mjs";
import { keptOf } from "./fakes/kept.mjs";
import { finish, generate, made, openDevice, riff } from "./fakes/one_device.mjs";

const PROJECT = "/Users/ada/Music/Night Walk Project";
const marimba = (slots = [riff("Riff"), riff("Verse")]) => ({ name: "Marimba", kind: "midi", slots });
const MOST_STATE_CHARACTERS = 30_000;

const connected = (t, options) => openDevice(t, [marimba(), { name: "Bass", kind: "audio" }], options);

function asked(t, { takes = 1, ...options } = {}) {
  const { live, device } = connected(t, options);
  device.choose("Takes", takes);
  return { live, device, job: generate(live, device) };
}

test("what is set on the face is what is asked for", (t) => {
  const { live, device } = connected(t);
  device.type("Prompt", "sitar, tabla: slow");
  device.type("Key", "G# minor");
  device.type("Tempo", "96,5");
  device.choose("Mode", 1);
  device.choose("Bars", 5);
  device.choose("Takes", 3);
  const { trigger } = generate(live, device);
  assert.deepEqual(trigger.ask, { prompt: "sitar, tabla: slow", bars: 6, takes: 3, mode: "accompany" });
  assert.deepEqual([trigger.music.bpm, trigger.music.key], [96.5, "G# minor"]);
  assert.equal(trigger.project.sample_rate, 48_000);
});

test("nothing set is nothing asked for: no prompt, the song's tempo, no key, the clip's own length", (t) => {
  const { live, device } = connected(t);
  const { trigger } = generate(live, device);
  assert.deepEqual(trigger.ask, { takes: 1, mode: "variation" });
  assert.deepEqual([trigger.music.bpm, trigger.music.key], [96, undefined]);
});

for (const textForm of ["symbol", "text symbol", "atoms", "text atoms"]) {
  test(`text is the same however textedit says it (${textForm})`, (t) => {
    const { live, device } = connected(t, { textForm });
    device.type("Prompt", "tropical house 96 bpm");
    device.type("Tempo", "120");
    const { trigger } = generate(live, device);
    assert.deepEqual([trigger.ask.prompt, trigger.music.bpm], ["tropical house 96 bpm", 120]);
    device.type("Prompt", "");
    device.type("Tempo", "");
    const { trigger: bare } = generate(live, device);
    assert.deepEqual([bare.ask.prompt, bare.music.bpm], [undefined, 96]);
  });
}

test("what was typed without Return counts too, and what the Set kept is asked for at the start", (t) => {
  const { live, device } = connected(t, { announces: false });
  device.type("Prompt", "dusty drums", { returned: false });
  assert.equal(generate(live, device).trigger.ask.prompt, "dusty drums");
  device.choose("Mode", 2);
  device.reload();
  live.run(1);
  const { trigger } = generate(live, device);
  assert.deepEqual([trigger.ask.prompt, trigger.ask.mode], ["dusty drums", "continue"]);
});

for (const tempo of ["fast", "19", "1000", "-96", "96 97", "1e2"]) {
  test(`a tempo of ${tempo} is refused with a word, and nothing is sent`, (t) => {
    const { live, device } = connected(t);
    device.type("Tempo", tempo);
    assert.match(device.shown("status"), /^The tempo must be a number from 20 to 999/);
    assert.equal(generate(live, device), null);
    device.type("Tempo", "");
    assert.ok(generate(live, device));
  });
}

test("values that no control can have are ignored", (t) => {
  const { live, device } = connected(t);
  for (const atoms of [["mode", 7], ["mode", "x"], ["mode"], ["bars", -1], ["bars", 2.5], ["takes", 0], ["takes", 11],
    ["into", 99], ["into"], ["launch", 3], ["result", 9], ["result"], ["samplerate", "x"], ["state"], ["state", 0]]) {
    device.receive(...atoms);
  }
  assert.deepEqual(generate(live, device).trigger.ask, { takes: 1, mode: "variation" });
});

test("before Live is ready a press says so, and nothing of Live is touched", (t) => {
  const live = openLive(t, { set: { tracks: [marimba()] } });
  const device = live.addDevice({ track: 0, start: false });
  live.run(0.5);
  for (const button of ["Generate", "Again", "Cancel", "Retry", "Source Clip", "Result 1"]) device.press(button);
  assert.match(device.shown("status"), /still loading this device/);
  assert.deepEqual(device.allSent, []);
  device.start();
  live.run(1);
  assert.equal(device.shown("light"), 1);
});

test("before daw-bridge has answered a press says so, and nothing is sent later by surprise", (t) => {
  const live = openLive(t, { daemon: false, set: { tracks: [marimba()] } });
  const device = live.addDevice({ track: 0 });
  live.select({ track: 0, slot: 0 });
  live.run(0.5);
  device.press("Generate");
  assert.match(device.shown("status"), /^Looking for daw-bridge/);
  live.run(6);
  device.press("Generate");
  assert.match(device.shown("status"), /^daw-bridge is not running/);
  live.daemon.start();
  live.run(5);
  assert.equal(live.daemon.jobs.length, 0);
});

test("live.thisdevice may speak again: nothing is made twice", (t) => {
  const { live, device } = connected(t);
  const observers = live.set.observers.size;
  device.start();
  live.run(1);
  assert.equal(live.set.observers.size, observers);
  finish(live, generate(live, device));
  assert.deepEqual(made(live), ["1 Riff"]);
  assert.equal(new Set(device.sent("/bridge/hello").map(([client]) => client)).size, 1);
});

test("a Set that was never saved is told, and its takes come from the daemon's own folder", (t) => {
  const { live, device } = connected(t, { set: { filePath: "" } });
  const job = generate(live, device);
  assert.match(device.shown("status"), /^The Set is not saved/);
  assert.equal(job.trigger.project.path, undefined);
  finish(live, job);
  assert.deepEqual(made(live), ["1 Riff"]);
});

test("paid requests are shown", (t) => {
  const { live, device } = connected(t);
  live.daemon.billable = 2;
  const job = generate(live, device);
  assert.equal(device.shown("status"), "Riff: accepted (2 paid requests).");
  live.daemon.progress(job, 0.45, "submitted");
  live.run(0.2);
  assert.equal(device.shown("status"), "Riff: the music is being made, 45 % (2 paid requests).");
});

test("a refused wish says the code's own sentence", (t) => {
  const { live, device } = connected(t);
  live.daemon.reject("queue_full", "100 jobs are waiting; cancel some, or wait.");
  generate(live, device);
  assert.equal(device.shown("status"), "100 jobs are waiting; cancel some, or wait.");
  assert.equal(device.isActive("cancel"), false);
});

test("a failed job says its sentence, and Retry goes on with it", (t) => {
  const { live, device, job } = asked(t);
  live.daemon.fail(job, "no_credit", "Your account has no credit left; top it up, then retry.");
  live.daemon.end(job);
  live.run(0.5);
  assert.equal(device.shown("status"), "Your account has no credit left; top it up, then retry.");
  assert.deepEqual([device.isActive("retry"), device.isActive("cancel")], [true, false]);
  live.daemon.manual = false;
  device.press("Retry");
  live.run(8);
  assert.deepEqual(made(live), ["1 Riff"]);
  assert.equal(device.isActive("retry"), false);
});

test("takes that failed while others came are told, and Retry fetches the rest", (t) => {
  const { live, device, job } = asked(t, { takes: 3 });
  live.daemon.deliver(job, { take: 2 });
  live.daemon.fail(job, "timed_out", "The service took too long; retry fetches it.");
  live.daemon.fail(job, "bad_result", "The service sent silence.");
  live.daemon.end(job);
  live.run(2);
  assert.equal(device.shown("status"), "1 of 3 takes came, the rest failed: The service took too long; retry fetches it.");
  device.press("Retry");
  live.run(0.5);
  for (const take of [1, 3]) live.daemon.deliver(job, { take });
  live.run(4);
  live.daemon.end(job);
  live.run(2);
  assert.deepEqual(made(live), ["1 Riff", "2 Riff", "3 Riff"]);
});

test("a retry that is refused says why, and can be pressed again", (t) => {
  const { live, device, job } = asked(t);
  device.press("Cancel");
  live.run(0.5);
  live.daemon.mute = ["/bridge/retry"];
  device.press("Retry");
  device.receive("/bridge/rejected", job.requestId, "not_supported", "Its provider is gone; configure it again.");
  assert.equal(device.shown("status"), "Its provider is gone; configure it again.");
  live.run(1);
  assert.deepEqual([device.isActive("retry"), device.isActive("cancel")], [true, false]);
});

test("Cancel ends the newest job, keeps what has come, and Retry goes on", (t) => {
  const { live, device, job } = asked(t, { takes: 2 });
  live.daemon.deliver(job);
  live.run(2);
  const second = generate(live, device);
  device.press("Cancel");
  live.run(0.5);
  assert.deepEqual([job.state, second.state], ["accepted", "cancelled"]);
  device.press("Cancel");
  live.run(0.5);
  assert.equal(job.state, "cancelled");
  assert.equal(device.shown("status"), "Riff is cancelled; Retry goes on with it.");
  assert.equal(device.isActive("cancel"), false);
  device.press("Cancel");
  assert.deepEqual(device.sent("/bridge/cancel").length, 2);
  assert.deepEqual(made(live), ["1 Riff"]);
});


test("a pedal does what the mouse does", (t) => {
  const { live, device } = connected(t, { manual: false });
  live.run(1);
  device.pedal("Generate");
  live.run(4);
  device.pedal("Again");
  live.run(4);
  assert.deepEqual(made(live), ["1 Riff", "1 Riff"]);
});

test("Again copies the last job, goes to its place, and takes a prompt that was changed", (t) => {
  const { live, device, job } = asked(t);
  finish(live, job);
  live.select({ track: 0, slot: 1 });
  live.run(0.5);
  device.type("Prompt", "dusty drums");
  device.press("Again");
  live.run(0.2);
  assert.deepEqual(device.sent("/bridge/again")[0].slice(1), [job.id, "dusty drums"]);
  const copy = live.daemon.newest();
  assert.notEqual(copy.id, job.id);
  finish(live, copy);
  assert.deepEqual(made(live), ["1 Riff", "1 dusty drums"]);
});

test("Again without a prompt sends no empty word", (t) => {
  const { live, device, job } = asked(t);
  finish(live, job);
  device.press("Again");
  assert.equal(device.sent("/bridge/again")[0].length, 2);
});

test("Again with a prompt that no packet holds sends as much of it as fits", (t) => {
  const { live, device, job } = asked(t);
  finish(live, job);
  device.type("Prompt", "é🎹".repeat(2000));
  device.press("Again");
  const [, , prompt] = device.sent("/bridge/again")[0];
  assert.match(prompt, /^(é🎹)+é?$/u);
  const { bytes } = device.packets.find(({ address }) => address === "/bridge/again");
  assert.ok(bytes > 3900 && bytes <= 4000, `${bytes}`);
});

test("Again knows its last job after the Set was opened again", (t) => {
  const { live, device, job } = asked(t);
  finish(live, job);
  live.reopen();
  live.run(1);
  assert.equal(device.isActive("again"), true);
  device.press("Again");
  live.run(0.2);
  finish(live, live.daemon.newest());
  assert.deepEqual(made(live), ["1 Riff", "1 Riff"]);
});

test("Again copies the last job that daw-bridge knows, also after the Set was opened with an unanswered wish", (t) => {
  const { live, device, job } = asked(t);
  finish(live, job);
  live.wire.weather.toDaemon = { lost: 1 };
  device.press("Generate");
  live.run(0.1);
  live.reopen();
  live.daemon.mute = ["/bridge/status"];
  live.wire.weather.toDaemon = {};
  live.run(1);
  device.press("Again");
  live.run(0.2);
  assert.equal(device.sent("/bridge/again")[0][1], job.id);
});

test("Again copies the job that was asked for last, in whatever order the answers come", (t) => {
  const { live, device } = connected(t);
  live.daemon.mute = ["/bridge/trigger"];
  device.press("Generate");
  device.press("Generate");
  const [first, second] = device.sent("/bridge/trigger").map(([id]) => id);
  device.receive("/bridge/accepted", second, "job00002", 0);
  device.receive("/bridge/accepted", first, "job00001", 0);
  live.daemon.mute = ["/bridge/trigger", "/bridge/again", "/bridge/status"];
  device.press("Again");
  assert.equal(device.sent("/bridge/again")[0][1], "job00002");
});

test("many jobs may be open at once, each ends in its own place", (t) => {
  const { live, device, job } = asked(t);
  live.select({ track: 0, slot: 1 });
  live.run(0.5);
  const second = generate(live, device);
  finish(live, second);
  finish(live, job);
  assert.deepEqual(made(live).sort(), ["1 Riff", "1 Verse"]);
  assert.equal(live.trackNamed("Marimba · bridge").clip_slots[0].clip.name, "1 Riff");
});

test("a result is imported again by a click, as a new clip; it does not become the source", (t) => {
  const { live, device, job } = asked(t);
  finish(live, job);
  device.press("Result 1");
  live.run(2);
  assert.deepEqual(made(live), ["1 Riff", "1 Riff"]);
  live.select({ track: 1, slot: 0 });
  live.run(0.5);
  assert.equal(device.shown("source"), "Riff · Marimba");
  device.press("Source Clip");
  live.run(0.5);
  assert.equal(device.shown("source"), "1 Riff · Marimba · bridge");
});

test("whatever was made for us does not become the source: old results, those of unsaved Sets, those that were moved", (t) => {
  const files = [
    `${PROJECT}/Samples/Generated/Long ago abcd1234-1.wav`,
    "/Users/ada/Library/daw-bridge/results/Riff abcd1234-2.wav",
    `${PROJECT}/Samples/Imported/Riff job00001-1.wav`,
    `${PROJECT}/Samples/Recorded/Mine.wav`,
  ];
  const sounds = Object.fromEntries(files.map((file) => [file, { seconds: 10 }]));
  const slots = files.map((file, place) => ({ name: `clip ${place}`, file, markers: [[0, 0], [16, 10]] }));
  const { live, device, job } = asked(t, { sounds, set: { tracks: [marimba(), { name: "Bass", kind: "audio", slots }] } });
  finish(live, job);
  const bass = live.set.song.tracks.indexOf(live.trackNamed("Bass"));
  for (let slot = 0; slot < 3; slot += 1) {
    live.select({ track: bass, slot });
    live.run(0.5);
    assert.equal(device.shown("source"), "Riff · Marimba");
  }
  live.select({ track: bass, slot: 3 });
  live.run(0.5);
  assert.equal(device.shown("source"), "clip 3 · Bass");
});

test("a result whose file is gone says so", (t) => {
  const { live, device, job } = asked(t);
  finish(live, job);
  live.disk.remove(job.takes[0].wav);
  device.press("Result 1");
  live.run(1);
  assert.match(device.shown("status"), /^Riff job00001-1\.wav is not there any more/);
});

test("the last four results stay, newest first, and come back with the Set", (t) => {
  const { live, device } = connected(t);
  for (const prompt of ["one", "two", "three", "four", "five"]) {
    device.type("Prompt", `${prompt} drums`);
    finish(live, generate(live, device));
  }
  const labels = ["1 five drums", "1 four drums", "1 three drums", "1 two drums"];
  const shown = () => [1, 2, 3, 4].map((place) => device.shown(`Result ${place}`));
  assert.deepEqual(shown(), labels);
  live.reopen();
  live.run(1);
  assert.deepEqual(shown(), labels);
  device.press("Result 4");
  live.run(2);
  assert.deepEqual(made(live).filter((name) => name === "1 two drums").length, 2);
});

for (const [what, wav] of [
  ["outside the project", "/Users/ada/Desktop/x job00001-1.wav"],
  ["above the project by a detour", `${PROJECT}/../x job00001-1.wav`],
  ["relative", "Samples/Generated/x job00001-1.wav"],
  ["no sound", `${PROJECT}/Samples/Generated/x job00001-1.als`],
]) {
  test(`a take whose file is ${what} is not believed`, (t) => {
    const { live, device, job } = asked(t);
    live.disk.addSound(wav, { seconds: 10 });
    device.receive("/bridge/done", job.requestId, job.id, 1, 1, wav, 96, 16, "", "");
    device.receive("/bridge/ended", job.requestId, job.id, "delivered", 1, 1);
    live.run(3);
    assert.match(device.shown("status"), /^Not imported: .* is not an audio file in your project's folder\.$/);
    assert.deepEqual(made(live), []);
    assert.equal(device.sent("/bridge/imported").length, 0);
    assert.equal(device.isActive("cancel"), false);
  });
}

test("a take whose file is not there is told", (t) => {
  const { live, device, job } = asked(t);
  live.daemon.deliver(job, { write: false });
  live.daemon.end(job);
  live.run(8);
  assert.match(device.shown("status"), /is not there any more/);
  assert.equal(device.shown("Result 1"), "1 Riff");
  assert.equal(device.sent("/bridge/imported").length, 0);
});

test("a project whose name is written in two ways is one project", (t) => {
  const set = { filePath: "/Users/ada/Caf\u00e9 Project/Set.als" };
  const { live, device, job } = asked(t, { set });
  finish(live, job, { folder: "/Users/ada/Cafe\u0301 Project/Samples/Generated" });
  assert.match(device.shown("status"), /^The take is in /);
});

test("beats are read from the JSON beside the WAV, where they are exact", (t) => {
  const { live, device, job } = asked(t);
  const made1 = live.daemon.deliver(job, { beats: 16.1, bpm: 96.3, seconds: (16.1 * 60) / 96.3 });
  live.daemon.end(job);
  live.run(3);
  const { bpm, beats } = keptOf(device).results[0];
  assert.deepEqual([bpm, beats], [96.3, 16.1]);
  assert.ok(live.disk.hasFile(made1.json));
});

test("where the import is refused, the file is named and stays among the results", (t) => {
  const { live, device, job } = asked(t, { quirks: { paths: "none" } });
  finish(live, job);
  assert.match(device.shown("status"), /^Live refused Riff job00001-1\.wav: drag it .*into a slot by hand\.$/);
  assert.equal(device.shown("Result 1"), "1 Riff");
  assert.equal(device.sent("/bridge/imported").length, 0);
  assert.equal(device.isActive("cancel"), false);
});

test("the chosen track is found again after the Set was opened, by another number and another name", (t) => {
  const { live, device } = connected(t);
  device.choose("Into Track", 1);
  live.change((song) => song.tracks.reverse());
  live.run(0.5);
  assert.equal(device.shown("into"), "1 Bass");
  live.reopen();
  live.run(1);
  assert.equal(device.shown("into"), "1 Bass");
  live.select({ track: 1, slot: 0 });
  live.run(0.5);
  finish(live, generate(live, device));
  assert.equal(live.trackNamed("Bass").clip_slots[0].clip.name, "1 Riff");
});

test("the state is written when a wish is asked and a job ended, and at no other time", (t) => {
  const { live, device } = connected(t);
  device.choose("Takes", 2);
  const states = [];
  const look = () => states.push(device.stored().State?.[0]);
  look();
  device.press("Generate");
  look();
  live.run(0.2);
  look();
  const job = live.daemon.newest();
  for (let step = 1; step < 10; step += 1) {
    live.daemon.progress(job, step / 10, "submitted");
    live.run(0.5);
    look();
  }
  live.daemon.deliver(job);
  live.run(2);
  look();
  assert.equal(new Set(states).size, 2);
  assert.deepEqual(keptOf(device).open.map(({ id }) => id), [job.requestId]);
  finish(live, job);
  assert.deepEqual(keptOf(device).open, []);
});

test("a job's id that was learnt after the press is in the state from the next write on", (t) => {
  const { live, device, job } = asked(t, { takes: 2 });
  live.daemon.deliver(job);
  live.run(2);
  device.choose("Into Track", 1);
  const [{ id, job: jobId, imported }] = keptOf(device).open;
  assert.deepEqual([id, jobId, imported], [job.requestId, job.id, [1]]);
});

test("a wish that was refused does not come back with the Set", (t) => {
  const { live, device } = connected(t);
  live.daemon.reject("queue_full", "100 jobs are waiting; cancel some, or wait.");
  device.press("Generate");
  assert.equal(keptOf(device).open.length, 1);
  live.run(0.2);
  assert.deepEqual(keptOf(device).open, []);
});

test("each change of the state is written once, and what undo brings back is not taken for news", (t) => {
  const { live, device } = connected(t);
  const pattr = [...device.patch.boxes.values()].find(({ kind }) => kind === "pattr");
  const written = [];
  const receive = pattr.receive;
  pattr.receive = (atoms) => {
    written.push(atoms[0]);
    receive(atoms);
  };
  const job = generate(live, device);
  const asked1 = device.stored().State[0];
  finish(live, job);
  assert.equal(new Set(written).size, written.length);
  assert.ok(written.length <= 3);
  device.receive("state", asked1);
  live.run(8);
  assert.deepEqual(device.sent("/bridge/status"), []);
  assert.equal(device.isActive("cancel"), false);
  assert.equal(device.shown("Result 1"), "1 Riff");
});

const BROKEN = ["", "{", "[]", "null", "{\"v\":2,\"open\":7}", "{\"v\":1,\"open\":[{}],\"results\":[null,7,{\"wav\":3}]}",
  "{\"v\":1,\"open\":{\"length\":9},\"results\":\"x\",\"into\":[]}", "{\"v\":1,\"set\":7,\"into\":\"#5\",\"texts\":3}"];
for (const state of [...BROKEN, ...BROKEN.map((json) => `s${encodeURIComponent(json)}`), "s%", "\u00e9"]) {
  test(`a state that cannot be understood is an empty one: ${state}`, (t) => {
    const live = openLive(t, { set: { tracks: [marimba()] } });
    const device = live.addDevice({ track: 0, stored: { State: [state] } });
    live.select({ track: 0, slot: 0 });
    live.run(1);
    live.daemon.manual = true;
    finish(live, generate(live, device));
    assert.deepEqual(made(live), ["1 Riff"]);
  });
}

test("the state stays small and plain, however long the names are", (t) => {
  const name = "Ä".repeat(5000);
  const { live, device } = connected(t, { set: { tracks: [marimba([riff(name)])] } });
  device.type("Prompt", "ö".repeat(5000));
  device.choose("Takes", 4);
  const job = generate(live, device);
  for (let take = 1; take <= 4; take += 1) live.daemon.deliver(job, { name: `x ${job.id}-${take}` });
  live.daemon.end(job);
  live.run(5);
  for (let count = 0; count < 20; count += 1) generate(live, device);
  const text = device.stored().State[0];
  assert.match(text, /^s[A-Za-z0-9%_.!~*()-]*$/);
  assert.ok(text.length <= MOST_STATE_CHARACTERS, `${text.length}`);
  assert.equal(keptOf(device).open.length, 20);
});

test("wishes that nobody answers keep the state small: the oldest are left out", (t) => {
  const name = "Ä".repeat(5000);
  const { live, device } = connected(t, { set: { tracks: [marimba([riff(name)])] } });
  live.daemon.mute = ["/bridge/trigger"];
  for (let count = 0; count < 90; count += 1) device.press("Generate");
  const ids = device.sent("/bridge/trigger").map(([id]) => id);
  const text = device.stored().State[0];
  assert.ok(text.length <= MOST_STATE_CHARACTERS, `${text.length}`);
  assert.match(device.shown("status"), /^So many jobs are open that the Set cannot keep them all/);
  const kept = keptOf(device).open.map(({ id }) => id);
  assert.ok(kept.length > 0);
  assert.deepEqual(kept, [...new Set(ids)].reverse().slice(0, kept.length));
});

test("a device that is taken out frees its port and its name, and does nothing more", (t) => {
  const { live, device } = connected(t);
  const { port } = device;
  device.remove();
  const sent = device.allSent.length;
  live.run(20);
  assert.equal(device.allSent.length, sent);
  assert.equal(live.wire.isTaken(port), false);
});
