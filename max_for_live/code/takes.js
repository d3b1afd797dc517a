// A take that the daemon told of: believed only where takes may lie, its numbers read from its JSON.

import { fileSize, folderOf, maxPath, nameOf, readText } from "./media.js";
import { parseJson } from "./live/api.js";

const AUDIO_FILE = /\.(wav|aif|aiff|flac)$/i;
const MOST_JSON_BYTES = 64 * 1024;
const MOST_BEATS = 10000;
const MOST_DOUBT = 0.01;

/**
 * The take of a `/bridge/done` (`done`: readMessage's values) that was asked for by `wish`, as the importer
 * takes it, `{ take, problem }`: `take` is null where it is not believed, `problem` a sentence where its file
 * cannot be read now, else "". `folders` are those a take may lie in. beats, bpm and seconds are 0 where nobody
 * knows them.
 */
export function readTake(done, wish, folders) {
  const wav = done.wav_path;
  if (!mayHoldTake(wav, folders)) {
    const file = wav || "a take without a path";
    const place = wish.folder ? "your project's folder" : "daw-bridge's own folder";
    return { take: null, problem: `Not imported: ${file} is not an audio file in ${place}.` };
  }
  const problem = missingWords(wav);
  const note = problem ? null : readNote(done);
  const { mode, prompt, name, color, drums } = wish;
  return {
    problem,
    take: {
      job: done.job_id,
      take: done.take,
      takes: done.takes,
      wav,
      json: done.json_path,
      ...lengthOf(note, done),
      key: note && typeof note.key === "string" ? note.key : done.key,
      mode, prompt, name, color, drums,
    },
  };
}

/**
 * Tempo and length of a take. The JSON tells them exactly; where it contradicts itself or says what no song
 * has, the message counts.
 */
function lengthOf(note, done) {
  const [bpm, beats, seconds] = ["bpm", "beats", "seconds"].map((key) => positive(note && note[key]));
  const played = bpm > 0 ? (beats * 60) / bpm : 0;
  const isContradictory = played > 0 && seconds > 0 && Math.abs(played - seconds) > MOST_DOUBT * seconds;
  const isBelieved = !isContradictory && beats <= MOST_BEATS;
  const told = positive(done.beats);
  return {
    bpm: (isBelieved && bpm) || positive(done.bpm),
    beats: (isBelieved && beats) || (told <= MOST_BEATS ? told : 0),
    seconds: isBelieved ? seconds : 0,
  };
}

/** Whether a path is that of an audio file in one of these folders. */
export function mayHoldTake(path, folders) {
  return AUDIO_FILE.test(path) && folders.some((folder) => isUnder(path, folder));
}

/** What the JSON of a `/bridge/done` says; null where it is not beside the WAV, too large, or no JSON. */
export function readNote({ wav_path: wav, json_path: json }) {
  const isBeside = comparable(folderOf(json)) === comparable(folderOf(wav));
  return isBeside ? parseJson(readText(json, MOST_JSON_BYTES)) : null;
}

/** A sentence where a take's file is empty or not there any more, else "". */
export function missingWords(wav) {
  const size = fileSize(wav);
  if (size > 0) return "";
  if (size === 0) return `${nameOf(wav)} is empty: ask for the take again.`;
  return `${nameOf(wav)} is not there any more: was it moved out of ${folderOf(wav)}?`;
}

/** Whether an absolute path lies in a folder, however both are written; never through `..`. */
export function isUnder(path, folder) {
  if (!isAbsolute(path) || !isAbsolute(folder)) return false;
  const [inner, outer] = [path, folder].map(comparable);
  return !inner.includes("/../") && inner.startsWith(`${outer.replace(/\/+$/, "")}/`);
}

function isAbsolute(path) {
  return /^(\/|[A-Za-z]:\/)/.test(maxPath(path));
}

/** Windows asks no one for case; a Mac may write the same letter in two ways. */
function comparable(path) {
  const slashes = maxPath(path).normalize("NFC");
  return /^([A-Za-z]:\/|\/\/)/.test(slashes) ? slashes.toLowerCase() : slashes;
}

function positive(value) {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0;
}
