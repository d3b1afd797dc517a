// One device on the first track with its first clip selected, and a job of it from press to clip, for a test to begin with.

import { openLive } from "./index.mjs";

/** A clip of one note, four bars long. */
export const riff = (name, more = {}) => ({ name, length: 16, notes: [{ pitch: 60, start: 0, duration: 1 }], ...more });

/** A Set of these tracks and a device, connected; jobs are the test's (`manual`). */
export function openDevice(t, tracks, { set = {}, manual = true, seconds = 0.5, ...options } = {}) {
  const live = openLive(t, { ...options, set: { tempo: 96, tracks, ...set } });
  live.daemon.manual = manual;
  const device = live.addDevice({ track: 0 });
  live.select({ track: 0, slot: 0 });
  live.run(seconds);
  return { live, device };
}

/** Press Generate; the newest job of the daemon. */
export function generate(live, device) {
  device.press("Generate");
  live.run(0.2);
  return live.daemon.newest();
}

/** Deliver what is missing of a job, end it, and let the takes come in. */
export function finish(live, job, facts) {
  while (job.takes.length < job.asked) live.daemon.deliver(job, facts);
  live.daemon.end(job);
  live.run(3);
}

/** The names of the clips on the track that the device has made beside another. */
export function made(live, name = "Marimba") {
  const slots = live.trackNamed(`${name} · bridge`)?.clip_slots ?? [];
  return slots.map((slot) => slot.clip?.name).filter(Boolean);
}
