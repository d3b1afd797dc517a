// The track of a clip: its name, its instrument, whether it plays drums and whether a clip of it can be used.

const TRACK_STEPS = 4;
const DEEPEST_RACK = 4;
const MOST_DEVICES = 200;
const INSTRUMENT = 1;
const NOWHERE = { id: 0, index: -1, name: "", instrument: "", drums: false, frozen: false, group: false };

/**
 * The track that a clip lies on, in a slot, in the Arrangement or in a take lane. `index` counts from 0 among
 * the Set's tracks, -1 where it is not one of them; `instrument` is empty on an audio track.
 */
export function readTrack(clip) {
  const track = trackAbove(clip);
  if (!track) return NOWHERE;
  const place = /^live_set tracks (\d+)/.exec(track.path);
  return {
    id: track.id,
    index: place ? Number(place[1]) : -1,
    name: track.text("name"),
    frozen: track.flag("is_frozen"),
    group: track.flag("is_foldable"),
    ...playerOf(track),
  };
}

/** The LiveObject of the track above a clip, slot, take lane or device; null when Live names none. */
export function trackAbove(object) {
  let one = object;
  for (let step = 0; one && step < TRACK_STEPS && one.type !== "Track"; step += 1) {
    one = one.child("canonical_parent");
  }
  return one && one.type === "Track" ? one : null;
}

/** The first instrument by name, and whether there is a drum rack. */
function playerOf(track) {
  let instrument = "";
  let drums = false;
  let seen = 0;
  for (const device of devicesIn(track, 0)) {
    seen += 1;
    if (seen > MOST_DEVICES) break;
    drums = drums || device.flag("can_have_drum_pads");
    const plays = device.number("type") === INSTRUMENT && !isUnnamedRack(device);
    instrument = instrument || (plays ? device.text("name") : "");
  }
  return { instrument, drums };
}

/**
 * The devices of a track or chain, each before those inside of it; what lies on a drum rack's pads is left
 * alone.
 */
function* devicesIn(owner, depth) {
  for (const device of owner.children("devices")) {
    yield device;
    const isRack = device.flag("can_have_chains") && !device.flag("can_have_drum_pads");
    const chains = isRack && depth < DEEPEST_RACK ? device.children("chains") : [];
    for (const chain of chains) yield* devicesIn(chain, depth + 1);
  }
}

/** `Instrument Rack` says nothing of the sound; a name that somebody gave it does. */
function isUnnamedRack(device) {
  if (!device.flag("can_have_chains") || device.flag("can_have_drum_pads")) return false;
  return device.text("name") === device.text("class_display_name");
}
