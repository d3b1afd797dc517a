// How Live plays the file of an audio clip: warp, speed, pitch, gain, and which of its seconds.

import { upbeat } from "./part.js";
import { markersOf } from "./warp_markers.js";
import { rounded, within } from "../values.js";

const RE_PITCH = 3;
const OCTAVE = 12;
const FARTHEST_MARKER = 1e6;

/**
 * The file of a warped clip, of which `start` (the clip's beat where it is first heard) tells the pitch in
 * Re-Pitch mode; or a problem.
 */
export function readWarped(clip, start, bpm, title) {
  const markers = risingMarkers(clip);
  if (markers.length === 0) {
    return { problem: `Live does not tell how ${title} is warped; switch Warp off and on in its Clip View.` };
  }
  // In Re-Pitch mode pitch follows the speed, and Live leaves the transposition without effect.
  const repitched = clip.number("warp_mode") === RE_PITCH;
  const semitones = repitched ? OCTAVE * Math.log2(bpm / tempoAt(markers, start, bpm)) : transposition(clip);
  return { audio: { ...fileFields(clip, semitones), warp_markers: markers } };
}

/**
 * The file of an unwarped clip, whose markers count seconds of the file, with where it is cut. It does not
 * follow the song and cannot loop; transposed, it is played faster or slower, as a tape is. In the
 * Arrangement it is as long as its place in the song (`startTime` to `endTime`, null in Session).
 */
export function readUnwarped(clip, marks, bpm, barBeats) {
  const semitones = transposition(clip);
  const rate = 2 ** (semitones / OCTAVE);
  const { start, end, pickup, downbeat } = cutInSeconds(marks, (60 / bpm) * rate, barBeats);
  return {
    audio: {
      ...fileFields(clip, semitones),
      ...(rate === 1 ? {} : { play_rate: rounded(rate) }),
      start_seconds: rounded(Math.max(start, 0)),
      end_seconds: rounded(end),
    },
    // The clip's beat 0 is where its seconds start, so a start before the file's first second lies before
    // beat 0.
    cut: start < 0 ? { start_beats: rounded((start * bpm) / 60 / rate) } : {},
    empty: end <= Math.max(start, 0),
    pickup,
    downbeat,
  };
}

/** The gain of `-3.5 dB` or `-3,5 dB` in dB; null where there is none to read, as in `-inf dB`. */
function gainOf(text) {
  const found = /^\s*([-+\u2212]?)\s*(\d+(?:[.,]\d+)?)/.exec(text);
  if (!found) return null;
  const loudness = Number(found[2].replace(",", "."));
  return within(found[1] === "-" || found[1] === "\u2212" ? -loudness : loudness, -200, 60);
}

function fileFields(clip, semitones) {
  const gain = gainOf(clip.text("gain_display_string"));
  const pitch = Math.min(Math.max(rounded(semitones), -60), 60);
  return {
    path: clip.text("file_path"),
    ...(gain ? { gain_db: gain } : {}),
    ...(pitch ? { pitch_semitones: pitch } : {}),
  };
}

function transposition(clip) {
  return clip.number("pitch_coarse") + clip.number("pitch_fine") / 100;
}

/**
 * All markers, rising in beat and in seconds, the hidden last one too, which tells the tempo behind the
 * others.
 */
function risingMarkers(clip) {
  const rising = [];
  for (const marker of markersOf(clip)) {
    const beat = within(rounded(marker.beat), -FARTHEST_MARKER, FARTHEST_MARKER);
    const seconds = within(rounded(marker.seconds), 0, FARTHEST_MARKER);
    const last = rising[rising.length - 1];
    const rises = !last || (beat > last.beat && seconds > last.seconds);
    if (beat !== null && seconds !== null && rises) rising.push({ beat, seconds });
  }
  return rising;
}

/** The tempo of the file where a beat of the clip is heard, in bpm; a single marker tells of none. */
function tempoAt(markers, beat, fallback) {
  if (markers.length < 2) return fallback;
  const after = markers.findIndex((marker) => marker.beat > beat);
  const end = after < 0 ? markers.length - 1 : Math.max(after, 1);
  const [one, next] = [markers[end - 1], markers[end]];
  return ((next.beat - one.beat) * 60) / (next.seconds - one.seconds);
}

/** Seconds of the file; a start that comes a little late is left so, for such a clip lies on no grid. */
function cutInSeconds({ startMarker, endMarker, startTime, endTime }, secondsPerBeat, barBeats) {
  if (startTime === null) return { start: startMarker, end: endMarker, pickup: 0, downbeat: null };
  const length = endTime - startTime;
  const { pickup } = upbeat(startTime, length, barBeats);
  const end = startMarker + length * secondsPerBeat;
  return { start: startMarker, end, pickup, downbeat: startTime + pickup };
}
