// The buttons that a pedal, a mouse or automation may press: each meant press counts once, and no other.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openDevice, riff } from "./fakes/one_device.mjs";

const AUTOMATED = /^(\w+) is automated in this Set: delete its automation, for it would press the button by itself\.$/;

const connected = (t, options) => openDevice(t, [{ name: "Marimba", kind: "midi", slots: [riff("Riff")] }], { seconds: 1.5, ...options });

const jobs = (live) => {
  live.run(0.2);
  return live.daemon.jobs.length;
};

test("a pedal that bounces starts one job, and the next press another one", (t) => {
  const { live, device } = connected(t);
  for (let count = 0; count < 4; count += 1) {
    device.pedal("Generate");
    live.run(0.05);
  }
  assert.equal(jobs(live), 1);
  live.run(0.5);
  device.pedal("Generate");
  assert.equal(jobs(live), 2);
});

test("one button right after another counts", (t) => {
  const { live, device } = connected(t);
  device.press("Generate");
  live.run(0.1);
  device.press("Cancel");
  live.run(0.2);
  assert.equal(live.daemon.newest().state, "cancelled");
});

test("what Live presses while it loads the device does nothing and says nothing", (t) => {
  const { live, device } = connected(t);
  device.reload();
  live.run(0.5);
  const before = device.shown("status");
  for (const button of ["Generate", "Again", "Cancel", "Retry"]) device.pedal(button);
  live.run(0.3);
  assert.equal(jobs(live), 0);
  assert.equal(device.shown("status"), before);
  live.run(0.5);
  device.pedal("Generate");
  assert.equal(jobs(live), 1);
});

test("a press before Live has loaded the device does not touch Live's objects", (t) => {
  const { live, device } = connected(t);
  device.reload({ start: false });
  device.pedal("Generate");
  assert.equal(jobs(live), 0);
});

for (const button of ["Generate", "Again", "Cancel", "Retry"]) {
  test(`${button} is refused while it is automated, whoever presses it`, (t) => {
    const { live, device } = connected(t);
    device.automate(button);
    device.pedal(button);
    const [, named] = AUTOMATED.exec(device.shown("status")) ?? [];
    assert.equal(named, button);
    assert.equal(jobs(live), 0);
    device.automate(button, 0);
    live.run(0.5);
    device.pedal(button);
    assert.doesNotMatch(device.shown("status"), AUTOMATED);
  });
}

test("automation that the user has overridden, or that is another button's or another device's, refuses nothing", (t) => {
  const { live, device } = connected(t);
  const other = live.addDevice({ track: 0 });
  live.run(1.5);
  other.automate("Generate");
  device.automate("Again");
  device.automate("Generate", 2);
  device.pedal("Generate");
  assert.equal(jobs(live), 1);
});

test("a pedal may press from another thread: what was typed without Return is told first", (t) => {
  const { live, device } = connected(t);
  device.type("Prompt", "dusty drums", { returned: false });
  device.type("Tempo", "120", { returned: false });
  device.pedal("Generate");
  live.run(0.2);
  assert.deepEqual([live.daemon.newest().trigger.ask.prompt, live.daemon.newest().trigger.music.bpm], ["dusty drums", 120]);
});
