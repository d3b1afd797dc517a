// The fake Set answers, refuses and complains as Live does: each rule once.

import assert from "node:assert/strict";
import test from "node:test";

import { createFakeClock } from "./fakes/clock.mjs";
import { createMemoryDisk } from "./fakes/disk.mjs";
import { changed, createLiveApi } from "./fakes/live_api.mjs";
import { createLiveSet } from "./fakes/live_set.mjs";

const TAKE = "/Users/ada/Music/Night Walk Project/Samples/Generated/take.wav";

test("objects are found by path, by id and by canonical path", () => {
  const { at, LiveAPI } = set();
  const track = at("live_set tracks 1");
  assert.equal(track.type, "Track");
  assert.equal(at(`id ${track.id}`).unquotedpath, "live_set tracks 1");
  assert.equal(track.path, '"live_set tracks 1"');
  assert.equal(new LiveAPI(track.path).get("name")[0], "Takes");
  assert.equal(
    at("live_set tracks 0 clip_slots 0 clip canonical_parent canonical_parent").get("name")[0],
    "Marimba",
  );
  assert.equal(Number(at("live_set tracks 9").id), 0);
  assert.deepEqual(at("live_set tracks 9").get("name"), []);
});

test("children come as id words, ids as numbers or as text", () => {
  const { at } = set();
  assert.deepEqual(
    at("live_set")
      .get("tracks")
      .filter((word) => word !== "id").length,
    2,
  );
  assert.equal(at("live_set").getcount("scenes"), 8);
  assert.deepEqual(at("live_set tracks 0 clip_slots 3").get("clip"), ["id", 0]);
  const other = set({ quirks: { ids: "text", made: "text" } });
  assert.equal(typeof other.at("live_set").id, "string");
  assert.match(other.at("live_set").call("create_scene", -1), /^id \d+$/);
  const wordy = set({ quirks: { ids: "words", nothing: "id 0" } });
  assert.match(wordy.at("live_set").id, /^id [1-9]\d*$/);
  assert.equal(wordy.at("live_set tracks 9").id, "id 0");
});

test("an object is held until its path is emptied, and is of no use after that", () => {
  const { set: made, LiveAPI } = set();
  const heard = [];
  const api = new LiveAPI((words) => heard.push(words[0]), "live_set");
  api.property = "tempo";
  assert.deepEqual([made.held.size, made.observers.size], [1, 1]);
  api.property = "";
  api.path = "";
  assert.deepEqual([made.held.size, made.observers.size, made.violations], [0, 0, []]);
  heard.length = 0;
  made.song.tempo = 99;
  changed(made, "");
  assert.deepEqual(heard, []);
  assert.deepEqual(api.get("tempo"), []);
  assert.match(made.violations[0], /used after it was given back/);
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
  const read = (notes) =>
    set({ quirks: { notes } }).at("live_set tracks 0 clip_slots 0 clip").call("get_all_notes_extended");
  assert.deepEqual(
    JSON.parse(read("text")).notes.map((note) => note.start_time),
    [-0.5, 2],
  );
  assert.equal(JSON.parse(read("list")[0]).notes.length, 2);
  const cut = set({ quirks: { notesCut: 40 } }).at("live_set tracks 0 clip_slots 0 clip").call("get_all_notes_extended");
  assert.throws(() => JSON.parse(cut), SyntaxError);
  assert.equal(JSON.parse(read("object").stringify()).notes.length, 2);
  const some = set().at("live_set tracks 0 clip_slots 0 clip").call("get_notes_extended", 0, 128, 0, 16);
  assert.deepEqual(
    JSON.parse(some).notes.map((note) => note.pitch),
    [64],
  );
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
  for (const path of [
    "tracks 0 clip_slots 0",
    "tracks 1 clip_slots 0",
    "tracks 2 clip_slots 0",
    "tracks 3 clip_slots 0",
  ]) {
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
  assert.deepEqual(
    made.song.tracks[1].arrangement_clips.map((clip) => [clip.at, clip.until]),
    [
      [0, 16],
      [24, 40],
    ],
  );
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

/** A Set with a MIDI and an audio track, and a LiveAPI to speak to it. */
function set({ tracks, description = {}, quirks = {}, without = [] } = {}) {
  const clock = createFakeClock();
  const disk = createMemoryDisk();
  disk.addSound(TAKE, { seconds: 10, rate: 48_000 });
  const both = [
    {
      name: "Marimba",
      kind: "midi",
      slots: [
        {
          name: "Riff",
          length: 16,
          notes: [
            { pitch: 60, start: -0.5 },
            { pitch: 64, start: 2 },
          ],
        },
      ],
    },
    {
      name: "Takes",
      kind: "audio",
      slots: [null, { name: "Old", file: TAKE }],
      arrangement: [{ name: "There", file: TAKE, at: 32, length: 8 }],
    },
  ];
  const made = createLiveSet(
    { tempo: 96, tracks: tracks ?? both, ...description },
    { clock, disk, quirks, without },
  );
  const LiveAPI = createLiveApi(made, null, { ready: true, alive: true });
  return { set: made, clock, disk, LiveAPI, at: (path) => new LiveAPI(null, path) };
}
