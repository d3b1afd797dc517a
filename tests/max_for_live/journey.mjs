// Journeys of the shipped device against a real daemon over real UDP: a clip goes in, clips come out.
//
// tests/journeys/test_live.py starts the daemon and this, and says by the environment which journey it is
// (DAW_BRIDGE_JOURNEY), where the daemon listens (DAW_BRIDGE_PORT), in which folder the song lies
// (DAW_BRIDGE_SONGS), and which file this writes when the rest is theirs (DAW_BRIDGE_SIGN).

import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { createRandom, createRealClock } from "./fakes/clock.mjs";
import { openUdpLive } from "./fakes/index.mjs";
import { keptOf } from "./fakes/kept.mjs";
import { createBadRelay } from "./fakes/wire.mjs";

const PORT = Number(process.env.DAW_BRIDGE_PORT);
const SONGS = process.env.DAW_BRIDGE_SONGS;
const PROJECT = join(SONGS, "Night Walk Project");
const LOADING_SECONDS = 1.1;
const NEXT_PRESS_SECONDS = 0.5;
const MELODY = [68, 71, 75, 71, 66, 70, 73, 70];

const JOURNEYS = {
  /** Two takes of a Session clip land in the slots beside it, four bars long to the beat. */
  async session(t) {
    const live = song(t, {
      tempo: 96,
      tracks: [{ name: "Marimba", kind: "midi", slots: [null, riff({ name: "Riff" })] }],
    });
    const device = await connected(live, live.addDevice());
    live.select({ track: 0, slot: 1 });
    device.type("Prompt", "tropical house");
    device.choose("Takes", 2);
    device.press("Generate");
    const results = () => live.track(1)?.clip_slots.filter((slot) => slot.clip) ?? [];
    await live.until(() => results().length === 2 && /Take \d of 2 is in/.test(device.shown("status")));
    const scenes = results().map((slot) => live.track(1).clip_slots.indexOf(slot));
    assert.deepEqual(scenes, [1, 2]);
    // Takes come as they are made, the second one first at times.
    assert.deepEqual(results().map(({ clip }) => clip.name.slice(0, 16)).sort(), ["1 tropical house", "2 tropical house"]);
    results().forEach(({ clip }) => {
      assertFits(clip, { beats: 16, seconds: 10 });
      assert.ok(clip.file.startsWith(join(PROJECT, "Samples", "Generated")), clip.file);
      assert.equal(live.disk.sound(clip.file).frames, 480_000);
    });
    assert.equal(live.track(0).clip_slots[1].clip.name, "Riff");
    await saidImported(live, device, 2);
  },

  /** An audio clip is sent with its warp markers, and its take is as long as its beats. */
  async audio(t) {
    const file = join(SONGS, "Pulse.wav");
    const clip = {
      name: "Pulse",
      file,
      markers: [
        [0, 0],
        [16, 8],
      ],
      tailBpm: 120,
      loop: [0, 16],
    };
    const live = song(t, { tempo: 96, tracks: [{ name: "Pulse", kind: "audio", slots: [clip] }] });
    const device = await connected(live, live.addDevice());
    live.select({ track: 0, slot: 0 });
    device.press("Generate");
    const result = () =>
      live.set.song.tracks.flatMap((track) => track.clip_slots).find((slot) => slot.clip?.made)?.clip;
    await live.until(() => device.sent("/bridge/imported").length > 0);
    assertFits(result(), { beats: 16, seconds: 10 });
    assert.equal(live.slot(0, 0).clip.file, file);
  },

  /** A clip of the Arrangement comes back at its own beat, two takes never on one beat of one track. */
  async arrangement(t) {
    const tracks = [{ name: "Keys", kind: "midi", arrangement: [riff({ name: "Verse", at: 32 })] }];
    const live = song(t, { tempo: 96, tracks });
    const device = await connected(live, live.addDevice());
    live.select({ track: 0, clip: 0 });
    device.choose("Takes", 2);
    device.press("Generate");
    await live.until(() => new Set(device.sent("/bridge/imported").map((words) => words[2])).size === 2);
    const lanes = live.set.song.tracks.flatMap((track) => [
      track.arrangement_clips,
      ...track.take_lanes.map((lane) => lane.arrangement_clips),
    ]);
    const made = lanes.map((clips) => clips.filter((clip) => clip.made)).filter((clips) => clips.length > 0);
    assert.deepEqual(
      made.map((clips) => clips.length),
      [1, 1],
    );
    for (const [clip] of made) {
      assert.deepEqual([clip.at, clip.until], [32, 48]);
      assertFits(clip, { beats: 16, seconds: 10 });
    }
  },

  /** Three devices ask at once; each gets its own. */
  async "three devices"(t) {
    const names = ["Marimba", "Keys", "Bass"];
    const tracks = names.map((name, place) => ({
      name,
      kind: "midi",
      slots: [riff({ name: `${name} riff`, bars: place + 1 })],
    }));
    const live = song(t, { tempo: 120, tracks });
    const devices = names.map((name, track) => live.addDevice({ track }));
    for (const device of devices) await connected(live, device);
    for (const [track, device] of devices.entries()) {
      live.select({ track: live.set.song.tracks.indexOf(live.trackNamed(names[track])), slot: 0 });
      device.type("Prompt", `${names[track].toLowerCase()} song`);
      device.choose("Bars", track + 1);
      device.press("Generate");
      await pause(live, NEXT_PRESS_SECONDS);
    }
    await live.until(() => devices.every((device) => device.sent("/bridge/imported").length > 0));
    const clips = live.set.song.tracks
      .flatMap((track) => track.clip_slots)
      .map((slot) => slot.clip)
      .filter((clip) => clip?.made);
    assert.deepEqual(
      clips.map((clip) => [clip.parent.parent.name.split(" ")[0], clip.name, clip.loopEnd]).sort(),
      [
        ["Bass", "1 bass song", 12],
        ["Keys", "1 keys song", 8],
        ["Marimba", "1 marimba song", 4],
      ],
    );
    assert.equal(new Set(devices.map((device) => device.port)).size, 3);
  },

  /**
   * The daemon is killed when it has accepted, and started again by who started it: the take arrives
   * late.
   */
  async killed(t) {
    const live = song(t, {
      tempo: 96,
      tracks: [{ name: "Marimba", kind: "midi", slots: [riff({ name: "Riff", bars: 16 })] }],
    });
    const device = await connected(live, live.addDevice());
    live.select({ track: 0, slot: 0 });
    device.choose("Takes", 3);
    device.press("Generate");
    await live.until(() => heard(device, "/bridge/accepted").length > 0);
    writeFileSync(process.env.DAW_BRIDGE_SIGN, "accepted");
    await live.until(() => existsSync(`${process.env.DAW_BRIDGE_SIGN}.done`));
    const results = () => live.track(1)?.clip_slots.filter((slot) => slot.clip) ?? [];
    await live.until(() => results().length === 3 && /Take \d of 3 is in/.test(device.shown("status")));
    assert.equal(device.shown("light"), 1);
    assert.equal(new Set(results().map(({ clip }) => clip.file)).size, 3);
    for (const { clip } of results()) assertFits(clip, { beats: 64, seconds: 40 });
  },

  /** Somebody else asks for the same once more: that take lands in the next slot, as if this had asked. */
  async "again elsewhere"(t) {
    const tracks = [{ name: "Marimba", kind: "midi", slots: [null, riff({ name: "Riff", bars: 1 })] }];
    const live = song(t, { tempo: 140, tracks });
    const device = await connected(live, live.addDevice());
    live.select({ track: 0, slot: 1 });
    device.choose("Bars", 1);
    device.press("Generate");
    await saidImported(live, device, 1);
    writeFileSync(process.env.DAW_BRIDGE_SIGN, "imported");
    const results = () => live.track(1).clip_slots.map((slot) => slot.clip).filter(Boolean);
    const jobs = () => new Set(device.sent("/bridge/imported").map((words) => words[1]));
    await live.until(() => jobs().size === 2 && openRequests(device) === 0);
    assert.deepEqual(live.track(1).clip_slots.slice(0, 4).map((slot) => Boolean(slot.clip)), [false, true, true, false]);
    for (const clip of results()) assertFits(clip, { beats: 4, seconds: 240 / 140 });
    assert.match(device.sent("/bridge/imported").at(-1)[0], /^cli\./);
    assert.match(device.shown("status"), /^The take is in Marimba · bridge, slot 3\.$/);
  },

  /**
   * Each packet has three chances in ten to be lost, doubled or late, both ways; every job still ends
   * right, once.
   */
  async "bad network"(t) {
    const clock = createRealClock((error) => assert.fail(error));
    const weather = { lost: 0.1, doubled: 0.1, swapped: 0.1 };
    const relay = await createBadRelay({ daemonPort: PORT, random: createRandom(30), weather, clock });
    t.after(() => {
      relay.stop();
      clock.stop();
    });
    const tracks = ["One", "Two"].map((name) => ({ name, kind: "midi", slots: [riff({ name, bars: 1 })] }));
    const live = song(t, { tempo: 140, tracks }, relay.port);
    const devices = [live.addDevice({ track: 0 }), live.addDevice({ track: 1 })];
    for (const device of devices) await connected(live, device);
    const asked = 3;
    for (const [track, device] of devices.entries()) {
      live.select({ track: live.set.song.tracks.indexOf(live.trackNamed(["One", "Two"][track])), slot: 0 });
      device.choose("Bars", 1);
      for (let count = 0; count < asked; count += 1) {
        device.press("Generate");
        await pause(live, NEXT_PRESS_SECONDS);
      }
    }
    const clips = () =>
      live.set.song.tracks
        .flatMap((track) => track.clip_slots)
        .map((slot) => slot.clip)
        .filter((clip) => clip?.made);
    await live.until(
      () => clips().length >= asked * 2 && devices.every((device) => openRequests(device) === 0),
    );
    assert.equal(clips().length, asked * 2);
    assert.equal(new Set(clips().map((clip) => clip.file)).size, asked * 2);
    assert.ok(relay.counts.disturbed > 0, JSON.stringify(relay.counts));
  },

  /** Five thousand notes arrive whole by a file. */
  "5000 notes by file": (t) => manyNotes(t, "works"),

  /** Five thousand notes arrive whole in parts, where no file can be written. */
  "5000 notes in parts": (t) => manyNotes(t, "refused"),
};

async function manyNotes(t, writing) {
  const notes = Array.from({ length: 5000 }, (_, place) => ({
    pitch: 36 + (place % 48),
    start: Math.floor(place / 4) * 0.05,
    duration: 0.05,
    velocity: 60 + (place % 60),
  }));
  const clip = { name: "Cloud", notes, length: 64 };
  const live = song(t, { tempo: 120, tracks: [{ name: "Cloud", kind: "midi", slots: [clip] }] });
  live.files.writing = writing;
  const device = await connected(live, live.addDevice());
  live.select({ track: 0, slot: 0 });
  device.choose("Bars", 2);
  device.press("Generate");
  await live.until(() => device.sent("/bridge/imported").length > 0);
  assert.equal(device.sent("/bridge/trigger").length > 0, writing === "works");
  assert.equal(device.sent("/bridge/trigger/part").length > 0, writing !== "works");
  assert.ok(Math.max(...device.packets.map((packet) => packet.bytes)) <= 4000);
  assertFits(live.track(1).clip_slots[0].clip, { beats: 8, seconds: 4 });
}

/**
 * A saved song in the folder of the journey, in a Live whose Auto-Warp guesses wrong and is slow to let
 * go.
 */
function song(t, set, port = PORT) {
  const filePath = join(PROJECT, "Night Walk.als");
  const windows = process.platform === "win32";
  const quirks = { autoWarp: 1.27, autoWarpStart: 0.02, autoWarpMarkers: 1, lazyWarping: 0.03, windows };
  const live = openUdpLive(t, { port, seed: PORT, set: { filePath, ...set }, quirks });
  live.disk.addFile(filePath, "");
  live.disk.addFolder(join(PROJECT, "Ableton Project Info"));
  return live;
}

function riff({ bars = 4, ...rest }) {
  const notes = Array.from({ length: bars * 4 }, (_, beat) => ({
    pitch: MELODY[beat % 8],
    start: beat,
    duration: 0.9,
  }));
  return { notes, length: bars * 4, ...rest };
}

async function connected(live, device) {
  await pause(live, LOADING_SECONDS);
  await live.until(() => device.shown("light") === 1);
  return device;
}

/** As long as a person takes: presses that come sooner are those of a pedal that bounces, or of Live itself. */
async function pause(live, seconds) {
  const end = live.clock.seconds() + seconds;
  await live.until(() => live.clock.seconds() >= end);
}

function heard(device, address) {
  return device.wire.packets.filter((packet) => !packet.toDaemon && packet.atoms[0] === address);
}

/** How many requests the device still holds open, as it stores them in the Set. */
function openRequests(device) {
  return keptOf(device).open.length;
}

/** The device says it more than once, for nobody answers; the journey ends when it has said all. */
async function saidImported(live, device, takes) {
  await live.until(() => new Set(device.sent("/bridge/imported").map((words) => words[2])).size === takes);
}

function assertFits(clip, { beats, seconds }) {
  const last = clip.markers.at(-1);
  assert.equal(clip.warping, 1);
  assert.deepEqual([clip.looping, clip.loopStart, clip.loopEnd], [1, 0, beats]);
  assert.deepEqual([clip.startMarker, clip.endMarker], [0, beats]);
  assert.deepEqual(clip.markers[0], { beat: 0, seconds: 0 });
  assert.equal(clip.markers.length, 2);
  assert.equal(last.beat, beats);
  assert.ok(Math.abs(last.seconds - seconds) < 1 / 48_000, `${last.seconds} s, expected ${seconds} s`);
}

test(process.env.DAW_BRIDGE_JOURNEY, (t) => JOURNEYS[process.env.DAW_BRIDGE_JOURNEY](t));
