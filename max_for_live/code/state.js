// What comes back with the Set: jobs that are open or can be retried, and the last results, as one word.

import { parseJson } from "./live/api.js";
import { asciiJson } from "./trigger.js";
import { shortened } from "./values.js";

export const MOST_RESULTS = 4;
const STATE_VERSION = 1;
const KINDS = ["session", "arrangement"];
const MOST_CHARACTERS = 30000;
const MOST_TEXT_CHARACTERS = 300;
const MOST_PATH_CHARACTERS = 1000;
const MOST_PROMPT_CHARACTERS = 100;
const MOST_NAME_CHARACTERS = 60;
const SHARED_FROM_CHARACTERS = 6;
const SHARED = "#";
const WORD = "s";
const EMPTY = ["", 0, false, null, undefined];

/**
 * The state as `{ text, left }`: a word without spaces, quotes or commas, for Max takes those as signs of its
 * own; `left` is how many open jobs found no room. The oldest results, then the oldest ended and the oldest
 * open jobs are left out where it would be too long. `set`: the Set's path, "" unsaved. `into`: the chosen track
 * `{ index, name }`, or null. `open`: wishes, newest first. `ended`: `{ wish, ended }` of those that can be
 * retried, newest first. `results`: takes with `where` and `folder`, newest first.
 */
export function writeState({ set, into, open, ended, results }) {
  const lists = { open: open.map(readWish), ended: ended.map(readEnded), results: results.map(readResult) };
  const state = { v: STATE_VERSION, set: pathOf(set), into: readInto(into), ...packed(lists) };
  const text = wordOf(asciiJson(state));
  if (text.length <= MOST_CHARACTERS) return { text, left: 0 };
  if (results.length > 0) return writeState({ set, into, open, ended, results: results.slice(0, -1) });
  if (ended.length > 0) return writeState({ set, into, open, ended: ended.slice(0, -1), results });
  const fewer = writeState({ set, into, open: open.slice(0, -1), ended, results });
  return { text: fewer.text, left: fewer.left + 1 };
}

/**
 * The state that a word of writeState tells; whatever is in it that this version does not understand is left
 * out.
 */
export function readState(text) {
  const state = parseJson(jsonOf(text));
  const isKnown = isObject(state) && state.v === STATE_VERSION;
  const { set, into, open, ended, results } = isKnown ? { ...state, ...unpacked(state) } : {};
  return {
    set: pathOf(set),
    into: readInto(into),
    open: listOf(open).map(readWish).filter(isNamed),
    ended: listOf(ended).map(readEnded).filter((one) => one && isNamed(one.wish)),
    results: listOf(results).map(readResult).filter(Boolean).slice(0, MOST_RESULTS),
  };
}

function isNamed(wish) {
  return wish !== null && wish.id.includes(".");
}

/**
 * What is kept of a wish: what its takes need when they come. `job` is "" until the daemon has told it;
 * `toldAs` is the request id of who asked for it elsewhere, else "". Null where it says no place for takes.
 */
export function readWish(wish) {
  if (!isObject(wish) || !readWhere(wish.where)) return null;
  return {
    id: cut(wish.id),
    job: cut(wish.job),
    toldAs: cut(wish.toldAs),
    kind: wish.kind === "again" ? "again" : "trigger",
    at: numberOr0(wish.at),
    imported: listOf(wish.imported).filter(Number.isInteger),
    isCancelled: wish.isCancelled === true,
    ...readOrigin(wish),
  };
}

/** The chosen track; without a name none. */
function readInto(into) {
  const { index, name } = isObject(into) ? into : {};
  return { index: numberOr0(index), name: cut(name) };
}

function readEnded(one) {
  const wish = isObject(one) ? readWish(one.wish) : null;
  if (!wish || !isObject(one.ended)) return null;
  const { state, delivered, asked } = one.ended;
  return { wish, ended: { state: cut(state), delivered: numberOr0(delivered), asked: numberOr0(asked) } };
}

function readResult(result) {
  if (!isObject(result) || !readWhere(result.where) || !pathOf(result.wav)) return null;
  return {
    job: cut(result.job),
    take: numberOr0(result.take),
    wav: pathOf(result.wav),
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
    resultsFolder: pathOf(from.resultsFolder),
    mode: cut(from.mode),
    prompt: cut(from.prompt, MOST_PROMPT_CHARACTERS),
    name: cut(from.name, MOST_NAME_CHARACTERS),
    color: numberOr0(from.color),
    drums: from.drums === true,
  };
}

function readWhere(where) {
  if (!isObject(where) || !isObject(where.track) || !KINDS.includes(where.kind)) return null;
  const { id, index, name } = where.track;
  return {
    kind: where.kind,
    session: cut(where.session),
    track: { id: numberOr0(id), index: numberOr0(index), name: cut(name) },
    clip: numberOr0(where.clip),
    slot: numberOr0(where.slot),
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

function cut(value, most = MOST_TEXT_CHARACTERS) {
  return typeof value === "string" ? shortened(value, most) : "";
}

function pathOf(value) {
  return typeof value === "string" && value.length <= MOST_PATH_CHARACTERS ? value : "";
}

function numberOr0(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** The lists without what is empty, and with each text that comes again only once, in `texts`. */
function packed(lists) {
  const counts = new Map();
  const count = (value) => {
    if (typeof value === "string") counts.set(value, (counts.get(value) || 0) + 1);
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(count);
  };
  count(lists);
  const isShared = (text) => text.startsWith(SHARED)
    || (text.length >= SHARED_FROM_CHARACTERS && counts.get(text) > 1);
  const texts = [...counts.keys()].filter(isShared);
  const places = new Map(texts.map((text, place) => [text, `${SHARED}${place}`]));
  return { texts, ...mapTexts(lists, (text) => places.get(text) || text) };
}

/** What was packed, as it was. */
function unpacked({ texts, open, ended, results }) {
  const textOf = (text) => (text.startsWith(SHARED) ? listOf(texts)[Number(text.slice(1))] : text);
  return mapTexts({ open, ended, results }, textOf);
}

function mapTexts(value, change) {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, change));
  if (!isObject(value)) return value;
  const fields = Object.entries(value).filter(([, one]) => !EMPTY.includes(one));
  return Object.fromEntries(fields.map(([key, one]) => [key, mapTexts(one, change)]));
}

/** JSON as one word of Max: only letters, digits and signs that mean nothing to it. */
function wordOf(json) {
  return WORD + encodeURIComponent(json).replace(/'/g, "%27");
}

function jsonOf(text) {
  if (!text.startsWith(WORD)) return "";
  try {
    return decodeURIComponent(text.slice(WORD.length));
  } catch (problem) {
    return "";
  }
}
