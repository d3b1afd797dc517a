// The user's selection, kept while the Set is changed: Live selects what it makes.

import { liveObject } from "./api.js";

// In this order: choosing a slot also chooses its track and scene.
const SELECTED = ["highlighted_clip_slot", "selected_track", "selected_scene", "detail_clip"];

/** Do something at once, then select again what was selected before; what it returned comes back. */
export function keepingSelection(work) {
  const view = liveObject("live_set view");
  const before = view ? SELECTED.map((name) => [name, selectedId(view, name)]) : [];
  try {
    return work();
  } finally {
    for (const [name, id] of before) {
      if (id > 0 && selectedId(view, name) !== id && liveObject(id)) view.set(name, `id ${id}`);
    }
  }
}

function selectedId(view, name) {
  return view.ids(name)[0] || 0;
}
