// Max and Live where they are less kind than one would wish: the device works all the same, and gives back what it took.

import assert from "node:assert/strict";
import { test } from "node:test";

import { finish, generate, made, openDevice, riff } from "./fakes/one_device.mjs";

const GENERATED = "/Users/ada/Music/Night Walk Project/Samples/Generated";
const TRACKS = [
  { name: "Marimba", kind: "midi", slots: [riff("Riff"), riff("Verse")] },
  { name: "Bass", kind: "audio" },
  { name: "Pads", kind: "audio" },
];

const connected = (t, options) => openDevice(t, TRACKS, options);

for (const [textForm, empty] of [["symbol", ["bang"]], ["text symbol", ["text", ""]], ["atoms", ["bang"]], ["text atoms", ["text"]]]) {
  test(`a box that was emptied and says ${JSON.stringify(empty)} is empty`, (t) => {
    const { live, device } = connected(t, { textForm });
    const box = [...device.patch.boxes.values()].find(({ varname }) => varname === "prompt");
    const said = [];
    const out = box.out;
    box.out = (outlet, ...atoms) => void (said.push(atoms), out(outlet, ...atoms));
    device.type("Prompt", "deep house");
    device.type("Prompt", "");
    assert.deepEqual(said.at(-1), empty);
    assert.equal(generate(live, device).trigger.ask.prompt, undefined);
  });
}

test("a prompt may be or begin with the word text", (t) => {
  const { live, device } = connected(t, { textForm: "text symbol" });
  for (const prompt of ["text", "text to music"]) {
    device.type("Prompt", prompt);
    assert.equal(generate(live, device).trigger.ask.prompt, prompt);
  }
});

for (const quirks of [{ ids: "words" }, { ids: "text" }, { nothing: "id 0" }, { nothing: "0" }, { ids: "words", nothing: 0 }]) {
  test(`a take comes in where Live tells ids as ${JSON.stringify(quirks)}`, (t) => {
    const { live, device } = connected(t, { quirks });
    finish(live, generate(live, device));
    assert.deepEqual(made(live), ["1 Riff"]);
    live.deleteClip(live.slot(0, 0).clip);
    live.select(null);
    live.run(1);
    assert.equal(device.shown("source"), "Select a clip");
  });
}

test("Live's objects are given back: clips that are selected and takes that come in do not add up", (t) => {
  const { live, device } = connected(t, { set: { scenes: 40 } });
  finish(live, generate(live, device));
  const held = live.held;
  for (let count = 0; count < 50; count += 1) {
    live.select({ track: 0, slot: count % 2 });
    live.run(0.3);
  }
  assert.equal(live.held, held);
  for (let count = 0; count < 20; count += 1) finish(live, generate(live, device));
  assert.equal(made(live).length, 21);
  assert.equal(live.held, held);
});

test("in the Arrangement too everything is given back", (t) => {
  const tracks = [{ name: "Marimba", kind: "midi", arrangement: [riff("Riff", { at: 32 })] }];
  const { live, device } = connected(t, { set: { tracks } });
  live.select({ track: 0, clip: 0 });
  live.run(0.5);
  device.choose("Takes", 3);
  finish(live, generate(live, device));
  live.run(15);
  const before = live.held;
  finish(live, generate(live, device));
  live.run(15);
  assert.match(device.shown("status"), /^Take 3 of 3 is in /);
  assert.equal(live.held, before);
});

test("a device that is taken out watches nothing and holds nothing", (t) => {
  const { live, device } = connected(t);
  device.remove();
  assert.equal(live.held, 0);
  assert.equal(live.set.observers.size, 0);
  const other = live.addDevice({ track: 1 });
  live.run(1);
  assert.equal(other.shown("light"), 1);
});

test("while Max's clock stands still, whatever the daemon or the user says moves things on", (t) => {
  const { live, device } = connected(t, { schedulerStands: true, quirks: { autoWarp: 2, lazyWarping: 0.3 } });
  const job = generate(live, device);
  live.daemon.deliver(job);
  for (let count = 0; count < 40; count += 1) {
    live.run(0.2);
    live.daemon.progress(job, 0.5, "generated");
  }
  live.daemon.end(job);
  live.run(0.5);
  assert.deepEqual(made(live), ["1 Riff"]);
  assert.equal(job.imported.length > 0, true);
  live.select({ track: 0, slot: 1 });
  live.run(1);
  device.press("Source");
  assert.equal(device.shown("source"), "Verse · Marimba");
});

test("a menu that goes back to its first item when it gets new ones keeps the track that was chosen", (t) => {
  const { live, device } = connected(t, { menuSpeaks: true });
  device.choose("Into Track", 2);
  live.change((song) => Object.assign(song.tracks[1], { name: "Low" }));
  live.change((song) => song.tracks.push(song.tracks.shift()));
  live.run(1);
  assert.equal(device.shown("into"), "2 Pads");
  finish(live, generate(live, device));
  assert.deepEqual(live.trackNamed("Pads").clip_slots.map((slot) => slot.clip?.name).filter(Boolean), ["1 Riff"]);
});

for (const looping of [true, false]) {
  test(`notes that Live cannot tell in one answer are read piece by piece (${looping ? "a loop" : "no loop"})`, (t) => {
    const notes = Array.from({ length: 5000 }, (_, place) => ({
      pitch: 36 + (place % 60), start: place / 16 - 8, duration: 1 / 16, velocity: 100,
    }));
    const clip = looping ? { loop: [0, 256], start: -8 } : { looping: false, start: -8, end: 304.5 };
    const tracks = [{ name: "Marimba", kind: "midi", slots: [riff("Riff", { notes, length: 256, ...clip })] }];
    const { live, device } = connected(t, { set: { tracks }, quirks: { notesCut: 32_767 } });
    const job = generate(live, device);
    const told = job.trigger.clip.notes;
    const heard = notes.filter(({ start }) => start < (looping ? 256 : 304.5));
    assert.deepEqual(told.map(({ start, pitch }) => [start, pitch]), heard.map(({ start, pitch }) => [start, pitch]));
  });
}

test("notes that Live never tells readably are refused with a word", (t) => {
  const { live, device } = connected(t, { quirks: { notesCut: 3 } });
  assert.equal(generate(live, device), null);
  assert.match(device.shown("status"), /^Live does not tell the notes of the clip Riff/);
});

test("a take's JSON is read whole, though a slice of it ends in the middle of a letter", (t) => {
  const { live, device } = connected(t);
  const job = generate(live, device);
  const wav = live.daemon.deliver(job, { write: false, name: "Größe" }).wav;
  live.disk.addSound(wav, { seconds: 10 });
  const before = '{"beats":16,"bpm":96,"seconds":10,"extra":"';
  const pad = "x".repeat(4095 - `${before}","key":"Gr`.length);
  live.disk.addFile(`${GENERATED}/Größe.json`, `${before}${pad}","key":"Größe 🎸 笹","rest":"${"öß笹🎸".repeat(2000)}"}`);
  live.daemon.end(job);
  live.run(3);
  assert.equal(device.shown("found"), "Größe 🎸 笹 · 96 bpm · 4/4");
  assert.deepEqual(made(live), ["1 Riff"]);
});

test("bytes that are no letters do not keep a take's JSON from being read", (t) => {
  const { live, device } = connected(t);
  const job = generate(live, device);
  const wav = live.daemon.deliver(job, { write: false, name: "Bad" }).wav;
  live.disk.addSound(wav, { seconds: 10 });
  const bad = [0xff, 0xc3, 0x28, 0xe2, 0x82, 0xf0, 0x9f, 0xed, 0xa0, 0x80, 0xc0, 0xaf];
  const text = Buffer.concat([Buffer.from('{"bpm":96,"beats":16,"key":"'), Buffer.from(bad), Buffer.from('D"}')]);
  live.disk.addFile(`${GENERATED}/Bad.json`, text);
  live.run(3);
  assert.match(device.shown("found"), /^\ufffd+\(\ufffd+D · 96 bpm/);
});
