// The song around the clip: tempo, metre, key where one is set, and the folder of its project.

import { liveObject } from "./api.js";
import { folderHas, folderOf } from "../media.js";
import { rounded, within } from "../values.js";

const PROJECT_MARK = "Ableton Project Info";
const PROJECT_STEPS = 6;
const DENOMINATORS = [1, 2, 4, 8, 16, 32, 64];
const FIFTHS = [
  "Fb", "Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#",
];
const HOME_FIFTH = FIFTHS.indexOf("C");
const MODE_SHARPS = { major: 0, minor: -3, dorian: -2, mixolydian: -1, lydian: 1, phrygian: -4, locrian: -5 };

/**
 * The song as it is now. `key` is null unless Scale Mode is on, for without it Live says C Major of every
 * song; `keyText` is how people write it (`G# minor`), empty without a key. `setPath` and `projectFolder` are
 * empty while the Set is unsaved. Tempo and metre are those at the playing position: Live tells of no others.
 */
export function readSong() {
  const setPath = liveObject("live_set").text("file_path");
  return { ...readMusic(), setPath, projectFolder: projectFolderOf(setPath), liveVersion: liveVersion() };
}

/** Of the song only what the face shows `{ bpm, timeSignature, key, keyText }`: it may change all the time. */
export function readMusic() {
  const set = liveObject("live_set");
  const key = keyOf(set);
  return {
    bpm: rounded(set.number("tempo")),
    timeSignature: metreOf(set) || [4, 4],
    key,
    keyText: key ? `${spelledRoot(key)} ${key.scale.toLowerCase()}`.trim() : "",
  };
}

/** The metre `[3, 4]` of the song or of a clip; null where Live tells of none that can be. */
export function metreOf(object) {
  const metre = [object.number("signature_numerator"), object.number("signature_denominator")];
  const known = within(metre[0], 1, 99) !== null && DENOMINATORS.includes(metre[1]);
  return known ? metre : null;
}

function keyOf(set) {
  if (!set.flag("scale_mode")) return null;
  const root = within(set.numbers("root_note")[0], 0, 11);
  if (root === null) return null;
  const told = set.numbers("scale_intervals");
  const usable = told.length <= 12 && told.every((step) => within(step, 0, 11) === Math.round(step));
  return { root, scale: set.text("scale_name"), intervals: usable ? told : [] };
}

/** The name of the root that needs the fewest sharps or flats in its scale; of two the more usual one. */
function spelledRoot({ root, scale, intervals }) {
  const sharps = MODE_SHARPS[modeOf(scale.toLowerCase(), intervals)];
  const costs = FIFTHS.map((name, place) => place - HOME_FIFTH)
    .filter((place) => (((place * 7 - root) % 12) + 12) % 12 === 0)
    .sort((a, b) => Math.abs(a + sharps) - Math.abs(b + sharps) || Math.abs(a) - Math.abs(b) || b - a);
  return FIFTHS[costs[0] + HOME_FIFTH];
}

/** The plain mode that a scale is spelled as: the one that its name begins with, else by its third. */
function modeOf(scale, intervals) {
  const named = Object.keys(MODE_SHARPS).find((mode) => scale === mode || scale.startsWith(`${mode} `));
  return named || (intervals.includes(3) && !intervals.includes(4) ? "minor" : "major");
}

/**
 * The project that a Set belongs to: the nearest folder above it that Live has marked, else the Set's own.
 */
function projectFolderOf(setPath) {
  const own = folderOf(setPath);
  let folder = own;
  for (let step = 0; folder && step < PROJECT_STEPS; step += 1) {
    if (folderHas(folder, PROJECT_MARK)) return folder;
    folder = folderOf(folder);
  }
  return own;
}

function liveVersion() {
  const app = liveObject("live_app");
  if (!app) return "";
  if (app.can("get_version_string")) return firstWord(app.call("get_version_string"));
  const parts = ["major", "minor", "bugfix"].map((part) => firstWord(app.call(`get_${part}_version`)));
  return parts.filter(Boolean).join(".");
}

function firstWord(answer) {
  const word = Array.isArray(answer) ? answer[0] : answer;
  return word === null || word === undefined ? "" : String(word).trim().split(" ")[0];
}
