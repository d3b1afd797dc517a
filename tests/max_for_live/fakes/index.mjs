// Live, Max and a daemon in memory, around the device as it is built: what the device's tests import.
//
//   import { openLive } from "./fakes/index.mjs";
//
//   test("a clip becomes a clip", (t) => {
//     const live = openLive(t, { set: { tempo: 96, tracks: [{ name: "Marimba", kind: "midi",
//       slots: [{ name: "Riff", length: 16, notes: [{ pitch: 60, start: 0, duration: 1 }] }] }] } });
//     const device = live.addDevice({ track: 0 });
//     live.select({ track: 0, slot: 0 });        // a person clicks a clip: detail clip and highlighted slot
//     device.type("Prompt", "tropical house");   // types and presses Return ({ returned: false }: does not)
//     device.choose("Mode", 1);                  // menus by index, number boxes by value
//     device.press("Generate");                  // buttons and toggles; a pedal: device.pedal("Generate")
//     live.run(3);                               // seconds pass
//     assert.equal(live.slot(1, 0).clip.name, "1 tropical house");
//     device.shown("status");                    // words of comments, buttons, menus, boxes; else a number
//   });
//
// openLive(t, options): when the test ends it fails by itself if the script misused Max, printed anything or
// harmed the Set. Options:
//   set        the Set, as live_set.mjs describes it      quirks   how this Live behaves (QUIRKS there)
//   without    functions that this Live has not           sounds   { path: { seconds, rate } } on the disk
//   weather    { toDaemon: { lost, doubled, swapped }, fromDaemon: { … } }, shares from 0 to 1
//   daemon     false: none is running at first            sampleRate   default 48000; 0: audio is off
//   textForm   how textedit speaks: "symbol" (default), "text symbol", "atoms", "text atoms"; empty it says
//              `bang`, `text ""`, `bang`, `text`
//   announces  false: stored values are not told while the device loads
//   menuSpeaks true: a live.menu that gets new items goes back to the first and says so
//   schedulerStands   true: Live's audio engine is off, and with it Max's clock: no Task ever runs
//   device     { patcher, script(name) } instead of the built one        seed   of all chance (default 1)
//   expects    [/regexp/…]: complaints that the test causes on purpose
// live:
//   addDevice({ track, stored, start }) -> device; start false: loaded, but live.thisdevice is still silent
//   run(seconds); runUntil(condition, mostSeconds) -> the seconds that it took
//   select({ track, slot }), ({ track, clip }), ({ track, lane, clip }) or (null)
//   track(n), trackNamed(name), slot(track, row), scene(n), arrangement(track) -> clips, lanes(track)
//   change((song, set) => …): a person changes the Set, and observers hear of it; deleteClip(clip)
//   reopen(): the Set is closed and opened again, with new ids and every device loaded anew
//   set: .song, .violations, .refusals (what Live refused), .changes (what was done to the Set)
//   fired -> nodes that were launched; named -> what messnamed was told; violations() -> complaints
//   held: how many of Live's objects scripts hold and have not given back (`path = ""`)
//   files.writing = "works", "refused", "silent" or "truncated"; clock, disk, wire (.packets, .weather)
//   daemon: manual, deliver, progress, fail, end, reject, kill, start, heard, jobs, … (daemon.mjs)
// device, whose boxes go by their parameter's or variable name:
//   press, pedal, type, choose, shown, isActive, items(menu), stored() (what Live keeps of it)
//     Before a press of what a pedal may press too, time passes as a person needs it: a second after the device
//     was loaded, half a second after the same button was pressed. A pedal does not wait, nor does real time.
//   automate(button): from now on its parameter is automated in the Set; a press by it is a pedal's
//   sent(address) -> [[…arguments]…]; packets -> [{ address, bytes }…]; port (where it listens)
//   said(face) -> what the script told one name of the face; receive(…atoms): straight to the script
//   start(), reload(), duplicate(), remove()
// A clip: name, color, midi, made (by a device), at, until, looping, loopStart, loopEnd, startMarker,
//   endMarker, warping, warp_mode, markers [{ beat, seconds }…] without the hidden last one, file, muted.

import { createFakeClock, createRandom, createRealClock } from "./clock.mjs";
import { createFakeDaemon } from "./daemon.mjs";
import { createMemoryDisk, createRealDisk } from "./disk.mjs";
import { createLive } from "./live.mjs";
import { readDevice } from "./patch.mjs";
import { createMemoryWire, createUdpWire } from "./wire.mjs";

/** Live in memory on a clock of the test's own. */
export function openLive(t, options = {}) {
  const clock = createFakeClock();
  const random = createRandom(options.seed ?? 1);
  const disk = createMemoryDisk();
  for (const [path, facts] of Object.entries(options.sounds ?? {})) disk.addSound(path, facts);
  const wire = createMemoryWire({ clock, random });
  Object.assign(wire.weather, options.weather);
  const daemon = createFakeDaemon({ clock, wire, disk });
  if (options.daemon === false) daemon.kill();
  const source = options.device ?? builtDevice();
  const live = createLive(t, options, { source, clock, random, disk, wireOf: () => wire });
  return Object.assign(live, {
    wire,
    daemon,
    run: clock.advance,
    runUntil(condition, mostSeconds = 60) {
      const from = clock.seconds();
      while (!condition()) {
        if (clock.seconds() - from > mostSeconds) {
          throw new Error(`${condition} did not come true in ${mostSeconds} s`);
        }
        clock.advance(0.01);
      }
      return clock.seconds() - from;
    },
  });
}

/**
 * Live on real time, real files and real UDP: what goes to the daemon's port in the patch goes to
 * `options.port`.
 * `await live.until(condition, mostSeconds)` waits; everything else is as above, without `run` and `daemon`.
 */
export function openUdpLive(t, options) {
  const failures = [];
  const clock = createRealClock((error) => failures.push(error.message));
  const wires = [];
  const wireOf = () => {
    const wire = createUdpWire({ port: options.port, clock });
    wires.push(wire);
    return wire;
  };
  // Before what the Live itself does at the end: a complaint there keeps what comes after it from being done.
  t.after(() => {
    clock.stop();
    for (const wire of wires) wire.stop();
  });
  const live = createLive(t, options, {
    source: builtDevice(),
    clock,
    random: createRandom(options.seed ?? 1),
    disk: createRealDisk(),
    wireOf,
    failures,
  });
  return Object.assign(live, {
    async until(condition, mostSeconds = 40) {
      const end = Date.now() + mostSeconds * 1000;
      while (!condition()) {
        if (failures.length > 0) throw new Error(failures.join("\n"));
        if (Date.now() > end) throw new Error(`${condition} did not come true in ${mostSeconds} s`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  });
}

/** The built, unfrozen device that the environment names: one that was built before may be of older sources. */
export function builtDevice() {
  const path = process.env.DAW_BRIDGE_DEVICE;
  if (path) return readDevice(path);
  throw new Error(
    "DAW_BRIDGE_DEVICE does not say where the device is; run `python -m max_for_live.builder`, "
      + "then set it to max_for_live/dist/unfrozen/daw-bridge.amxd",
  );
}
