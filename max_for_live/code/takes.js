// A take that the daemon told of: believed only where takes may lie, its numbers read from the JSON beside it.

import { fileSize, folderOf, maxPath, nameOf, readText } from "./media.js";
import { parseJson } from "./live/api.js";

const AUDIO_FILE = /\.(wav|aif|aiff|flac)$/i;
const MOST_JSON_BYTES = 64 * 1024;

/**
 * The take of a `/bridge/done` (`done`: readMessage's values) that was asked for by `wish`, as the importer takes it, or
 * `{ problem }`. `folders` are those a take may lie in. beats, bpm and seconds are 0 where nobody knows them.
 */
export function readTake(done, wish, folders) {
  const wav = done.wav_path;
  if (!isAbsolute(wav) || !AUDIO_FILE.test(wav) || !folders.some((folder) => isUnder(wav, folder))) {
    return { problem: `Not imported: ${wav || "a take without a path"} is not an audio file in your project's folder.` };
  }
  if (!isThere(wav)) return { problem: `${nameOf(wav)} is not there any more: was it moved out of ${folderOf(wav)}?` };
  const note = isUnder(done.json_path, folderOf(wav)) ? parseJson(readText(done.json_path, MOST_JSON_BYTES)) : null;
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

/** Whether a file is there and not empty. */
export function isThere(path) {
  return fileSize(path) > 0;
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
