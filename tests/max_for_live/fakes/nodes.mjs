// The objects of a Set: made, taken out, and where they are.

const LISTS = [
  "tracks",
  "return_tracks",
  "scenes",
  "clip_slots",
  "arrangement_clips",
  "take_lanes",
  "devices",
  "chains",
  "parameters",
];

/** Register a node: whatever is in the Set, with its type, its parent and its values. */
export function addNode(set, type, parent, values) {
  set.lastId += 1;
  const node = { id: set.lastId, type, parent, made: true, alive: true, ...values };
  set.nodes.set(node.id, node);
  return node;
}

/**
 * Take a node and all that is in it out of the Set; LiveAPI objects that meant it mean nothing from then
 * on.
 */
export function removeNode(set, node) {
  node.alive = false;
  set.nodes.delete(node.id);
  for (const inner of [...set.nodes.values()]) if (inner.parent === node) removeNode(set, inner);
  const view = set.song.view;
  if (view.detail_clip === node) view.detail_clip = null;
  if (view.highlighted_clip_slot === node) view.highlighted_clip_slot = null;
  if (view.selected_track === node) view.selected_track = set.song.tracks[0] ?? null;
}

/** The canonical path of a node; empty for one that is gone. */
export function pathOf(set, node) {
  if (!node || !node.alive) return "";
  const song = set.song;
  const within = (list, name) =>
    list?.includes(node) ? `${pathOf(set, node.parent)} ${name} ${list.indexOf(node)}` : "";
  if (node === song) return "live_set";
  if (node === song.view) return "live_set view";
  if (node === set.app) return "live_app";
  if (node === song.master_track) return "live_set master_track";
  if (node.parent.clip === node) return `${pathOf(set, node.parent)} clip`;
  if (node.parent.mixer_device === node) return `${pathOf(set, node.parent)} mixer_device`;
  return LISTS.map((name) => within(node.parent[name], name)).find(Boolean) ?? "";
}
