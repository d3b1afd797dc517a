// The fakes refuse and behave as Live, Max and the daemon do: each rule once, so that a mistake in a fake is seen.

import assert from "node:assert/strict";
import test from "node:test";

import { createFakeClock, createRandom } from "./fakes/clock.mjs";
import { createFakeDaemon } from "./fakes/daemon.mjs";
import { createMemoryDisk } from "./fakes/disk.mjs";
import { openLive } from "./fakes/index.mjs";
import { changed, createLiveApi } from "./fakes/live_api.mjs";
import { createLiveSet } from "./fakes/live_set.mjs";
import { decode, encode } from "./fakes/osc.mjs";
import { createMemoryWire } from "./fakes/wire.mjs";

const TAKE = "/Users/ada/Music/Night Walk Project/Samples/Generated/take.wav";

/** A Set with a MIDI and an audio track, and a LiveAPI to speak to it. */
function set({ tracks, description = {}, quirks = {}, without = [] } = {}) {
  const clock = createFakeClock();
  const disk = createMemoryDisk();
  disk.addSound(TAKE, { seconds: 10, rate: 48_000 });
  const both = [
    { name: "Marimba", kind: "midi", slots: [{ name: "Riff", length: 16, notes: [{ pitch: 60, start: -0.5 }, { pitch: 64, start: 2 }] }] },
    { name: "Takes", kind: "audio", slots: [null, { name: "Old", file: TAKE }], arrangement: [{ name: "There", file: TAKE, at: 32, length: 8 }] },
  ];
  const made = createLiveSet({ tempo: 96, tracks: tracks ?? both, ...description }, { clock, disk, quirks, without });
  const LiveAPI = createLiveApi(made, null, { ready: true, alive: true });
  return { set: made, clock, disk, LiveAPI, at: (path) => new LiveAPI(null, path) };
}

/** A device of one script, with live.thisdevice, a status line and a Generate button. */
function tiny(text, more = [], lines = []) {
  const box = (id, maxclass, words, ins, outs, rest = {}) => ({
    box: { id, maxclass, text: words, numinlets: ins, numoutlets: outs, patching_rect: [0, 0, 50, 20], ...rest },
  });
  const wire = ([source, outlet, destination, inlet = 0]) => ({
    patchline: { source: [source, outlet], destination: [destination, inlet] },
  });
  const parameter = (longname, invisible, rest = {}) => ({
    parameter_enable: 1,
    varname: longname.toLowerCase(),
    saved_attribute_attributes: { valueof: { parameter_longname: longname, parameter_invisible: invisible, ...rest } },
  });
  const boxes = [
    box("device", "newobj", "live.thisdevice", 1, 3),
    box("later", "newobj", "deferlow", 1, 1),
    box("script", "newobj", "v8 tiny.js", 1, 4),
    box("face", "newobj", "route status", 1, 2),
    box("status", "live.comment", "", 1, 0, { varname: "status" }),
    box("generate", "live.text", "Generate", 1, 2, { mode: 0, ...parameter("Generate", 0, { parameter_type: 2 }) }),
    box("secret", "live.text", "Secret", 1, 2, { mode: 0, ...parameter("Secret", 2, { parameter_type: 2 }) }),
    box("say", "message", "generate", 2, 1),
    box("send", "newobj", "udpsend 127.0.0.1 9130", 1, 0),
    box("listen", "newobj", "udpreceive 9196 @defer 1", 1, 1),
    box("prompt", "textedit", "", 1, 4, { outputmode: 1, ...parameter("Prompt", 1, { parameter_type: 3 }) }),
    ...more.map((words) => box(...words)),
  ];
  const wires = [
    ["device", 0, "later"],
    ["later", 0, "script"],
    ["script", 2, "face"],
    ["face", 0, "status"],
    ["generate", 0, "say"],
    ["say", 0, "script"],
    ["script", 0, "send"],
    ["script", 1, "listen"],
    ["listen", 0, "script"],
    ["prompt", 0, "script"],
    ...lines,
  ];
  return { patcher: { boxes, lines: wires.map(wire) }, script: () => `inlets = 1; outlets = 4; ${text}` };
}

/** Live with one tiny device; `bang` and `generate` are the bodies of the script's functions. */
function tinyLive(t, { bang = "", generate = "", rest = "", ...options }) {
  const text = `function bang() { ${bang} } function generate() { ${generate} } ${rest}
    if (typeof anything === "undefined") globalThis.anything = () => {};`;
  const live = openLive(t, { ...options, device: options.device ?? tiny(text) });
  const device = live.addDevice();
  live.run(0.01);
  return { live, device };
}

/** That work fails with this, and that Live or Max has noted it, so that a script cannot hide it. */
function fails(work, pattern) {
  assert.throws(work, pattern);
}

// The Set

test("objects are found by path, by id and by canonical path", () => {
  const { at, LiveAPI } = set();
  const track = at("live_set tracks 1");
  assert.equal(track.type, "Track");
  assert.equal(at(`id ${track.id}`).unquotedpath, "live_set tracks 1");
  assert.equal(track.path, '"live_set tracks 1"');
  assert.equal(new LiveAPI(track.path).get("name")[0], "Takes");
  assert.equal(at("live_set tracks 0 clip_slots 0 clip canonical_parent canonical_parent").get("name")[0], "Marimba");
  assert.equal(Number(at("live_set tracks 9").id), 0);
  assert.deepEqual(at("live_set tracks 9").get("name"), []);
});

test("children come as id words, ids as numbers or as text", () => {
  const { at } = set();
  assert.deepEqual(at("live_set").get("tracks").filter((word) => word !== "id").length, 2);
  assert.equal(at("live_set").getcount("scenes"), 8);
  assert.deepEqual(at("live_set tracks 0 clip_slots 3").get("clip"), ["id", 0]);
  const other = set({ quirks: { ids: "text", made: "text" } });
  assert.equal(typeof other.at("live_set").id, "string");
  assert.match(other.at("live_set").call("create_scene", -1), /^id \d+$/);
});

test("an object that was deleted has the id 0 from then on", () => {
  const { at } = set();
  const slot = at("live_set tracks 1 clip_slots 0");
  slot.call("create_audio_clip", TAKE);
  const clip = at("live_set tracks 1 clip_slots 0 clip");
  assert.notEqual(Number(clip.id), 0);
  slot.call("delete_clip");
  assert.equal(Number(clip.id), 0);
});

test("notes come as text, as a list that holds it, or as an object that can tell itself", () => {
  const read = (notes) => set({ quirks: { notes } }).at("live_set tracks 0 clip_slots 0 clip").call("get_all_notes_extended");
  assert.deepEqual(JSON.parse(read("text")).notes.map((note) => note.start_time), [-0.5, 2]);
  assert.equal(JSON.parse(read("list")[0]).notes.length, 2);
  assert.equal(JSON.parse(read("object").stringify()).notes.length, 2);
  const some = set().at("live_set tracks 0 clip_slots 0 clip").call("get_notes_extended", 0, 128, 0, 16);
  assert.deepEqual(JSON.parse(some).notes.map((note) => note.pitch), [64]);
});

test("warp markers come in both shapes, with the hidden last one", () => {
  const read = (markers) => {
    const { at } = set({ quirks: { markers } });
    return JSON.parse(at("live_set tracks 1 clip_slots 1 clip").get("warp_markers")[0]);
  };
  assert.equal(read("object").warp_markers.length, 2);
  const [first, hidden] = read("list");
  assert.deepEqual(first, { beat_time: 0, sample_time: 0 });
  assert.ok(Math.abs((hidden.beat_time * 60) / hidden.sample_time - 96) < 1e-9);
});

test("a file becomes a clip only in an empty slot of an audio track that is not frozen", () => {
  const tracks = [
    { name: "M", kind: "midi" },
    { name: "G", kind: "group" },
    { name: "F", kind: "audio", frozen: true },
    { name: "A", kind: "audio", slots: [{ name: "Old", file: TAKE }] },
  ];
  const one = set({ tracks });
  for (const path of ["tracks 0 clip_slots 0", "tracks 1 clip_slots 0", "tracks 2 clip_slots 0", "tracks 3 clip_slots 0"]) {
    assert.equal(one.at(`live_set ${path}`).call("create_audio_clip", TAKE), undefined);
  }
  assert.equal(one.set.refusals.length, 4);
  assert.deepEqual(one.set.violations, []);
  one.at("live_set tracks 3 clip_slots 1").call("create_audio_clip", TAKE);
  assert.equal(one.at("live_set tracks 3 clip_slots 1").get("has_clip")[0], 1);
});

test("a path must be absolute, there, and a sound", () => {
  const { at, set: made, disk } = set();
  disk.addFile("/Users/ada/text.wav", "no sound");
  for (const path of ["take.wav", "/Users/ada/missing.wav", "/Users/ada/text.wav"]) {
    assert.equal(at("live_set tracks 1 clip_slots 0").call("create_audio_clip", path), undefined);
  }
  assert.equal(made.refusals.length, 3);
});

test("the form of a path may matter", () => {
  const wav = "C:/Users/ada/take.wav";
  const take = (paths, path) => {
    const { at, disk, set: made } = set({ quirks: { paths, windows: true } });
    disk.addSound(wav);
    at("live_set tracks 1 clip_slots 0").call("create_audio_clip", path);
    return made.song.tracks[1].clip_slots[0].clip?.file ?? "";
  };
  assert.equal(take("native", "C:\\Users\\ada\\take.wav"), "C:\\Users\\ada\\take.wav");
  assert.equal(take("native", wav), "");
  assert.equal(take("slashes", "C:\\Users\\ada\\take.wav"), "");
  assert.equal(take("slashes", wav), "C:\\Users\\ada\\take.wav");
  assert.equal(take("none", wav), "");
});

test("Auto-Warp guesses: the length and the markers are wrong by its factor", () => {
  const { at } = set({ quirks: { autoWarp: 1.25, autoWarpStart: 0.1, autoWarpMarkers: 2 } });
  at("live_set tracks 1 clip_slots 0").call("create_audio_clip", TAKE);
  const clip = at("live_set tracks 1 clip_slots 0 clip");
  assert.equal(JSON.parse(clip.get("warp_markers")[0]).warp_markers.length, 4);
  assert.ok(Math.abs(clip.get("length")[0] - (9.9 * 120) / 60) < 0.02, String(clip.get("length")));
  assert.equal(clip.get("looping")[0], 0);
});

test("a sample that is not warped has its edges in seconds and cannot loop", () => {
  const { at, set: made } = set({ quirks: { autoWarp: 0 } });
  at("live_set tracks 1 clip_slots 0").call("create_audio_clip", TAKE);
  const clip = at("live_set tracks 1 clip_slots 0 clip");
  assert.deepEqual([clip.get("warping")[0], clip.get("loop_end")[0], clip.get("end_marker")[0]], [0, 10, 10]);
  clip.set("looping", 1);
  assert.equal(clip.get("looping")[0], 0);
  clip.call("add_warp_marker", { beat_time: 16, sample_time: 10 });
  assert.equal(made.refusals.length, 2);
  clip.set("warping", 1);
  assert.ok(Math.abs(clip.get("end_marker")[0] - 16) < 1e-9);
});

test("warping may be in force only later, and markers set before that are lost", () => {
  const { at, set: made, clock } = set({ quirks: { autoWarp: 0, lazyWarping: 0.06 } });
  at("live_set tracks 1 clip_slots 0").call("create_audio_clip", TAKE);
  const clip = at("live_set tracks 1 clip_slots 0 clip");
  clip.set("warping", 1);
  assert.equal(clip.get("warping")[0], 0);
  clip.call("add_warp_marker", { beat_time: 16, sample_time: 10 });
  assert.equal(made.refusals.length, 1);
  clock.advance(0.1);
  assert.equal(clip.get("warping")[0], 1);
  clip.call("add_warp_marker", { beat_time: 20, sample_time: 10 });
  assert.equal(made.refusals.length, 1);
});

test("markers keep their order and 5 to 999 bpm, and one always stays", () => {
  const { at, set: made } = set();
  at("live_set tracks 1 clip_slots 0").call("create_audio_clip", TAKE);
  const clip = at("live_set tracks 1 clip_slots 0 clip");
  const count = () => JSON.parse(clip.get("warp_markers")[0]).warp_markers.length;
  clip.call("remove_warp_marker", 0);
  clip.call("add_warp_marker", { beat_time: 1000, sample_time: 10 });
  clip.call("add_warp_marker", { beat_time: 0.5, sample_time: 10 });
  clip.call("add_warp_marker", { beat_time: 0, sample_time: 3 });
  clip.call("remove_warp_marker", 7);
  assert.equal(made.refusals.length, 5);
  assert.equal(count(), 2);
  clip.call("add_warp_marker", { beat_time: 16, sample_time: 9 });
  clip.call("move_warp_marker", 16, -16);
  assert.equal(made.refusals.length, 6);
  clip.call("move_warp_marker", 16, 1);
  assert.deepEqual(made.song.tracks[1].clip_slots[0].clip.markers[1], { beat: 17, seconds: 9 });
  clip.call("remove_warp_marker", 0);
  assert.equal(count(), 2);
});

test("a loop ends after it starts, and without a loop its edges are the clip's", () => {
  const { at, set: made } = set();
  at("live_set tracks 1 clip_slots 0").call("create_audio_clip", TAKE);
  const clip = at("live_set tracks 1 clip_slots 0 clip");
  clip.set("loop_end", 12);
  assert.deepEqual([clip.get("loop_end")[0], clip.get("end_marker")[0], clip.get("length")[0]], [12, 12, 12]);
  clip.set("looping", 1);
  clip.set("loop_end", 8);
  assert.deepEqual([clip.get("loop_end")[0], clip.get("end_marker")[0], clip.get("length")[0]], [8, 12, 8]);
  clip.set("loop_end", 0);
  assert.equal(clip.get("loop_end")[0], 8);
  assert.equal(made.refusals.length, 1);
});

test("read-only properties stay, and names that Live does not know are noted", () => {
  const { at, set: made } = set();
  at("live_set tracks 1 clip_slots 0").call("create_audio_clip", TAKE);
  const clip = at("live_set tracks 1 clip_slots 0 clip");
  clip.set("length", 3);
  clip.set("file_path", "/elsewhere.wav");
  assert.equal(made.refusals.length, 2);
  assert.deepEqual(made.violations, []);
  assert.deepEqual(clip.get("colour"), []);
  clip.set("colour", 1);
  clip.call("paint");
  assert.equal(made.violations.length, 3);
});

test("audio's properties are refused of a MIDI clip", () => {
  const { at, set: made } = set();
  assert.deepEqual(at("live_set tracks 0 clip_slots 0 clip").get("file_path"), []);
  assert.equal(made.refusals.length, 1);
});

test("a clip on the timeline overwrites what it overlaps, and that is a violation", () => {
  const { at, set: made } = set();
  const track = at("live_set tracks 1");
  track.call("create_audio_clip", TAKE, 0);
  assert.deepEqual(made.violations, []);
  track.call("create_audio_clip", TAKE, 24);
  assert.equal(made.violations.length, 1);
  assert.match(made.violations[0], /"There" at beat 32 was overwritten/);
  assert.deepEqual(made.song.tracks[1].arrangement_clips.map((clip) => [clip.at, clip.until]), [[0, 16], [24, 40]]);
  assert.equal(track.call("create_audio_clip", TAKE, -1), undefined);
});

test("a session clip is copied to the timeline with the length of its loop", () => {
  const { at, set: made } = set({ quirks: { autoWarp: 2 } });
  at("live_set tracks 1 clip_slots 0").call("create_audio_clip", TAKE);
  const clip = at("live_set tracks 1 clip_slots 0 clip");
  clip.set("looping", 1);
  clip.set("loop_end", 16);
  at("live_set tracks 1").call("duplicate_clip_to_arrangement", `id ${clip.id}`, 8);
  const copy = made.song.tracks[1].arrangement_clips.at(-1);
  assert.deepEqual([copy.at, copy.until, copy.loopEnd], [8, 24, 16]);
  assert.equal(at("live_set tracks 1 arrangement_clips 1").get("is_arrangement_clip")[0], 1);
  assert.deepEqual(made.violations, []);
  at("live_set tracks 1").call("duplicate_clip_to_arrangement", `id ${copy.id}`, 64);
  assert.match(made.violations[0], /can crash Live/);
});

test("take lanes take clips of their own, where this Live has them", () => {
  const { at, set: made } = set();
  at("live_set tracks 1").call("create_take_lane");
  at("live_set tracks 1 take_lanes 0").call("create_audio_clip", TAKE, 32);
  assert.equal(at("live_set tracks 1 take_lanes 0 arrangement_clips 0").get("is_take_lane_clip")[0], 1);
  assert.deepEqual(made.violations, []);
  const older = set({ without: ["Track.create_take_lane"] });
  assert.doesNotMatch(older.at("live_set tracks 1").info, /create_take_lane/);
  assert.match(older.at("live_set tracks 1").info, /function create_audio_clip/);
  older.at("live_set tracks 1").call("create_take_lane");
  assert.match(older.set.violations[0], /not there/);
});

test("tracks and scenes are made where asked, with their slots", () => {
  const { at, set: made } = set();
  const [, id] = at("live_set").call("create_audio_track", 1);
  assert.equal(at(`id ${id}`).unquotedpath, "live_set tracks 1");
  at("live_set").call("create_scene", -1);
  assert.equal(made.song.scenes.length, 9);
  assert.ok(made.song.tracks.every((track) => track.clip_slots.length === 9));
  assert.equal(at("live_set").call("create_audio_track", 99), undefined);
});

test("what was there before may not be changed or deleted, and the song's tempo never", () => {
  const { at, set: made } = set();
  at("live_set tracks 1").set("name", "Mine");
  at("live_set").set("tempo", 120);
  at("live_set tracks 1 clip_slots 1").call("delete_clip");
  at("live_set").call("delete_track", 0);
  const text = made.violations.join("\n");
  assert.match(text, /name of the Track "Takes", which was there before/);
  assert.match(text, /song.tempo was set to 120/);
  assert.match(text, /the Clip "Old" was deleted/);
  assert.match(text, /the Track "Marimba" was deleted/);
});

test("observers hear at once and at each change, and may not change anything then", () => {
  const { set: made, LiveAPI } = set();
  const heard = [];
  const api = new LiveAPI((words) => heard.push(words), "live_set view");
  api.property = "detail_clip";
  made.song.view.detail_clip = made.song.tracks[0].clip_slots[0].clip;
  changed(made, "");
  changed(made, "");
  assert.equal(heard.length, 3);
  assert.deepEqual(heard[1], ["detail_clip", "id", 0]);
  assert.deepEqual(heard[2], ["detail_clip", "id", made.song.view.detail_clip.id]);
  const meddler = new LiveAPI(() => new LiveAPI(null, "live_set").call("create_scene", -1), "live_set");
  meddler.property = "tempo";
  assert.match(made.violations[0], /within a notification/);
  assert.equal(made.song.scenes.length, 8);
});

test("launching is noted", () => {
  const { at, set: made } = set();
  at("live_set tracks 0 clip_slots 0").call("fire");
  assert.deepEqual(made.fired, [made.song.tracks[0].clip_slots[0]]);
});

// Max

test("a LiveAPI before live.thisdevice has spoken fails the test", (t) => {
  const script = (body) => tiny(`${body} function bang() { globalThis.api = new LiveAPI(null, "live_set"); }`);
  const expects = [/before live.thisdevice/];
  const early = openLive(t, { device: script('const api = new LiveAPI(null, "live_set");'), expects });
  fails(() => early.addDevice(), /before live.thisdevice/);
  const right = openLive(t, { device: script("") });
  right.addDevice();
  right.run(0.01);
  assert.deepEqual(right.violations(), []);
});

test("a LiveAPI outside the main thread fails the test", (t) => {
  const device = tiny('function bang() { outlet(0, "/bridge/ping", "x"); } function anything() { new LiveAPI(null, "live_set"); }');
  device.patcher.boxes.find(({ box }) => box.id === "listen").box.text = "udpreceive 9131";
  const live = openLive(t, { device, expects: [/main thread/] });
  live.addDevice();
  fails(() => live.run(0.1), /main thread/);
});

test("nothing that only Node has is there, and time and chance are the test's", (t) => {
  const names = ["setTimeout", "setInterval", "require", "process", "console", "fetch", "Buffer", "TextEncoder", "performance"];
  const generate = `
    const there = ${JSON.stringify(names)}.filter((name) => typeof globalThis[name] !== "undefined");
    outlet(2, "status", "set", there.join(",") + "|" + Date.now() + "|" + new Date().getTime() + "|" + Math.random());`;
  const say = (seed) => {
    const { live, device } = tinyLive(t, { generate, seed });
    device.press("Generate");
    assert.equal(device.shown("status").split("|")[1], String(live.clock.now()));
    return device.shown("status");
  };
  assert.match(say(1), /^\|(\d+)\|\1\|0\.\d+$/);
  assert.equal(say(1), say(1));
  assert.notEqual(say(1), say(2));
});

for (const [what, generate, complaint] of [
  ["printing", 'post("hm")', /printed/],
  ["outlet.apply", 'outlet.apply(this, [2, "status"])', /outlet.apply/],
  ["an outlet that is not there", 'outlet(4, "status")', /outlet 4/],
  ["an object as an atom", "outlet(2, { a: 1 })", /no atom/],
  ["NaN as an atom", "outlet(2, [1, NaN])", /no number/],
  ["a symbol that is too long", 'outlet(2, "x".repeat(40000))', /too long/],
  ["a write of too much text", 'const f = new File("/tmp/x.txt", "write"); f.writestring("x".repeat(8193))', /8193 characters/],
  ["a write of too many bytes", 'const f = new File("/tmp/x.txt", "write"); f.writebytes(new Array(4097))', /4097 bytes/],
  ["a write of text that is not ASCII", 'const f = new File("/tmp/x.txt", "write"); f.writestring("é")', /ASCII/],
  ["a packet over 4,000 bytes", 'outlet(0, "/bridge/ping", "x".repeat(4000))', /packet of 40\d\d bytes/],
  ["an object in Global", 'new Global("g").x = {}', /Global.x/],
]) {
  test(`${what} fails the test, even where the script catches it`, (t) => {
    const { live, device } = tinyLive(t, { generate: `try { ${generate} } catch (problem) {}`, expects: [complaint] });
    live.disk.addFolder("/tmp");
    device.press("Generate");
    assert.equal(live.violations().length, 1);
    assert.match(live.violations()[0], complaint);
  });
}

test("lists are unrolled by one level at an outlet, and wires go right to left", (t) => {
  const { device } = tinyLive(t, { generate: 'outlet(2, ["status", "set", "a", 2, "b"])' });
  device.press("Generate");
  assert.equal(device.shown("status"), "a 2 b");
  assert.deepEqual(device.said("status"), [["set", "a", 2, "b"]]);
});

test("files are written where their folder is, over what is there, and may fail in silence", (t) => {
  const generate = `
    for (const path of ["/media/a.txt", "/nowhere/a.txt"]) {
      const file = new File(path, "write", "TEXT");
      if (!file.isopen) continue;
      file.writestring("new");
      file.close();
    }`;
  const { live, device } = tinyLive(t, { generate });
  live.disk.addFile("/media/a.txt", "older");
  device.press("Generate");
  assert.equal(live.disk.read("/media/a.txt").toString(), "newer");
  assert.equal(live.disk.hasFile("/nowhere/a.txt"), false);
  live.disk.addFile("/media/a.txt", "");
  live.files.writing = "silent";
  device.press("Generate");
  assert.equal(live.disk.read("/media/a.txt").toString(), "");
  live.files.writing = "refused";
  device.press("Generate");
  assert.equal(live.disk.read("/media/a.txt").toString(), "");
});

test("a long file is truncated where the disk does so", (t) => {
  const generate = 'const f = new File("/media/a.txt", "write"); f.writestring("x".repeat(5000)); f.close();';
  const { live, device } = tinyLive(t, { generate });
  live.disk.addFolder("/media");
  live.files.writing = "truncated";
  device.press("Generate");
  assert.equal(live.disk.read("/media/a.txt").length, 4000);
});

test("files are read in slices, folders entry by entry", (t) => {
  const generate = `
    const file = new File("/media/a.txt", "read");
    const words = [file.eof, file.readstring(3), file.position];
    file.close();
    const folder = new Folder("/media");
    while (!folder.end) { words.push(folder.filename); folder.next(); }
    folder.close();
    outlet(2, "status", "set", words, new File("/media/none.txt", "read").isopen);`;
  const { live, device } = tinyLive(t, { generate });
  live.disk.addFile("/media/a.txt", "hello");
  live.disk.addFile("/media/b.txt", "");
  device.press("Generate");
  assert.equal(device.shown("status"), "5 hel 3 a.txt b.txt 0");
});

test("tasks run on the test's clock, once or again and again, until cancelled", (t) => {
  const rest = `
    let count = 0;
    const task = new Task(() => { count += 1; outlet(2, "status", "set", count); });
    task.interval = 100;`;
  const { live, device } = tinyLive(t, { rest, bang: "task.repeat()", generate: "task.cancel()" });
  live.run(0.25);
  assert.equal(device.shown("status"), "2");
  device.press("Generate");
  live.run(1);
  assert.equal(device.shown("status"), "2");
  const once = tinyLive(t, { rest, bang: "task.schedule(50)" });
  once.live.run(1);
  assert.equal(once.device.shown("status"), "1");
});

test("Global is shared by all devices of a Live, messnamed is noted", (t) => {
  const bang = 'const g = new Global("bridge"); g.count = (g.count || 0) + 1; outlet(2, "status", "set", g.count);';
  const { live } = tinyLive(t, { bang, generate: 'messnamed("max", "launchbrowser", "file:///x")' });
  const second = live.addDevice();
  live.run(0.01);
  assert.equal(second.shown("status"), "2");
  second.press("Generate");
  assert.deepEqual(live.named, [["max", "launchbrowser", "file:///x"]]);
});

// The patch

test("a box or message that the patch cannot have fails the test", (t) => {
  const unknown = tiny("function bang() {}", [["odd", "newobj", "print", 1, 0]]);
  fails(() => openLive(t, { device: unknown, expects: [/\[print\]/] }).addDevice(), /\[print\]/);
  const port = tiny("function bang() {}", [], [["script", 4, "status"]]);
  fails(() => openLive(t, { device: port, expects: [/no port/] }).addDevice(), /no port/);
  const { device } = tinyLive(t, { generate: 'outlet(2, "status", "text", "x")', expects: [/does not understand/] });
  fails(() => device.press("Generate"), /does not understand "text x"/);
});

test("a pedal reaches only what Live's MIDI map reaches", (t) => {
  const { device } = tinyLive(t, { generate: 'outlet(2, "status", "set", "pressed")' });
  device.pedal("Generate");
  assert.equal(device.shown("status"), "pressed");
  fails(() => device.pedal("Secret"), /cannot be mapped/);
});

test("what was typed is kept by Live, told when the device loads, and goes into a copy", (t) => {
  const rest = 'let said = "nothing"; function anything(...words) { said = messagename + words.join(); }';
  const { live, device } = tinyLive(t, { rest, bang: 'outlet(2, "status", "set", said)' });
  device.type("Prompt", "deep house");
  assert.deepEqual(device.stored(), { Prompt: "deep house" });
  device.reload();
  live.run(0.01);
  assert.equal(device.shown("Prompt"), "deep house");
  assert.equal(device.shown("status"), "deep house");
  assert.equal(device.duplicate().shown("Prompt"), "deep house");
});

test("what is typed may come as one symbol, as atoms, or after the word text", (t) => {
  const rest = 'function anything(...words) { outlet(2, "status", "set", [messagename, ...words].join("/")); }';
  const typed = (textForm, text) => {
    const { device } = tinyLive(t, { rest, textForm });
    device.type("Prompt", text);
    return device.shown("status");
  };
  assert.equal(typed("symbol", "deep house"), "deep house");
  assert.equal(typed("atoms", "deep house"), "deep/house");
  assert.equal(typed("text atoms", "deep house"), "text/deep/house");
  assert.equal(typed("text atoms", "house"), "house");
  assert.equal(typed("text symbol", "deep house"), "text/deep house");
});

test("an opened Set has new ids", (t) => {
  const { live } = tinyLive(t, { set: { tracks: [{ name: "M", kind: "midi" }] } });
  const before = live.track(0).id;
  live.reopen();
  live.run(0.01);
  assert.notEqual(live.track(0).id, before);
});

// The wire and the daemon

test("OSC goes there and back, floats with 32 bits", () => {
  assert.deepEqual(decode(encode(["/a", 1, "é", "", -5])), ["/a", 1, "é", "", -5]);
  assert.equal(decode(encode(["/a", 0.1]))[1], Math.fround(0.1));
  assert.throws(() => encode(["/a", 2 ** 31]), /does not fit/);
  const wide = Buffer.concat([Buffer.from("/a\0\0,hdTF\0\0\0"), Buffer.alloc(16)]);
  wide.writeBigInt64BE(7n, 12);
  wide.writeDoubleBE(0.25, 20);
  assert.deepEqual(decode(wide), ["/a", 7, 0.25, 1, 0]);
});

test("packets are lost, doubled and swapped as often as asked, the same at every run", () => {
  const arrived = (weather, seed = 1) => {
    const clock = createFakeClock();
    const wire = createMemoryWire({ clock, random: createRandom(seed) });
    wire.weather.toDaemon = weather;
    const heard = [];
    wire.listen(9130, (atoms) => heard.push(atoms[1]));
    for (let count = 0; count < 1000; count += 1) {
      wire.send("127.0.0.1", 9130, encode(["/n", count]));
      clock.advance(0.002);
    }
    clock.advance(1);
    return heard;
  };
  assert.deepEqual(arrived({}), [...Array(1000).keys()]);
  assert.ok(Math.abs(arrived({ lost: 0.3 }).length - 700) < 60);
  assert.ok(Math.abs(arrived({ doubled: 0.3 }).length - 1300) < 60);
  const swapped = arrived({ swapped: 0.3 });
  assert.equal(swapped.length, 1000);
  assert.notDeepEqual(swapped, [...Array(1000).keys()]);
  assert.deepEqual(arrived({ lost: 0.3 }, 2), arrived({ lost: 0.3 }, 2));
});

test("who comes second to a port hears nothing", () => {
  const clock = createFakeClock();
  const wire = createMemoryWire({ clock, random: createRandom(1) });
  const heard = [];
  wire.listen(9132, () => heard.push("first"));
  wire.listen(9132, () => heard.push("second"));
  wire.send("127.0.0.1", 9132, encode(["/a"]));
  clock.advance(0.1);
  assert.deepEqual(heard, ["first"]);
});

/** A daemon with one client, `live-a`, whose mail is kept in `heard`. */
function daemonWithClient() {
  const clock = createFakeClock();
  const wire = createMemoryWire({ clock, random: createRandom(1) });
  const disk = createMemoryDisk();
  const daemon = createFakeDaemon({ clock, wire, disk });
  const heard = [];
  wire.listen(9140, (atoms) => heard.push(atoms));
  const say = (...atoms) => {
    wire.send("127.0.0.1", 9130, encode(atoms));
    clock.advance(0.01);
  };
  const trigger = (id, prompt = "pads", takes = 1) => {
    const text = JSON.stringify({ schema: 1, clip: { notes: [], start_beats: 0, end_beats: 16 }, music: { bpm: 96 }, ask: { prompt, takes } });
    disk.addFile(`${daemon.mediaFolder}/${id}.json`, text);
    say("/bridge/trigger", id, `${daemon.mediaFolder}/${id}.json`, text.length);
  };
  say("/bridge/hello", "live-a", "0.1.0", 9140);
  return { clock, wire, disk, daemon, heard, say, trigger, words: () => heard.map((atoms) => atoms[0].slice(8)) };
}

test("the daemon welcomes, answers a ping at its client's port, and refuses what it does not know", () => {
  const { heard, say, words } = daemonWithClient();
  assert.deepEqual(heard[0].slice(0, 3), ["/bridge/welcome", "0.1.0", 1]);
  say("/bridge/ping", "live-a.p1");
  assert.deepEqual(heard[1], ["/bridge/pong", "live-a.p1"]);
  say("/bridge/nonsense", "live-a.1");
  say("/bridge/status", "live-a.9");
  assert.deepEqual(words().slice(2), ["rejected", "rejected"]);
  assert.equal(heard[3][2], "unknown_job");
});

test("a trigger is accepted, delivered and ended; the same again is told again, another under its id refused", () => {
  const { clock, daemon, disk, heard, trigger, words } = daemonWithClient();
  trigger("live-a.1", "pads", 2);
  clock.advance(3);
  assert.deepEqual(words().slice(1), ["accepted", "progress", "done", "done", "ended"]);
  const done = heard.find((atoms) => atoms[0] === "/bridge/done");
  assert.deepEqual(done.slice(1, 5), ["live-a.1", daemon.newest().id, 1, 2]);
  assert.equal(disk.sound(done[5]).seconds, 10);
  heard.length = 0;
  trigger("live-a.1", "pads", 2);
  assert.deepEqual(words(), ["accepted", "done", "done", "ended"]);
  trigger("live-a.1", "drums", 2);
  assert.deepEqual(words().slice(4), ["rejected"]);
  assert.equal(daemon.jobs.length, 1);
});

test("parts make a trigger in any order, and are missed after five seconds", () => {
  const { clock, daemon, heard, say, words } = daemonWithClient();
  const text = JSON.stringify({ schema: 1, clip: { notes: [] } });
  say("/bridge/trigger/part", "live-a.1", 1, 2, text.slice(10));
  say("/bridge/trigger/part", "live-a.1", 0, 2, text.slice(0, 10));
  assert.deepEqual(daemon.job("live-a.1").trigger, JSON.parse(text));
  clock.advance(10);
  heard.length = 0;
  say("/bridge/trigger/part", "live-a.2", 1, 3, "x");
  clock.advance(4.9);
  assert.deepEqual(words(), []);
  clock.advance(0.2);
  assert.deepEqual(words(), ["rejected"]);
  assert.match(heard[0][3], /0, 2/);
});

test("cancel, retry, again and imported do what they say", () => {
  const { clock, daemon, heard, say, trigger, words } = daemonWithClient();
  trigger("live-a.1");
  heard.length = 0;
  say("/bridge/cancel", "live-a.1", "");
  assert.deepEqual([...new Set(words())], ["ended", "accepted"]);
  assert.equal(heard.at(-1)[3], "cancelled");
  clock.advance(3);
  assert.equal(daemon.job("live-a.1").takes.length, 0);
  say("/bridge/retry", "live-a.1", "");
  clock.advance(3);
  const job = daemon.job("live-a.1");
  assert.equal(job.state, "delivered");
  say("/bridge/imported", "live-a.1", job.id, 1, "slot 1");
  assert.deepEqual(job.imported, [{ take: 1, where: "slot 1" }]);
  say("/bridge/again", "live-a.2", job.id, "drums");
  assert.equal(daemon.job("live-a.2").trigger.ask.prompt, "drums");
});

test("a daemon that was killed keeps its jobs, says that it has started, and goes on", () => {
  const { clock, daemon, heard, say, trigger, words } = daemonWithClient();
  trigger("live-a.1");
  daemon.kill();
  heard.length = 0;
  say("/bridge/ping", "live-a.p1");
  clock.advance(5);
  assert.deepEqual(heard, []);
  daemon.start();
  clock.advance(5);
  assert.deepEqual(words(), ["startup", "progress", "done", "ended"]);
});
