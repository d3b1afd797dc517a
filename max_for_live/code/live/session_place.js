// A take into the Session view: into a slot at or below its source's scene.

import { liveObject } from "./api.js";
import { unusableWords } from "./places.js";
import { keepingSelection } from "./selection.js";
import { isTakeOf } from "./take_file.js";
import { clipsOfTake, settleFound, slotWords } from "./take_found.js";
import { clipIn, dressClip, fileOf, fillSlot } from "./take_clip.js";
import { settleWarp } from "./warp.js";

export const NO_TRACK = "Live added no track for the take: choose one in the menu and import it again.";
export const NO_SLOT = "Live added no scene for the take: empty a slot of its track and import it again.";

/**
 * Import a take `{ …, again }` (again: a new clip although there is one). finish is called once with
 * `{ where, note }`, or with `{ problem }`: "refused" (Live took the file in no form), "gone" (the clip was
 * removed meanwhile) or a sentence.
 */
export function placeInSession(take, where, { into, launch, places, wait }, finish) {
  const [there] = take.again ? [] : clipsOfTake(take.wav, places.searched(where, into));
  if (there) return settleFound(there, take, wait, finish);
  const begun = keepingSelection(() => beginInSlot(take, where, { into, places }));
  if (!begun.clip) return finish(begun);
  settleWarp(begun.clip.id, take, { onTimeline: false, wait }, (note) => {
    if (note === null) return finish({ problem: "gone" });
    const notes = [begun.note, note].filter(Boolean);
    if (launch && begun.first && note === "") launchClip(begun);
    return finish({ where: slotWords(begun.trackId, begun.slotIndex), note: notes.join(" ") });
  });
  return undefined;
}

/**
 * A track's last empty slot `{ slot, index, sceneId }`, sceneId that of the scene that was added where there
 * was none, else 0; null if Live adds none.
 */
export function spareSlot(trackId) {
  const empty = (sceneId) => {
    const found = slotsOf(trackId).reverse().find(({ clip }) => !clip);
    return found ? { ...found, sceneId } : null;
  };
  return empty(0) || (addScenes(1) ? empty(liveObject("live_set").ids("scenes").pop()) : null);
}

/** Take a scene out again that `spareSlot` has added, if it is still as it came. */
export function dropScene(sceneId) {
  const song = liveObject("live_set");
  const row = song.ids("scenes").indexOf(sceneId);
  if (row < 0 || liveObject(sceneId).text("name") !== "") return;
  const isEmpty = liveObject(sceneId).children("clip_slots").every((slot) => !slot.flag("has_clip"));
  if (isEmpty) song.call("delete_scene", row);
}

function beginInSlot(take, where, { into, places }) {
  const { trackId, note } = sessionTrack(take, where, { into, places });
  if (!trackId) return { problem: NO_TRACK };
  const slots = slotsOf(trackId);
  const first = take.again || !slots.some(({ clip }) => clip && isTakeOf(fileOf(clip), take.job));
  const place = slotForTake(trackId, take, places.rowOf(where));
  if (!place) return { problem: NO_SLOT };
  const clip = fillSlot(place.slot, take.wav);
  if (!clip) return { problem: "refused" };
  dressClip(clip, take);
  return { clip, trackId, slotId: place.slot.id, slotIndex: place.index, first, note };
}

function launchClip({ slotId, clip }) {
  const slot = liveObject(slotId);
  const there = slot && clipIn(slot);
  if (there && there.id === clip.id) slot.call("fire");
}

function sessionTrack(take, where, { into, places }) {
  const source = places.sourceOf(where);
  const chosen = places.chosen(into);
  if (chosen) return { trackId: chosen.id, note: "" };
  const note = into ? `${unusableWords(into)}, so the take went beside its source.` : "";
  const [standing] = places.madeFor(source).filter(({ id }, at) => at === 0 || !liveObject(id).flag("mute"));
  const track = standing || places.addTrack(source, take.color);
  return { trackId: track ? track.id : 0, note };
}

/** For take k the k-th slot from the scene on that is empty or holds a take of its job, in whatever order. */
function slotForTake(trackId, take, scene) {
  const ours = ({ clip }) => !clip || isTakeOf(fileOf(clip), take.job);
  const below = () => slotsOf(trackId).slice(firstRow(scene)).filter(ours);
  const missing = take.again ? 0 : take.take - below().length;
  if (missing > 0 && !addScenes(missing)) return null;
  const empty = () => below().slice(take.again ? 0 : take.take - 1).find(({ clip }) => !clip);
  return empty() || (addScenes(1) ? empty() : null) || null;
}

function slotsOf(trackId) {
  const track = liveObject(trackId);
  const slots = track ? track.children("clip_slots") : [];
  return slots.map((slot, index) => ({ slot, index, clip: clipIn(slot) }));
}

function firstRow(scene) {
  const last = liveObject("live_set").ids("scenes").length - 1;
  return Math.max(0, Math.min(Number(scene) || 0, last));
}

function addScenes(count) {
  const song = liveObject("live_set");
  const before = song.ids("scenes").length;
  for (let added = 0; added < count; added++) song.call("create_scene", -1);
  return song.ids("scenes").length === before + count;
}
