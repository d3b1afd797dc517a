// A press of Generate or Again: what is wished for, and the messages that carry it.

import { readSource } from "./live/clip.js";
import { readSong } from "./live/song.js";
import { writeText } from "./media.js";
import { messageTo, messageWithText, partsOf } from "./talk/osc.js";
import { asciiJson, composeTrigger } from "./trigger.js";
import { otherFolderWords, UNSAVED_WORDS } from "./words.js";

/**
 * `{ wish, messages, inParts, note, renewed }` for a clip (LiveObject or null), or `{ problem }`. The trigger
 * goes as a file in `mediaFolder`; where that cannot be written, in parts. `ask`: of createSettings,
 * `sampleRate` in Hz, 0 unknown. `resultsFolder`: where takes go that have no project.
 * `note`: a sentence on what to know, or "". `renewed(id)`: the same under another request id.
 */
export function makeWish({ requestId, client, clip, ask, sampleRate, mediaFolder, resultsFolder, now }) {
  const song = readSong();
  const source = readSource(clip, song);
  if (source.problem) return { problem: source.problem };
  const trigger = composeTrigger({ requestId, client, song, source, ask: { ...ask, sampleRate } });
  const { name, color, drums, where } = source;
  const wish = {
    job: "", toldAs: "", kind: "trigger", at: Math.round(now()), imported: [], isCancelled: false,
    where: { ...where, session: client }, folder: song.projectFolder, resultsFolder,
    mode: ask.mode, prompt: ask.prompt, takes: ask.takes, name, color, drums,
  };
  const note = source.note || (song.projectFolder ? "" : UNSAVED_WORDS);
  const under = (id) => {
    const text = asciiJson({ ...trigger, request_id: id });
    const file = messageToFile(id, text, mediaFolder);
    const messages = file ? [file] : partsOf(id, text);
    if (!messages) return { problem: "The clip is too large to be sent: shorten it." };
    return { wish: { ...wish, id }, messages, inParts: file === null, note, renewed: under };
  };
  return under(requestId);
}

/** The same for a press of Again: the wish `last` once more, with another prompt where one is set. */
export function makeAgain({ requestId, last, prompt, resultsFolder, now }) {
  const fresh = {
    job: "", toldAs: "", kind: "again", at: Math.round(now()), imported: [], isCancelled: false, resultsFolder,
  };
  const wish = { ...last, ...fresh, prompt: prompt || last.prompt };
  // The daemon copies the whole wish, its folder too.
  const note = readSong().projectFolder === last.folder ? "" : otherFolderWords(last.folder);
  const under = (id) => {
    const messages = [messageWithText("/bridge/again", [id, last.job], prompt)];
    return { wish: { ...wish, id }, messages, inParts: false, note, renewed: under };
  };
  return under(requestId);
}

/** The message that points to a trigger written into the media folder; null where that cannot be. */
function messageToFile(requestId, text, mediaFolder) {
  if (!mediaFolder) return null;
  const path = `${mediaFolder.replace(/[\\/]+$/, "")}/${requestId}.json`;
  const message = messageTo("/bridge/trigger", [requestId, path, text.length]);
  return message && writeText(path, text) ? message : null;
}
