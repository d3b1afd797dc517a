// What boxes of a patch have in common: how they read words, and how they complain.

import { fail } from "./max.mjs";

/** Fail: the box was sent what Max's object of that kind does not understand. */
export function misunderstood(patch, box, atoms) {
  fail(
    patch.world,
    `${box.kind} "${box.varname ?? box.raw.text ?? ""}" does not understand "${atoms.join(" ")}"`,
  );
}

/** A word of a box's text as an atom. */
export function atomOf(word) {
  return /^-?\d+(\.\d*)?$/.test(word) ? Number(word) : word;
}

/** The value of an `@attribute` of a box; undefined where it has none. */
export function attribute(words, name) {
  const place = words.indexOf(`@${name}`);
  return place < 0 ? undefined : words[place + 1];
}
