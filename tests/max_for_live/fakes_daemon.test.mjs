// The fake wire, and the fake daemon on it, do what docs/protocol.md says: each rule once.

import assert from "node:assert/strict";
import test from "node:test";

import { createFakeClock, createRandom } from "./fakes/clock.mjs";
import { createFakeDaemon } from "./fakes/daemon.mjs";
import { createMemoryDisk } from "./fakes/disk.mjs";
import { decode, encode } from "./fakes/osc.mjs";
import { createMemoryWire } from "./fakes/wire.mjs";

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
    const text = JSON.stringify({
      schema: 1,
      clip: { notes: [], start_beats: 0, end_beats: 16 },
      music: { bpm: 96 },
      ask: { prompt, takes },
    });
    disk.addFile(`${daemon.mediaFolder}/${id}.json`, text);
    say("/bridge/trigger", id, `${daemon.mediaFolder}/${id}.json`, text.length);
  };
  say("/bridge/hello", "live-a", "0.1.0", 9140);
  return {
    clock,
    wire,
    disk,
    daemon,
    heard,
    say,
    trigger,
    words: () => heard.map((atoms) => atoms[0].slice(8)),
  };
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

test("a trigger is accepted, delivered and ended; said again it is told again, another is refused", () => {
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

test("a copy is told to who asked for it, and to all who hear of the copied job", () => {
  const { heard, say, trigger, daemon, wire, clock } = daemonWithClient();
  const atPedal = [];
  wire.listen(9141, (atoms) => atPedal.push(atoms));
  trigger("live-a.1");
  clock.advance(3);
  say("/bridge/hello", "pedal", "1.0", 9141);
  say("/bridge/again", "pedal.1", daemon.newest().id);
  clock.advance(3);
  say("/bridge/hello", "other", "1.0", 9142);
  heard.length = 0;
  atPedal.length = 0;
  say("/bridge/again", "other.1", daemon.newest().id);
  clock.advance(3);
  const copied = ["accepted", "progress", "done", "ended"].map((word) => `${word} other.1`);
  for (const mail of [heard, atPedal]) assert.deepEqual(mail.map(([address, id]) => `${address.slice(8)} ${id}`), copied);
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
