// A press of Generate or Again: what is wished for, and the messages that carry it.

import { readSource } from "./live/clip.js";
import { readSong } from "./live/song.js";
import { writeText } from "./media.js";
import { messageTo, partsOf } from "./talk/osc.js";
import { asciiJson, composeTrigger } from "./trigger.js";
import { UNSAVED_WORDS } from "./words.js";

/**
 * `{ wish, messages, inParts, note }` for a clip (LiveObject or null), or `{ problem }`. The trigger goes as
 * a file in `mediaFolder`; where that cannot be written, in parts. `ask`: of createSettings, `sampleRate` in
 * Hz, 0 unknown. `note`: a sentence on what to know, or "".
 */
export function makeWish({ requestId, client, clip, ask, sampleRate, mediaFolder, now }) {
  const song = readSong();
  const source = readSource(clip, song);
  if (source.problem) return { problem: source.problem };
  const trigger = composeTrigger({ requestId, client, song, source, ask: { ...ask, sampleRate } });
  const text = asciiJson(trigger);
  const file = messageToFile(requestId, text, mediaFolder);
  const messages = file ? [file] : partsOf(requestId, text);
  if (!messages) return { problem: "The clip is too large to be sent: shorten it." };
  const { name, color, drums, where } = source;
  const wish = {
    id: requestId, job: "", kind: "trigger", at: Math.round(now()), imported: [],
    where: { ...where, session: client }, folder: song.projectFolder,
    mode: ask.mode, prompt: ask.prompt, takes: ask.takes, name, color, drums,
  };
  const note = source.note || (song.projectFolder ? "" : UNSAVED_WORDS);
  return { wish, messages, inParts: file === null, note };
}

/** The same for a press of Again: the wish `last` once more, with another prompt where one is set. */
export function makeAgain({ requestId, last, prompt, now }) {
  const message = messageTo("/bridge/again", [requestId, last.job, prompt]);
  if (!message) return { problem: "The prompt is too long to be sent: shorten it." };
  const fresh = { id: requestId, job: "", kind: "again", at: Math.round(now()), imported: [] };
  const wish = { ...last, ...fresh, prompt: prompt || last.prompt };
  return { wish, messages: [message], inParts: false, note: "" };
}

/** The message that points to a trigger written into the media folder; null where that cannot be. */
function messageToFile(requestId, text, mediaFolder) {
  const path = `${mediaFolder.replace(/[\\/]+$/, "")}/${requestId}.json`;
  const message = messageTo("/bridge/trigger", [requestId, path, text.length]);
  return message && writeText(path, text) ? message : null;
}
