// What the types of the Live Object Model share: refusals, plain properties, and what may not be lost.

import { removeNode } from "./nodes.mjs";

/** What Live refuses: it prints a line into Max's window, and the caller gets nothing. */
export class Refusal extends Error {}

export function plain(name) {
  return (node) => node[name];
}

export function keep(name) {
  return (set, node, value) => {
    node[name] = typeof node[name] === "number" ? Number(value) : String(value);
  };
}

export function keepObject(name) {
  return (set, view, value, rest) => {
    const id = Number(String([value, ...rest].join(" ")).replace(/^id /, ""));
    const node = set.nodes.get(id);
    if (!node && id !== 0) return `no object has the id ${id}`;
    view[name] = node ?? null;
    return undefined;
  };
}

export function notModelled(name) {
  return ({ set }) => {
    set.violations.push(`${name} was called, which the fake Live does not model`);
  };
}

export function noteLoss(set, node) {
  const inside = [...set.nodes.values()].filter((one) => one.type === "Clip" && isIn(one, node));
  for (const lost of [node, ...inside]) {
    if (!lost.made && lost.type !== "ClipSlot") {
      set.violations.push(`the ${lost.type} "${lost.name}" was deleted`);
    }
  }
}

export function isIn(node, outer) {
  return node !== null && (node.parent === outer || (node.parent !== null && isIn(node.parent, outer)));
}

export function deleteClip(set, clip) {
  noteLoss(set, clip);
  if (clip.parent.type === "ClipSlot") clip.parent.clip = null;
  else clip.parent.arrangement_clips.splice(clip.parent.arrangement_clips.indexOf(clip), 1);
  removeNode(set, clip);
}
