// The trigger: what was read of clip and song and what the user asks, as the JSON that the daemon reads.

import { nameOf } from "./media.js";
import { MODES, MOST_TAKES, VERSION } from "./protocol.js";
import { present, rounded, shortened, within } from "./values.js";

const MOST_LETTERS = 4000;
const MOST_LETTERS_OF_A_NAME = 60;

/**
 * The trigger of protocol.md, without what is unknown. `song` is readSong's, `source` readSource's. `ask` is
 * { prompt, bars (0: the clip's), takes, mode, key ("" as found, else text), bpm (0: the song's), sampleRate
 * (Live's own, in Hz; 0 unknown: then an audio clip's) }.
 */
export function composeTrigger({ requestId, client, song, source, ask }) {
  return present({
    schema: 1,
    request_id: requestId,
    source: sourceFields(client, song, source),
    clip: shortNames(source.clip),
    music: musicFields({ ...song, timeSignature: source.timeSignature }, ask),
    track: whenAny(shortNames(source.track)),
    project: projectFields(song, ask.sampleRate || source.sampleRate),
    position: source.position,
    ask: askFields(source, ask),
  });
}

/** JSON of ASCII letters only; half a letter, which is no text, becomes the mark for that. */
export function asciiJson(value) {
  return JSON.stringify(value)
    .replace(/\\\\|\\ud[89a-f][0-9a-f]{2}/g, (found) => (found === "\\\\" ? found : "\\ufffd"))
    .replace(/[\u007f-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * What comes back with every answer, kept small: who asked, where the clip lies, and how its takes look.
 */
function sourceFields(client, song, { where, track, clip, color, drums }) {
  const short = (text) => shortened(text || "", MOST_LETTERS_OF_A_NAME);
  return present({
    client,
    version: VERSION,
    daw: `Live ${song.liveVersion}`.trim(),
    where: { ...where, track: { ...where.track, name: short(where.track.name) } },
    track: short(track.name),
    clip: short(clip.name),
    color,
    drums: drums || null,
    set: short(nameOf(song.setPath)),
  });
}

function shortNames(fields) {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === "string" ? shortened(value, MOST_LETTERS) : value,
    ]),
  );
}

function musicFields(song, ask) {
  const bpm = within(ask.bpm || song.bpm, 20, 999);
  return present({
    bpm: bpm === null ? null : rounded(bpm),
    time_signature: song.timeSignature,
    key: shortened(ask.key, MOST_LETTERS) || keyFields(song.key),
  });
}

function keyFields(key) {
  if (!key) return null;
  const intervals = key.intervals.length > 0 ? key.intervals : null;
  return present({ root: key.root, scale: shortened(key.scale, MOST_LETTERS), intervals });
}

function projectFields({ projectFolder }, sampleRate) {
  return present({ path: projectFolder, daw: "live", sample_rate: rateOf(sampleRate) });
}

function rateOf(hertz) {
  return within(Math.round(hertz), 8000, 384000);
}

function askFields(source, ask) {
  return present({
    prompt: shortened(ask.prompt.trim(), MOST_LETTERS),
    bars: within(Math.round(ask.bars || source.bars), 1, 512),
    takes: Math.min(Math.max(Math.round(ask.takes) || 1, 1), MOST_TAKES),
    mode: MODES.includes(ask.mode) ? ask.mode : MODES[0],
  });
}

function whenAny(fields) {
  return Object.keys(fields).length > 0 ? fields : null;
}
