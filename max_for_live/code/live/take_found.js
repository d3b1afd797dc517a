// Clips of a take that the Set holds already: where they lie, and that they are as the take was promised.

import { liveObject } from "./api.js";
import { clipIn, fileOf } from "./take_clip.js";
import { sameFileName } from "./take_file.js";
import { settleWarp } from "./warp.js";

/**
 * The clips of a take on these tracks `[{ id }]`, in their order: `{ kind, trackId, clipId, slotId, row,
 * isLast }`. kind: "slot", "timeline" or "lane"; isLast: a slot below which there is no empty one.
 */
export function clipsOfTake(wav, tracks) {
  const isIts = (clip) => clip !== null && sameFileName(fileOf(clip), wav);
  return tracks.flatMap(({ id }) => [...inSlots(id, isIts), ...inArrangement(id, isIts)]);
}

/** Make such a clip in a slot what its take was promised to be; finish is that of `placeInSession`. */
export function settleFound(found, take, wait, finish) {
  const { clipId, trackId, kind } = found;
  const where = kind === "slot" ? slotWords(trackId, found.row) : beatWords(trackId, startOf(clipId));
  // On a timeline it might grow over others, and what lies there was made right in a slot.
  if (kind !== "slot" || liveObject(trackId).flag("is_frozen")) return finish({ where, note: "" });
  settleWarp(clipId, take, { onTimeline: false, wait }, (note) => {
    return finish(note === null ? { problem: "gone" } : { where, note });
  });
  return undefined;
}

/** How a slot is told to the user. */
export function slotWords(trackId, index) {
  return `${trackWords(trackId)}, slot ${index + 1}`;
}

/** How a place on a track's timeline is told to the user. */
export function beatWords(trackId, beat) {
  return `${trackWords(trackId)}, beat ${Math.round(beat * 1000) / 1000} of the arrangement`;
}

/** How a track is told to the user. */
export function trackWords(trackId) {
  const track = liveObject(trackId);
  return track ? track.text("name") : "a track";
}

function inSlots(trackId, isIts) {
  const slots = liveObject(trackId).children("clip_slots");
  const clips = slots.map(clipIn);
  const isLast = (row) => clips.slice(row).every(Boolean);
  const tell = (clip, row) => ({
    kind: "slot", trackId, clipId: clip.id, slotId: slots[row].id, row, isLast: isLast(row),
  });
  return clips.map((clip, row) => (isIts(clip) ? tell(clip, row) : null)).filter(Boolean);
}

function inArrangement(trackId, isIts) {
  const track = liveObject(trackId);
  const lanes = track.can("create_take_lane") ? track.children("take_lanes") : [];
  const clipsOn = (list, kind) => list.children("arrangement_clips").filter(isIts)
    .map(({ id: clipId }) => ({ kind, trackId, clipId }));
  return [...clipsOn(track, "timeline"), ...lanes.flatMap((lane) => clipsOn(lane, "lane"))];
}

function startOf(clipId) {
  return liveObject(clipId).number("start_time");
}
