// What the device reads from Live: clip, song and track as they arrive at the daemon, and what it refuses.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openLive } from "./fakes/index.mjs";

const NOTE = { pitch: 60, start: 0, duration: 1 };
const WAV = "/Users/ada/Music/Night Walk Project/Samples/Recorded/Take.wav";
const PROJECT = "/Users/ada/Music/Night Walk Project";

/** A Set with one track, its device, and the first clip of that track selected. */
function openWith(t, track, { set = {}, sounds = { [WAV]: { seconds: 8, rate: 44_100 } }, ...options } = {}) {
  const live = openLive(t, { sounds, ...options, set: { tempo: 120, ...set, tracks: [track] } });
  live.daemon.manual = true;
  const device = live.addDevice({ track: 0 });
  live.run(0.5);
  const slot = (track.slots ?? []).findIndex(Boolean);
  live.select(track.arrangement ? { track: 0, clip: 0 } : { track: 0, slot: Math.max(slot, 0) });
  live.run(0.5);
  return { live, device };
}

function generate({ live, device }) {
  device.press("Generate");
  live.run(0.5);
  return { trigger: live.daemon.newest()?.trigger, status: device.shown("status") };
}

const midi = (clip, more = {}) => ({
  name: "Marimba",
  kind: "midi",
  slots: [{ name: "Riff", notes: [NOTE], ...clip }],
  ...more,
});
const audio = (clip, more = {}) => ({
  name: "Guitar",
  kind: "audio",
  slots: [{ name: "Take", file: WAV, markers: [[0, 0], [16, 8]], ...clip }],
  ...more,
});
const arranged = (track) => ({ ...track, slots: [], arrangement: track.slots });
const sentBy = (t, track, options) => generate(openWith(t, track, options)).trigger;
const saidBy = (t, track, options) => {
  const { trigger, status } = generate(openWith(t, track, options));
  assert.equal(trigger, undefined);
  return status;
};

// Notes.

for (const form of ["text", "list", "object"]) {
  test(`all notes arrive in order, muted and early ones too, when Live tells them as ${form}`, (t) => {
    const notes = [
      { pitch: 67, start: 3.25, duration: 0.1 + 0.2, velocity: 63.5 },
      { pitch: 64, start: 0, duration: 1, mute: true },
      { pitch: 60, start: 0, duration: 1 },
      { pitch: 55, start: -1.5, duration: 0.5 },
    ];
    const { clip } = sentBy(t, midi({ notes, length: 4 }), { quirks: { notes: form } });
    assert.deepEqual(clip.notes, [
      { pitch: 55, start: -1.5, duration: 0.5, velocity: 100 },
      { pitch: 60, start: 0, duration: 1, velocity: 100 },
      { pitch: 64, start: 0, duration: 1, velocity: 100, muted: true },
      { pitch: 67, start: 3.25, duration: 0.3, velocity: 63.5 },
    ]);
  });
}

test("a note that is never played counts as muted", (t) => {
  const { clip } = sentBy(t, midi({ notes: [NOTE, { ...NOTE, pitch: 64, probability: 0 }], length: 4 }));
  assert.deepEqual(clip.notes.map(({ muted }) => muted), [undefined, true]);
});

test("where Live cannot tell all notes at once, those of the part that plays are read", (t) => {
  const notes = [NOTE, { pitch: 72, start: 9, duration: 1 }];
  const { clip } = sentBy(t, midi({ notes, length: 8 }), { without: ["Clip.get_all_notes_extended"] });
  assert.deepEqual(clip.notes, [{ ...NOTE, velocity: 100 }]);
});

test("a clip with a note too many for the daemon says so", (t) => {
  const notes = Array.from({ length: 200_001 }, (_, place) => ({ ...NOTE, start: place / 1000 }));
  assert.match(saidBy(t, midi({ notes, length: 4 })), /^The clip Riff has 200001 notes, more than 200000/);
});

// Which part of the clip plays.

test("a looped Session clip is its loop, wherever its start marker is", (t) => {
  for (const start of [0, 4, 6]) {
    const track = midi({ loop: [4, 12], start, end: 16, notes: [{ ...NOTE, start: 5 }] });
    const { clip, position } = sentBy(t, track);
    assert.deepEqual([clip.start_beats, clip.end_beats], [4, 12]);
    assert.deepEqual(clip.loop, { start_beats: 4, end_beats: 12 });
    assert.equal("pickup_beats" in clip, false);
    assert.equal(position, undefined);
  }
});

test("a clip that does not loop plays from marker to marker, with an upbeat before its bar line", (t) => {
  const { clip } = sentBy(t, midi({ looping: false, start: -1.5, end: 16, loop: [4, 8] }));
  assert.deepEqual([clip.start_beats, clip.end_beats, clip.pickup_beats], [-1.5, 16, 1.5]);
  assert.equal("loop" in clip, false);
});

test("a loop that begins off the bar has an upbeat in the song's metre", (t) => {
  const track = midi({ loop: [1, 15], notes: [{ ...NOTE, start: 1 }] });
  const { clip, music } = sentBy(t, track, { set: { timeSignature: [7, 8] } });
  assert.deepEqual(music.time_signature, [7, 8]);
  assert.equal(clip.pickup_beats, 2.5);
});

test("a Session clip's bars are those of its own metre, in the Arrangement they are the song's", (t) => {
  const track = midi({ loop: [1, 10], timeSignature: [3, 4], notes: [{ ...NOTE, start: 1 }] });
  const session = sentBy(t, track);
  assert.deepEqual([session.music.time_signature, session.clip.pickup_beats], [[3, 4], 2]);
  const moved = arranged(midi({ ...track.slots[0], looping: false, at: 1, beatsOnTimeline: 9 }));
  const arrangement = sentBy(t, moved);
  assert.deepEqual([arrangement.music.time_signature, arrangement.clip.pickup_beats], [[4, 4], 3]);
});

test("a metre that cannot be is not believed: the song's counts", (t) => {
  for (const timeSignature of [[0, 4], [100, 4], [4, 3]]) {
    assert.deepEqual(sentBy(t, midi({ timeSignature })).music.time_signature, [4, 4]);
  }
});

test("an upbeat leaves at least a beat of the clip behind it", (t) => {
  const notes = [{ ...NOTE, start: 3 }];
  const short = (end) => sentBy(t, midi({ looping: false, start: 3, end, notes })).clip;
  assert.equal(short(4.5).pickup_beats, undefined);
  assert.equal(short(5).pickup_beats, 1);
});

test("a start that comes a hair after the bar line belongs to that bar", (t) => {
  const { clip } = sentBy(t, audio({ looping: false, start: 4.02, end: 16 }));
  assert.deepEqual([clip.start_beats, clip.end_beats, clip.pickup_beats], [4, 16, undefined]);
});

test("in the Arrangement the bar lines are the song's and the clip is as long as its place", (t) => {
  const notes = [{ ...NOTE, start: 4 }];
  const track = midi({ looping: false, start: 2.5, end: 99, at: 31, beatsOnTimeline: 13, notes });
  const { clip, position, source } = sentBy(t, arranged(track));
  assert.deepEqual([clip.start_beats, clip.end_beats, clip.pickup_beats], [2.5, 15.5, 1]);
  assert.deepEqual(position, { beats: 31 });
  assert.deepEqual([source.where.kind, source.where.beat, source.where.endBeat], ["arrangement", 32, 44]);
});

test("a loop inside an Arrangement clip repeats as long as that lasts, unless bars are asked for", (t) => {
  const opened = openWith(t, arranged(midi({ loop: [0, 8], at: 32, beatsOnTimeline: 64 })));
  const { clip, ask } = generate(opened).trigger;
  assert.deepEqual([clip.start_beats, clip.end_beats, clip.loop], [0, 64, { start_beats: 0, end_beats: 8 }]);
  assert.equal(ask.bars, 16);
  opened.device.choose("Bars", 2);
  assert.equal(generate(opened).trigger.ask.bars, 2);
});

test("an Arrangement clip that begins in the middle of its loop keeps the whole loop", (t) => {
  const { clip, ask } = sentBy(t, arranged(midi({ loop: [0, 8], start: 5, at: 32, beatsOnTimeline: 16 })));
  assert.deepEqual([clip.start_beats, clip.pickup_beats, clip.end_beats], [0, 5, 21]);
  assert.deepEqual([clip.loop, ask.bars], [{ start_beats: 0, end_beats: 8 }, 4]);
});

test("an Arrangement clip that ends before its loop does is no loop", (t) => {
  const { clip, ask } = sentBy(t, arranged(midi({ loop: [0, 16], at: 32, beatsOnTimeline: 16 })));
  assert.deepEqual([clip.start_beats, clip.end_beats, clip.loop, ask.bars], [0, 16, undefined, undefined]);
});

test("a clip in a take lane lies on the track of the lane", (t) => {
  const lane = { name: "Take 1", clips: audio({ loop: [0, 16], at: 16 }).slots };
  const tracks = [{ name: "Guitar", kind: "audio", takeLanes: [lane] }];
  const live = openLive(t, { sounds: { [WAV]: {} }, set: { tracks } });
  live.daemon.manual = true;
  const device = live.addDevice({ track: 0 });
  live.run(0.5);
  live.change((song) => void (song.view.detail_clip = live.lanes(0)[0].arrangement_clips[0]));
  live.run(0.5);
  const { track, position, source } = generate({ live, device }).trigger;
  assert.deepEqual([track.name, position.beats, source.where.kind], ["Guitar", 16, "arrangement"]);
});

// How a file is played.

for (const markers of ["object", "list"]) {
  test(`a warped clip tells its file, markers, gain and pitch, with its markers as ${markers}`, (t) => {
    const track = audio({ loop: [0, 16], gainText: "-3,5 dB", pitch: -2, cents: 50 });
    const { audio: sound, start_beats, end_beats } = sentBy(t, track, { quirks: { markers } }).clip;
    assert.deepEqual(sound.warp_markers.slice(0, 2), [{ beat: 0, seconds: 0 }, { beat: 16, seconds: 8 }]);
    assert.equal(sound.warp_markers.length, 3);
    assert.deepEqual([sound.path, sound.gain_db, sound.pitch_semitones], [WAV, -3.5, -1.5]);
    assert.deepEqual([start_beats, end_beats], [0, 16]);
  });
}

test("in Re-Pitch mode pitch follows the song's tempo and transposition says nothing", (t) => {
  const track = audio({ loop: [0, 16], warpMode: 3, pitch: 7, markers: [[0, 0], [16, 16]] });
  assert.equal(sentBy(t, track).clip.audio.pitch_semitones, 12);
});

test("an unwarped clip is cut in seconds, and transposed it plays faster", (t) => {
  const { clip } = sentBy(t, audio({ warping: false, start: 1, end: 6, pitch: 12 }));
  const seconds = { start_seconds: 1, end_seconds: 6 };
  assert.deepEqual(clip.audio, { path: WAV, pitch_semitones: 12, play_rate: 2, ...seconds });
  assert.equal("loop" in clip || "start_beats" in clip || "end_beats" in clip, false);
});

test("an unwarped clip in the Arrangement is as long as its place and has the song's upbeat", (t) => {
  const track = audio({ warping: false, start: 1, end: 8, at: 33, beatsOnTimeline: 8 });
  const { clip, source } = sentBy(t, arranged(track));
  assert.deepEqual([clip.audio.start_seconds, clip.audio.end_seconds, clip.pickup_beats], [1, 5, 3]);
  assert.equal(source.where.beat, 36);
});

test("a clip that is turned down to silence is sent without gain, and the status line says so", (t) => {
  const { trigger, status } = generate(openWith(t, audio({ loop: [0, 16], gainText: "-inf dB" })));
  assert.equal("gain_db" in trigger.clip.audio, false);
  assert.match(status, /The clip Take is turned down to silence/);
});

// The song.

test("a key is told only while Scale Mode is on", (t) => {
  const intervals = [0, 2, 3, 5, 7, 8, 10];
  const scale = { root: 8, name: "Minor", intervals };
  const on = openWith(t, midi({}), { set: { scale: { ...scale, on: true } } });
  assert.deepEqual(generate(on).trigger.music.key, { root: 8, scale: "Minor", intervals });
  assert.match(on.device.shown("found"), /G# minor/);
  assert.equal("key" in sentBy(t, midi({}), { set: { scale: { ...scale, on: false } } }).music, false);
});

test("a Live that has no Scale Mode tells no key", (t) => {
  const options = { set: { scale: { root: 8, name: "Minor", on: true } }, without: ["Song.scale_mode"] };
  assert.equal("key" in sentBy(t, midi({}), options).music, false);
});

test("tempo and key that are typed win over the song's", (t) => {
  const opened = openWith(t, midi({}), { set: { tempo: 96, scale: { root: 0, on: true } } });
  assert.equal(generate(opened).trigger.music.bpm, 96);
  opened.device.type("Key", "D dorian");
  opened.device.type("Tempo", "140");
  assert.deepEqual(generate(opened).trigger.music, { bpm: 140, time_signature: [4, 4], key: "D dorian" });
});

test("the project is the nearest folder that Live has marked as one, else the Set's own", (t) => {
  const path = `${PROJECT}/Sketches/Old/Night Walk.als`;
  const opened = openWith(t, midi({}), { set: { filePath: path } });
  assert.equal(generate(opened).trigger.project.path, `${PROJECT}/Sketches/Old`);
  opened.live.disk.addFolder(`${PROJECT}/Ableton Project Info`);
  opened.live.run(3);
  assert.deepEqual(generate(opened).trigger.project, { path: PROJECT, daw: "live", sample_rate: 48_000 });
});

test("a Set that was never saved names no project, and the status line says so", (t) => {
  const { trigger, status } = generate(openWith(t, midi({}), { set: { filePath: "" } }));
  assert.deepEqual(trigger.project, { daw: "live", sample_rate: 48_000 });
  assert.match(status, /The Set is not saved/i);
});

test("while audio is off the sample rate told is the audio clip's, of a MIDI clip none", (t) => {
  assert.equal("sample_rate" in sentBy(t, midi({}), { sampleRate: 0 }).project, false);
  assert.equal(sentBy(t, audio({}), { sampleRate: 0 }).project.sample_rate, 44_100);
});

// The track.

const rack = (name, devices) => ({ name, className: "Instrument Rack", type: 1, chains: [{ devices }] });
const MARIMBA = { name: "Marimba Tree", className: "Collision", type: 1 };

test("the instrument is the first one, inside racks too, unless the rack has a name of its own", (t) => {
  const arpeggiator = { name: "Arpeggiator", type: 4 };
  const of = (devices) => sentBy(t, midi({}, { devices })).track;
  assert.equal(of([arpeggiator, rack("Instrument Rack", [MARIMBA])]).instrument, "Marimba Tree");
  assert.equal(of([rack("Forest Bells", [MARIMBA])]).instrument, "Forest Bells");
  assert.deepEqual(of([]), { name: "Marimba" });
});

test("a drum rack makes drums of a track, inside racks too", (t) => {
  const kit = { name: "808 Core Kit", type: 1, drums: true };
  const alone = sentBy(t, midi({}, { devices: [kit] })).track;
  assert.deepEqual(alone, { name: "Marimba", instrument: "808 Core Kit", drums: true });
  assert.equal(sentBy(t, midi({}, { devices: [rack("Instrument Rack", [kit])] })).track.drums, true);
});

test("names in any script arrive, though the file is ASCII and half a letter is none", (t) => {
  const name = "笹の曲 🎸 Ärger \"quoted\" \\ud83d";
  const opened = openWith(t, midi({ name: `${name}\ud83d` }, { name: "Трек" }));
  const { clip, track } = generate(opened).trigger;
  assert.deepEqual([clip.name, track.name], [`${name}\ufffd`, "Трек"]);
  const [, path] = opened.device.sent("/bridge/trigger").at(-1);
  assert.match(opened.live.disk.read(path).toString("latin1"), /^[\x20-\x7e]+$/);
});

test("colour and drums come back with every answer, for who imports a copy", (t) => {
  const { source } = sentBy(t, midi({ color: 0x00aa44 }));
  assert.deepEqual([source.color, source.drums], [0x00aa44, undefined]);
  const drums = sentBy(t, midi({}, { devices: [{ name: "808 Core Kit", type: 1, drums: true }] }));
  assert.equal(drums.source.drums, true);
});

test("what comes back with every answer stays small however long the names are", (t) => {
  const long = `A${"🎸".repeat(3000)}`;
  const { source, clip } = sentBy(t, midi({ name: long }, { name: long }));
  assert.ok(Buffer.byteLength(JSON.stringify(source)) < 2000);
  assert.equal(source.clip, `A${"🎸".repeat(29)}`);
  assert.equal(clip.name, `A${"🎸".repeat(1999)}`);
});

// What is refused.

const REFUSED = [
  ["a clip without notes", midi({ notes: [] }), /^The clip Riff has no notes/],
  ["muted notes only", midi({ notes: [{ ...NOTE, mute: true }] }), /^The clip Riff has no note that sounds/],
  ["notes outside the loop only", midi({ notes: [{ ...NOTE, start: 40 }] }), /no note that sounds in/],
  ["a clip of no length", midi({ looping: false, start: 4, end: 4 }), /^The clip Riff is empty/],
  ["a clip without a name", midi({ name: "", notes: [] }), /^The selected clip has no notes/],
  ["a frozen track", midi({}, { frozen: true }), /^The track Marimba is frozen; unfreeze it/],
  ["a missing file", audio({ file: "/gone/Take 2.wav" }), /^The file Take 2.wav of the clip Take is missing/],
  ["a clip without a file", audio({ file: "" }), /^The clip Take has no audio file/],
  ["a clip that is being recorded", midi({ recording: true }), /^The clip Riff is being recorded; stop/],
  ["a slot of a group track", { name: "Band", kind: "group" }, /belongs to a group track; select a clip/],
  ["an empty slot", { name: "Bass", kind: "audio" }, /^No clip is selected; click a clip/],
];

for (const [what, track, sentence] of REFUSED) {
  test(`refused in one sentence: ${what}`, (t) => {
    const said = saidBy(t, track);
    assert.match(said, sentence);
    assert.equal(said.match(/[.;]/g).at(-1), ".");
  });
}

// Which clip is meant.

const two = () => ({
  name: "Marimba",
  kind: "midi",
  slots: [{ name: "Verse", notes: [NOTE] }, { name: "Chorus", notes: [NOTE] }, null],
});

test("the clip that is meant is named before it is sent, and follows the selection", (t) => {
  const { live, device } = openWith(t, two());
  assert.equal(device.shown("source"), "Verse · Marimba");
  live.select({ track: 0, slot: 1 });
  live.run(0.5);
  assert.equal(device.shown("source"), "Chorus · Marimba");
  assert.equal(generate({ live, device }).trigger.clip.name, "Chorus");
});

test("an empty slot or nothing at all leaves the clip that was meant", (t) => {
  const { live, device } = openWith(t, two());
  live.select({ track: 0, slot: 2 });
  live.run(0.5);
  live.select(null);
  live.run(0.5);
  assert.equal(device.shown("source"), "Verse · Marimba");
});

test("a deleted clip is not meant any more", (t) => {
  const { live, device } = openWith(t, two());
  live.deleteClip(live.slot(0, 0).clip);
  live.run(0.5);
  assert.equal(device.shown("source"), "Select a clip");
  assert.match(generate({ live, device }).status, /^No clip is selected/);
});

test("without a clip in view the selected slot's clip is meant", (t) => {
  const { live, device } = openWith(t, two());
  live.change((song) => {
    song.view.detail_clip = null;
    song.view.highlighted_clip_slot = live.slot(0, 1);
  });
  live.run(0.5);
  assert.equal(device.shown("source"), "Chorus · Marimba");
});

test("a result that is clicked does not become the source, until the Source button takes it", (t) => {
  const { live, device } = openWith(t, two());
  live.daemon.manual = false;
  generate({ live, device });
  live.run(5);
  const places = live.set.song.tracks.flatMap(({ clip_slots: slots }, track) =>
    slots.map(({ clip }, slot) => ({ track, slot, clip })));
  const place = places.find(({ clip }) => clip?.made);
  assert.ok(place, device.shown("status"));
  live.select({ track: place.track, slot: place.slot });
  live.run(0.5);
  assert.equal(device.shown("source"), "Verse · Marimba");
  device.press("Source");
  live.run(0.5);
  assert.match(device.shown("source"), new RegExp(`^${place.clip.name}`));
});

test("two devices read what is selected, each for itself", (t) => {
  const { live, device } = openWith(t, two());
  const other = live.addDevice({ track: 0 });
  live.run(0.5);
  live.select({ track: 0, slot: 1 });
  live.run(0.5);
  assert.deepEqual([device.shown("source"), other.shown("source")], ["Chorus · Marimba", "Chorus · Marimba"]);
});
