// Clicks Generate in the shipped device, again and again, and writes as JSON how long each `accepted` took.

import { join } from "node:path";

import { openUdpLive } from "../tests/max_for_live/fakes/index.mjs";

const { DAW_BRIDGE_PORT, DAW_BRIDGE_SONGS, DAW_BRIDGE_WAY, DAW_BRIDGE_CLICKS, DAW_BRIDGE_NOTES } = process.env;
const ending = [];
const notes = Array.from({ length: Number(DAW_BRIDGE_NOTES) }, (_, place) => ({
  pitch: 36 + (place % 48),
  start: place / 16,
  duration: 1 / 16,
  velocity: 60 + (place % 60),
}));
const live = openUdpLive(
  { after: (work) => ending.push(work) },
  {
    port: Number(DAW_BRIDGE_PORT),
    set: {
      tempo: 120,
      filePath: join(DAW_BRIDGE_SONGS, "Bench.als"),
      tracks: [{ name: "Cloud", kind: "midi", slots: [{ name: "Cloud", notes, length: 32 }] }],
    },
  },
);
live.files.writing = DAW_BRIDGE_WAY === "parts" ? "refused" : "works";
const device = live.addDevice();
// The device takes presses that come sooner for those of a pedal that bounces, or of Live itself.
await pause(1.1);
await live.until(() => device.shown("light") === 1);
live.select({ track: 0, slot: 0 });
const milliseconds = [];
for (let click = 0; click < Number(DAW_BRIDGE_CLICKS); click += 1) {
  const accepted = countOf("/bridge/accepted");
  const ended = countOf("/bridge/ended");
  const from = performance.now();
  device.press("Generate");
  while (countOf("/bridge/accepted") === accepted) await new Promise(setImmediate);
  milliseconds.push(performance.now() - from);
  await live.until(() => countOf("/bridge/ended") > ended);
  await pause(0.5);
}
process.stdout.write(JSON.stringify({ milliseconds, bytes: device.packets.map((packet) => packet.bytes) }));
for (const end of ending) end();
process.exit(0);

async function pause(seconds) {
  const end = live.clock.seconds() + seconds;
  await live.until(() => live.clock.seconds() >= end);
}

function countOf(address) {
  return device.wire.packets.filter((packet) => !packet.toDaemon && packet.atoms[0] === address).length;
}
