// The notes of a MIDI clip, all of them, muted ones too.

import { parseJson } from "./api.js";
import { rounded, within } from "../values.js";

const MOST_NOTES = 200000;
const FARTHEST_BEATS = 1e6;
const WINDOW_BEATS = 64;
const LEAST_WINDOW_BEATS = 0.25;
const MOST_WINDOWS = 1000;

/**
 * The notes as the trigger wants them, times in the clip's beats (negative ones lie before its 1.1.1); or a
 * problem, which is also that none of them sounds in the part that plays.
 */
export function readNotes(clip, part, title) {
  const told = notesOf(clip, part);
  if (told === null) return { problem: `Live does not tell the notes of ${title}; select it once more.` };
  if (told.length > MOST_NOTES) {
    const counted = `${told.length} notes, more than ${MOST_NOTES}`;
    return { problem: `${sentenceStart(title)} has ${counted}; split it and select one part.` };
  }
  const notes = told.map(noteOf).filter(Boolean).sort((a, b) => a.start - b.start || a.pitch - b.pitch);
  if (!notes.some((note) => sounds(note, part))) {
    const found = notes.length === 0 ? "has no notes" : "has no note that sounds in the part that plays";
    return { problem: `${sentenceStart(title)} ${found}; draw or record some, or select another clip.` };
  }
  return { notes };
}

/** A title (`the clip Riff`) as the beginning of a sentence. */
export function sentenceStart(title) {
  return title.charAt(0).toUpperCase() + title.slice(1);
}

/** Live's own note records; null when its answer cannot be read. */
function notesOf(clip, part) {
  const all = clip.can("get_all_notes_extended") ? notesIn(clip.call("get_all_notes_extended")) : null;
  return all || notesByWindows(clip, part);
}

/** The same window by window, for an answer that is very long may come cut off. */
function notesByWindows(clip, part) {
  const from = Math.min(part.start, clip.number("start_marker"), clip.number("loop_start"));
  const to = Math.max(part.end, clip.number("end_marker"), clip.number("loop_end"));
  const size = Math.max(WINDOW_BEATS, (to - from) / MOST_WINDOWS);
  const notes = [];
  for (let start = from; start < to; start += size) {
    const found = notesInWindow(clip, start, Math.min(size, to - start));
    if (found === null) return null;
    notes.push(...found);
  }
  return notes;
}

/** The notes that begin in a window; where even that is too much, those of its halves. */
function notesInWindow(clip, start, span) {
  const found = notesIn(clip.call("get_notes_extended", 0, 128, start, span));
  if (found) return found.filter((note) => note.start_time >= start && note.start_time < start + span);
  const half = span / 2;
  if (half < LEAST_WINDOW_BEATS) return null;
  const first = notesInWindow(clip, start, half);
  const rest = first && notesInWindow(clip, start + half, half);
  return rest && [...first, ...rest];
}

function notesIn(answer) {
  const read = parseJson(answer);
  return read && Array.isArray(read.notes) ? read.notes : null;
}

/** A note in the trigger's words; null where the daemon would refuse the whole clip because of it. */
function noteOf({ pitch, start_time, duration, velocity, mute, probability }) {
  const start = within(Number(start_time), -FARTHEST_BEATS, FARTHEST_BEATS);
  const length = within(Number(duration), 0, FARTHEST_BEATS);
  const loud = within(Number(velocity === undefined ? 100 : velocity), 0, 127);
  const key = Number.isInteger(Number(pitch)) ? within(Number(pitch), 0, 127) : null;
  if ([start, length, loud, key].includes(null)) return null;
  const note = { pitch: key, start: rounded(start), duration: rounded(length), velocity: rounded(loud) };
  // A note that is never played is a muted one by another name.
  return Number(mute) === 1 || probability === 0 ? { ...note, muted: true } : note;
}

function sounds(note, { start, end, loop }) {
  const last = loop ? Math.min(end, loop.end) : end;
  return !note.muted && note.velocity > 0 && note.start >= start && note.start < last;
}
