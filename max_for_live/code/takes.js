// A take that the daemon told of: believed only where takes may lie, its numbers read from its JSON.

import { fileSize, folderOf, maxPath, nameOf, readText } from "./media.js";
import { parseJson } from "./live/api.js";

const AUDIO_FILE = /\.(wav|aif|aiff|flac)$/i;
const MOST_JSON_BYTES = 64 * 1024;

/**
 * The take of a `/bridge/done` (`done`: readMessage's values) that was asked for by `wish`, as the importer
 * takes it, or `{ problem }`. `folders` are those a take may lie in. beats, bpm and seconds are 0 where
 * nobody knows them.
 */
export function readTake(done, wish, folders) {
  const wav = done.wav_path;
  if (!isAbsolute(wav) || !AUDIO_FILE.test(wav) || !folders.some((folder) => isUnder(wav, folder))) {
    const file = wav || "a take without a path";
    return { problem: `Not imported: ${file} is not an audio file in your project's folder.` };
  }
  const problem = missingWords(wav);
  if (problem) return { problem };
  const isBeside = isUnder(done.json_path, folderOf(wav));
  const note = isBeside ? parseJson(readText(done.json_path, MOST_JSON_BYTES)) : null;
  const { mode, prompt, name, color, drums } = wish;
  return {
    take: {
      job: done.job_id,
      take: done.take,
      takes: done.takes,
      wav,
      json: done.json_path,
      bpm: positive(note && note.bpm) || positive(done.bpm),
      beats: positive(note && note.beats) || positive(done.beats),
      seconds: positive(note && note.seconds),
      key: note && typeof note.key === "string" ? note.key : done.key,
      mode, prompt, name, color, drums,
    },
  };
}

/** A sentence where a take's file is not there any more, else "". */
export function missingWords(wav) {
  if (fileSize(wav) > 0) return "";
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
