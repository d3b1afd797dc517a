// What comes back with the Set: the jobs that are still open and the last results, as JSON.

import { parseJson } from "./live/api.js";
import { asciiJson } from "./trigger.js";
import { shortened } from "./values.js";

export const MOST_RESULTS = 4;
const STATE_VERSION = 1;
const KINDS = ["session", "arrangement"];
const MOST_CHARACTERS = 16000;
const MOST_TEXT_CHARACTERS = 300;
const MOST_PATH_CHARACTERS = 1000;

/**
 * The state as JSON of less than 16 KB; the oldest results, then the oldest jobs are left out where it would
 * be more. `into`: a track's name or "". `open`: wishes, newest first. `results`: takes with `where` and
 * `folder`, newest first.
 */
export function writeState({ into, open, results }) {
  const kept = { open: open.map(readWish), results: results.map(readResult) };
  const text = asciiJson({ v: STATE_VERSION, into: cut(into), ...kept });
  if (text.length < MOST_CHARACTERS) return text;
  if (results.length > 0) return writeState({ into, open, results: results.slice(0, -1) });
  return open.length > 0 ? writeState({ into, open: open.slice(0, -1), results }) : "";
}

/** The state that a JSON tells; whatever is in it that this version does not understand is left out. */
export function readState(text) {
  const state = parseJson(text);
  if (!state || state.v !== STATE_VERSION) return { into: "", open: [], results: [] };
  return {
    into: cut(state.into),
    open: listOf(state.open).map(readWish).filter((wish) => wish && wish.id.includes(".") && wish.job),
    results: listOf(state.results).map(readResult).filter(Boolean).slice(0, MOST_RESULTS),
  };
}

/** What is kept of a wish: what its takes need when they come. */
function readWish(wish) {
  if (!isObject(wish) || !readWhere(wish.where)) return null;
  return {
    id: cut(wish.id),
    job: cut(wish.job),
    kind: wish.kind === "again" ? "again" : "trigger",
    at: numberOr0(wish.at),
    imported: listOf(wish.imported).filter(Number.isInteger),
    ...readOrigin(wish),
  };
}

function readResult(result) {
  if (!isObject(result) || !readWhere(result.where) || !pathOf(result.wav)) return null;
  return {
    job: cut(result.job),
    take: numberOr0(result.take),
    wav: pathOf(result.wav),
    json: pathOf(result.json),
    bpm: numberOr0(result.bpm),
    beats: numberOr0(result.beats),
    seconds: numberOr0(result.seconds),
    key: cut(result.key),
    ...readOrigin(result),
  };
}

/** Where a take is to be put, and how it is to be called. */
function readOrigin(from) {
  return {
    takes: numberOr0(from.takes) || 1,
    where: readWhere(from.where),
    folder: pathOf(from.folder),
    mode: cut(from.mode),
    prompt: cut(from.prompt),
    name: cut(from.name),
    color: numberOr0(from.color),
    drums: from.drums === true,
  };
}

function readWhere(where) {
  if (!isObject(where) || !isObject(where.track) || !KINDS.includes(where.kind)) return null;
  const { id, index, name } = where.track;
  return {
    ...where,
    track: { id: numberOr0(id), index: numberOr0(index), name: cut(name) },
    scene: numberOr0(where.scene),
    beat: numberOr0(where.beat),
    endBeat: numberOr0(where.endBeat),
  };
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value) {
  return Array.isArray(value) ? value : [];
}

function cut(value) {
  return typeof value === "string" ? shortened(value, MOST_TEXT_CHARACTERS) : "";
}

function pathOf(value) {
  return typeof value === "string" && value.length <= MOST_PATH_CHARACTERS ? value : "";
}

function numberOr0(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}
