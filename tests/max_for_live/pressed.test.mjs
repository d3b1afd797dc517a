// What a press may cost, and what the status line says of it: cancel, retry, again, and what failed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openLive } from "./fakes/index.mjs";
import { keptOf } from "./fakes/kept.mjs";
import { finish, generate, made, openDevice, riff } from "./fakes/one_device.mjs";

const PROJECT = "/Users/ada/Music/Night Walk Project";
const READY = "Ready: select a clip and press Generate.";
const marimba = (slots = [riff("Riff"), riff("Verse")]) => ({ name: "Marimba", kind: "midi", slots });

const open = (t, options) => openDevice(t, [marimba(), { name: "Bass", kind: "audio" }], { seconds: 2, ...options });

function failed(live, device, sentence = "The service failed.") {
  const job = generate(live, device);
  live.daemon.fail(job, "provider_failed", sentence);
  live.daemon.end(job);
  live.run(1);
  return job;
}

test("what stood in the way of a press is not said any more when it is over", (t) => {
  const { live, device } = open(t, { daemon: false });
  live.run(10);
  device.press("Generate");
  live.run(1);
  assert.match(device.shown("status"), /^daw-bridge is not running/);
  live.daemon.start();
  live.run(5);
  assert.equal(device.shown("status"), READY);
  live.daemon.kill();
  live.daemon.start({ protocol: 2 });
  live.run(1);
  device.press("Again");
  assert.match(device.shown("status"), /^This device is too old/);
  live.daemon.kill();
  live.daemon.start({ protocol: 1 });
  live.run(1);
  assert.equal(device.shown("status"), READY);
});

for (const seconds of [2, 15]) {
  test(`a wish that is cancelled ${seconds} s after the daemon went away is never sent again`, (t) => {
    const { live, device } = open(t);
    live.daemon.kill();
    device.press("Generate");
    live.run(seconds);
    device.press("Cancel");
    assert.match(device.shown("status"), seconds < 10 ? /^Cancelling Riff/ : /^Riff will be cancelled when daw-bridge runs again\.$/);
    live.run(70);
    live.daemon.start();
    live.run(10);
    assert.deepEqual(live.daemon.all("/bridge/trigger"), []);
    assert.deepEqual(live.daemon.jobs, []);
    assert.equal(device.shown("status"), "Riff is cancelled.");
    assert.deepEqual([device.isActive("Cancel"), device.isActive("Retry")], [false, false]);
    assert.deepEqual(keptOf(device).open, []);
    const cancels = live.daemon.all("/bridge/cancel").length;
    live.run(20);
    assert.equal(live.daemon.all("/bridge/cancel").length, cancels);
  });
}

test("a cancel is asked until it is answered, also of a job whose answers were all lost", (t) => {
  const { live, device } = open(t);
  live.wire.weather.fromDaemon = { lost: 1 };
  device.press("Generate");
  live.run(0.2);
  live.daemon.kill();
  live.run(20);
  device.press("Cancel");
  live.run(80);
  live.wire.weather.fromDaemon = {};
  live.wire.weather.toDaemon = { lost: 0.5 };
  live.daemon.start();
  live.run(30);
  assert.equal(live.daemon.newest().state, "cancelled");
  assert.equal(device.shown("status"), "Riff is cancelled; Retry goes on with it.");
  assert.equal(device.isActive("Cancel"), false);
});

test("a wish that overtakes its cancel on the way is cancelled all the same", (t) => {
  const { live, device } = open(t);
  device.press("Generate");
  device.press("Cancel");
  device.receive("/bridge/rejected", device.sent("/bridge/trigger")[0][0], "unknown_job", "No job goes by it.");
  live.run(5);
  assert.equal(live.daemon.newest().state, "cancelled");
  assert.equal(device.isActive("Cancel"), false);
});

test("a job that is told of after its cancel found nothing is cancelled then", (t) => {
  const { live, device } = open(t);
  live.daemon.mute = ["/bridge/trigger"];
  device.press("Generate");
  device.press("Cancel");
  live.run(5);
  assert.equal(device.shown("status"), "Riff is cancelled.");
  device.receive("/bridge/accepted", device.sent("/bridge/trigger")[0][0], "job00001", 2);
  assert.deepEqual(device.sent("/bridge/cancel").at(-1).slice(1), ["job00001"]);
});

test("a cancel comes back with the Set", (t) => {
  const { live, device } = open(t);
  live.wire.weather.fromDaemon = { lost: 1 };
  const job = generate(live, device);
  live.daemon.kill();
  live.run(20);
  device.press("Cancel");
  live.reopen();
  live.wire.weather.fromDaemon = {};
  live.run(5);
  live.daemon.start();
  live.run(5);
  assert.equal(job.state, "cancelled");
});

test("a retried job comes back with the Set", (t) => {
  const { live, device } = open(t);
  const job = failed(live, device);
  device.press("Retry");
  live.run(3);
  assert.deepEqual(keptOf(device).open.map(({ id }) => id), [job.requestId]);
  live.reopen();
  live.run(5);
  finish(live, job);
  assert.deepEqual(made(live), ["1 Riff"]);
});

test("a job that failed or was cancelled can be retried when the Set is opened again", (t) => {
  const { live, device } = open(t);
  const job = failed(live, device);
  live.reopen();
  live.run(3);
  assert.equal(device.isActive("Retry"), true);
  device.press("Retry");
  assert.equal(device.shown("status"), "Going on with Riff …");
  live.run(3);
  assert.equal(job.state, "accepted");
  finish(live, job);
  assert.deepEqual(made(live), ["1 Riff"]);
  assert.equal(device.isActive("Retry"), false);
});

for (const [what, weather] of [
  ["and nothing is lost", {}],
  ["though answers are lost", { fromDaemon: { lost: 0.3 } }],
  ["though a third is lost, doubled, swapped", {
    fromDaemon: { lost: 0.3 }, toDaemon: { lost: 0.3, doubled: 0.3, swapped: 0.3 },
  }],
]) {
  test(`one press of Retry begins one life of a job that fails at once, ${what}`, (t) => {
    const lives = [];
    for (let seed = 1; seed <= 60; seed += 1) {
      const { live, device } = open(t, { seed });
      const job = failed(live, device);
      let state = job.state;
      let count = 0;
      Object.defineProperty(job, "state", {
        get: () => state,
        set(value) {
          state = value;
          if (value !== "accepted") return;
          count += 1;
          live.clock.later(0.05, () => {
            live.daemon.fail(job, "provider_failed", "No.");
            live.daemon.end(job, "failed");
          });
        },
      });
      Object.assign(live.wire.weather, weather);
      device.press("Retry");
      live.run(60);
      assert.equal(device.isActive("Cancel"), false, `seed ${seed} is stuck`);
      assert.equal(device.isActive("Retry"), true);
      lives.push(count);
    }
    assert.ok(Math.max(...lives) === 1, `${lives}`);
    assert.ok(lives.filter((count) => count === 0).length <= 2, `${lives}`);
  });
}

test("Retry is not offered for a job that is older than a good one", (t) => {
  const { live, device } = open(t);
  const old = failed(live, device);
  assert.equal(device.isActive("Retry"), true);
  finish(live, generate(live, device));
  assert.equal(device.isActive("Retry"), false);
  device.press("Retry");
  live.run(1);
  assert.equal(old.state, "failed");
});

test("what failed is said again after what came of another job, until something is pressed", (t) => {
  const { live, device } = open(t);
  const first = generate(live, device);
  const second = generate(live, device);
  live.daemon.fail(first, "no_credit", "No credit is left: buy some.");
  live.daemon.end(first);
  live.run(10);
  live.daemon.progress(second, 0.5, "submitted");
  live.run(1);
  assert.equal(device.shown("status"), "No credit is left: buy some.");
  finish(live, second);
  assert.match(device.shown("status"), /^The take is in /);
  live.run(6);
  assert.equal(device.shown("status"), "No credit is left: buy some.");
  generate(live, device);
  live.run(10);
  assert.equal(device.shown("status"), "Riff: waiting for its turn.");
});

test("a take that can be read a moment later is imported", (t) => {
  const { live, device } = open(t);
  const job = generate(live, device);
  const { wav } = live.daemon.deliver(job, { write: false });
  live.disk.addFile(wav, "");
  live.run(3);
  assert.deepEqual(made(live), []);
  live.disk.addSound(wav, { seconds: 10 });
  live.daemon.end(job);
  live.run(3);
  assert.deepEqual(made(live), ["1 Riff"]);
});

test("a take that stays empty is said at the end, is not called moved, and stays among the results", (t) => {
  const { live, device } = open(t);
  const job = generate(live, device);
  live.daemon.progress(job, 0.9, "generated");
  const { wav } = live.daemon.deliver(job, { write: false });
  live.disk.addFile(wav, "");
  live.daemon.end(job);
  live.run(20);
  assert.equal(device.shown("status"), "Riff job00001-1.wav is empty: ask for the take again.");
  assert.equal(device.isActive("Cancel"), false);
  live.disk.addSound(wav, { seconds: 10 });
  device.press("Result 1");
  live.run(2);
  assert.deepEqual(made(live), ["1 Riff"]);
});

test("a job whose takes were all in the Set before it was opened ends with a word", (t) => {
  const { live, device } = open(t);
  const job = generate(live, device);
  live.daemon.progress(job, 0.9, "generated");
  live.daemon.deliver(job);
  live.run(2);
  live.reopen();
  live.run(3);
  live.daemon.end(job);
  live.run(2);
  assert.match(device.shown("status"), /^(The take is in|Riff is done)/);
  assert.deepEqual(made(live), ["1 Riff"]);
});

test("takes of an unsaved Set are believed where they were promised, also when the daemon has moved", (t) => {
  const { live, device } = open(t, { set: { filePath: "" } });
  const job = generate(live, device);
  live.daemon.kill();
  live.daemon.mediaFolder = "/Volumes/New/bridge/media";
  live.disk.addFolder(live.daemon.mediaFolder);
  live.daemon.start();
  live.reopen();
  live.run(2);
  finish(live, job);
  assert.deepEqual(made(live), ["1 Riff"]);
});

test("a take outside an unsaved Set's folder is not called one of a project", (t) => {
  const { live, device } = open(t, { set: { filePath: "" } });
  const job = generate(live, device);
  device.receive("/bridge/done", job.requestId, job.id, 1, 1, "/Users/ada/Desktop/x.wav", 96, 16, "", "");
  assert.match(device.shown("status"), /is not an audio file in daw-bridge's own folder\.$/);
});

test("Again says where its takes will lie when the Set belongs to another project now", (t) => {
  const { live, device } = open(t);
  finish(live, generate(live, device));
  device.press("Again");
  live.run(0.2);
  assert.equal(device.shown("status"), "Riff: accepted.");
  live.change((song) => {
    song.file_path = "/Users/ada/Music/New Song Project/New.als";
  });
  finish(live, live.daemon.newest());
  device.press("Again");
  live.run(0.2);
  assert.match(device.shown("status"), /^The takes will lie in Night Walk Project, like those of the first wish/);
});

test("another provider is shown though nothing was heard of the daemon's new start", (t) => {
  const { live, device } = open(t);
  live.wire.weather.fromDaemon = { lost: 1 };
  live.daemon.kill();
  live.daemon.provider = "cloud";
  live.daemon.start();
  live.wire.weather.fromDaemon = {};
  live.run(31);
  assert.match(device.shown("header"), /^cloud/);
});

test("a request id that belongs to another job is given up for another one, once", (t) => {
  const { live, device } = open(t);
  live.daemon.reject("bad_message", "The request id belongs to another job; choose a new one.");
  const job = generate(live, device);
  assert.notEqual(job, null);
  assert.equal(new Set(device.sent("/bridge/trigger").map(([id]) => id)).size, 2);
  finish(live, job);
  assert.deepEqual(made(live), ["1 Riff"]);
  live.daemon.reject("bad_message", "It is no good.", 2);
  generate(live, device);
  assert.equal(device.shown("status"), "It is no good.");
});

test("two sessions that begin with the same chance have different names", (t) => {
  const names = [0, 1].map((seconds) => {
    const live = openLive(t, { set: { tracks: [marimba()] } });
    live.run(seconds);
    const device = live.addDevice({ track: 0 });
    live.run(1);
    return device.sent("/bridge/hello")[0][0];
  });
  assert.notEqual(names[0], names[1]);
});

for (const take of [0, -1, 2, 11, 3000]) {
  test(`take ${take} of a job that was asked for one is ignored`, (t) => {
    const { live, device } = open(t);
    const job = generate(live, device);
    const wav = `${PROJECT}/Samples/Generated/Riff ${job.id}-${take}.wav`;
    live.disk.addSound(wav, { seconds: 10 });
    device.receive("/bridge/done", job.requestId, job.id, take, 1, wav, 96, 16, "", "");
    live.run(2);
    assert.deepEqual(made(live), []);
    finish(live, job);
    assert.deepEqual(made(live), ["1 Riff"]);
  });
}

for (const [what, note] of [
  ["contradicts itself", { bpm: 96, beats: 16, seconds: 12 }],
  ["is absurd", { bpm: 96, beats: 20_000, seconds: 12_500 }],
]) {
  test(`a JSON that ${what} counts less than the message`, (t) => {
    const { live, device } = open(t);
    const job = generate(live, device);
    const { wav, json } = live.daemon.deliver(job, { write: false });
    live.disk.addSound(wav, { seconds: 10 });
    live.disk.addFile(json, JSON.stringify(note));
    live.daemon.end(job);
    live.run(3);
    assert.equal(live.trackNamed("Marimba · bridge").clip_slots[0].clip.loopEnd, 16);
  });
}

test("a number of 32 bits is read as the decimal that was meant", (t) => {
  const { live, device } = open(t);
  const job = generate(live, device);
  const wav = `${PROJECT}/Samples/Generated/Riff ${job.id}-1.wav`;
  live.disk.addSound(wav, { seconds: (16.1 * 60) / 96.3 });
  device.receive("/bridge/done", job.requestId, job.id, 1, 1, wav, Math.fround(96.3), Math.fround(16.1), "", "");
  live.daemon.end(job, "delivered");
  live.run(3);
  const [{ bpm, beats }] = keptOf(device).results;
  assert.deepEqual([bpm, beats], [96.3, 16.1]);
});

test("a long name is cut in a sentence, and stands in one line", (t) => {
  const { live, device } = open(t, { set: { tracks: [marimba([riff(`line\nbreak ${"x".repeat(80)}`)])] } });
  generate(live, device);
  assert.match(device.shown("status"), /^line break x{29}…: accepted\.$/);
});

test("the complaint about a tempo goes when it is typed right", (t) => {
  const { live, device } = open(t);
  device.type("Tempo", "fast");
  live.run(30);
  assert.match(device.shown("status"), /^The tempo must be/);
  device.type("Tempo", "120");
  assert.equal(device.shown("status"), READY);
});

for (const [what, hours] of [["back", -1], ["forward", 1]]) {
  test(`a clock that is set ${what} by an hour changes nothing`, (t) => {
    const { live, device } = open(t);
    const real = live.clock.now;
    live.wire.weather.toDaemon = { lost: 1 };
    device.press("Generate");
    live.run(0.1);
    live.clock.now = () => real() + hours * 3_600_000;
    live.wire.weather.toDaemon = {};
    live.run(3);
    finish(live, live.daemon.newest());
    assert.deepEqual(made(live), ["1 Riff"]);
    live.daemon.kill();
    live.run(15);
    assert.equal(device.shown("light"), 0);
  });
}

test("twelve open jobs with Japanese names come back with the Set", (t) => {
  const name = "夜明けの歌 - 第二主題 (ピアノ・リフ)";
  const filePath = "/Users/ada/Music/音楽制作/夜明けのプロジェクト Project/夜明け.als";
  const { live, device } = open(t, { set: { filePath, tracks: [{ name, kind: "midi", slots: [riff(name)] }] } });
  device.type("Prompt", "夏の海辺で聴きたい、やさしいピアノ".repeat(20));
  for (let count = 0; count < 12; count += 1) generate(live, device);
  assert.equal(keptOf(device).open.length, 12);
  live.reopen();
  live.run(3);
  for (const job of live.daemon.jobs) finish(live, job);
  assert.equal(live.trackNamed(`${name} · bridge`).clip_slots.filter(({ clip }) => clip).length, 12);
});

test("a device that wakes in another Set drops the jobs it had, and keeps its results", (t) => {
  const { live, device } = open(t);
  finish(live, generate(live, device));
  const job = generate(live, device);
  const stored = device.stored();
  device.remove();
  live.run(20);
  live.change((song) => {
    song.file_path = "/Users/ada/Music/Other Project/Other.als";
    song.tracks[0].name = "Voice";
  });
  const preset = live.addDevice({ track: 0, stored });
  live.run(5);
  assert.equal(preset.isActive("Cancel"), false);
  assert.equal(preset.shown("Result 1"), "1 Riff");
  const count = made(live).length;
  finish(live, job);
  assert.equal(made(live).length, count);
});

for (const [kind, tracks, select] of [
  ["a slot", [marimba()], { track: 0, slot: 0 }],
  ["the Arrangement", [{ name: "Marimba", kind: "midi", arrangement: [{ ...riff("Riff"), at: 32 }] }], { track: 0, clip: 0 }],
]) {
  test(`a Set that was saved under another name keeps the jobs of a clip in ${kind}`, (t) => {
    const { live, device } = open(t, { set: { tracks } });
    live.select(select);
    live.run(0.5);
    const job = generate(live, device);
    live.change((song) => {
      song.file_path = "/Users/ada/Music/New Song Project/New.als";
    });
    live.reopen();
    live.run(3);
    assert.equal(device.isActive("Cancel"), true);
    finish(live, job);
    live.run(5);
    assert.match(device.shown("status"), /^The take is /);
  });
}

test("ping words repeat after a thousand", (t) => {
  const { live, device } = open(t);
  live.run(4000);
  const tokens = device.sent("/bridge/ping").map(([token]) => token);
  assert.ok(tokens.length > 1000);
  assert.equal(new Set(tokens).size, 1000);
});
