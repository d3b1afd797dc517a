// Which Set this is, and whether a job that came back with a device was asked for in it.

import { liveObject } from "./api.js";
import { shortened } from "../values.js";

const COMPARED_LETTERS = 60;
const SAME_END_BEATS = 0.01;

/** The Set's path; "" while it was never saved. */
export function setPath() {
  const set = liveObject("live_set");
  return set ? set.text("file_path") : "";
}

/**
 * Whether a wish (state.js) that was kept in the Set `path` belongs to the Set that is open.
 * A device wakes in another Set when it was stored as a preset or copied with its track: there its takes have
 * no place. A Set that was saved under another name has the same clips, so the clip it came from tells.
 */
export function isOfThisSet(wish, path) {
  return path === setPath() || isSourceHere(wish);
}

function isSourceHere({ where, name, color }) {
  const isIt = (clip) =>
    comparedName(clip.text("name")) === comparedName(name) && (clip.number("color") === color || color === 0);
  const tracks = liveObject("live_set").children("tracks");
  return tracks
    .filter((track) => comparedName(track.text("name")) === comparedName(where.track.name))
    .some((track) => clipsAt(track, where).some(isIt));
}

function clipsAt(track, { kind, scene, endBeat }) {
  if (kind === "arrangement") {
    return track.children("arrangement_clips")
      .filter((clip) => Math.abs(clip.number("end_time") - endBeat) < SAME_END_BEATS);
  }
  const slot = track.children("clip_slots")[scene];
  const clip = slot && slot.flag("has_clip") ? slot.child("clip") : null;
  return clip ? [clip] : [];
}

function comparedName(text) {
  return shortened(text, COMPARED_LETTERS);
}
