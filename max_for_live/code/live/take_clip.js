// Making a clip of a take's file: each form of its path is tried, and what Live made is looked at.

import { pathForms, sameFileName } from "./take_file.js";
import { takeName } from "./take_name.js";

/** Fill an empty slot with a file; the clip, or null when Live refuses every form of the path. */
export function fillSlot(slot, wav) {
  for (const path of pathForms(wav)) {
    if (slot.flag("has_clip")) return null;
    slot.call("create_audio_clip", path);
    const clip = clipIn(slot);
    if (clip && sameFileName(clip.text("file_path"), wav)) return clip;
  }
  return null;
}

/** Put a file on an empty take lane at a beat; the clip, or null when Live refuses every form of the path. */
export function fillLane(lane, wav, beat) {
  for (const path of pathForms(wav)) {
    lane.call("create_audio_clip", path, beat);
    const clip = lane.children("arrangement_clips").find((one) => sameFileName(one.text("file_path"), wav));
    if (clip) return clip;
  }
  return null;
}

/** The clip in a slot; null where it is empty. */
export function clipIn(slot) {
  return slot.flag("has_clip") ? slot.child("clip") : null;
}

/** The file of a clip; empty for MIDI. */
export function fileOf(clip) {
  return clip.flag("is_audio_clip") ? clip.text("file_path") : "";
}

/** Name and colour, as the take and its source have them. */
export function dressClip(clip, take) {
  clip.set("name", takeName(take));
  if (take.color > 0) clip.set("color", take.color);
}
