// What the face shows: the clip that is meant, what is known of it, how far the jobs are; told only when it has changed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { generate, openDevice, riff } from "./fakes/one_device.mjs";

const TRACKS = [
  { name: "Marimba", kind: "midi", slots: [riff("Riff"), riff("Verse")] },
  { name: "Bass", kind: "audio" },
  { name: "Cold", kind: "audio", frozen: true },
];

const connected = (t, options) => openDevice(t, TRACKS, options);

const NAMES_ON_FACE = ["light", "header", "source", "found", "into", "progress", "status", "result1", "result4", "cancel",
  "retry", "again", "generate"];
const told = (device) => NAMES_ON_FACE.flatMap((name) => device.said(name));

test("the clip that is sent is shown before it is sent", (t) => {
  const { live, device } = connected(t);
  assert.equal(device.shown("source"), "Riff · Marimba");
  live.select({ track: 0, slot: 1 });
  live.run(0.5);
  assert.equal(device.shown("source"), "Verse · Marimba");
  assert.equal(generate(live, device).trigger.clip.name, "Verse");
});

test("without a clip the face says so, and Generate says what to do", (t) => {
  const { live, device } = connected(t);
  live.deleteClip(live.slot(0, 0).clip);
  live.select({ track: 1, slot: 0 });
  live.run(0.5);
  assert.equal(device.shown("source"), "Select a clip");
  assert.equal(generate(live, device), null);
  assert.match(device.shown("status"), /select|click/i);
});

test("the header names provider and version", (t) => {
  assert.equal(connected(t).device.shown("header"), "local · 0.1.0");
});

test("tempo, metre and a key that was set are shown, and follow the song", (t) => {
  const { live, device } = connected(t, { set: { timeSignature: [7, 8] } });
  assert.equal(device.shown("found"), "96 bpm · 7/8");
  live.change((song) => Object.assign(song, { tempo: 100.5 }));
  live.change((song) => Object.assign(song.scale, { root: 8, name: "Minor", intervals: [0, 2, 3, 5, 7, 8, 10], on: true }));
  live.run(3);
  assert.equal(device.shown("found"), "G# minor · 100.5 bpm · 7/8");
});

test("tempo automation does not keep the face busy", (t) => {
  const { live, device } = connected(t);
  live.run(3);
  const before = device.said("found").length;
  for (let step = 0; step < 100; step += 1) {
    live.change((song) => Object.assign(song, { tempo: 100 + step / 10 }));
    live.run(0.05);
  }
  assert.ok(device.said("found").length - before <= 3);
  live.run(3);
  assert.equal(device.shown("found"), "109.9 bpm · 4/4");
});

test("the key that the daemon found is shown after a take, until another clip is meant", (t) => {
  const { live, device } = connected(t);
  const job = generate(live, device);
  live.daemon.deliver(job, { key: "D dorian" });
  live.daemon.end(job);
  live.run(2);
  assert.equal(device.shown("found"), "D dorian · 96 bpm · 4/4");
  live.select({ track: 0, slot: 1 });
  live.run(0.5);
  assert.equal(device.shown("found"), "96 bpm · 4/4");
});

test("the key of a take is forgotten when the song changes", (t) => {
  const { live, device } = connected(t);
  const job = generate(live, device);
  live.daemon.deliver(job, { key: "D dorian" });
  live.run(2);
  live.change((song) => Object.assign(song, { tempo: 100 }));
  live.run(3);
  assert.equal(device.shown("found"), "100 bpm · 4/4");
});

test("what is shown already is not told again", (t) => {
  const { live, device } = connected(t);
  const job = generate(live, device);
  live.daemon.progress(job, 0.5, "submitted");
  live.run(0.2);
  const before = told(device).length;
  for (let time = 0; time < 5; time += 1) live.daemon.progress(job, 0.5, "submitted");
  live.run(0.2);
  assert.equal(told(device).length, before);
});

test("the menu offers the audio tracks that can take a clip, and follows them", (t) => {
  const { live, device } = connected(t);
  assert.deepEqual(device.items("into"), ["Auto", "2 Bass"]);
  live.change((song) => Object.assign(song.tracks[2], { is_frozen: 0 }));
  live.change((song) => song.tracks.reverse());
  live.run(0.5);
  assert.deepEqual(device.items("into"), ["Auto", "1 Cold", "2 Bass"]);
});

test("progress and its words are those of the newest job", (t) => {
  const { live, device } = connected(t);
  const first = generate(live, device);
  live.daemon.progress(first, 0.3, "submitted");
  live.run(0.2);
  assert.equal(device.shown("progress"), 0.3);
  assert.equal(device.shown("status"), "Riff: the music is being made, 30 %.");
  live.select({ track: 0, slot: 1 });
  live.run(0.5);
  const second = generate(live, device);
  live.daemon.progress(second, 0.1, "rendered");
  live.daemon.progress(first, 0.9, "generated");
  live.run(0.2);
  assert.equal(device.shown("progress"), 0.1);
  assert.equal(device.shown("status"), "Verse: the clip is ready to be sent, 10 %.");
  device.press("Cancel");
  live.run(0.5);
  assert.equal(device.shown("progress"), 0.9);
});

test("what failed is not covered by how far another job is, until the user does something", (t) => {
  const { live, device } = connected(t);
  const first = generate(live, device);
  const second = generate(live, device);
  live.daemon.fail(first, "disk_full", "The disk is full; make room, then retry.");
  live.daemon.end(first);
  live.run(0.2);
  live.daemon.progress(second, 0.5, "submitted");
  live.run(0.2);
  assert.equal(device.shown("status"), "The disk is full; make room, then retry.");
  live.run(7);
  live.daemon.progress(second, 0.6, "submitted");
  live.run(0.2);
  assert.equal(device.shown("status"), "The disk is full; make room, then retry.");
  const third = generate(live, device);
  live.daemon.progress(third, 0.7, "submitted");
  live.run(0.2);
  assert.match(device.shown("status"), /70 %/);
});

test("buttons can be pressed when there is something for them to do", (t) => {
  const { live, device } = connected(t);
  const active = () => ["again", "cancel", "retry", "result1"].filter((name) => device.isActive(name));
  assert.deepEqual(active(), []);
  const job = generate(live, device);
  assert.deepEqual(active(), ["again", "cancel"]);
  live.daemon.deliver(job);
  live.daemon.end(job);
  live.run(2);
  assert.deepEqual(active(), ["again", "result1"]);
  generate(live, device);
  device.press("Cancel");
  live.run(0.5);
  assert.deepEqual(active(), ["again", "retry", "result1"]);
});

test("an idle device says only a ping or hello now and then, and tells the face nothing", (t) => {
  const { live, device } = connected(t);
  live.run(5);
  const [sent, shown] = [device.allSent.length, told(device).length];
  live.run(60);
  const said = device.allSent.slice(sent).map(([address]) => address);
  assert.ok(said.length <= 23);
  assert.deepEqual(said.filter((address) => !["/bridge/ping", "/bridge/hello"].includes(address)), []);
  assert.equal(told(device).length, shown);
});

test("everything is told again when the device is loaded anew into a fresh patch", (t) => {
  const { live, device } = connected(t);
  device.reload();
  live.run(0.5);
  assert.deepEqual(
    [device.shown("light"), device.shown("header"), device.shown("source"), device.shown("found"), device.isActive("cancel")],
    [1, "local · 0.1.0", "Riff · Marimba", "96 bpm · 4/4", false],
  );
});

test("labels fit on their buttons, pressed or not", (t) => {
  const { live, device } = connected(t, { set: { tracks: [{ ...TRACKS[0], slots: [riff("A riff for the longest night of all")] }] } });
  assert.equal(device.shown("source"), "A riff for the longest night\u2026");
  device.type("Prompt", "psychedelic melotron");
  const job = generate(live, device);
  live.daemon.deliver(job);
  live.daemon.end(job);
  live.run(2);
  assert.equal(device.shown("Result 1"), "1 psychedelic mel\u2026");
  assert.equal(device.shown("Result 2"), "\u2013");
});

test("a selected result says in a few words how it becomes the source", (t) => {
  const { live, device } = connected(t);
  const job = generate(live, device);
  live.daemon.deliver(job);
  live.daemon.end(job);
  live.run(2);
  live.deleteClip(live.slot(0, 0).clip);
  live.select({ track: 1, slot: 0 });
  live.run(0.5);
  assert.equal(device.shown("source"), "Press to use the result");
});

test("no text for a comment holds a sign that Max would write with a backslash", (t) => {
  const { live, device } = connected(t);
  const job = generate(live, device);
  live.daemon.fail(job, "disk_full", "The disk is full; make room, then retry.");
  live.daemon.end(job);
  live.run(0.2);
  assert.deepEqual(device.said("status").at(-1).slice(1), ["The", "disk", "is", "full", "\u2013", "make", "room\u201a", "then", "retry."]);
  assert.equal(device.shown("status"), "The disk is full; make room, then retry.");
});

test("a change of tempo does not make the device look through folders", (t) => {
  const { live, device } = connected(t);
  const { list } = live.disk;
  const looked = [];
  live.disk.list = (path) => void looked.push(path) || list(path);
  live.change((song) => Object.assign(song, { tempo: 100 }));
  live.run(3);
  assert.equal(device.shown("found"), "100 bpm · 4/4");
  assert.deepEqual(looked, []);
});
