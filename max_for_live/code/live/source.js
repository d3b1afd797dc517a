// Which clip is meant: the one in the Clip View, else in the selected slot; kept while results are clicked.

import { liveObject, watchProperty } from "./api.js";
import { trackAbove } from "./track.js";

const VIEW = "live_set view";
// A selected slot cannot be watched, but selecting one selects its track or its scene.
const WATCHED = ["detail_clip", "selected_track", "selected_scene"];

/**
 * The clip that the next take is made from. `isResult(filePath)` says whether a file is one that we
 * delivered.
 */
export function createSource({ isResult }) {
  const observers = [];
  const chosen = { id: 0 };

  const choose = (clip) => {
    chosen.id = clip ? clip.id : chosen.id;
  };
  const clip = () => {
    const found = liveObject(chosen.id);
    return found && found.type === "Clip" ? found : null;
  };
  const isOurs = (one) => one.flag("is_audio_clip") && isResult(one.text("file_path"));

  return {
    /** Call back whenever another clip may be meant; the observers are made once. */
    watch(onChange) {
      if (observers.length > 0) return;
      observers.push(...WATCHED.map((property) => watchProperty(VIEW, property, () => onChange())));
    },
    /**
     * Take what is meant now, but no result of ours; keep the clip that was meant before where there is
     * nothing else.
     */
    look() {
      const meant = meantClip();
      choose(meant && !isOurs(meant) ? meant : null);
    },
    /** Take what is meant now, whatever it is. */
    take() {
      choose(meantClip());
    },
    /** The clip as a LiveObject; null when there is none, or it was deleted. */
    clip,
    /** The clip and its track for the face, or what to do. */
    label() {
      const found = clip();
      if (found) return clipLabel(found);
      const meant = meantClip();
      return meant && isOurs(meant) ? "Press to use the result" : "Select a clip";
    },
  };
}

function meantClip() {
  const view = liveObject(VIEW);
  const shown = view.child("detail_clip");
  if (shown) return shown;
  const slot = view.child("highlighted_clip_slot");
  return slot && slot.flag("has_clip") ? slot.child("clip") : null;
}

function clipLabel(clip) {
  const track = trackAbove(clip);
  const kind = clip.flag("is_audio_clip") ? "Audio clip" : "MIDI clip";
  return [clip.text("name") || kind, track ? track.text("name") : ""].filter(Boolean).join(" \u00b7 ");
}
