// How takes come back: where they lie, what undoes Live's guesses, and what becomes of those that cannot be imported.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openLive } from "./fakes/index.mjs";
import { addSlot, addTrack } from "./fakes/live_set.mjs";
import { addNode, removeNode } from "./fakes/nodes.mjs";

const OLD_WAV = "/Users/ada/Music/Night Walk Project/Samples/Recorded/Old.wav";
const RIFF = { name: "Riff", length: 16, color: 0x00aa44, notes: [{ pitch: 60, start: 0, duration: 1 }] };
const BEATS = 16;
const SECONDS = 10;

const marimba = (more = {}) => ({ name: "Marimba", kind: "midi", slots: [null, RIFF], ...more });
const onTimeline = () => marimba({ slots: [], arrangement: [{ ...RIFF, at: 32 }] });
const old = (at, beats) => ({ name: `old at ${at}`, file: OLD_WAV, at, loop: [0, beats] });
const bass = (more = {}) => ({ name: "Bass", kind: "audio", ...more });

/** A job has been accepted for the first track's clip; its takes come when the test delivers them. */
function ask(t, wish = {}) {
  const { tracks = [marimba(), bass()], takes = 1, into = 0, mode = 0, launch = 0, prompt, set, ...options } = wish;
  const live = openLive(t, { sounds: { [OLD_WAV]: { seconds: 20 } }, ...options, set: { tempo: 96, tracks, ...set } });
  live.daemon.manual = true;
  const device = live.addDevice({ track: 0 });
  live.run(1);
  live.select(tracks[0].arrangement ? { track: 0, clip: 0 } : { track: 0, slot: 1 });
  live.run(0.5);
  device.type("Prompt", prompt ?? "tropical house, melodic riff");
  device.choose("Takes", takes);
  device.choose("Mode", mode);
  if (launch === 1) device.press("Launch");
  if (into > 0) device.choose("Into Track", into);
  device.press("Generate");
  live.run(1);
  const job = live.daemon.newest();
  assert.ok(job, `nothing was asked for: ${device.shown("status")}`);
  const deliver = (take, facts = {}) => {
    const made = live.daemon.deliver(job, { take, ...facts });
    if (job.takes.length === job.asked) live.daemon.end(job);
    live.run(8);
    return made;
  };
  const tell = ({ take, wav, json }) => {
    const [client] = job.requestId.split(".");
    live.daemon.tell(client, "/bridge/done", job.requestId, job.id, take, job.asked, wav, 96, BEATS, "", json);
  };
  return { live, device, job, deliver, tell };
}

/** The same wish once more, with its one take. */
function another({ live, device }) {
  device.press("Generate");
  live.run(1);
  live.daemon.deliver(live.daemon.newest());
  live.daemon.end(live.daemon.newest());
  live.run(8);
}

function gone(set, track) {
  track.alive = false;
  set.nodes.delete(track.id);
}

const bridge = (live, number = 1) => live.trackNamed(`Marimba · bridge${number > 1 ? ` ${number}` : ""}`);
const rows = (track) => track.clip_slots.map((slot) => (slot.clip ? slot.clip.name : ""));
const places = (clips) => clips.map((clip) => [clip.name, clip.at, clip.until]);
const names = (live) => live.set.song.tracks.map((track) => track.name);

/** The clips that were imported, in slots, on timelines and in take lanes. */
const madeClips = (live) => [...live.set.nodes.values()].filter((node) => node.type === "Clip" && node.made);

function assertFits(clip, { beats = BEATS, seconds = SECONDS, looping = 1 } = {}) {
  assert.deepEqual(
    [clip.warping, clip.looping, clip.loopStart, clip.loopEnd, clip.startMarker, clip.endMarker],
    [1, looping, 0, beats, 0, beats],
  );
  assert.equal(clip.markers.length, 2);
  const [first, last] = clip.markers;
  for (const [is, should] of [[first.beat, 0], [first.seconds, 0], [last.beat, beats], [last.seconds, seconds]]) {
    assert.ok(Math.abs(is - should) < 1e-4, `${is} instead of ${should}`);
  }
}

test("a take comes into the source's scene on a new audio track beside it, named and coloured", (t) => {
  const { live, device, job, deliver } = ask(t);
  deliver(1);
  assert.deepEqual(names(live), ["Marimba", "Marimba · bridge", "Bass"]);
  assert.deepEqual(rows(bridge(live)).slice(0, 3), ["", "1 tropical house", ""]);
  const { clip } = bridge(live).clip_slots[1];
  assertFits(clip);
  assert.equal(clip.color, RIFF.color);
  assert.match(device.shown("status"), /Marimba · bridge, slot 2/);
  assert.deepEqual(job.imported[0], { take: 1, where: "Marimba · bridge, slot 2" });
});

test("takes lie in consecutive slots in their order, in whatever order they come", (t) => {
  const { live, deliver } = ask(t, { takes: 4 });
  for (const take of [3, 1, 4, 2]) deliver(take);
  const four = ["1 tropical house", "2 tropical house", "3 tropical house", "4 tropical house"];
  assert.deepEqual(rows(bridge(live)), ["", ...four, "", "", ""]);
  for (const slot of bridge(live).clip_slots.slice(1, 5)) assertFits(slot.clip);
});

test("scenes are added where the takes need them", (t) => {
  const tracks = [marimba({ slots: [null, RIFF] })];
  const { live, deliver } = ask(t, { tracks, takes: 3, set: { scenes: 2 } });
  for (const take of [3, 2, 1]) deliver(take);
  assert.deepEqual(rows(bridge(live)), ["", "1 tropical house", "2 tropical house", "3 tropical house"]);
});

test("the chosen track is filled from the source's scene on, around what lies there", (t) => {
  const mine = { name: "mine", file: OLD_WAV };
  const { live, deliver } = ask(t, { tracks: [marimba(), bass({ slots: [null, null, mine] })], takes: 2, into: 1 });
  deliver(2);
  deliver(1);
  assert.deepEqual(rows(live.trackNamed("Bass")).slice(0, 5), ["", "1 tropical house", "mine", "2 tropical house", ""]);
  assert.equal(bridge(live), null);
});

test("a full chosen track gets scenes, and nothing on it is touched", (t) => {
  const slots = Array.from({ length: 8 }, (_, row) => ({ name: `mine ${row}`, file: OLD_WAV }));
  const { live, deliver } = ask(t, { tracks: [marimba(), bass({ slots })], into: 1 });
  deliver(1);
  assert.deepEqual(rows(live.trackNamed("Bass")), [...slots.map((slot) => slot.name), "1 tropical house"]);
});

test("of two tracks of one name the chosen one is meant, after the Set was opened anew too", (t) => {
  const tracks = [marimba(), bass(), { name: "Keys", kind: "midi" }, bass()];
  const { live, device, deliver } = ask(t, { tracks, into: 2 });
  deliver(1);
  assert.deepEqual([1, 3].map((track) => rows(live.track(track))[1]), ["", "1 tropical house"]);
  live.reopen();
  live.run(1);
  assert.equal(device.shown("Into Track"), "4 Bass");
  another({ live, device });
  assert.deepEqual([1, 3].map((track) => rows(live.track(track))[2]), ["", "1 tropical house"]);
});

test("a chosen track that is renamed stays the chosen one, and the menu shows its new name", (t) => {
  const { live, device, deliver } = ask(t, { into: 1 });
  live.change((song) => (song.tracks[1].name = "Low end"));
  deliver(1);
  assert.equal(rows(live.trackNamed("Low end"))[1], "1 tropical house");
  assert.doesNotMatch(device.shown("status"), /takes no audio|gone/);
  live.change((song) => (song.tracks[1].name = "Sub"));
  another({ live, device });
  assert.equal(rows(live.trackNamed("Sub"))[2], "1 tropical house");
  assert.equal(device.shown("Into Track"), "2 Sub");
});

const LOSSES = [
  ["deleted", /^The track Bass is gone/, ["Auto", "2 Pads"], (song, set) => gone(set, song.tracks.splice(1, 1)[0])],
  ["frozen", /^The track Bass takes no audio now/, ["Auto", "3 Pads"], (song) => (song.tracks[1].is_frozen = 1)],
  ["replaced by one of its name", /^The track Bass is gone/, ["Auto", "2 Bass", "3 Pads"], (song, set) => {
    gone(set, song.tracks[1]);
    song.tracks[1] = addTrack(set, { name: "Bass", kind: "audio" }, song.scenes.length);
  }],
];

for (const [what, said, items, lose] of LOSSES) {
  test(`once the chosen track is ${what}, the menu shows Auto and the status line says why`, (t) => {
    const { live, device, deliver } = ask(t, { tracks: [marimba(), bass(), bass({ name: "Pads" })], into: 1 });
    live.change(lose);
    live.run(4);
    assert.deepEqual([device.shown("Into Track"), device.items("Into Track")], ["Auto", items]);
    assert.match(device.shown("status"), said);
    deliver(1);
    assert.equal(rows(bridge(live))[1], "1 tropical house");
    live.run(4);
    assert.doesNotMatch(device.shown("status"), said);
  });
}

test("a track is on the menu again once it is unfrozen, at the next press", (t) => {
  const { live, device, deliver } = ask(t);
  deliver(1);
  const onMenu = () => {
    device.press("Source");
    live.run(0.5);
    return device.items("Into Track");
  };
  live.change((song) => (song.tracks[2].is_frozen = 1));
  assert.deepEqual(onMenu(), ["Auto", "2 Marimba · bridge"]);
  live.change((song) => (song.tracks[2].is_frozen = 0));
  assert.deepEqual(onMenu(), ["Auto", "2 Marimba · bridge", "3 Bass"]);
});

test("a chosen track that was frozen meanwhile is left alone, and that is said", (t) => {
  const { live, device, deliver } = ask(t, { into: 1 });
  live.change((song) => (song.tracks[1].is_frozen = 1));
  deliver(1);
  assert.equal(rows(bridge(live))[1], "1 tropical house");
  assert.deepEqual(rows(live.trackNamed("Bass")).filter(Boolean), []);
  assert.match(device.shown("status"), /Bass takes no audio now/);
});

test("a source's track is used again after the Set was opened anew, and is replaced once it is frozen", (t) => {
  const { live, device, deliver } = ask(t);
  deliver(1);
  live.reopen();
  live.run(2);
  live.select({ track: 0, slot: 1 });
  live.run(0.5);
  another({ live, device });
  assert.deepEqual(names(live), ["Marimba", "Marimba · bridge", "Bass"]);
  assert.deepEqual(rows(bridge(live)).slice(1, 4), ["1 tropical house", "1 tropical house", ""]);
  live.change((song) => (song.tracks[1].is_frozen = 1));
  another({ live, device });
  assert.deepEqual(names(live), ["Marimba", "Marimba · bridge 2", "Marimba · bridge", "Bass"]);
  assert.equal(rows(bridge(live, 2))[1], "1 tropical house");
});

test("a track made for a source is known when the user has renamed it", (t) => {
  const { live, deliver } = ask(t, { takes: 2 });
  deliver(1);
  live.change((song) => (song.tracks[1].name = "My results"));
  deliver(2);
  assert.deepEqual(rows(live.trackNamed("My results")).slice(1, 3), ["1 tropical house", "2 tropical house"]);
});

test("two sources of one name have each a track of their own", (t) => {
  const { live, device, deliver } = ask(t, { tracks: [marimba(), bass(), marimba()] });
  deliver(1);
  live.select({ track: 3, slot: 1 });
  live.run(0.5);
  another({ live, device });
  another({ live, device });
  const made = ["Marimba", "Marimba · bridge", "Bass", "Marimba", "Marimba · bridge 2"];
  assert.deepEqual(names(live), made);
  assert.deepEqual([1, 2].map((number) => rows(bridge(live, number)).filter(Boolean).length), [1, 2]);
});

test("a take goes to the row where its source's clip, or at least its slot, is by now", (t) => {
  const insert = (song, set) => {
    song.scenes.unshift(addNode(set, "Scene", song, { name: "", color: 0 }));
    for (const track of song.tracks) track.clip_slots.unshift(addSlot(set, track));
  };
  const pulled = ask(t);
  pulled.live.change((song) => {
    const [first, second] = song.tracks[0].clip_slots;
    Object.assign(first, { clip: second.clip });
    Object.assign(second, { clip: null });
    first.clip.parent = first;
  });
  pulled.deliver(1);
  assert.equal(rows(bridge(pulled.live))[0], "1 tropical house");
  const pushed = ask(t);
  pushed.live.change(insert);
  pushed.live.deleteClip(pushed.live.slot(0, 2).clip);
  pushed.deliver(1);
  assert.equal(rows(bridge(pushed.live))[2], "1 tropical house");
});

test("a source that was moved is found, and one that is gone gets its track at the end", (t) => {
  const { live, deliver } = ask(t, { takes: 2 });
  live.change((song) => song.tracks.reverse());
  deliver(1);
  assert.deepEqual(names(live), ["Bass", "Marimba", "Marimba · bridge"]);
  const gone = ask(t, { tracks: [bass(), bass({ name: "Pads" }), marimba()].reverse() });
  gone.live.change((song, set) => {
    song.tracks[0].name = "Other";
    song.tracks[0].alive = false;
    set.nodes.delete(song.tracks[0].id);
    song.tracks.splice(0, 1);
  });
  gone.deliver(1);
  assert.deepEqual(names(gone.live), ["Pads", "Bass", "Marimba · bridge"]);
});

for (const autoWarp of [0, 0.5, 0.77, 1, 1.23, 2]) {
  for (const markers of ["object", "list"]) {
    test(`what Auto-Warp guessed (${autoWarp} times the tempo, markers as ${markers}) is undone`, (t) => {
      const { live, device, deliver } = ask(t, { quirks: { autoWarp, markers, lazyWarping: 0.25 } });
      deliver(1);
      assertFits(bridge(live).clip_slots[1].clip);
      assert.doesNotMatch(device.shown("status"), /instead of|check/);
    });
  }
}

test("markers that Auto-Warp put in between, before and beside the file's first frame go", (t) => {
  const quirks = { autoWarp: 1.23, autoWarpStart: 0.37, autoWarpMarkers: 3 };
  const { live, deliver } = ask(t, { quirks });
  deliver(1);
  assertFits(bridge(live).clip_slots[1].clip);
});

test("where nothing tells a take's seconds, Live's own reading of the file does", (t) => {
  const { live, deliver, job } = ask(t, { quirks: { autoWarp: 2 } });
  live.disk.addSound("/Users/ada/Music/Night Walk Project/Samples/Generated/Bare.wav", { seconds: SECONDS });
  deliver(1, { name: "Bare", write: false });
  assert.equal(job.imported.length > 0, true);
  assertFits(bridge(live).clip_slots[1].clip);
});

test("the status line says so when Live does not agree with what was promised", (t) => {
  const { device, live, deliver } = ask(t, { quirks: { autoWarp: 2, freezesShape: true }, launch: 1 });
  deliver(1);
  assert.match(device.shown("status"), /32 instead of 16 beats/);
  assert.deepEqual(live.fired, []);
});

test("a take of unknown tempo plays unwarped, and nothing is promised of it", (t) => {
  const { live, device, deliver } = ask(t, { quirks: { lazyWarping: 0.2 } });
  deliver(1, { bpm: 0, beats: 0, seconds: 8 });
  assert.equal(bridge(live).clip_slots[1].clip.warping, 0);
  assert.doesNotMatch(device.shown("status"), /instead of/);
});

test("what continues the source does not loop", (t) => {
  const { live, deliver } = ask(t, { mode: 2, quirks: { autoWarp: 0.5 } });
  deliver(1);
  assertFits(bridge(live).clip_slots[1].clip, { looping: 0 });
});

for (const [prompt, mode, what, name] of [
  ["dusty drums and a soft pad", 0, "Beats", "1 dusty drums"],
  ["warm ambient pad", 2, "Texture", "1 warm ambient"],
  ["a flute solo, D dorian", 1, "Tones", "1 flute solo"],
  ["7/8 balkan brass", 0, "Beats", "1 balkan brass"],
  ["„Größe“—dunkle ‘Trommeln’…", 0, "Beats", "1 Größe dunkle"],
  ["笹の曲、夜。 ambient–pad", 2, "Texture", "1 笹の曲 夜"],
  ["don’t stop the 'hip-hop'", 0, "Beats", "1 don’t stop"],
  ["(violin) [C#m] 96", 1, "Tones", "1 violin"],
]) {
  test(`"${prompt}" gets the warp mode ${what} and the name "${name}"`, (t) => {
    const { live, deliver } = ask(t, { prompt });
    deliver(1);
    const { clip } = bridge(live).clip_slots[1];
    assert.deepEqual([clip.warp_mode, clip.name], [mode, name]);
  });
}

test("without a prompt a take is called as its source", (t) => {
  const { live, deliver } = ask(t, { prompt: "" });
  deliver(1);
  assert.equal(bridge(live).clip_slots[1].clip.name, "1 Riff");
});

test("the first take of a job is launched when the user wants it, once it is right; the others wait", (t) => {
  const { live, deliver } = ask(t, { takes: 2, launch: 1, quirks: { autoWarp: 2, lazyWarping: 0.3 } });
  deliver(2);
  deliver(1);
  assert.deepEqual(live.fired, [bridge(live).clip_slots[2]]);
});

test("nothing is launched unless the user wants it", (t) => {
  const { live, deliver } = ask(t);
  deliver(1);
  assert.deepEqual(live.fired, []);
});

test("a take that is told twice is imported once, and a click on its result makes another clip", (t) => {
  const { live, device, deliver, tell } = ask(t);
  tell(deliver(1));
  live.run(5);
  assert.deepEqual(rows(bridge(live)).filter(Boolean), ["1 tropical house"]);
  device.press("Result 1");
  live.run(5);
  assert.deepEqual(rows(bridge(live)).slice(1, 4), ["1 tropical house", "1 tropical house", ""]);
});

for (const quirks of [
  { windows: true, paths: "native" },
  { windows: true, paths: "slashes" },
]) {
  test(`on Windows a Live that takes ${quirks.paths} paths gets its clip`, (t) => {
    const filePath = "C:\\Users\\ada\\Music\\Night Walk Project\\Night Walk.als";
    const { live, job, deliver } = ask(t, { quirks, set: { filePath } });
    const folder = "C:/Users/ada/Music/Night Walk Project/Samples/Generated";
    deliver(1, { folder });
    assert.equal(job.imported.length > 0, true);
    assertFits(bridge(live).clip_slots[1].clip);
  });
}

test("where Live cannot import, each take's file is named and its folder is shown once", (t) => {
  const { live, device, deliver } = ask(t, { takes: 2, without: ["ClipSlot.create_audio_clip"] });
  const made = deliver(1);
  const from = "from /Users/ada/Music/Night Walk Project/Samples/Generated";
  assert.match(device.shown("status"), new RegExp(`drag Riff .*-1\\.wav ${from} into a slot`));
  deliver(2);
  assert.match(device.shown("status"), new RegExp(`drag Riff .*-2\\.wav ${from} into a slot`));
  const shown = live.named.flat().filter((word) => String(word).startsWith("file:"));
  assert.deepEqual(shown, [`file://${encodeURI(made.wav.slice(0, made.wav.lastIndexOf("/")))}`]);
  assert.deepEqual(names(live), ["Marimba", "Bass"]);
});

test("where Live refuses the file in every form of its path, the user is told what to do", (t) => {
  const { device, live, deliver } = ask(t, { quirks: { paths: "none" } });
  deliver(1);
  assert.match(device.shown("status"), /refused .*-1\.wav: drag it from \/Users\/ada\/.*\/Samples\/Generated into a slot/);
  assert.equal(live.named.flat().some((word) => String(word).startsWith("file:")), true);
});

test("on Windows the folder is shown by its own path, for nothing opens an address with %20", (t) => {
  const filePath = "C:\\Users\\ada\\Music\\Größe & Co Project\\Night Walk.als";
  const { live, deliver } = ask(t, { quirks: { windows: true }, without: ["ClipSlot.create_audio_clip"], set: { filePath } });
  deliver(1, { folder: "C:/Users/ada/Music/Größe & Co Project/Samples/Generated" });
  const folder = "C:\\Users\\ada\\Music\\Größe & Co Project\\Samples\\Generated";
  assert.deepEqual(live.named, [["max", "launchbrowser", folder]]);
});

test("a folder that would fill the status line is not named", (t) => {
  const project = `/Users/ada/${"Music of a long night/".repeat(5)}Night Walk Project`;
  const { device, deliver } = ask(t, { quirks: { paths: "none" }, set: { filePath: `${project}/Night Walk.als` } });
  deliver(1);
  assert.match(device.shown("status"), /refused .*-1\.wav: drag it into a slot/);
});

for (const nothing of ["as ids", "id 0", "0"]) {
  test(`a clip that is removed while its take is imported (id ${nothing}) ends that with a word, and the next goes on`, (t) => {
    const { live, device, job } = ask(t, { takes: 2, quirks: { autoWarp: 0, lazyWarping: 1, nothing } });
    live.daemon.deliver(job, { take: 1 });
    live.run(0.2);
    assert.ok(bridge(live).clip_slots[1].clip);
    live.deleteClip(bridge(live).clip_slots[1].clip);
    live.run(0.3);
    assert.match(device.shown("status"), /Take 1 was not imported.*click the result/);
    live.daemon.deliver(job, { take: 2 });
    live.run(8);
    assert.equal(rows(bridge(live))[2], "2 tropical house");
  });

  test(`a track that is removed while a take is imported to it (id ${nothing}) ends that with a word, and the next goes on`, (t) => {
    const { live, device, job } = ask(t, { takes: 2, quirks: { autoWarp: 0, lazyWarping: 1, nothing } });
    live.daemon.deliver(job, { take: 1 });
    live.run(0.2);
    assert.ok(bridge(live).clip_slots[1].clip);
    const removed = bridge(live);
    live.change((song, set) => {
      song.tracks.splice(song.tracks.indexOf(removed), 1);
      removeNode(set, removed);
    });
    live.run(0.3);
    assert.match(device.shown("status"), /Take 1 was not imported.*click the result/);
    live.daemon.deliver(job, { take: 2 });
    live.run(8);
    assert.deepEqual(names(live), ["Marimba", "Marimba · bridge", "Bass"]);
    assert.deepEqual(rows(bridge(live)).filter(Boolean), ["2 tropical house"]);
  });
}

test("in the Arrangement a take lies at its source's beat for exactly its beats, and no slot keeps a clip", (t) => {
  const quirks = { autoWarp: 2, lazyWarping: 0.2 };
  const { live, device, deliver } = ask(t, { tracks: [onTimeline(), bass()], quirks });
  deliver(1);
  assert.deepEqual(places(bridge(live).arrangement_clips), [["1 tropical house", 32, 48]]);
  assertFits(bridge(live).arrangement_clips[0]);
  assert.deepEqual(rows(bridge(live)).filter(Boolean), []);
  assert.match(device.shown("status"), /Marimba · bridge, beat 32/);
});

test("in the Arrangement what continues begins where its source ends", (t) => {
  const { live, deliver } = ask(t, { tracks: [onTimeline(), bass()], mode: 2 });
  deliver(1);
  assert.deepEqual(places(bridge(live).arrangement_clips), [["1 tropical house", 48, 64]]);
});

test("further takes lie in take lanes, each in its own, in whatever order they come", (t) => {
  const { live, deliver } = ask(t, { tracks: [onTimeline(), bass()], takes: 3 });
  for (const take of [2, 3, 1]) deliver(take);
  assert.deepEqual(places(bridge(live).arrangement_clips), [["2 tropical house", 32, 48]]);
  const lanes = bridge(live).take_lanes.map((lane) => places(lane.arrangement_clips));
  assert.deepEqual(lanes, [[["3 tropical house", 32, 48]], [["1 tropical house", 32, 48]]]);
  for (const lane of bridge(live).take_lanes) assertFits(lane.arrangement_clips[0]);
});

for (const [why, options] of [
  ["this Live has none", { without: ["Track.create_take_lane", "Track.take_lanes"] }],
  ["lanes take no file", { without: ["TakeLane.create_audio_clip"] }],
  ["a lane cannot hold the take's length", { quirks: { autoWarp: 0.5 } }],
]) {
  test(`where there is no use of take lanes (${why}), further takes lie on muted tracks`, (t) => {
    const { live, deliver } = ask(t, { tracks: [onTimeline(), bass()], takes: 3, ...options });
    for (const take of [1, 3, 2]) deliver(take);
    const made = [1, 2, 3].map((number) => bridge(live, number));
    const expected = ["1 tropical house", "3 tropical house", "2 tropical house"].map((name) => [[name, 32, 48]]);
    assert.deepEqual(made.map((track) => places(track.arrangement_clips)), expected);
    assert.deepEqual(made.map((track) => track.mute), [0, 1, 1]);
    assert.deepEqual(made.flatMap((track) => track.take_lanes).flatMap((lane) => lane.arrangement_clips), []);
    assert.ok(made[0].take_lanes.length <= 1);
    for (const track of made) assertFits(track.arrangement_clips[0]);
  });
}

test("a take fits between its neighbours on the chosen track, however long Live guessed it", (t) => {
  const tracks = [onTimeline(), bass({ arrangement: [old(24, 8), old(48, 8)] })];
  const { live, deliver } = ask(t, { tracks, into: 1, quirks: { autoWarp: 2 } });
  deliver(1);
  const clips = live.trackNamed("Bass").arrangement_clips;
  assert.deepEqual(places(clips), [["old at 24", 24, 32], ["old at 48", 48, 56], ["1 tropical house", 32, 48]]);
});

test("a place that is taken sends the take to another track, and that is said", (t) => {
  const tracks = [onTimeline(), bass({ arrangement: [old(40, 8)] })];
  const { live, device, deliver } = ask(t, { tracks, into: 1 });
  deliver(1);
  assert.deepEqual(places(live.trackNamed("Bass").arrangement_clips), [["old at 40", 40, 48]]);
  assert.deepEqual(places(bridge(live).arrangement_clips), [["1 tropical house", 32, 48]]);
  assert.match(device.shown("status"), /Bass is taken/);
});

test("a take that stays too long for its gap waits in a slot instead of covering a clip", (t) => {
  const tracks = [onTimeline(), bass({ arrangement: [old(48, 8)] })];
  const quirks = { autoWarp: 2, freezesShape: true };
  const { live, deliver } = ask(t, { tracks, into: 1, quirks });
  deliver(1);
  assert.deepEqual(places(live.trackNamed("Bass").arrangement_clips), [["old at 48", 48, 56]]);
  assert.deepEqual(rows(live.trackNamed("Bass")).filter(Boolean), ["1 tropical house"]);
});

for (const [what, options, left] of [
  ["placed", {}, 8],
  ["refused", { quirks: { paths: "none" } }, 8],
  ["left in its slot", { quirks: { autoWarp: 2, freezesShape: true } }, 9],
]) {
  test(`a chosen track without an empty slot keeps no empty scene of a take that is ${what}`, (t) => {
    const slots = Array.from({ length: 8 }, (_, row) => ({ name: `mine ${row}`, file: OLD_WAV }));
    const tracks = [onTimeline(), bass({ slots, arrangement: [old(48, 8)] })];
    const { live, deliver } = ask(t, { tracks, into: 1, ...options });
    deliver(1);
    assert.equal(live.set.song.scenes.length, left);
    assert.deepEqual(rows(live.trackNamed("Bass")).slice(0, 8), slots.map((slot) => slot.name));
  });
}

test("a take of unknown tempo lies where nothing follows", (t) => {
  const tracks = [onTimeline(), bass({ arrangement: [old(400, 8)] })];
  const { live, deliver } = ask(t, { tracks, into: 1 });
  deliver(1, { bpm: 0, beats: 0, seconds: 8 });
  assert.deepEqual(places(live.trackNamed("Bass").arrangement_clips), [["old at 400", 400, 408]]);
  assert.equal(bridge(live).arrangement_clips[0].at, 32);
});

for (const [view, track] of [["Session", marimba()], ["Arrangement", onTimeline()]]) {
  test(`takes that the Set holds already are not imported twice when the device forgot them (${view})`, (t) => {
    const { live, device, deliver, job } = ask(t, { tracks: [track, bass()], takes: 2 });
    const before = device.stored();
    deliver(1);
    deliver(2);
    const clips = () => [...live.set.nodes.values()].filter((node) => node.type === "Clip").length;
    const count = clips();
    device.end();
    device.load(before);
    device.start();
    live.run(10);
    assert.equal(clips(), count);
    assert.ok(job.imported.length > 2);
  });
}

const UNSURE = { autoWarp: 1.27, autoWarpStart: 0.02, autoWarpMarkers: 2, lazyWarping: 0.25 };

for (const [view, track] of [["Session", marimba], ["Arrangement", onTimeline]]) {
  for (const quirks of [UNSURE, { ...UNSURE, autoWarp: 0 }]) {
    test(`a Set closed at any moment of an import has each take once, and right (${view}, ${quirks.autoWarp})`, (t) => {
      for (const seconds of [0.05, 0.15, 0.25, 0.35, 0.45, 0.65, 0.85, 1.2]) {
        const { live, job } = ask(t, { tracks: [track(), bass()], takes: 2, quirks });
        for (const take of [1, 2]) live.daemon.deliver(job, { take });
        live.daemon.end(job);
        live.run(seconds);
        live.reopen();
        live.run(20);
        const made = madeClips(live);
        assert.deepEqual(made.map(({ name }) => name).sort(), ["1 tropical house", "2 tropical house"]);
        const inSlots = made.filter(({ parent }) => parent.type === "ClipSlot").length;
        assert.equal(inSlots, view === "Session" ? 2 : 0, `after ${seconds} s`);
        for (const clip of made) assertFits(clip);
      }
    });
  }

  test(`a take is not imported twice though its tracks are called otherwise by now (${view})`, (t) => {
    const { live, device, deliver } = ask(t, { tracks: [track(), bass()], takes: 2 });
    const before = device.stored();
    deliver(1);
    deliver(2);
    live.change((song) => (song.tracks[0].name = "Vibes"));
    live.change((song) => (song.tracks[1].name = "My results"));
    device.end();
    device.load(before);
    device.start();
    live.run(10);
    assert.deepEqual(madeClips(live).map(({ name }) => name), ["1 tropical house", "2 tropical house"]);
  });
}

test("what lies in an upper slot of a track is no take on its way, and stays there", (t) => {
  const { live, device, deliver } = ask(t, { tracks: [onTimeline(), bass()] });
  const before = device.stored();
  deliver(1);
  const [clip] = bridge(live).arrangement_clips.splice(0);
  bridge(live).clip_slots[2].clip = Object.assign(clip, { parent: bridge(live).clip_slots[2] });
  device.end();
  device.load(before);
  device.start();
  live.run(10);
  assert.deepEqual(madeClips(live), [clip]);
  assert.match(device.shown("status"), /Marimba · bridge, slot 3/);
});

test("takes that come at one moment are imported one after the other, each to its own place", (t) => {
  const options = { takes: 3, without: ["Track.create_take_lane"], quirks: { autoWarp: 2, lazyWarping: 0.3 } };
  const { live, job } = ask(t, { tracks: [onTimeline(), bass()], ...options });
  for (const take of [1, 2, 3]) live.daemon.deliver(job, { take });
  live.run(15);
  const made = [1, 2, 3].map((number) => places(bridge(live, number).arrangement_clips));
  assert.deepEqual(made, [1, 2, 3].map((take) => [[`${take} tropical house`, 32, 48]]));
});

test("the next job's take is never put where it cannot be heard", (t) => {
  const without = ["Track.create_take_lane"];
  const { live, device, deliver } = ask(t, { tracks: [onTimeline(), bass()], takes: 2, without });
  deliver(1);
  deliver(2);
  live.change(() => (bridge(live, 2).arrangement_clips[0].at = 64));
  live.change(() => (bridge(live, 2).arrangement_clips[0].until = 80));
  device.choose("Takes", 1);
  device.press("Generate");
  live.run(1);
  live.daemon.deliver(live.daemon.newest());
  live.run(8);
  assert.deepEqual([1, 2, 3].map((number) => bridge(live, number).mute), [0, 1, 0]);
  assert.deepEqual(places(bridge(live, 3).arrangement_clips), [["1 tropical house", 32, 48]]);
});

test("what the user had selected stays selected, although Live selects the tracks that are made", (t) => {
  const { live, deliver } = ask(t, { takes: 2 });
  const { view, tracks } = live.set.song;
  tracks.splice = (at, gone, track) => {
    Object.assign(view, { selected_track: track, highlighted_clip_slot: track.clip_slots[0], detail_clip: null });
    return Array.prototype.splice.call(tracks, at, gone, track);
  };
  const selected = () => [view.detail_clip, view.highlighted_clip_slot, view.selected_track];
  const before = selected();
  deliver(1);
  deliver(2);
  assert.ok(bridge(live).clip_slots[2].clip);
  assert.deepEqual(selected(), before);
});
